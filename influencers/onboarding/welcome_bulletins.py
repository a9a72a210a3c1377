"""
The mail that welcomes who has just joined: the bulletin that holds now, how it works, and who answers. It leaves by the ledger
like a bulletin, and counts as one: who got the bulletin so is told of its correction, and does not get it again.
"""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.mail.bulletin_mail import for_its_reader
from bulletins.mail.roundup_mail import part_of
from bulletins.models import Version
from bulletins.reader_view import published_versions
from bulletins.scheduling import roundups
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from delivery.models import Audience, Mailing, Send
from delivery.recipients import welcome_mails
from lib.text.markup import plain


def plan_due(*, at: datetime) -> list[Send]:
    """Plan the welcome mails of influencers who wait for one, and return the sends. Two at once are harmless."""
    return welcome_mails.plan(Audience.Kind.INFLUENCERS, mailing_of, at=at)


def mailing_of(audience: Audience, at: datetime) -> Mailing:
    """Return the mailing of the welcome that an audience's newcomers get now. In a transaction."""
    campaign = audience.campaign
    version = newest_that_holds(campaign, at=at)
    if version is not None:
        roundups.lock_mailings([version.mailing_id])
    mails = {language: rendered(version, campaign, language, at=at) for language in audience.languages}
    return welcome_mails.mailing_of(campaign, mails, says=[version.mailing_id] if version is not None else [], at=at)


def newest_that_holds(campaign: Campaign, *, at: datetime) -> Version | None:
    """Return the newest version that is published, not replaced in the mail by another, and still holds; or None."""
    rows = Version.objects.current(campaign, at=at).filter(mailing__superseded_by=None)
    main = campaign.default_language
    found = published_versions.newest_that_holds(
        rows.select_related("mailing").prefetch_related("editions"), language=main, fallback=main, at=at
    )
    return found.version if found else None


def rendered(version: Version | None, campaign: Campaign, language: str, *, at: datetime) -> RenderedMail:
    """Return the mail in `language`, with what `version` says at `at`. Raise TooLarge when it is longer than mail may be."""
    with override(language):
        printed = version.words if version is not None else PrintedWords.of(campaign)
        part = part_of(version, campaign, language, at=at) if version is not None else None
        name = plain(printed.in_language(language).name)
        context = frame(printed, language, at=at) | {
            "subject": _("Welcome. Today: %(title)s") % {"title": part["title"]}
            if part
            else _("Welcome to %(name)s") % {"name": name},
            "lead": part["lead"] if part else "",
            "parts": [part] if part else [],
            "page_url": settings.PUBLIC_URL + reverse("website:archive"),
            "portal_url": for_its_reader(settings.PUBLIC_URL + reverse("influencers:home")),
            "settings_url": settings.PUBLIC_URL + reverse("influencers:settings"),
            "details_url": settings.PUBLIC_URL + reverse("influencers:settings_details"),
            "harassed_url": settings.PUBLIC_URL + reverse("influencers:harassed"),
            "read_url": field("read_url"),
        }
        return render("influencers/onboarding/mail/welcome", printed, language, context)
