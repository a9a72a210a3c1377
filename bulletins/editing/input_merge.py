"""Add message inputs to a bulletin that is being made already."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import Bulletin, InputFact, MessageInput, NotAllowed, Urgency
from lib.text.revisions.word_diff import Matcher

from . import drafts

ALIKE = 0.4  # of the words of two facts, so that they are one fact, said anew


@transaction.atomic
def add_inputs(bulletin: Bulletin, inputs: Iterable[MessageInput], *, by: User, at: datetime) -> Bulletin:
    """
    Add inputs to a bulletin in the making and return it: their facts become key messages after those that are there
    (but not those of an update of one that it is made of, which takes the place of that one), their topics are added, and the strictest urgency and embargo count. The texts of the editions stay as they are.

    Any review is void, and `by` is one of the editors. Raise NotAllowed for a published version, for inputs of another
    campaign, and for one that has been used or declined meanwhile.
    """
    rows = list(inputs)
    held = drafts.lock(bulletin)
    if not rows:
        raise NotAllowed(_("Nothing added: choose a submission first."))
    if any(row.campaign_id != held.campaign_id for row in rows):
        raise NotAllowed(_("Nothing added: choose submissions from the bulletin's own campaign."))
    tied = {one.pk: one for one in held.inputs.all()}
    submissions.use(rows, held, by=by, at=at)
    held.inputs.add(*rows)
    held.topics.add(*{topic for row in rows for topic in row.topics.all()})
    new = []
    for row in rows:
        if replaced := replaced_among(tied, row):
            follow(held, row, replaced, by=by)
        else:
            new.append(row)
    submissions.quote(held, new, by=by)
    urgencies = [held.urgency, *(row.urgency for row in rows)]
    embargoes = [moment for moment in (held.embargo_until, *(row.embargo_until for row in rows)) if moment]
    held.urgency = max(urgencies, key=lambda value: drafts.URGENCY_ORDER.index(Urgency(value)))
    held.embargo_until = max(embargoes) if embargoes else None
    held.save(update_fields=["urgency", "embargo_until"])
    drafts.note_editor(held, by=by, at=at)
    trail.note("bulletin.inputs_added", held, by=by, at=at, inputs=[row.reference for row in rows])
    return Bulletin.objects.get(pk=held.pk)


def take_update(bulletin: Bulletin, update: MessageInput, *, by: User, at: datetime) -> None:
    """
    Let a bulletin in the making be made of an update of one of its submissions, in whose place it stands from now on. One that
    another bulletin was made of already serves this one too. Inside a transaction that holds the bulletin.
    """
    tied = {one.pk: one for one in bulletin.inputs.all()}
    if update.pk in tied:
        return
    row = MessageInput.objects.select_for_update().get(pk=update.pk)
    if row.state not in {MessageInput.State.USED, MessageInput.State.DECLINED}:
        add_inputs(bulletin, [row], by=by, at=at)
        return
    replaced = replaced_among(tied, row)
    bulletin.inputs.add(row)
    follow(bulletin, row, replaced, by=by)
    drafts.note_editor(bulletin, by=by, at=at)
    trail.note("bulletin.inputs_added", bulletin, by=by, at=at, inputs=[row.reference])


def replaced_among(tied: Mapping[int, MessageInput], update: MessageInput) -> list[MessageInput]:
    """Return the submissions that an update replaces, one after the other, down to one of `tied`; [] when it replaces none of them."""
    found: list[MessageInput] = []
    while update.replaces is not None and update.replaces not in found:
        update = update.replaces
        found.append(update)
        if update.pk in tied:
            return found
    return []


def follow(bulletin: Bulletin, update: MessageInput, replaced: Iterable[MessageInput], *, by: User) -> None:
    """
    Let the key messages that rest on replaced submissions rest on their update: on the fact there that says the same, and valid as long as
    the update says, unless somebody set another end. An update that names no source leaves the one that is there.
    """
    replaced = list(replaced)
    bulletin.inputs.add(*replaced)  # what came between is replaced too
    messages = list(bulletin.key_messages.filter(fact__input__in=replaced).select_related("fact__input"))
    facts = counterparts([one.fact for one in messages if one.fact], list(update.facts.select_related("input")))
    for message in messages:
        before = message.fact
        now = facts.get(before.pk) if before else None
        if message.valid_until in {None, before and before.holds_until()}:
            message.valid_until = now.holds_until() if now else update.valid_until
        if before and now and names_source(now) and message.source_name in ({}, source_names(before)):
            message.source_name = source_names(now)
        message.fact = now or before
        message.save(update_fields=["fact", "valid_until", "source_name"])


def names_source(fact: InputFact) -> bool:
    """Return whether an authority gave a source for a fact, so that it does not stand for it by its own name alone."""
    return (fact.source or submissions.only_source(fact.input)) is not None


def source_names(fact: InputFact) -> dict[str, str]:
    """Return what the source of a fact is called, by language."""
    names: dict[str, str] = submissions.basis_of(fact, submissions.only_source(fact.input))["source_name"]
    return names


def counterparts(old: Iterable[InputFact], new: Iterable[InputFact]) -> dict[int, InputFact]:
    """Return {key of a fact: the one of an update that says the same in other words}, each at most once, the most alike first."""
    new = list(new)
    alike = sorted(
        (
            (Matcher(one.text.lower().split(), other.text.lower().split()).ratio(), -one.pk, -other.pk)
            for one in {one.pk: one for one in old}.values()
            for other in new
        ),
        reverse=True,
    )
    by_pk, found = {one.pk: one for one in new}, {}
    for ratio, one, other in alike:
        if ratio >= ALIKE and -one not in found and -other in by_pk:
            found[-one] = by_pk.pop(-other)
    return found
