"""The same key message in a warm and a short tone: written, checked, approved and frozen like its plain words."""

import pytest
from django.urls import reverse

from bulletins.checks import registry
from bulletins.editing import diff, key_messages
from bulletins.editing.conflicts import token
from bulletins.facts import text_places
from bulletins.mail import printed_editions
from bulletins.models import Bulletin, KeyMessage, Parts
from bulletins.publication import corrections
from influencers.recall import changed_pieces
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def bulletin(campaign, alma) -> Bulletin:
    return builders.build_bulletin(campaign, by=alma)


@pytest.fixture
def message(bulletin) -> KeyMessage:
    return bulletin.key_messages.get()


def say(message: KeyMessage, by, **texts: str) -> None:
    """Write words in another tone, as the desk does: warm_fi="…"."""
    sent = {name.replace("_", "-"): text for name, text in texts.items()}
    read = {name: token(key_messages.fields_of(message, ("fi", "sv", "en"))[name]) for name in sent}
    saved = key_messages.save_message(message, sent, read=read, by=by, at=NOON)
    assert set(saved.changed) == set(sent)
    message.refresh_from_db()


def test_a_message_without_other_tones_is_covered_as_before_and_one_with_them_with_them(bulletin, message, alma):
    before = bulletin.content_digest()
    assert "tones" not in message.content()
    say(message, alma, warm_fi="Tervetuloa takaisin!", short_fi="Auki taas.")

    assert message.content()["tones"] == {"warm": {"fi": "Tervetuloa takaisin!"}, "short": {"fi": "Auki taas."}}
    assert bulletin.content_digest() != before


def test_what_was_approved_is_frozen_in_just_its_language_and_told_when_it_changes(bulletin, message, alma):
    say(message, alma, warm_fi="Tervetuloa takaisin!")
    first = {one.language: one for one in builders.published(bulletin).editions.all()}
    said = {code: one.content["key_messages"][0].get("tones") for code, one in first.items()}
    assert said == {"fi": {"warm": "Tervetuloa takaisin!"}, "sv": None, "en": None}

    changed = builders.in_all(fi="Sävy vaihtui.")
    corrections.start_correction(bulletin, what_changed=changed, by=alma, at=NOON)
    bulletin.refresh_from_db()
    say(message, alma, warm_fi="Hei taas!")
    second, _mail = printed_editions.print_edition(bulletin, bulletin.editions.get(language="fi"), at=NOON)

    told = {one.field: str(one.html) for one in diff.between(first["fi"], second)}
    assert set(told) == {f"message:{message.key}"} and "taas" in told[f"message:{message.key}"]
    pieces = [changed_pieces.pieces_of(one.content) for one in (first["fi"], second)]
    assert changed_pieces.changed(*pieces) == {f"message:{message.key}"}


def test_a_tone_may_leave_figures_out_but_has_none_of_its_own(bulletin, message, alma):
    message.text |= {"fi": "Keitä vettä 5 minuuttia 2. joulukuuta asti."}
    message.save()
    say(message, alma, warm_fi="Vesi kiehumaan 5 minuutiksi, niin se kelpaa.", short_fi="Keitä 10 minuuttia.")
    found = [one for one in registry.findings(bulletin, at=NOON) if one.code == "tone-differs"]

    assert [(one.place, one.level, one.overridable) for one in found] == [
        (f"message:{message.pk}:fi:short", "stops", True)
    ]
    assert "10" in found[0].says


def test_a_changed_fact_reaches_the_words_of_every_tone(bulletin, message, alma):
    say(message, alma, warm_fi="Auki 5 päivää.", short_en="Open 5 days.")
    by_key = {one.key: one for one in text_places.places(Parts(bulletin))}
    where = f"message:{message.pk}:fi:warm"
    assert by_key[where].text == "Auki 5 päivää."

    text_places.write(bulletin, {where: "Auki 6 päivää."}, follow=False, by=alma, at=NOON)

    message.refresh_from_db()
    assert (message.warm, message.short) == ({"fi": "Auki 6 päivää."}, {"en": "Open 5 days."})


def test_the_editor_has_a_field_for_each_and_the_approver_reads_them(signed_in, alma, bulletin, message):
    say(message, alma, warm_fi="Tervetuloa takaisin!")
    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_rows", args=[bulletin.pk])).content.decode()
    assert f'id="at-message-{message.pk}-fi-warm"' in page and "Short, Swedish</label>" in page

    read = signed_in(alma).get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    assert "Tervetuloa takaisin!" in read and "Warm" in read
