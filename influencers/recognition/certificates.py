"""Issuing, taking back and checking certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from influencers.models import Certificate, Influencer, Post
from lib.text.characters.spoken_codes import new_code, normal

MOST_WHY = 300  # characters


class NotIssuable(Exception):
    """A certificate that was not issued or taken back; its text says why."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of issuing to many: the new certificates, and who had one or cannot have one."""

    new: list[Certificate]
    had: list[Influencer]
    cannot: list[Influencer]


def may_have(campaign: Campaign, *, days: int, at: datetime) -> QuerySet[Influencer]:
    """Return the active people without a standing certificate who have taken part for `days`, or told of a post."""
    posted = Post.objects.filter(influencer=OuterRef("pk"))
    has_one = Certificate.objects.filter(influencer=OuterRef("pk"), revoked_at=None)
    long_enough = Q(joined_at__lte=at - timedelta(days=days))
    people = Influencer.objects.filter(
        ~Exists(has_one), long_enough | Exists(posted), campaign=campaign, state=Influencer.State.ACTIVE
    )
    return people.order_by("name", "pk")


def issue(people: Iterable[Influencer], campaign: Campaign, *, by: User, at: datetime) -> Issued:
    """
    Issue a certificate to each of `people` of a campaign who is active and has none that stands; what it says is frozen
    now. Return what became of each.
    """
    names = dict(campaign.languages.values_list("code", "name"))
    done = Issued([], [], [])
    for influencer in people:
        if influencer.campaign_id != campaign.pk or influencer.state != Influencer.State.ACTIVE or not influencer.name:
            done.cannot.append(influencer)
            continue
        certificate = Certificate(
            influencer=influencer,
            campaign=campaign,
            code=new_code(),
            name=influencer.name,
            facts=facts(influencer, campaign, names, by=by, at=at),
            issued_by=by,
            issued_at=at,
        )
        try:
            with transaction.atomic():
                certificate.save()
                trail.note("certificate.issued", certificate, by=by, at=at)
        except IntegrityError:
            done.had.append(influencer)
        else:
            done.new.append(certificate)
    return done


def facts(
    influencer: Influencer, campaign: Campaign, names: dict[str, str], *, by: User, at: datetime
) -> dict[str, Any]:
    """Return what a certificate says besides the name, as plain data: no counts of anything."""
    since = max(campaign.local(influencer.joined_at).date(), campaign.starts_on)
    until = campaign.local(at).date()
    return {
        "campaign": names or {campaign.default_language: campaign.slug},
        "since": min(since, until).isoformat(),
        "until": until.isoformat(),
        "exercise": campaign.is_exercise,
        "signed": by.get_full_name(),
    }


def revoke(certificate: Certificate, why: str, *, by: User, at: datetime) -> None:
    """Take a certificate back, for a reason. Raise NotIssuable without one, or when it was taken back before."""
    why = " ".join(why.split())
    if not why:
        raise NotIssuable(_("Give a reason for withdrawing the certificate."))
    if len(why) > MOST_WHY:
        raise NotIssuable(_("The reason is too long: at most %(most)d characters.") % {"most": MOST_WHY})
    with transaction.atomic():
        rows = Certificate.objects.filter(pk=certificate.pk, revoked_at=None)
        if not rows.update(revoked_at=at, revoked_why=why):
            raise NotIssuable(_("It has already been withdrawn. Nothing changed."))
        trail.note("certificate.revoked", certificate, by=by, at=at)
    certificate.revoked_at, certificate.revoked_why = at, why


# --- Finding --------------------------------------------------------------------------------------------


def current_certificate(influencer: Influencer) -> Certificate | None:
    """Return the certificate of an influencer that stands, or None; one query."""
    rows = Certificate.objects.filter(influencer=influencer, revoked_at=None)
    return rows.select_related("issued_by", "campaign").first()


def check(typed: str) -> Certificate | None:
    """Return the certificate that has a code, however it was typed, standing or not. Of who was erased there is none."""
    code = normal(typed)
    if not code:
        return None
    rows = Certificate.objects.filter(code=code).exclude(influencer__state=Influencer.State.ERASED)
    return rows.select_related("campaign").first()


def name_of(certificate: Certificate, language: str) -> str:
    """Return the name of the campaign that a certificate is of, in a language."""
    return in_language(certificate.facts.get("campaign", {}), language)


def path_of(certificate: Certificate, language: str) -> str:
    """Return the address (a path) of the page where a certificate can be checked, in a language."""
    with override(language):
        return reverse("certificate", args=[certificate.code])
