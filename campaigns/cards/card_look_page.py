"""The desk's page of a campaign's look: its colours, font, first theme and pictures, with a card of each theme as it is saved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_safe

from lib.images.card import Spec
from lib.images.card_look import COLOURS, Look
from lib.images.picture_sizes import Ratio
from lib.images.themes import renderer
from lib.text.dates import validity_phrases

from ..models import Campaign
from ..publication_details import PrintedWords
from . import card_look

SAMPLES = ("plain", "bold", "quiet")  # a photo needs a bulletin's picture


class CardLookPage:
    """A ModelAdmin of campaigns, with the page of their look."""

    admin_site: Any
    has_change_permission: Any
    message_user: Any

    def look_urls(self) -> list[URLPattern]:
        """Return the page, and the cards that it shows."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/look/", wrap(self.look_view), name="campaigns_campaign_look"),
            path(
                "<int:pk>/look/<str:theme>/",
                wrap(require_safe(self.look_card_view)),
                name="campaigns_campaign_look_card",
            ),
        ]

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the look of a campaign's cards, and save it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign, pk=pk)
        reasons: list[str] = []
        if request.method == "POST":
            try:
                look = card_look.chosen({name: str(value) for name, value in request.POST.items()})
                by: Any = request.user
                taken_back = card_look.save_look(campaign, look, pictures_of(request), by=by, at=timezone.now())
            except card_look.Unreadable as refused:
                reasons = refused.reasons
            else:
                self._tell(request, taken_back)
                return HttpResponseRedirect(reverse("admin:campaigns_campaign_look", args=[pk]))
        look = Look.read(campaign.look)
        typed = request.POST if reasons else {}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Look of the cards of %(campaign)s") % {"campaign": campaign},
            "about": campaign,
            "reasons": reasons,
            "colours": [(name, card_look.COLOUR_NAMES[name], typed.get(name, getattr(look, name))) for name in COLOURS],
            "ready": card_look.READY_NAMES.items(),
            "fonts": card_look.FONT_NAMES.items(),
            "themes": card_look.THEME_NAMES.items(),
            "look": look,
            "samples": [(theme, card_look.THEME_NAMES[theme]) for theme in SAMPLES],
            "stamp": abs(hash(look)),
        }
        return TemplateResponse(request, "campaigns/admin/card_look.html", context, status=422 if reasons else 200)

    def look_card_view(self, request: HttpRequest, pk: int, theme: str) -> HttpResponse:
        """Draw a card in a theme, as the look is saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign.objects.prefetch_related("languages"), pk=pk)
        if theme not in SAMPLES:
            raise Http404
        picture, suffix = renderer.draw(sample(campaign, theme), Ratio.SQUARE, "", read)
        return HttpResponse(picture, content_type="image/png" if suffix == ".png" else "image/jpeg")

    def _tell(self, request: HttpRequest, taken_back: int) -> None:
        self.message_user(request, _("Saved. Cards are drawn in this look from now on."), messages.SUCCESS)
        if taken_back:
            says = ngettext(
                "It is printed with %(count)d bulletin or fact-check that was in review or approved, "
                "which must now be submitted again.",
                "It is printed with %(count)d bulletins or fact-checks that were in review or "
                "approved, which must now be submitted again.",
                taken_back,
            )
            self.message_user(request, says % {"count": taken_back}, messages.WARNING)


def pictures_of(request: HttpRequest) -> card_look.Pictures:
    """Return the pictures that a form brings, or takes away."""
    found: dict[str, Any] = {}
    for name in ("logo", "mark"):
        found[name] = request.FILES.get(name) or ("" if request.POST.get(f"no_{name}") else None)
    return card_look.Pictures(**found)


def sample(campaign: Campaign, theme: str) -> Spec:
    """Return a card in the campaign's main language, with words that say that it is a sample."""
    own = PrintedWords.of(campaign).in_language(campaign.default_language)
    with override(campaign.default_language):
        return Spec(
            language=campaign.default_language,
            key="sample",
            words=_("This is how 5 minutes look."),
            source=_("Source: %(source)s") % {"source": own.run_by or own.name},
            validity=validity_phrases.valid_until(timezone.now() + timedelta(days=3), campaign.zone),
            campaign=own.name,
            hashtag=own.hashtag,
            bulletin=_("Sample"),
            issuer=own.run_by or own.name,
            theme=theme,
            look=replace(Look.read(campaign.look), theme="bold"),
        )


def read(name: str) -> bytes:
    """Return the bytes of a stored picture."""
    with default_storage.open(name) as file:
        return bytes(file.read())
