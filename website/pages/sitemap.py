"""The map of the site for search engines: what stands, where, in which languages, and when it last changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Prefetch, Q
from django.urls import reverse
from django.utils.translation import override

from bulletins.models import PublishedEdition, Version
from campaigns.http.machine_responses import languages_of
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from questions.answers.published_answers import answers_of
from stories.models import Commission, Contribution, CourseVersion, Prompt, Story

MOST_ADDRESSES = 10_000  # in one file; the format allows 50,000

# The pages that are always there.
STANDING = (
    "home",
    "website:archive",
    "factcheck:claims",
    "website:answers",
    "website:help",
    "website:feeds",
    "subscriptions:subscribe",
    "website:check",
    "website:about",
    "website:corrections",
    "website:accessibility",
    "website:privacy",
    "factcheck:policy",
    "factcheck:corrections",
)

# {page of one: the list that it is on}
LISTS = {
    "courses:course": "courses:courses",
    "contributions:prompt": "contributions:prompts",
    "commissions:work": "commissions:works",
    "stories:story": "stories:wall",
}


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A page in the languages that it is in, and when it last changed (None: nobody knows)."""

    name: str
    arguments: tuple[Any, ...]
    languages: tuple[str, ...]
    changed_at: datetime | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """{language code: absolute address}."""
        found = {}
        for code in self.languages:
            with override(code):
                found[code] = settings.PUBLIC_URL + reverse(self.name, args=self.arguments)
        return found


def sitemap_pages(campaign: Campaign | None, *, at: datetime) -> list[SitemapPage]:
    """
    Return every page that search engines may list at `at`: nothing that waits, was withdrawn or replaced. Eight queries, nine where
    there are stories, however many there are.
    """
    if campaign is None:
        return []
    languages = tuple(row.code for row in languages_of(campaign))
    names = [*STANDING, "website:status"] if campaign.has_status_page else STANDING
    standing = [SitemapPage(name, (), languages) for name in names]
    return [
        *standing,
        *bulletins(campaign, languages, at=at),
        *answers(campaign, languages, at=at),
        *facts(campaign, languages),
        *of_others(campaign, languages, at=at),
    ]


def bulletins(campaign: Campaign, languages: tuple[str, ...], *, at: datetime) -> Iterator[SitemapPage]:
    """Yield the bulletins that stand, each in the languages that it has an edition in."""
    codes = Prefetch("editions", PublishedEdition.objects.only("version", "language"))
    for version in Version.objects.current(campaign, at=at).prefetch_related(codes):
        own = {edition.language for edition in version.editions.all()}
        if not version.is_retracted and own:
            there = tuple(code for code in languages if code in own)
            yield SitemapPage("website:bulletin", (version.bulletin.number,), there, version.published_at)


def answers(campaign: Campaign, languages: tuple[str, ...], *, at: datetime) -> Iterator[SitemapPage]:
    """Yield the answers that stand and everyone may read."""
    for answer in answers_of(campaign, at=at):
        yield SitemapPage("website:answer", (answer.group.slug,), languages, answer.published_at)


def facts(campaign: Campaign, languages: tuple[str, ...]) -> Iterator[SitemapPage]:
    """Yield the fact-checks that stand."""
    standing = ClaimVersion.objects.in_force().filter(claim__campaign=campaign).select_related("claim")
    for version in standing.order_by("-published_at", "-pk"):
        yield SitemapPage("factcheck:claim", (version.slug,), languages, version.published_at)


def of_others(campaign: Campaign, languages: tuple[str, ...], *, at: datetime) -> Iterator[SitemapPage]:
    """
    Yield what others bring to a campaign and anyone may see: stories, courses, prompts with what people sent, commissioned works. A list of
    them is there as long as there is something on it.
    """
    last = Max("contributions__decided_at", filter=Q(contributions__state=Contribution.State.SHOWN))
    every = {
        "courses:course": CourseVersion.objects.shown(campaign).values_list("course__slug", "checked_at"),
        "contributions:prompt": Prompt.objects.begun(campaign, at=at).annotate(last=last).values_list("slug", "last"),
        "commissions:work": Commission.objects.done(campaign, at=at).values_list("pk", "published_at"),
    }
    if campaign.has_stories:
        every["stories:story"] = Story.objects.shown(campaign).values_list("key", "published_at")
    for name, rows in every.items():
        for place, (argument, changed_at) in enumerate(rows):
            if not place:
                yield SitemapPage(LISTS[name], (), languages)
            yield SitemapPage(name, (argument,), languages, changed_at)


def sheets(found: list[SitemapPage]) -> list[list[SitemapPage]]:
    """Return the places in parts of at most MOST_ADDRESSES addresses, at least one part."""
    parts: list[list[SitemapPage]] = [[]]
    room = MOST_ADDRESSES
    for place in found:
        if len(place.languages) > room:
            parts.append([])
            room = MOST_ADDRESSES
        parts[-1].append(place)
        room -= len(place.languages)
    return parts
