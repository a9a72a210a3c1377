"""What a way to help has of its own on its way through versions: what they say, what a check covers, and who is told."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from agreement.digests import old_digest_of
from agreement.kinds import register
from agreement.refusals import Refused
from campaigns.models import Campaign
from lib.text.languages.languages import language_heading
from stories.models import Offer, OfferVersion, Partner
from stories.version_checks.version_steps import VersionSteps

from . import notices

CHECK = "stories.check_offer"


class OfferSteps(VersionSteps[Offer, OfferVersion]):
    """Ways to help: each is printed with names that stand in rows of their own, and is over after its last day."""

    name = "offer"
    covers = ("way to help",)
    subjects, model = Offer, OfferVersion
    fields = (
        *("title", "does", "place", "region", "from_home", "from_age", "languages", "minutes", "is_weekly", "url"),
        *("topic", "valid_from", "valid_until"),
    )
    related = ("offer__partner", "region", "topic")
    agree_permission = CHECK
    verbs: ClassVar = {"written": "offer.saved", "agreed": "offer.published"}
    waits, was_published, was_sent_back = notices.OFFER_WAITS, notices.OFFER_PUBLISHED, notices.OFFER_SENT_BACK

    def content_of(self, row: OfferVersion) -> dict[str, Any]:
        """Return all that readers see of a version."""
        plain = {name: getattr(row, f"{name}_id" if name in {"region", "topic"} else name) for name in self.fields}
        for name in ("valid_from", "valid_until"):
            plain[name] = plain[name].timestamp() if plain[name] else None
        return {"offer": row.offer_id, "printed": row.printed, **plain}

    def old_digest(self, row: OfferVersion) -> str:
        """Return the digest of 1.6.1."""
        return old_digest_of(self.content_of(row))

    def faults(self, row: OfferVersion, *, at: datetime) -> Iterator[str]:
        """Yield what is missing or must not be in a version."""
        yield from super().faults(row, at=at)
        campaign = row.offer.campaign
        later = set(campaign.languages_that_follow())
        for code in campaign.language_codes():
            words = [row.title.get(code), row.does.get(code)]
            if not all(words) and (any(words) or code not in later):
                yield _("%(language)s: the title, or what one does, is missing.") % {"language": language_heading(code)}
        if not (row.from_home or row.region_id or any(row.place.values())):
            yield _("It doesn’t say where: choose a region, write a place, or say that it can be done from home.")
        if row.valid_until <= at:
            yield _("It was valid until a day that is over. Change the last day.")
        if row.printed != printed_with(row, row.offer.partner):
            yield _(
                "The name of the organisation, the region or the topic has changed since it was written. Save it once more."
            )

    def page_for(self, person: User, subject: Offer) -> str:
        """Return its page at the desk, or a partner organisation's own."""
        name = "admin:stories_offer_change" if person.is_staff else "ways_to_help:mine"
        return reverse(name, args=[subject.pk])


STEPS = register(OfferSteps())
in_work, published, versions_that_count = STEPS.in_work, STEPS.published, STEPS.versions_that_count
submit, check, send_back = STEPS.submit, STEPS.check, STEPS.send_back
withdraw, drop = STEPS.withdraw, STEPS.drop


def printed_with(version: OfferVersion, partner: Partner) -> dict[str, Any]:
    """Return the names that are printed with a version, as they are now; they stand in rows that one person may change."""
    return {
        "partner": {"name": partner.name, "url": partner.url},
        "region": version.region.name if version.region else {},
        "topic": {"slug": version.topic.slug, "name": version.topic.name} if version.topic else {},
    }


def fill(version: OfferVersion, content: Mapping[str, Any]) -> None:
    """Put into a version what was written, and the names that are printed with it now."""
    for name in STEPS.fields:
        setattr(version, name, content[name])
    version.printed = printed_with(version, version.offer.partner)


@transaction.atomic
def write(campaign: Campaign, partner: Partner, content: Mapping[str, Any], *, by: User, at: datetime) -> Offer:
    """Begin a way to help of an organisation, as a draft. Raise Refused for an organisation of another campaign."""
    if partner.campaign_id != campaign.pk:
        raise Refused(_("Not saved: this organisation belongs to another campaign."))
    offer = Offer.objects.create(campaign=campaign, partner=partner, made_at=at)
    STEPS.begin(offer, lambda version: fill(version, content), by=by, at=at)
    return offer


def change(offer: Offer, content: Mapping[str, Any], *, read: str, by: User, at: datetime) -> bool:
    """Change what a way to help says; return whether it says something else now. Raise Refused (VersionSteps.change)."""
    return STEPS.change(offer, lambda version: fill(version, content), read=read, by=by, at=at)[1]


def count_done(offer: Offer) -> None:
    """Count that somebody did it. Nothing else is kept."""
    Offer.objects.filter(pk=offer.pk).update(done=F("done") + 1)
