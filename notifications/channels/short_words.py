"""
What a notice says where there is little room and anybody may look: a headline, what it is called, its hour, what is asked, and the
address of the page on which it is read whole. A locked screen shows all of it, so nothing is in it that is under embargo or private.
"""

from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from django.utils.translation import override

from campaigns.platforms import sms_parts
from delivery.models import Channel
from delivery.transports import one_message
from notifications import notice_kinds
from notifications.models import LONGEST_NAME, Notice, NoticeCopy

MOST_PARTS = 3  # of a text message
LONGEST_TOPIC = 27  # that push services take, with what stands before it


@dataclass(frozen=True, slots=True)
class ShortWords:
    """The words of a notice in one language. `asked` goes first where there is no room."""

    head: str
    named: str
    hour: str
    asked: str
    url: str
    language: str

    def body(self, *, most: int = LONGEST_NAME) -> str:
        """Return what stands below the headline."""
        lines = (
            shorten(self.named, LONGEST_NAME, placeholder=" …"),
            capitalised(self.hour),
            shorten(self.asked, most, placeholder=" …"),
        )
        return "\n".join(line for line in lines if line)

    def as_text(self) -> str:
        """Return all of it as a text message of few parts."""
        for most in (LONGEST_NAME, 60, 0):
            text = "\n".join(part for part in (self.head, self.body(most=most), self.url) if part)
            if sms_parts.count(text) <= MOST_PARTS:
                break
        return text


def capitalised(words: str) -> str:
    """Return words as the begin of a line."""
    return words[:1].upper() + words[1:]


def of(notice: Notice, subject: Any) -> ShortWords:
    """Return the words of a notice, in the language of its person."""
    assert notice.person is not None
    kind, language = notice_kinds.get(notice.kind), notice.campaign.language_for(notice.person)
    with override(language):
        return ShortWords(
            notice.on_screens(subject),
            notice.named(subject),
            kind.hour(subject, notice.person) or kind.effect(subject),
            notice.asked(subject),
            notice.address(subject),
            language,
        )


def words_for(copy: NoticeCopy, subject: Any) -> one_message.Words:
    """Return the words of a copy as its channel takes them."""
    notice, words = copy.notice, of(copy.notice, subject)
    if copy.to.channel != Channel.PUSH:
        return one_message.Words(words.as_text(), language=words.language)
    topic = f"{notice.kind}-{notice.subject_id or notice.pk}".replace("_", "-")[-LONGEST_TOPIC:]
    return one_message.Words(
        words.body(),
        title=words.head,
        page=words.url,
        topic=topic,
        language=words.language,
        is_urgent=copy.is_urgent,
    )
