"""
Whom a correction or a withdrawal reaches: people who got an earlier version, or may have: accepted, unknown, on its way, or
unknown once and then to be tried again.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from delivery.models import Audience, Delivery, Recipient
from delivery.transports import costs

State = Delivery.State
MAY_HAVE_GOT = (State.UNKNOWN, State.HANDING_OFF)


def may_have_got() -> Q:
    """Return the condition for rows of which nobody knows for sure whether they arrived."""
    return Q(state__in=MAY_HAVE_GOT) | Q(possible_duplicate=True)


def who_got(channel: str, audiences: Iterable[Audience], mailings: Iterable[int]) -> QuerySet[Recipient]:
    """Return the addresses of members of audiences that got any of these mailings by a channel, or may have."""
    reached = Q(state=State.ACCEPTED) | may_have_got()
    rows = Delivery.objects.filter(reached, mailing__in=list(mailings), recipient=OuterRef("pk"))
    return costs.members_at(channel, audiences).filter(Exists(rows))


def reached_rows(row: str) -> str:
    """Return the condition in SQL, a constant, for rows that arrived or may have; `row` is the table's alias."""
    states = ", ".join(f"'{state.value}'" for state in (State.ACCEPTED, *MAY_HAVE_GOT))
    return f"({row}.state IN ({states}) OR {row}.possible_duplicate)"


def failed_rows(row: str) -> str:
    """
    Return the condition in SQL, a constant, for rows that ended without their person having got it: refused, withheld, or
    bounced later. What was sent again after it was unknown, or settled by a person, is not one.
    """
    ended = ", ".join(f"'{state.value}'" for state in (State.FAILED, State.SUPPRESSED))
    bounced = f"({row}.state = '{State.ACCEPTED.value}' AND {row}.receipt = {Delivery.Receipt.BOUNCED.value})"
    return f"(({row}.state IN ({ended}) OR {bounced}) AND NOT {row}.possible_duplicate AND {row}.code <> '{Delivery.BY_STAFF}')"


# Whether a recipient `r` has such a row of the `earlier` mailings.
REACHED = f"""EXISTS (SELECT 1 FROM {{delivery}} d WHERE d.mailing_id IN ({{earlier}}) AND d.recipient_id = r.id
              AND {reached_rows("d")})"""  # noqa: S608  constants
