"""
Taking in a filled-in form, and sending the code that proves the address. The request writes one row, the same whatever is
known of the address, so its answer and its time tell nothing; a worker that is woken at once sends the mail.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from kombu.exceptions import OperationalError

from accounts.crypto import keyed_hashes
from accounts.login import codes
from accounts.login.code_mails import level_of
from accounts.models import User
from campaigns.models import Campaign
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, from_campaign
from delivery.models import Recipient, Suppression, address_hash
from delivery.transports import failover
from influencers.models import Application, Influencer
from lib import task_queue

from . import join_codes

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=30)  # until a mail that did not leave is tried once more
MOST_AT_ONCE = 200  # mails in one call; the next goes on
BROWSER = "influencers.onboarding.browser"  # what the marks of browsers are made for


def apply(
    campaign: Campaign,
    *,
    email: str,
    language: str,
    answers: Mapping[str, Any],
    browser: str,
    place: str,
    at: datetime,
) -> Application:
    """
    Keep a form that was filled in and have a code mailed to its address; `browser` is a secret of the browser that asked,
    and `place` where it is. What it returns says nothing about whether the address is known. Not for use in a transaction.
    Raise join_codes.TooManyCodes.
    """
    join_codes.count_code(email, place=place, at=at)
    mark = mark_of(browser)
    Application.objects.filter(campaign=campaign, browser=mark).delete()
    application = Application.objects.create(
        campaign=campaign,
        email=email,
        language=language,
        answers=dict(answers),
        browser=mark,
        code_sent_at=at,
        mail_due_at=at,
        created_at=at,
    )
    wake()
    return application


def resend(application: Application, *, place: str, at: datetime) -> None:
    """Have a new code mailed; the one before works no more. Not for use in a transaction. Raise join_codes.TooManyCodes."""
    join_codes.count_code(application.email, place=place, at=at)
    Application.objects.filter(pk=application.pk).update(code_hash="", link_hash="", code_sent_at=at, mail_due_at=at)
    wake()


def wake() -> None:
    """Ask a worker to send what is due. While the broker is away no worker hears of it, so it is sent here."""
    try:
        task_queue.wake("influencers.tasks.send_join_codes", queue="urgent")
    except (OperationalError, OSError):
        send_due(at=timezone.now())


def send_due(*, at: datetime) -> int:
    """
    Send the codes that are due, and return how many mails were settled. Each is taken by one worker; one that did not leave
    is tried again until its code would be too old. Not for use in a transaction.
    """
    due = Application.objects.filter(mail_due_at__lte=at)
    due.filter(code_sent_at__lte=at - codes.CODE_LASTS).update(mail_due_at=None)
    settled = 0
    for application in due.select_related("campaign").order_by("mail_due_at", "pk")[:MOST_AT_ONCE]:
        mine = Application.objects.filter(pk=application.pk, mail_due_at=application.mail_due_at)
        if mine.update(mail_due_at=at + AGAIN) and send_code(application):
            settled += Application.objects.filter(pk=application.pk, mail_due_at=at + AGAIN).update(mail_due_at=None)
    return settled


def application_of(campaign: Campaign, browser: str) -> Application | None:
    """Return what was filled in with this browser and waits for its code."""
    return Application.objects.filter(campaign=campaign, browser__in=marks_of(browser)).first() if browser else None


def typed_in(application: Application) -> dict[str, Any]:
    """Return what was filled in, as the form names it, for whoever comes back to it; not what was agreed to."""
    told = application.answers
    found: dict[str, Any] = {name: told.get(name) for name in ("name", "pace")}
    found |= {"email": application.email, "language": application.language}
    for account in told.get("accounts", ())[:1]:
        found |= {"platform": account["platform"], "handle": account["handle"]}
    return {name: value for name, value in found.items() if value not in (None, "")}


# --- Parts -----------------------------------------------------------------------------------------


def send_code(application: Application) -> bool:
    """
    Mail what the address gets: a code, or to people who have an account the way to log in; an address that staff have
    blocked gets nothing. Return whether that is done. A mail server that is away is noted in the log.
    """
    code = get_adapter().generate_login_code()  # as hard to guess as that of the login
    kind = mail_for(application)
    token = secrets.token_urlsafe(32)
    is_code = kind == "code"
    mark = join_codes.hash_of(application, code) if is_code else ""
    link = join_codes.hash_of_link(application, token) if is_code else ""
    if not Application.objects.filter(pk=application.pk).update(code_hash=mark, link_hash=link, guesses=0):
        return True  # filled in anew, or forgotten, meanwhile
    letters = [letter(application, kind, code, token)] if kind else []
    try:
        with mail.mailers[failover.expected_mailer(application.campaign)] as connection:
            connection.send_messages(letters)
    except Exception as fault:  # a backend may raise anything; the text may hold an address
        log.log(level_of(fault), "The mail to application %s was not sent: %s", application.pk, type(fault).__name__)
        return False
    return True


def mail_for(application: Application) -> str:
    """
    Return which mail an address gets: "code"; "known" when its owner is in already and has bulletins; "login" when it has an
    account, which no code from here opens or changes; "account" when that is one of staff, or closed; or "" for none. Addresses that were erased, that took mail back,
    that complained or that did not exist get their code: whoever enters it wants mail again and can read it.
    """
    code = address_hash(application.email)
    user = User.objects.filter(email=application.email).first()
    if Suppression.objects.filter(address_hash=code, reason=Suppression.Reason.STAFF).exists():
        return ""
    if user and (user.is_staff or not user.is_active):
        return "account"
    mine = Q(recipient__address_hash=code) | Q(user=user) if user else Q(recipient__address_hash=code)
    taking_part = Influencer.objects.filter(mine, campaign=application.campaign_id, state=Influencer.State.ACTIVE)
    has_mail = taking_part.filter(recipient__in=Recipient.objects.wanting_bulletins())
    if has_mail.exists():
        return "known"
    return "login" if user else "code"


def letter(application: Application, kind: str, code: str, token: str) -> mail.EmailMessage:
    """Return a mail to someone who wants to join, in the language that they chose."""
    campaign = application.campaign
    language = campaign.language_for(application)
    with override(language):
        subject = campaign.marked(_("Your code to join") if kind == "code" else _("About joining"))
        then = {"next": reverse("joining:confirm")} if kind == "login" else None
        login = settings.PUBLIC_URL + reverse("account_request_login_code", query=then)
        link = settings.PUBLIC_URL + reverse("joining:link", args=[token])
        context = {
            "kind": kind,
            "code": code,
            "link": link,
            "campaign_text": text_of(campaign, language),
            "login": login,
        }
        context |= {"contact": campaign.liaison_email or campaign.reply_to}
        body = render_to_string("influencers/onboarding/mail/code.txt", context)
    headers = AUTOMATIC | {"Content-Language": language} | from_campaign(campaign, language)
    sender = addresses.bounce_address(campaign.sender_email)
    return mail.EmailMessage(subject, body, sender, [application.email], headers=headers)


def text_of(campaign: Campaign, language: str) -> Any:
    """Return the campaign's own texts in a language, or in its main one; one query."""
    texts = {row.code: row for row in campaign.languages.all()}
    return texts.get(language) or texts.get(campaign.default_language)


def mark_of(browser: str) -> str:
    """Return the HMAC-SHA256 (hex) of a browser's secret."""
    return keyed_hashes.mark(BROWSER, browser)


def marks_of(browser: str) -> list[str]:
    """Return the same under each key that still counts."""
    return keyed_hashes.marks(BROWSER, browser)
