"""Signed links in mails, and what they open."""
