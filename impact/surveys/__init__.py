"""Pulse surveys: three questions, one minute, to people drawn by lot; anonymous by construction."""
