"""What the reader was thanked for."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import contact_person

from . import thanks as recognition_thanks

PAGE = 20


@require_safe
@influencer_required
def thanks(request: PortalRequest) -> HttpResponse:
    """Every thanks that the reader got, the latest first."""
    influencer = request.influencer
    page = Paginator(recognition_thanks.thanks_of(influencer), PAGE).get_page(request.GET.get("page"))
    contact = contact_person.contact_of(influencer, request.campaign)
    return render(request, "influencers/recognition/thanks.html", {"page": page, "contact": contact})
