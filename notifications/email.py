"""The mail of a notice, in the language of who gets it."""

from typing import Any

from django.conf import settings
from django.core import mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign, new_message_id

from . import notice_kinds
from .channels import reader_clock
from .models import Notice


def compose(notice: Notice, subject: Any) -> mail.EmailMessage:
    """
    Return the mail of a notice about `subject`. Whoever is not staff gets it from the campaign and can answer it. An event for their
    calendar is a second form of the text, as calendars and mail programs look for it (RFC 6047), and a file for those that do not.
    """
    kind, campaign, person = notice_kinds.get(notice.kind), notice.campaign, notice.person
    language = (kind.language(subject) if person is None else "") or campaign.language_for(person)
    with override(language):
        words, details = notice.words(subject), notice.details(subject)
        context = {
            "headline": notice.headline(subject),
            "subject_line": notice.subject_line(subject),
            "text": words,
            "details": details,
            "zone_note": reader_clock.zone_note(person, campaign, f"{words}\n{details}", at=notice.at)
            if person and person.is_staff
            else "",
            "lead_in": kind.lead_in() or _("See it here:"),
            "address": notice.address(subject),
        }
        title = clean_subject(render_to_string("notifications/mail/subject.txt", context))
        body = render_to_string("notifications/mail/body.txt", context)
        event = kind.calendar(subject, at=notice.at)
    headers = AUTOMATIC | {"Content-Language": language}
    if person and person.is_staff:
        sender = settings.DEFAULT_FROM_EMAIL
        headers |= {"Message-ID": new_message_id(sender)}
    else:
        sender = addresses.bounce_address(campaign.sender_email)
        headers |= from_campaign(campaign, person.language if person else language)
    to = person.email if person else kind.contact(subject) or ""
    if event is None:
        return mail.EmailMessage(title, body, sender, [to], headers=headers)
    letter = mail.EmailMultiAlternatives(title, body, sender, [to], headers=headers)
    letter.attach_alternative(event.text, f"text/calendar; method={event.method}")
    letter.attach("invite.ics", event.text.encode(), "application/ics")
    return letter
