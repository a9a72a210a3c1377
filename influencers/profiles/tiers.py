"""Moving people between tiers: one membership closes, another opens, and it is known who did it and why."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEntry, User
from campaigns.models import Campaign
from delivery.models import Audience, Membership, Recipient
from influencers.models import Influencer, Signature


class NotMoved(Exception):
    """Nobody was moved; the message says why, and what to do."""


def move(influencer: Influencer, *, to: Audience, by: User | None, at: datetime, reason: str) -> bool:
    """Move one person to a tier, as `move_all` does; return whether anything changed."""
    return move_all([influencer], to=to, by=by, at=at, reason=reason) == 1


def move_all(influencers: Iterable[Influencer], *, to: Audience, by: User | None, at: datetime, reason: str) -> int:
    """
    Move people to a tier and return how many came: their memberships of the campaign's other tiers close, one of `to`
    opens, each with an audit entry. Who is in `to` and no other tier stays as they are. The cost does not grow with the
    people.

    Raise NotMoved, with nothing changed, when someone is not an active member of the campaign, when `to` is no tier of
    it, or when it would be larger than its largest size. Nobody comes into a tier, or closer, to whom no bulletins may
    go, and nobody into close contact who has not signed; out of a tier, everyone can go.
    """
    return rearrange({to: list(influencers)}, by=by, at=at, reason=reason)


@transaction.atomic
def rearrange(places: Mapping[Audience, Iterable[Influencer]], *, by: User | None, at: datetime, reason: str) -> int:
    """
    Move several groups of people at once, each to its tier, and return how many were moved. Sizes are looked at when all
    have moved, so that people can change places in full tiers. Raise NotMoved as `move_all` does.
    """
    wanted = {person.recipient_id: (person, to) for to, people in places.items() for person in people}
    if not wanted:
        return 0
    campaign = next(iter(places)).campaign_id
    tiers = tiers_of(campaign)
    refuse_strangers([person for person, _to in wanted.values()], [to for _person, to in wanted.values()], tiers)
    open_now = Membership.objects.filter(Q(left_at=None) | Q(left_at__gt=at), recipient__in=wanted, audience__in=tiers)
    before = by_person(open_now.order_by("pk"))
    coming = closer(wanted.values(), before, tiers)
    refuse_unasked(coming, unsubscribed([one for one, _to in coming if one.recipient_id not in before], tiers))
    left, came, entries = changes(wanted, before, by=by, at=at, reason=reason)
    Membership.objects.filter(pk__in=left).update(left_at=Greatest("joined_at", Value(at)))
    Membership.objects.bulk_create(came)
    reached = {one.audience_id for one in came}
    refuse_full([tier for tier in tiers if tier.pk in reached], at=at)
    AuditEntry.objects.bulk_create(entries)
    return len(entries)


def changes(
    wanted: Mapping[int, tuple[Influencer, Audience]],
    before: Mapping[int, list[Membership]],
    *,
    by: User | None,
    at: datetime,
    reason: str,
) -> tuple[list[int], list[Membership], list[AuditEntry]]:
    """Return the memberships to close (their keys) and to open, and an audit entry of everyone who moves."""
    left, came, entries = [], [], []
    for recipient, (person, to) in wanted.items():
        held = before.get(recipient, [])
        stays = [one for one in held if one.audience_id == to.pk and one.left_at is None]
        if stays and len(held) == 1:
            continue
        left += [one.pk for one in held if one not in stays]
        if not stays:
            came.append(Membership(audience=to, recipient_id=recipient, joined_at=at, reason=reason[:200], moved_by=by))
        entries.append(entry(person, held, to, by=by, at=at))
    return left, came, entries


def by_person(memberships: Iterable[Membership]) -> dict[int, list[Membership]]:
    """Return {recipient key: their memberships}."""
    held: dict[int, list[Membership]] = {}
    for membership in memberships:
        held.setdefault(membership.recipient_id, []).append(membership)
    return held


def tiers_after(
    influencers: Iterable[Influencer], out_of: Audience, *, at: datetime
) -> dict[Audience, list[Influencer]]:
    """
    Return where people belong when they go out of a tier: another tier that they are in, or else the last one that they
    were in before, or else the next wider one that is served in their language. In at most two queries, ready for
    `rearrange`. Raise NotMoved when there is no such tier: nobody comes closer by going out.
    """
    tiers = [tier for tier in tiers_of(out_of.campaign_id) if tier.pk != out_of.pk]
    people = list(influencers)
    if not tiers:
        raise NotMoved(
            _("Nobody was moved: %(audience)s is the only tier, so there is nowhere to move to.") % {"audience": out_of}
        )
    rows = Membership.objects.filter(recipient__in=[one.recipient_id for one in people], audience__in=tiers)
    last: dict[int, tuple[tuple[bool, datetime, int], int]] = {}
    for row in rows:
        is_open = row.left_at is None or row.left_at > at
        rank = (is_open, row.left_at if row.left_at and not is_open else row.joined_at, row.pk)
        if row.recipient_id not in last or rank > last[row.recipient_id][0]:
            last[row.recipient_id] = (rank, row.audience_id)
    by_key = {tier.pk: tier for tier in tiers}
    places: dict[Audience, list[Influencer]] = {}
    for person in people:
        known = last.get(person.recipient_id)
        to = by_key[known[1]] if known else next_wider(tiers, out_of, person.recipient.language)
        places.setdefault(to, []).append(person)
    return places


def seat(influencer: Influencer, language: str, *, at: datetime, reason: str) -> None:
    """
    Make someone a member of the open network, however many are in it, unless they are in one of the campaign's tiers.
    Where there is close contact only, it is for people who have signed.
    """
    # Also one that begins after `at`: whoever waited for someone else's transaction has read the clock before it.
    held = Membership.objects.filter(
        Q(left_at=None) | Q(left_at__gt=at),
        recipient=influencer.recipient_id,
        audience__campaign=influencer.campaign_id,
        audience__kind=Audience.Kind.INFLUENCERS,
    )
    audience = open_network(influencer.campaign, language)
    if audience is None or held.exists() or (audience.tier == 1 and not have_signed([influencer])):
        return
    Membership.objects.create(
        audience=audience, recipient=influencer.recipient, joined_at=at, reason=reason, moved_by=influencer.user
    )


def open_network(campaign: Campaign, language: str) -> Audience | None:
    """
    Return the audience that is open to everyone who reads a language: the widest tier that is served in it, or the widest
    of all when none is; close contact only where there is nothing else. One query.
    """
    audiences = list(
        Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS).order_by(
            F("tier").desc(nulls_last=True), "pk"
        )
    )
    audiences = [one for one in audiences if one.tier != 1] or audiences
    return next((one for one in audiences if language in one.languages), audiences[0] if audiences else None)


def tiers_of(campaign: int) -> list[Audience]:
    """Return the tiers of a campaign, the closest first, locked until the end of the transaction if there is one."""
    tiers = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier__isnull=False)
    if transaction.get_connection().in_atomic_block:
        list(tiers.select_for_update().order_by("pk").values_list("pk", flat=True))
    return list(tiers.order_by("tier", "pk"))


def next_wider(tiers: list[Audience], out_of: Audience, language: str) -> Audience:
    """
    Return the first tier that is wider than one and served in a language, or else the first that is wider. Raise NotMoved
    when none is.
    """
    wider = [tier for tier in tiers if (tier.tier or 0) > (out_of.tier or 0)]
    if not wider:
        raise NotMoved(
            _("Nobody was moved: no tier is wider than %(audience)s, so there is nowhere to move to.")
            % {"audience": out_of}
        )
    return next((tier for tier in wider if language in tier.languages), wider[0])


def refuse_strangers(people: list[Influencer], to: list[Audience], tiers: list[Audience]) -> None:
    """Raise NotMoved unless all people take part in the campaign and all audiences are tiers of it."""
    for audience in to:
        if audience not in tiers:
            raise NotMoved(_("Nobody was moved: %(audience)s is not a tier of this campaign.") % {"audience": audience})
    keys = [one.pk for one in people]
    active = set(
        Influencer.objects.filter(
            pk__in=keys, campaign=tiers[0].campaign_id, state=Influencer.State.ACTIVE
        ).values_list("pk", flat=True)
    )
    gone = [one for one in people if one.pk not in active]
    if gone:
        raise NotMoved(
            ngettext(
                "Nobody was moved: %(names)s no longer takes part, or not yet.",
                "Nobody was moved: %(names)s no longer take part, or not yet.",
                len(gone),
            )
            % {"names": in_short(gone)}
        )


def closer(
    wanted: Iterable[tuple[Influencer, Audience]], before: Mapping[int, list[Membership]], tiers: list[Audience]
) -> list[tuple[Influencer, Audience]]:
    """Return people who come into a tier, or into a closer one than all that they are in."""
    how_close = {tier.pk: tier.tier or 0 for tier in tiers}
    return [
        (person, to)
        for person, to in wanted
        if all(how_close[to.pk] < how_close[one.audience_id] for one in before.get(person.recipient_id, []))
    ]


def unsubscribed(people: list[Influencer], tiers: list[Audience]) -> set[int]:
    """
    Return the recipients' keys of those, of people who are in no tier, who ended their last place in one themselves. A yes
    that they gave to another campaign since does not bring them back here. One query.
    """
    rows = Membership.objects.filter(recipient__in=[one.recipient_id for one in people], audience__in=tiers)
    last = dict(rows.order_by("left_at", "pk").values_list("recipient", "left_because")) if people else {}
    return {recipient for recipient, because in last.items() if because in Membership.ENDED_BY_THEM}


def refuse_unasked(coming: list[tuple[Influencer, Audience]], stopped: set[int]) -> None:
    """
    Raise NotMoved when bulletins may not go to someone, or someone (`stopped`, by recipient) said no to those of this
    campaign, or comes into close contact who has not signed.
    """
    recipients = Recipient.objects.filter(pk__in=[person.recipient_id for person, _to in coming])
    asked = set(recipients.wanting_bulletins().values_list("pk", flat=True))
    unasked = [person for person, _to in coming if person.recipient_id not in asked - stopped]
    if unasked:
        raise NotMoved(
            _(
                "Nobody was moved: bulletins must not be sent to %(names)s, who refused email or whose "
                "address does not work. Only they themselves can change that, by joining again."
            )
            % {"names": in_short(unasked)}
        )
    close = [person for person, to in coming if to.tier == 1]
    signed = have_signed(close)
    unsigned = [person for person in close if person.pk not in signed]
    if unsigned:
        raise NotMoved(
            _(
                "Nobody was moved: close contact is for people who have signed the code of ethics, and "
                "%(names)s have not, or have withdrawn their signature."
            )
            % {"names": in_short(unsigned)}
        )


def have_signed(people: list[Influencer]) -> set[int]:
    """Return the keys of those whose signature under the code of ethics stands; one query."""
    return set(Signature.objects.filter(influencer__in=people, withdrawn_at=None).values_list("influencer", flat=True))


def refuse_full(tiers: list[Audience], *, at: datetime) -> None:
    """Raise NotMoved when one of the tiers holds more people than its largest size."""
    within = Q(memberships__left_at=None) | Q(memberships__left_at__gt=at)
    counted = Audience.objects.filter(pk__in=[tier.pk for tier in tiers], max_size__isnull=False)
    for tier in counted.annotate(people=Count("memberships", filter=within)):
        if tier.people > (tier.max_size or 0):
            raise NotMoved(
                _(
                    "Nobody was moved: %(audience)s would have %(people)d people, and its maximum size "
                    "is %(most)d. Move someone out first, or change its size."
                )
                % {"audience": tier, "people": tier.people, "most": tier.max_size}
            )


def entry(person: Influencer, held: list[Membership], to: Audience, *, by: User | None, at: datetime) -> AuditEntry:
    """
    Return the unsaved audit entry of a move. It names the person by reference, and the reason stays with the membership:
    the log outlives them.
    """
    return AuditEntry(
        at=at,
        actor=by,
        verb="influencer.moved",
        subject_type=person._meta.label_lower,
        subject_id=str(person.pk),
        subject=person.reference,
        detail={"from": sorted({one.audience_id for one in held}), "to": to.pk},
    )


def in_short(people: list[Influencer], most: int = 5) -> str:
    """Return the names of a few people, and of how many more."""
    names = ", ".join(one.name or one.reference for one in people[:most])
    return names if len(people) <= most else f"{names} +{len(people) - most}"
