"""
What the portal's pages show, read from published data only: frozen editions, never the working copy.

Each page costs a fixed number of queries, whatever the number of bulletins, messages or answers.
"""

from .bulletin_page import BulletinPage, bulletin, preview
from .channels import LIVE_UNITS, Channel, channel, limit_of
from .home_page import Home, home
from .list_page import ListPage, bulletins
from .parts import Contact, Entry, contact_of, standing_signature
from .text_pages import TextPage, handbook, in_best_language, pledge

__all__ = [
    "LIVE_UNITS",
    "BulletinPage",
    "Channel",
    "Contact",
    "Entry",
    "Home",
    "ListPage",
    "TextPage",
    "bulletin",
    "bulletins",
    "channel",
    "contact_of",
    "handbook",
    "home",
    "in_best_language",
    "limit_of",
    "pledge",
    "preview",
    "standing_signature",
]
