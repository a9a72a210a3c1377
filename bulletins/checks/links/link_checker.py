"""
Trying the addresses that bulletins name. The rows are the queue: the tick writes down what has to be tried and wakes
the task, which asks the sites outside any transaction. Nothing here runs while someone waits for a page.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from bulletins.models import SITUATION, Bulletin, Edition, KeyMessage, LinkCheck
from lib import task_queue
from lib.http import url_parts
from lib.http.safe_fetch import FetchFault, fetch

BROKEN = {404, 410}
STALE = timedelta(hours=24)
STALE_IN_REVIEW = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=5)  # so that a lost task costs no more than this
MOST_AT_ONCE = 40
LONGEST_TRIED = 1000  # characters of an address, as many as LinkCheck.url has room for
NO_HEAD = {400, 403, 405, 406, 429, 501, 503}  # answers of sites that only mind the HEAD

_LINK = re.compile(
    r"\]\(<?(https?://[^)\s>]+)|<(https?://[^<>\s]+)>|(?<![\w(<])(https?://[^\s<>\")\]]+)", re.IGNORECASE
)
_EXAMPLES = re.compile(r"(?:^|\.)(?:example\.(?:org|com|net)|example|test|invalid)\.?$")


def addresses_of(editions: Iterable[Edition], messages: Iterable[KeyMessage]) -> Iterator[tuple[str, str, str]]:
    """Give (address, language, place) of every web address in editions, their variants, and key messages' sources."""
    for edition in editions:
        code = edition.language
        for name in (*SITUATION, "body"):
            yield from ((url, code, f"edition:{code}:{name}") for url in addresses_in(getattr(edition, name)))
        for variant in edition.variants.all():
            for name in ("caption", "script"):
                place = f"variant:{code}:{variant.platform}:{name}"
                yield from ((url, code, place) for url in addresses_in(getattr(variant, name)))
    for message in messages:
        for code, url in message.source_url.items():
            if url.strip():
                yield url.strip(), code, f"message:{message.pk}:{code}"


def addresses_in(text: str) -> list[str]:
    """Return the web addresses of a Markdown or plain text, each once, without the full stop after them."""
    found = ("".join(match.groups(default="")).rstrip(".,;:!?") for match in _LINK.finditer(text))
    return list(dict.fromkeys(found))


def is_example(url: str) -> bool:
    """Return whether an address is one of those that are kept for examples (RFC 2606) and never tried."""
    return bool(_EXAMPLES.search(url_parts.host_of(url)))


def queue_links(bulletins: Iterable[Bulletin], *, at: datetime) -> int:
    """Write down which addresses of `bulletins` have to be tried, and return how many those are."""
    wanted: dict[str, timedelta] = {}
    for bulletin in bulletins:
        age = STALE_IN_REVIEW if bulletin.state == Bulletin.State.IN_REVIEW else STALE
        for url, *_rest in addresses_of(bulletin.editions.all(), bulletin.key_messages.all()):
            if len(url) <= LONGEST_TRIED and not is_example(url):
                wanted[url] = min(age, wanted.get(url, age))
    known = {check.url: check for check in LinkCheck.objects.filter(url__in=list(wanted))}
    new = [LinkCheck(url=url, asked_at=at) for url in wanted if url not in known]
    LinkCheck.objects.bulk_create(new, ignore_conflicts=True)
    due = [
        check.pk
        for url, check in known.items()
        if (check.checked_at is None or check.checked_at < at - wanted[url]) and check.asked_at < at - ASK_AGAIN
    ]
    LinkCheck.objects.filter(pk__in=due).update(asked_at=at)
    return len(new) + len(due)


def recheck_links(bulletin: Bulletin, *, at: datetime) -> int:
    """Have every address of a bulletin tried now, whenever it was tried last; return how many there are."""
    queue_links([bulletin], at=at)
    urls = {url for url, *_rest in addresses_of(bulletin.editions.all(), bulletin.key_messages.all())}
    return LinkCheck.objects.filter(url__in=urls).update(asked_at=at)


def wake(*, at: datetime) -> int:
    """Write down the addresses of all bulletins in the making that have to be tried, and wake the task for them."""
    making = Bulletin.objects.filter(state__in=Bulletin.EDITABLE).prefetch_related("editions__variants", "key_messages")
    count = queue_links(making, at=at)
    if count:
        task_queue.wake("bulletins.tasks.check_links", queue="background", expires=None)
    return count


def waiting() -> Iterable[LinkCheck]:
    """Return the addresses that were asked about after they were last tried, the longest waiting first."""
    return LinkCheck.objects.filter(Q(checked_at=None) | Q(checked_at__lt=F("asked_at"))).order_by("asked_at")


def check_waiting(*, most: int = MOST_AT_ONCE) -> int:
    """Try the addresses that wait, one after another, and return how many were tried. It may run twice at once."""
    rows = list(waiting()[:most])  # type: ignore[index]
    for row in rows:
        works, status, detail = attempt(row.url)
        if detail == "dns" and not has_answers(at=timezone.now()):
            detail = "unreachable"  # no site answers us: it is our network, not their name
        LinkCheck.objects.filter(pk=row.pk).update(
            works=works, status=status, detail=detail, checked_at=max(timezone.now(), row.asked_at)
        )
    return len(rows)


def has_answers(*, at: datetime) -> bool:
    """Return whether any site has answered within a day."""
    return LinkCheck.objects.filter(status__gt=0, checked_at__gte=at - STALE).exists()


def attempt(url: str) -> tuple[bool, int, str]:
    """Open an address and return (works, HTTP status or 0, reason code or ""). It asks with HEAD, then with GET."""
    try:
        answer = fetch(url, method="HEAD")
        if answer.status >= 400 and answer.status in NO_HEAD | BROKEN:
            answer = fetch(url, most_bytes=1024)
    except FetchFault as fault:
        return False, 0, fault.code
    return answer.status < 400, answer.status, ""
