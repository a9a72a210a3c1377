"""Who runs the site and by which rules: about it, corrections, accessibility, privacy."""

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.privacy import retention
from bulletins.models import MessageInput, Version
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from campaigns.models import Authority
from lib.text.languages.languages import page_language
from questions.answers import published_answers

from . import corrections_list

# When every page was last assessed against WCAG 2.2 A and AA: by axe in a real browser in each language, and by looking.
ASSESSED_ON = date(2026, 11, 26)


@require_safe
@cached_page()
def about(request: CampaignRequest) -> HttpResponse:
    """Say who runs this, whose words it passes on, and what it is not."""
    campaign, now = request.campaign, timezone.now()
    authorities = []
    if campaign is not None:
        out = Version.objects.published(at=now).filter(bulletin=OuterRef("bulletins"))
        said = MessageInput.objects.filter(Exists(out), campaign=campaign).values("authority")
        answered = published_answers.answers_of(campaign, at=now).order_by().values("authority")
        authorities = list(Authority.objects.filter(Q(pk__in=said) | Q(pk__in=answered)))
    return render(request, "website/about/about.html", {"authorities": authorities})


@require_safe
@cached_page()
def corrections(request: CampaignRequest) -> HttpResponse:
    """Say how corrections work, and list the latest."""
    campaign, now = request.campaign, timezone.now()
    found = corrections_list.latest_corrections(campaign, language=page_language(), at=now) if campaign else []
    return render(request, "website/about/corrections.html", {"changes": found})


@require_safe
@cached_page()
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how accessible the site is, what is not yet, and whom to turn to."""
    return render(request, "website/about/accessibility.html", {"assessed_on": ASSESSED_ON})


@require_safe
@cached_page()
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about whom, why, for how long and who sees it: by the rules that forget it, and their settings."""
    by_whom = {about: [rule for rule in retention.rules() if rule.about == about] for about in retention.DataSubject}
    return render(request, "website/about/privacy.html", {"by_whom": by_whom})
