"""
The shelf itself: what is put on it, rewritten, agreed to by a second person, looked at again, taken off, and used. Whoever does
something says which revision they have read.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User
from bulletins.models import Bulletin
from campaigns.models import Campaign
from preparedness.crisis_templates.template_files import CrisisTemplate
from preparedness.models import ReadyBulletin

from . import contents, moved_ground, prepared_drafts

LOOK_AGAIN_AFTER = timedelta(days=182)
LONGEST_WAIT = timedelta(days=3 * 365)


class NotOnShelf(Exception):
    """A refused step, with nothing changed. The message says why and what now."""


class ChangedMeanwhile(NotOnShelf):
    """Somebody saved the words since they were read."""


def look_again_on(campaign: Campaign, *, at: datetime) -> date:
    """Return by which day something is looked at again that is put on the shelf now."""
    return campaign.local(at).date() + LOOK_AGAIN_AFTER


@transaction.atomic
def put_prepared(
    campaign: Campaign, template: CrisisTemplate, keys: Collection[str] | None, *, by: User, at: datetime
) -> list[ReadyBulletin]:
    """
    Put a template's prepared bulletins (those with these keys, None for all) on a campaign's shelf and return them, without those
    that are on it. Nobody here has agreed to them yet; `by` owns them.
    """
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    on_it = set(ReadyBulletin.objects.filter(campaign=held).values_list("key", flat=True))
    found = [
        (f"{template.slug}:{one.key}", one) for one in template.holding_statements if keys is None or one.key in keys
    ]
    made = ReadyBulletin.objects.bulk_create(
        ReadyBulletin(
            campaign=held,
            key=key,
            crisis=template.slug,
            urgency=one.urgency,
            content=contents.plain(one),
            owner=by,
            review_on=look_again_on(held, at=at),
            put_at=at,
        )
        for key, one in found
        if key not in on_it
    )
    for one in made:
        trail.note("readybulletin.put", one, by=by, at=at, template=template.slug)
    return made


def put_copies(campaign: Campaign, earlier: Campaign, *, at: datetime) -> int:
    """
    Put what is on an earlier campaign's shelf on another one's that has none of it, in the languages that it speaks, and return how
    many that were. Who agreed to the words, when, and until when they are to be looked at comes along: they are the same words.
    """
    taken = set(ReadyBulletin.objects.filter(campaign=campaign).values_list("key", flat=True))
    old = list(
        ReadyBulletin.objects.filter(campaign=earlier).on_shelf().exclude(key__in=taken).prefetch_related("editors")
    )
    copied = ("key", "crisis", "urgency", "content", "owner_id", "review_on", "approved_by_id", "approved_at", "known")
    made = ReadyBulletin.objects.bulk_create(
        ReadyBulletin(campaign=campaign, put_at=at, **{name: getattr(one, name) for name in copied}) for one in old
    )
    through = ReadyBulletin.editors.through
    through.objects.bulk_create(
        through(readybulletin_id=copy.pk, user_id=person.pk)
        for one, copy in zip(old, made, strict=True)
        for person in one.editors.all()
    )
    return len(made)


@transaction.atomic
def put(
    bulletin: Bulletin,
    content: Mapping[str, Any],
    *,
    crisis: str,
    owner: User | None,
    review_on: date,
    editors: Iterable[User],
    by: User,
    at: datetime,
) -> ReadyBulletin:
    """Put what a bulletin says (bulletin_contents.py) on its campaign's shelf and return it; `editors` wrote it, and so did `by`."""
    refuse_day(bulletin.campaign, review_on, at=at)
    if not contents.languages_of(content):
        raise NotOnShelf(_("Not put on the shelf: it has no title and text in any language yet."))
    Campaign.objects.select_for_update().get(pk=bulletin.campaign_id)
    times = ReadyBulletin.objects.filter(campaign=bulletin.campaign_id, key__startswith=f"bulletin-{bulletin.number}:")
    made = ReadyBulletin.objects.create(
        campaign=bulletin.campaign,
        key=f"bulletin-{bulletin.number}:{times.count() + 1}",
        crisis=crisis,
        urgency=bulletin.urgency,
        content=contents.with_blanks_declared(content),
        owner=owner,
        review_on=review_on,
        made_of=bulletin,
        put_at=at,
    )
    made.editors.add(by, *editors)
    trail.note("readybulletin.put", made, by=by, at=at, bulletin=bulletin.number)
    return made


@transaction.atomic
def save(
    ready: ReadyBulletin,
    content: Mapping[str, Any],
    *,
    crisis: str,
    urgency: str,
    owner: User | None,
    review_on: date,
    seen: int,
    by: User,
    at: datetime,
) -> ReadyBulletin:
    """
    Save other words, or whom and what they are for, and return the row. Other words take the approval back, and `by` does not agree
    to them. Raise ChangedMeanwhile, and NotOnShelf for a day that is none.
    """
    held = lock(ready, seen=seen)
    new = contents.with_blanks_declared(content)
    is_other = new != held.content or urgency != held.urgency
    if review_on != held.review_on:
        refuse_day(held.campaign, review_on, at=at)
    fields = [
        name
        for name, value in (("crisis", crisis), ("owner", owner), ("review_on", review_on))
        if getattr(held, name) != value
    ]
    if not is_other and not fields:
        return held
    held.crisis, held.owner, held.review_on = crisis, owner, review_on
    held.revision += 1
    if is_other:
        held.content, held.urgency = new, urgency
        held.approved_by = held.approved_at = None
        held.known = {}
        held.editors.add(by)
        fields.append("words")
    held.save()
    trail.note("readybulletin.saved", held, by=by, at=at, fields=sorted(fields), revision=held.revision)
    return held


@transaction.atomic
def approve(ready: ReadyBulletin, *, seen: int, by: User, at: datetime) -> None:
    """
    Agree to the words as they are, for the day when they are needed: whoever makes a bulletin of them still needs two people's yes.
    Raise NotOnShelf, with nothing changed, for somebody who wrote them or may not, and ChangedMeanwhile.
    """
    held = lock(ready, seen=seen)
    if why := why_no_approval(held, by):
        raise NotOnShelf(why)
    if why := independence.why_not(by, [person.pk for person in held.editors.all()], at=at):
        raise NotOnShelf(why)
    held.approved_by, held.approved_at = by, at
    held.known = moved_ground.noted(held.content, moved_ground.of_campaign(held.campaign))
    held.save(update_fields=["approved_by", "approved_at", "known"])
    trail.note("readybulletin.approved", held, by=by, at=at, revision=held.revision)


def why_no_approval(ready: ReadyBulletin, user: User) -> str:
    """Return why somebody cannot agree to the words, "" when nothing stands in the way; one query."""
    if not user.has_perm("bulletins.approve_bulletin"):
        return _("Not approved: only an approver can.")
    if ready.is_approved:
        return _("Not approved: somebody has already done so. Nothing changed.")
    if any(person.pk == user.pk for person in ready.editors.all()):
        return _("Not approved: you wrote some of these words, so somebody else must approve them.")
    return ""


@transaction.atomic
def look_again(ready: ReadyBulletin, review_on: date, *, seen: int, by: User, at: datetime) -> None:
    """
    Say that the words were looked at and still hold, until they are to be looked at on another day. Raise NotOnShelf, with nothing
    changed, for a day that is over or years away, and ChangedMeanwhile.
    """
    held = lock(ready, seen=seen)
    refuse_day(held.campaign, review_on, at=at)
    held.review_on = review_on
    held.known = moved_ground.noted(held.content, moved_ground.of_campaign(held.campaign))
    held.save(update_fields=["review_on", "known"])
    trail.note("readybulletin.looked_at", held, by=by, at=at, until=review_on.isoformat())


@transaction.atomic
def take_off(ready: ReadyBulletin, *, by: User, at: datetime) -> None:
    """Take something off the shelf. It stays on record; twice changes nothing more."""
    if ReadyBulletin.objects.filter(pk=ready.pk).on_shelf().update(taken_off_at=at):
        trail.note("readybulletin.taken_off", ready, by=by, at=at)


@transaction.atomic
def use(
    ready: ReadyBulletin,
    words: prepared_drafts.Words,
    *,
    next_word: datetime | None = None,
    seen: int,
    by: User,
    at: datetime,
) -> Bulletin:
    """
    Make a draft of what is on the shelf, its blanks filled with `words`, and return it; `next_word` is when it promises more. Whoever wrote the words and whoever fills in
    the blanks are its editors, so none of them approves it; that the words were approved here is no approval of the draft. Raise
    ChangedMeanwhile, and NotOnShelf for what was taken off.
    """
    held = lock(ready, seen=seen)
    wrote = [person for person in held.editors.all() if person.pk != by.pk]
    statement = contents.statement_of(held)
    bulletin = prepared_drafts.write(held.campaign, statement, words, next_word=next_word, by=by, also=wrote, at=at)
    trail.note("readybulletin.used", held, by=by, at=at, bulletin=bulletin.number, revision=held.revision)
    return bulletin


def lock(ready: ReadyBulletin, *, seen: int) -> ReadyBulletin:
    """Return the row as it is now, held for this transaction. Raise ChangedMeanwhile, and NotOnShelf for what was taken off."""
    rows = ReadyBulletin.objects.select_for_update(of=("self",)).select_related("campaign__authority", "owner")
    held = rows.get(pk=ready.pk)
    if held.taken_off_at is not None:
        raise NotOnShelf(_("Nothing was done: somebody has taken this off the shelf."))
    if held.revision != seen:
        raise ChangedMeanwhile(
            _("Nothing was done: somebody has changed these words since you opened them. Read them anew.")
        )
    return held


def refuse_day(campaign: Campaign, day: date, *, at: datetime) -> None:
    """Raise NotOnShelf for a day that is over, or so far away that nobody remembers."""
    today = campaign.local(at).date()
    if not today < day <= today + LONGEST_WAIT:
        raise NotOnShelf(_("Choose a day to look at it again that is to come, within three years."))
