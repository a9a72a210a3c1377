"""Into which chat rooms a bulletin goes, before it is approved; and word to staff of a room that is gone."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from bulletins import notices
from bulletins.models import Bulletin, Urgency
from delivery.fanout.correction_recipients import may_have_got
from delivery.models import Channel, Delivery, Room
from delivery.transports import channels
from notifications import outbox


def rooms_of(bulletin: Bulletin) -> list[Room]:
    """
    Return the rooms that a version goes into: a later one into those that got an earlier one or may have. One query where rooms are
    set up.
    """
    if Channel.ROOM not in channels.beside_mail(bulletin.campaign):
        return []
    rooms = Room.objects.standing().filter(campaign=bulletin.campaign_id)
    if bulletin.version > 1:
        reached = Q(state=Delivery.State.ACCEPTED) | may_have_got()
        rows = Delivery.objects.filter(reached, mailing__version__bulletin=bulletin, recipient=OuterRef("recipient"))
        return list(rooms.filter(Exists(rows)))
    return list(rooms if bulletin.urgency == Urgency.URGENT else rooms.filter(wants_bulletins=True))


def tell_of_end(room: Room, *, at: datetime) -> None:
    """Tell whoever keeps chat rooms that nothing can be said in one any more; in the transaction that ends it."""
    people = User.objects.staff_with("delivery.change_room", room.campaign_id)
    outbox.write(notices.ROOM_GONE, people, about=room, at=at)
