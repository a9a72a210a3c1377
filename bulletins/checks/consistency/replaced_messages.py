"""Key messages that another bulletin has replaced, and those of other bulletins that an update overtakes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from bulletins.editing.input_merge import counterparts
from bulletins.editing.replaceable_messages import Choice, replaceable
from bulletins.models import Bulletin, InputFact, KeyMessage

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
    taken = {message.replaces for message in desk.messages}
    earlier = list(
        KeyMessage.objects.filter(
            fact__input__in=[one.replaces_id for one in updates], bulletin__state=Bulletin.State.PUBLISHED
        )
        .exclude(bulletin=desk.bulletin)
        .select_related("fact", "bulletin")
    )
    facts: list[InputFact] = [one.fact for one in earlier if one.fact]
    again = counterparts(facts, [fact for one in updates for fact in one.facts.all()]) if facts else {}
    holding = {choice[0]: choice for choice in replaceable(desk.bulletin, at=desk.at)} if again else {}
    found = []
    for one in earlier:
        place = f"{one.bulletin.number}:{one.key}"
        fact = again.get(one.fact_id or 0)
        if fact and fact.pk in resting and place in holding and place not in taken:
            found.append((resting[fact.pk], holding[place]))
    return found
