"""Registers the desk's pages, which stand beside their rules."""

from .hosts import admin  # noqa: F401  registers pages
