"""A card as a reader chose it, and one with words of their own."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bulletins.media import on_demand_cards
from bulletins.models import Ratio, Version
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.editions.bulletin_entries import editions_of
from influencers.models import Exposure
from influencers.recall import exposure
from lib.images.themes import own_words
from lib.text.languages.languages import page_language

from . import card_maker, chosen_theme

WAIT = 1  # seconds
FOUND_FOR = 60  # seconds: a file's address may be signed, and then ends


@require_safe
@influencer_required
def card(request: PortalRequest, number: int) -> HttpResponse:
    """
    Lead to a card: ?message=<key>&theme=bold&crop=9x16&tone=warm, and &small=1 for the small one. It is drawn if nobody asked for
    it before; while somebody else's is drawn, 503: ask again in a second. A page that only keeps it (X-Requested-With: keep) chooses no look.
    """
    version, language = newest(request, number)
    try:
        found = card_maker.card_asked_for(version, request.GET, language=language, at=timezone.now())
    except on_demand_cards.Busy:
        return busy()
    if found is None:
        raise Http404
    response = HttpResponseRedirect(found.thumbnail_url if request.GET.get("small") else found.file.url)
    response["Cache-Control"] = f"private, max-age={FOUND_FOR}"
    if request.headers.get("X-Requested-With") != "keep":  # which nobody chose
        chosen_theme.remember(request, response)
    return response


@influencer_required
@never_cache
@require_POST
def own_card(request: PortalRequest, number: int) -> HttpResponse:
    """
    Return a picture (JPEG) of a card with the reader's own words above it: as `card`, with "own". Nothing is kept. 422 for words
    that cannot stand there, 429 for too many pictures.
    """
    version, language = newest(request, number)
    asked = request.POST
    ratio = asked.get("crop", "")
    if ratio not in own_words.RATIOS:
        ratio = Ratio.FEED
    try:
        names = card_maker.speakers_of(version)
        said = own_words.accepted(asked.get("own", ""), names)
        if not said:
            return refuse(request, number, _("Write your own words first."), 422)
    except own_words.Refused as refused:
        return refuse(request, number, card_maker.why_not(refused), 422)
    if not card_maker.OWN_CARDS.allow(str(request.influencer.pk)):
        return refuse(request, number, _("That was a lot of pictures. Try again in an hour."), 429)
    try:
        quoted = card_maker.card_asked_for(version, asked, language=language, at=timezone.now(), ratio=Ratio.SQUARE)
        if quoted is None:
            raise Http404
        standing = exposure.use(
            request.influencer,
            request.campaign,
            number,
            version=version.number,
            way=Exposure.Way.DOWNLOADED,
            items=[f"message:{quoted.key}"],
            language=language,
            at=timezone.now(),
        )
        if standing != exposure.VersionState.HOLDS:
            return refuse(request, number, _("This message no longer holds, so nothing is made of it."), 410)
        picture = card_maker.with_own_words(request.influencer, quoted, ratio, said, names=names, language=language)
    except on_demand_cards.Busy:
        return busy()
    except own_words.Refused as refused:
        return refuse(request, number, card_maker.why_not(refused), 422)
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="own-{number}-{ratio}.jpg"'
    return response


def newest(request: PortalRequest, number: int) -> tuple[Version, str]:
    """Return the newest version of a bulletin and the language in which the reader has it. Raise Http404 for a withdrawn one."""
    versions = Version.objects.published(at=timezone.now()).filter(
        bulletin__campaign=request.campaign, bulletin__number=number
    )
    try:
        version = versions.select_related("bulletin").latest("number")
    except ObjectDoesNotExist as gone:
        raise Http404 from gone
    version.bulletin.campaign = request.campaign
    own = request.influencer.recipient.language
    edition = editions_of([version], page_language(), request.campaign, own=own, whole=False).get(version.pk)
    if version.is_retracted or edition is None:
        raise Http404
    return version, edition.language


def busy() -> HttpResponse:
    """Return that a picture is being drawn."""
    response = HttpResponse(
        _("It is being drawn. Try again in a moment."), status=503, content_type="text/plain; charset=utf-8"
    )
    response["Retry-After"] = str(WAIT)
    response["Cache-Control"] = "no-store"
    return response


def refuse(request: HttpRequest, number: int, why: str, status: int) -> HttpResponse:
    """Return why there is no picture: in words for a script, else as a page that leads back."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(why, status=status, content_type="text/plain; charset=utf-8")
    context = {"why": why, "number": number}
    return render(request, "influencers/portal/sharing/own_refused.html", context, status=status)
