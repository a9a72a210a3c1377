"""
What Telegram posts to us: somebody pressed Start on a link of ours, wrote /stop, or blocked the bot. Only who knows our
secret is believed; whatever else it says changes nothing and is not kept.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.models import Channel, Recipient, Wanted, address_hash
from delivery.models.recipients import address_form
from delivery.recipients import channel_addresses
from delivery.transports.telegram import bot
from lib.http.safe_fetch import FetchFault

from .webhooks import is_too_long

log = logging.getLogger(__name__)

# What presses of buttons under messages say, by the word that they begin with: (whose chat it is, what follows, when) → words
# to show for a moment. Apps above add theirs.
PRESSES: dict[str, Callable[[Recipient, str, datetime], str]] = {}

STOP = {"/stop", "stop", "lopeta", "stopp", "sluta"}


@csrf_exempt
@require_POST
def updates(request: HttpRequest) -> HttpResponse:
    """Take one update. It is answered with 200 whatever it says, for anything else is posted again and again."""
    if not settings.TELEGRAM_TOKEN:
        raise Http404
    known = settings.TELEGRAM_SECRET
    if not constant_time_compare(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), known):
        return HttpResponse("", status=403)
    if is_too_long(request):
        return HttpResponse("", status=413)
    take(bot.object_of(request.body), at=timezone.now())
    return HttpResponse("")


def take(update: dict[str, Any], *, at: datetime) -> None:
    """Do what an update asks for."""
    if pressed := part(update, "callback_query"):
        press(pressed, at=at)
        return
    message, left = part(update, "message"), part(update, "my_chat_member")
    chat = part(left or message, "chat")
    number = chat.get("id")
    if chat.get("type") != "private" or not isinstance(number, int) or number <= 0:
        return
    if left:
        if part(left, "new_chat_member").get("status") == "kicked":
            leave(str(number), at=at)
        return
    words = str(message.get("text", "")).split()
    if words[:1] == ["/start"] and len(words) == 2:
        link(str(number), words[1], at=at)
    elif words and words[0].lower() in STOP and leave(str(number), at=at):
        answer(number, _("You get no messages here any more. You can link Telegram again from your settings."))


def part(update: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside another, {} where there is none."""
    found = update.get(name)
    return found if isinstance(found, dict) else {}


def link(chat: str, token: str, *, at: datetime) -> None:
    """Link a chat to whoever asked for the link that was pressed."""
    try:
        made = channel_addresses.prove_by_link(Channel.TELEGRAM, token, chat, wants=[Wanted.URGENT], at=at)
    except channel_addresses.NotPossible as refusal:
        answer(int(chat), str(refusal))
        return
    assert made.person is not None
    with override(made.person.language):
        answer(
            int(chat),
            _(
                "Linked. What is urgent comes here too. Choose in your settings what else does, and write /stop to end it."
            ),
        )


def press(pressed: dict[str, Any], *, at: datetime) -> None:
    """Do what a press of a button asks for, and say so. A press counts for whoever pressed, whoever the message was for."""
    word, _colon, rest = str(pressed.get("data", "")).partition(":")
    address = address_of(str(part(pressed, "from").get("id", "")))
    if word not in PRESSES or address is None or address.person is None:
        return
    with override(address.person.language):
        words = PRESSES[word](address, rest, at)
    call("answerCallbackQuery", callback_query_id=str(pressed.get("id", "")), text=words)


def address_of(chat: str) -> Recipient | None:
    """Return the address that a chat is, with its person; one query."""
    code = address_hash(address_form(Channel.TELEGRAM, chat))
    return Recipient.objects.filter(address_hash=code, state=Recipient.State.ACTIVE).select_related("person").first()


def leave(chat: str, *, at: datetime) -> bool:
    """Have nothing come to a chat any more; return whether anything did."""
    address = address_of(chat)
    return bool(address and address.person and channel_addresses.leave(address.person, address.pk, at=at))


def answer(chat: int, words: str) -> None:
    """Write to a chat."""
    call("sendMessage", chat_id=chat, text=words)


def call(method: str, **parameters: Any) -> None:
    """Ask Telegram for something; what does not arrive is not tried again."""
    talk = bot.Bot()
    try:
        talk.call(method, **parameters)
    except FetchFault as fault:
        log.warning("An answer on Telegram was not sent: %s", fault.code)
    finally:
        talk.close()
