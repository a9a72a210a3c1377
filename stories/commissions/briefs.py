"""Asking for paid work: the brief, which a second person agrees to before any creator sees it, and inviting people from elsewhere."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import rate_limit
from accounts.access import independence, role_grants
from accounts.access.roles import Role
from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_heading
from lib.text.numbers.money import money
from notifications import outbox
from notifications.notice_kinds import Kind
from stories.models import Commission, CommissionApplication, CommissionPart, Creator

from . import notices
from .commission_states import NotDone, Part, State, note, take_part, taken, who_can

FIELDS = (
    *(
        "title",
        "what",
        "formats",
        "languages",
        "use",
        "term",
        "term_from",
        "territory",
        "may_adapt",
        "rights_text",
        "fee",
        "kill_fee",
    ),
    *("currency", "rounds", "pay_days", "is_open", "apply_until", "deadline"),
)
Application = CommissionApplication
TAKE = "stories.take_commission"


@transaction.atomic
def write(campaign: Campaign, content: Mapping[str, Any], *, by: User, at: datetime) -> Commission:
    """Begin a commission of a campaign as a brief that nobody else sees."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)  # one number at a time
    last = Commission.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    told = {name: content[name] for name in FIELDS}
    commission = Commission.objects.create(campaign=campaign, number=last + 1, asked_by=by, made_at=at, **told)
    CommissionPart.objects.create(commission=commission, user=by, part=Part.ASKS, since=at)
    trail.note("commission.written", commission, by=by, at=at, fee=str(commission.fee), currency=commission.currency)
    return commission


@transaction.atomic
def change(commission: Commission, content: Mapping[str, Any], *, read: int, by: User, at: datetime) -> Commission:
    """Change a brief in work. `read` is the revision that `by` started from. Raise NotDone when somebody else changed it since."""
    one = taken("changed", commission, by=by, at=at)
    if one.revision != read:
        raise NotDone(
            _("Not saved: somebody else has changed it since you opened it. Copy what you wrote, and reload the page.")
        )
    for name in FIELDS:
        setattr(one, name, content[name])
    one.state = State.DRAFT
    note("changed", one, by=by, at=at, fee=str(one.fee), currency=one.currency)
    return one


def faults(commission: Commission, *, at: datetime) -> Iterator[str]:
    """Yield what a brief lacks before it can be published to creators."""
    campaign = commission.campaign
    for code in set(campaign.language_codes()) - set(campaign.languages_that_follow()):
        if not (commission.title.get(code) and commission.what.get(code)):
            yield _("%(language)s: the title, or what is wanted, is missing.") % {"language": language_heading(code)}
    if commission.deadline <= at or (commission.apply_until and commission.apply_until <= at):
        yield _("The deadline, or the last day to apply, is over. Choose a later one.")
    if commission.apply_until and commission.apply_until > commission.deadline:
        yield _("Creators could apply until after the deadline. Change one of the two.")


@transaction.atomic
def submit(commission: Commission, *, asked: Collection[Creator] = (), read: int, by: User, at: datetime) -> None:
    """
    Hand a brief to a second person, who accepts or pays later. `asked` are the creators who are asked when it is open, and the only
    ones who can take it unless any creator can. Raise NotDone with what is missing.
    """
    one = taken("submitted", commission, by=by, at=at)
    if one.revision != read:
        raise NotDone(_("Not submitted: it has changed since you read it. Read it again."))
    if found := list(faults(one, at=at)):
        raise NotDone(" ".join([_("Not submitted."), *found]))
    wanted = Creator.objects.filter(campaign=one.campaign, user__is_active=True, pk__in=[each.pk for each in asked])
    if not one.is_open and not wanted:
        raise NotDone(_("Not submitted: choose at least one creator to ask, or let any creator apply."))
    Application.objects.filter(commission=one).delete()  # of an earlier round that came to nothing
    Application.objects.bulk_create(
        [Application(commission=one, creator=each, state=Application.State.ASKED, at=at) for each in wanted]
    )
    one.state = State.SUBMITTED
    note("submitted", one, by=by, at=at, open=one.is_open, asked=len(wanted), fee=str(one.fee), currency=one.currency)
    tell(notices.SUBMITTED, one, who_agrees(one), at=at)


@transaction.atomic
def open_to_creators(commission: Commission, *, read: int, part: str, by: User, at: datetime) -> None:
    """
    Agree to exactly the brief that `by` has read, as who accepts or pays, and publish it: to all creators of the campaign if it is
    open, and to those who are asked. Raise NotDone, also for who asks.
    """
    one = taken("opened", commission, by=None, at=at)
    if part not in {Part.ACCEPTS, Part.PAYS}:
        raise NotDone(_("Not published: who asks cannot agree to the brief too. Ask a colleague who accepts or pays."))
    take_part(one, part, by=by, at=at)
    askers = one.parts.filter(part=Part.ASKS).values_list("user", flat=True)
    if why := independence.why_not(by, {*askers}, at=at):
        raise NotDone(" ".join([_("Not published."), why]))
    if one.revision != read:
        raise NotDone(_("Not published: it has changed since you read it. Read it again."))
    if one.campaign.closed_at is not None:
        raise NotDone(_("Not published: the campaign has ended."))
    if found := list(faults(one, at=at)):
        raise NotDone(" ".join([_("Not published."), *found]))
    one.state, one.opened_at = State.OPEN, at
    note("opened", one, by=by, at=at, open=one.is_open, fee=str(one.fee), currency=one.currency)
    wanted = [row.creator for row in one.applications.select_related("creator__user")]
    tell(notices.ASKED, one, [each.user for each in wanted if each.user.is_active], at=at)
    if one.is_open:
        others = Creator.objects.filter(campaign=one.campaign, user__is_active=True)
        keys = {each.pk for each in wanted}
        tell(notices.OPEN, one, [each.user for each in others.select_related("user") if each.pk not in keys], at=at)


def who_agrees(commission: Commission) -> list[User]:
    """Return who can agree to a brief: whoever accepts or pays, and has no part in asking."""
    found = {user.pk: user for part in (Part.ACCEPTS, Part.PAYS) for user in who_can(part, commission)}
    return list(found.values())


@transaction.atomic
def reopen(commission: Commission, *, by: User, at: datetime) -> None:
    """Make a brief in work of a commission that nobody took."""
    one = taken("reopened", commission, by=by, at=at)
    one.state, one.opened_at, one.ended_at, one.ended_because = State.DRAFT, None, None, ""
    note("reopened", one, by=by, at=at)


def expire_due(*, at: datetime) -> int:
    """
    Let commissions expire for which the time is over without a creator, and return how many: nobody applied in time, or nobody was
    chosen by the deadline.
    """
    late = Commission.objects.filter(state=State.OPEN, campaign__closed_at=None)
    applied = Application.objects.filter(commission=OuterRef("pk"), state=Application.State.APPLIED)
    late = late.filter(Q(deadline__lte=at) | Q(~Exists(applied), apply_until__lte=at))
    count = 0
    for commission in late.order_by("pk")[:50]:
        try:
            expire(commission, at=at)
        except NotDone:  # somebody was quicker
            continue
        count += 1
    return count


@transaction.atomic
def expire(commission: Commission, *, at: datetime) -> None:
    """Let a commission expire without a creator. Raise NotDone if it is not open any more."""
    one = taken("expired", commission, by=None, at=at)
    one.state, one.ended_at = State.EXPIRED, at
    note("expired", one, by=None, at=at)
    tell(notices.EXPIRED, one, people_with(one, Part.ASKS), at=at)


# --- Creators ---------------------------------------------------------------------------------------------


@transaction.atomic
def invite(campaign: Campaign, *, email: str, name: str, language: str, by: User, at: datetime) -> Creator:
    """
    Invite somebody to do paid work: they get an account if they have none, and a mail; they log in by a code. Raise NotDone for
    a colleague, for a closed account, for whoever is a creator already, and for more people than one person invites in a day (INVITATIONS_ALONE).
    """
    rate_limit.one_at_a_time(f"creators invited by {by.pk}")
    lately = Creator.objects.filter(invited_by=by, added_at__gt=at - timedelta(hours=24)).count()
    if lately >= settings.INVITATIONS_ALONE:
        raise NotDone(
            _("Not invited: one person invites %(most)d people a day at most. Go on tomorrow, or ask a colleague.")
            % {"most": settings.INVITATIONS_ALONE}
        )
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is not None and (user.is_staff or not user.is_active):
        raise NotDone(_("Not invited: this address belongs to a colleague, or to an account that is closed."))
    if user is not None and Creator.objects.filter(campaign=campaign, user=user).exists():
        raise NotDone(_("Not invited: this person is among the creators already."))
    if user is None:
        user = User.objects.create_user(email, name=name, language=language)
    if not user.has_perm(TAKE):
        role_grants.grant(user, Role.CREATOR, by=by, at=at)
    creator = Creator.objects.create(campaign=campaign, user=user, name=name, invited_by=by, added_at=at)
    trail.note("creator.invited", creator, by=by, at=at)
    trail.note("user.invited", user, by=by, at=at)
    outbox.write(notices.INVITED, [user], campaign=campaign, path=own_page(campaign, user), at=at)
    return creator


def own_page(campaign: Campaign, user: User) -> str:
    """Return the path of a creator's own list, in their language."""
    with override(campaign.language_for(user)):
        return reverse("commissions:own")


def creator_of(user: User, campaign: Campaign, *, at: datetime) -> Creator:
    """Return somebody as a creator of a campaign; a row is made for an influencer who had none."""
    row, _is_new = Creator.objects.get_or_create(
        campaign=campaign, user=user, defaults={"name": user.name, "added_at": at}
    )
    return row


# --- Who is told -----------------------------------------------------------------------------------------


def people_with(commission: Commission, part: str) -> list[User]:
    """Return who has a part in a commission and still has a login; one query."""
    rows = CommissionPart.objects.filter(commission=commission, part=part, user__is_active=True)
    return [row.user for row in rows.select_related("user")]


def tell(
    kind: Kind, commission: Commission, people: Collection[User], *, at: datetime, text: str = "", says_fee: bool = True
) -> None:
    """Tell people of a step, each in their own language: which commission, its fee where that matters, and what was said."""
    for person in people:
        with override(commission.campaign.language_for(person)):
            named = f"{commission.number}. {in_language(commission.title)}"
            fee = _("Fee: %(fee)s without VAT") % {"fee": money(commission.fee, commission.currency)}
            words = "\n".join(filter(None, [named, fee if says_fee else "", text]))
        outbox.write(kind, [person], about=commission, text=words, at=at)
