"""Pretests: a draft is shown to a few people before it is approved, and what they say stands beside the text."""
