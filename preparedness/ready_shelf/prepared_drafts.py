"""A draft out of a prepared bulletin with its blanks filled in."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from bulletins.editing import drafts, key_messages
from bulletins.editing.variants import FIELDS, LISTS
from bulletins.models import SITUATION, Bulletin, CallToAction, Edition, KeyMessage, Variant
from campaigns.models import Campaign, Topic
from lib.text.blanks import filled
from lib.text.languages.languages import language_heading
from preparedness.crisis_templates.template_files import (
    LONGEST_PREHEADER,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    NEXT_WORD,
    Blank,
    HoldingStatement,
    Texts,
)

LIMITS = {"title": LONGEST_TITLE, "subject": LONGEST_SUBJECT, "preheader": LONGEST_PREHEADER}
DAY = {"fi": "j. E"}  # the month in the case that a sentence takes; "12.3." would end one
Words = Mapping[str, Texts]  # {blank: {language: words}}


def write(
    campaign: Campaign,
    statement: HoldingStatement,
    words: Words,
    *,
    next_word: datetime | None = None,
    by: User,
    also: list[User],
    at: datetime,
) -> Bulletin:
    """
    Write a bulletin out of a statement, in the campaign's languages that the statement has, and return it. `also` are the
    others who filled in blanks: they wrote it too, so none of them can approve it. A blank without words stays, and is a
    finding that keeps it from being submitted. `next_word` is when it says that there will be more.
    """
    bulletin = drafts.start(campaign, by=by, at=at, urgency=statement.urgency)
    if next_word is not None:
        bulletin.next_word_at = next_word
        bulletin.save(update_fields=["next_word_at"])
    bulletin.topics.add(*Topic.objects.filter(campaign=campaign, slug__in=statement.topics))
    languages = write_editions(bulletin, statement, words, by=by, at=at)
    write_messages(bulletin, statement, words, languages, by=by, at=at)
    CallToAction.objects.bulk_create(
        CallToAction(bulletin=bulletin, key=one.key, position=number, text=in_languages(one.text, languages, words))
        for number, one in enumerate(statement.calls_to_action, start=1)
    )
    write_variants(bulletin, statement, words)
    for person in also:
        drafts.note_editor(bulletin, by=person, at=at)
    return bulletin


def write_editions(
    bulletin: Bulletin, statement: HoldingStatement, words: Words, *, by: User, at: datetime
) -> list[str]:
    """Write the editions in the languages that a statement has, the original first; return their codes."""
    editions = list(Edition.objects.filter(bulletin=bulletin, language__in=statement.title))
    editions.sort(key=lambda one: one.language != bulletin.original_language)
    for edition in editions:
        edition.bulletin = bulletin
        for field in (*LIMITS, "body", *SITUATION):
            setattr(edition, field, said(getattr(statement, field), edition.language, words))
        drafts.save_edition(edition, by=by, at=at)
    return [edition.language for edition in editions]


def write_messages(
    bulletin: Bulletin, statement: HoldingStatement, words: Words, languages: list[str], *, by: User, at: datetime
) -> None:
    """Write the key messages. Their source is the authority that leads the campaign, where there is one."""
    leader = bulletin.campaign.authority
    names = {code: name for code, name in leader.name.items() if code in languages} if leader else {}
    owner = by if key_messages.owners(bulletin.campaign_id).filter(pk=by.pk).exists() else None
    KeyMessage.objects.bulk_create(
        KeyMessage(
            bulletin=bulletin,
            key=one.key,
            position=number,
            text=in_languages(one.text, languages, words),
            owner=owner,
            source_name=names,
            source_url=dict.fromkeys(languages, leader.url) if leader and leader.url else {},
            valid_until=at + timedelta(hours=hours) if hours else None,
        )
        for number, (one, hours) in enumerate(statement.key_messages, start=1)
    )


def write_variants(bulletin: Bulletin, statement: HoldingStatement, words: Words) -> None:
    """Write the words for the channels, in the languages that have any."""
    editions = {one.language: one for one in bulletin.editions.all()} if statement.variants else {}
    Variant.objects.bulk_create(
        Variant(
            edition=editions[code],
            platform=platform,
            **{name: value_of(name, said({code: text}, code, words)) for name, text in fields.items()},
        )
        for code, platforms in statement.variants.items()
        for platform, fields in platforms.items()
        if code in editions and platform in FIELDS
    )


def value_of(name: str, text: str) -> str | list[str]:
    """Return a channel's text as it is stored: hashtags and tags one by one, a line of each."""
    return text.split("\n") if name in LISTS else text


def in_languages(text: Texts, languages: list[str], words: Words) -> Texts:
    """Return a text in some languages, its blanks filled."""
    return {code: said(text, code, words) for code in languages}


def next_word_of(typed: Mapping[str, Texts], zone: tzinfo) -> datetime | None:
    """Return the moment by which a statement promises more, from what was typed for its blanks; None while one is empty."""
    day, hour = (typed.get(name, {}).get("", "") for name in NEXT_WORD)
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), zone) if day and hour else None


def said(text: Texts, language: str, words: Words) -> str:
    """Return a text in a language with its blanks filled in that language."""
    return filled(text.get(language, ""), {key: texts.get(language, "") for key, texts in words.items()})


def spoken(blank: Blank, typed: str, languages: list[str]) -> Texts:
    """
    Return what was typed for a blank in each language: dates and times as people write them there, all else as it is. Raise
    ValueError for what is no date or time.
    """
    if not typed:
        return {}
    found = {}
    for code in languages:
        with override(code):
            if blank.kind == "date":
                found[code] = date_format(date.fromisoformat(typed), DAY.get(code, "j F"))
            elif blank.kind == "time":
                found[code] = time_format(time.fromisoformat(typed), "TIME_FORMAT")
            else:
                found[code] = typed
    return found


def too_long(statement: HoldingStatement, words: Words, languages: list[str]) -> list[str]:
    """Return a sentence for each line that would be too long with these words."""
    return [
        _("%(language)s: the %(line)s has %(count)d characters with these words; at most %(most)d fit. Say it shorter.")
        % {
            "language": language_heading(code),
            "line": {"title": _("title"), "subject": _("subject"), "preheader": _("preheader")}[field],
            "count": len(line),
            "most": most,
        }
        for field, most in LIMITS.items()
        for code in languages
        if len(line := said(getattr(statement, field), code, words)) > most
    ]
