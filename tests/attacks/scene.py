"""
A site whose every text was written by someone who means harm.

It is filled as the desk's tests fill theirs; then each text of each row is written over in the database, past all
forms, so that a page that trusts what a form refuses is found too. What is kept as clean HTML is made anew by those
who make it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from bulletins.mail import printed_editions
from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.models import Campaign, GlossaryTerm
from campaigns.translated_fields import TranslatedField
from delivery.models import Message
from lib.text.markup import to_html
from tests.desk import scene as desk_scene
from tests.support import builders, frozen_rows

from . import payloads

APPS = ("campaigns", "delivery", "factcheck", "notifications", "bulletins", "questions", "website", "influencers")
LANGUAGES = builders.LANGUAGES

# Fields that hold no words: names for machines, states, addresses. What writes them makes them what they are.
NO_WORDS = {
    "accounts.User.password", "bulletins.Edition.reading_level", "bulletins.MediaJob.error", "notifications.Notice.kind", "notifications.Notice.path",
    "public.Passage.place", "public.Publication.about", "bulletins.Version.urgency", "bulletins.SetAside.part", "bulletins.SetAside.field",
    "bulletins.Presence.part", "bulletins.KeyMessage.key", "bulletins.CallToAction.key", "bulletins.Card.key",
    "bulletins.Card.code", "campaigns.CheckCode.code", "campaigns.CheckCode.statement",
    "campaigns.Campaign.time_zone", "campaigns.PlatformLimit.field", "campaigns.PlatformLimit.platform",
    "campaigns.Region.code", "delivery.Bucket.name", "delivery.Pulse.name", "delivery.Mailing.key",
    "delivery.Message.html", "delivery.Message.text", "delivery.Message.subject", "delivery.Message.sha256",
    "delivery.Send.slot_key", "delivery.TopicSet.key", "delivery.Lease.worker", "delivery.MailerLimit.mailer", "delivery.MailerLimit.currency",
    "delivery.MailerHealth.mailer", "delivery.Preflight.domain", "delivery.DomainLimit.domain",
    "delivery.ProviderEvent.provider", "delivery.ProviderEvent.event_id", "delivery.ProviderEvent.message_id",
    "delivery.Consent.text_version", "delivery.SignUp.text_version", "influencers.Certificate.code",
    "influencers.CoverageTarget.key", "influencers.Exposure.item", "influencers.Influencer.reference",
    "influencers.LessonRead.text", "influencers.PostMessage.key", "influencers.Thanks.key",
    "influencers.ThreadMessage.mail_id", "influencers.ThreadMessage.in_reply_to", "influencers.UnmatchedMail.mail_id",
    "influencers.ValuesQuestion.key", "bulletins.PublishedEdition.html", "bulletins.MessageInput.reference",
    "bulletins.InputFact.key", "bulletins.InputSource.key", "bulletins.Override.code", "bulletins.Override.key",
    "delivery.Recipient.address_hash", "delivery.Recipient.address", "delivery.Recipient.channel", "delivery.Suppression.address_hash", "influencers.ImportRun.sha256",
    "delivery.Delivery.provider_id", "delivery.Delivery.code", "campaigns.AuthorityToken.start",
    "factcheck.Evidence.archive_fault", "bulletins.InputAttachment.content_type", "influencers.Attachment.content_type",
}  # fmt: skip
NAMES_OF_CODES = (
    "language",
    "code",
    "slug",
    "sha256",
    "digest",
    "hash",
    "secret",
    "place",
    "browser",
    "url_key",
    "_by",
)
# Keys of JSON values that people write.
WORDED = {
    "text", "title", "caption", "alt", "alt_text", "script", "source_name", "name", "label", "credit", "credits",
    "why", "rights", "hashtags", "tags", "words", "publisher", "quote", "question", "note", "municipality", "subject",
    "calls_to_action",
}  # fmt: skip


AT_ONCE = 30  # payloads in a text that may be long


class Words:
    """Where texts come from: payloads one after the other, or as many harmless words."""

    def __init__(self, texts: list[str], *, stem: str = "pwned") -> None:
        self.texts, self.stem = texts, stem  # a word of each of them
        self.next = itertools.cycle(texts)

    def fitting(self, most: int | None) -> str:
        """Return the next text that is at most so long."""
        return next(text for text in self.next if most is None or len(text) <= most)

    def line(self, most: int | None) -> str:
        """Return the next text that is at most so long, in one line."""
        return re.sub(r"[\r\n]+", " ", self.fitting(most))

    def some(self) -> str:
        """Return the next texts, a paragraph each."""
        return "\n\n".join(itertools.islice(self.next, AT_ONCE))

    def all(self) -> str:
        """Return all texts, a paragraph each."""
        return "\n\n".join(self.texts)


def harmful() -> Words:
    """
    Return the payloads, without NUL and lone surrogates, which databases refuse and forms before them.
    """
    return Words([text.replace("\x00", "") for text in [*payloads.MARKDOWN, *payloads.HEADERS]])


def harmless() -> Words:
    """Return harmless words, as many as there are payloads, with everything in them that Markdown knows."""
    plain = [f"Words {number}" for number in range(len(payloads.MARKDOWN) + len(payloads.HEADERS))]
    return Words([*plain, "## Part\n\n1. [one](https://thl.fi/)\n2. two\n\n- three\n\n> four by 20 May"], stem="Words")


def fill(campaign: Campaign, *, at: datetime) -> None:
    """Put something of everything on the site."""
    desk_scene.fill(campaign, 1, noon=at)


def write_over(words: Words, *, at: datetime) -> int:
    """Write `words` into every text of every row, make the clean HTML anew, and return how many fields that were."""
    written = 0
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            fields = list(worded_fields(model))
            for row in model._default_manager.all() if fields else ():
                values = {field.name: new_value(field, getattr(row, field.name), words) for field in fields}
                with frozen_rows.thawed():
                    models.QuerySet(model).filter(pk=row.pk).update(**values)
                written += len(values)
    for user in apps.get_model("accounts.User").objects.all():
        type(user).objects.filter(pk=user.pk).update(name=words.fitting(150))
    miss_terms(words)
    with frozen_rows.thawed():
        print_anew(words, at=at)
    return written


def miss_terms(words: Words) -> None:
    """Have each term of the glossary stand in every original and in no translation, so that pages show what is missed of it."""
    for term in GlossaryTerm.objects.all():
        missed = {code: f"{words.fitting(None)} missed" for code in LANGUAGES}
        originals = Bulletin.objects.filter(campaign=term.campaign_id).values_list("original_language", flat=True)
        models.QuerySet(GlossaryTerm).filter(pk=term.pk).update(term={**missed, **dict.fromkeys(originals, words.stem)})


def worded_fields(model: type[models.Model]) -> Iterator[models.Field]:
    """Give the fields of a model that hold words of people."""
    for field in model._meta.local_concrete_fields:
        label = f"{model._meta.label}.{field.name}"
        kind = type(field)
        if label in NO_WORDS or field.primary_key or field.unique or field.choices:
            continue
        if field.name.endswith(NAMES_OF_CODES) or field.name in {"reading_level", "platform"}:
            continue
        if kind in {models.CharField, models.TextField, models.JSONField, TranslatedField}:
            yield field


def new_value(field: models.Field, old: Any, words: Words) -> Any:
    """Return what a field holds now: a payload that fits, or its structure with payloads in it."""
    if isinstance(field, TranslatedField):
        return {code: words.fitting(None) for code in LANGUAGES}
    if isinstance(field, models.JSONField):
        return in_data(old, words, worded=field.name in WORDED)
    return words.some() if field.max_length is None else words.line(field.max_length)


def in_data(data: Any, words: Words, *, worded: bool = False) -> Any:
    """Return JSON data with payloads where people's words are."""
    if isinstance(data, Mapping):
        return {key: in_data(value, words, worded=worded or key in WORDED) for key, value in data.items()}
    if isinstance(data, list):
        return [in_data(value, words, worded=worded) for value in data]
    return words.fitting(120) if worded and isinstance(data, str) else data


def print_anew(words: Words, *, at: datetime) -> None:
    """Make the pages' HTML and the mails of every version by the code that publishes."""
    for version in Version.objects.select_related("bulletin__campaign", "mailing"):
        for edition in version.bulletin.editions.prefetch_related("variants"):
            edition.bulletin = version.bulletin
            edition.body = words.all()
            models.QuerySet(PublishedEdition).filter(version=version, language=edition.language).update(
                html=to_html(edition.body), body=edition.body
            )
            _published, printed = printed_editions.print_edition(version.bulletin, edition, at=at)
            mail = printed_editions.mail_of_edition(printed)
            models.QuerySet(Message).filter(mailing=version.mailing, language=edition.language).update(
                subject=mail.subject, html=mail.html, text=mail.text
            )
