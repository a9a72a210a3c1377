"""The sends on Today: those to come, and the one that is under way, or was last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from bulletins.models import Bulletin, PublishedEdition
from bulletins.scheduling import upcoming_sends
from campaigns.models import Campaign, ReadingLevel
from campaigns.translated_fields import in_language
from delivery.models import OF_THEMSELVES, Delivery, Mailing, Message, Send
from delivery.recipients.audience_sizes import HeadCount
from delivery.reports.inbox_times import by_provider
from delivery.reports.ledger import Ledger
from delivery.reports.send_progress import current_kinds, progress_of
from lib.text.dates.durations import wait_until


class Titled(Protocol):
    """A bulletin on the board, of which only the title counts here."""

    title: str


@dataclass
class UpcomingSend:
    """
    A send to come: when, how long until then, what, to whom, how many by language (None where that is known when it begins), and whether
    it may go.
    """

    at: datetime
    wait: str
    title: str
    bulletin: Bulletin | None
    send: Send | None
    whom: str
    heads: HeadCount | None
    state: str


def coming_of(
    planned: list[upcoming_sends.Planned], tickets: Mapping[int, Titled], heads: dict[int, HeadCount], *, at: datetime
) -> list[UpcomingSend]:
    """Return the sends to come as the page shows them; `tickets` are those of their bulletins."""
    titles = {pk: ticket.title for pk, ticket in tickets.items()}
    mailed = titles_of({one.send.mailing_id for one in planned if one.send})
    left = left_in((one.send for one in planned if one.send and one.send.fanned_out_at), at=at)
    return [
        UpcomingSend(
            one.at,
            wait_until(one.at, at=at),
            title_of_planned(one, titles, mailed),
            one.bulletin,
            one.send,
            whom_of(one),
            heads_of(one, left, heads),
            one.bulletin.state if one.bulletin else (one.send.state if one.send else ""),
        )
        for one in planned
    ]


def whom_of(one: upcoming_sends.Planned) -> str:
    """Return to whom a send to come goes, in words: a correction or withdrawal not to a whole audience."""
    whom = one.send.whom if one.send and not one.together else str(one.audience)
    if one.send and one.send.exposed_only:
        return _("%(audience)s: only those who got an earlier version") % {"audience": whom}
    if one.bulletin and one.bulletin.version > 1:
        return _("%(audience)s: those who got an earlier version, or were still to get it") % {"audience": whom}
    return whom


def heads_of(
    one: upcoming_sends.Planned, left: dict[int, HeadCount], audiences: dict[int, HeadCount]
) -> HeadCount | None:
    """
    Return to how many people a send to come goes. Who wants it by another channel, and who got an earlier version, is counted when it
    begins.
    """
    if one.send and one.send.pk in left:
        return left[one.send.pk]
    if one.send and (one.send.exposed_only or one.send.channel not in OF_THEMSELVES):
        return None
    return None if one.bulletin and one.bulletin.version > 1 else audiences[one.audience.pk]


def left_in(sends: Iterable[Send], *, at: datetime) -> dict[int, HeadCount]:
    """
    Return to how many people each of these sends, which have rows, is still to go, by their keys, of large ones as they were counted last; two
    queries, none without them.
    """
    chosen = list(sends)
    found = {send.pk: HeadCount() for send in chosen}
    for key, language, state, _code, _receipt, people, *_more in current_kinds(chosen, at=at):
        if state in Delivery.TO_GO:
            heads = found[key]
            heads.total += people
            heads.by_language[language] = heads.by_language.get(language, 0) + people
    return found


def title_of_planned(one: upcoming_sends.Planned, titles: dict[int, str], mailed: dict[int, str]) -> str:
    """Return what a send to come is called: its bulletin's title, or which bulletins it gathers."""
    if one.together:
        return roundup_of(bulletin.number for bulletin in one.together)
    if one.bulletin:
        return f"{one.bulletin}: {titles.get(one.bulletin.pk, '')}"
    return (mailed.get(one.send.mailing_id) or str(one.send.mailing)) if one.send else ""


def roundup_of(numbers: Iterable[int]) -> str:
    """Return what a roundup of these bulletins is called."""
    return _("Roundup of bulletins %(numbers)s") % {"numbers": ", ".join(map(str, numbers))}


def live_send(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return the mailing that is being sent, or the last one: its sends, their ledger and their times to inbox."""
    started = Send.objects.chosen().filter(mailing__campaign=campaign, fanned_out_at__isnull=False)
    newest = started.open().order_by("-fanned_out_at").first() or started.order_by("-fanned_out_at", "-pk").first()
    if newest is None:
        return {"sends": [], "ledger": Ledger()}
    sends = list(
        started.filter(mailing=newest.mailing_id).select_related("mailing", "audience").order_by("slot_at", "pk")
    )
    moving = [send for send in sends if send.state in {Send.State.SENDING, Send.State.PAUSED, Send.State.HELD}]
    return {
        "sends": sends,
        "moving": moving,
        "title": titles_of({newest.mailing_id}).get(newest.mailing_id) or str(sends[0].mailing),
        "started": min((send.fanned_out_at for send in sends if send.fanned_out_at), default=None),
        "ledger": progress_of(sends, at=at).ledger,
        "inboxes": by_provider(sends, at=at),
    }


def titles_of(mailings: set[int]) -> dict[int, str]:
    """
    Return what these mailings are called, by their keys, in the user's language: "number: title", or for a digest whose it
    is and what it says first; three queries.
    """
    gathered: dict[int, list[int]] = {}
    parts = Mailing.objects.filter(pk__in=mailings, parts__version__isnull=False).order_by(
        "parts__version__bulletin__number"
    )
    for pk, number in parts.values_list("pk", "parts__version__bulletin__number"):
        gathered.setdefault(pk, []).append(number)
    editions = PublishedEdition.objects.filter(version__mailing__in=mailings, reading_level=ReadingLevel.STANDARD)
    titles: dict[int, dict[str, str]] = {}
    numbers: dict[int, str] = {}
    for edition in editions.select_related("version__bulletin").defer("html", "body", "content"):
        titles.setdefault(edition.version.mailing_id, {})[edition.language] = edition.title
        numbers[edition.version.mailing_id] = str(edition.version)
    named = {pk: f"{numbers[pk]}: {in_language(found)}" for pk, found in titles.items()}
    subjects: dict[int, dict[str, str]] = {}
    readers: dict[int, dict[str, str]] = {}
    mails = Message.objects.mailed().filter(mailing__in=mailings, mailing__digest__isnull=False)
    columns = ("mailing", "language", "subject", "mailing__digest__run__audience__name")
    for pk, language, subject, audience in mails.values_list(*columns):
        subjects.setdefault(pk, {})[language] = subject
        readers[pk] = audience
    digests = {
        pk: _("%(audience)s (“%(subject)s”)") % {"audience": in_language(readers[pk]), "subject": in_language(found)}
        for pk, found in subjects.items()
    }
    return named | digests | {pk: roundup_of(found) for pk, found in gathered.items()}
