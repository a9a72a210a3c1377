"""The mails that give influencers their link. None says a word of the draft."""

import logging
import smtplib
from datetime import datetime

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.translated_fields import in_language
from delivery.links import preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Recipient
from delivery.transports import failover
from impact.models import Pretest, PretestSeat
from lib.text.languages.languages import site_language

from . import pretest_links, pretest_steps

log = logging.getLogger(__name__)


def ask_due(*, at: datetime) -> int:
    """Mail the influencers of pretests that run and were not mailed yet, and return how many mails left. Not for use in a transaction."""
    left = 0
    waiting = Pretest.objects.running(at=at).filter(seats__is_mailed=False).distinct()
    for pretest in waiting.select_related("bulletin__campaign").prefetch_related("bulletin__campaign__languages"):
        if not pretest_steps.is_open(pretest, at=at):
            continue
        try:
            with mail.mailers[failover.expected_mailer(pretest.bulletin.campaign)] as connection:
                for seat in pretest.seats.filter(is_mailed=False).select_related("recipient"):
                    left += ask(pretest, seat, connection)
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            log.error("A mail of pretest %s was not sent: %s", pretest.pk, type(fault).__name__)
    return left


def ask(pretest: Pretest, seat: PretestSeat, connection: BaseEmailBackend) -> int:
    """Mail one influencer, unless somebody else does or no mail may reach them any more; return how many mails left, 0 or 1."""
    mine = PretestSeat.objects.filter(pk=seat.pk, is_mailed=False)
    if not mine.update(is_mailed=True) or not Recipient.objects.deliverable().filter(pk=seat.recipient_id).exists():
        return 0
    try:
        return connection.send_messages([letter(pretest, seat)]) or 0
    except smtplib.SMTPRecipientsRefused:
        return 0
    except Exception:
        PretestSeat.objects.filter(pk=seat.pk).update(is_mailed=False)
        raise


def letter(pretest: Pretest, seat: PretestSeat) -> mail.EmailMultiAlternatives:
    """Return the mail to one influencer in their language, as text and HTML."""
    campaign, recipient = pretest.bulletin.campaign, seat.recipient
    spoken = campaign.language_for(recipient)
    names = {row.code: row.name for row in campaign.languages.all()}
    with override(site_language(spoken)), timezone.override(campaign.zone):
        subject = campaign.marked(clean_subject(_("Would you read a draft for us?")))
        context = {
            "campaign_name": names.get(spoken) or names.get(campaign.default_language) or campaign.slug,
            "subject": subject,
            "language": spoken,
            "exercise": campaign.is_exercise,
            "exercise_note": in_language(campaign.note),
            "button": pretest_links.address_of(pretest, seat.number, language=site_language(spoken)),
            "expires": pretest.expires_at,
            "contact": campaign.reply_to,
            "preferences": preference_links.PreferenceLinks(campaign.pk, spoken).of(recipient.pk, recipient.email),
        }
        text = render_to_string("impact/pretests/mail/body.txt", context)
        html = render_to_string("impact/pretests/mail/body.html", context)
    headers = AUTOMATIC | {"Content-Language": spoken} | from_campaign(campaign, spoken)
    sender = addresses.bounce_address(campaign.sender_email)
    message = mail.EmailMultiAlternatives(subject, text, sender, [recipient.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message
