"""From a send to its deliveries: one row per person, in one statement, whatever the size."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from .models import Delivery, Mailing, Membership, Message, Recipient, Send

# One statement for both databases. Sorted, so that the unique index grows at its end only; without ON CONFLICT,
# which makes a million rows half as slow again: the mailing is locked meanwhile.
INSERT = """
INSERT INTO {delivery} (send_id, mailing_id, recipient_id, language, state, attempts, crashes, code, detail,
                        provider_id, possible_duplicate, receipt)
SELECT %(send)s, %(mailing)s, r.id,
       CASE WHEN r.language IN ({languages}) THEN r.language ELSE %(fallback)s END,
       'queued', 0, 0, '', '', '', FALSE, 0
FROM {recipient} r
WHERE r.state = 'active'
  AND EXISTS (SELECT 1 FROM {membership} m WHERE m.audience_id = %(audience)s AND m.recipient_id = r.id
              AND m.joined_at <= %(at)s AND (m.left_at IS NULL OR m.left_at > %(at)s))
  {exposed} {others}
ORDER BY r.id
"""

# A correction goes to those who got the earlier version, or may have: accepted, unknown, on its way, or unknown once
# and then to be tried again.
EXPOSED = """
  AND EXISTS (SELECT 1 FROM {delivery} d WHERE d.mailing_id IN ({earlier}) AND d.recipient_id = r.id
              AND (d.state IN ('accepted', 'unknown', 'handing_off') OR d.possible_duplicate))
"""

# Whoever already has a row of this mailing, from another of its audiences, is passed over.
OTHERS = """
  AND NOT EXISTS (SELECT 1 FROM {delivery} o WHERE o.mailing_id = %(mailing)s AND o.recipient_id = r.id)
"""


class NothingToSay(Exception):
    """A mailing without a message in any language."""


def fan_out(send: Send, *, at: datetime) -> int:
    """
    Write a delivery for every candidate of a planned send and start it; return how many there are.

    Candidates are the audience's members at the slot (for a correction: of those, the people who were reached
    by what it corrects), each in their own language where the mailing has it and the audience is served in it,
    otherwise in the audience's first language. Nothing is written when the send is no longer planned.
    Raise NothingToSay when the mailing has no message.
    """
    spoken = list(Message.objects.filter(mailing=send.mailing_id).order_by("pk").values_list("language", flat=True))
    served = [code for code in send.audience.languages if code in spoken] or spoken
    if not served:
        raise NothingToSay(f"Mailing {send.mailing_id} has no message in any language.")
    with transaction.atomic():
        won = Send.objects.filter(pk=send.pk, state=Send.State.PLANNED).update(
            state=Send.State.SENDING, fanned_out_at=at
        )
        if not won:
            return 0
        mailing = Mailing.objects.select_for_update().get(pk=send.mailing_id)
        before = last_delivery()
        written = insert(send, mailing, served, at=at)
        first = Delivery.objects.filter(pk__gt=before, send=send.pk).order_by("pk").values_list("pk", flat=True).first()
        last = last_delivery() if written else 0
        Send.objects.filter(pk=send.pk).update(
            candidates=written, first_delivery=first, last_delivery=last, claimed_up_to=(first or 1) - 1
        )
    send.refresh_from_db()
    return written


def last_delivery() -> int:
    """Return the highest key of any delivery, 0 when there is none."""
    return Delivery.objects.aggregate(last=Max("pk"))["last"] or 0


def insert(send: Send, mailing: Mailing, served: list[str], *, at: datetime) -> int:
    """Write the rows of a send and return how many. The mailing is locked."""
    earlier = mailing.earlier_ids() if send.exposed_only else []
    parameters = {
        "send": send.pk,
        "mailing": mailing.pk,
        "audience": send.audience_id,
        # As the database stores moments: SQLite compares them as text in UTC.
        "at": connection.ops.adapt_datetimefield_value(max(at, send.slot_at)),
        "fallback": served[0],
    }
    parameters |= {f"earlier{n}": pk for n, pk in enumerate(earlier)}
    parameters |= {f"language{n}": code for n, code in enumerate(served)}
    tables = {
        "delivery": Delivery._meta.db_table,
        "membership": Membership._meta.db_table,
        "recipient": Recipient._meta.db_table,
        "languages": ", ".join(f"%(language{n})s" for n in range(len(served))),
        "earlier": ", ".join(f"%(earlier{n})s" for n in range(len(earlier))) or "NULL",
    }
    others = Delivery.objects.filter(mailing=mailing).exists()
    sql = INSERT.format(
        exposed=EXPOSED.format(**tables) if send.exposed_only else "",
        others=OTHERS.format(**tables) if others else "",
        **tables,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount
