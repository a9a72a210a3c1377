"""
Test sends: a bulletin's mail as it would go out now, to oneself or to the campaign's seed list, of which only staff and
addresses that agreed get anything (delivery/seeds/seed_list.py).

It is compiled and handed over exactly as the real one is, headers and all, and marked as a test. It leaves no row in
the ledger: its key is negative, which no delivery has, so a bounce or a click of it finds nobody.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import AuditEntry, User
from bulletins.models import Bulletin, Edition, NotAllowed, Urgency
from campaigns.models import ReadingLevel
from delivery.links.seen_links import SeenLinks
from delivery.links.signing import NOBODY
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Compiled, Envelope, Person
from delivery.message.web_version import ReadLinks
from delivery.models import Delivery, Mailing, Message, SeedAddress, address_hash
from delivery.transports.failover import expected_mailer
from delivery.transports.transport import Transport, transport_for

from . import printed_editions

MOST = 20  # mails an hour and bulletin
VERB = "bulletin.tested"
BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a test goes to, and the language of the edition that they get."""

    email: str
    name: str
    language: str


@dataclass(slots=True)
class Proof:
    """What came of a test: how many mails were accepted, and what was said of each of the others."""

    accepted: int = 0
    problems: list[str] = field(default_factory=list)


def seeds_of(bulletin: Bulletin) -> list[SeedAddress]:
    """
    Return the seed addresses that a test of the bulletin goes to: those of its campaign, in its languages, that are
    staff's or agreed, and not there to measure sends; one query.
    """
    return list(bulletin.campaign.seeds.proven().filter(is_measured=False, language__in=_written(bulletin).keys()))


def to_oneself(bulletin: Bulletin, *, language: str, by: User, at: datetime) -> Proof:
    """Send a test to `by` in one language, or in all with "". Raise NotAllowed; then nothing was sent."""
    wanted = [language] if language else list(_written(bulletin))
    return send(bulletin, [Reader(by.email, by.name, code) for code in wanted], by=by, at=at, to="oneself")


def to_seeds(bulletin: Bulletin, *, by: User, at: datetime) -> Proof:
    """Send a test to the campaign's seed list, each in their language. Raise NotAllowed; then nothing was sent."""
    readers = [Reader(seed.email, seed.name, seed.language) for seed in seeds_of(bulletin)]
    if not readers:
        raise NotAllowed(
            _(
                "No test was sent: the seed list has no address in this bulletin's languages that "
                "belongs to staff or has agreed. An administrator can add one under Audiences."
            )
        )
    return send(bulletin, readers, by=by, at=at, to="seeds")


def send(bulletin: Bulletin, readers: Iterable[Reader], *, by: User, at: datetime, to: str) -> Proof:
    """
    Send a test to `readers`. Raise NotAllowed, with nothing sent, for a withdrawn bulletin, a language without text,
    more than MOST mails in an hour, and a mail that cannot be made.
    """
    people = list(readers)
    compiled = compile_proofs(bulletin, {reader.language for reader in people}, at=at)
    _take_turn(bulletin, people, by=by, at=at, to=to)
    transport = transport_for(expected_mailer(bulletin.campaign))
    try:
        return _hand_over(transport, compiled, people, at=at)
    finally:
        transport.close()


def compile_proofs(bulletin: Bulletin, languages: Iterable[str], *, at: datetime) -> dict[str, Compiled]:
    """Return the mail in each language as delivery compiles it, marked as a test; nothing is stored. Raise NotAllowed."""
    if bulletin.state == Bulletin.State.WITHDRAWN:
        raise NotAllowed(_("No test was sent: this bulletin is withdrawn."))
    written = _written(bulletin)
    return {language: _compiled(bulletin, written.get(language), language, at=at) for language in sorted(languages)}


def _written(bulletin: Bulletin) -> dict[str, Edition]:
    """Return the editions that have been written, by language; two queries."""
    editions = bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants")
    return {edition.language: edition for edition in editions if edition.subject.strip() and edition.body.strip()}


def _compiled(bulletin: Bulletin, edition: Edition | None, language: str, *, at: datetime) -> Compiled:
    if edition is None:
        raise NotAllowed(
            _("No test was sent: there is no saved subject and text in %(language)s yet.") % {"language": language}
        )
    try:
        _page, words = printed_editions.print_edition(bulletin, edition, at=at)
        mail = printed_editions.mail_of_edition(words)
        with override(language):
            subject = f"[{_('Test')}] {mail.subject}"
            band = render_to_string("bulletins/mail/test_send/band.html", {"language": language})
            text = render_to_string("bulletins/mail/test_send/band.txt") + mail.text
        begins = BODY.search(mail.html)
        cut = begins.end() if begins else 0
        urgent = bulletin.urgency == Urgency.URGENT
        mailing = Mailing(
            pk=NOBODY,
            campaign=bulletin.campaign,
            key=f"test-{bulletin.number}",
            queue=Mailing.Queue.URGENT if urgent else Mailing.Queue.BULLETIN,
        )
        message = Message(
            pk=NOBODY,
            mailing=mailing,
            language=language,
            sender_name=mail.sender_name,
            subject=subject,
            html=mail.html[:cut] + band + mail.html[cut:],
            text=text,
        )
        return Compiled(message, at=at)
    except ValueError as fault:
        raise NotAllowed(
            _("No test was sent (%(language)s): %(why)s") % {"language": language, "why": fault}
        ) from fault


@transaction.atomic
def _take_turn(bulletin: Bulletin, people: list[Reader], *, by: User, at: datetime, to: str) -> None:
    """Note the test before anything leaves, so that two at once cannot both be the last one of the hour."""
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    recent = AuditEntry.objects.about(held).filter(verb=VERB, at__gt=at - timedelta(hours=1))
    sent = sum(detail.get("mails", 0) for detail in recent.values_list("detail", flat=True))
    if sent + len(people) > MOST:
        raise NotAllowed(
            _(
                "No test was sent: each bulletin can have at most %(most)d test emails an hour, and "
                "%(sent)d have been sent. Wait a little."
            )
            % {"most": MOST, "sent": sent}
        )
    languages = sorted({reader.language for reader in people})
    trail.note(
        VERB,
        held,
        by=by,
        at=at,
        digest=held.content_digest(),
        to=to,
        mails=len(people),
        languages=languages,
        recipients=sorted({address_hash(reader.email) for reader in people}),
    )


def _hand_over(transport: Transport, compiled: dict[str, Compiled], people: list[Reader], *, at: datetime) -> Proof:
    proof = Proof()
    envelopes: list[Envelope] = []
    begins = int(at.timestamp() * 1_000_000)
    for place, reader in enumerate(people):
        person = Person(
            delivery_id=-(begins + place),
            recipient_id=NOBODY,
            email=reader.email,
            name=reader.name,
            unsubscribe_url=UnsubscribeLinks(NOBODY, reader.language).of(NOBODY),
            read_url=ReadLinks(NOBODY, reader.language).of(NOBODY),
            seen_url=SeenLinks(NOBODY, reader.language).of(NOBODY),
        )
        try:
            envelopes.append(transport.prepare(compiled[reader.language], person))
        except Unaddressable as fault:
            proof.problems.append(str(fault))
    for outcome in transport.send(envelopes):
        if outcome.state == Delivery.State.ACCEPTED:
            proof.accepted += 1
        else:
            proof.problems.append(" ".join(filter(None, [outcome.code, outcome.detail])))
    return proof
