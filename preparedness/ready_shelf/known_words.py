"""
What is known of a campaign before a prepared bulletin is used: its place, who leads it, and where people get advice, as it was typed
when it was started. It is proposed; whoever fills in the blanks reads it.
"""

from collections.abc import Iterable

from campaigns.models import Campaign
from preparedness.crisis_templates.template_files import Blank, Texts
from preparedness.models import CampaignStart

PLACE, AUTHORITY = "place", "authority"
KINDS = ("place", "contact")  # of blanks that stay the same from one bulletin of a campaign to the next


def of_campaign(campaign: Campaign, blanks: Iterable[Blank], languages: list[str]) -> dict[str, Texts]:
    """Return {blank: {"": words, language: other words}} for the blanks of a campaign's bulletin that can be proposed; one query."""
    start = CampaignStart.objects.filter(campaign=campaign).first()
    typed = (start.answer("first") or {}).get("typed", {}) if start else {}
    place = (start.answer("about") or {}).get("place", "") if start else ""
    found: dict[str, Texts] = {}
    for blank in blanks:
        if blank.kind in KINDS and typed.get(blank.key):
            found[blank.key] = typed[blank.key]
        elif blank.key == PLACE and place:
            found[PLACE] = {"": place}
        elif blank.key == AUTHORITY and campaign.authority:
            found[AUTHORITY] = by_language(campaign.authority.name, languages)
    return found


def by_language(names: Texts, languages: list[str]) -> Texts:
    """Return a name as it is typed: in the first language, and in those in which it is another one."""
    main = names.get(languages[0], "") if languages else ""
    if not main:
        return {}
    return {"": main} | {code: names[code] for code in languages[1:] if names.get(code) not in {None, "", main}}
