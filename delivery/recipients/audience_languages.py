"""In which languages audiences are served, as their campaign has mail in them."""

from campaigns.models import Campaign
from delivery.models import Audience


def follow(campaign: Campaign, code: str, has_mail: bool) -> None:
    """Serve every audience of a campaign in a language, after those that it has, or no more. In a transaction."""
    for audience in Audience.objects.select_for_update().filter(campaign=campaign).order_by("pk"):
        others = [one for one in audience.languages if one != code]
        wanted = audience.languages if has_mail and code in audience.languages else others + [code] * has_mail
        if wanted and wanted != audience.languages:
            audience.languages = wanted
            audience.save(update_fields=["languages"])


def has_mail(campaign: Campaign, code: str) -> bool:
    """Return whether some audience of a campaign is served in a language; one query."""
    return any(
        code in served for served in Audience.objects.filter(campaign=campaign).values_list("languages", flat=True)
    )
