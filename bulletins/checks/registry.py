"""
What is still wrong with a bulletin, and how to fix it.

A finding "stops" approval or is "advice". Someone may let an overridable one stand, with a reason that approvers
read (overrides.py); it stays on the list. Each rule is a small function from what was read to its findings.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone

from bulletins.models import Bulletin, LinkCheck, Parts, PublishedEdition
from campaigns.models import BannedTerm
from campaigns.platforms import platform_limits
from delivery.models import Channel, Message

from . import claim_findings, completeness, lengths, validity
from .checklist import CERC, points_of, unticked
from .completeness import unexplained
from .consistency import (
    changed_facts,
    changed_sentences,
    figures_match,
    moved_values,
    promised_values,
    replaced_messages,
    stale_dates,
    update_facts,
)
from .findings import ADVICE, STANDS, STOPS, Finding, Workspace
from .language import easy_language, spelling, wording
from .language.wording import Readability, readability
from .links import link_findings
from .links.link_checker import addresses_of

__all__ = [
    "ADVICE",
    "CERC",
    "STANDS",
    "STOPS",
    "Finding",
    "Readability",
    "Workspace",
    "findings",
    "findings_on",
    "load_workspace",
    "readability",
    "stops",
]

RULES: tuple[Callable[[Workspace], Iterator[Finding]], ...] = (
    completeness.missing_text,
    completeness.follows_later,
    completeness.unread_draft,
    completeness.unfilled_blanks,
    completeness.missing_translation,
    completeness.missing_situation,
    completeness.behind_original,
    completeness.missing_source,
    completeness.missing_call,
    completeness.missing_alt_text,
    completeness.missing_subtitles,
    completeness.missing_channel_words,
    completeness.words_of_correction,
    completeness.missing_post_words,
    completeness.missing_template,
    validity.unpublished_campaign,
    validity.expired,
    replaced_messages.replaced,
    replaced_messages.may_replace,
    claim_findings.unconfirmed_claims,
    validity.impossible_times,
    validity.nobody_to_ask,
    validity.running_embargo,
    validity.next_word,
    validity.outlives_input,
    validity.other_end,
    figures_match.other_than_original,
    figures_match.other_than_plain,
    figures_match.other_than_input,
    stale_dates.unchanged_correction,
    stale_dates.old_dates,
    changed_facts.old_values,
    moved_values.left_in_role,
    changed_facts.contradicting_words,
    promised_values.unkept,
    changed_sentences.unnamed,
    changed_facts.wrong_weekdays,
    update_facts.undecided,
    wording.banned_words,
    wording.hard_to_read,
    easy_language.hard_places,
    wording.other_terms,
    spelling.unknown_words,
    lengths.too_long,
    lengths.too_long_for_card,
    link_findings.bad_links,
    unticked,
)
ORDER = {STOPS: 0, STANDS: 1, ADVICE: 2}


def findings(
    bulletin: Bulletin, *, at: datetime | None = None, parts: Parts | None = None, eased: bool = True
) -> list[Finding]:
    """Return what stands in the way of approval at `at` (default: now), what stops it first."""
    return findings_on(load_workspace(bulletin, at=at or timezone.now(), parts=parts), eased=eased)


def findings_on(desk: Workspace, *, eased: bool = True) -> list[Finding]:
    """
    Return the findings on what was gathered, what stops first, those that someone let stand marked as such. `eased`, what could be let
    stand in a language that bulletins don't wait for is advice: such a language never holds up the others.
    """
    bulletin = desk.bulletin
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        return list(unexplained(bulletin, desk.languages))
    stands = {one.key: one for one in desk.overrides}
    found: dict[str, Finding] = {}
    for rule in RULES:
        for finding in rule(desk):
            override = stands.get(finding.key) if finding.overridable else None
            if override:
                finding = replace(finding, level=STANDS, override=override)
            elif eased and is_eased(finding, desk):
                finding = replace(finding, level=ADVICE)
            found.setdefault(finding.key, finding)
    return sorted(found.values(), key=lambda finding: ORDER[finding.level])


def is_eased(finding: Finding, desk: Workspace) -> bool:
    """Return whether it stops only a language that bulletins don't wait for, and whoever approves may let it stand."""
    may_stand = finding.overridable or finding.code in completeness.OF_PICTURES
    return finding.level == STOPS and may_stand and any(finding.is_in(code) for code in desk.parts.that_follow)


def stops(bulletin: Bulletin, *, at: datetime, parts: Parts | None = None) -> list[Finding]:
    """Return the findings that block approval."""
    return [finding for finding in findings(bulletin, at=at, parts=parts) if finding.level == STOPS]


def load_workspace(bulletin: Bulletin, *, at: datetime, parts: Parts | None = None) -> Workspace:
    """
    Read all that the rules look at, in a number of queries that does not depend on how much there is. What is in
    `parts` already is not read again.
    """
    parts = parts or Parts(bulletin)
    languages = [row.code for row in parts.languages if row.code not in parts.left_out]
    prefetch_related_objects(parts.key_messages, "fact__superseded_by")
    prefetch_related_objects(parts.assets, "subtitles")
    prefetch_related_objects(parts.every_input, "facts", "sources")
    prefetch_related_objects(parts.overrides, "by")
    desk = Workspace(
        bulletin=bulletin,
        at=at,
        campaign=bulletin.campaign,
        languages=languages,
        editions=parts.editions,
        messages=parts.key_messages,
        actions=parts.calls_to_action,
        assets=parts.assets,
        targets=parts.targets,
        inputs=parts.inputs,
        claims=parts.claims,
        overrides=parts.overrides,
        banned=list(BannedTerm.objects.filter(language__in=languages)),
        limits=platform_limits.current_limits(),
        parts=parts,
        points=points_of(bulletin.campaign_id, easy=any(map(easy_language.is_easy, parts.editions))),
        later=parts.left_out,
    )
    addresses = {address for address, *_rest in addresses_of(desk.editions, desk.messages)}
    if bulletin.kind == Bulletin.Kind.CORRECTION:
        before = PublishedEdition.objects.filter(version__bulletin=bulletin, version__number=bulletin.version - 1)
        desk.earlier = list(before.select_related("version"))
        mails = Message.objects.filter(
            mailing__version__bulletin=bulletin, mailing__version__number=bulletin.version - 1, channel=Channel.MAIL
        )
        desk.earlier_subjects = {
            (language, level): subject
            for language, level, subject in mails.values_list("language", "reading_level", "subject")
        }
    desk.overtakes = replaced_messages.overtaken(desk)
    desk.has_cards = bulletin.cards.exists()
    desk.all_changes = list(bulletin.fact_changes.filter(version=bulletin.version))
    desk.checks = {check.url: check for check in LinkCheck.objects.filter(url__in=addresses)}
    return desk
