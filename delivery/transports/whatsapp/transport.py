"""
One message after the other to Meta's interface: as a template, or as its words where their person wrote to us within a day. Where Meta
says that this was longer ago, the template goes at once: the words were certainly not sent.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.message.verp import delivery_mark
from delivery.models import Delivery, MailerLimit, Message
from delivery.models.limits import Mailer
from delivery.models.sends import ASKS_SEEN
from delivery.transports import http_errors
from delivery.transports.sms import numbers
from delivery.transports.sms.providers import TOO_FAST
from delivery.transports.sms.transport import MOVED, without_numbers
from delivery.transports.transport import OneAtATime, Outcome, not_sent
from lib.http.kept_connections import ReplyLost
from lib.http.safe_fetch import FetchFault

from . import cloud, templates, windows
from .templates import Place, Use

State = Delivery.State

CODE = "X-Code"  # the header of a message that proves a number: the code alone
SEEN = "seen"  # what a press of the button under a message says, with the key of the mailing
LONGEST = 4096  # characters of words that are no template
LONGEST_WITH_BUTTON = 1024
LONGEST_BUTTON = 20
NEEDS_A_PERSON = {cloud.LOCKED_OUT, cloud.TEMPLATE}

NO_NUMBER = gettext_noop("This address cannot be used: it is no telephone number.")
NOT_REACHED = gettext_noop("It was not sent: WhatsApp could not be reached.")
NO_REPLY = gettext_noop("WhatsApp's reply did not come, so nobody knows whether it was sent.")
MOVED_AWAY = gettext_noop("It was not sent: WhatsApp's interface has moved.")


@dataclass(frozen=True, slots=True)
class Ready:
    """What all messages of a mailing in a language have in common: the template, and the words where these may go (None: never)."""

    template: dict[str, Any]
    words: dict[str, Any] | None
    at: datetime
    pause: float  # seconds that one waits that came too soon after another to the same person


class WhatsAppTransport(OneAtATime):
    """Speak to Meta over a connection that stays open for as long as a worker's run."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._cloud = cloud.Cloud()

    def compiled(self, message: Message, *, at: datetime) -> Ready:
        """Return the template with its words, and the words as they are. Raise ValueError where neither can be sent; two queries."""
        code, mailing = message.headers.get(CODE, ""), message.headers.get(ASKS_SEEN, "")
        use = Use.CODE if code else Use.SEEN if mailing else Use.WORDS
        template = templates.chosen(use, message.language)
        if template is None:
            raise templates.NoTemplate(f"No template of WhatsApp for {use} in {message.language!r} is approved.")
        press = f"{SEEN}:{mailing}" if mailing else ""
        places: dict[str, str] = {
            Place.TEXT: message.text,
            Place.TITLE: message.subject,
            Place.SENDER: message.sender_name,
        }
        said = templates.filled(template, places | {Place.CODE: code}, button=press)
        return Ready(said, None if code else words(message, press), at, pause())

    def prepare(self, compiled: Ready, person: Person) -> Envelope:
        """Return for one number what to try, in this order; one query. Raise Unaddressable for what is no number."""
        if not numbers.E164.match(person.email):
            raise Unaddressable(NO_NUMBER)
        tries = [compiled.template]
        if compiled.words and windows.is_open(person.recipient_id, at=compiled.at):
            tries.insert(0, compiled.words)
        mark = {"biz_opaque_callback_data": delivery_mark(person.delivery_id)} if person.delivery_id else {}
        data = {"tries": [{"to": person.email, **one, **mark} for one in tries], "pause": compiled.pause}
        return Envelope(person.delivery_id, "", person.email, json.dumps(data).encode())

    def close(self) -> None:
        """Let the connection go."""
        self._cloud.close()

    def _send_one(self, envelope: Envelope) -> Outcome:
        planned = json.loads(envelope.data)
        for place, message in enumerate(planned["tries"], start=1):
            try:
                said = self._cloud.send(message)
            except ReplyLost:
                return Outcome(envelope.delivery_id, State.UNKNOWN, "", NO_REPLY)
            except FetchFault as fault:
                return not_sent(envelope, "", f"{NOT_REACHED[:-1]} ({fault.code}).")
            if said.means != cloud.RE_ENGAGEMENT or place == len(planned["tries"]):
                break
        return answered(envelope, said, pause=planned["pause"])


def words(message: Message, press: str) -> dict[str, Any] | None:
    """Return the words as they are, with a button under them where `press` is what it says; None where they are too long."""
    if not press:
        text = {"type": "text", "text": {"body": message.text, "preview_url": False}}
        return text if len(message.text) <= LONGEST else None
    with override(message.language):
        button = {"type": "reply", "reply": {"id": press, "title": _("I have seen it")[:LONGEST_BUTTON]}}
    asked = {"type": "button", "body": {"text": message.text}, "action": {"buttons": [button]}}
    return {"type": "interactive", "interactive": asked} if len(message.text) <= LONGEST_WITH_BUTTON else None


def pause() -> float:
    """Return the seconds between two messages to one person; one query."""
    stated = MailerLimit.stated(Mailer.WHATSAPP)["seconds_per_person"]
    limit = MailerLimit.objects.filter(mailer=Mailer.WHATSAPP).values_list("seconds_per_person", flat=True).first()
    return stated if limit is None else limit


def answered(envelope: Envelope, said: cloud.Said, *, pause: float) -> Outcome:
    """Return what an answer says about a message."""
    pk, status, means = envelope.delivery_id, str(said.status), said.means
    detail = without_numbers(said.words)
    if means == cloud.PAIR:
        return Outcome(pk, State.DEFERRED, said.code, detail, retry_after=said.wait or pause)
    if (stopped := stands_still(envelope, said, detail)) is not None:
        return stopped
    if means == cloud.AGAIN:
        return Outcome(pk, State.DEFERRED, said.code, detail)
    if said.code and (means or 400 <= said.status < 500):
        code = f"{said.code} {means}" if "." in means else said.code
        return Outcome(pk, State.FAILED, code, detail)
    if 200 <= said.status < 300 and said.name:
        return Outcome(pk, State.ACCEPTED, status, provider_id=said.name)
    return Outcome(pk, State.UNKNOWN, f"{status} {said.code}".strip(), detail or http_errors.NOT_UNDERSTOOD)


def stands_still(envelope: Envelope, said: cloud.Said, detail: str) -> Outcome | None:
    """Return that a message was not sent where the channel rests, is away or waits for a person, None where the answer is about the message."""
    status, means = str(said.status), said.means
    if means == TOO_FAST or (said.status == http_errors.TOO_FAST and not means):
        wait = cloud.SPAM_SECONDS if said.code == cloud.SPAM_LIMIT else said.wait
        return not_sent(envelope, f"{http_errors.TOO_FAST} {said.code}".strip(), detail, retry_after=wait)
    if means in NEEDS_A_PERSON:
        return not_sent(envelope, f"{said.code} {means}", detail)
    if means == cloud.AWAY or (not said.code and said.status in {401, 403, 404, 407}):
        return not_sent(envelope, f"{status} {said.code}".strip(), detail)
    return not_sent(envelope, status, MOVED_AWAY) if said.status in MOVED else None
