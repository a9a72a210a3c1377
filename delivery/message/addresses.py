"""Addresses as mail servers take them, and our own: where a campaign's bounces come back to."""

import re
from functools import lru_cache

import idna
from django.conf import settings
from django.utils.translation import gettext_noop

PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\Z")
LOCAL_PART = re.compile(r"""[^\x00-\x20\x7f-\xa0\s"(),:;<>@\[\\\]]+|"(?:[^\x00-\x1f\x7f-\x9f"\\]|\\[\x20-\x7e])*\"""")
DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[A-Za-z0-9:.]+\]")


class Unaddressable(Exception):
    """An address that cannot be written to. The text says why, for the ledger."""


def bounce_address(sender: str) -> str:
    """Return where the bounces of mail from `sender` come back to: BOUNCE_ADDRESS, or bounces@ its domain."""
    return settings.BOUNCE_ADDRESS or f"bounces@{mail_domain(sender)}"


def mail_domain(address: str) -> str:
    """Return the domain of one of our own addresses, in ASCII. Raise ValueError for what is no address."""
    return own_address(address).rpartition("@")[2]


def own_address(address: str) -> str:
    """Return one of our own addresses in ASCII; raise ValueError when it cannot be written so."""
    try:
        wire, smtputf8 = wire_address(address)
    except Unaddressable as fault:
        raise ValueError(str(fault)) from fault
    if smtputf8:
        raise ValueError("An address that we send from needs ASCII before the @.")
    return wire


@lru_cache(maxsize=10_000)
def ascii_domain(domain: str) -> str:
    """
    Return a domain in ASCII (IDNA 2008). Raise Unaddressable when there is none such.

    Python's own codec would write straße.de to strasse.de, which is someone else's.
    """
    try:
        name = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as fault:
        raise Unaddressable(gettext_noop("This address cannot be used: its domain is not valid.")) from fault
    if not DOMAIN.fullmatch(name):
        raise Unaddressable(gettext_noop("This address cannot be used: its domain is not valid."))
    return name


def wire_address(address: str) -> tuple[str, bool]:
    """
    Return the address for the envelope, its domain in ASCII, and whether it needs SMTPUTF8.

    Raise Unaddressable for what is no address on one line.
    """
    if PLAIN_ADDRESS.match(address):
        return address, False
    local, _at, domain = address.rpartition("@")
    if not LOCAL_PART.fullmatch(local):
        raise Unaddressable(gettext_noop("This address cannot be used: the part before the @ is not valid."))
    return f"{local}@{ascii_domain(domain)}", not local.isascii()
