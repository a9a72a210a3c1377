"""Sends that the software holds until a person has looked: why, and the mail that tells staff."""
