"""
The way of a way to help: written, submitted, checked by a second person to exactly these words, withdrawn. A change begins a version of
its own, and the checked one stays where it is until that is checked too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from lib.text.languages import language_heading
from notifications import outbox
from notifications.notice_kinds import Kind
from stories.models import Offer, OfferVersion, Partner

from . import notices

State = OfferVersion.State
IN_WORK = (State.DRAFT, State.IN_REVIEW)
FIELDS = (
    *("title", "does", "place", "region", "from_home", "from_age", "languages", "minutes", "is_weekly", "url", "topic"),
    *("valid_from", "valid_until"),
)
CHECK = "stories.check_offer"


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


def content_of(version: OfferVersion) -> dict[str, Any]:
    """Return all that readers see of a version, as plain data."""
    plain = {name: getattr(version, f"{name}_id" if name in {"region", "topic"} else name) for name in FIELDS}
    for name in ("valid_from", "valid_until"):
        plain[name] = plain[name].timestamp() if plain[name] else None
    return {"offer": version.offer_id, "printed": version.printed, **plain}


def fingerprint(version: OfferVersion) -> str:
    """Return the SHA-256 (hex) of all that a check covers."""
    return hashlib.sha256(json.dumps(content_of(version), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def printed_with(version: OfferVersion, partner: Partner) -> dict[str, Any]:
    """Return the names that are printed with a version, as they are now; they stand in rows that one person may change."""
    return {
        "partner": {"name": partner.name, "url": partner.url},
        "region": version.region.name if version.region else {},
        "topic": {"slug": version.topic.slug, "name": version.topic.name} if version.topic else {},
    }


def held(offer: Offer) -> Offer:
    """Return a way to help as it stands, for this transaction alone."""
    return Offer.objects.select_for_update(of=("self",)).select_related("campaign", "partner").get(pk=offer.pk)


def in_work(offer: Offer) -> OfferVersion | None:
    """Return the version that is being worked on; one query."""
    related = ("offer__campaign", "offer__partner", "region", "topic", "edited_by")
    return offer.versions.filter(state__in=IN_WORK).select_related(*related).first()


def published(offer: Offer) -> OfferVersion | None:
    """Return the version that was checked last, whether it still holds or not; one query."""
    return offer.versions.filter(state=State.PUBLISHED).select_related("offer", "region", "topic", "checked_by").first()


def versions_that_count() -> "Prefetch[Any]":
    """Return what brings the versions of many ways to help to hand, oldest first, without those that were replaced; one query."""
    return Prefetch("versions", OfferVersion.objects.exclude(state=State.REPLACED).order_by("number"))


# --- Writing ---------------------------------------------------------------------------------------------


@transaction.atomic
def write(campaign: Campaign, partner: Partner, content: Mapping[str, Any], *, by: User, at: datetime) -> Offer:
    """Begin a way to help of an organisation, as a draft. Raise NotDone for an organisation of another campaign."""
    if partner.campaign_id != campaign.pk:
        raise NotDone(_("Not saved: this organisation belongs to another campaign."))
    offer = Offer.objects.create(campaign=campaign, partner=partner, made_at=at)
    store(OfferVersion(offer=offer, number=1), content, by=by, at=at)
    return offer


@transaction.atomic
def change(offer: Offer, content: Mapping[str, Any], *, read: str, by: User, at: datetime) -> OfferVersion:
    """
    Change a way to help: the version in work, or a new one beside the published one. It is a draft again. `read` is the fingerprint of
    the version that `by` started from. Raise NotDone when somebody else has changed it since.
    """
    offer = held(offer)
    base = in_work(offer) or published(offer)
    if base is None or base.digest != read:
        raise NotDone(
            _("Not saved: somebody else has changed it since you opened it. Copy what you wrote, and reload the page.")
        )
    version = base
    if base.state == State.PUBLISHED:
        last = offer.versions.order_by("number").values_list("number", flat=True).last() or 0
        version = OfferVersion(offer=offer, number=last + 1)
    return store(version, content, by=by, at=at)


def store(version: OfferVersion, content: Mapping[str, Any], *, by: User, at: datetime) -> OfferVersion:
    """Store a version with what was written, and who wrote it."""
    for name in FIELDS:
        setattr(version, name, content[name])
    version.printed = printed_with(version, version.offer.partner)
    version.state, version.edited_by, version.edited_at = State.DRAFT, by, at
    version.writers = sorted({*version.writers, by.pk})
    version.digest = fingerprint(version)
    version.save()
    trail.note("offer.saved", version.offer, by=by, at=at, digest=version.digest, version=version.number)
    return version


# --- Two people -------------------------------------------------------------------------------------------


def faults(version: OfferVersion, *, at: datetime) -> Iterator[str]:
    """Yield what is missing or must not be in a version before it can be submitted or published."""
    campaign = version.offer.campaign
    later = set(campaign.languages_that_follow())
    for code in campaign.language_codes():
        words = [version.title.get(code), version.does.get(code)]
        if not all(words) and (any(words) or code not in later):
            yield _("%(language)s: the title, or what one does, is missing.") % {"language": language_heading(code)}
    if not (version.from_home or version.region_id or any(version.place.values())):
        yield _("It doesn’t say where: choose a region, write a place, or say that it can be done from home.")
    if version.valid_until <= at:
        yield _("It was valid until a day that is over. Change the last day.")
    if version.printed != printed_with(version, version.offer.partner):
        yield _(
            "The name of the organisation, the region or the topic has changed since it was written. Save it once more."
        )


@transaction.atomic
def submit(offer: Offer, *, by: User, at: datetime) -> None:
    """Hand the version in work to a second person. Raise NotDone with what is missing."""
    offer = held(offer)
    version = in_work(offer)
    if version is None or version.state != State.DRAFT:
        raise NotDone(_("Not submitted: it is no draft any more. Reload the page."))
    if found := list(faults(version, at=at)):
        raise NotDone(" ".join([_("Not submitted."), *found]))
    version.state, version.remark = State.IN_REVIEW, ""
    version.writers = sorted({*version.writers, by.pk})
    version.save()
    trail.note("offer.submitted", offer, by=by, at=at, digest=version.digest, version=version.number)
    tell(
        notices.OFFER_WAITS,
        offer,
        [one for one in User.objects.staff_with(CHECK, offer.campaign_id) if one.pk not in version.writers],
        at=at,
    )


@transaction.atomic
def check(offer: Offer, *, digest: str, by: User, at: datetime) -> OfferVersion:
    """
    Publish, as a second person, exactly the version that `by` has read. Raise NotDone for whoever worked on it, for other words than were
    read, and for one that is over meanwhile; of two people at once one is told so.
    """
    offer = held(offer)
    version = in_work(offer)
    if version is None or version.state != State.IN_REVIEW:
        raise NotDone(_("Not published: it is not in review any more. Reload the page."))
    if by.pk in {*version.writers, version.edited_by_id}:
        raise NotDone(_("Not published: whoever worked on it cannot check it. Ask a colleague."))
    if digest != version.digest or digest != fingerprint(version):
        raise NotDone(_("Not published: it has changed since you read it. Read it again."))
    if offer.campaign.closed_at is not None:
        raise NotDone(_("Not published: the campaign has ended."))
    if found := list(faults(version, at=at)):
        raise NotDone(" ".join([_("Not published."), *found]))
    replaced = offer.versions.filter(state=State.PUBLISHED).update(state=State.REPLACED)
    version.state, version.checked_by, version.checked_at, version.remark = State.PUBLISHED, by, at, ""
    version.save()
    if offer.withdrawn_at is not None:
        offer.withdrawn_at = None
        offer.save(update_fields=["withdrawn_at"])
    trail.note("offer.published", offer, by=by, at=at, digest=digest, version=version.number)
    page_changes.note_retraction() if replaced else page_changes.changed()
    tell(notices.OFFER_PUBLISHED, offer, writers_of(version), at=at)
    return version


@transaction.atomic
def send_back(offer: Offer, *, remark: str, by: User, at: datetime) -> None:
    """Make the version in review a draft again, with words about why. Raise NotDone unless one is in review."""
    offer = held(offer)
    version = in_work(offer)
    if version is None or version.state != State.IN_REVIEW:
        raise NotDone(_("Not sent back: it is not in review any more. Reload the page."))
    if not remark.strip():
        raise NotDone(_("Not sent back: write what is to be changed."))
    version.state, version.remark = State.DRAFT, remark.strip()
    version.save()
    trail.note("offer.sent_back", offer, by=by, at=at, version=version.number)
    tell(notices.OFFER_SENT_BACK, offer, [one for one in writers_of(version) if one != by], at=at, text=version.remark)


@transaction.atomic
def withdraw(offer: Offer, *, by: User, at: datetime) -> None:
    """Take a published way to help away from everyone. Raise NotDone for one that nobody outside can see."""
    offer = held(offer)
    if published(offer) is None or offer.withdrawn_at is not None:
        raise NotDone(_("Not withdrawn: it is not published. Reload the page."))
    offer.withdrawn_at = at
    offer.save(update_fields=["withdrawn_at"])
    trail.note("offer.withdrawn", offer, by=by, at=at)
    page_changes.note_retraction()


# --- Who is told -----------------------------------------------------------------------------------------


def writers_of(version: OfferVersion) -> list[User]:
    """Return who worked on a version and still has a login."""
    return list(User.objects.filter(pk__in=version.writers, is_active=True).order_by("pk"))


def tell(kind: Kind, offer: Offer, people: list[User], *, at: datetime, text: str = "") -> None:
    """Tell people of a step, each with the address of their own page of it."""
    desk = reverse("admin:stories_offer_change", args=[offer.pk])
    version = in_work(offer) or published(offer)
    for person in people:
        with override(offer.campaign.language_for(person)):
            path = desk if person.is_staff else reverse("ways_to_help:mine", args=[offer.pk])
            words = "\n".join(filter(None, [in_language(version.title) if version else "", text]))
        outbox.write(kind, [person], about=offer, text=words, path=path, at=at)


# --- “I did it” ------------------------------------------------------------------------------------------


def count_done(offer: Offer) -> None:
    """Count that somebody did it. Nothing else is kept."""
    Offer.objects.filter(pk=offer.pk).update(done=F("done") + 1)
