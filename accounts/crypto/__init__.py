"""Encrypting what must be read again, and hashing what must only be recognised."""
