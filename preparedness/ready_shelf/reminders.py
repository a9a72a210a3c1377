"""Reminders of what is to be looked at again: to its owner, once, in the working hours of its campaign."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from campaigns.models import Campaign
from notifications import outbox
from notifications.notice_kinds import Kind
from preparedness.models import ReadyBulletin

LOOK_AGAIN = Kind("shelf_review")
KINDS = (LOOK_AGAIN,)

FROM_HOUR, UNTIL_HOUR = 9, 16  # local time, on weekdays
SATURDAY = 5
AT_MOST = 200  # rows in one call; the next goes on
NAMED = 10  # that a mail names


def remind(*, at: datetime) -> int:
    """Remind the owners of what is to be looked at again; return of how many things. Two at once remind once."""
    tomorrow = (at + timedelta(days=1)).date()  # a campaign's day may be ahead of ours
    campaigns = Campaign.objects.filter(ready_bulletins__in=ReadyBulletin.objects.to_remind_of(on=tomorrow)).distinct()
    return sum(remind_in(one, at=at) for one in campaigns.order_by("pk") if is_working_hour(one, at=at))


def is_working_hour(campaign: Campaign, *, at: datetime) -> bool:
    """Return whether people are at work where a campaign is."""
    local = campaign.local(at)
    return local.weekday() < SATURDAY and FROM_HOUR <= local.hour < UNTIL_HOUR


@transaction.atomic
def remind_in(campaign: Campaign, *, at: datetime) -> int:
    """Remind the owners in a campaign, each with one message; without an owner who is here, everybody who looks after the shelf."""
    today = campaign.local(at).date()
    due = ReadyBulletin.objects.to_remind_of(on=today).filter(campaign=campaign)
    rows = list(due.select_for_update(of=("self",)).select_related("owner").order_by("review_on", "pk")[:AT_MOST])
    by_owner: dict[User | None, list[ReadyBulletin]] = defaultdict(list)
    for row in rows:
        row.reminded_for = row.review_on
        by_owner[row.owner if row.owner and row.owner.is_active and row.owner.is_staff else None].append(row)
    ReadyBulletin.objects.bulk_update(rows, ["reminded_for"])
    path = reverse("admin:preparedness_readybulletin_changelist")
    for owner, some in by_owner.items():
        people = [owner] if owner else list(User.objects.staff_with("preparedness.change_readybulletin", campaign.pk))
        for language, readers in campaign.by_language(people).items():
            with override(language):
                text = words_of(some)
            outbox.write(LOOK_AGAIN, readers, campaign=campaign, text=text, path=path, at=at)
    return len(rows)


def words_of(rows: list[ReadyBulletin]) -> str:
    """Return the message, in the active language; its first line can stand by itself."""
    head = ngettext(
        "%(n)d bulletin on the ready shelf is to be looked at again",
        "%(n)d bulletins on the ready shelf are to be looked at again",
        len(rows),
    )
    lines = [head % {"n": len(rows)}, _("Read each and say that it still holds, or change it.")]
    lines += [f"- {one} ({date_format(one.review_on, 'SHORT_DATE_FORMAT')})" for one in rows[:NAMED]]
    if (more := len(rows) - NAMED) > 0:
        lines.append(ngettext("- and %(n)d more", "- and %(n)d more", more) % {"n": more})
    return "\n".join(lines)
