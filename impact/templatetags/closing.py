"""The way from the front page to what is kept of a campaign that has ended."""

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from impact.closing import archives
from impact.dashboard.public_page import open_page
from impact.models import InsightReport

register = template.Library()


@register.simple_tag
def kept_pages(campaign: Campaign) -> list[tuple[str, str]]:
    """Return (name, address) of its results, its reports and its archive, as far as anyone may have them; six queries at most."""
    asked = f"?campaign={campaign.slug}"
    found = []
    if open_page(campaign):
        found.append((_("What it achieved"), reverse("results:page") + asked))
    if InsightReport.objects.public(campaign).exists():
        found.append((_("Rumour and insight reports"), reverse("insight:reports") + asked))
    if archives.for_everyone(campaign, at=timezone.now()):
        found.append(
            (_("Everything that was published, to download as one archive"), reverse("archive", args=[campaign.slug]))
        )
    return found
