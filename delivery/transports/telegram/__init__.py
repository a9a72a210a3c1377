"""Telegram: a bot that sends, and by which people link themselves."""
