"""
Sending login codes. A request only writes a row, the same for known and unknown addresses, so its time tells nothing;
a worker that is woken at once sends the mail. The tick sends what was left, for as long as a code works.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from allauth.account.adapter import get_adapter
from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from kombu.exceptions import OperationalError

from accounts.crypto import encryption
from accounts.models import CodeMail
from lib import task_queue
from lib.text.languages.languages import site_language

from . import codes

log = logging.getLogger(__name__)

# After this long nobody is sending it any more.
LOST_AFTER = timedelta(seconds=30)


def request_code(email: str, code: str, *, link: str = "", at: datetime) -> None:
    """
    Have a code mailed to `email`, with the token of a `link` that does the same where there is one; "" for an address that is not
    known, which gets no mail.
    """
    secret = encryption.lock(f"{code} {link}")
    CodeMail.objects.create(email=email, code=secret, language=get_language() or "", asked_at=at)
    transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Ask a worker to send what waits. While the broker is away no worker hears of it, so it is sent here."""
    try:
        task_queue.wake("accounts.tasks.send_codes", queue="urgent")
    except (OperationalError, OSError):
        send_waiting(at=timezone.now())


def send_waiting(*, at: datetime) -> int:
    """
    Send the codes that wait, and return how many mails left. Each is taken by one worker; one that could not be sent stays
    for the next tick, until its code works no more. Not inside a transaction.
    """
    CodeMail.objects.filter(asked_at__lte=at - codes.CODE_LASTS).delete()
    sent = 0
    free = Q(taken_at=None) | Q(taken_at__lte=at - LOST_AFTER)
    for waiting in CodeMail.objects.filter(free).order_by("pk"):
        if not CodeMail.objects.filter(free, pk=waiting.pk).update(taken_at=at):
            continue
        try:
            sent += send(waiting)
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            log.log(level_of(fault), "Code mail %s was not sent: %s", waiting.pk, type(fault).__name__)
        else:
            waiting.delete()
    return sent


def level_of(fault: Exception) -> int:
    """
    Return how loudly it is told that a mail was not sent for which someone outside gave the address: an address that is
    refused is no fault of ours.
    """
    is_refused = isinstance(fault, SMTPRecipientsRefused | AnymailRecipientsRefused)
    return logging.WARNING if is_refused else logging.ERROR


def send(waiting: CodeMail) -> bool:
    """Send one mail, and return whether there was one to send."""
    if not waiting.email:
        return False
    code, _space, token = encryption.unlock(waiting.code).partition(" ")
    with override(site_language(waiting.language)):
        link = settings.PUBLIC_URL.rstrip("/") + reverse("account_login_link", args=[token]) if token else ""
        get_adapter().deliver("accounts/mail/login_code", waiting.email, {"code": code, "link": link})
    return True
