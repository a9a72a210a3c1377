"""A fact is changed once: every place shown as it will read, then all of it written as one change that can be undone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import trail
from accounts.models import User
from bulletins.checks import overrides, registry
from bulletins.checks.consistency import figures_match
from bulletins.checks.consistency.changed_facts import same
from bulletins.checks.findings import FIRST_WORDS, shortened
from bulletins.editing import drafts, input_merge
from bulletins.models import Bulletin, FactChange, MessageInput, NotAllowed, Parts
from bulletins.models.bulletins import iso
from bulletins.publication import corrections
from campaigns.platforms import platform_limits
from lib.text.languages.languages import language_name

from . import correction_brief, correction_words, text_places, validities
from .fact_list import FactRow, facts_of
from .proposals import Proposal, proposals


class OutOfDate(NotAllowed):
    """Someone changed one of the texts since they were read."""


def find(parts: Parts, key: str, *, at: datetime) -> FactRow | None:
    """Return the fact that `key` names, as the texts are now."""
    return next((row for row in facts_of(parts, at=at) if row.key == key), None)


def changed_meanwhile(bulletin: Bulletin, key: str, *, at: datetime) -> tuple[FactChange, FactRow] | None:
    """Return the change by which no text says the fact that `key` names any more, and the fact that it has become."""
    kind, _colon, value = key.partition(":")
    made = next(
        (
            one
            for one in bulletin.fact_changes.filter(undone_at=None, kind=kind).select_related("by")
            if same(kind, one.was, value)
        ),
        None,
    )
    rows = facts_of(Parts(bulletin), at=at) if made else []
    row = next((one for one in rows if made and one.kind == kind and same(kind, one.value, made.becomes)), None)
    return (made, row) if made and row else None


@transaction.atomic
def change(
    bulletin: Bulletin,
    key: str,
    value: str,
    *,
    read: Mapping[str, str],
    ticks: Mapping[str, bool] | None = None,
    reworded: Mapping[str, str] | None = None,
    correction: Mapping[str, Mapping[str, str]] | None = None,
    reason: str = "",
    update: MessageInput | None = None,
    by: User,
    at: datetime,
) -> FactChange:
    """
    Give a fact another value in all its mentions; `ticks` are {key of a mention: whether it changes} where a person said so, and
    `reworded` is {place: text} for those that a person wrote. Of what is published it opens the correction, with the words of
    `correction` (corrections.start_correction). `read` is {place: token} of the texts that the person saw. `reason` says why the value may differ
    from what the submissions say; without it that blocks approval. With `update`, an authority's, the bulletin is made of that from now
    on. Return the change.

    Raise OutOfDate when a text is another one by now or says the fact anew, and NotAllowed where the new words have no room, a
    place waits for a person's words, or nothing would change. Nothing is changed then.
    """
    was_published = bulletin.state == Bulletin.State.PUBLISHED
    if was_published:
        corrections.start_correction(bulletin, by=by, at=at, **(correction or {"what_changed": {}}))
    held = drafts.lock(bulletin)
    row, today = find(Parts(held), key, at=at), at.astimezone(held.campaign.zone).date()
    usual = refuse_outdated(row, value, read, today)
    assert row is not None
    proposed = proposals(row, value, today=today, ticks=ticks)
    texts = new_texts(proposed, usual, reworded or {})
    if not texts:
        raise NotAllowed(_("Not changed: every place was left out or already says it."))
    if update is not None:
        input_merge.take_update(held, update, by=by, at=at)
    known = differences(held, at=at) if reason else ()
    said = correction_words.after_change(held, row, value, usual) if was_published else correction_words.latest_of(held)
    text_places.write(held, texts, follow=not leaves_some(proposed, usual), by=by, at=at)
    ends = validities.ends_with(row, value, proposed, held.key_messages.all(), held.campaign.zone)
    validities.write(held, {place: now for place, (_was, now) in ends.items()})
    before = {one.place.key: one.before for one in proposed}
    every = [[name, before[name], text] for name, text in texts.items()]
    every += [[place, str(iso(was)), str(iso(now))] for place, (was, now) in ends.items()]
    made = FactChange.objects.create(
        bulletin=held, version=held.version, kind=row.kind, was=row.value, becomes=value, texts=every, by=by, at=at
    )
    correction_words.follow(held, made, last=said)
    trail.note("fact.changed", held, by=by, at=at, kind=row.kind, was=row.value, becomes=value, places=sorted(texts))
    explain(held, reason, known=known, by=by, at=at)
    bulletin.refresh_from_db()
    return made


def refuse_outdated(row: FactRow | None, value: str, read: Mapping[str, str], today: date) -> list[Proposal]:
    """Return what is proposed before anyone ticks. Raise OutOfDate where the texts that a person has read are others by now."""
    usual = proposals(row, value, today=today) if row else []
    if row is None or {one.place.key: one.token for one in usual} != read:
        raise OutOfDate(_("Not changed: the texts have changed in the meantime. Here they are as they are now."))
    return usual


@transaction.atomic
def take_update(bulletin: Bulletin, update: MessageInput, *, by: User, at: datetime) -> None:
    """Let a bulletin be made of an update for which no text has to change. Raise NotAllowed once published."""
    input_merge.take_update(drafts.lock(bulletin), update, by=by, at=at)


def differences(bulletin: Bulletin, *, at: datetime) -> list[str]:
    """Return the keys of what blocks approval because a text says another value than the submissions."""
    return [one.key for one in registry.stops(bulletin, at=at) if one.code in figures_match.DIFFERS_FROM_INPUT]


def explain(bulletin: Bulletin, reason: str, *, known: Collection[str], by: User, at: datetime) -> None:
    """Let every difference from the submissions stand for a reason, but those that were `known`. Without a reason none stands."""
    for key in differences(bulletin, at=at) if reason else ():
        if key not in known:
            overrides.override_finding(bulletin, key, reason=reason, by=by, at=at)


def new_texts(proposed: Iterable[Proposal], usual: Iterable[Proposal], reworded: Mapping[str, str]) -> dict[str, str]:
    """
    Return {place: text} of what changes; `usual` is what was proposed before anyone ticked. Raise NotAllowed where the words have no
    room, or wait for a person's.
    """
    limits = platform_limits.current_limits()
    texts: dict[str, str] = {}
    for one, first in zip(proposed, usual, strict=True):
        own = reworded.get(one.place.key, "").replace("\r\n", "\n")
        if own in {first.before.strip(), first.after.strip()}:
            own = ""  # the words that the page began with are nobody's
        if not own and not any(mention.is_taken for mention in one.mentions):
            continue
        fault = text_places.does_not_fit(one.place, own or one.after, limits)
        if one.by_hand and not own:
            fault = fault or waits_for(one)
        if fault:
            raise NotAllowed(f"{one.place.where}: {fault} " + _("Nothing changed."))
        if (own or one.after) != one.before:
            texts[one.place.key] = own or one.after
    return texts


def leaves_some(proposed: Iterable[Proposal], usual: Iterable[Proposal]) -> bool:
    """Return whether a person left a mention that would have changed."""
    taken = {mention.key for one in usual for mention in one.mentions if mention.is_taken}
    return any(mention.key in taken and not mention.is_taken for one in proposed for mention in one.mentions)


def waits_for(one: Proposal) -> str:
    """Return why a place cannot change before a person has written its words."""
    note = next(mention.note for mention in one.mentions if mention.is_taken and mention.words is None)
    return f"{note} " + _("Or untick it.")


def codes_of(bulletin: Bulletin) -> list[str]:
    """Return the campaign's languages."""
    return [language.code for language in bulletin.campaign.languages.all()]


def words_of_correction(
    bulletin: Bulletin, row: FactRow, value: str, proposed: Sequence[Proposal]
) -> list[tuple[str, str, str, str]]:
    """
    Return code, name, what changed and the words for people who shared it, in each language, of a correction that begins with
    this change. Of a language that does not say it, or whose words a person has to write, nothing is quoted, and both are "".
    """
    words = correction_words.after_change(bulletin, row, value, proposed)
    return [
        (code, language_name(code), words["what_changed"].get(code, ""), words["share_text"].get(code, ""))
        for code in codes_of(bulletin)
    ]


def edited_words(bulletin: Bulletin) -> set[str]:
    """Return the languages in which a person has written what the correction says, so that it follows no change."""
    said = correction_words.latest_of(bulletin)
    return {code for name in correction_words.FIELDS for code in correction_words.edited_in(bulletin, name, said)}


def latest(bulletin: Bulletin) -> FactChange | None:
    """Return the change of this version that can be undone: the last one that is not."""
    return bulletin.fact_changes.filter(version=bulletin.version, undone_at=None).order_by("-pk").first()


def named(made: FactChange, today: date) -> str:
    """Return which change it is, for people: "Thursday 2 April → Saturday 4 April", or the first words of what came with an update."""
    if made.kind == FactChange.NEW:
        words = next((correction_words.added_by(was, after) for _place, was, after in made.texts), "")
        return _("“%(words)s”") % {"words": shortened(words, FIRST_WORDS)}
    return correction_brief.step_in_short(made.kind, (made.was, made.becomes), [made], today)


@transaction.atomic
def undo(made: FactChange, *, by: User, at: datetime) -> int:
    """
    Bring the words of before back in every place, as one change; return in how many. Raise NotAllowed, with nothing changed, when
    it was undone already, a newer change follows it, or a text was changed since.
    """
    held = drafts.lock(made.bulletin)
    newest = latest(held)
    if newest is None or newest.pk != made.pk:
        raise NotAllowed(_("Not undone: it was undone already, or another fact was changed after it. Nothing changed."))
    now = {place.key: place.text for place in text_places.places(Parts(held))} | validities.stored(held)
    touched = [name for name, _before, after in made.texts if now.get(name) != after]
    if touched:
        raise NotAllowed(
            ngettext(
                "Not undone: %(n)d text was changed since. Nothing changed; the history of each text has its earlier words.",
                "Not undone: %(n)d texts were changed since. Nothing changed; the history of each text has its earlier words.",
                len(touched),
            )
            % {"n": len(touched)}
        )
    texts = {name: before for name, before, _after in made.texts}
    ends = {name: texts.pop(name) for name in list(texts) if name.startswith(validities.PLACE)}
    text_places.write(held, texts, follow=True, by=by, at=at)
    validities.write(held, {place: datetime.fromisoformat(end) for place, end in ends.items()})
    said = correction_words.latest_of(held)
    FactChange.objects.filter(pk=made.pk).update(undone_at=at, undone_by=by)
    correction_words.follow(held, latest(held), last=said)
    places = sorted(name for name, _before, _after in made.texts)
    trail.note(
        "fact.change_undone", held, by=by, at=at, kind=made.kind, was=made.becomes, becomes=made.was, places=places
    )
    return len(made.texts)
