"""
What people and the notification hook are told at once.

Whoever does the deed writes Notice rows in its own transaction (`tell`); `deliver_notices` sends them after it. A row is
claimed by one conditional update before its mail or post leaves, so that two at once tell once; a claim that came to
nothing is tried again later.
"""

import hashlib
import hmac
import json
import logging
import smtplib
import urllib.request
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import Case, F, QuerySet, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.models import User
from bulletins.models import Bulletin, MessageInput
from campaigns.models import Campaign
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign, new_message_id
from delivery.sending import failover
from lib import retries, task_queue

from .models import Notice

log = logging.getLogger(__name__)

Kind = Notice.Kind

# What each kind says in one line. It names references and numbers, never words that may be under embargo.
SAYS = {
    Kind.INPUT_ARRIVED: gettext_noop("Submission %(reference)s has arrived from %(authority)s (%(urgency)s)"),
    Kind.QUESTION_ASKED: gettext_noop("An editor has a question about submission %(reference)s"),
    Kind.QUESTION_ANSWERED: gettext_noop("The question about submission %(reference)s has been answered"),
    Kind.APPROVAL_WANTED: gettext_noop("Bulletin %(bulletin)s needs your approval (%(urgency)s)"),
    Kind.SIGN_OFF_WANTED: gettext_noop("Bulletin %(bulletin)s needs fact-check sign-off (%(urgency)s)"),
    Kind.SENT_BACK: gettext_noop("Bulletin %(bulletin)s was sent back"),
    Kind.APPROVED: gettext_noop("Bulletin %(bulletin)s has been approved"),
    Kind.NOT_PUBLISHED: gettext_noop("Bulletin %(bulletin)s was due and could not be published"),
    Kind.VERDICT_PROPOSED: gettext_noop("A verdict needs a second person"),
    Kind.CLAIM_CHANGED: gettext_noop("A fact-check that you used has changed"),
    Kind.REPORT_CHECKED: gettext_noop("A claim that you reported has been checked"),
    Kind.QUESTION_WAITS: gettext_noop("A question from the public needs your answer"),
    Kind.ANSWER_WANTED: gettext_noop("An answer to a question needs your approval"),
    Kind.ANSWER_SENT_BACK: gettext_noop("An answer to a question was sent back"),
    Kind.QUESTION_SETTLED: gettext_noop("A question that you passed on has been answered"),
    Kind.RECALL: gettext_noop("Something that you read or shared has changed"),
    Kind.WAITING: gettext_noop("An influencer is waiting for a reply"),
    Kind.QUIET: gettext_noop("An influencer has not heard from us for a while"),
    Kind.HARASSMENT: gettext_noop("An influencer reports harassment"),
    Kind.THANKS: gettext_noop("Thank you"),
    Kind.GATHERED: gettext_noop("Bulletins for you"),
    Kind.TAMPERED: gettext_noop("The audit log check failed"),
}
# Kinds whose words bring their own headline in their first line.
OWN_HEADLINE = {
    Kind.CLAIM_CHANGED,
    Kind.QUESTION_WAITS,
    Kind.QUESTION_SETTLED,
    Kind.RECALL,
    Kind.WAITING,
    Kind.QUIET,
    Kind.HARASSMENT,
    Kind.THANKS,
    Kind.GATHERED,
    Kind.TAMPERED,
}

MOST_AT_ONCE = 200  # rows for one call; the next goes on
HOOK_SECONDS = 10  # for the hook to answer


# --- Writing them down -----------------------------------------------------------------------------


def tell(
    kind: str,
    people: Iterable[User],
    *,
    at: datetime,
    bulletin: Bulletin | None = None,
    input: MessageInput | None = None,
    text: str = "",
    hook: bool = False,
) -> list[Notice]:
    """
    Note that each of `people` is to be told of something about a bulletin or an input, and the notification hook too
    with `hook` and an address for it. `text` goes to people only, as it is. Call it in the deed's own transaction: the
    mails leave right after it. Return the rows.
    """
    about = bulletin or input
    if about is None:
        raise TypeError("A notice is about a bulletin or a message input.")
    told: list[User | None] = list({person.pk: person for person in people}.values())
    if hook and settings.NOTIFY_URL:
        told.append(None)
    return write_down(kind, told, about.campaign, at=at, bulletin=bulletin, input=input, text=text)


def tell_staff(kind: str, permission: str, *, at: datetime, but: Iterable[User] = (), **about: Any) -> list[Notice]:
    """Tell everyone at the desk who holds `permission`, except for `but`, and the hook. See `tell`."""
    left_out = {person.pk for person in but}
    people = [person for person in User.objects.staff_with(permission) if person.pk not in left_out]
    return tell(kind, people, at=at, **{"hook": True} | about)


def ask_contributors(message_input: MessageInput, *, at: datetime) -> list[Notice]:
    """
    Tell those who gave an input that an editor has a question: who sent it, or its authority's contributors when a
    system did, and the address that it names for questions.
    """
    sender = message_input.submitted_by
    people: list[User | None] = (
        [sender]
        if sender
        else list(User.objects.filter(authority_memberships__authority=message_input.authority_id, is_active=True))
    )
    contact = message_input.contact.lower()
    if contact and contact not in {person.email.lower() for person in people if person}:
        people.append(None)
    return write_down(
        Kind.QUESTION_ASKED, people, message_input.campaign, at=at, input=message_input, text=message_input.question
    )


def write_down(
    kind: str, people: Iterable[User | None], campaign: Campaign, *, at: datetime, **about: Any
) -> list[Notice]:
    """Write the rows and have a worker woken when the transaction is through."""
    rows = [
        Notice(kind=kind, campaign=campaign, person=person, at=at, next_attempt_at=at, **about) for person in people
    ]
    if rows:
        Notice.objects.bulk_create(rows)
        transaction.on_commit(wake, robust=True)  # the tick tells it if no worker can be woken
    return rows


def wake() -> None:
    """Ask a worker to tell what waits. What nobody took in a minute is forgotten: the tick does it too."""
    task_queue.wake("notifications.tasks.deliver_notices", queue="urgent")


# --- Telling ---------------------------------------------------------------------------------------


def deliver_notices(*, at: datetime) -> int:
    """
    Tell what is due and return how many were told; somebody who is harassed waits behind nobody's news. When a mail server
    is away, its other mails wait for the next call untried. Not for use in a transaction.
    """
    about = "input__authority", "input__submitted_by", "bulletin", "claim", "group__authority"
    first = Case(When(kind=Kind.HARASSMENT, then=0), default=1)
    rows = due(at=at).select_related("campaign", "person", *about).prefetch_related("campaign__languages")
    rows = rows.order_by(first, "next_attempt_at", "pk")[:MOST_AT_ONCE]
    told = 0
    away: set[str] = set()
    with ExitStack() as connections:
        open_ones: dict[str, Any] = {}
        for notice in rows:
            way = "hook" if is_for_hook(notice) else failover.way_out(notice.campaign)
            if way in away or not claim(notice, at=at):
                continue
            try:
                if way == "hook":
                    post(notice, at=at)
                else:
                    if way not in open_ones:
                        open_ones[way] = connections.enter_context(mail.mailers[way])
                    open_ones[way].send_messages([as_mail(notice)])
            except Exception as fault:  # a backend may raise anything; the text may hold an address
                log.error("Notice %s was not told: %s", notice.pk, type(fault).__name__)
                if not isinstance(fault, smtplib.SMTPRecipientsRefused):
                    away.add(way)
                    open_ones.pop(way, None)
                if at - notice.at >= retries.GIVEN_UP_AFTER:
                    Notice.objects.filter(pk=notice.pk).update(given_up_at=at)
            else:
                Notice.objects.filter(pk=notice.pk).update(told_at=at)
                told += 1
    return told


def due(*, at: datetime) -> QuerySet[Notice]:
    """Return what waits to be told and may be tried at `at`."""
    return Notice.objects.filter(told_at=None, given_up_at=None, next_attempt_at__lte=at)


def claim(notice: Notice, *, at: datetime) -> bool:
    """Take a notice for one try, and say when the next may be; tell whether nobody else has it."""
    again_at = retries.next_attempt(notice.attempts, at=at)
    mine = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts, told_at=None, given_up_at=None)
    return bool(mine.update(attempts=F("attempts") + 1, next_attempt_at=again_at))


def is_for_hook(notice: Notice) -> bool:
    """Tell whether a notice goes to the hook; a question without a person goes to an address for questions."""
    return notice.person_id is None and notice.kind not in {Kind.QUESTION_ASKED, Kind.QUESTION_WAITS}


def contact_of(notice: Notice) -> str:
    """Return the address for questions that a notice without a person goes to: the input's, or the authority's."""
    if notice.input:
        return notice.input.contact
    return notice.group.authority.contact if notice.group and notice.group.authority else ""


def headline(notice: Notice) -> str:
    """Return what a notice says in one line, in the active language."""
    about = notice.input or notice.bulletin
    values = {
        "reference": notice.input.reference if notice.input else "",
        "authority": notice.input.authority if notice.input else "",
        "bulletin": notice.bulletin or "",
        "urgency": about.get_urgency_display() if about else "",
    }
    line = _(SAYS[Kind(notice.kind)]) % values
    if notice.kind in OWN_HEADLINE:
        line = notice.text.partition("\n")[0] or line
    return notice.campaign.marked(line)


def words(notice: Notice) -> str:
    """Return the words below the headline."""
    return notice.text.partition("\n")[2] if notice.kind in OWN_HEADLINE else notice.text


def address(notice: Notice) -> str:
    """Return where a notice leads: contributors and influencers to their page, in the active language, staff to the desk."""
    if notice.path:
        path = notice.path
    elif notice.kind == Kind.QUESTION_ASKED:
        path = reverse("intake:input", args=[notice.input_id])
    elif notice.claim and notice.person and not notice.person.is_staff:
        path = reverse("influencers:kit", args=[notice.claim.slug])
    elif notice.claim:
        path = reverse("admin:factcheck_claim_change", args=[notice.claim_id])
    elif notice.input_id:
        path = reverse("admin:bulletins_messageinput_change", args=[notice.input_id])
    else:
        path = reverse("admin:bulletins_bulletin_change", args=[notice.bulletin_id])
    return settings.PUBLIC_URL + path


def as_mail(notice: Notice) -> mail.EmailMessage:
    """
    Return the mail of a notice, in the language of who gets it. Whoever is not staff gets it from the campaign and can
    answer it.
    """
    person = notice.person
    to = person.email if person else contact_of(notice)
    language = notice.campaign.language_for(person)
    with override(language):
        context = {"notice": notice, "headline": headline(notice), "text": words(notice), "address": address(notice)}
        subject = clean_subject(render_to_string("notifications/mail/subject.txt", context))
        body = render_to_string("notifications/mail/body.txt", context)
    headers = AUTOMATIC | {"Content-Language": language}
    if person and person.is_staff:
        sender = settings.DEFAULT_FROM_EMAIL
        headers |= {"Message-ID": new_message_id(sender)}
    else:
        sender = addresses.bounce_address(notice.campaign.sender_email)
        headers |= from_campaign(notice.campaign, person.language if person else language)
    return mail.EmailMessage(subject, body, sender, [to], headers=headers)


def post(notice: Notice, *, at: datetime) -> None:
    """Post a notice to the hook, signed. Raise URLError, OSError or HTTPError when it was not taken."""
    about = notice.input or notice.bulletin
    with override(notice.campaign.language_for()):
        url = address(notice)
        said = {
            "text": f"{headline(notice)}: {url}",
            "kind": notice.kind,
            "urgency": about.urgency if about else "",
            "url": url,
            "campaign": notice.campaign.slug,
            "at": notice.at.isoformat(),
        }
    body = json.dumps(said, ensure_ascii=False).encode()
    timestamp = str(int(at.timestamp()))
    request = urllib.request.Request(  # noqa: S310 (the scheme is checked where the setting is read)
        settings.NOTIFY_URL,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "crisis-bulletins",
            "X-Timestamp": timestamp,
            "X-Signature": f"sha256={signature(timestamp, body)}",
        },
    )
    with opener().open(request, timeout=HOOK_SECONDS) as answer:
        if not 200 <= answer.status < 300:
            raise URLError(f"HTTP {answer.status}")


def signature(timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 (hex) of a post under NOTIFY_SECRET."""
    return hmac.new(settings.NOTIFY_SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


class StaysHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what is signed for one address is not for another."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Return nothing, so that the redirect is an error."""


opener = partial(urllib.request.build_opener, StaysHere)
