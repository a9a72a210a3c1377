"""
The one statement between two windows: what became of the last, and whether the next may go.

On PostgreSQL both are one prepared statement, and so one transaction and one round trip; on SQLite two statements in a
transaction. A window costs as much for ten rows as for a thousand.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from delivery.models import OF_THEMSELVES, Consent, Delivery, Lease, Mailing, Membership, Recipient, Send, Suppression
from delivery.transports.transport import Outcome

from .outcomes import record

State = Delivery.State

RECORD = """
UPDATE {delivery} SET state = 'accepted', code = %(code)s, detail = '', lease = NULL, finished_at = %(at)s
WHERE id {done} AND mailing_id = %(mailing)s AND state = 'handing_off' AND lease = %(lease)s
"""

# The same with the provider's own names for the mails; on PostgreSQL only.
RECORD_NAMED = """
UPDATE {delivery} SET state = 'accepted', code = %(code)s, detail = '', lease = NULL, finished_at = %(at)s,
       provider_id = named.name
FROM unnest(%(done)s::bigint[], %(names)s::text[]) AS named (id, name)
WHERE {delivery}.id = named.id AND {delivery}.mailing_id = %(mailing)s
  AND {delivery}.state = 'handing_off' AND {delivery}.lease = %(lease)s
"""

# May still go: the send is under way, not replaced and not too late; the person is active, in the audience and not
# suppressed, and has a standing consent to it (as Consent.objects.in_force has it); and the lease has not been swept.
TAKE = """
UPDATE {delivery} SET state = 'handing_off', handed_off_at = %(at)s, attempts = attempts + 1
WHERE id {ids} AND mailing_id = %(mailing)s AND state = 'claimed' AND lease = %(lease)s
  AND EXISTS (SELECT 1 FROM {lease} l WHERE l.id = %(lease)s)
  AND EXISTS (SELECT 1 FROM {send} s JOIN {mailing} m ON m.id = s.mailing_id
              WHERE s.id = %(send)s AND s.state = 'sending' AND m.superseded_by_id IS NULL
                AND (s.deadline IS NULL OR s.deadline >= %(at)s))
  AND EXISTS (SELECT 1 FROM {recipient} r
              WHERE r.id = {delivery}.recipient_id AND r.state = 'active'
                AND NOT EXISTS (SELECT 1 FROM {suppression} x WHERE x.address_hash = r.address_hash)
                AND EXISTS (SELECT 1 FROM {membership} b WHERE b.audience_id = %(audience)s
                            AND b.recipient_id = {member} AND b.left_at IS NULL {alone})
                AND EXISTS (SELECT 1 FROM {consent} c WHERE c.recipient_id = r.id AND c.purpose = %(purpose)s
                            AND c.withdrawn_at IS NULL AND c.confirmed_at IS NOT NULL
                            AND (r.address_since IS NULL OR c.confirmed_at >= r.address_since) {alone}) {alone})
RETURNING id
"""

TABLES = {
    "delivery": Delivery,
    "lease": Lease,
    "send": Send,
    "mailing": Mailing,
    "recipient": Recipient,
    "suppression": Suppression,
    "membership": Membership,
    "consent": Consent,
}

# PostgreSQL asks such a question of each row by itself. It would make one join of them all, and while it knows nothing of tables
# that were just filled, compare every member with every consent.
ALONE = "LIMIT 1 OFFSET 0"

# A window is a few rows: by the keys is right whatever the statistics say, and of tables that were just filled they say
# nothing yet.
UNWANTED = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")

NOT_ASKED = gettext_noop("There was no consent to this email for the address when it was due to be sent.")


def take(send: Send, ids: Sequence[int], outcomes: Sequence[Outcome], *, lease: int, at: datetime) -> set[int]:
    """
    In one transaction: record the outcomes of the last window, and mark as being handed over those of the claimed
    rows `ids` that may still go. Return their keys.
    """
    code = outcomes[0].code if outcomes else ""
    member = member_of(send)
    names = [outcome.provider_id for outcome in outcomes]
    plain = all(outcome.state == State.ACCEPTED and outcome.code == code for outcome in outcomes) and (
        connection.vendor == "postgresql" or not any(names)
    )
    parameters = {
        "send": send.pk,
        "mailing": send.mailing_id,
        "audience": send.audience_id,
        "purpose": send.audience.purpose.value,
        "lease": lease,
        "code": code,
        "done": [outcome.delivery_id for outcome in outcomes] if plain else [],
        "names": names if plain and any(names) else [],
        "ids": list(ids),
        "at": at,
    }
    if plain and connection.vendor == "postgresql":
        return take_prepared(parameters, member)
    with transaction.atomic():
        if not plain:
            record(outcomes, lease=lease, at=at, once_more=send.mailing.queue == Mailing.Queue.URGENT)
        elif outcomes:
            run(RECORD, parameters)
        return run(TAKE, parameters, member)


def member_of(send: Send) -> str:
    """Return who has to be in the audience: whose address it is, which of mail and of chat rooms is the recipient."""
    return "r.id" if send.channel in OF_THEMSELVES else "r.person_id"


def take_prepared(parameters: dict[str, Any], member: str) -> set[int]:
    """Run both as one statement of PostgreSQL, prepared once per connection; behind a pooler, planned anew."""
    from psycopg import Cursor

    connection.ensure_connection()
    raw: Any = connection.connection
    first = RECORD_NAMED if parameters["names"] else RECORD
    sql = text(f"WITH recorded AS ({first}) {TAKE}" if parameters["done"] else TAKE, member)
    # As text, which the server takes apart faster than the driver would put it together from numbers.
    lists = {name: f"{{{','.join(map(str, parameters[name]))}}}" for name in ("ids", "done")}
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        # The next transaction may have another connection to the server, and somebody else this one.
        with transaction.atomic(), connection.wrap_database_errors, Cursor(raw) as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in UNWANTED))
            return {row[0] for row in cursor.execute(sql, parameters | lists)}
    with connection.wrap_database_errors, Cursor(raw) as cursor:
        if raw.prepare_threshold is None:
            # Planning these anew for each window would cost more than running them.
            cursor.execute(
                "; ".join(["SET plan_cache_mode = force_generic_plan", *(f"SET {name} = off" for name in UNWANTED)])
            )
            raw.prepare_threshold = 0
        return {row[0] for row in cursor.execute(sql, parameters | lists)}


def run(sql: str, parameters: dict[str, Any], member: str = "") -> set[int]:
    """Run one of the two with Django's cursor; return the keys that it changed, if it tells."""
    values = {**parameters, "at": connection.ops.adapt_datetimefield_value(parameters["at"])}
    del values["names"]  # written by `record` here
    if connection.vendor == "sqlite":
        values |= {"ids": json.dumps(parameters["ids"]), "done": json.dumps(parameters["done"])}
    with connection.cursor() as cursor:
        cursor.execute(text(sql, member), values)
        return {row[0] for row in cursor.fetchall()} if "RETURNING" in sql else set()


@cache
def text(sql: str, member: str) -> str:
    """Return a statement with the names of the tables, lists in the way of this database, and whose membership is asked for."""
    tables = {name: connection.ops.quote_name(model._meta.db_table) for name, model in TABLES.items()}
    within = (
        "= ANY(%({})s::bigint[])" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%({})s))"
    )
    return sql.format(alone=ALONE, member=member, ids=within.format("ids"), done=within.format("done"), **tables)


def close_ineligible(send: Send, ids: Sequence[int], *, lease: int, at: datetime) -> bool:
    """
    Say why claimed rows did not go: their person left, is suppressed or has no standing consent to it, which the row then
    says; or the send was replaced or is too late, which closes all its rows. Where none of this holds any more they are ready again. Return whether the send goes on.
    """
    with transaction.atomic():
        now = Send.objects.select_related("mailing", "audience").get(pk=send.pk)
        if not Lease.objects.filter(pk=lease).exists() or now.state != Send.State.SENDING:
            return False
        rows = Delivery.objects.of(now)
        held = rows.filter(state=State.CLAIMED, lease=lease)
        late = now.deadline is not None and at > now.deadline
        if not (now.mailing.superseded_by_id or late):
            stays = held.filter(pk__in=ids)
            # What kept these from going may be over: a send that was paused for a moment.
            stays.filter(may_receive(now), has_consent(now)).update(state=State.QUEUED, lease=None, next_attempt_at=at)
            stays.filter(may_receive(now)).update(state=State.SUPPRESSED, detail=NOT_ASKED, finished_at=at, lease=None)
            stays.update(state=State.SUPPRESSED, finished_at=at, lease=None)
            return True
        closed = State.SUPERSEDED if now.mailing.superseded_by_id else State.EXPIRED
        held.update(state=closed, finished_at=at, lease=None)
        rows.filter(state__in=[State.QUEUED, State.DEFERRED]).update(state=closed, finished_at=at, next_attempt_at=None)
        return False


def may_receive(send: Send) -> Q:
    """Return what is asked of the person of a delivery, but for their consent: active, in the audience and not suppressed."""
    suppressed = Suppression.objects.filter(address_hash=OuterRef("recipient__address_hash"))
    member = OuterRef("recipient" if send.channel in OF_THEMSELVES else "recipient__person")
    members = Membership.objects.filter(audience=send.audience_id, recipient=member, left_at=None)
    return Q(~Exists(suppressed), Exists(members), recipient__state=Recipient.State.ACTIVE)


def has_consent(send: Send) -> Q:
    """Return that the person of a delivery has a standing consent to what the send's audience gets."""
    return Q(Exists(Consent.objects.in_force(send.audience.purpose).filter(recipient=OuterRef("recipient"))))
