"""
The mail that welcomes a subscriber who has just confirmed: what holds now, as the newest digest would say it, and the link to what
they chose. It leaves by the ledger. Whatever it told is corrected to them like what a digest told.
"""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Least
from django.template.loader import get_template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.mail.bulletin_mail import RenderedMail, folded, text_part
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.message.mime import refuse_too_large
from delivery.message.personal_fields import field
from delivery.models import Audience, Mailing, Message, Send, Subscription
from delivery.recipients import newcomers
from lib.text.markup import plain
from website.models import Publication

from .digest_contents import Item, Kind, Order
from .digest_runs import candidates_of
from .rendering import Mails

LATEST = 60  # publications that are looked through
MOST = 4  # of what holds is said
EVERYTHING = Kind(topics=frozenset(), told_topics=frozenset(), cursor=0, since=0)


def plan_due(*, at: datetime) -> list[Send]:
    """Plan the welcome mails of subscribers who wait for one, and return the sends. Two at once are harmless."""
    mails, first = Mails(at=at), dict[int, int]()

    def write(audience: Audience, now: datetime) -> Mailing:
        items = items_that_hold(audience.campaign, at=now)
        mails.fetch(item.publication for item in items)
        numbers = (mails.publications[item.publication].number for item in items)
        first[audience.pk] = min((number for number in numbers if number is not None), default=0)
        return mailing_of(audience, items, mails, at=now)

    with transaction.atomic():
        planned = newcomers.plan(Audience.Kind.DIGEST, write, at=at)
        for send in planned:
            if oldest := first[send.audience_id]:
                note_told(send, oldest)
    return planned


def items_that_hold(campaign: Campaign, *, at: datetime) -> list[Item]:
    """Return what holds of what was published lately: what is urgent first, then the newest."""
    numbered = Publication.objects.filter(campaign=campaign, number__isnull=False)
    lately = list(numbered.order_by("-number").values_list("pk", flat=True)[:LATEST])
    order = Order(candidates_of(numbered.filter(pk__in=lately), at=at))
    urgent = {one.pk for one in order.news if one.is_urgent}
    chosen = list(reversed(order.choose(EVERYTHING)))
    return sorted(chosen, key=lambda item: item.publication not in urgent)[:MOST]


def note_told(send: Send, oldest: int) -> None:
    """Note that those whom a welcome is for were told what was published from a number on, so that its corrections reach them."""
    theirs = Subscription.objects.filter(
        campaign=send.audience.campaign_id, recipient__in=send.newcomers.values("recipient")
    )
    theirs.update(since=Least("since", Value(oldest - 1)))


def mailing_of(audience: Audience, items: list[Item], mails: Mails, *, at: datetime) -> Mailing:
    """Return the mailing of the welcome that an audience's newcomers get now; the same words are one mailing."""
    campaign = audience.campaign
    languages = audience.languages or [campaign.default_language]
    written = {language: rendered(items, mails, campaign, language, at=at) for language in languages}
    digest = hashlib.sha256(repr(sorted(written.items())).encode()).hexdigest()
    mailing, is_new = Mailing.objects.get_or_create(
        campaign=campaign,
        key=f"welcome-{digest[:32]}",
        defaults={"queue": Mailing.Queue.BULLETIN, "is_digest": True, "created_at": at},
    )
    if is_new:
        Message.objects.freeze(
            [
                Message(
                    mailing=mailing,
                    language=language,
                    sender_name=mail.sender_name,
                    subject=mail.subject,
                    html=mail.html,
                    text=mail.text,
                    created_at=at,
                )
                for language, mail in written.items()
            ]
        )
    return mailing


def rendered(items: list[Item], mails: Mails, campaign: Campaign, language: str, *, at: datetime) -> RenderedMail:
    """Return the mail in `language`. Raise TooLarge when it is longer than mail may be."""
    with override(language):
        printed = PrintedWords.of(campaign)
        words = printed.in_language(language)
        name = plain(words.name)
        parts = [mails.part(item, campaign, language) for item in items]
        context: dict[str, Any] = {
            "language": language,
            "subject": _("You're subscribed: what holds today")
            if parts
            else _("You're subscribed to %(name)s") % {"name": name},
            "campaign_name": name,
            "exercise": printed.is_exercise,
            "exercise_note": plain(printed.note_in(language)),
            "date": date_format(printed.local(at), "DATE_FORMAT"),
            "lead": " · ".join(part["title"] for part in parts),
            "parts": parts,
            "titles": [],
            "not_named": 0,
            "page_url": settings.PUBLIC_URL + reverse("website:archive"),
            "contact": plain(printed.reply_to),
            "unsubscribe_url": field("unsubscribe_url"),
            "preferences_url": field("preferences_url"),
        }
        html = folded(get_template("website/digests/mail/welcome.html").render(context))
        text = text_part(get_template("website/digests/mail/welcome.txt").render(context))
        refuse_too_large(html=html, text=text)
        return RenderedMail(sender_name=words.sender_name, subject=context["subject"], html=html, text=text)
