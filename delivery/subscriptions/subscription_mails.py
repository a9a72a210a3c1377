"""
The mails to whoever asked for the digests: the link that confirms, or word that they are in already. Written by a worker
after the request, and by the tick; one row is one mail, however often it was asked for.
"""

import logging
import secrets
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import rate_limit
from accounts.login.code_mails import level_of
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.links import confirmation_links, preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import NewAddress, Recipient, SignUp, Subscription, Suppression, address_hash
from delivery.transports import failover
from lib.text.languages.languages import site_language

from . import double_opt_in

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200  # mails of each kind in one call; the next goes on
BETWEEN = timedelta(minutes=10)  # two mails to one address
MOST_FROM_PLACE, HOUR = 20, 3600
MOST_FROM_NETWORK = MOST_FROM_PLACE * rate_limit.PLACES_OF_A_NETWORK
MOST_TO_ADDRESS, DAY = 3, 86_400

Row = SignUp | NewAddress


def write_due(*, at: datetime) -> int:
    """
    Write the mails that are due, and return how many left. Two at once write each once. What does not leave, or may not
    leave yet, is tried again. Not for use in a transaction.
    """
    written = 0
    with ExitStack() as stack:
        ways: dict[str, BaseEmailBackend] = {}
        for rows in (
            SignUp.objects.select_related("campaign", "audience", "topics"),
            NewAddress.objects.select_related("subscription__campaign", "subscription__recipient"),
        ):
            for row in rows.filter(mail_due_at__lte=at).order_by("mail_due_at", "pk")[:MOST_AT_ONCE]:
                way = failover.expected_mailer(double_opt_in.campaign_of(row))
                if way not in ways:
                    ways[way] = stack.enter_context(mail.mailers[way])
                written += write(row, ways[way], at=at)
    return written


def write(row: Row, connection: BaseEmailBackend, *, at: datetime) -> int:
    """Write the mail of one row, if nobody else does and none is too many; return how many left, 0 or 1."""
    claimed = claim(row, at=at)
    if claimed is None:
        return 0
    kind = mail_for(row)
    if not kind:
        claimed.delete()
        return 0
    if not may_leave(row, at=at):
        # Whoever has just got a mail has its link, which opens what was asked for last.
        lately = row.mailed_at is not None and row.mailed_at > at - BETWEEN
        claimed.update(mail_due_at=None if lately else at + BETWEEN)
        return 0
    try:
        left = connection.send_messages([letter(row, kind, at=at)]) or 0
    except Exception as fault:  # a backend may raise anything; the text may hold an address
        said = row._meta.model_name, row.pk, type(fault).__name__
        log.log(level_of(fault), "The mail to %s %s was not sent: %s", *said)
        left = 0
    if not left:
        rate_limit.refund_all(counts_of(row))
        return 0
    if kind in {"known", "moved"}:
        claimed.delete()
    else:
        type(row)._default_manager.filter(pk=row.pk, secret=row.secret).update(mailed_at=at)
        claimed.update(mail_due_at=None)
    return left


def claim(row: Row, *, at: datetime) -> QuerySet[Any] | None:
    """
    Take a row for one try, give it its secret, and say when the next try may be: later and later. Return the row as
    long as nobody asks anew, or None when someone else has it.
    """
    again = at + max(BETWEEN, at - row.asked_at)
    secret = row.secret or secrets.token_urlsafe(24).replace(".", "-")
    rows = type(row)._default_manager.filter(pk=row.pk)
    if not rows.filter(mail_due_at=row.mail_due_at, secret=row.secret).update(mail_due_at=again, secret=secret):
        return None
    row.secret = secret
    return rows.filter(mail_due_at=again)


def may_leave(row: Row, *, at: datetime) -> bool:
    """
    Return whether one more mail to the address, and from the place that asked for it, is not too many; then count it.
    What is too many by one count is in none.
    """
    return rate_limit.allow_all(counts_of(row), at=at)


def counts_of(row: Row) -> rate_limit.Counted:
    """
    Return what a mail is counted by. Anyone can ask for mails to confirm a sign-up; each has a link that opens what was
    asked for last, so whoever's were used up by a stranger has one. Mails to a subscriber's new address are counted by
    the subscription, where no stranger comes near.
    """
    kind, whom = ("subscribe", row.email) if isinstance(row, SignUp) else ("move", f"{row.subscription_id} {row.email}")
    around = [(rate_limit.Limit(f"{kind}-network", MOST_FROM_NETWORK, HOUR), row.network)] if row.network else []
    return [
        (rate_limit.Limit(f"{kind}-mail", 1, int(BETWEEN.total_seconds())), whom),
        (rate_limit.Limit(f"{kind}-from", MOST_FROM_PLACE, HOUR), row.place),
        *around,
        (rate_limit.Limit(f"{kind}-day", MOST_TO_ADDRESS, DAY), whom),
    ]


def mail_for(row: Row) -> str:
    """
    Return which mail an address gets: "confirm", "move" for a subscriber's new address, "moved" for the one before, "known"
    for whoever gets the digest already, or "" for an address that staff have blocked or that nobody wants any more. An address that did not
    exist, complained or was erased gets the link: whoever opens it wants mail again and reads it.
    """
    if double_opt_in.is_blocked(row.email) or double_opt_in.campaign_of(row).closed_at is not None:
        return ""
    if isinstance(row, NewAddress) and row.moved_at is not None:
        return "" if Suppression.objects.filter(address_hash=address_hash(row.email)).exists() else "moved"
    if isinstance(row, NewAddress):
        return "move" if row.subscription.left_at is None else ""
    return "known" if subscription_of(row) else "confirm"


def subscription_of(row: SignUp) -> Subscription | None:
    """Return the subscription by which the address of a row gets digests already; two queries."""
    code = address_hash(row.email)
    if Suppression.objects.filter(address_hash=code).exists():
        return None
    rows = Subscription.objects.filter(campaign=row.campaign_id, left_at=None, recipient__address_hash=code)
    return rows.filter(recipient__state=Recipient.State.ACTIVE).select_related("recipient", "audience").first()


def letter(row: Row, kind: str, *, at: datetime) -> mail.EmailMultiAlternatives:
    """Return a mail in the language that was asked for, as text and HTML."""
    campaign = double_opt_in.campaign_of(row)
    wanted = row.language if isinstance(row, SignUp) else row.subscription.language
    language = site_language(wanted)
    with override(language):
        context = template_context(row, kind, campaign, wanted, at=at)
        subject = campaign.marked(clean_subject(str(context["subject"])))
        context |= {"subject": subject, "language": language}
        text = render_to_string("delivery/mail/subscription/body.txt", context)
        html = render_to_string("delivery/mail/subscription/body.html", context)
    headers = AUTOMATIC | {"Content-Language": language} | from_campaign(campaign, language)
    sender = addresses.bounce_address(campaign.sender_email)
    message = mail.EmailMultiAlternatives(subject, text, sender, [row.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def template_context(row: Row, kind: str, campaign: Campaign, wanted: str, *, at: datetime) -> dict[str, Any]:
    """Return what a mail's templates need."""
    texts = {text.code: text for text in campaign.languages.all()}
    text = texts.get(wanted) or texts.get(campaign.default_language)
    name = text.name if text else campaign.slug
    subjects = {
        "confirm": _("Confirm that you want the digest: %(campaign)s"),
        "known": _("You already get the digest: %(campaign)s"),
        "move": _("Confirm your new address: %(campaign)s"),
        "moved": _("The digest now goes to another address: %(campaign)s"),
    }
    mine = subscription_of(row) if isinstance(row, SignUp) and kind == "known" else None
    button = "" if kind == "moved" else confirmation_links.confirm_url(row, language=wanted, at=at)
    if mine is not None:
        button = preference_links.PreferenceLinks(campaign.pk, wanted).of(mine.recipient_id, mine.recipient.email)
    return {
        "kind": kind,
        "subject": subjects[kind] % {"campaign": name},
        "campaign_name": name,
        "exercise": campaign.is_exercise,
        "exercise_note": in_language(campaign.note),
        "button": button,
        "contact": campaign.reply_to,
    }
