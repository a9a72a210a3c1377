"""
The mails to whoever asked for the digests: the link that confirms, or word that they are in already. Written by a worker
after the request, and by the tick; one row is one mail, however often it was asked for.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts import rate_limit
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.links import confirmation_links, preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import NewAddress, Recipient, SignUp, Subscription, Suppression, address_hash
from delivery.single_mails.hand_over import End, HandOver
from delivery.single_mails.queue import ONLY_BLOCKED, Queue, due
from delivery.single_mails.worker import hand_over_due
from lib.text.languages.languages import site_language

from . import double_opt_in

BETWEEN = timedelta(minutes=10)  # two mails to one address
MOST_FROM_PLACE, HOUR = 20, 3600
MOST_FROM_NETWORK = MOST_FROM_PLACE * rate_limit.PLACES_OF_A_NETWORK
MOST_TO_ADDRESS, DAY = 3, 86_400

Row = SignUp | NewAddress


class ConfirmationMails(Queue[Any]):
    """The mails to whoever asked for the digests, or for another address."""

    title = gettext_lazy("Confirmations of subscriptions")
    marks = due()
    asked_for = True
    lasts = confirmation_links.LASTS

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.kinds: dict[int, str] = {}
        self.counted: set[int] = set()

    def campaign_of(self, row: Row) -> Campaign:
        """Return the campaign whose digests are asked for."""
        return double_opt_in.campaign_of(row)

    def waits(self, attempts: int) -> timedelta:
        """Return how long to wait: no address gets two in less than BETWEEN, of which one may have left."""
        return max(BETWEEN, super().waits(attempts))

    def heeded(self, row: Row) -> Iterable[str]:
        """Return why an address is not written to: whoever opens the link wants mail again and reads it."""
        return ONLY_BLOCKED

    def claims(self, row: Row) -> dict[str, Any]:
        """Give a row its secret, which stands in each of its mails."""
        row.secret = row.secret or secrets.token_urlsafe(24).replace(".", "-")
        return {"secret": row.secret}

    def hand_over(self, row: Row, route: str, connection: Any) -> HandOver:
        """Hand its mail over, unless the address or the place has just got too many."""
        self.kinds[row.pk] = kind = mail_for(row)
        if kind and not may_leave(row, at=self.at):
            # Whoever has just got a mail has its link, which opens what was asked for last.
            lately = row.mailed_at is not None and row.mailed_at > self.at - BETWEEN
            return HandOver(End.NOT_NOW, again_at=None if lately else self.at + BETWEEN)
        self.counted.add(row.pk)
        return super().hand_over(row, route, connection)

    def letters(self, row: Row) -> list[mail.EmailMessage] | None:
        """Return its one mail, None when nobody wants it any more."""
        kind = self.kinds[row.pk]
        return [letter(row, kind, at=self.at)] if kind else None

    def concluded(self, row: Row, result: HandOver, *, ended: bool) -> None:
        """Count no mail that stayed, note when one left, and forget a row that has nothing more to confirm."""
        kind = self.kinds.get(row.pk)
        rows = self.model._default_manager.filter(pk=row.pk, secret=row.secret)
        if kind and result.certainly_stayed and row.pk in self.counted:
            rate_limit.refund_all(counts_of(row))
        elif result.end is End.LEFT:
            rows.update(mailed_at=self.at)
        if kind == "" or (kind in {"known", "moved"} and result.end is End.LEFT):
            rows.filter(mail_due_at=None).delete()


class SignUpMails(ConfirmationMails):
    """To new readers."""

    name = "sign_up"
    model = SignUp

    def due(self) -> QuerySet[SignUp]:
        """Return the sign-ups whose mail is due."""
        rows = SignUp.objects.filter(mail_due_at__lte=self.at).order_by("mail_due_at", "pk")
        return rows.select_related("campaign", "audience", "topics")


class NewAddressMails(ConfirmationMails):
    """To the new address of a reader, or the one before."""

    name = "new_address"
    model = NewAddress

    def due(self) -> QuerySet[NewAddress]:
        """Return the changes of address whose mail is due."""
        rows = NewAddress.objects.filter(mail_due_at__lte=self.at).order_by("mail_due_at", "pk")
        return rows.select_related("subscription__campaign", "subscription__recipient")


def write_due(*, at: datetime) -> int:
    """Write the mails that are due, and return how many left. Not for use in a transaction."""
    return hand_over_due(SignUpMails, at=at) + hand_over_due(NewAddressMails, at=at)


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
