"""Updates that an authority has sent of what a bulletin is made of and that nobody has taken into it: whoever approves has to know of them."""

from collections.abc import Collection

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bulletins.models import Bulletin, MessageInput, NotAllowed, Parts


def pending(bulletin: Bulletin) -> list[MessageInput]:
    """Return the newest update of each submission that a bulletin is made of, unless it was taken or declined; three queries at most."""
    parts = Parts(bulletin)
    made_of = {one.pk for one in parts.inputs}
    return [one for one in parts.updates.values() if one.pk not in made_of]


def refuse_unread(bulletin: Bulletin, seen: Collection[str]) -> None:
    """Raise NotAllowed where an update came that is not among those (keys) that stood on the page that somebody read."""
    if unread := [one for one in pending(bulletin) if str(one.pk) not in seen]:
        when = date_format(bulletin.campaign.local(unread[-1].received_at), "SHORT_DATETIME_FORMAT")
        raise NotAllowed(
            _(
                "Not approved: %(who)s sent an update on %(time)s, while you read. Read it; you can approve all the same."
            )
            % {"who": unread[-1].authority, "time": when}
        )
