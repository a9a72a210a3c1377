"""Key messages that another bulletin has replaced, and those of other bulletins that an update overtakes."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from bulletins.editing.input_merge import counterparts
from bulletins.editing.replaceable_messages import Choice, replaceable
from bulletins.models import Bulletin, InputFact, KeyMessage, MessageInput

from ..findings import ADVICE, STOPS, Finding, Workspace, of_message, shortened

SHOWN = 120  # characters of a key message


def replaced(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that say again what another bulletin has replaced since."""
    for edition in desk.earlier:
        before = {item.get("key"): item.get("text") for item in edition.content.get("key_messages", [])}
        for message in desk.messages:
            newer = edition.replacement_of(message.key)
            if newer and before.get(message.key) == message.text.get(edition.language):
                yield Finding(
                    STOPS,
                    "replaced-message",
                    of_message(message),
                    _("Bulletin %(number)s has replaced this key message: %(text)s")
                    % {"number": newer.number, "text": shortened(newer.text, SHOWN)},
                    _("Say what applies now, or remove it."),
                    place=f"message:{message.pk}:{desk.bulletin.original_language}",
                    found=f"{newer.number} {newer.at.isoformat()}",
                )


def may_replace(desk: Workspace) -> Iterator[Finding]:
    """Find key messages that say anew what one of another bulletin says, by an update of the submission that it rests on."""
    for message, (place, number, text) in desk.overtakes:
        yield Finding(
            ADVICE,
            "may-replace",
            of_message(message),
            _("Bulletin %(number)s still says: %(text)s") % {"number": number, "text": shortened(text, SHOWN)},
            _("If this takes its place, choose that under “Owner, source and validity”."),
            place=f"message:{message.pk}:{desk.bulletin.original_language}",
            found=place,
        )


def overtaken(desk: Workspace) -> list[tuple[KeyMessage, Choice]]:
    """
    Return (key message, what of another bulletin it may take the place of) by the key facts of updates; no query where the bulletin is made
    of no update.
    """
    updates = [one for one in desk.inputs if one.replaces_id]
    resting = {message.fact_id: message for message in desk.messages if message.fact_id and not message.replaces}
    if not updates or not resting:
        return []
    earlier = resting_on(updates, desk.bulletin)
    again = said_again(earlier, updates)
    untaken = untaken_by(desk) if again else {}
    found = []
    for one in earlier:
        place = f"{one.bulletin.number}:{one.key}"
        fact = again.get(one.fact_id or 0)
        if fact and fact.pk in resting and place in untaken:
            found.append((resting[fact.pk], untaken[place]))
    return found


def untaken_by(desk: Workspace) -> dict[str, Choice]:
    """Return {"number:key": choice} of the key messages that one of the bulletin's may take the place of and none does yet."""
    taken = {message.replaces for message in desk.messages}
    return {choice[0]: choice for choice in replaceable(desk.bulletin, at=desk.at) if choice[0] not in taken}


def resting_on(updates: Sequence[MessageInput], bulletin: Bulletin) -> list[KeyMessage]:
    """Return the key messages of other published bulletins that rest on what updates take the place of; one query."""
    rows = KeyMessage.objects.filter(
        fact__input__in=[one.replaces_id for one in updates], bulletin__state=Bulletin.State.PUBLISHED
    )
    return list(rows.exclude(bulletin=bulletin).select_related("fact", "bulletin"))


def said_again(earlier: Sequence[KeyMessage], updates: Sequence[MessageInput]) -> dict[int, InputFact]:
    """Return {key of a fact on which an earlier message rests: the fact of an update that says it anew}."""
    facts: list[InputFact] = [one.fact for one in earlier if one.fact]
    return counterparts(facts, [fact for one in updates for fact in one.facts.all()]) if facts else {}
