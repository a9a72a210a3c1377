"""The mails that give influencers their link. None says a word of the draft."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core import mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from campaigns.translated_fields import in_language
from delivery.links import preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Recipient
from delivery.single_mails.queue import Queue, flag
from delivery.single_mails.worker import hand_over_due
from impact.models import Pretest, PretestSeat
from lib.text.languages.languages import site_language

from . import pretest_links, pretest_steps


class PretestMails(Queue[PretestSeat]):
    """The mails of pretests that run. A second one has the same link, so that it gives no second answer."""

    name = "pretest"
    title = gettext_lazy("Pretests")
    model = PretestSeat
    marks = flag("is_mailed")
    lasts = timedelta.max  # until it expires

    def due(self) -> QuerySet[PretestSeat]:
        """Return the seats of running pretests that were not mailed yet."""
        rows = PretestSeat.objects.filter(is_mailed=False, pretest__in=Pretest.objects.running(at=self.at))
        about = "recipient", "pretest__bulletin__campaign"
        return rows.select_related(*about).prefetch_related("pretest__bulletin__campaign__languages").order_by("pk")

    def ready(self, rows: list[PretestSeat]) -> Iterable[PretestSeat]:
        """Return those whose draft may be shown now."""
        open_ones = {row.pretest_id: pretest_steps.is_open(row.pretest, at=self.at) for row in rows}
        return [row for row in rows if open_ones[row.pretest_id]]

    def may_leave(self, row: PretestSeat) -> bool:
        """Return whether mail may still reach the person."""
        return Recipient.objects.deliverable().filter(pk=row.recipient_id).exists()

    def letters(self, row: PretestSeat) -> list[mail.EmailMessage]:
        """Return its one mail."""
        return [letter(row.pretest, row)]


def ask_due(*, at: datetime) -> int:
    """Mail the influencers of pretests that run and were not mailed yet, and return how many mails left. Not for use in a transaction."""
    return hand_over_due(PretestMails, at=at)


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
