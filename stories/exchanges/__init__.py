"""Exchanges with municipalities: series of meetings with their agenda, invitations, attendance, notes and follow-ups."""
