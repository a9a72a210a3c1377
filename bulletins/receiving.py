"""Message input arrives from an authority, and staff say what becomes of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Authority, Campaign, Region, Topic

from .models import InputSource, MessageInput, NotAllowed, Urgency

State = MessageInput.State


@transaction.atomic
def submit(
    *,
    campaign: Campaign,
    authority: Authority,
    by: User,
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
    reference: str = "",
) -> MessageInput:
    """
    Take a message input from an authority and return it, with its reference ("in-007") unless one is given.

    `sources` are mappings with publisher, title and url. Raise NotAllowed when it would be no longer valid before
    it may be published.
    """
    if embargo_until and valid_until and valid_until <= embargo_until:
        raise NotAllowed(_("Not sent: it would no longer be valid when its embargo ends. Check the two times."))
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    message_input = MessageInput.objects.create(
        campaign=campaign,
        authority=authority,
        reference=reference or f"in-{MessageInput.objects.filter(campaign=campaign).count() + 1:03}",
        title=title,
        body=body,
        language=language,
        urgency=urgency,
        received_at=at,
        embargo_until=embargo_until,
        valid_until=valid_until,
        contact=contact,
        submitted_by=by,
    )
    message_input.regions.set(regions)
    message_input.topics.set(topics)
    InputSource.objects.bulk_create(
        InputSource(
            input=message_input, key=f"s{n}", publisher=source["publisher"], title=source["title"], url=source["url"]
        )
        for n, source in enumerate(sources, start=1)
    )
    return message_input


def move(message_input: MessageInput, to: str, allowed: set[str], refusal: str, **fields: Any) -> None:
    """Change the state of an input in one statement, or raise NotAllowed with `refusal` and change nothing."""
    won = MessageInput.objects.filter(pk=message_input.pk, state__in=allowed).update(state=to, **fields)
    message_input.refresh_from_db()
    if not won:
        raise NotAllowed(refusal)


def accept(message_input: MessageInput, *, by: User) -> None:
    """Take an input on. Raise NotAllowed when somebody was faster or it is closed."""
    refusal = _("Not accepted: this message input is no longer new. Nothing changed.")
    move(message_input, State.ACCEPTED, {State.NEW}, refusal, taken_by=by)


def return_with_question(message_input: MessageInput, *, by: User, question: str) -> None:
    """Send it back to the contributor with a question. Raise NotAllowed without one, or when it is closed."""
    if not question.strip():
        raise NotAllowed(_("Not returned: write the question first."))
    refusal = _("Not returned: this message input is already used or declined. Nothing changed.")
    move(message_input, State.RETURNED, {State.NEW, State.ACCEPTED}, refusal, question=question.strip(), taken_by=by)


def answer_question(message_input: MessageInput, *, by: User, answer: str) -> None:
    """Answer the editor's question; the input waits at the desk again. Raise NotAllowed when none was asked."""
    if not answer.strip():
        raise NotAllowed(_("Not sent: write the answer first."))
    refusal = _("Not sent: nobody is waiting for an answer here any more. Nothing changed.")
    move(message_input, State.NEW, {State.RETURNED}, refusal, answer=answer.strip())


def decline(message_input: MessageInput, *, by: User) -> None:
    """Say that no bulletin comes of it. Raise NotAllowed when one has."""
    refusal = _("Not declined: a bulletin has been made of it. Nothing changed.")
    move(message_input, State.DECLINED, {State.NEW, State.ACCEPTED, State.RETURNED}, refusal, taken_by=by)
