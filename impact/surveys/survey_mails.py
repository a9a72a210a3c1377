"""
The mails that ask people who were drawn. Subscribers get a token of their own in it; influencers get the way to the portal, where
they take one.

A token is taken out of the hat right before its mail is handed over, and is nowhere here afterwards: no row, no ledger, no log has
it. So a mail leaves at most once. One that certainly did not leave gives its token back and is tried again; what is in doubt after
a crash is not, as two mails would be two votes.
"""

import logging
import smtplib
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.translated_fields import in_language
from delivery.links import preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Recipient
from delivery.transports import failover
from impact.models import Asked, Survey
from lib.text.languages.languages import site_language

from . import tickets

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200  # mails in one call; the next goes on


def ask_due(*, at: datetime) -> int:
    """Mail people who were drawn and not mailed yet, and return how many mails left. Not for use in a transaction."""
    left = 0
    with ExitStack() as stack:
        ways: dict[str, BaseEmailBackend] = {}
        away: set[str] = set()
        surveys = Survey.objects.taking_answers(at=at).filter(way=Survey.Way.DRAWN, asked__is_mailed=False).distinct()
        for survey in surveys.select_related("campaign").prefetch_related("campaign__languages"):
            way = failover.expected_mailer(survey.campaign)
            # In no order that a later look at the rows could tell: by key, whatever the draw was.
            for asked in survey.asked.filter(is_mailed=False).select_related("recipient")[: MOST_AT_ONCE - left]:
                if way in away:
                    break
                if way not in ways:
                    ways[way] = stack.enter_context(mail.mailers[way])
                try:
                    left += ask(survey, asked, ways[way])
                except Exception as fault:  # a backend may raise anything; the text may hold an address
                    log.error("A mail of survey %s was not sent: %s", survey.pk, type(fault).__name__)
                    away.add(way)
    return left


def ask(survey: Survey, asked: Asked, connection: BaseEmailBackend) -> int:
    """Mail one person, unless somebody else does or no mail may reach them any more; return how many mails left, 0 or 1."""
    has_portal = survey.group == Survey.Group.INFLUENCERS
    with transaction.atomic():
        if Survey.objects.select_for_update().get(pk=survey.pk).state != Survey.State.OPEN:
            return 0  # closed since it was looked for
        mine = Asked.objects.filter(pk=asked.pk, is_mailed=False)
        if (
            not mine.update(is_mailed=True)
            or not Recipient.objects.deliverable().filter(pk=asked.recipient_id).exists()
        ):
            return 0
        token = None
        if not has_portal:
            token = tickets.hand_out(survey)
            Asked.objects.filter(pk=asked.pk).update(is_taken=True)
            if token is None:
                return 0
    try:
        return connection.send_messages([letter(survey, asked.recipient, token)]) or 0
    except smtplib.SMTPRecipientsRefused:
        give_back(survey, token)
        return 0
    except Exception:
        with transaction.atomic():
            give_back(survey, token)
            Asked.objects.filter(pk=asked.pk).update(is_mailed=False, is_taken=False)
        raise


@transaction.atomic
def give_back(survey: Survey, token: str | None) -> None:
    """Put a token back that reached nobody."""
    if token:
        held = Survey.objects.select_for_update().get(pk=survey.pk)
        if held.state == Survey.State.OPEN:
            tickets.take_back(held, token)


def letter(survey: Survey, recipient: Recipient, token: str | None) -> mail.EmailMultiAlternatives:
    """Return the mail to one person in their language, as text and HTML; without a token it leads to the portal."""
    campaign = survey.campaign
    spoken = campaign.language_for(recipient)
    with override(site_language(spoken)):
        context = template_context(survey, recipient, token, spoken)
        subject = campaign.marked(clean_subject(context["subject"]))
        context |= {"subject": subject, "language": spoken}
        text = render_to_string("impact/surveys/mail/body.txt", context)
        html = render_to_string("impact/surveys/mail/body.html", context)
    headers = AUTOMATIC | {"Content-Language": spoken} | from_campaign(campaign, spoken)
    sender = addresses.bounce_address(campaign.sender_email)
    message = mail.EmailMultiAlternatives(subject, text, sender, [recipient.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def template_context(survey: Survey, recipient: Recipient, token: str | None, spoken: str) -> dict[str, Any]:
    """Return what the templates of a mail need, in the active language."""
    campaign = survey.campaign
    names = {row.code: row.name for row in campaign.languages.all()}
    page = reverse("surveys:answer", args=[token]) if token else reverse("surveys:mine", args=[survey.pk])
    preferences = preference_links.PreferenceLinks(campaign.pk, spoken).of(recipient.pk, recipient.email)
    return {
        "campaign_name": names.get(spoken) or names.get(campaign.default_language) or campaign.slug,
        "subject": title_of(len(survey.questions)),
        "exercise": campaign.is_exercise,
        "exercise_note": in_language(campaign.note),
        "button": settings.PUBLIC_URL + page,
        "has_portal": token is None,
        "preferences": "" if token is None else preferences,
        "weeks": survey.apart_weeks,
        "closes_on": campaign.local(survey.closes_at).date() if survey.closes_at else None,
        "contact": campaign.reply_to,
    }


def title_of(questions: int) -> str:
    """Return what a survey of so many questions is called, in a mail and on its page."""
    if questions == 1:
        return _("One question, half a minute")
    return _("Two questions, about a minute") if questions == 2 else _("Three questions, about a minute")
