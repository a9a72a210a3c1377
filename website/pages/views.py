"""The public pages of bulletins and answers."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from bulletins.editing import diff
from bulletins.media import message_cards
from bulletins.models import Version
from bulletins.reader_view import next_words, published_fact_checks, published_versions
from campaigns.cards import check_codes
from campaigns.http import card_responses
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from campaigns.models import Campaign, ReadingLevel
from lib.images.picture_sizes import Ratio
from lib.images.shared_cards import Picture
from lib.text.characters import spoken_codes
from lib.text.languages import spoken_languages
from lib.text.languages.languages import page_language
from questions.answers import answer_cards, published_answers
from questions.models import AnswerVersion
from stories.ways_to_help import shown_offers
from website.search.views import show_found
from website.subscription_pages.forms import SubscribeForm

from . import archive_choices, ended_campaign, front_page, jsonld, topic_choices

PER_PAGE = 20
RECENT = timedelta(days=7)  # for so long an answer counts as recently given


@require_safe
@cached_page()
def home(request: CampaignRequest) -> HttpResponse:
    """Show the newest bulletin, what is true about claims in circulation, answers and older bulletins."""
    campaign, now, language = request.campaign, timezone.now(), page_language()
    context: dict[str, Any] = {"page": front_page.front_page(campaign, language=language, at=now)}
    if campaign is not None:
        newest = context["page"].newest
        context["data"] = jsonld.website(campaign, language=language)
        context["picture"] = newest and picture_of(newest, campaign)
        context["subscribe"] = SubscribeForm(campaign, at=now)
    else:
        context["ended"] = ended_campaign.last_ended(at=now)
    return render(request, "website/pages/home.html", context)


@require_safe
@cached_page("campaign", "topic", "month", "page", never=("q",))
def archive(request: CampaignRequest) -> HttpResponse:
    """List every published bulletin, the newest first; `topic` and `month` choose among them."""
    campaign, now = request.campaign, timezone.now()
    if campaign is None:
        return render(request, "website/pages/archive.html", {"page": None, "rows": []})
    shown = getattr(request, "shown_campaign", None)
    others = others_than(campaign) if getattr(shown, "has_others", True) else []
    if request.GET.get("q"):
        return show_found(request, campaign)
    chosen = {name: request.GET.get(name, "") for name in ("topic", "month")}
    choice = archive_choices.choose_from_archive(campaign, **chosen, at=now)
    versions = archive_choices.chosen(published_versions.listed(campaign, at=now), choice, campaign)
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    rows = published_versions.read_all(
        page.object_list, language=page_language(), fallback=campaign.default_language, at=now
    )
    return render(
        request, "website/pages/archive.html", {"page": page, "rows": rows, "choice": choice, "others": others}
    )


def others_than(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the other campaigns that readers have or had, the latest first, each with its `slug` and `name` by language."""
    rows = Campaign.objects.published().exclude(pk=campaign.pk).order_by("-published_at", "-pk")
    return [
        {"slug": one.slug, "name": {row.code: row.name for row in one.languages.all()}}
        for one in rows.prefetch_related("languages")
    ]


@require_safe
@cached_page("level")
def bulletin(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a bulletin says now."""
    return show_version(request, number, None)


@require_safe
@cached_page("level")
def version(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Show what a bulletin said in an earlier version, and that it no longer does."""
    return show_version(request, number, version)


def show_version(request: HttpRequest, number: int, version_number: int | None) -> HttpResponse:
    """Show one version of a bulletin; the words of a withdrawn one are gone, in every version."""
    campaign, now = campaign_or_404(request), timezone.now()
    versions = published_versions.versions_of(campaign, number, at=now)
    if not versions:
        raise Http404
    current = versions[0]
    shown = current if version_number is None else next((v for v in versions if v.number == version_number), None)
    if shown is None:
        raise Http404
    if version_number == current.number:
        return redirect("website:bulletin", number)
    canonical = reverse("website:bulletin", args=[number])
    is_old = shown is not current
    context = {"number": number, "current": current, "versions": versions, "is_old": is_old, "canonical": canonical}
    if current.is_retracted:
        return render(request, "website/pages/withdrawn.html", context)
    level = ReadingLevel.EASY if request.GET.get("level") == ReadingLevel.EASY else ReadingLevel.STANDARD
    what = published_versions.read(
        shown, language=page_language(), fallback=campaign.default_language, at=now, level=level
    )
    if what is None:
        raise Http404
    next_word = None if is_old else next_words.of_version(shown, at=now)
    context |= {
        "reading": what,
        "next_word": next_word,
        "claims": published_fact_checks.claims_with(what, at=now),
    } | addresses_of(what, canonical)
    if is_old:
        return render(request, "website/pages/bulletin.html", context | {"changes": changes(what, current)})
    before = versions[1] if current.is_corrected and len(versions) > 1 else None
    picture = picture_of(what, campaign, versions)
    context |= {
        "picture": picture,
        "data": jsonld.announcement(what, card=picture),
        "ways_to_help": ways_beside(campaign, shown, at=now),
    }
    return render(request, "website/pages/bulletin.html", context | {"changes": changes(what, before)})


def ways_beside(campaign: Campaign, version: Version, *, at: datetime) -> list[shown_offers.ShownOffer]:
    """Return the few ways to help that go with the topics and regions that a version was published with; a query at most."""
    topics = [one.key for one in version.words.topics]
    regions = [one.key for one in version.words.regions]
    return shown_offers.beside(campaign, topics=topics, regions=regions, at=at)


def addresses_of(what: published_versions.Reading, canonical: str) -> dict[str, Any]:
    """Return the languages that a bulletin's page is in, and its address: in the language and level that it shows."""
    if what.is_substitute and spoken_languages.is_spoken(what.edition.language):
        with override(what.edition.language):
            canonical = what.bulletin.get_absolute_url()
    if what.edition.reading_level == ReadingLevel.EASY and what.other_level:
        canonical += f"?level={ReadingLevel.EASY}"
    return {
        "canonical": canonical,
        "page_languages": {one.language for one in what.version.editions.all()},
        "easy_languages": published_versions.languages_in_easy(what.version),
        "reads_easy": what.is_easy and bool(what.other_level),
    }


def changes(what: published_versions.Reading, other: Version | None) -> list[diff.Difference]:
    """Return what differs between what is shown and another version in the same language, from the older to the newer."""
    same = {(one.language, one.reading_level): one for one in other.editions.all()} if other else {}
    found = same.get((what.edition.language, what.edition.reading_level))
    if other is None or found is None:
        return []
    older, newer = (found, what.edition) if other.number < what.version.number else (what.edition, found)
    return diff.between(older, newer)


def picture_of(what: published_versions.Reading, campaign: Campaign, versions: list[Version] | None = None) -> Any:
    """Return the card that stands for a bulletin's current version, None until it is made; `versions` when at hand."""
    now = timezone.now()
    all_of_it = versions or published_versions.versions_of(campaign, what.bulletin.number, at=now)
    return message_cards.shared_card(all_of_it[0], all_of_it, language=what.edition.language, at=now)


@require_safe
@cached_page("campaign", "topic", "page")
def answers(request: CampaignRequest) -> HttpResponse:
    """List the authorities' answers with what is said in their videos; `topic` chooses among them."""
    campaign, now = request.campaign, timezone.now()
    if campaign is None:
        return render(request, "website/pages/answers/answers.html", {"page": None})
    topics = topic_choices.topics_of(campaign, at=now)
    topic = next((one for one in topics if one.slug == request.GET.get("topic")), None)
    found = published_answers.listed_answers(campaign, at=now)
    page = Paginator(found.filter(group__topic=topic) if topic else found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [published_answers.read_answer(answer, at=now) for answer in page]
    context = {
        "page": page,
        "topics": topics,
        "topic": topic,
        "recent": [row for row in rows if row.version.published_at > now - RECENT],
        "earlier": [row for row in rows if row.version.published_at <= now - RECENT],
    }
    return render(request, "website/pages/answers/answers.html", context)


@require_safe
@cached_page()
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what an answer says now, who brought the question, and what changed."""
    return show_answer(request, slug, None)


@require_safe
@cached_page()
def answer_version(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Show what an answer said in an earlier version, and that it no longer does."""
    return show_answer(request, slug, version)


def show_answer(request: HttpRequest, slug: str, number: int | None) -> HttpResponse:
    """Show one version of an answer; the words of a withdrawn one are gone, in every version."""
    campaign, now = campaign_or_404(request), timezone.now()
    versions = published_answers.answer_versions(campaign, slug, at=now)
    shown = next((one for one in versions if number in {None, one.number}), None)
    if shown is None:
        raise Http404
    if number == versions[0].number or published_answers.is_gone(shown, versions):
        return redirect("website:answer", slug)
    row = published_answers.read_version(shown, at=now)
    rows = [(one, published_answers.is_gone(one, versions)) for one in versions]
    is_old = shown is not versions[0]
    context = {"row": row, "versions": rows, "current": versions[0], "is_old": is_old}
    context["canonical"] = reverse("website:answer", args=[slug])
    if not is_old:
        context["data"] = jsonld.question_page(row, language=page_language())
        if not (row.is_withdrawn or row.is_over):
            context["sharing"] = sharing(shown)
    return render(request, "website/pages/answers/answer.html", context)


def sharing(version: AnswerVersion) -> dict[str, Any]:
    """
    Return what is shared of an answer in a page's language: its words with who answered and until when it holds, where it can be checked,
    and its pictures with their text alternative where it has room on them; {} without words. Two queries.
    """
    language = in_language_of(version)
    if not language:
        return {}
    code = answer_cards.code_of(version, language)
    is_drawn = answer_cards.fits(version, language)
    return {
        "language": language,
        "words": answer_cards.shared_words(version, language),
        "check": check_codes.address(code)
        or f"{settings.PUBLIC_URL}{reverse('website:answer', args=[version.answer.group.slug])}",
        "code": spoken_codes.in_groups(code),
        "pictures": [answer_picture(version, language, ratio) for ratio in Ratio] if is_drawn else [],
        "alt": answer_cards.alt_text(version, language),
    }


def in_language_of(version: AnswerVersion) -> str:
    """Return the language in which a page shows an answer: its own, or the first that there is."""
    there = answer_cards.languages_of(version)
    return page_language() if page_language() in there else next(iter(there), "")


def answer_picture(version: AnswerVersion, language: str, ratio: Ratio) -> Picture:
    """Return the picture of an answer in a shape, as pages show it."""
    url = reverse("website:answer_card", args=[version.answer.group.slug, version.number, language, ratio.value])
    name = f"{version.answer.group.slug}-{language}-{ratio.value}.png"
    return Picture(ratio.value, url, f"{url}?small=1", name)


@require_safe
def answer_card(request: HttpRequest, slug: str, version: int, language: str, ratio: str) -> HttpResponse:
    """Hand out the picture of an answer that stands and holds."""
    now = timezone.now()
    versions = published_answers.answer_versions(campaign_or_404(request), slug, at=now)
    if not versions or versions[0].number != version or ratio not in Ratio.values:
        raise Http404
    newest = versions[0]
    row = published_answers.read_version(newest, at=now)
    if row.is_withdrawn or row.is_over or not answer_cards.fits(newest, language):
        raise Http404
    return card_responses.hand_out(
        request,
        answer_cards.mark(newest, language, ratio),
        f"{slug}-{language}-{ratio}",
        whole=lambda: answer_cards.cached_card(newest, language, ratio, at=now),
        small=lambda: answer_cards.small_card(newest, language, ratio, at=now),
    )


@require_safe
def answer_subtitles(request: HttpRequest, slug: str, version: int, language: str) -> HttpResponse:
    """Hand out the subtitles of a published answer's video in one language, as WebVTT."""
    versions = published_answers.answer_versions(campaign_or_404(request), slug, at=timezone.now())
    shown = next((one for one in versions if one.number == version), None)
    if shown is None or published_answers.is_gone(shown, versions):
        raise Http404
    text = (shown.content.get("subtitles") or {}).get(language)
    if not text:
        raise Http404
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")
