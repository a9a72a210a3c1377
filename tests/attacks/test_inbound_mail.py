"""Mail that is made to break whoever reads it: an answer, a bounded amount of work, and nothing kept that runs."""

import base64
import time
from pathlib import Path
from typing import Any

import pytest

from influencers.models import ThreadMessage, UnmatchedMail
from tests.influencers.inbox.mail.test_inbound import SECRET, post
from tests.influencers.inbox.mail_scene import REPLIES
from tests.support.inbound_mail import read_at_once  # noqa: F401  (a fixture)

from . import payloads

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow]


@pytest.fixture(autouse=True)
def taken(campaign: Any, settings: Any, tmp_path: Path, read_at_once: None) -> None:  # noqa: F811
    """Mail is taken in for the campaign, with the secret."""
    settings.WEBHOOK_SECRETS, settings.WEBHOOK_KEYS, settings.MEDIA_ROOT = [SECRET], {}, tmp_path
    campaign.reply_to = REPLIES
    campaign.save()


HEAD = (
    "From: {sender}\r\nTo: answers@example.org\r\nSubject: {subject}\r\nMessage-ID: <{id}@evil.example>\r\n"
    "Date: Wed, 25 Mar 2026 12:00:00 +0200\r\nMIME-Version: 1.0\r\n"
)


def mail(body: str, number: int, *, sender: str = "spy@evil.example", subject: str = "Hello") -> bytes:
    """Return a mail; `body` begins with its last headers."""
    return (HEAD.format(sender=sender, subject=subject, id=f"m{number}") + body).encode("utf-8", "surrogateescape")


def nested(depth: int, kind: str = "multipart/mixed") -> str:
    """Return a multipart in a multipart in a multipart."""
    opening = "".join(f"Content-Type: {kind}; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(depth))
    return (
        opening
        + "Content-Type: text/plain\r\n\r\nwords\r\n"
        + "".join(f"--b{at}--\r\n" for at in reversed(range(depth)))
    )


def bodies() -> dict[str, str]:
    """Return bodies that some reader of mail stumbles over."""
    text = "Content-Type: text/plain"
    return {
        "multiparts in each other": nested(3_000),
        "alternatives in each other": nested(200, "multipart/alternative"),  # read to the end: Python recurses so deep
        "mails in each other": "Content-Type: message/rfc822\r\n\r\n" * 2_000 + f"{text}\r\n\r\nwords",
        "many parts": "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 30_000 + "--b--\r\n",
        "many headers": "X-A: b\r\n" * 50_000 + f"{text}\r\n\r\nwords",
        "a long header": f"X-A: {'a' * 1_000_000}\r\n{text}\r\n\r\nwords",
        "a header folded without end": "X-A: a\r\n" + " a\r\n" * 100_000 + f"{text}\r\n\r\nwords",
        "many parameters": f"{text}{''.join(f'; a*{n}=b' for n in range(20_000))}\r\n\r\nwords",
        "a boundary without end": f"Content-Type: multipart/mixed; boundary=\"{'b' * 100_000}\"\r\n\r\nwords",
        "no boundary": "Content-Type: multipart/mixed\r\n\r\nwords",
        "quotes in each other": f"{text}\r\n\r\n" + "".join("> " * depth + "x\r\n" for depth in range(1_500)),
        "elements in each other": f"Content-Type: text/html\r\n\r\n{'<div>' * 100_000}words",
        "quotes of HTML in each other": f"Content-Type: text/html\r\n\r\n{'<blockquote>' * 50_000}words",
        "a comment without end": f"Content-Type: text/html\r\n\r\n{'<!--' * 100_000}",
        "entities": f"Content-Type: text/html\r\n\r\n{'&amp;' * 200_000}",
        "blanks": f"{text}\r\n\r\n{' ' * 1_000_000}x",
        "lines": f"{text}\r\n\r\n" + "\r\n" * 500_000,
        "underlines": f"{text}\r\n\r\n" + "-" * 500_000 + "\r\n" + "_" * 500_000,
        "On … wrote": f"{text}\r\n\r\n" + "On Monday, Ines wrote:\r\n" * 30_000,
        "flowed": f"{text}; format=flowed; delsp=yes\r\n\r\n" + "a \r\n" * 100_000,
        "uuencoded": f"{text}\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n{'M' * 100_000}\r\nend",
        "base64 that is none": f"{text}\r\nContent-Transfer-Encoding: base64\r\n\r\n{'=' * 100_000}",
        **{
            f"charset {charset}": f"{text}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(b"+ADw-script+AD4-\xff\x00" * 500).decode()
            for charset in ("zlib", "bz2", "hex", "rot13", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "utf-32", "x" * 5_000, "\"\"", "iso-2022-jp", "mbcs", "../../etc")
        },
        "a page": "Content-Type: text/html\r\n\r\n" + "".join(payloads.ELEMENTS),
        "a bounce of nobody": "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + "Final-Recipient: rfc822;a@b\r\nStatus: 5.1.1\r\n\r\n" * 5_000 + "--b--\r\n",
    }  # fmt: skip


def test_no_mail_breaks_its_reader_or_keeps_it_busy():
    wrong = []
    for number, (name, body) in enumerate(bodies().items()):
        begun = time.thread_time()
        answer = post(mail(body, number))
        spent = time.thread_time() - begun
        if answer.status_code >= 500:
            wrong.append(f"{name}: {answer.status_code}")
        if spent > 10:
            wrong.append(f"{name}: {spent:.1f} s")
    assert wrong == []
    assert UnmatchedMail.objects.exists()


@pytest.mark.parametrize("field", ["sender", "subject"])
def test_no_head_of_a_mail_breaks_its_reader(field):
    wrong = []
    odd = [
        *payloads.HEADERS, *payloads.CHARACTERS, "", "@", "<>", "<" * 5_000, "(" * 5_000, '"' * 5_000, "a@b" * 5_000, ",".join(["a@b.example"] * 5_000),
        "=?utf-8?b?" + "A" * 50_000 + "?=", "=?zlib?q?=78=9C?=", "=?utf-8?q?=ED=A0=80?=", "=?x?x?x?=" * 5_000, ":;" * 5_000, "\udcff\udcfe",
        "Elli <elli@example.org>, spy@evil.example", "=?utf-8?q?=3Cscript=3Epwned(1)=3C/script=3E?= <spy@evil.example>",
    ]  # fmt: skip
    for number, value in enumerate(odd):
        begun = time.thread_time()
        answer = post(mail("Content-Type: text/plain\r\n\r\nwords", number, **{field: value}))
        if answer.status_code >= 500 or time.thread_time() - begun > 10:
            wrong.append(f"{value[:40]!r}: {answer.status_code}, {time.thread_time() - begun:.1f} s")
    assert wrong == []
    kept = [
        *UnmatchedMail.objects.values_list("subject", flat=True),
        *UnmatchedMail.objects.values_list("from_name", flat=True),
    ]
    assert [text for text in kept if any(sign in text for sign in "\r\n\x00\u202e\u2028")] == []
    assert not ThreadMessage.objects.filter(from_address="").exists()
