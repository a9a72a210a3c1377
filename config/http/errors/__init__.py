"""Requests that go wrong: refused, failed, or asked for while the database is away."""
