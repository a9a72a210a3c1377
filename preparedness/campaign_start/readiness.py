"""The list that tests itself: what a machine can know before a campaign is made public, and the one thing that a person ticks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import trail
from accounts.login import second_factor
from accounts.models import AuditEntry, User
from bulletins.checks import completeness, registry
from bulletins.mail import test_sends
from bulletins.models import Bulletin, Review
from campaigns import launch
from campaigns.models import Campaign
from delivery.models import Audience, Membership
from delivery.preflight import examination
from influencers.models import CodeOfEthics
from lib.text.numbers.whole_numbers import grouped
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import CrisisTemplate
from preparedness.drills import made_up_people
from preparedness.models import CampaignStart

from .steps import CHECK, FIRST, SOURCE, NotStarted

PASSED, STOPS, ADVICE, HAND = "passed", "stops", "advice", "hand"
APPROVERS = 2
MADE_UP_READERS = 12  # enough to see a mail in each language


@dataclass(frozen=True)
class Check:
    """
    One test: its `state`, what it found, its `key`, and the one press that mends it: a page (`url`), or a post of this one (`press`).
    """

    state: str
    title: str
    says: str
    mends: str = ""
    url: str = ""
    press: str = ""
    key: str = ""


def checks_of(start: CampaignStart, template: CrisisTemplate | None, *, at: datetime) -> list[Check]:
    """Return what was found, what stops it first; the number of queries does not depend on how much there is."""
    campaign = start.campaign
    assert campaign is not None
    found = {
        "approvers": approvers(campaign, start.first_bulletin),
        "sender": sender(campaign, at=at),
        "seeds": seeds(start.first_bulletin, needed=not campaign.is_exercise),
        "first_bulletin": first_bulletin(start.first_bulletin, at=at),
        "names": names(campaign),
        "joining": joining(campaign),
        "readers": readers(campaign, at=at),
    }
    if helpline := helpline_of(start, template):
        found["helpline"] = answered(start, helpline)
    order = (STOPS, HAND, ADVICE, PASSED)
    named = [replace(check, key=key) for key, check in found.items()]
    return sorted(named, key=lambda check: order.index(check.state))


def in_the_way(checks: list[Check]) -> list[Check]:
    """Return the checks that keep a campaign from being made public, unless an administrator goes on all the same."""
    return [check for check in checks if check.state in {STOPS, HAND}]


def stops_of(campaign: Campaign, at: datetime) -> Iterator[launch.Stop]:
    """Yield what the list of a campaign that was started with one says on the page that publishes it (campaigns/launch)."""
    start = CampaignStart.objects.filter(campaign=campaign).select_related("campaign", "first_bulletin").first()
    if start is None:
        return
    template = template_files.shelf().templates.get(start.answer(SOURCE).get("template", ""))
    here = reverse("admin:preparedness_campaignstart_change", args=[start.pk]) + f"#{CHECK}"
    for one in in_the_way(checks_of(start, template, at=at)):
        yield launch.Stop(one.key, one.title, one.says, one.mends or _("Open the list"), one.url or here)


def approvers(campaign: Campaign, bulletin: Bulletin | None) -> Check:
    """
    Test that two people can approve who did not write the first bulletin, each with a second factor where the desk asks for one.
    """
    title = _("Two approvers, a second factor each") if settings.SECOND_FACTOR else _("Two approvers")
    people = list(User.objects.staff_with("bulletins.approve_bulletin", campaign.pk).filter(is_active=True))
    wrote: set[int] = set()
    if bulletin is not None:
        edits = Review.objects.filter(bulletin=bulletin, decision=Review.Decision.EDITED)
        wrote = {key for key in edits.values_list("by", flat=True) if key}
    may = [one for one in people if one.pk not in wrote]
    ready = second_factor.holders(may) if settings.SECOND_FACTOR else {one.pk for one in may}
    if len(ready) >= APPROVERS:
        says = ", ".join(str(one) for one in may if one.pk in ready)
        return Check(PASSED, title, says)
    without = [str(one) for one in may if one.pk not in ready]
    people_page = reverse("admin:accounts_user_changelist")
    if without:
        says = _("Without a second factor: %(names)s. They set one up when they next log in to the desk.")
        return Check(STOPS, title, says % {"names": ", ".join(without)}, _("See people"), people_page)
    says = ngettext("Only %(count)d person can approve.", "Only %(count)d people can approve.", len(ready))
    return Check(STOPS, title, says % {"count": len(ready)}, _("Give somebody the role"), people_page)


def sender(campaign: Campaign, *, at: datetime) -> Check:
    """Test what the world's mail servers will say of the sender's domain."""
    title, domain = _("Sender’s domain: SPF, DKIM, DMARC"), examination.sender_domain(campaign)
    if campaign.is_exercise:
        return Check(PASSED, title, _("Not needed: the mail of an exercise never leaves this system."))
    if reason := examination.stored_reason(domain, at=at):
        return Check(STOPS, title, f"{domain}: {_(reason)}", _("Look it up now"), press="domain")
    return Check(PASSED, title, domain)


def seeds(bulletin: Bulletin | None, *, needed: bool) -> Check:
    """Test that a test mail of the first bulletin was accepted for the seed list; only advice where no mail leaves this system."""
    undone = STOPS if needed else ADVICE
    title = _("Test mail to the seed list")
    if bulletin is None:
        return Check(ADVICE, title, _("There is no bulletin yet to send a test of."))
    addresses = test_sends.seeds_of(bulletin)
    if not addresses:
        says = _("The seed list has no address that belongs to staff or has agreed. Add your own.")
        return Check(undone, title, says, _("Add an address"), reverse("admin:delivery_seedaddress_add"))
    sent = AuditEntry.objects.filter(
        verb=test_sends.VERB, subject_type=bulletin._meta.label_lower, subject_id=str(bulletin.pk)
    )
    last = next((entry for entry in sent.order_by("-at")[:10] if entry.detail.get("to") == "seeds"), None)
    if last is None:
        says = ngettext("%(count)d inbox waits for it.", "%(count)d inboxes wait for it.", len(addresses))
        return Check(undone, title, says % {"count": len(addresses)}, _("Send the test"), press="seeds")
    return Check(PASSED, title, _("Sent. Open one inbox and look: whether it came as spam, no machine here can see."))


def first_bulletin(bulletin: Bulletin | None, *, at: datetime) -> Check:
    """Test that the first bulletin can be submitted; only a blank that is left keeps the campaign from being made public."""
    title = _("The first bulletin can be submitted")
    if bulletin is None:
        return Check(
            ADVICE, title, _("There is no first bulletin."), _("Write one"), reverse("admin:bulletins_bulletin_add")
        )
    stops = [one for one in registry.findings(bulletin, at=at) if one.level == registry.STOPS]
    left = sorted({one.found.rpartition(" ")[2] for one in stops if one.code == completeness.BLANK_LEFT})
    if left:
        names_ = ", ".join(f"{{{name}}}" for name in left)
        says = _("Blanks that are left: %(names)s.") % {"names": names_}
        return Check(STOPS, title, says, _("Open it"), page_of(bulletin))
    if stops:
        says = ngettext("%(count)d thing must be fixed:", "%(count)d things must be fixed:", len(stops))
        return Check(ADVICE, title, f"{says % {'count': len(stops)}} {stops[0].says}", _("Open it"), page_of(bulletin))
    return Check(PASSED, title, _("Every blank is filled in, and nothing has to be fixed."))


def names(campaign: Campaign) -> Check:
    """Test that the campaign has a name and a sender in each language."""
    rows = list(campaign.languages.all())
    lacking = [row.code for row in rows if not (row.name and row.sender_name)]
    title = _("A name and a sender in each language")
    if lacking or not rows:
        page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        return Check(STOPS, title, ", ".join(lacking) or _("It has no language yet."), _("Write them"), page)
    return Check(PASSED, title, ", ".join(f"{row.code}: {row.sender_name}" for row in rows))


def joining(campaign: Campaign) -> Check:
    """Test whether people can join: there is a code of ethics to sign."""
    title = _("Influencers can join")
    if CodeOfEthics.objects.filter(campaign=campaign).exists():
        return Check(PASSED, title, _("There is a code of ethics to sign."))
    says = _("There is no code of ethics yet, so nobody new can join.")
    return Check(ADVICE, title, says, _("Write it"), reverse("admin:influencers_codeofethics_add"))


def readers(campaign: Campaign, *, at: datetime) -> Check:
    """Test whether a bulletin would reach anybody."""
    members = Membership.objects.open(at=at).filter(
        audience__campaign=campaign, audience__kind=Audience.Kind.INFLUENCERS
    )
    people = members.values("recipient").distinct().count()
    title = _("A bulletin reaches somebody")
    if not people and campaign.is_exercise:
        says = _("Nobody is in an audience yet, so no mail would leave. Made-up influencers get it in this exercise.")
        mends = _("Add %(count)d made-up influencers") % {"count": MADE_UP_READERS}
        return Check(ADVICE, title, says, mends, press="readers")
    if not people:
        return Check(ADVICE, title, _("Nobody is in an audience yet. The public page shows it all the same."))
    return Check(PASSED, title, ngettext("%(count)s person", "%(count)s people", people) % {"count": grouped(people)})


def helpline_of(start: CampaignStart, template: CrisisTemplate | None) -> str:
    """Return what the first bulletin names as the place where people get advice, "" when it names none."""
    first = start.answer(FIRST)
    statement = template.statement(first.get("statement", "")) if template else None
    for blank in statement.blanks if statement else []:
        if blank.kind == "contact" and (words := first.get("blanks", {}).get(blank.key)):
            return str(next(iter(words.values()), ""))
    return ""


def answered(start: CampaignStart, helpline: str) -> Check:
    """Say whether somebody has tried the helpline: no machine can."""
    title = _("Somebody answers at %(helpline)s") % {"helpline": helpline}
    if start.answered_at:
        return Check(PASSED, title, _("Tried by %(who)s.") % {"who": start.answered_by})
    says = _("Call or open it once. Press when it works: a person answers, or the page is there.")
    return Check(HAND, title, says, _("It works"), press="helpline")


@transaction.atomic
def note_answer(start: CampaignStart, *, by: User, at: datetime) -> None:
    """Keep that somebody has tried the helpline. Twice changes nothing. Raise NotStarted before there is a campaign."""
    held = CampaignStart.objects.select_for_update().get(pk=start.pk)
    if held.campaign_id is None:
        raise NotStarted(_("There is no campaign yet."))
    if held.answered_at is None:
        held.answered_by, held.answered_at = by, at
        held.save(update_fields=["answered_by", "answered_at"])
        trail.note("campaignstart.helpline_tried", held, by=by, at=at)


def page_of(bulletin: Bulletin) -> str:
    """Return the address of the page on which a bulletin is written."""
    return reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])


def press(start: CampaignStart, what: str, *, by: User, at: datetime) -> Any:
    """Do what the press of a check does. Raise NotStarted, or bulletins' NotAllowed. Not for use in a transaction."""
    if what == "helpline":
        note_answer(start, by=by, at=at)
    elif what == "readers" and start.campaign and start.campaign.is_exercise:
        made_up_people.add_influencers(start.campaign, MADE_UP_READERS, at=at)
    elif what == "domain" and start.campaign:
        examination.examine_and_keep(examination.sender_domain(start.campaign), at=at)
    elif what == "seeds" and start.first_bulletin:
        test_sends.to_seeds(start.first_bulletin, by=by, at=at)
