"""The send ledger: candidates = accepted + failed + suppressed + unknown + still to go."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from delivery.models import Audience, Channel, Delivery, Send
from delivery.models.sends import audience_by

from .ledger_totals import people_by

State = Delivery.State


@dataclass
class Row:
    """
    Numbers of people. `suppressed` counts everything held back on purpose: suppressed, superseded and expired;
    `deferred` counts those of `to_go` that will be tried again later.
    """

    candidates: int = 0
    accepted: int = 0
    failed: int = 0
    suppressed: int = 0
    unknown: int = 0
    to_go: int = 0
    deferred: int = 0
    superseded: int = 0
    expired: int = 0

    def add(self, state: str, count: int) -> None:
        """Count `count` deliveries in `state`."""
        self.candidates += count
        if state in Delivery.TO_GO:
            self.to_go += count
            self.deferred += count if state == State.DEFERRED else 0
        elif state in Delivery.WITHHELD:
            self.suppressed += count
            self.superseded += count if state == State.SUPERSEDED else 0
            self.expired += count if state == State.EXPIRED else 0
        elif state == State.ACCEPTED:
            self.accepted += count
        elif state == State.FAILED:
            self.failed += count
        else:
            self.unknown += count

    @property
    def adds_up(self) -> bool:
        """Return whether the equation holds."""
        return self.candidates == self.accepted + self.failed + self.suppressed + self.unknown + self.to_go


@dataclass
class Line(Row):
    """The numbers of one audience by one channel in one language; `instead` of another channel that failed."""

    audience: Audience | None = None
    channel: str = Channel.MAIL
    language: str = ""
    instead: bool = False

    @property
    def whom(self) -> str:
        """Its audience and channel, as staff read it."""
        return audience_by(self.audience, self.channel, instead=self.instead) if self.audience else ""


@dataclass
class Ledger:
    """The lines of one or more sends, and their sum."""

    rows: list[Line] = field(default_factory=list)
    total: Row = field(default_factory=Row)


class Lines(dict[tuple[int, str, bool, str], Line]):
    """The lines of some sends, made when there is something to count in them; one query."""

    def __init__(self, sends: Iterable[Send]) -> None:
        super().__init__()
        self._sends = {send.pk: send for send in sends}
        self._audiences = Audience.objects.in_bulk({send.audience_id for send in self._sends.values()})

    def line(self, send_id: int, language: str) -> Line:
        """Return the line of a send's rows in a language."""
        send = self._sends[send_id]
        instead = send.instead_of_id is not None
        key = (send.audience_id, send.channel, instead, language)
        made = Line(audience=self._audiences[key[0]], channel=send.channel, language=language, instead=instead)
        return self.setdefault(key, made)


def ledger_of(sends: Iterable[Send]) -> Ledger:
    """Return the ledger of these sends by audience, channel and language; two queries, however many rows there are."""
    chosen = list(sends)
    ledger, lines = Ledger(), Lines(chosen)
    for send_id, language, state, count in people_by(chosen, "language", "state"):
        lines.line(send_id, language).add(state, count)
        ledger.total.add(state, count)
    ledger.rows = list(lines.values())
    return ledger
