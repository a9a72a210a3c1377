"""
Who is asked to meetings: the people of all municipalities of the campaign, and those of the team whom the series names. Rows say what each
has heard; what is missing in them is written to the outbox in the same transaction, so everyone hears once of each change, also when
two ticks meet, and the outbox tries again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from notifications import outbox
from notifications.models import Notice
from notifications.notice_kinds import Kind
from stories.exchanges import notices
from stories.exchanges.meetings import meeting_steps
from stories.models import Exchange, Meeting, MeetingInvitation, MunicipalityMember

AHEAD = timedelta(days=14)  # how long before a meeting people are asked
MOST_AT_ONCE = 100  # people of one meeting in one tick; the next goes on


def invite_due(*, at: datetime) -> int:
    """Ask whoever is to be asked, and tell of changes; return how many people were written to. One query where none is due."""
    rows = waiting(at=at).values_list("pk", flat=True)
    return sum(bring_up_to_date(key, at=at) for key in list(rows[:20]))


def waiting(*, at: datetime) -> QuerySet[Meeting]:
    """Return the meetings to come of which somebody has something to hear."""
    mine = MeetingInvitation.objects.filter(meeting=OuterRef("pk"), left_at=None)
    asked = MeetingInvitation.objects.filter(meeting=OuterRef(OuterRef("pk")), user=OuterRef("user"), left_at=None)
    members = MunicipalityMember.objects.filter(
        ~Exists(asked), municipality__campaign=OuterRef("exchange__campaign"), user__is_active=True
    )
    staff = Exchange.staff.through.objects.filter(~Exists(asked), exchange=OuterRef("exchange"), user__is_active=True)
    belongs = MunicipalityMember.objects.filter(
        user=OuterRef("user"),
        user__is_active=True,
        municipality__campaign=OuterRef("meeting__exchange__campaign"),
    )
    works = Exchange.staff.through.objects.filter(
        user=OuterRef("user"), user__is_active=True, exchange=OuterRef("meeting__exchange")
    )
    left = mine.filter(~Exists(belongs), ~Exists(works))
    behind = mine.filter(told__lt=OuterRef("sequence"))
    takes_place = Q(cancelled_at=None) & (Exists(members) | Exists(staff) | Exists(left))
    soon = Meeting.objects.filter(starts_at__gt=at, starts_at__lte=at + AHEAD, exchange__campaign__closed_at=None)
    # What was told and then moved beyond the days ahead is told of that, too.
    later = Meeting.objects.filter(Exists(behind), starts_at__gt=at)
    return Meeting.objects.filter(
        Q(pk__in=soon.filter(takes_place | Exists(behind)).values("pk")) | Q(pk__in=later.values("pk"))
    )


def people_of(series: Exchange) -> dict[int, int | None]:
    """Return who is asked to the meetings of a series: {key of a user: key of their municipality, None for the team}; two queries."""
    staff = series.staff.filter(is_active=True).values_list("pk", flat=True)
    found: dict[int, int | None] = dict.fromkeys(staff)
    members = MunicipalityMember.objects.filter(municipality__campaign=series.campaign_id, user__is_active=True)
    for user, body in members.order_by("-municipality__code").values_list("user", "municipality"):
        found[user] = body
    return found


@transaction.atomic
def bring_up_to_date(key: int, *, at: datetime) -> int:
    """Write to whoever has something to hear of one meeting, and return to how many."""
    meeting = meeting_steps.held(Meeting(pk=key))
    if meeting.starts_at <= at:
        return 0
    people = people_of(meeting.exchange)
    known = {one.user_id: one for one in meeting.invitations.select_related("user")}
    told = 0
    if meeting.cancelled_at is None:
        told += ask_new(meeting, people, known, at=at)
    for one in known.values():
        if told >= MOST_AT_ONCE:
            break
        told += tell_known(meeting, one, is_asked=one.user_id in people, at=at)
    return told


def ask_new(
    meeting: Meeting, people: Mapping[int, int | None], known: Mapping[int, MeetingInvitation], *, at: datetime
) -> int:
    """Ask people who are not asked yet, or not any more; return how many."""
    new = [key for key in people if key not in known or known[key].left_at is not None][:MOST_AT_ONCE]
    users = User.objects.in_bulk(new)
    for key in new:
        one = known.get(key) or MeetingInvitation(meeting=meeting, user=users[key], sequence=meeting.sequence)
        if one.pk:
            one.sequence = max(one.sequence + 1, meeting.sequence)
        one.meeting, one.municipality_id, one.invited_at, one.told = meeting, people[key], at, meeting.sequence
        one.asked_sequence, one.answer, one.answered_at = one.sequence, MeetingInvitation.Answer.NONE, None
        one.left_at, one.is_off = None, False
        one.save()
        write(notices.MEETING_INVITED, one, at=at)
    return len(new)


def tell_known(meeting: Meeting, one: MeetingInvitation, *, is_asked: bool, at: datetime) -> int:
    """Tell somebody who was asked what they have not heard; return 1, or 0 for nothing."""
    if one.left_at is not None:
        return 0
    is_off = meeting.cancelled_at is not None
    if one.told == meeting.sequence and (is_asked or is_off):
        return 0
    if one.is_off:  # nothing new comes of a meeting that does not take place
        MeetingInvitation.objects.filter(pk=one.pk).update(told=meeting.sequence)
        return 0
    is_new_time = meeting.time_sequence > one.told
    one.meeting, one.told = meeting, meeting.sequence
    one.sequence = max(one.sequence + 1, meeting.sequence)
    kind: Kind = notices.MEETING_OFF
    if is_off:
        one.is_off = True
    elif not is_asked:
        one.left_at, kind = at, notices.MEETING_LEFT
    else:
        kind = notices.MEETING_CHANGED
        if is_new_time:
            one.answer, one.answered_at, one.asked_sequence = MeetingInvitation.Answer.NONE, None, one.sequence
    one.save()
    write(kind, one, at=at)
    return 1


def write(kind: Kind, one: MeetingInvitation, *, at: datetime) -> None:
    """
    Hand a mail to the outbox. One that was written before and has not been tried yet gives way to it; who has not even been asked yet
    is asked at once, and hears nothing of a meeting that is off.
    """
    stale = Notice.objects.waiting().filter(
        kind__in=[of.key for of in notices.KINDS if of.model is MeetingInvitation], subject_id=one.pk, attempts=0
    )
    was_not_asked = stale.filter(kind=notices.MEETING_INVITED.key).exists()
    stale.delete()
    if was_not_asked and isinstance(kind, notices.MeetingOffKind):
        return
    kind = notices.MEETING_INVITED if was_not_asked else kind
    outbox.write(kind, [one.user], about=one, campaign=one.meeting.exchange.campaign, at=at)


def counts(meeting: Meeting) -> dict[str, int]:
    """Return how many are asked, and how many gave each answer; one query."""
    found = dict.fromkeys(["asked", "yes", "maybe", "no", "none"], 0)
    for answer in meeting.invitations.filter(left_at=None).values_list("answer", flat=True):
        found["asked"] += 1
        found[answer or "none"] += 1
    return found
