"""What became of each mail: the ledger beside what the relay has written down."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from benchmarks.mail.urgent import quantile

from . import relay

Times = dict[str, list[tuple[float, float]]]  # {kind: [when it arrived, how long after the approval]}


@dataclass
class Arrivals:
    """What the relay has written down: when the first mail of each delivery came, how many, and how many notices."""

    first: dict[int, float] = field(default_factory=dict)
    came: Counter[int] = field(default_factory=Counter)
    notices: int = 0


def read(inbox: relay.Inbox) -> Arrivals:
    """Read all that has arrived; a mail names its delivery in its return path, a notice has none."""
    from delivery.message import verp

    found = Arrivals()
    for at, sender, _recipient in inbox.arrived():
        if (key := verp.delivery_of_return_path(sender)) is None:
            found.notices += 1
        else:
            found.first.setdefault(key, at)
            found.came[key] += 1
    return found


def of(approvals: dict[int, tuple[str, float]], events: list[tuple[float, str]], inbox: relay.Inbox) -> dict[str, Any]:
    """Return the ledger, what does not agree with it, and how long the mails took; `times` are for the picture."""
    from delivery.models import Delivery, Send
    from delivery.reports import ledger

    arrivals = read(inbox)
    first, came = arrivals.first, arrivals.came
    times: Times = defaultdict(list)
    wrong: Counter[str] = Counter()
    rows = Delivery.objects.values_list("pk", "mailing_id", "state", "possible_duplicate")
    for key, mailing, state, again in rows.iterator(chunk_size=10_000):
        if key in first:
            kind, approved = approvals[mailing]
            times[kind].append((first[key], first[key] - approved))
        wrong["flagged"] += again
        wrong["lost"] += state == "accepted" and not came[key]
        wrong["twice_unseen"] += came[key] > 1 and not again
        wrong["arrived_otherwise"] += came[key] > 0 and state not in {"accepted", "unknown"} and not again
    addresses = Delivery.objects.filter(state="failed").values_list("recipient__email", flat=True)
    wrong["failed_wrongly"] = sum(not relay.is_missing(address) for address in addresses)
    sends = list(Send.objects.all())
    total = ledger.ledger_of(sends).total
    return {
        "ledger": asdict(total) | {"adds_up": total.adds_up and total.candidates == sum(s.candidates for s in sends)},
        "arrived": sum(came.values()),
        "notices_arrived": arrivals.notices,
        "came_twice": sum(number > 1 for number in came.values()),
        **wrong,
        "seconds_to_inbox": {kind: shares(sorted(took for _at, took in ones)) for kind, ones in times.items()},
        "seconds": round(events[-1][0] - events[0][0], 1),
        "events": aftermath(events, sorted(first.values())),
        "times": times,
    }


def aftermath(events: list[tuple[float, str]], moments: list[float]) -> list[dict[str, Any]]:
    """Return when each thing happened, and the longest silence that followed."""
    return [
        {"second": round(at - events[0][0], 1), "what": words, "longest_silence_s": silence(moments, at, until)}
        for (at, words), (until, _next) in pairwise(events)
    ]


def shares(seconds: list[float]) -> dict[str, float]:
    """Return how many mails there were, and how long they took."""
    return {
        "mails": len(seconds),
        "first": round(seconds[0], 2),
        **{f"p{share}": round(quantile(seconds, share), 2) for share in (50, 95, 99)},
    }


def silence(moments: list[float], at: float, until: float) -> float:
    """Return for how long no mail arrived at most, of the silences that began from `at` to `until`, the next event (seconds)."""
    gaps = [later - max(earlier, at) for earlier, later in pairwise(moments) if later > at and earlier < until]
    return round(max(gaps, default=0.0), 1)
