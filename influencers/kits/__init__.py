"""Rebuttal kits: ready words about a checked fact."""
