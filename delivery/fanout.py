"""From a send to its deliveries: one row per person, in one statement, whatever the size."""

from datetime import datetime

from django.db import connection, transaction

from .models import Delivery, Membership, Message, Recipient, Send

# One statement for both databases. Whoever already has a row of this mailing, from whichever audience, is
# passed over, and so a second fan-out at the same time adds nothing.
INSERT = """
INSERT INTO {delivery} (send_id, mailing_id, recipient_id, language, state, lease_token, attempts, code, detail,
                        possible_duplicate, receipt)
SELECT %(send)s, %(mailing)s, r.id,
       CASE WHEN r.language IN ({languages}) THEN r.language ELSE %(fallback)s END,
       'queued', '', 0, '', '', {false}, 0
FROM {membership} m JOIN {recipient} r ON r.id = m.recipient_id
WHERE m.audience_id = %(audience)s AND m.joined_at <= %(at)s AND (m.left_at IS NULL OR m.left_at > %(at)s)
  AND r.state = 'active' {exposed}
ON CONFLICT (mailing_id, recipient_id) DO NOTHING
"""

# A correction goes to those who got the earlier version, or may have: accepted, unknown, or on its way.
EXPOSED = """
  AND EXISTS (SELECT 1 FROM {delivery} d WHERE d.mailing_id IN ({earlier}) AND d.recipient_id = r.id
              AND d.state IN ('accepted', 'unknown', 'handing_off'))
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
        parameters = {
            "send": send.pk,
            "mailing": send.mailing_id,
            "audience": send.audience_id,
            # As the database stores moments: SQLite compares them as text in UTC.
            "at": connection.ops.adapt_datetimefield_value(max(at, send.slot_at)),
            "fallback": served[0],
        }
        earlier = send.mailing.earlier_ids() if send.exposed_only else []
        parameters |= {f"earlier{n}": pk for n, pk in enumerate(earlier)}
        parameters |= {f"language{n}": code for n, code in enumerate(served)}
        tables = {
            "delivery": Delivery._meta.db_table,
            "membership": Membership._meta.db_table,
            "recipient": Recipient._meta.db_table,
            "languages": ", ".join(f"%(language{n})s" for n in range(len(served))),
            "earlier": ", ".join(f"%(earlier{n})s" for n in range(len(earlier))) or "NULL",
            "false": "FALSE",
        }
        exposed = EXPOSED.format(**tables) if send.exposed_only else ""
        with connection.cursor() as cursor:
            cursor.execute(INSERT.format(exposed=exposed, **tables), parameters)
            written = cursor.rowcount
        Send.objects.filter(pk=send.pk).update(candidates=written)
    send.refresh_from_db()
    return written
