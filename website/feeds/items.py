"""What the feeds tell: the newest bulletins and answers, each as it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Bulletin, Version
from bulletins.reader_view import published_versions
from campaigns.http.machine_responses import writable
from campaigns.http.machine_values import address
from campaigns.models import Campaign, Topic
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language, language_shown
from questions.answers import answer_workflow, published_answers
from questions.models import Answer, AnswerVersion

NEWEST = 50

PUBLISHED, CORRECTED, WITHDRAWN = "published", "corrected", "withdrawn"
OF_BULLETIN = {Bulletin.Kind.CORRECTION: CORRECTED, Bulletin.Kind.RETRACTION: WITHDRAWN}
OF_ANSWER = {AnswerVersion.Kind.CORRECTION: CORRECTED, AnswerVersion.Kind.WITHDRAWAL: WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Item:
    """
    A bulletin or an answer in one language. `key` is its name for good in its campaign ("bulletins/12"); `version` counts
    its versions, the one that stands being of `updated`. `changed` is when what is said here last changed: something may
    have ended since. `topics` are {short name: name}. `html` is clean; of what is withdrawn it holds the reason only.
    """

    key: str
    version: int
    state: str
    url: str
    title: str
    summary: str
    html: str
    language: str
    kind: str
    topics: dict[str, str]
    published: datetime
    updated: datetime
    changed: datetime


def newest(campaign: Campaign, *, language: str, at: datetime, topic: Topic | None = None) -> list[Item]:
    """
    Return the bulletins and answers that changed last, the latest first, at most NEWEST; about a topic if one is given.
    Three queries.
    """
    with override(language), timezone.override(campaign.zone):
        items = [of_version(version, campaign, language, at=at) for version in versions(campaign, topic, at=at)]
        items += [of_answer(answer, campaign, language, at=at) for answer in answers(campaign, topic, at=at)]
    return sorted(items, key=lambda item: (item.updated, item.key), reverse=True)[:NEWEST]


def changed_at(campaign: Campaign, items: Iterable[Item]) -> datetime:
    """Return when a feed of these last changed, the campaign's first day if it holds nothing."""
    return max([campaign.begins_at, *(item.changed for item in items)])


def tag(campaign: Campaign, name: str) -> str:
    """
    Return a name for good (RFC 4151) of something in a campaign. The next campaign has a bulletin 1 at the same address,
    which is another one.
    """
    host = urlsplit(settings.PUBLIC_URL).hostname
    return f"tag:{host},{campaign.starts_on.isoformat()}:{campaign.slug}/{name}"


# --- Bulletins -------------------------------------------------------------------------------------


def versions(campaign: Campaign, topic: Topic | None, *, at: datetime) -> list[Version]:
    """Return the versions that stand, those that were published last first; two queries."""
    # The topics with which it was published are the mail's: those of the bulletin are being worked on.
    found = Version.objects.current(campaign, at=at)
    if topic is not None:
        found = found.filter(mailing__topics=topic)
    found = found.prefetch_related("editions")
    return list(found.order_by("-published_at", "-pk")[:NEWEST])


def of_version(version: Version, campaign: Campaign, language: str, *, at: datetime) -> Item:
    """Return a version as an item, in the active language."""
    number, state = version.bulletin.number, OF_BULLETIN.get(Bulletin.Kind(version.kind), PUBLISHED)
    shown = published_versions.read(version, language=language, fallback=campaign.default_language, at=at)
    words, is_urgent = version.what_changed, False
    if state == WITHDRAWN or shown is None:
        title, summary = _("Bulletin %(number)s has been withdrawn") % {"number": number}, in_language(words, language)
        spoken, ends = language, []
    else:
        title, summary, spoken = shown.edition.title, shown.edition.lead, shown.edition.language
        ends = [one.valid_until for one in shown.expired if one.valid_until]
        is_urgent = version.is_urgent and not shown.is_over
    url = address("website:bulletin", number, language=language)
    context = {"version": version, "reading": shown, "state": state, "url": url, "campaign": campaign}
    return Item(
        key=f"bulletins/{number}",
        version=version.number,
        state=state,
        url=url,
        title=writable(marked(_("Urgent: %(subject)s") % {"subject": title} if is_urgent else title, campaign)),
        summary=writable(summary),
        html=writable(render_to_string("website/feeds/_feed_bulletin.html", context)),
        language=spoken,
        kind=_("Bulletin"),
        topics=named(version.words, language),
        published=version.first_published_at,
        updated=version.published_at,
        changed=max([version.published_at, *ends]),
    )


# --- Answers ---------------------------------------------------------------------------------------


def answers(campaign: Campaign, topic: Topic | None, *, at: datetime) -> list[Answer]:
    """Return the answers that everyone may read, those that were published last first; one query."""
    first = AnswerVersion.objects.filter(answer=OuterRef("pk")).order_by("number").values("published_at")[:1]
    found = published_answers.listed_answers(campaign, at=at).select_related("group", "current_version")
    if topic is not None:
        found = found.filter(group__topic=topic)
    return list(found.annotate(first_at=Subquery(first))[:NEWEST])


def of_answer(answer: Answer, campaign: Campaign, language: str, *, at: datetime) -> Item:
    """Return an answer as an item, in the active language."""
    row = published_answers.read_answer(answer, at=at)
    version = row.version
    state = OF_ANSWER.get(AnswerVersion.Kind(version.kind), PUBLISHED)
    url = address("website:answer", answer.group.slug, language=language)
    context = {"row": row, "state": state, "url": url, "campaign": campaign}
    # A first version is everyone's only when people who asked have had their head start.
    wait = answer_workflow.head_start(version.kind, version.number)
    first: datetime = answer.first_at  # type: ignore[attr-defined]  # answers() put it there
    title, words = in_language(version.question, language), version.text
    if state == WITHDRAWN:
        title, words = _("Answer withdrawn: %(question)s") % {"question": title}, version.what_changed
    return Item(
        key=f"answers/{answer.group.slug}",
        version=version.number,
        state=state,
        url=url,
        title=writable(marked(title, campaign)),
        summary=writable(in_language(words, language)),
        html=writable(render_to_string("website/feeds/_feed_answer.html", context)),
        language=language_shown(words, language) or language,
        kind=_("Answer"),
        topics=named(version.words, language),
        published=first + wait if version.number == 1 else first,
        updated=version.published_at + wait,
        changed=max(
            [version.published_at + wait, *([version.valid_until] if row.is_over and version.valid_until else [])]
        ),
    )


# --- Both ------------------------------------------------------------------------------------------


def marked(title: str, campaign: Campaign) -> str:
    """Return a title that says of an exercise that it is one: it is read without the page's band."""
    return _("Exercise: %(name)s") % {"name": title} if campaign.is_exercise else title


def named(printed: PrintedWords, language: str) -> dict[str, str]:
    """Return {short name: name} of the topics that something was published with, in a language."""
    return {topic.key: writable(topic.in_language(language)) for topic in printed.topics}
