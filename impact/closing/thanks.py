"""
The thanks at the end of a campaign: once, to everybody who took part, in their own language, with what came of it.

They are sends like any other: through the ledger, in the queue of digests behind everything that is urgent, held by exercise mode,
suppressions, unsubscribing and breaks. Influencers and digest subscribers get mails with feet of their own; each of the two
mailings is part of the other, so whoever is both gets one. People of authorities are told by a notice.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from agreement.refusals import Refused
from bulletins.scheduling import personal_digests
from campaigns.models import Authority, AuthorityMember, Campaign
from campaigns.publication_details import PrintedWords
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from delivery.models import Audience, MailChoice, Mailing, Message, Send
from impact.dashboard import public_page
from impact.models import CampaignResults
from lib.text.markup import plain
from notifications import outbox

from . import archives, notices, results

KINDS: dict[str, str] = {Audience.Kind.INFLUENCERS: "influencers", Audience.Kind.DIGEST: "subscribers"}


@transaction.atomic
def send(campaign: Campaign, *, without_archive: bool = False, by: User, at: datetime) -> list[Send]:
    """
    Plan the thanks to everybody of a closed campaign, and return the sends. Raise Refused where the text is not approved, where an
    archive for everybody is not ready and they shall not go `without_archive`, or they were sent: of two at once one sends.
    """
    held = results.held(campaign)
    if campaign.closed_at is None or Campaign.objects.filter(pk=campaign.pk, closed_at=None).exists():
        raise Refused(_("Not sent: the campaign is open again. Thanks come at its end."))
    if not results.RESULTS.holds(held):
        raise Refused(_("Not sent: a second person approves the text first."))
    if not without_archive and (reason := archive_not_ready(campaign, at=at)):
        raise Refused(_("Not sent: %(why)s") % {"why": reason})
    mailings: dict[str, Mailing] = {}
    for kind in KINDS.values():
        mailings[kind] = Mailing.objects.create(
            campaign=campaign,
            key=f"thanks-{kind}",
            queue=Mailing.Queue.DIGEST,
            is_digest=kind == "subscribers",
            created_at=at,
        )
        Message.objects.freeze(list(messages_of(mailings[kind], held, kind, at=at)))
    mailings["influencers"].parts.add(mailings["subscribers"])
    planned = [
        Send.objects.create(mailing=mailings[KINDS[one.kind]], audience=one, slot_at=at, **how)
        for one in campaign.audiences.filter(kind__in=KINDS).order_by("pk")
        for how in ways_of(one, mailings[KINDS[one.kind]], at=at)
    ]
    people = User.objects.filter(
        pk__in=AuthorityMember.objects.filter(authority__in=authorities_of(campaign)).values("user")
    )
    outbox.write(notices.CAMPAIGN_THANKS, people.filter(is_active=True), at=at, about=held, campaign=campaign)
    held.thanked_by, held.thanked_at = by, at
    held.save(update_fields=["thanked_by", "thanked_at"])
    trail.note("results.thanked", held, by=by, at=at, digest=held.approved_digest, sends=len(planned))
    return planned


def archive_not_ready(campaign: Campaign, *, at: datetime) -> str:
    """Return why the mails would not lead to an archive that seems to be meant for everybody, "" where nothing is to be waited for."""
    if archives.in_the_making(campaign):
        return _("the archive is being made. Wait until it is ready, and let anyone download it.")
    standing = archives.standing(campaign)
    if standing and standing.public_at and not archives.for_everyone(campaign, at=at):
        return _("the archive is out of date. Make it again, and let anyone download it.")
    return ""


def archive_url(campaign: Campaign, *, at: datetime) -> str:
    """Return the address of the archive, "" where nobody but the desk can download it, or soon."""
    if archives.in_the_making(campaign) or not archives.for_everyone(campaign, at=at):
        return ""
    return settings.PUBLIC_URL + reverse("archive", args=[campaign.slug])


def ways_of(audience: Audience, mailing: Mailing, *, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield how an audience gets it: at once, and of influencers those too who want their mail gathered."""
    key = f"{mailing.key}-{audience.pk}"
    yield {"slot_key": key}
    if audience.kind == Audience.Kind.INFLUENCERS:
        wanted = set(MailChoice.objects.filter(campaign=audience.campaign_id).values_list("pace", flat=True))
        for pace in [one for one in personal_digests.DAYS if one in wanted]:
            yield {"slot_key": f"{key}-{pace}", "pace": pace, "since": at}


def authorities_of(campaign: Campaign) -> Any:
    """Return the keys of the authorities that gave something to a campaign, or were asked in it."""
    gave = Authority.objects.filter(Q(inputs__campaign=campaign) | Q(answers__group__campaign=campaign))
    return gave.values("pk")


def messages_of(mailing: Mailing, held: CampaignResults, kind: str, *, at: datetime) -> Iterator[Message]:
    """Yield the mail to one kind of readers in each language."""
    for code in held.campaign.language_codes():
        message = mail_of(held, kind, code, at=at).message(mailing, code, at=at)
        if not mailing.is_digest:
            message.headers = {"Auto-Submitted": "auto-generated"}
        yield message


def mail_of(held: CampaignResults, kind: str, language: str, *, at: datetime) -> RenderedMail:
    """Return the mail to one kind of readers in a language."""
    campaign = held.campaign
    with override(language):
        printed = PrintedWords.of(campaign)
        name = plain(printed.in_language(language).name)
        context = frame(printed, language, at=at) | {
            "subject": _("Thank you: what came of %(name)s") % {"name": name},
            "lead": "",
            "lines": [line.strip() for line in held.words.get(language, "").splitlines()],
            "figures": held.figures,
            "answers_url": page_of(campaign, "website:answers"),
            "claims_url": page_of(campaign, "factcheck:claims"),
            "certificate_url": settings.PUBLIC_URL + reverse("influencers:certificate"),
            "posts_url": settings.PUBLIC_URL + reverse("influencers:posts"),
            "results_url": page_of(campaign, "results:page") if public_page.open_page(campaign) else "",
            "archive_url": archive_url(campaign, at=at),
            "page_url": page_of(campaign, "website:archive"),
            "read_url": field("read_url"),
            "preferences_url": field("preferences_url"),
            "is_influencer": kind == "influencers",
        }
        return render(f"impact/closing/mail/{kind}", printed, language, context)


def page_of(campaign: Campaign, name: str) -> str:
    """Return the address of a list of a campaign that the site may not show any more, in the active language."""
    return f"{settings.PUBLIC_URL}{reverse(name)}?campaign={campaign.slug}"
