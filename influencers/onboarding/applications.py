"""
Taking in a filled-in form, and sending the code that proves the address. The request writes one row, the same whatever is
known of the address, so its answer and its time tell nothing; a worker that is woken at once sends the mail.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from kombu.exceptions import OperationalError

from accounts.crypto import keyed_hashes
from accounts.login import codes
from accounts.models import User
from campaigns.models import Campaign
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, from_campaign
from delivery.models import Recipient, Suppression, address_hash
from delivery.single_mails.queue import ONLY_BLOCKED, Queue, due
from delivery.single_mails.worker import hand_over_due
from influencers.models import Application, Influencer
from lib import task_queue

from . import join_codes

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


class JoinCodes(Queue[Application]):
    """The mails to whoever filled in the form; each try has a code of its own, and the one before works no more."""

    name = "join_code"
    title = gettext_lazy("Codes to join")
    model = Application
    marks = due()
    asked_for = True
    lasts = codes.CODE_LASTS

    def waits(self, attempts: int) -> timedelta:
        """Return how long to wait: half as long as others, for somebody waits at the screen and the code is soon too old."""
        return super().waits(attempts) / 2

    def due(self) -> QuerySet[Application]:
        """Return the applications whose mail is due."""
        rows = Application.objects.filter(mail_due_at__lte=self.at).order_by("mail_due_at", "pk")
        return rows.select_related("campaign")

    def heeded(self, row: Application) -> Iterable[str]:
        """Return why an address is not written to: it has just been typed in, by somebody who wants mail."""
        return ONLY_BLOCKED

    def letters(self, row: Application) -> list[mail.EmailMessage] | None:
        """Return its one mail, with a new code that works from now on; None when it is too old by now, or the form was filled in anew."""
        if self.at - row.code_sent_at >= codes.CODE_LASTS:
            return None
        code = get_adapter().generate_login_code()  # as hard to guess as that of the login
        kind = mail_for(row)
        token = secrets.token_urlsafe(32)
        is_code = kind == "code"
        mark = join_codes.hash_of(row, code) if is_code else ""
        link = join_codes.hash_of_link(row, token) if is_code else ""
        known = Application.objects.filter(pk=row.pk).update(code_hash=mark, link_hash=link, guesses=0)
        return [letter(row, kind, code, token)] if known and kind else None


def send_due(*, at: datetime) -> int:
    """Send the codes that are due, and return how many mails left. Not for use in a transaction."""
    return hand_over_due(JoinCodes, at=at)


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
