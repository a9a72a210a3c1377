"""Key messages and calls to action: saved field by field, ordered, removed and brought back."""

from datetime import datetime

import pytest

from accounts.models import AuditEntry
from bulletins.approval import eligibility
from bulletins.editing import key_messages
from bulletins.editing.conflicts import token
from bulletins.models import Bulletin, KeyMessage, NotAllowed, SetAside
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def bulletin(campaign, alma) -> Bulletin:
    return builders.build_bulletin(campaign, by=alma)


@pytest.fixture
def message(bulletin) -> KeyMessage:
    return bulletin.key_messages.get()


def read_of(row, languages=("fi", "sv", "en")) -> dict[str, str]:
    return {name: token(text) for name, text in key_messages.fields_of(row, languages).items()}


def test_what_was_typed_is_stored_and_noted(message, alma):
    kept = key_messages.save_message(
        message,
        {
            "text-fi": "Uudet sanat.\r\nToinen rivi.",
            "source_url-fi": "https://thl.fi/x",
            "valid_until": "2026-04-01T18:30",
        },
        read=read_of(message),
        by=alma,
        at=NOON,
    )
    message.refresh_from_db()
    assert set(kept.changed) == {"text-fi", "source_url-fi", "valid_until"}
    assert message.text["fi"] == "Uudet sanat.\nToinen rivi."
    assert message.text["sv"] == builders.TEXTS["sv"]["key_message"]
    assert message.valid_until == datetime(2026, 4, 1, 18, 30, tzinfo=NOON.tzinfo)
    assert AuditEntry.objects.get(verb="bulletin.message_saved").detail["key"] == "opening"


def test_an_edit_voids_the_review_and_makes_an_editor(campaign, veikko):
    bulletin = builders.build_bulletin_in_review(campaign)
    message = bulletin.key_messages.get()
    key_messages.save_message(message, {"text-fi": "Toisin."}, read=read_of(message), by=veikko, at=NOON)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT
    assert veikko.pk in eligibility.of_one(bulletin).editor_ids


def test_two_in_different_fields_both_keep_their_words(message, alma, veikko):
    read = read_of(message)
    whole = key_messages.fields_of(message, ["fi", "sv", "en"])
    key_messages.save_message(message, {**whole, "text-fi": "Almalta."}, read=read, by=alma, at=NOON)
    kept = key_messages.save_message(message, {**whole, "text-sv": "Av Veikko."}, read=read, by=veikko, at=NOON)
    message.refresh_from_db()
    assert not kept.clashes
    assert (message.text["fi"], message.text["sv"]) == ("Almalta.", "Av Veikko.")


def test_two_in_one_field_lose_no_word(message, alma, veikko):
    read = read_of(message)
    key_messages.save_message(message, {"text-fi": "Almalta."}, read=read, by=alma, at=NOON)
    for words in ("Veikolta.", "Veikolta, pidempi."):
        kept = key_messages.save_message(message, {"text-fi": words}, read=read, by=veikko, at=NOON)
    message.refresh_from_db()
    assert message.text["fi"] == "Almalta."
    assert [(one.theirs, one.mine) for one in kept.clashes] == [("Almalta.", "Veikolta, pidempi.")]
    aside = SetAside.objects.get()
    assert (aside.part, aside.field, aside.text, aside.by) == (
        f"message:{message.pk}",
        "text-fi",
        "Veikolta, pidempi.",
        veikko,
    )


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("source_url-fi", "http://thl.fi", "https"),
        ("source_url-fi", "javascript:alert(1)", "https"),
        ("source_url-fi", f"https://thl.fi/{'ä' * 400}", "too long for email"),
        ("valid_until", "soon", "day and a time"),
        ("owner", "999999", "editor"),
        ("text-fi", "x" * 2001, "Shorten"),
    ],
)
def test_what_cannot_be_stored_is_told_and_the_rest_is_saved(message, alma, field, text, says):
    before = message.source_url, message.valid_until, message.owner_id, message.text["fi"]
    kept = key_messages.save_message(
        message, {field: text, "text-sv": "Nytt."}, read=read_of(message), by=alma, at=NOON
    )
    message.refresh_from_db()
    assert says in kept.faults[field]
    assert (message.source_url, message.valid_until, message.owner_id, message.text["fi"]) == before
    assert message.text["sv"] == "Nytt."


def test_an_owner_is_an_editor(message, alma, oskar, veikko):
    kept = key_messages.save_message(message, {"owner": str(oskar.pk)}, read=read_of(message), by=alma, at=NOON)
    assert kept.faults
    kept = key_messages.save_message(message, {"owner": str(veikko.pk)}, read=read_of(message), by=alma, at=NOON)
    message.refresh_from_db()
    assert message.owner == veikko


def test_a_published_version_takes_no_words(campaign, alma):
    version = builders.build_published_version(campaign)
    message = version.bulletin.key_messages.get()
    for deed in (
        lambda: key_messages.save_message(message, {"text-fi": "Toisin."}, read={}, by=alma, at=NOON),
        lambda: key_messages.add_message(version.bulletin, by=alma, at=NOON),
        lambda: key_messages.remove_message(message, by=alma, at=NOON),
        lambda: key_messages.move_message(message, up=True, by=alma, at=NOON),
    ):
        with pytest.raises(NotAllowed, match="published"):
            deed()
    message.refresh_from_db()
    assert message.text["fi"] == builders.TEXTS["fi"]["key_message"]
    assert version.bulletin.key_messages.count() == 1


def test_a_row_is_added_at_the_end_with_a_key_of_its_own(bulletin, alma):
    first, second = (key_messages.add_message(bulletin, by=alma, at=NOON) for _turn in range(2))
    assert list(bulletin.key_messages.all())[-2:] == [first, second]
    assert first.key != second.key and first.owner == alma
    key_messages.remove_message(second, by=alma, at=NOON)
    assert key_messages.add_message(bulletin, by=alma, at=NOON).key not in {first.key, second.key}


def test_rows_change_places(bulletin, alma):
    first = bulletin.key_messages.get()
    second = key_messages.add_message(bulletin, by=alma, at=NOON)
    key_messages.move_message(second, up=True, by=alma, at=NOON)
    assert list(bulletin.key_messages.all()) == [second, first]
    key_messages.move_message(second, up=True, by=alma, at=NOON)  # already the first
    key_messages.move_message(second, up=False, by=alma, at=NOON)
    assert list(bulletin.key_messages.all()) == [first, second]


def test_a_removed_row_comes_back_whole(bulletin, message, alma, veikko):
    message.valid_until = NOON
    message.save()
    before = message.content(), message.position, message.owner_id
    key_messages.remove_message(message, by=alma, at=NOON)
    assert not bulletin.key_messages.exists()
    part = "removed:message:opening"
    assert key_messages.removed_from(bulletin)[part]["text-fi"] == builders.TEXTS["fi"]["key_message"]
    back = key_messages.restore(bulletin, part, by=veikko, at=NOON)
    back.refresh_from_db()
    assert (back.content(), back.position, back.owner_id) == before
    assert key_messages.removed_from(bulletin) == {}
    with pytest.raises(NotAllowed, match="already"):
        key_messages.restore(bulletin, part, by=veikko, at=NOON)
    assert bulletin.key_messages.count() == 1


def test_words_for_a_removed_row_are_refused(message, alma, veikko):
    key_messages.remove_message(KeyMessage.objects.get(pk=message.pk), by=alma, at=NOON)
    with pytest.raises(NotAllowed, match="removed this row"):
        key_messages.save_message(message, {"text-fi": "Myöhässä."}, read={}, by=veikko, at=NOON)


def test_calls_to_action_go_the_same_way(bulletin, alma):
    action = bulletin.calls_to_action.get()
    kept = key_messages.save_action(
        action, {"text-en": "Stay home.", "owner": "1"}, read=read_of(action), by=alma, at=NOON
    )
    action.refresh_from_db()
    assert action.text["en"] == "Stay home." and set(kept.changed) == {"text-en"}
    key_messages.remove_action(action, by=alma, at=NOON)
    back = key_messages.restore(bulletin, "removed:action:return", by=alma, at=NOON)
    assert back.text["en"] == "Stay home."
