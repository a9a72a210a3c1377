"""
A mail before it has a recipient: rendered in one language from two templates, with the same facts in HTML and in plain text,
and made into the row that is frozen. Whatever goes through the ledger is written here: bulletins, roundups, digests, welcomes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import get_template
from django.utils.formats import date_format

from campaigns.models import ReadingLevel
from campaigns.publication_details import PrintedWords
from delivery.models import Mailing, Message
from lib.text.languages import fallback_marks
from lib.text.markup import TEXT_WIDTH, plain, wrap
from lib.text.numbers.unbroken import in_order, in_text, parted_addresses, unbroken_html

from .mime import refuse_too_large
from .personal_fields import field

LONGEST_LINE = 300  # octets, words apart: mail allows 998
LONGEST_WORD = 100  # characters that a narrow screen can break nowhere
WHOLE = '<span style="white-space:nowrap">'  # around what breaks over no two lines
SIGNATURE = "-- "  # what follows it, a mail program leaves out of a reply

_HANGING = re.compile(r" *(?:- |\d+\. )?")
_LONG_WORD = re.compile(rf"((?:&#?\w+;|[^\s<>&]){{{LONGEST_WORD}}})(?=[^\s<])")


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail without its recipient: personal fields are markers that delivery fills in."""

    sender_name: str
    subject: str
    html: str
    text: str

    def message(
        self, mailing: Mailing, language: str, *, at: datetime, reading_level: str = ReadingLevel.STANDARD
    ) -> Message:
        """Return it as the message of a mailing in a language, for Message.objects.freeze."""
        return Message(
            mailing=mailing,
            language=language,
            reading_level=reading_level,
            sender_name=self.sender_name,
            subject=self.subject,
            html=self.html,
            text=self.text,
            created_at=at,
        )


def render(template: str, printed: PrintedWords, language: str, context: Mapping[str, Any]) -> RenderedMail:
    """
    Return the mail that `template`.html and `template`.txt say with `context` (and its "subject") in the active language
    `language`. Raise TooLarge when it is longer than mail may be.
    """
    shown = dict(context)
    html = folded(whole_html(get_template(f"{template}.html").render(shown)))
    text = text_part(get_template(f"{template}.txt").render(shown))
    refuse_too_large(html=html, text=text)
    words = printed.in_language(language)
    return RenderedMail(
        sender_name=words.sender_name, subject=fallback_marks.plain(context["subject"]), html=html, text=text
    )


def frame(printed: PrintedWords, language: str, *, at: datetime) -> dict[str, Any]:
    """Return what the frame around every mail says, in the active language `language`: whose it is, of which day, how to leave."""
    return {
        "language": language,
        "campaign_name": plain(printed.in_language(language).name),
        "exercise": printed.is_exercise,
        "exercise_note": plain(printed.note_in(language)),
        "date": date_format(printed.local(at), "DATE_FORMAT"),
        "contact": plain(printed.reply_to),
        "unsubscribe_url": field("unsubscribe_url"),
    }


def whole_html(html: str) -> str:
    """Return HTML in which no hour, date or phone number breaks, and no address takes the sign behind it along."""
    return unbroken_html(in_text(html, lambda text: parted_addresses(text, "\u00a0")), WHOLE)


def folded(html: str) -> str:
    """Return `html` without blank lines and with no line near mail's limit; what a reader sees is the same."""
    pieces = re.split(r"(<title>[^<]*</title>|<[^<>]*>)", html)
    html = "".join(
        piece if at % 2 or len(piece) <= LONGEST_WORD else _LONG_WORD.sub("\\1<wbr\n>", piece)
        for at, piece in enumerate(pieces)
    )
    lines = []
    for line in map(str.strip, html.splitlines()):
        if len(line.encode()) < LONGEST_LINE:
            lines.append(line)
            continue
        length = 0
        fitted = ""
        for word in line.split(" "):
            size = len(word.encode()) + 1
            fits = length + size <= LONGEST_LINE
            fitted += (" " if fits else "\n") * bool(fitted) + word
            length = length + size if fits else size
        lines.append(fitted)
    return "\n".join(line for line in lines if line) + "\n"


def text_part(text: str) -> str:
    """Return the text part with its long lines wrapped, hanging under "- " and "1. ", and two blank lines at most."""
    lines = []
    for line in parted_addresses(text).split("\n"):
        if len(line) > TEXT_WIDTH:
            sign = _HANGING.match(line)
            first = sign[0] if sign else ""
            line = wrap(line[len(first) :], first=first, then=" " * len(first))
        lines.append(line if line == SIGNATURE else line.rstrip())
    return in_order(re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n") + "\n")
