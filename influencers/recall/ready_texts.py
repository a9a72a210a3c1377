"""Ready words for people who posted what has changed: in their language, within the limits of their platform."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import PlatformLimit
from campaigns.platforms import character_counts, platform_limits
from factcheck.models import ClaimStep
from influencers.editions import platform_texts
from influencers.models import Recall
from lib.text.languages.languages import site_language
from lib.text.linguistics.sentences import sentences

from . import fact_check_texts

Kind = ClaimStep.Kind
Limits = dict[tuple[str, str], PlatformLimit]


def caption(recall: Recall, language: str, platform: str, limits: Limits) -> str:
    """
    Return the words for a platform ("" for any): whole sentences, as many as fit with the address below them; needs the
    version with its bulletin, or the step with its claim, at hand.
    """
    with override(language):
        text, short = text_of(recall, language), in_short(recall)
    with override(site_language(language, recall.campaign.default_language)):  # other languages have no pages
        link = link_of(recall)
    return fitted(text, short, link, hashtag_of(recall, language), platform, limits)


def text_of(recall: Recall, language: str) -> str:
    """Return what to say in the active language `language`; the fact, and never a claim."""
    if recall.version:
        version = recall.version
        shared, told = version.share_text.get(language, ""), version.what_changed.get(language, "")
        return shared or f"{in_short(recall)} {told}".strip()
    step = recall.step
    assert step is not None
    fact = (step.version.fact if step.version else step.claim.fact).get(language, "")
    if step.kind == Kind.WITHDRAWN:
        return fact_check_texts.correction(step.reader_text, language)
    if step.kind == Kind.PAUSED:
        return in_short(recall)
    return f"{in_short(recall)} {fact}".strip()


def in_short(recall: Recall) -> str:
    """Return the one sentence that has to be said, in the active language."""
    if recall.version and recall.version.is_retracted:
        return _("Correction: I shared a bulletin that has been withdrawn. Please don't share it further.")
    if recall.version:
        return _("Correction: something in a bulletin that I shared has changed.")
    assert recall.step is not None
    return {
        Kind.CORRECTED: _("Correction: I shared a fact-check that has been corrected."),
        Kind.PAUSED: _("I shared a fact-check that is being checked again. Please wait before sharing it further."),
        Kind.RESUMED: _("The fact-check that I shared was checked again, and it is still correct."),
        Kind.WITHDRAWN: _("Correction: I shared a fact-check that has been withdrawn. Please don't share it further."),
    }[Kind(recall.step.kind)]


def hashtag_of(recall: Recall, language: str) -> str:
    """Return the hashtag that the news was published with, in a language, "" without one."""
    step = recall.step
    version = recall.version or (step and (step.version or step.claim.current_version))
    return version.words.hashtag(language) if version else ""


def link_of(recall: Recall) -> str:
    """Return the public address where the news stands, in the active language."""
    if recall.version:
        return settings.PUBLIC_URL + reverse("website:bulletin", args=[recall.version.bulletin.number])
    assert recall.step is not None
    return settings.PUBLIC_URL + reverse("short_fact", args=[recall.step.claim.main_id])


def fitted(text: str, short: str, link: str, hashtag: str, platform: str, limits: Limits) -> str:
    """Return the longest of the ways to say it that fits a platform; the short sentence when none does."""
    stops = [
        one
        for one in platform_limits.limits_of(platform, "caption", limits)[0]
        if one.counted_in in platform_texts.LIVE_UNITS
    ]
    for tried in text_variants(text.strip(), short, link, hashtag):
        if all(character_counts.length(tried, one.counted_in) <= one.limit for one in stops):
            return tried
    return short


def text_variants(text: str, short: str, link: str, hashtag: str) -> Iterator[str]:
    """Yield the ways to say it, the fullest first."""
    end = link if link not in text else ""
    tag = hashtag if hashtag and hashtag not in text else ""
    yield joined(text, f"{end}\n{tag}".strip())
    yield joined(text, end)
    yield text
    said: Sequence[str] = sentences(text)
    for count in range(len(said) - 1, 0, -1):
        yield joined(" ".join(said[:count]), end)
    yield joined(short, end)


def joined(text: str, end: str) -> str:
    """Return a text with its end below it."""
    return f"{text}\n\n{end}" if end else text
