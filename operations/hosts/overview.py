"""What the desk shows of hosts: their processes, the queues, and who works on what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from delivery.models import Delivery, HostProcess, Lease, Mailing, Send
from delivery.reports.ledger_counts import Numbers


@dataclass
class Shown:
    """A process as the page shows it: how many seconds ago it was heard of, and whether that is too long."""

    process: HostProcess
    age: int
    silent: bool


@dataclass
class Host:
    """A machine, its processes, and the runs of its workers over sends."""

    name: str
    processes: list[Shown] = field(default_factory=list)
    runs: list[Lease] = field(default_factory=list)

    @property
    def is_silent(self) -> bool:
        """Whether nothing has been heard of any of its processes lately."""
        return bool(self.processes) and all(one.silent for one in self.processes)


@dataclass
class QueueLength:
    """A queue of mail: its open sends, the messages that wait in them, the runs at it, and the workers that serve it."""

    name: str
    sends: int = 0
    waiting: int = 0
    runs: int = 0
    connections: int = 0
    workers: int = 0


def hosts(*, at: datetime) -> list[Host]:
    """Return the hosts by name with what each does; two queries. A host whose worker only its lease knows is there too."""
    found: dict[str, Host] = {}
    for process in HostProcess.objects.all():
        age = max(0, int((at - process.seen_at).total_seconds()))
        shown = Shown(process, age, process.is_silent(at=at))
        found.setdefault(process.host, Host(process.host)).processes.append(shown)
    for lease in Lease.objects.select_related("send__mailing", "send__audience").order_by("since", "pk"):
        name = lease.worker.rpartition(" ")[0] or lease.worker
        found.setdefault(name, Host(name)).runs.append(lease)
    return sorted(found.values(), key=lambda host: host.name)


def queues(seen: Iterable[Host]) -> list[QueueLength]:
    """
    Return the queues of mail, the most urgent first; one query. Messages are those that nobody has claimed yet, and those that
    wait for a time as far as the tick has counted them: no row of the ledger is read.
    """
    lengths = {str(queue): QueueLength(str(queue.label)) for queue in Mailing.Queue}
    sends = (
        Send.objects.filter(state=Send.State.SENDING)
        .select_related("mailing")
        .only("mailing__queue", "last_delivery", "claimed_up_to", "counts")
    )
    for send in sends:
        length = lengths[send.mailing.queue]
        length.sends += 1
        states = Numbers.unpacked(send.counts).states
        length.waiting += max(0, (send.last_delivery or 0) - send.claimed_up_to) + states[Delivery.State.DEFERRED]
    for host in seen:
        for lease in host.runs:
            lengths[lease.send.mailing.queue].runs += 1
            lengths[lease.send.mailing.queue].connections += lease.connections
        for one in host.processes:
            for name in one.process.queues.split(",") if not one.silent else []:
                if name in lengths:
                    lengths[name].workers += one.process.processes
    return list(lengths.values())
