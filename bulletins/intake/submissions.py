"""
Message input arrives from an authority, and staff say what becomes of it.

Each step is written twice in the same transaction: as an InputStep, which the contributor sees, and in the audit log.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.assignment import assignments
from bulletins.assignment.assignable import Assignable
from bulletins.models import Bulletin, InputFact, InputSource, InputStep, KeyMessage, MessageInput, NotAllowed, Urgency
from bulletins.models.bulletins import iso
from campaigns.models import Authority, Campaign, Region, Topic
from notifications import outbox

from . import input_attachments

State = MessageInput.State
FIRST_YEAR, LAST_YEAR = 2000, 2100
Verb = InputStep.Verb
Channel = MessageInput.Channel


class ContentConflict(NotAllowed):
    """The sender's own identifier names an input with other content. `first` is what came under it first."""

    def __init__(self, first: MessageInput) -> None:
        self.first = first
        super().__init__(
            _(
                "Not accepted: %(reference)s has the same identifier but different content. Give a "
                "changed message its own identifier."
            )
            % {"reference": first.reference}
        )


def submit(**content: Any) -> MessageInput:
    """Take a message input and return it; `take` says what it wants."""
    return take(**content)[0]


def refuse_unreal(*moments: datetime | None) -> None:
    """Raise NotAllowed for a moment that no campaign lives to see: calendars end, and zones cannot reckon with it."""
    if any(moment and not FIRST_YEAR <= moment.year <= LAST_YEAR for moment in moments):
        raise NotAllowed(
            _("Not saved: a time must be between %(first)d and %(last)d. Leave it empty if there is no end.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


@transaction.atomic
def take(
    *,
    campaign: Campaign,
    authority: Authority,
    by: User | None,
    at: datetime,
    title: str,
    body: str,
    language: str,
    urgency: str = Urgency.ROUTINE,
    embargo_until: datetime | None = None,
    valid_until: datetime | None = None,
    contact: str = "",
    regions: Iterable[Region] = (),
    topics: Iterable[Topic] = (),
    sources: Iterable[Mapping[str, str]] = (),
    facts: Iterable[Mapping[str, Any]] = (),
    attachments: Sequence[input_attachments.File] = (),
    reference: str = "",
    channel: str = Channel.FORM,
    external_id: str = "",
    note: str = "",
    token: str = "",
    replaces: MessageInput | None = None,
) -> tuple[MessageInput, bool]:
    """
    Take a message input from an authority; return it and whether it is new. Its reference is the next ("in-007")
    unless one is given.

    `sources` are mappings with publisher, title and url; `facts` have text, and may have valid_until and source (the
    number of one of the sources, from 1). `external_id` is the sender's own name for it: what comes again under it
    adds nothing, and other content under it raises ContentConflict. `note` goes beside the first step; `token` names
    what a system showed instead of a login. With `replaces` it is the update of an earlier one of the same authority. Raise NotAllowed when it would be no longer valid before it may be
    published.
    """
    regions, topics, sources, facts = list(regions), list(topics), list(sources), list(facts)
    refuse_unreal(embargo_until, valid_until, *(fact.get("valid_until") for fact in facts))
    if embargo_until and valid_until and valid_until <= embargo_until:
        raise NotAllowed(_("Not sent: it would no longer be valid when its embargo ends. Check both times."))
    input_attachments.check_number(attachments)
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    Authority.objects.select_for_update().get(pk=authority.pk)  # one at a time, whatever the campaign
    own = {
        "title": title,
        "body": body.replace("\r\n", "\n"),
        "language": language,
        "urgency": urgency,
        "embargo_until": embargo_until,
        "valid_until": valid_until,
        "contact": contact,
    }
    parts = parts_of(regions, topics, sources, facts, attachments)
    if external_id and (first := taken_before(authority, external_id, plain(own) | parts)):
        return first, False
    message_input = MessageInput.objects.create(
        campaign=campaign,
        authority=authority,
        reference=reference or next_reference(campaign),
        received_at=at,
        submitted_by=by,
        channel=channel,
        external_id=external_id,
        replaces=replaces,
        **own,
    )
    message_input.regions.set(regions)
    message_input.topics.set(topics)
    add_facts(message_input, sources, facts)
    write(message_input, Verb.SUBMITTED, by=by, at=at, text=note, channel=channel, **shown(token))
    notify_urgent(message_input, at=at)
    input_attachments.store(message_input, attachments)
    return message_input, True


def parts_of(
    regions: Iterable[Region],
    topics: Iterable[Topic],
    sources: Iterable[Mapping[str, str]],
    facts: Iterable[Mapping[str, Any]],
    attachments: Iterable[input_attachments.File],
) -> dict[str, Any]:
    """Return what a message has besides its own words, to compare with what was taken under the same name."""
    return {
        "regions": sorted(region.code for region in regions),
        "topics": sorted(topic.slug for topic in topics),
        "sources": [[source["publisher"], source["title"], source["url"]] for source in sources],
        "facts": [[fact["text"], iso(fact.get("valid_until")), fact.get("source") or None] for fact in facts],
        "attachments": [[one.name, one.sha256] for one in attachments],
    }


def taken_before(authority: Authority, external_id: str, content: dict[str, Any]) -> MessageInput | None:
    """Return what an authority has sent under its own name for it, or None. Raise ContentConflict for other content."""
    first = MessageInput.objects.filter(authority=authority, external_id=external_id).first()
    if first is not None and content_of(first) != content:
        raise ContentConflict(first)
    return first


def add_facts(
    message_input: MessageInput, sources: Sequence[Mapping[str, str]], facts: Sequence[Mapping[str, Any]]
) -> None:
    """Keep the sources and facts of an input, each under a key of its own."""
    rows = InputSource.objects.bulk_create(
        InputSource(
            input=message_input, key=f"s{n}", publisher=source["publisher"], title=source["title"], url=source["url"]
        )
        for n, source in enumerate(sources, start=1)
    )
    InputFact.objects.bulk_create(
        InputFact(
            input=message_input,
            key=f"{message_input.reference}-f{n}",
            text=fact["text"],
            source=rows[fact["source"] - 1] if fact.get("source") else None,
            valid_until=fact.get("valid_until"),
        )
        for n, fact in enumerate(facts, start=1)
    )


def notify_urgent(message_input: MessageInput, *, at: datetime) -> None:
    """Tell of an input that is urgent or elevated."""
    if message_input.urgency not in {Urgency.URGENT, Urgency.ELEVATED}:
        return
    # A chat may tell the desk of what is elevated; only what is urgent also writes to every editor.
    urgent = message_input.urgency == Urgency.URGENT
    people = User.objects.staff_with("bulletins.change_messageinput", message_input.campaign_id) if urgent else []
    outbox.write(notices.INPUT_ARRIVED, people, about=message_input, hook=True, at=at)


def next_reference(campaign: Campaign) -> str:
    """Return the first reference that no input of the campaign has."""
    number = MessageInput.objects.filter(campaign=campaign).count() + 1
    while MessageInput.objects.filter(campaign=campaign, reference=f"in-{number:03}").exists():
        number += 1
    return f"in-{number:03}"


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with their moments in UTC, so that the same content always compares the same."""
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def content_of(message_input: MessageInput) -> dict[str, Any]:
    """Return what an authority sent, as `take` compares it."""
    names = ("title", "body", "language", "urgency", "embargo_until", "valid_until", "contact")
    sources = list(message_input.sources.all())
    numbers = {source.pk: n for n, source in enumerate(sources, start=1)}
    return plain({name: getattr(message_input, name) for name in names}) | {
        "regions": sorted(region.code for region in message_input.regions.all()),
        "topics": sorted(topic.slug for topic in message_input.topics.all()),
        "sources": [[source.publisher, source.title, source.url] for source in sources],
        "facts": [
            [fact.text, iso(fact.valid_until), numbers.get(fact.source_id or 0)] for fact in message_input.facts.all()
        ],
        "attachments": [[one.name, one.sha256] for one in message_input.attachments.all()],
    }


def shown(token: str) -> dict[str, Any]:
    """Return what the audit log says of the token that a system showed, if one did."""
    return {"token": token} if token else {}


def write(
    message_input: MessageInput,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    text: str = "",
    bulletin: Bulletin | None = None,
    **detail: Any,
) -> None:
    """Write one step of an input where the contributor sees it, and in the audit log."""
    InputStep.objects.create(input=message_input, verb=verb, by=by, at=at, text=text, bulletin=bulletin)
    trail.note(f"input.{verb}", message_input, by=by, at=at, **detail)


def move(message_input: MessageInput, to: str, allowed: set[str], refusal: str, **fields: Any) -> None:
    """Change the state of an input in one statement, or raise NotAllowed with `refusal` and change nothing."""
    won = MessageInput.objects.filter(pk=message_input.pk, state__in=allowed).update(state=to, **fields)
    message_input.refresh_from_db()
    if not won:
        raise NotAllowed(refusal)


@transaction.atomic
def accept(message_input: MessageInput, *, by: User, at: datetime) -> None:
    """Take an input on. Raise NotAllowed when someone was faster or it is closed."""
    message_input.refresh_from_db()
    if message_input.state != State.NEW:
        raise NotAllowed(_("Not accepted: this submission is no longer new. Nothing changed."))
    assignments.assign(message_input, by, had=message_input.taken_by_id, by=by, at=at)


def accepted_with(message_input: MessageInput) -> dict[str, Any]:
    """Return what else changes when somebody is to work on an input: a new one is taken on."""
    return {"state": Case(When(state=State.NEW, then=Value(State.ACCEPTED)), default=F("state"))}


def write_accepted(message_input: MessageInput, to: User | None, by: User, at: datetime) -> bool:
    """Write for the contributor that a new input, as it was before, is taken on; return whether it was new."""
    if to is None or message_input.state != State.NEW:
        return False
    detail: dict[str, Any] = {"to": to.pk} if to != by else {}
    write(message_input, Verb.ACCEPTED, by=by, at=at, **detail)
    return True


ASSIGNABLE = Assignable(
    "input",
    gettext_lazy("Submission"),
    "bulletins.change_messageinput",
    Q(state__in=[State.NEW, State.ACCEPTED, State.RETURNED]),
    rows=lambda: MessageInput.objects.select_related("authority", "taken_by"),
    title=lambda row: row.title,
    notice=notices.INPUT_ASSIGNED,
    changes=accepted_with,
    write=write_accepted,
)


@transaction.atomic
def return_with_question(message_input: MessageInput, *, by: User, at: datetime, question: str) -> None:
    """
    Send it back to the contributor with a question, and tell them. Raise NotAllowed without one, or when it is closed.
    """
    question = question.replace("\r\n", "\n").strip()
    if not question:
        raise NotAllowed(_("Not returned: write the question first."))
    refusal = _("Not returned: this submission is already used or declined. Nothing changed.")
    move(
        message_input,
        State.RETURNED,
        {State.NEW, State.ACCEPTED},
        refusal,
        question=question,
        answer="",
        taken_by=by,
    )
    write(message_input, Verb.RETURNED, by=by, at=at, text=question)
    ask_contributors(message_input, at=at)


def ask_contributors(message_input: MessageInput, *, at: datetime) -> None:
    """
    Tell people who gave an input that an editor has a question: who sent it, or its authority's contributors when a
    system did, and the address that it names for questions.
    """
    sender = message_input.submitted_by
    people: list[User | None] = (
        [sender]
        if sender
        else list(User.objects.filter(authority_memberships__authority=message_input.authority_id, is_active=True))
    )
    contact = message_input.contact.lower()
    if contact and contact not in {person.email.lower() for person in people if person}:
        people.append(None)
    outbox.write(notices.QUESTION_ASKED, people, about=message_input, text=message_input.question, at=at)


@transaction.atomic
def answer_question(
    message_input: MessageInput, *, by: User | None, at: datetime, answer: str, token: str = ""
) -> None:
    """
    Answer the editor's question; the input waits at the desk again, and the editor is notified. `by` is None where a
    system answers that showed `token`. Raise NotAllowed when none was asked.
    """
    answer = answer.replace("\r\n", "\n").strip()
    if not answer:
        raise NotAllowed(_("Not sent: write the answer first."))
    refusal = _("Not sent: nobody is waiting for an answer here any more. Nothing changed.")
    move(message_input, State.NEW, {State.RETURNED}, refusal, answer=answer)
    write(message_input, Verb.ANSWERED, by=by, at=at, text=answer, **shown(token))
    asked_by = message_input.taken_by
    desk = User.objects.staff_with("bulletins.change_messageinput", message_input.campaign_id)
    people = [asked_by] if asked_by else desk
    urgent = message_input.urgency == Urgency.URGENT
    outbox.write(notices.QUESTION_ANSWERED, people, about=message_input, text=answer, hook=urgent, at=at)


@transaction.atomic
def decline(message_input: MessageInput, *, by: User, at: datetime, reason: str = "") -> None:
    """Say that no bulletin comes of it, and why; the contributor sees the reason. Raise NotAllowed when one has."""
    refusal = _("Not declined: a bulletin has already been made from it. Nothing changed.")
    move(message_input, State.DECLINED, {State.NEW, State.ACCEPTED, State.RETURNED}, refusal, taken_by=by)
    write(message_input, Verb.DECLINED, by=by, at=at, text=reason.replace("\r\n", "\n").strip())


@transaction.atomic
def use(inputs: Sequence[MessageInput], bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """Say that a bulletin is made of inputs. Raise NotAllowed when one of them was used or declined meanwhile."""
    keys = [one.pk for one in inputs]
    open_ones = MessageInput.objects.filter(pk__in=keys).exclude(state__in=[State.USED, State.DECLINED])
    if open_ones.update(state=State.USED) != len(set(keys)):
        raise NotAllowed(_("Nothing changed: one of the submissions has been used or declined in the meantime."))
    for one in inputs:
        one.refresh_from_db(fields=["state"])
        write(one, Verb.USED, by=by, at=at, bulletin=bulletin, bulletin_number=bulletin.number)


def only_source(row: MessageInput) -> InputSource | None:
    """
    Return what a fact that names no source rests on: the source of an input that has just one, or the only one of several that
    the authority published itself; None where the authority alone stands for it.
    """
    sources = list(row.sources.all())
    own = [one for one in sources if one.publisher in row.authority.name.values()] if len(sources) > 1 else sources
    return own[0] if len(own) == 1 else None


def source_names(fact: InputFact, source: InputSource | None) -> dict[str, str]:
    """
    Return what the source of a fact is called: the authority's own names in all languages when it published it itself, or
    sent it without a source; else the name that was given, in the language of the input.
    """
    names = fact.input.authority.name
    if source is None or source.publisher in names.values():
        return dict(names)
    return {fact.input.language: source.publisher}


def quote(bulletin: Bulletin, inputs: Sequence[MessageInput], *, by: User) -> None:
    """Add the facts of inputs that still hold to a bulletin's key messages, after those that it has."""
    present = set(bulletin.key_messages.values_list("key", flat=True))
    facts = [
        (fact, only)
        for one in inputs
        for only in [only_source(one)]
        for fact in one.facts.select_related("source")
        if not fact.superseded_by_id
    ]
    number = len(present)
    for fact, only in facts:
        number += 1
        while f"km-{bulletin.number}-{number}" in present:
            number += 1
        KeyMessage.objects.create(
            bulletin=bulletin,
            key=f"km-{bulletin.number}-{number}",
            position=number,
            text={fact.input.language: fact.text},
            fact=fact,
            owner=by,
            **basis_of(fact, only),
        )


def basis_of(fact: InputFact, only: InputSource | None = None) -> dict[str, Any]:
    """Return the fields of a key message by which it rests on a fact: its source, where it names none `only` or else the authority, and until when it holds."""
    source = fact.source or only
    return {
        "source_name": source_names(fact, source),
        "source_url": {fact.input.language: source.url} if source else {},
        "valid_until": fact.holds_until(),
    }
