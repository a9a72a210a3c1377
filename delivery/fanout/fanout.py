"""From a send to its deliveries: one row per person, in one statement, whatever the size."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef

from campaigns.models import ReadingLevel
from delivery.models import (
    OF_THEMSELVES,
    ChannelChoice,
    Consent,
    Delivery,
    DigestShare,
    Lease,
    MailChoice,
    Mailing,
    Membership,
    Message,
    Newcomer,
    Recipient,
    Send,
    Snooze,
    Subscription,
    Suppression,
)
from delivery.recipients.welcome_mails import NEWCOMERS
from delivery.reports import ledger_partitions
from delivery.subscriptions import cursors

from . import channel_wishes, member_preferences
from .correction_recipients import REACHED, failed_rows, reached_rows

# In which language a row's message is, and whether in easy language: where its reader prefers that and there is a message in it.
# `r` is the address, `who` the row of its person: the same one for mail and for chat rooms.
LANGUAGE = "CASE WHEN {who}.language IN ({languages}) THEN {who}.language ELSE %(fallback)s END"
INTO = """
INSERT INTO {delivery} (send_id, mailing_id, recipient_id, language, is_easy, state, attempts, crashes, code, detail,
                        provider_id, possible_duplicate, receipt)
"""
VALUES = f"""{LANGUAGE},
       CASE WHEN {{who}}.prefers_easy AND ({LANGUAGE}) IN ({{easy}}) THEN TRUE ELSE FALSE END,
       'queued', 0, 0, '', '', '', FALSE, 0
"""

# One statement for both databases. Sorted, so that the unique index grows at its end only; without ON CONFLICT,
# which makes a million rows half as slow again: the mailing is locked meanwhile.
CANDIDATES = """FROM {recipient} r {joined}
WHERE r.channel = %(channel)s AND r.state = 'active' AND {who}.state <> 'erased'
  AND EXISTS (SELECT 1 FROM {membership} m WHERE m.audience_id = %(audience)s AND m.recipient_id = {who}.id
              AND m.joined_at <= %(at)s AND (m.left_at IS NULL OR m.left_at > %(at)s))
  {newcomers} {exposed} {others} {wanted} {readers} {instead_of}
"""
INSERT = f"{INTO} SELECT %(send)s, %(mailing)s, r.id, {VALUES} {CANDIDATES} ORDER BY r.id"

# Whether the same would write anything.
ANY = f"SELECT 1 {CANDIDATES} LIMIT 1"

# The rows of those whose cursors a digest has just moved, each as their subscription says.
MOVED = f"""{INTO}
SELECT %(send)s, %(mailing)s, r.recipient_id, {VALUES}
FROM {{subscription}} r
WHERE r.audience_id = %(audience)s AND r.topics_id IN ({{topics}}) AND r.mailing_id = %(mailing)s
ORDER BY r.recipient_id
"""  # noqa: S608  constants

# Whoever already has a row of this mailing, from another of its audiences, is passed over; so is who has one of a
# roundup with it or, of a roundup, of one of its parts.
OTHERS = """
  AND NOT EXISTS (SELECT 1 FROM {delivery} o WHERE o.mailing_id IN ({others}) AND o.recipient_id = r.id)
"""

# Of what was stopped, a row counts only where it was read, or may have been.
STOPPED = f"""
  AND NOT EXISTS (SELECT 1 FROM {{delivery}} p WHERE p.mailing_id IN ({{stopped}}) AND p.recipient_id = r.id
              AND {reached_rows("p")})
"""  # noqa: S608  constants

# Whom a send by another channel failed, and who neither has it from anywhere nor waits for it.
INSTEAD = f"""
  AND EXISTS (SELECT 1 FROM {{recipient}} o JOIN {{delivery}} d ON d.recipient_id = o.id
              WHERE o.person_id = r.id AND d.mailing_id = %(mailing)s AND d.send_id = %(instead_of)s AND {failed_rows("d")})
  AND NOT EXISTS (SELECT 1 FROM {{recipient}} o JOIN {{delivery}} d ON d.recipient_id = o.id
                  WHERE o.person_id = r.id AND d.mailing_id = %(mailing)s AND NOT {failed_rows("d")})
"""  # noqa: S608  constants

# Readers of a language that follows wait for it; what follows is for them alone.
READERS = "AND {who}.language = %(only)s"
NOT_YET = "AND {who}.language NOT IN ({awaited})"


class Served(NamedTuple):
    """The languages in which a send is served, the first for readers of others; `easy` are those that have easy language too."""

    languages: list[str]
    easy: list[str]


class NothingToSend(Exception):
    """A mailing without a message in any language."""


def fan_out(send: Send, *, at: datetime) -> int:
    """
    Write a delivery for every candidate of a planned send and start it; return how many there are.

    Candidates are the audience's members at the slot who want it by the send's channel (for a correction: of those, the people who were reached
    by what it corrects; for a welcome: those who have just come; for what stands in for a send: those whom that failed) without people who have its words already, each in their own language where the mailing has it
    and the audience is served in it, otherwise in the audience's first language. Members whom a roundup passes over
    get what they lack of it part by part: those sends are planned here. Who prefers easy language gets the message in it where
    there is one. A send with shares goes to the subscribers of
    these, and their cursors move with it: nobody has the one without the other.

    Nothing is written when the send is no longer planned, or while something that it takes the place of is still
    being handed over: it stays planned then. Raise NothingToSay when the mailing has no message.
    """
    served = served_in(send)
    if not served.languages:
        raise NothingToSend(f"Mailing {send.mailing_id} has no message in any language.")
    ledger_partitions.ensure_partition(send.mailing_id)
    with transaction.atomic():
        parts = list(Mailing.objects.filter(roundups=send.mailing_id).order_by("pk"))
        # Two fan-outs that say the same to the same people share a part, and wait for each other here.
        locked = Mailing.objects.select_for_update().filter(pk__in=[send.mailing_id, *(part.pk for part in parts)])
        mailing = next(one for one in locked.order_by("pk") if one.pk == send.mailing_id)
        same = mailing.saying_the_same()
        if in_flight(same):
            return 0
        won = Send.objects.filter(pk=send.pk, state=Send.State.PLANNED).update(
            state=Send.State.SENDING, fanned_out_at=at
        )
        if not won:
            return 0
        before = last_delivery()
        shares = list(send.shares.all()) if mailing.is_digest else []
        if shares:
            written = insert_moved(send, shares, served, at=at)
        else:
            written = insert(send, mailing, served, same, at=at)
        ledger_partitions.note_growth(send.mailing_id, rows=written)
        first = Delivery.objects.filter(pk__gt=before, send=send.pk).order_by("pk").values_list("pk", flat=True).first()
        last = last_delivery() if written else 0
        Send.objects.filter(pk=send.pk).update(
            candidates=written, first_delivery=first, last_delivery=last, claimed_up_to=(first or 1) - 1
        )
        if with_rows(same):
            plan_remaining(send, parts, at=at)
    send.refresh_from_db()
    return written


def served_in(send: Send) -> Served:
    """Return in which languages a send is served: those of its audience that its mailing has, else all that it has; one query."""
    messages = Message.objects.filter(mailing=send.mailing_id, channel=send.channel).order_by("pk")
    levels = list(messages.values_list("language", "reading_level"))
    spoken = [code for code, level in levels if level == ReadingLevel.STANDARD]
    languages = [code for code in send.audience.languages if code in spoken] or spoken
    return Served(languages, [code for code, level in levels if level == ReadingLevel.EASY and code in languages])


def awaited(send: Send, mailing: Mailing) -> list[str]:
    """
    Return the languages whose readers wait: those that the mailing is to have and has not yet, as far as the audience is served in
    them. Whoever is told of a correction waits for nothing. One query where there are any.
    """
    if not mailing.awaits or send.language or send.exposed_only or send.newcomers_only or send.instead_of_id:
        return []
    has = set(Message.objects.settling(send.channel).filter(mailing=mailing).values_list("language", flat=True))
    return [code for code in mailing.awaits if code in send.audience.languages and code not in has]


def last_delivery() -> int:
    """Return the highest key of any delivery, 0 when there is none."""
    return Delivery.objects.aggregate(last=Max("pk"))["last"] or 0


def in_flight(same: dict[int, bool]) -> bool:
    """
    Return whether a worker may still be handing over what was stopped: who has got it is not known before its end.
    """
    stopped = [pk for pk, is_stopped in same.items() if is_stopped]
    return bool(stopped) and Lease.objects.filter(send__mailing__in=stopped).exists()


def with_rows(mailings: Iterable[int]) -> list[int]:
    """Return those of these mailings that have deliveries."""
    rows = Delivery.objects.filter(mailing=OuterRef("pk"))
    pks = list(mailings)
    return list(Mailing.objects.filter(Exists(rows), pk__in=pks).values_list("pk", flat=True)) if pks else []


def plan_remaining(send: Send, parts: list[Mailing], *, at: datetime) -> None:
    """
    Plan each part of a roundup for the members whom the roundup passed over and who have no row of that part. A welcome passes over
    nobody who lacks its part.
    """
    for part in [] if send.newcomers_only else parts:
        if finds_anybody(send, part, at=at):
            Send.objects.create(
                mailing=part,
                audience=send.audience,
                slot_key=f"{part.key}-beside-{send.mailing_id}",
                slot_at=send.slot_at,
                hold_after=send.hold_after,
                deadline=send.deadline,
                pace=send.pace,
                since=send.since,
            )


def finds_anybody(send: Send, mailing: Mailing, *, at: datetime) -> bool:
    """Return whether a send, were it one of `mailing`, would have any row."""
    sql, parameters = statement(ANY, send, mailing, Served([], []), mailing.saying_the_same(), at=at)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone() is not None


def insert(send: Send, mailing: Mailing, served: Served, same: dict[int, bool], *, at: datetime) -> int:
    """Write the rows of a send and return how many. The mailing is locked."""
    sql, parameters = statement(INSERT, send, mailing, served, same, at=at)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def insert_moved(send: Send, shares: list[DigestShare], served: Served, *, at: datetime) -> int:
    """Move the cursors of people whom a digest is for, write their rows and return how many. The mailing is locked."""
    moved = cursors.move(send, shares, at=at)
    topics = sorted({share.topics_id for share in shares})
    lists: dict[str, list[Any]] = {"languages": served.languages, "easy": served.easy, "topics": topics}
    names = {name: ", ".join(f"%({name}{n})s" for n in range(len(values))) or "NULL" for name, values in lists.items()}
    parameters: dict[str, Any] = {
        "send": send.pk,
        "mailing": send.mailing_id,
        "audience": send.audience_id,
        "fallback": served.languages[0],
    }
    for name, values in lists.items():
        parameters |= {f"{name}{n}": value for n, value in enumerate(values)}
    tables = {"delivery": Delivery._meta.db_table, "subscription": Subscription._meta.db_table, "who": "r"}
    with connection.cursor() as cursor:
        cursor.execute(MOVED.format(**tables, **names), parameters)
        assert cursor.rowcount == moved
        return moved


def statement(
    sql: str, send: Send, mailing: Mailing, served: Served, same: dict[int, bool], *, at: datetime
) -> tuple[str, dict[str, Any]]:
    """Return INSERT or ANY for the candidates of a send, were it one of `mailing`, and its parameters."""
    known = with_rows([mailing.pk, *same])
    wanted, topics = member_preferences.preference_clauses(send, mailing)
    instead = channel_wishes.instead_of_mail(send, mailing)
    wanted = [*wanted, *channel_wishes.clauses(send, instead)]
    lists: dict[str, list[Any]] = {
        "topics": topics,
        "earlier": mailing.earlier_ids() if send.exposed_only or wanted else [],
        "others": [pk for pk in known if not same.get(pk, False)],
        "stopped": [pk for pk in known if same.get(pk, False)],
        "languages": served.languages,
        "easy": served.easy,
        "awaited": awaited(send, mailing),
        "instead": instead,
    }
    of_themselves = send.channel in OF_THEMSELVES
    parameters: dict[str, Any] = {
        "send": send.pk,
        "channel": send.channel,
        "wants": channel_wishes.wanted_of(mailing),
        "only": send.language,
        "mailing": mailing.pk,
        "audience": send.audience_id,
        # As the database stores moments: SQLite compares them as text in UTC.
        "at": connection.ops.adapt_datetimefield_value(max(at, send.slot_at)),
        "fallback": served.languages[0] if served.languages else "",
        "campaign": mailing.campaign_id,
        "pace": send.pace,
        "since": connection.ops.adapt_datetimefield_value(send.since),
        "number_of_topics": len(topics),
        "instead_of": send.instead_of_id,
    }
    tables = {
        "delivery": Delivery._meta.db_table,
        "membership": Membership._meta.db_table,
        "recipient": Recipient._meta.db_table,
        "choice": MailChoice._meta.db_table,
        "snooze": Snooze._meta.db_table,
        "newcomer": Newcomer._meta.db_table,
        "channel_choice": ChannelChoice._meta.db_table,
        "consent": Consent._meta.db_table,
        "suppression": Suppression._meta.db_table,
        "who": "r" if of_themselves else "w",
    }
    for name, values in lists.items():
        parameters |= {f"{name}{n}": value for n, value in enumerate(values)}
        tables[name] = ", ".join(f"%({name}{n})s" for n in range(len(values))) or "NULL"
    reached = REACHED.format(**tables)
    tables["or_reached"] = f"OR {reached}" if lists["earlier"] else ""
    clauses = {
        "newcomers": NEWCOMERS.format(**tables) if send.newcomers_only else "",
        "exposed": f"AND {REACHED}".format(**tables) if send.exposed_only else "",
        "wanted": "".join(wanted).format(**tables),
        "joined": "" if of_themselves else "JOIN {recipient} w ON w.id = r.person_id".format(**tables),
        "readers": READERS.format(**tables) if send.language else NOT_YET.format(**tables) if lists["awaited"] else "",
        "instead_of": INSTEAD.format(**tables) if send.instead_of_id else "",
        "others": (OTHERS.format(**tables) if lists["others"] else "")
        + (STOPPED.format(**tables) if lists["stopped"] else ""),
    }
    return sql.format(**{**tables, **clauses}), parameters
