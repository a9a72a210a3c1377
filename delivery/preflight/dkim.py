"""The DKIM keys that mail is signed with: that they are there, can be used, and are on a domain of one's own."""

import base64
import binascii
from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils.translation import gettext_noop

from .dmarc import organizational_domain, policies, tags
from .dns import Names, NoRecord
from .preflight_findings import Finding, Level

WEAK_RSA, GOOD_RSA = 1024, 2048  # bits


def check_dkim(domain: str, names: Names, selectors: list[str]) -> Iterator[Finding]:
    """
    See that each selector has a usable key on a domain that counts as `domain`'s own (aligned).

    A selector is a name, or name._domainkey.domain where the signing domain is another one; those of domains that
    are not aligned with this one are some other sender's.
    """
    if not selectors:
        yield Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop("The DKIM keys that sign mail from %(domain)s have not been named."),
            gettext_noop(
                "Set DKIM_SELECTORS to the selector that your relay or provider signs with: the s= in "
                "the DKIM-Signature of an email that it sent."
            ),
            {"domain": domain},
        )
        return
    own = organizational_domain(domain, names)
    strict = any(policy.tags.get("adkim", "") == "s" for policy in policies(domain, names)[:1])
    aligned = 0
    for selector in selectors:
        name, _key, signer = selector.partition("._domainkey.")
        if not signer:
            places = [domain] if strict or own == domain else [domain, own]
        elif signer == domain or (not strict and organizational_domain(signer, names) == own):
            places = [signer]
        else:
            continue
        aligned += 1
        yield check_key(name, places, names)
    if not aligned:
        yield Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop(
                "Every key that DKIM_SELECTORS names belongs to another domain than %(domain)s (not aligned)."
            ),
            gettext_noop(
                "Have your relay or provider sign with d=%(domain)s, and put that selector in DKIM_SELECTORS."
            ),
            {"domain": domain},
        )


def check_key(selector: str, places: list[str], names: Names) -> Finding:
    """Return what is found of a selector's key, at the first of `places` that has one."""
    records: list[str] = []
    values = {"name": f"{selector}._domainkey.{places[0]}"}
    for place in places:
        name = f"{selector}._domainkey.{place}"
        try:
            records = names.texts(name)
        except NoRecord:
            continue
        values = {"name": name}
        break
    if not records:
        return Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop("There is no DKIM key at %(name)s."),
            gettext_noop("Add the TXT or CNAME record that your relay or provider gives you for it."),
            values,
        )
    if len(records) > 1:
        return Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop("There are several TXT records at %(name)s; receivers may take the wrong one."),
            gettext_noop("Leave only the one that holds the key."),
            values,
        )
    return judge_key(tags(records[0]), values)


def judge_key(key: dict[str, str], values: dict[str, str]) -> Finding:
    """Return whether receivers can verify signatures with a key record."""
    publish_again = gettext_noop("Publish the key again, as your relay or provider gives it.")
    if key.get("v", "DKIM1") != "DKIM1" or "p" not in key:
        return Finding(
            "DKIM", Level.WRONG, gettext_noop("The record at %(name)s is not a DKIM key."), publish_again, values
        )
    if not key["p"]:
        return Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop("The DKIM key at %(name)s has been revoked (its p= is empty)."),
            gettext_noop("Publish a new key under a new selector, and put that in DKIM_SELECTORS."),
            values,
        )
    try:
        kind, bits = size_of_key(key)
    except ValueError:
        return Finding(
            "DKIM", Level.WRONG, gettext_noop("The DKIM key at %(name)s cannot be read."), publish_again, values
        )
    values = values | {"bits": f"{bits}", "kind": kind}
    longer = gettext_noop("Have your relay or provider make an RSA key of 2048 bits.")
    if kind == "rsa" and bits < WEAK_RSA:
        return Finding(
            "DKIM",
            Level.WRONG,
            gettext_noop("The DKIM key at %(name)s has only %(bits)s bits: receivers ignore it."),
            longer,
            values,
        )
    if "y" in key.get("t", "").replace(" ", "").split(":"):
        return Finding(
            "DKIM",
            Level.WARNING,
            gettext_noop("The DKIM key at %(name)s is marked as a test (t=y)."),
            gettext_noop("Remove t=y from the record."),
            values,
        )
    if kind == "rsa" and bits < GOOD_RSA:
        return Finding(
            "DKIM", Level.WARNING, gettext_noop("The DKIM key at %(name)s has only %(bits)s bits."), longer, values
        )
    if kind == "ed25519":
        return Finding(
            "DKIM",
            Level.WARNING,
            gettext_noop("The DKIM key at %(name)s is Ed25519, which many receivers cannot verify."),
            gettext_noop("Sign with an RSA key of 2048 bits as well."),
            values,
        )
    return Finding("DKIM", Level.OK, gettext_noop("The DKIM key at %(name)s is RSA of %(bits)s bits."), values=values)


def size_of_key(key: dict[str, str]) -> tuple[str, int]:
    """Return kind and size in bits of a key record's key. Raise ValueError when it is none."""
    kind = key.get("k", "rsa").lower()
    try:
        raw = base64.b64decode("".join(key["p"].split()), validate=True)
        if kind == "ed25519" and len(raw) == 32:
            return kind, 256
        read = load_der_public_key(raw)
    except (binascii.Error, UnsupportedAlgorithm) as fault:
        raise ValueError(str(fault)) from fault
    if kind != "rsa" or not isinstance(read, RSAPublicKey):
        raise ValueError(f"{kind} is no kind of key that DKIM knows.")
    return kind, read.key_size
