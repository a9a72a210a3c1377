"""What is still wrong with a bulletin, and how to mend it. "stops" blocks approval, "advice" does not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import BannedTerm, ReadingLevel
from factcheck.models import Claim

from . import counting
from .mailing import refuse_long_body
from .models import Bulletin, Edition, Target

STOPS, ADVICE = "stops", "advice"


@dataclass(frozen=True)
class Finding:
    """One thing to mend: whether it stops approval, where it is, and what to do, in the user's language."""

    level: str
    where: str
    says: str


def findings(bulletin: Bulletin, *, at: datetime | None = None) -> list[Finding]:
    """Return what stands in the way of approval at `at` (default: now), what stops it first."""
    moment = at or timezone.now()
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        return list(unexplained(bulletin, [language.code for language in bulletin.campaign.languages.all()]))
    editions = list(bulletin.editions.prefetch_related("variants"))
    found = [
        *missing_text(bulletin, editions),
        *missing_translation(bulletin, editions),
        *behind_original(bulletin, editions),
        *worn_out(bulletin, moment),
        *unconfirmed_claims(bulletin),
        *impossible_times(bulletin, moment),
        *too_long(editions),
        *banned_words(editions),
    ]
    return sorted(found, key=lambda finding: finding.level != STOPS)


def stops(bulletin: Bulletin, *, at: datetime) -> list[Finding]:
    """Return the findings that block approval."""
    return [finding for finding in findings(bulletin, at=at) if finding.level == STOPS]


def missing_text(bulletin: Bulletin, editions: list[Edition]) -> Iterator[Finding]:
    """Find languages without an edition, and editions without title, subject or text."""
    written = {edition.language for edition in editions if edition.reading_level == ReadingLevel.STANDARD}
    for language in bulletin.campaign.languages.all():
        if language.code not in written:
            yield Finding(STOPS, language.code, _("This language is missing. Write the edition."))
    for edition in editions:
        for value, says in (
            (edition.title, _("The title is missing. Say the fact in one line.")),
            (edition.subject, _("The mail's subject is missing. Write at most 60 characters.")),
            (edition.body, _("The text is missing. Write it, or translate it from the original.")),
        ):
            if not value.strip():
                yield Finding(STOPS, edition.language, says)
        try:
            refuse_long_body(edition.body)
        except ValueError as fault:
            yield Finding(STOPS, edition.language, str(fault))


def missing_translation(bulletin: Bulletin, editions: list[Edition]) -> Iterator[Finding]:
    """Find key messages, calls to action and correction texts that a language lacks."""
    languages = [edition.language for edition in editions]
    for message in bulletin.key_messages.all():
        for language in languages:
            if not message.text.get(language, "").strip():
                yield Finding(
                    STOPS, language, _("Key message %(key)s is missing in this language.") % {"key": message.key}
                )
        if not any(message.source_url.values()):
            yield Finding(ADVICE, message.key, _("This key message names no source."))
    for action in bulletin.calls_to_action.all():
        for language in languages:
            if not action.text.get(language, "").strip():
                says = _("Call to action %(key)s is missing in this language.") % {"key": action.key}
                yield Finding(STOPS, language, says)
    if bulletin.kind != Bulletin.Kind.ORIGINAL:
        yield from unexplained(bulletin, languages)


def unexplained(bulletin: Bulletin, languages: list[str]) -> Iterator[Finding]:
    """Find the languages in which a correction or retraction does not say what changed."""
    for language in languages:
        if not bulletin.what_changed.get(language, "").strip():
            yield Finding(STOPS, language, _("Say in this language what changed."))


def behind_original(bulletin: Bulletin, editions: list[Edition]) -> Iterator[Finding]:
    """Find translations whose original has moved on."""
    original = next((edition for edition in editions if edition.language == bulletin.original_language), None)
    for edition in editions:
        behind = edition.behind(original) if original else 0
        if behind:
            says = ngettext(
                "The original has changed once since. Bring the translation up to date.",
                "The original has changed %(count)d times since. Bring the translation up to date.",
                behind,
            )
            yield Finding(STOPS, edition.language, says % {"count": behind})


def worn_out(bulletin: Bulletin, at: datetime) -> Iterator[Finding]:
    """Find key messages that no longer hold, or rest on a fact that was replaced."""
    for message in bulletin.key_messages.select_related("fact__superseded_by"):
        if message.valid_until and message.valid_until <= at:
            yield Finding(STOPS, message.key, _("This key message is no longer valid. Change or remove it."))
        elif (
            message.fact
            and message.fact.superseded_by
            and (not message.fact.superseded_at or message.fact.superseded_at <= at)
        ):
            says = _("Its fact was replaced: %(fact)s") % {"fact": message.fact.superseded_by.text}
            yield Finding(STOPS, message.key, says)


def unconfirmed_claims(bulletin: Bulletin) -> Iterator[Finding]:
    """Find fact-checks that two people have not agreed on."""
    agreed = {Claim.Status.CONFIRMED, Claim.Status.PUBLISHED}
    for claim in bulletin.claims.all():
        if claim.status not in agreed:
            yield Finding(STOPS, str(claim), _("This fact-check has no confirmed verdict. Ask the fact-checkers."))


def impossible_times(bulletin: Bulletin, at: datetime) -> Iterator[Finding]:
    """Find bulletins that go to nobody, times that have passed, and times before the embargo ends."""
    targets = list(bulletin.targets.select_related("audience"))
    if not targets and bulletin.version == 1:
        yield Finding(STOPS, _("audiences"), _("It goes to nobody. Choose at least one audience."))
    for target in targets:
        if target.timing != Target.Timing.AT_TIME or target.at is None:
            continue
        if target.at <= at:
            yield Finding(STOPS, str(target.audience), _("The time has passed. Choose a later one."))
        elif bulletin.embargo_until and target.at < bulletin.embargo_until:
            yield Finding(STOPS, str(target.audience), _("The time is before the embargo ends. Choose a later one."))


def too_long(editions: list[Edition]) -> Iterator[Finding]:
    """Find variants that their platform would not take."""
    limits = counting.current_limits()
    for edition in editions:
        for variant in edition.variants.all():
            for limit, length in counting.over_limit(variant, limits):
                says = _("%(platform)s takes %(limit)d in %(field)s, this has %(length)d. Shorten it.") % {
                    "platform": variant.get_platform_display(),
                    "limit": limit.limit,
                    "field": counting.LABELS[counting.FIELDS[limit.platform, limit.field]],
                    "length": length,
                }
                yield Finding(STOPS, edition.language, says)


def banned_words(editions: list[Edition]) -> Iterator[Finding]:
    """Find words that are not used, and say what to say instead."""
    terms = list(BannedTerm.objects.filter(language__in={edition.language for edition in editions}))
    for edition in editions:
        text = "\n".join((edition.title, edition.subject, edition.preheader, edition.body))
        for term in terms:
            if term.language == edition.language and banned_pattern(term.term).search(text):
                says = _("“%(term)s” is not used. Say: %(instead)s.") % {"term": term.term, "instead": term.say_instead}
                yield Finding(ADVICE, edition.language, says)


def banned_pattern(term: str) -> re.Pattern[str]:
    """Return the pattern of a banned term; `*` at the end of a word stands for any ending."""
    words = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in term.split()]
    return re.compile(r"\b" + r"\s+".join(words) + r"\b", re.IGNORECASE)
