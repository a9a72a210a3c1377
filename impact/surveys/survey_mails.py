"""
The mails that ask people who were drawn. Subscribers get a token of their own in it; influencers get the way to the portal, where
they take one.

A token is taken out of the hat right before its mail is handed over, and is nowhere here afterwards: no row, no ledger, no log has
it. So a mail leaves at most once. One that certainly did not leave gives its token back and is tried again; what is in doubt after
a crash is not, as two mails would be two votes.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from campaigns.translated_fields import in_language
from delivery.links import preference_links
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Recipient
from delivery.single_mails.hand_over import HandOver
from delivery.single_mails.queue import Queue, flag
from delivery.single_mails.worker import hand_over_due
from impact.models import Asked, Survey
from lib.text.languages.languages import site_language

from . import tickets


class SurveyMails(Queue[Asked]):
    """The mails that ask people who were drawn."""

    name = "survey"
    title = gettext_lazy("Surveys")
    model = Asked
    marks = flag("is_mailed")
    lasts = timedelta.max  # until it closes
    again_in_doubt = False  # two mails would be two votes

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.tokens: dict[int, str | None] = {}

    def due(self) -> QuerySet[Asked]:
        """Return who was drawn and not mailed yet. In no order that a later look at the rows could tell: by key, whatever the draw was."""
        surveys = Survey.objects.taking_answers(at=self.at).filter(way=Survey.Way.DRAWN)
        rows = Asked.objects.filter(is_mailed=False, survey__in=surveys).order_by("survey", "pk")
        return rows.select_related("recipient", "survey__campaign").prefetch_related("survey__campaign__languages")

    def may_leave(self, row: Asked) -> bool:
        """Return whether mail may still reach the person."""
        return Recipient.objects.deliverable().filter(pk=row.recipient_id).exists()

    @transaction.atomic
    def letters(self, row: Asked) -> list[mail.EmailMessage] | None:
        """Return the mail to one person, with a token just taken out of the hat; None when the survey was closed or has none left."""
        survey = row.survey
        if Survey.objects.select_for_update().get(pk=survey.pk).state != Survey.State.OPEN:
            return None
        token = None
        if survey.group != Survey.Group.INFLUENCERS:
            token = tickets.hand_out(survey)
            Asked.objects.filter(pk=row.pk).update(is_taken=True)
            if token is None:
                return None
        self.tokens[row.pk] = token
        return [letter(survey, row.recipient, token)]

    def concluded(self, row: Asked, result: HandOver, *, ended: bool) -> None:
        """Put a token back that certainly reached nobody; whoever is asked again gets another."""
        token = self.tokens.pop(row.pk, None)
        if result.certainly_stayed:
            give_back(row.survey, token)
            if not ended:
                Asked.objects.filter(pk=row.pk).update(is_taken=False)


def ask_due(*, at: datetime) -> int:
    """Mail people who were drawn and not mailed yet, and return how many mails left. Not for use in a transaction."""
    return hand_over_due(SurveyMails, at=at)


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
