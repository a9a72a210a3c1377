"""
An influencer says that they are harassed. It goes to people at once, stays on top until someone has taken it, and goes
to more people when nobody does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Version
from campaigns.models import Campaign
from influencers import notices
from influencers.models import Harassment, Influencer
from influencers.profiles.contact_person import may_answer
from notifications import outbox

from .answerers import ON_CALL, liaisons

LONGEST = 5_000  # characters of words
TAKEN_BACK = "taken back by the influencer"


class NotTaken(Exception):
    """A step with a report that was not taken. The text says why, in the user's language."""


@dataclass(frozen=True, slots=True)
class HarassedPanel:
    """
    What an influencer sees of their report: none open (`report` is None), or who has it. `version` is the bulletin's that the
    page is about, `contact` the name of their contact person.
    """

    report: Harassment | None
    version: Version | None
    contact: str

    @property
    def taken_by(self) -> str:
        """The first name of whoever has it, "" while nobody does."""
        person = self.report.taken_by if self.report else None
        return (person.name.split() or [""])[0] if person else ""


def harassed(influencer: Influencer, campaign: Campaign, *, version: Version | None = None) -> HarassedPanel:
    """Return what a page shows of an influencer's open report; one query."""
    contact = influencer.liaison.name if influencer.liaison else campaign.liaison_name
    return HarassedPanel(open_report(influencer), version, contact)


def open_report(influencer: Influencer) -> Harassment | None:
    """Return an influencer's report that is not closed, the newest; one query."""
    reports = Harassment.objects.filter(influencer=influencer, closed_at=None)
    return reports.select_related("taken_by").first()


@transaction.atomic
def report(
    influencer: Influencer,
    *,
    at: datetime,
    words: str = "",
    url: str = "",
    in_danger: bool = False,
    version: Version | None = None,
) -> Harassment:
    """
    Keep an influencer's report, with words or without, and tell their contact person and whoever is on call at once. While
    it is open, more words are added to it, and whoever has it is told; a threat that is told later goes to everyone anew.
    """
    words, url = words.replace("\0", "").strip()[:LONGEST], url.strip()[:500]
    Influencer.objects.select_for_update(of=("self",)).get(pk=influencer.pk)
    earlier = open_report(influencer)
    if earlier is None:
        kept = Harassment.objects.create(
            influencer=influencer, version=version, words=words, url=url, in_danger=in_danger, at=at
        )
        notify(kept, recipients(influencer), at=at)
        return kept
    is_new_threat = in_danger and not earlier.in_danger
    has_more = words not in earlier.words or url not in {"", earlier.url}
    if words not in earlier.words:
        earlier.words = f"{earlier.words}\n\n{words}".strip()
    earlier.url = url or earlier.url
    earlier.in_danger = earlier.in_danger or in_danger
    earlier.save(update_fields=["words", "url", "in_danger"])
    own, campaign = earlier.taken_by, influencer.campaign_id
    has_it = [own] if own and may_answer(own, campaign) else []
    if is_new_threat:
        everyone = {person.pk: person for person in [*has_it, *recipients(influencer)]}
        notify(earlier, everyone.values(), at=at)
    elif has_more:
        notify(earlier, has_it or recipients(influencer), at=at, is_more=True)
    return earlier


@transaction.atomic
def withdraw_report(influencer: Influencer, *, at: datetime) -> bool:
    """Close an influencer's own report: it was an accident, or is over. Return whether there was one."""
    mine = Harassment.objects.select_for_update().filter(influencer=influencer, closed_at=None)
    return bool(mine.update(closed_at=at, outcome=TAKEN_BACK))


@transaction.atomic
def take(harassment: Harassment, *, by: User, at: datetime) -> None:
    """Take a report on oneself; the influencer sees who has it. Raise NotTaken when someone has, or it is closed."""
    won = Harassment.objects.filter(pk=harassment.pk, taken_at=None, closed_at=None).update(taken_by=by, taken_at=at)
    harassment.refresh_from_db()
    if won:
        trail.note("influencer.harassment_taken", harassment.influencer, by=by, at=at, report=harassment.pk)
    if won or harassment.taken_by_id == by.pk:
        return
    if harassment.closed_at:
        raise NotTaken(_("Not taken: this report is closed already."))
    raise NotTaken(_("Not taken: %(who)s already has it.") % {"who": harassment.taken_by or _("someone")})


def close(harassment: Harassment, outcome: str, *, by: User, at: datetime) -> None:
    """Close a report with what was done. Raise NotTaken without words, or when it is closed."""
    words = outcome.strip()
    if not words:
        raise NotTaken(_("Not closed: say what was done. The next person needs to know."))
    still_open = Harassment.objects.filter(pk=harassment.pk, closed_at=None)
    with transaction.atomic():
        still_open.filter(taken_at=None).update(taken_by=by, taken_at=at)
        if not still_open.update(closed_at=at, outcome=words[:LONGEST]):
            raise NotTaken(_("Not closed: this report is closed already."))
        trail.note("influencer.harassment_closed", harassment.influencer, by=by, at=at, report=harassment.pk)
    harassment.refresh_from_db()


def escalate(*, at: datetime) -> int:
    """Tell everyone of reports that nobody took in HARASSMENT_MINUTES, once each, and return how many."""
    late = at - timedelta(minutes=settings.HARASSMENT_MINUTES)
    waiting = Harassment.objects.filter(taken_at=None, closed_at=None, escalated_at=None, at__lte=late)
    told = 0
    for one in waiting.select_related("influencer__campaign", "influencer__liaison").order_by("at")[:100]:
        with transaction.atomic():
            if Harassment.objects.filter(pk=one.pk, taken_at=None, escalated_at=None).update(escalated_at=at):
                notify(one, [*recipients(one.influencer), *everyone_on_call(one.influencer)], at=at, is_late=True)
                told += 1
    return told


def recipients(influencer: Influencer) -> list[User]:
    """Return an influencer's contact person and all liaisons on call; everyone who may take it when there are none."""
    campaign, liaison = influencer.campaign_id, influencer.liaison
    own = [liaison] if liaison and may_answer(liaison, campaign) else []
    everyone = everyone_on_call(influencer)
    found = {person.pk: person for person in [*own, *(one for one in liaisons(campaign) if one in everyone)]}
    return list(found.values()) or everyone


def everyone_on_call(influencer: Influencer) -> list[User]:
    """Return everyone who may take a report of harassment of an influencer; one query."""
    return list(User.objects.staff_with(ON_CALL, influencer.campaign_id))


def notify(
    harassment: Harassment, people: Iterable[User], *, at: datetime, is_late: bool = False, is_more: bool = False
) -> None:
    """Write the notices of a report. The words stay at the desk, and so does who it is until the mail is opened."""
    influencer = harassment.influencer
    campaign = influencer.campaign
    path = reverse("admin:influencers_harassment_change", args=[harassment.pk])
    for language, some in campaign.by_language(people).items():
        with override(language):
            first = _("An influencer is threatened") if harassment.in_danger else _("An influencer reports harassment")
            if is_late:
                first = _("%(what)s, and nobody has taken it yet") % {"what": first}
            if is_more:
                first = _("%(what)s, and has added more") % {"what": first}
            lines = [first, _("Influencer: %(name)s") % {"name": influencer.name}]
            if harassment.taken_by:
                lines.append(_("%(who)s has it. Read what was added.") % {"who": harassment.taken_by})
            else:
                lines.append(_("Take it if you can reply now. They can see who has it."))
        outbox.write(notices.HARASSMENT, some, campaign=campaign, text="\n".join(lines), path=path, at=at)
