"""
What Telegram's updates do (delivery/transports/telegram/receipts.py reads them): a link is pressed once, whoever leaves gets nothing
more, and a press of a button counts for whoever pressed.
"""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.models import Channel, Recipient, Wanted, address_hash
from delivery.models.recipients import address_form
from delivery.recipients import channel_addresses, other_holders
from delivery.recipients.address_codes import NotPossible
from delivery.transports.telegram import bot, receipts
from lib.http.safe_fetch import FetchFault

from . import presses, unread_words
from .webhooks import is_too_long

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def updates(request: HttpRequest) -> HttpResponse:
    """Take one update. It is answered with 200 whatever it says, for anything else is posted again and again."""
    if not settings.TELEGRAM_TOKEN:
        raise Http404
    if not receipts.is_believed(request.headers):
        return HttpResponse("", status=403)
    if is_too_long(request):
        return HttpResponse("", status=413)
    take(request.body, at=timezone.now())
    return HttpResponse("")


def take(content: bytes, *, at: datetime) -> None:
    """Do what an update asks for."""
    match receipts.read(content):
        case receipts.Linked(chat, token, language):
            with override(ours(language)):
                link(chat, token, at=at)
        case receipts.Pressed() as pressed:
            press(pressed, at=at)
        case receipts.Began(chat, language):
            begin(chat, ours(language), at=at)
        case receipts.Wrote(chat):
            known = address_of(chat)
            if words := known and unread_words.answer_to(known, at=at):
                answer(int(chat), words)
        case receipts.Left(chat, wrote, language):
            known = address_of(chat)
            if leave(chat, at=at) and wrote:
                with override(known.person.language if known and known.person else ours(language)):
                    words = _("You get no messages here any more. You can link Telegram again from your settings.")
                    answer(int(chat), words)


def ours(language: str) -> str:
    """Return the language in which to answer whose language only their Telegram tells."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def link(chat: str, token: str, *, at: datetime) -> None:
    """Link a chat to whoever asked for the link that was pressed."""
    language = other_holders.link(Channel.TELEGRAM, token, chat, at=at)
    if language is not None:
        with override(language):
            answer(int(chat), _("Linked. What you choose on your page comes here too. Write /stop to end it."))
        return
    try:
        made = channel_addresses.prove_by_link(Channel.TELEGRAM, token, chat, wants=[Wanted.URGENT], at=at)
    except NotPossible as refusal:
        known = address_of(chat)
        if not (known and known.person and channel_addresses.was_just_proven(known.person, Channel.TELEGRAM, at=at)):
            answer(int(chat), str(refusal))
            return
        made = known  # Start was pressed twice
    assert made.person is not None
    with override(made.person.language):
        answer(
            int(chat),
            _(
                "Linked. What is urgent comes here too. Choose in your settings what else does, and write /stop to end it."
            ),
        )


def begin(chat: str, language: str, *, at: datetime) -> None:
    """Say to whoever pressed Start where the link is that links a chat; to whoever is linked, where to write."""
    known = address_of(chat)
    if known is not None:
        words = unread_words.answer_to(known, at=at)
    else:
        with override(language):
            words = unread_words.answer_to_stranger(Channel.TELEGRAM, chat, at=at)
    if words:
        answer(int(chat), words)


def press(pressed: receipts.Pressed, *, at: datetime) -> None:
    """Do what a press of a button asks for, and say so. A press counts for whoever pressed, whoever the message was for."""
    if words := presses.take(address_of(pressed.chat), f"{pressed.word}:{pressed.rest}", at=at):
        call("answerCallbackQuery", callback_query_id=pressed.name, text=words)


def address_of(chat: str) -> Recipient | None:
    """Return the address that a chat is, with its person; one query."""
    code = address_hash(address_form(Channel.TELEGRAM, chat))
    return Recipient.objects.filter(address_hash=code, state=Recipient.State.ACTIVE).select_related("person").first()


def leave(chat: str, *, at: datetime) -> bool:
    """Have nothing come to a chat any more; return whether anything did."""
    address = address_of(chat)
    was_told = other_holders.leave(Channel.TELEGRAM, chat, wrote_at=at, at=at)
    return bool(address and address.person and channel_addresses.leave(address.person, address.pk, at=at)) or was_told


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
