"""One message after the other to the chats of people who linked the bot. The bot may send thirty a second to all, one to a chat."""

import json
import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.models import Delivery, Message
from delivery.models.sends import ASKS_SEEN
from delivery.transports import http_errors
from delivery.transports.transport import OneAtATime, Outcome, not_sent
from lib.http.kept_connections import ReplyLost
from lib.http.safe_fetch import FetchFault

from . import bot

State = Delivery.State

CHAT = re.compile(r"[1-9][0-9]{0,17}\Z")  # of a person; groups have negative numbers
SEEN = "seen"  # what a press of the button under a message says, with the key of the mailing
NO_MORE = "5.1.1"  # an address that is none any more (RFC 3463): it is suppressed
GONE = re.compile(r"blocked by the user|user is deactivated|chat not found|can't initiate conversation", re.IGNORECASE)
OURS = {401, 404}  # the token is wrong or was revoked

NO_CHAT = gettext_noop("This is no chat of a person on Telegram.")
LEFT = gettext_noop("They have blocked or deleted the bot.")
NOT_REACHED = gettext_noop("It was not sent: Telegram could not be reached.")
NO_REPLY = gettext_noop("Telegram's reply did not come, so nobody knows whether it was sent.")
OUR_TOKEN = gettext_noop("It was not sent: Telegram does not know this bot any more. Correct TELEGRAM_TOKEN.")


class TelegramTransport(OneAtATime):
    """Speak to Telegram over a connection that stays open for as long as a worker's run."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._bot = bot.Bot()

    def compiled(self, message: Message, *, at: datetime) -> bytes:
        """Return the text and what is under it, as JSON. Raise ValueError for a text that is too long."""
        if len(message.text.encode("utf-16-le")) // 2 > bot.LONGEST:
            raise ValueError(f"The text is longer than {bot.LONGEST} characters.")
        said: dict[str, Any] = {"text": message.text, "link_preview_options": {"is_disabled": True}}
        if mailing := message.headers.get(ASKS_SEEN):
            with override(message.language):
                button = {"text": _("I have seen it"), "callback_data": f"{SEEN}:{mailing}"}
            said["reply_markup"] = {"inline_keyboard": [[button]]}
        return json.dumps(said).encode()

    def prepare(self, compiled: bytes, person: Person) -> Envelope:
        """Return the text for one chat. Raise Unaddressable for what is none."""
        if not CHAT.match(person.email):
            raise Unaddressable(NO_CHAT)
        return Envelope(person.delivery_id, "", person.email, compiled)

    def close(self) -> None:
        """Let the connection go."""
        self._bot.close()

    def _send_one(self, envelope: Envelope) -> Outcome:
        try:
            said = self._bot.call("sendMessage", chat_id=int(envelope.recipient), **json.loads(envelope.data))
        except ReplyLost:
            return Outcome(envelope.delivery_id, State.UNKNOWN, "", NO_REPLY)
        except FetchFault as fault:
            return not_sent(envelope, "", f"{NOT_REACHED[:-1]} ({fault.code}).")
        return answered(envelope, said)


def answered(envelope: Envelope, said: bot.Said) -> Outcome:
    """Return what an answer says about a message."""
    pk, code = envelope.delivery_id, str(said.status)
    if said.is_done:
        name = f"{envelope.recipient}.{said.result.get('message_id', '')}" if said.result else ""
        return Outcome(pk, State.ACCEPTED, code, provider_id=name[:200])
    if said.status == http_errors.TOO_FAST:
        # Whether the chat or the bot as a whole was too fast, it does not say.
        return not_sent(envelope, code, said.words, retry_after=said.retry_after)
    if said.status in OURS and not GONE.search(said.words):
        return not_sent(envelope, code, OUR_TOKEN)
    if GONE.search(said.words):
        return Outcome(pk, State.FAILED, f"{code} {NO_MORE}", LEFT)
    if said.answer and 400 <= said.status < 500:
        return Outcome(pk, State.FAILED, code, said.words)
    return Outcome(pk, State.UNKNOWN, code, said.words or http_errors.NOT_UNDERSTOOD)
