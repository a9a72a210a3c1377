"""What a code stands for, as its page shows it."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bulletins.media import message_cards
from bulletins.models import Bulletin
from bulletins.reader_view import coded_statements, published_versions
from bulletins.reader_view.coded_statements import Fate
from campaigns import check_codes
from campaigns.models import Campaign, CheckCode
from factcheck.models import Claim
from lib.text.languages import page_language
from questions.answers import published_answers
from questions.models import Answer

VERDICTS = {
    Fate.HOLDS: (_("Genuine and current"), "true"),
    Fate.EXPIRED: (_("Genuine, but no longer valid"), "clock"),
    Fate.REPLACED: (_("Genuine, but replaced"), "pencil"),
    Fate.DROPPED: (_("Genuine, but no longer said"), "pencil"),
    Fate.WITHDRAWN: (_("Withdrawn"), "false"),
}
OF_AN_EXERCISE = {Fate.WITHDRAWN: _("Withdrawn, from an exercise")}


def look_up(given: str, campaign: Campaign | None, *, at: datetime) -> dict[str, Any] | None:
    """
    Return what the page of a code shows; None for one that stands for nothing published, or for something of another
    campaign.
    """
    row = CheckCode.objects.filter(code=given, kind=CheckCode.Kind.BULLETIN).first()
    if row is None or campaign is None or row.campaign_id != campaign.pk:
        return None
    bulletin = Bulletin.objects.filter(pk=row.subject, campaign=campaign).first()
    if bulletin is None:
        return None
    versions = published_versions.versions_of(campaign, bulletin.number, at=at)
    found = coded_statements.statement_of(versions, row.statement, at=at)
    return shown(row, bulletin, found, at=at) if found else None


def fact_of(given: str, campaign: Campaign | None) -> Claim | None:
    """Return the fact-check of a campaign whose picture carries a code, if anyone may see it; one query."""
    of_code = CheckCode.objects.filter(code=given, kind=CheckCode.Kind.FACT).values("subject")
    return Claim.objects.visible().filter(pk__in=of_code, campaign=campaign).first()


def answer_of(given: str, campaign: Campaign | None, *, at: datetime) -> str:
    """
    Return where the answer stands whose picture carries a code: the page of what it says now, or of the version that was replaced;
    "" for none that anyone may see. Three queries.
    """
    row = CheckCode.objects.filter(code=given, kind=CheckCode.Kind.ANSWER, campaign=campaign).first()
    about = Answer.objects.filter(pk=row.subject).select_related("group").first() if row else None
    if row is None or about is None or campaign is None:
        return ""
    versions = published_answers.answer_versions(campaign, about.group.slug, at=at)
    said = next((one for one in versions if row.statement in map(one.statement_in, one.text)), None)
    if said is None:
        return ""
    if said is versions[0] or published_answers.is_gone(said, versions):
        return reverse("website:answer", args=[about.group.slug])
    return reverse("website:answer_version", args=[about.group.slug, said.number])


def page_of(given: str, campaign: Campaign | None, *, at: datetime) -> str:
    """Return the page that says all of a fact-check's or an answer's code; "" for any other."""
    fact = fact_of(given, campaign)
    return fact.get_absolute_url() if fact else answer_of(given, campaign, at=at)


def published_campaign_of(given: str) -> Campaign | None:
    """Return the campaign that a code is of, if that is published; one query."""
    of_code = CheckCode.objects.filter(code=given).values("campaign")
    return Campaign.objects.published().filter(pk__in=of_code).first()


def shown(row: CheckCode, bulletin: Bulletin, found: coded_statements.Statement, *, at: datetime) -> dict[str, Any]:
    """Return what a page shows of a statement; three queries."""
    given = row.code
    words = found.newest.words
    verdict, icon = VERDICTS[found.fate]
    if words.is_exercise:
        verdict, icon = OF_AN_EXERCISE.get(found.fate, _("Genuine, from an exercise")), "clock"
    context = {
        "code": check_codes.written(given),
        "found": found,
        "verdict": verdict,
        "icon": icon,
        "look": "exercise" if words.is_exercise else found.fate,
        "number": bulletin.number,
        "issuer": words.in_language(page_language()).issuer,
        "regions": words.regions,
        "at": at,
        "canonical": reverse("website:code", args=[given]),
    }
    if found.spec:
        codes = check_codes.codes_of(row.kind, row.subject)
        context |= {
            "card": message_cards.card_of(found.newest.bulletin, found.spec),
            "alt_text": message_cards.alt_text(found.spec),
            "new_code": codes.get(found.spec.statement, ""),
            "elsewhere": [(one.language, codes[one.statement]) for one in found.elsewhere if one.statement in codes],
        }
    return context
