"""
The mail that welcomes a subscriber who has just confirmed: what holds now, as the newest digest would say it, and the link to what
they chose. It leaves by the ledger. Whatever it told is corrected to them like what a digest told.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Value
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import PublishedEdition
from bulletins.reader_view import published_versions
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.message.personal_fields import field
from delivery.message.rendered_mail import RenderedMail, frame, render
from delivery.models import Audience, Mailing, Send, Subscription
from delivery.recipients import welcome_mails
from lib.text.markup import plain
from website.models import Publication

from .digest_contents import Item, Kind, Order
from .digest_runs import candidates_of
from .rendering import Mails

LATEST = 60  # publications that are looked through
MOST = 4  # of what holds is said
HEADS_FOR = timedelta(days=1)  # what is urgent stands first for so long
EVERYTHING = Kind(topics=frozenset(), told_topics=frozenset(), cursor=0, since=0)


def plan_due(*, at: datetime) -> list[Send]:
    """Plan the welcome mails of subscribers who wait for one, and return the sends. Two at once are harmless."""
    mails, first = Mails(at=at), dict[int, int]()

    def write(audience: Audience, now: datetime) -> Mailing:
        items = items_that_hold(audience.campaign, at=now)
        mails.fetch(item.publication for item in items)
        numbers = (mails.publications[item.publication].number for item in items)
        first[audience.pk] = min((number for number in numbers if number is not None), default=0)
        campaign = audience.campaign
        languages = audience.languages or [campaign.default_language]
        written = {language: rendered(items, mails, campaign, language, at=now) for language in languages}
        return welcome_mails.mailing_of(campaign, written, is_digest=True, at=now)

    with transaction.atomic():
        planned = welcome_mails.plan(Audience.Kind.DIGEST, write, at=at)
        for send in planned:
            if oldest := first[send.audience_id]:
                note_told(send, oldest)
    return planned


def items_that_hold(campaign: Campaign, *, at: datetime) -> list[Item]:
    """
    Return what holds of what was published lately: what is urgent and new first, then the newest. What was corrected stands where it
    stood before: who has just come never read the words that were wrong.
    """
    numbered = Publication.objects.filter(campaign=campaign, number__isnull=False)
    lately = {one.pk: one for one in numbered.order_by("-number")[:LATEST]}
    order = Order(candidates_of(numbered.filter(pk__in=lately), at=at))
    heads = {one.pk for one in order.news if one.is_urgent and lately[one.pk].at > at - HEADS_FOR}
    chosen = order.choose(EVERYTHING)
    over = ended(filter(None, (lately[item.publication].version_id for item in chosen)), at=at)
    abouts = {lately[item.publication].about for item in chosen}
    began = dict(numbered.filter(about__in=abouts).values_list("about").annotate(first=Min("number")).order_by())
    holding = [item for item in chosen if lately[item.publication].version_id not in over]
    holding.sort(key=lambda item: (item.publication not in heads, -began[lately[item.publication].about]))
    return holding[:MOST]


def ended(versions: Iterable[int], *, at: datetime) -> set[int]:
    """Return which versions of bulletins, by their keys, say nothing that still holds; one query."""
    editions = PublishedEdition.objects.filter(version__in=list(versions)).defer("html", "body")
    ends: defaultdict[int, list[datetime | None]] = defaultdict(list)
    for edition in editions:
        ends[edition.version_id] += [one.valid_until for one in published_versions.key_messages(edition)]
    return {version for version, untils in ends.items() if untils and all(end and end <= at for end in untils)}


def note_told(send: Send, oldest: int) -> None:
    """Note that those whom a welcome is for were told what was published from a number on, so that its corrections reach them."""
    theirs = Subscription.objects.filter(
        campaign=send.audience.campaign_id, recipient__in=send.newcomers.values("recipient")
    )
    theirs.update(since=Least("since", Value(oldest - 1)))


def rendered(items: list[Item], mails: Mails, campaign: Campaign, language: str, *, at: datetime) -> RenderedMail:
    """Return the mail in `language`. Raise TooLarge when it is longer than mail may be."""
    with override(language):
        printed = PrintedWords.of(campaign)
        name = plain(printed.in_language(language).name)
        parts = [mails.part(item, campaign, language) for item in items]
        context = frame(printed, language, at=at) | {
            "subject": _("You're subscribed: what holds today")
            if parts
            else _("You're subscribed to %(name)s") % {"name": name},
            "lead": " · ".join(part["title"] for part in parts),
            "parts": parts,
            "titles": [],
            "not_named": 0,
            "page_url": settings.PUBLIC_URL + reverse("website:archive"),
            "preferences_url": field("preferences_url"),
        }
        return render("website/digests/mail/welcome", printed, language, context)
