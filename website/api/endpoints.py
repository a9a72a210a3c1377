"""What newsrooms read: everything published, in all languages, without a token. docs/using/api/reading.md says how to use it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from bulletins.intake.api_requests import MARKED, Refused
from bulletins.intake.api_schemas import Moment, Problem
from bulletins.models import Bulletin, MessageInput, PublishedEdition, Urgency, Version
from campaigns.http.machine_responses import languages_of, serve, with_languages
from campaigns.http.machine_values import address
from campaigns.models import Authority, Campaign
from factcheck.models import Claim, ClaimStep
from factcheck.models.claims import Verdict
from factcheck.publication import feeds
from questions.answers import answer_workflow, published_answers
from questions.models import Answer, AnswerVersion
from stories.models import OfferVersion, Story
from stories.wall import shown_stories
from website.feeds import help_feeds, story_feeds

from . import schemas, serializers

router = Router(tags=["What is published"])

READ = ["GET", "HEAD"]
PER_PAGE, MOST = 50, 100
HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "Send it back as If-None-Match: unchanged is 304."},
    "Last-Modified": {"schema": {"type": "string"}, "description": "Send it back as If-Modified-Since."},
    "Link": {"schema": {"type": "string"}, "description": "Pages before and after: rel=prev, rel=next (RFC 8288)."},
}


def answers(schema: Any) -> dict[str, Any]:
    """Return what the description says of the answers to a request."""
    codes: dict[Any, Any] = {200: schema, 304: None, 404: Problem, 422: Problem}
    told = {200: {"headers": HEADERS}, 304: {"description": "You have it already."}}
    return {"response": codes, "openapi_extra": {"responses": told}}


# --- What may be asked -----------------------------------------------------------------------------------------


class Asked(Schema):
    """What every request may ask for."""

    language: Annotated[str, Field(description="Only this language of the campaign, for example fi.")] = ""


class CampaignAsked(Asked):
    """What every request that is not about one thing may ask for."""

    campaign: Annotated[
        str, Field(description="An earlier campaign, by its short name. Without it, the one that the site shows.")
    ] = ""


class ListAsked(CampaignAsked):
    """What every list may be asked for."""

    topic: Annotated[str, Field(description="Only this topic: a short name that /campaign lists.")] = ""
    since: Annotated[
        Moment | None,
        Field(description="Only what was published, corrected or withdrawn at this moment or later, with its offset."),
    ] = None
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=MOST)] = PER_PAGE


class BulletinsAsked(ListAsked):
    """What the list of bulletins may be asked for."""

    urgency: Annotated[Urgency | None, Field(description="Only bulletins of this urgency.")] = None


class WaysToHelpAsked(ListAsked):
    """What the list of ways to help may be asked for."""

    since: Annotated[
        Moment | None, Field(description="Only what was checked at this moment or later, with its offset.")
    ] = None
    minutes: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="Only what takes at most so many minutes.")
    ] = None


class StoriesAsked(CampaignAsked):
    """What the list of stories may be asked for."""

    theme: Annotated[str, Field(description="Only this theme, by its short name.")] = ""
    region: Annotated[str, Field(description="Only this region, by its code, for example MK01.")] = ""
    since: Annotated[
        Moment | None, Field(description="Only what was published at this moment or later, with its offset.")
    ] = None
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=MOST)] = PER_PAGE


class ClaimsAsked(ListAsked):
    """What the list of fact-checks may be asked for."""

    verdict: Annotated[Verdict | None, Field(description="Only those that stand with this verdict.")] = None


def languages_asked(campaign: Campaign, asked: Asked) -> list[str]:
    """Return the codes of the languages to tell, or refuse one that the campaign has not."""
    if isinstance(asked, CampaignAsked) and asked.campaign not in {"", campaign.slug}:
        raise Refused(422, MARKED, {"campaign": [_("There is no published campaign with this name.")]})
    codes = [row.code for row in languages_of(campaign)]
    if asked.language and asked.language not in codes:
        says = _("The campaign does not have this language. It has %(codes)s.") % {"codes": ", ".join(codes)}
        raise Refused(422, MARKED, {"language": [says]})
    return [asked.language] if asked.language else codes


def refuse_unknown_topic(campaign: Campaign, asked: ListAsked) -> None:
    """Refuse a topic that the campaign has not; one query when one is asked for."""
    if asked.topic and asked.topic not in set(campaign.topics.values_list("slug", flat=True)):
        raise Refused(422, MARKED, {"topic": [_("Unknown: %(names)s.") % {"names": asked.topic}]})


def page_of(rows: QuerySet[Any], asked: ListAsked | StoriesAsked) -> Page[Any]:
    """Return the page that is asked for; one that does not exist is an end that machines notice: 404."""
    try:
        return Paginator(rows, asked.per_page).page(asked.page)
    except InvalidPage as fault:
        raise Refused(404, _("There is no page with this number.")) from fault


def not_published() -> Refused:
    """Return the refusal of what is not published."""
    return Refused(404, _("Nothing is published at this address."))


# --- How it is answered ------------------------------------------------------------------------------------------


def conditional_response(
    request: HttpRequest, found: dict[str, Any], changed: datetime, *, links: Iterable[str] = ()
) -> HttpResponse:
    """Return data that last changed at `changed`, or 304 to whoever has it already."""
    written = json.dumps(found, ensure_ascii=False)  # without line breaks, which cost several times as long
    return serve(request, written, "application/json", changed, links=links)


def neighbours(request: HttpRequest, page: Page[Any]) -> list[str]:
    """Return links to the pages before and after, with all that was asked for (RFC 8288)."""
    asked = {name: value for name, value in request.GET.items() if name != "page"}
    numbers = [("prev", page.previous_page_number())] if page.has_previous() else []
    numbers += [("next", page.next_page_number())] if page.has_next() else []
    where = settings.PUBLIC_URL + request.path
    return [f'<{where}?{urlencode(asked | {"page": number})}>; rel="{rel}"' for rel, number in numbers]


def frame(campaign: Campaign, page: Page[Any] | None = None) -> dict[str, Any]:
    """Return what stands around every list."""
    here = {"campaign": campaign.slug, "exercise": campaign.is_exercise}
    if page is None:
        return here
    return here | {"count": page.paginator.count, "page": page.number, "pages": page.paginator.num_pages}


# --- The campaign -------------------------------------------------------------------------------------------------


@router.api_operation(
    READ,
    "/campaign",
    url_name="campaign",
    summary="The campaign: languages, topics, authorities",
    **answers(schemas.CampaignOut),
)
def campaign(request: HttpRequest, asked: Query[CampaignAsked]) -> Any:
    """Return what the site is about now. Its `topics` are what lists can be asked for."""
    current, now = with_languages(request), timezone.now()
    codes = languages_asked(current, asked)
    out = Bulletin.objects.filter(Exists(Version.objects.published(at=now).filter(bulletin=OuterRef("pk"))))
    gave = MessageInput.objects.filter(campaign=current, bulletins__in=out).values("authority")
    answered = published_answers.answers_of(current, at=now).order_by().values("authority")
    found = {
        **frame(current),
        "starts_on": current.starts_on.isoformat(),
        "default_language": current.default_language,
        "languages": [
            {
                "code": row.code,
                "name": row.name,
                "summary": row.summary,
                "hashtag": row.hashtag,
                "publisher": row.sender_name,
            }
            for row in languages_of(current)
            if row.code in codes
        ],
        "topics": [{"slug": one.slug, "name": serializers.spoken(one.name, codes)} for one in current.topics.all()],
        "authorities": [
            serializers.of_authority(one, codes)
            for one in Authority.objects.filter(Q(pk__in=gave) | Q(pk__in=answered))
        ],
        "urls": {code: address("home", language=code) for code in codes},
    }
    return conditional_response(
        request, found, now, links=[f'<{serializers.here("api:openapi-json")}>; rel="service-desc"']
    )


# --- Bulletins ----------------------------------------------------------------------------------------------------


def bulletins_changed(current: Campaign, *, at: datetime) -> datetime:
    """Return when a bulletin was last published, corrected or withdrawn; one query."""
    versions = Version.objects.published(at=at).filter(bulletin__campaign=current)
    return versions.aggregate(last=Max("published_at"))["last"] or current.begins_at


def claims_of(versions: Sequence[Version]) -> dict[int, str]:
    """Return the short names of the fact-checks of versions that have a page, by key; one query."""
    keys = {key for one in versions for edition in one.editions.all() for key in edition.content.get("claims", [])}
    return dict(Claim.objects.visible().filter(pk__in=keys).values_list("pk", "slug"))


def versions_of(current: Campaign, number: int, *, at: datetime) -> list[Version]:
    """Return the published versions of a bulletin, the newest first, or answer 404; four queries."""
    found = (
        Version.objects.published(at=at)
        .filter(bulletin__campaign=current, bulletin__number=number)
        .select_related("bulletin", "mailing")
        .prefetch_related("editions", "mailing__topics")
        .order_by("-number")
    )
    if not found:
        raise not_published()
    return list(found)


@router.api_operation(
    READ, "/bulletins", url_name="bulletins", summary="List bulletins", **answers(schemas.BulletinsOut)
)
def bulletins(request: HttpRequest, asked: Query[BulletinsAsked]) -> Any:
    """
    Return the bulletins as they hold now, without their texts, what was published, corrected or withdrawn last first. A
    withdrawn one stays in the list with the reason, so that it can be taken down.
    """
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    refuse_unknown_topic(current, asked)
    rows = Version.objects.current(current, at=now).order_by("-published_at", "-pk")
    if asked.topic:
        rows = rows.filter(mailing__topics__slug=asked.topic)
    if asked.since:
        rows = rows.filter(published_at__gte=asked.since)
    if asked.urgency:
        rows = rows.filter(urgency=asked.urgency)
    page = page_of(rows.values_list("pk", flat=True), asked)  # the keys alone: they are sorted in no time
    short = PublishedEdition.objects.defer("html", "body")
    whole = Version.objects.select_related("bulletin", "mailing")
    at_hand = whole.prefetch_related(Prefetch("editions", short), "mailing__topics").in_bulk(list(page))
    versions = [at_hand[key] for key in page]
    claims = claims_of(versions)
    found = [serializers.of_version(one, one, languages=languages, claims=claims) for one in versions]
    changed = bulletins_changed(current, at=now)
    return conditional_response(
        request, frame(current, page) | {"bulletins": found}, changed, links=neighbours(request, page)
    )


@router.api_operation(
    READ, "/bulletins/{int:number}", url_name="bulletin", summary="One bulletin", **answers(schemas.BulletinOut)
)
def bulletin(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Return a bulletin as it holds now, in all its languages, and which versions it has."""
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    versions = versions_of(current, number, at=now)
    newest, claims = versions[0], claims_of(versions)
    found = serializers.of_version(newest, newest, languages=languages, claims=claims, whole=True)
    found["exercise"] = current.is_exercise
    found["versions"] = [
        serializers.of_version(one, newest, languages=languages, claims=claims, editions=False) for one in versions
    ]
    return conditional_response(request, found, newest.published_at)


@router.api_operation(
    READ,
    "/bulletins/{int:number}/versions",
    url_name="bulletin_versions",
    summary="The versions of a bulletin",
    **answers(schemas.VersionsOut),
)
def bulletin_versions(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Return all versions of a bulletin, the newest first, without their texts. Once it is withdrawn none has words."""
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    versions = versions_of(current, number, at=now)
    claims = claims_of(versions)
    found = [serializers.of_version(one, versions[0], languages=languages, claims=claims) for one in versions]
    return conditional_response(request, frame(current) | {"versions": found}, versions[0].published_at)


@router.api_operation(
    READ,
    "/bulletins/{int:number}/versions/{int:version}",
    url_name="bulletin_version",
    summary="One version of a bulletin",
    **answers(schemas.OneVersionOut),
)
def bulletin_version(request: HttpRequest, number: int, version: int, asked: Query[Asked]) -> Any:
    """Return what a bulletin said in a version, and whether it still does."""
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    versions = versions_of(current, number, at=now)
    one = next((one for one in versions if one.number == version), None)
    if one is None:
        raise not_published()
    found = serializers.of_version(one, versions[0], languages=languages, claims=claims_of([one]), whole=True)
    return conditional_response(request, found | {"exercise": current.is_exercise}, versions[0].published_at)


# --- Questions ----------------------------------------------------------------------------------------------------


def answers_changed(current: Campaign, *, at: datetime) -> datetime:
    """
    Return when an answer last changed for everyone: a first one after people who asked had their head start; one query.
    """
    wait = answer_workflow.head_start(AnswerVersion.Kind.ORIGINAL)
    versions = AnswerVersion.objects.filter(answer__group__campaign=current, published_at__lte=at)
    first = Q(kind=AnswerVersion.Kind.ORIGINAL, number=1)
    last = versions.aggregate(
        first=Max("published_at", filter=first & Q(published_at__lte=at - wait)),
        later=Max("published_at", filter=~first),
        over=Max("valid_until", filter=Q(valid_until__lte=at)),
    )
    public = last["first"] + wait if last["first"] else None
    return max(one for one in (current.begins_at, public, last["later"], last["over"]) if one)


def public_answers(current: Campaign, *, at: datetime) -> QuerySet[Answer]:
    """
    Return the answers that everyone may read, those that changed last first, each with when it was `first` published.
    """
    versions = AnswerVersion.objects.filter(answer=OuterRef("pk")).order_by("number").values("published_at")[:1]
    return (
        published_answers.listed_answers(current, at=at)
        .select_related("group__topic")
        .annotate(first=Subquery(versions))
    )


@router.api_operation(
    READ, "/questions", url_name="questions", summary="List answered questions", **answers(schemas.QuestionsOut)
)
def questions(request: HttpRequest, asked: Query[ListAsked]) -> Any:
    """
    Return the questions that an authority has answered, with the answers. Those whose answer was published, corrected or
    withdrawn last come first.
    """
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    refuse_unknown_topic(current, asked)
    rows = public_answers(current, at=now)
    if asked.topic:
        rows = rows.filter(group__topic__slug=asked.topic)
    if asked.since:
        rows = rows.filter(answer_workflow.public_since(asked.since))
    page = page_of(rows, asked)
    found = [current_answer(one, languages, at=now) for one in page]
    changed = answers_changed(current, at=now)
    return conditional_response(
        request, frame(current, page) | {"questions": found}, changed, links=neighbours(request, page)
    )


def current_answer(answer: Answer, languages: Sequence[str], *, at: datetime) -> dict[str, Any]:
    """Return the version of an answer that stands."""
    version = answer.current_version
    assert version is not None  # listed_answers() gives no others
    version.answer = answer
    return answer_data(version, [version], languages, at=at)


def answer_data(
    version: AnswerVersion, versions: Sequence[AnswerVersion], languages: Sequence[str], *, at: datetime
) -> dict[str, Any]:
    """Return a version of an answer out of those that are at hand, the newest first."""
    return serializers.of_answer(
        version,
        versions[0],
        first=version.answer.first,  # type: ignore[attr-defined]  # public_answers() puts it there
        languages=languages,
        withdrawal=withdrawal_of(version, versions),
        at=at,
    )


def withdrawal_of(version: AnswerVersion, versions: Sequence[AnswerVersion]) -> AnswerVersion | None:
    """Return what says why a version was withdrawn, out of those at hand: words that followed count before the first ones."""
    found = None
    for one in sorted(versions, key=lambda one: one.number):
        if one.number >= version.number and one.kind == AnswerVersion.Kind.WITHDRAWAL:
            found = one
        elif found:
            break
    return found


def answer_versions(current: Campaign, slug: str, languages: Sequence[str], *, at: datetime) -> list[dict[str, Any]]:
    """Return the versions of an answer, the newest first, or answer 404; two queries."""
    answer = public_answers(current, at=at).filter(group__slug=slug).first() if "\0" not in slug else None
    if answer is None:
        raise not_published()
    versions = list(answer.versions.filter(published_at__lte=at).order_by("-number"))
    for one in versions:
        one.answer = answer
    return [answer_data(one, versions, languages, at=at) for one in versions]


@router.api_operation(
    READ, "/questions/{slug}", url_name="question", summary="One answered question", **answers(schemas.OneAnswerOut)
)
def question(request: HttpRequest, slug: str, asked: Query[Asked]) -> Any:
    """Return a question with the answer as it holds now."""
    current, now = with_languages(request), timezone.now()
    newest = answer_versions(current, slug, languages_asked(current, asked), at=now)[0]
    return conditional_response(request, newest | {"exercise": current.is_exercise}, answers_changed(current, at=now))


@router.api_operation(
    READ,
    "/questions/{slug}/versions",
    url_name="question_versions",
    summary="The versions of an answer",
    **answers(schemas.AnswerVersionsOut),
)
def question_versions(request: HttpRequest, slug: str, asked: Query[Asked]) -> Any:
    """Return all versions of an answer, the newest first. Those that were withdrawn have no words."""
    current, now = with_languages(request), timezone.now()
    found = answer_versions(current, slug, languages_asked(current, asked), at=now)
    return conditional_response(request, frame(current) | {"versions": found}, answers_changed(current, at=now))


@router.api_operation(
    READ,
    "/questions/{slug}/versions/{int:version}",
    url_name="question_version",
    summary="One version of an answer",
    **answers(schemas.OneAnswerOut),
)
def question_version(request: HttpRequest, slug: str, version: int, asked: Query[Asked]) -> Any:
    """Return what an answer said in a version, and whether it still does."""
    current, now = with_languages(request), timezone.now()
    versions = answer_versions(current, slug, languages_asked(current, asked), at=now)
    found = next((one for one in versions if one["version"] == version), None)
    if found is None:
        raise not_published()
    return conditional_response(request, found | {"exercise": current.is_exercise}, answers_changed(current, at=now))


# --- Ways to help -------------------------------------------------------------------------------------------------


def ways_shown(current: Campaign, *, at: datetime) -> QuerySet[OfferVersion]:
    """Return the ways to help that hold, what was checked last first."""
    shown = OfferVersion.objects.shown(current, at=at).select_related("region", "topic")
    return shown.order_by("-checked_at", "-pk")


@router.api_operation(
    READ, "/ways-to-help", url_name="ways_to_help", summary="List ways to help", **answers(schemas.WaysToHelpOut)
)
def ways_to_help(request: HttpRequest, asked: Query[WaysToHelpAsked]) -> Any:
    """
    Return the ways to help that hold now, what was checked last first. What is over or withdrawn is not in the list any more: read it
    again before you pass one on.
    """
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    refuse_unknown_topic(current, asked)
    rows = ways_shown(current, at=now)
    if asked.topic:
        rows = rows.filter(topic__slug=asked.topic)
    if asked.since:
        rows = rows.filter(checked_at__gte=asked.since)
    if asked.minutes:
        rows = rows.filter(minutes__lte=asked.minutes)
    page = page_of(rows, asked)
    found = [serializers.of_way_to_help(one, languages) for one in page]
    changed = help_feeds.changed_at(current, at=now)
    return conditional_response(
        request, frame(current, page) | {"ways_to_help": found}, changed, links=neighbours(request, page)
    )


@router.api_operation(
    READ,
    "/ways-to-help/{int:pk}",
    url_name="way_to_help",
    summary="One way to help",
    **answers(schemas.OneWayToHelpOut),
)
def way_to_help(request: HttpRequest, pk: int, asked: Query[Asked]) -> Any:
    """Return a way to help that holds now."""
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    one = ways_shown(current, at=now).filter(offer=pk).first()
    if one is None:
        raise not_published()
    found = serializers.of_way_to_help(one, languages) | {"exercise": current.is_exercise}
    return conditional_response(request, found, help_feeds.changed_at(current, at=now))


# --- Stories ------------------------------------------------------------------------------------------------------


@router.api_operation(
    READ, "/stories", url_name="stories", summary="List stories of municipalities", **answers(schemas.StoriesOut)
)
def stories(request: HttpRequest, asked: Query[StoriesAsked]) -> Any:
    """
    Return the stories that anyone may see, the newest first. One that was withdrawn, or in which somebody has taken their consent back, is
    not in the list any more: read it again before you show one, and take down what is gone.
    """
    current = with_languages(request)
    languages = languages_asked(current, asked)
    rows = Story.objects.shown(current)
    if asked.theme:
        rows = rows.filter(themes__slug=asked.theme)
    if asked.region:
        rows = rows.filter(municipality__region__code=asked.region)
    if asked.since:
        rows = rows.filter(published_at__gte=asked.since)
    page = page_of(shown_stories.with_all(rows), asked)
    found = [serializers.of_story(row, languages) for row in shown_stories.read_all(page)]
    changed = story_feeds.changed_at(current)
    return conditional_response(
        request, frame(current, page) | {"stories": found}, changed, links=neighbours(request, page)
    )


@router.api_operation(
    READ, "/stories/{slug:story}", url_name="story", summary="One story", **answers(schemas.OneStoryOut)
)
def one_story(request: HttpRequest, story: str, asked: Query[Asked]) -> Any:
    """Return a story that anyone may see."""
    current = with_languages(request)
    languages = languages_asked(current, asked)
    one = shown_stories.with_all(Story.objects.shown(current)).filter(key=story).first()
    if one is None:
        raise not_published()
    found = serializers.of_story(shown_stories.read(one), languages) | {"exercise": current.is_exercise}
    return conditional_response(request, found, story_feeds.changed_at(current))


# --- Claims -------------------------------------------------------------------------------------------------------


@router.api_operation(READ, "/claims", url_name="claims", summary="List fact-checks", **answers(schemas.ClaimsOut))
def claims(request: HttpRequest, asked: Query[ClaimsAsked]) -> Any:
    """
    Return the fact-checks, what was published or corrected last first. One that is paused, withdrawn or merged stays in the
    list without its words, so that it can be taken down.
    """
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    refuse_unknown_topic(current, asked)
    rows = feeds.every(current)
    if asked.topic:
        rows = rows.filter(topics__slug=asked.topic)
    if asked.since:
        news = ClaimStep.objects.filter(claim=OuterRef("pk"), kind__in=feeds.PUBLIC_STEPS, at__gte=asked.since)
        rows = rows.filter(Exists(news))
    if asked.verdict:
        rows = rows.filter(pk__in=Claim.objects.published().order_by(), current_version__verdict=asked.verdict)
    page = page_of(rows, asked)
    found = feeds.all_as_plain(list(page), languages, at=now)
    changed = feeds.changed_at(current, at=now)
    return conditional_response(
        request, frame(current, page) | {"claims": found}, changed, links=neighbours(request, page)
    )


@router.api_operation(
    READ,
    "/claims/{slug}",
    url_name="claim",
    summary="One fact-check",
    **answers(schemas.OneStandingClaimOut | schemas.OneEndedClaimOut),
)
def claim(request: HttpRequest, slug: str, asked: Query[Asked]) -> Any:
    """Return a fact-check: fact, verdict, sources, where the claim was seen, and all versions."""
    current, now = with_languages(request), timezone.now()
    languages = languages_asked(current, asked)
    rows = feeds.every(current).filter(slug=slug)[:1] if "\0" not in slug else []
    found = feeds.all_as_plain(list(rows), languages, at=now)
    if not found:
        raise not_published()
    return conditional_response(
        request, found[0] | {"exercise": current.is_exercise}, feeds.changed_at(current, at=now)
    )
