"""
The seed list: a campaign's own people whom drafts are mailed to. Staff who have logged in by a code from their
mailbox are known; everyone else is asked by one mail, in fixed words, and gets nothing before they have agreed by its
link.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core import mail
from django.core.signing import BadSignature
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from delivery.links.signing import BadLink, LinkSigner
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import SeedAddress, Suppression, address_hash
from delivery.transports import failover
from lib.text.languages.languages import site_language

log = logging.getLogger(__name__)

PURPOSE = "delivery.seed"
LINK_LASTS = timedelta(days=30)
MOST_AT_ONCE = 20  # mails in one call; the next goes on


def ask_due(*, at: datetime) -> int:
    """
    Ask the seed addresses that are not staff's and were not asked yet; return how many mails left. A row is claimed before
    its mail leaves; one that did not leave is asked again later. Not for use in a transaction.
    """
    proven = SeedAddress.objects.proven().filter(pk=OuterRef("pk"))
    rows = SeedAddress.objects.filter(~Exists(proven), asked_at=None, campaign__closed_at=None)
    asked = 0
    for seed in rows.select_related("campaign").order_by("pk")[:MOST_AT_ONCE]:
        if not SeedAddress.objects.filter(pk=seed.pk, asked_at=None).update(asked_at=at):
            continue
        if Suppression.objects.filter(address_hash=address_hash(seed.email)).exists():
            continue
        try:
            with mail.mailers[failover.expected_mailer(seed.campaign)] as connection:
                left = connection.send_messages([letter(seed)])
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            log.error("Seed address %s was not asked: %s", seed.pk, type(fault).__name__)
            left = 0
        if not left:
            SeedAddress.objects.filter(pk=seed.pk, asked_at=at).update(asked_at=None)
            break
        asked += 1
    return asked


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
