"""
The seed list: a campaign's own people whom drafts are mailed to. Staff who have logged in by a code from their
mailbox are known; everyone else is asked by one mail, in fixed words, and gets nothing before they have agreed by its
link.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import mail
from django.core.signing import BadSignature
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.audit import trail
from delivery.links.signing import BadLink, LinkSigner
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import SeedAddress, address_hash
from delivery.single_mails.queue import Queue, flag
from delivery.single_mails.worker import hand_over_due
from lib.text.languages.languages import site_language

PURPOSE = "delivery.seed"
LINK_LASTS = timedelta(days=30)


class SeedQuestions(Queue[SeedAddress]):
    """The mails that ask addresses on the seed list; one that does not answer is not asked again."""

    name = "seed_question"
    title = gettext_lazy("Questions to addresses on the seed list")
    model = SeedAddress
    marks = flag("asked_at", is_time=True)
    most_at_once = 20

    def due(self) -> QuerySet[SeedAddress]:
        """Return those that are not staff's and were not asked yet."""
        proven = SeedAddress.objects.proven().filter(pk=OuterRef("pk"))
        rows = SeedAddress.objects.filter(~Exists(proven), asked_at=None, campaign__closed_at=None)
        return rows.select_related("campaign").order_by("pk")

    def letters(self, row: SeedAddress) -> list[mail.EmailMessage]:
        """Return its one mail."""
        return [letter(row)]


def ask_due(*, at: datetime) -> int:
    """Ask the addresses that were not asked yet; return how many mails left. Not for use in a transaction."""
    return hand_over_due(SeedQuestions, at=at)


def read(token: str, *, at: datetime) -> SeedAddress:
    """Return the seed address of a link. Raise BadLink for one that is not ours, too old, or of another address by now."""
    try:
        key, code = LinkSigner(PURPOSE).unsign(token).split(".")
        seed = SeedAddress.objects.select_related("campaign").filter(pk=int(key)).first()
    except (BadSignature, ValueError) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    if seed is None or code_of(seed) != code or seed.asked_at is None or at - seed.asked_at > LINK_LASTS:
        raise BadLink(_("This link no longer works. Ask someone who works on the campaign for a new one."))
    return seed


def confirm(token: str, *, at: datetime) -> SeedAddress:
    """Note that an address wants test mails. Twice changes nothing more. Raise BadLink."""
    seed = read(token, at=at)
    if SeedAddress.objects.filter(pk=seed.pk, email=seed.email, confirmed_at=None).update(confirmed_at=at):
        trail.note("seed.confirmed", seed, by=None, at=at)
    return seed


def token_of(seed: SeedAddress) -> str:
    """Return what stands in the link of the mail: the row and its address, so that it opens nothing for another one."""
    return LinkSigner(PURPOSE).sign(f"{seed.pk}.{code_of(seed)}")


def code_of(seed: SeedAddress) -> str:
    """Return the code of the address as it is written."""
    return address_hash(seed.email)[:32]


def letter(seed: SeedAddress) -> mail.EmailMessage:
    """Return the mail that asks."""
    campaign = seed.campaign
    language = site_language(seed.language)
    with override(language):
        texts = {text.code: text for text in campaign.languages.all()}
        text = texts.get(seed.language) or texts.get(campaign.default_language)
        context = {
            "name": text.name if text else campaign.slug,
            "address": settings.PUBLIC_URL + reverse("delivery:seed", args=[token_of(seed)]),
        }
        subject = campaign.marked(clean_subject(render_to_string("delivery/mail/seed_list/subject.txt", context)))
        body = render_to_string("delivery/mail/seed_list/body.txt", context)
    headers = AUTOMATIC | {"Content-Language": language} | from_campaign(campaign, language)
    return mail.EmailMessage(
        subject, body, addresses.bounce_address(campaign.sender_email), [seed.email], headers=headers
    )
