"""Agendas of meetings: what they fill themselves from, and until when."""
