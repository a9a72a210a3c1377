"""Somebody says that they have seen an urgent bulletin, by a press. The first one counts, however often and wherever they say it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bulletins.models import Version
from delivery.links import seen_links
from delivery.links.signing import BadLink
from delivery.models import Recipient
from influencers.models import AskedPartner, Influencer, SeenRequest

# What a press may name: clients of people's own can send any digits.
MAILING = re.compile(r"[0-9]{1,18}")

# Ends after which a press says nothing: what was seen is not what holds.
REPLACED = {SeenRequest.End.CORRECTED, SeenRequest.End.WITHDRAWN}


class NotCounted(Exception):
    """A press that says nothing. The text says why and what now, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked by a request, and by which way they answer; `seen_at` is None while they have not said so."""

    request: SeenRequest
    influencer: Influencer
    seen_at: datetime | None
    way: str = AskedPartner.PORTAL

    @property
    def is_replaced(self) -> bool:
        """Whether the version that asks was corrected or withdrawn since."""
        return self.request.ended in REPLACED

    @property
    def number(self) -> int:
        """The number of the bulletin."""
        return self.request.version.bulletin.number


def by_link(token: str) -> Asked:
    """
    Return who is asked by a link in a mail, or in a message of another channel; five queries at most. Raise BadLink when it is none of ours, was sent to an address that
    its person has no more, or when they take no part any more.
    """
    recipient, mailing = seen_links.read_seen(token)
    found = by_recipient(recipient, mailing.pk)
    if found is None:
        raise BadLink(_("This link counts for nobody any more: whoever it was sent to has left, or was never asked."))
    return found


def by_recipient(recipient: Recipient, mailing: int) -> Asked | None:
    """Return who is asked of a mailing at an address of some channel, None when they take no part, or nobody is; three queries."""
    requests = SeenRequest.objects.filter(version__mailing=mailing)
    request = requests.select_related("version__bulletin", "campaign").first()
    if request is None:
        return None
    person = recipient.person_id or recipient.pk
    influencers = Influencer.objects.filter(
        recipient=person, campaign=request.campaign_id, state=Influencer.State.ACTIVE
    )
    influencer = influencers.select_related("recipient").first()
    return asked(request, influencer, way=recipient.channel) if influencer else None


def by_press(recipient: Recipient, mailing: str, at: datetime) -> str:
    """Note that somebody pressed the button under a message of a channel, and return what to tell them."""
    found = by_recipient(recipient, int(mailing)) if MAILING.fullmatch(mailing) else None
    if found is None:
        return _("This counts for nobody any more.")
    try:
        acknowledge(found, at=at)
    except NotCounted as refusal:
        return str(refusal)
    return _("Thank you. It is noted that you have seen it.")


def asked(request: SeenRequest, influencer: Influencer, *, way: str = AskedPartner.PORTAL) -> Asked:
    """Return how an influencer stands to a request; one query. Whoever came later can say it too."""
    mine = AskedPartner.objects.filter(request=request, influencer=influencer)
    return Asked(request, influencer, mine.values_list("seen_at", flat=True).first(), way)


def on_portal(influencer: Influencer, versions: Iterable[Version]) -> dict[int, Asked]:
    """
    Return by version how an influencer stands to what versions ask, of those whose request has not been replaced; one query, none
    when no version asks.
    """
    asking = {version.pk: version for version in versions if version.asks_seen}
    if not asking:
        return {}
    found = SeenRequest.objects.filter(version__in=asking).exclude(ended__in=REPLACED)
    rows = {row.version_id: row for row in found}
    seen = AskedPartner.objects.filter(request__in=rows.values(), influencer=influencer) if rows else []
    moments = {row.request_id: row.seen_at for row in seen}
    for key, row in rows.items():
        row.version = asking[key]
    return {key: Asked(row, influencer, moments.get(row.pk)) for key, row in rows.items()}


def acknowledge(one: Asked, *, at: datetime) -> datetime:
    """
    Note that somebody has seen it, and return when they first said so. Twice, or by two ways at once, changes nothing more. Raise
    NotCounted, with nothing changed, when it was corrected or withdrawn since.
    """
    if one.is_replaced:
        raise NotCounted(_("Not counted: this bulletin has changed since. Read what applies now."))
    row, _new = AskedPartner.objects.get_or_create(
        request=one.request, influencer=one.influencer, defaults={"asked_at": at}
    )
    AskedPartner.objects.filter(pk=row.pk, seen_at=None).update(seen_at=at, channel=one.way)
    row.refresh_from_db()
    assert row.seen_at is not None
    return row.seen_at
