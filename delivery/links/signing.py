"""
Signatures on what comes back to us: links that readers open, return paths, Message-IDs, addresses for leaving.

A key is derived once and its state copied for every signature: a mail carries four of them, and thousands of
mails leave in a second.
"""

import hashlib
import hmac
import re
from functools import lru_cache

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from django.utils.translation import override

from lib.mail_addresses import code_of
from lib.text.languages.languages import site_language

MARK_DIGITS = 16  # hexadecimal: 64 bits
NOBODY = 0  # the recipient's key in a test mail: its links are made as all are, and open nothing


class BadLink(Exception):
    """A link that we did not sign, or that was cut. The text says so in the user's language."""


class TestLink(BadLink):
    """A link of a test mail, which belongs to nobody."""

    def __init__(self) -> None:
        super().__init__(_("This link is from a test email, so it does nothing. In the real email it works."))


class LinkSigner(signing.Signer):
    """
    Django's Signer for one purpose, with the very same signatures, made faster.

    Signed with SECRET_KEY; what a key of SECRET_KEY_FALLBACKS has signed still opens.
    """

    def __init__(self, purpose: str) -> None:
        super().__init__(salt=purpose)
        derived = hashlib.sha256(f"{purpose}signer".encode() + force_bytes(self.key)).digest()
        self._keyed = hmac.new(derived, digestmod=hashlib.sha256)

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        """Return the signature of `value`, under another key when one is given."""
        if key is not None and key != self.key:
            return super().signature(value, key)
        keyed = self._keyed.copy()
        keyed.update(force_bytes(value))
        return signing.b64_encode(keyed.digest()).decode()


class Links:
    """
    Signed links to one view about one thing, one for each recipient; the path is looked up once for them all.

    In a language that the site does not speak they lead to its main language.
    """

    def __init__(self, purpose: str, view: str, *, about: int, language: str) -> None:
        self._sign = LinkSigner(purpose).sign
        with override(site_language(language)):
            path = reverse(view, args=["TOKEN"])
        self._before, _token, self._after = f"{settings.PUBLIC_URL}{path}".rpartition("TOKEN")
        self._about = f".{about}"

    def of(self, recipient_id: int) -> str:
        """Return the absolute address for one recipient."""
        return f"{self._before}{self._sign(f'{recipient_id}{self._about}')}{self._after}"


class BoundLinks(Links):
    """
    The same, bound to the address that each is sent to: a mark of it stands in them, so that who only reads an address from
    before opens nothing of what has moved on. Without an address they open nothing.
    """

    def of(self, recipient_id: int, email: str = "") -> str:
        """Return the absolute address for one recipient with the address `email`."""
        return f"{self._before}{self.token(recipient_id, email)}{self._after}"

    def token(self, recipient_id: int, email: str) -> str:
        """Return what stands in the link."""
        return self._sign(f"{recipient_id}{self._about}.{mark_of(email)}")


def mark_of(email: str) -> str:
    """Return the mark of an address in a link. A mail needs it more than once, so the last ones are remembered."""
    return _mark_of(email, settings.SUPPRESSION_KEY)


@lru_cache(maxsize=64)
def _mark_of(email: str, _key: str) -> str:
    return code_of(email)[:MARK_DIGITS]


class Marks:
    """
    Short marks on numbers, for places where only [a-z0-9.] survives and case may not.

    They are made under SUPPRESSION_KEY, which never changes, since a bounce may come back after days and
    someone may leave by a mail that is years old. A mark of one purpose is no mark of another.
    """

    def __init__(self, purpose: str) -> None:
        self._keyed = hmac.new(settings.SUPPRESSION_KEY.encode(), f"{purpose}:".encode(), hashlib.sha256)

    def of(self, *numbers: int) -> str:
        """Return the numbers and their mark, all with dots between: "123.ab12cd34ef56ab78"."""
        text = ".".join(map(str, numbers)) if len(numbers) > 1 else str(numbers[0])
        return f"{text}.{self._digits(text)}"

    def numbers(self, text: str, *, count: int = 1) -> tuple[int, ...] | None:
        """Return the `count` numbers of a marked text in whatever case, or None when the mark is not ours."""
        marked, _dot, digits = text.strip().lower().rpartition(".")
        if not re.fullmatch(rf"[1-9][0-9]{{0,18}}(\.[1-9][0-9]{{0,18}}){{{count - 1}}}", marked):
            return None
        if not constant_time_compare(digits, self._digits(marked)):
            return None
        return tuple(map(int, marked.split(".")))

    def _digits(self, text: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(text.encode())
        return keyed.hexdigest()[:MARK_DIGITS]


def marks(purpose: str) -> Marks:
    """Return the marks of one purpose under the present SUPPRESSION_KEY."""
    return _marks(purpose, settings.SUPPRESSION_KEY)


@lru_cache(maxsize=8)
def _marks(purpose: str, _key: str) -> Marks:
    return Marks(purpose)
