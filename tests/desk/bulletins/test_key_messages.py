"""The panes of key messages, calls to action, the glossary and the variants, as the desk answers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins.editing import drafts, key_messages
from bulletins.editing.conflicts import token
from bulletins.models import InputFact, SetAside, Variant
from campaigns.models import GlossaryTerm, PlatformLimit
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


def address(name: str, *args) -> str:
    return reverse(f"admin:bulletins_bulletin_{name}", args=args)


@pytest.fixture
def bulletin(campaign, alma):
    return builders.build_bulletin(campaign, by=alma, variants=True)


@pytest.fixture
def message(bulletin):
    return bulletin.key_messages.get()


def test_each_language_has_a_labelled_field_with_a_place_for_findings(signed_in, alma, bulletin, message):
    page = signed_in(alma).get(address("rows", bulletin.pk)).content.decode()
    for code, name in (("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")):
        assert f'id="at-message-{message.pk}-{code}"' in page
        assert f"Words, {name}</label>" in page
    assert 'id="rows"' in page and "calls to action" in page.lower()


def test_the_fact_and_what_replaced_it_are_shown(signed_in, alma, campaign):
    given = builders.build_input(campaign)
    newer = InputFact.objects.create(input=given, key="f2", text="Avataan tiistaina.")
    fact = InputFact.objects.create(
        input=given, key="f1", text="Avataan maanantaina!", superseded_by=newer, superseded_at=NOON
    )
    bulletin = builders.build_bulletin(campaign, by=alma)
    bulletin.key_messages.update(fact=fact)
    page = signed_in(alma).get(address("rows", bulletin.pk)).content.decode()
    assert "Avataan maanantaina!" in page and "Replaced by:" in page and "Avataan tiistaina." in page


def test_a_save_answers_with_the_new_mark_and_tells_the_page(signed_in, alma, bulletin, message):
    answer = signed_in(alma).post(
        address("rows_save", bulletin.pk, "message", message.pk),
        {"text-fi": "Uusi.", "read-text-fi": token(message.text["fi"])},
    )
    assert answer.status_code == 200 and answer["HX-Trigger"] == "saved"
    assert f'id="message-{message.pk}-text-fi-read" value="{token("Uusi.")}"' in answer.content.decode()


def test_a_clash_shows_both_texts_and_either_can_be_chosen(signed_in, alma, veikko, bulletin, message):
    place = address("rows_save", bulletin.pk, "message", message.pk)
    read = {"read-text-fi": token(message.text["fi"])}
    signed_in(alma).post(place, {"text-fi": "Almalta.", **read})
    answer = signed_in(veikko).post(place, {"text-fi": "Veikolta.", **read})
    assert answer.status_code == 409 and "HX-Trigger" not in answer
    page = answer.content.decode()
    assert "Almalta." in page and "Veikolta." in page
    assert "Alma changed this field at " in page
    message.refresh_from_db()
    assert message.text["fi"] == "Almalta."
    assert SetAside.objects.get().settled_at is None

    settle = address("rows_settle", bulletin.pk, "message", message.pk)
    theirs = {"field": "text-fi", "theirs": token("Almalta.")}
    answer = signed_in(veikko).post(settle, {**theirs, "choice": "mine", "mine-text-fi": "Meiltä."})
    message.refresh_from_db()
    assert answer.status_code == 200 and message.text["fi"] == "Meiltä."
    assert SetAside.objects.get().settled_at == NOON

    signed_in(veikko).post(place, {"text-fi": "Vielä.", **read})
    answer = signed_in(veikko).post(settle, {"field": "text-fi", "choice": "theirs"})
    message.refresh_from_db()
    assert answer.status_code == 200 and message.text["fi"] == "Meiltä."
    assert "Meiltä." in answer.content.decode()


def test_the_same_words_by_two_are_no_clash_now_or_later(signed_in, alma, veikko, bulletin, message):
    place = address("rows_save", bulletin.pk, "message", message.pk)
    read = {"read-text-fi": token(message.text["fi"])}
    signed_in(alma).post(place, {"text-fi": "Samat.", **read})
    answer = signed_in(veikko).post(place, {"text-fi": "Samat.", **read})
    assert answer.status_code == 200 and f'value="{token("Samat.")}"' in answer.content.decode()


def test_what_cannot_be_stored_is_said_under_its_field(signed_in, alma, bulletin, message):
    place = address("rows_save", bulletin.pk, "message", message.pk)
    answer = signed_in(alma).post(place, {"source_url-fi": "http://thl.fi"})
    message.refresh_from_db()
    assert answer.status_code == 422 and "https" in answer.content.decode()
    assert message.source_url["fi"] == "https://ministry.example.org/decision"


def test_rows_are_added_moved_removed_and_brought_back(signed_in, alma, bulletin, message):
    client = signed_in(alma)
    client.post(address("rows_add", bulletin.pk, "message"))
    new = bulletin.key_messages.last()
    client.post(address("rows_move", bulletin.pk, "message", new.pk), {"to": "up"})
    assert list(bulletin.key_messages.all()) == [new, message]
    answer = client.post(address("rows_remove", bulletin.pk, "message", message.pk))
    assert "Restore it" in answer.content.decode()
    assert list(bulletin.key_messages.all()) == [new]
    answer = client.post(address("rows_restore", bulletin.pk), {"part": "removed:message:opening"})
    assert bulletin.key_messages.count() == 2 and answer["HX-Trigger"] == "saved"


@pytest.mark.parametrize("who", ["oskar", "liisa", "fiona"])
def test_only_editors_write(request, signed_in, bulletin, message, who):
    client = signed_in(request.getfixturevalue(who))
    assert client.get(address("rows", bulletin.pk)).status_code == 200
    assert "hx-post" not in client.get(address("rows", bulletin.pk)).content.decode()
    assert "hx-post" not in client.get(address("variants", bulletin.pk)).content.decode()
    for place in (
        address("rows_add", bulletin.pk, "message"),
        address("rows_save", bulletin.pk, "message", message.pk),
        address("rows_remove", bulletin.pk, "message", message.pk),
        address("rows_move", bulletin.pk, "message", message.pk),
        address("rows_settle", bulletin.pk, "message", message.pk),
        address("rows_restore", bulletin.pk),
        address("variants_save", bulletin.pk, "fi", "x"),
        address("variants_start", bulletin.pk, "fi", "x"),
        address("variants_settle", bulletin.pk, "fi", "x"),
    ):
        assert client.post(place, {"text-fi": "Ei.", "caption": "Ei."}).status_code == 403
    message.refresh_from_db()
    assert message.text["fi"] == builders.TEXTS["fi"]["key_message"]
    assert Variant.objects.count() == 3


def test_what_is_not_there_is_not_found(signed_in, alma, bulletin):
    client = signed_in(alma)
    assert client.get(address("rows", 999)).status_code == 404
    assert client.post(address("rows_add", bulletin.pk, "asset")).status_code == 404
    assert client.post(address("variants_save", bulletin.pk, "fi", "myspace")).status_code == 404
    assert client.post(address("variants_save", bulletin.pk, "de", "x")).status_code == 404


def test_another_bulletins_row_is_left_alone(signed_in, alma, bulletin, campaign):
    other = builders.build_bulletin(campaign, by=alma).key_messages.get()
    answer = signed_in(alma).post(address("rows_save", bulletin.pk, "message", other.pk), {"text-fi": "Ei."})
    other.refresh_from_db()
    assert answer.status_code == 422 and other.text["fi"] == builders.TEXTS["fi"]["key_message"]


def test_a_published_version_is_read_only_and_says_so(signed_in, alma, campaign):
    bulletin = builders.build_published_version(campaign).bulletin
    client = signed_in(alma)
    assert "hx-post" not in client.get(address("rows", bulletin.pk)).content.decode()
    answer = client.post(
        address("rows_save", bulletin.pk, "message", bulletin.key_messages.get().pk), {"text-fi": "Myöhässä."}
    )
    assert answer.status_code == 409 and "published" in answer.content.decode()
    assert bulletin.key_messages.get().text["fi"] == builders.TEXTS["fi"]["key_message"]


def test_the_glossary_shows_the_term_and_what_to_say(signed_in, alma, bulletin, campaign):
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "kirjasto", "sv": "boksal", "en": "library"})
    page = signed_in(alma).get(address("terms", bulletin.pk)).content.decode()
    assert "sv: say “boksal”" in page and 'class="term"' in page
    assert "en: say" not in page


def test_the_panes_cost_the_same_however_much_there_is(signed_in, alma, bulletin, campaign):
    client = signed_in(alma)
    places = [address(name, bulletin.pk) for name in ("rows", "terms", "variants")]

    def costs() -> list[int]:
        found = []
        for place in places:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(place).status_code == 200
            found.append(len(queries))
        return found

    costs()
    before = costs()
    for number in range(6):
        key_messages.add_message(bulletin, by=alma, at=NOON)
        key_messages.add_action(bulletin, by=alma, at=NOON)
        builders.build_user(f"editor-{number}", "editor")
        GlossaryTerm.objects.create(campaign=campaign, term={"fi": f"sana{number}", "sv": f"ord{number}"})
    for edition in bulletin.editions.all():
        for platform in ("x", "tiktok", "youtube", "facebook"):
            Variant.objects.create(edition=edition, platform=platform, caption="abc")
    key_messages.remove_message(bulletin.key_messages.last(), by=alma, at=NOON)
    assert costs() == before
    assert max(before) <= 16


def limit(platform: str, field: str, number: int, unit: str = "code_points") -> None:
    PlatformLimit.objects.create(
        platform=platform, field=field, limit=number, counted_in=unit, seen_on=NOON.date(), source="its help"
    )


def test_a_variant_shows_its_length_and_when_the_limit_was_seen(signed_in, alma, bulletin):
    limit("instagram", "caption", 20)
    limit("threads", "links", 5, "items")
    page = signed_in(alma).get(address("variants", bulletin.pk)).content.decode()
    assert 'id="at-variant-fi-instagram-caption"' in page
    assert "Limits seen March 2026." in page and ", too long" in page and "is-over" in page
    assert "A post can have at most 5 links." in page


def test_a_variant_is_started_saved_and_asked_about(signed_in, alma, bulletin):
    client = signed_in(alma)
    answer = client.post(address("variants_start", bulletin.pk, "sv", "x"))
    assert answer["HX-Trigger"] == "saved" and "Biblioteken öppnar" in answer.content.decode()
    again = client.post(address("variants_start", bulletin.pk, "sv", "x"))
    assert "HX-Trigger" not in again and "Replace it" in again.content.decode()
    variant = Variant.objects.get(platform="x")
    saved = client.post(
        address("variants_save", bulletin.pk, "sv", "x"),
        {"caption": "Nytt", "read-caption": token(variant.caption)},
    )
    variant.refresh_from_db()
    assert saved.status_code == 200 and variant.caption == "Nytt"
    clash = client.post(
        address("variants_save", bulletin.pk, "sv", "x"), {"caption": "Annat", "read-caption": "0" * 16}
    )
    variant.refresh_from_db()
    assert clash.status_code == 409 and variant.caption == "Nytt"
    assert "Alma changed this field at " in clash.content.decode()
    settled = client.post(
        address("variants_settle", bulletin.pk, "sv", "x"),
        {"field": "caption", "choice": "mine", "mine-caption": "Annat", "theirs": token("Nytt")},
    )
    variant.refresh_from_db()
    assert settled.status_code == 200 and variant.caption == "Annat"


def test_a_variant_of_an_edition_without_words_is_not_started(signed_in, alma, campaign):
    bulletin = drafts.start(campaign, by=alma, at=NOON)
    bulletin.editions.update(hashtags=[])
    answer = signed_in(alma).post(address("variants_start", bulletin.pk, "fi", "facebook"))
    assert "Nothing to start from" in answer.content.decode() and not Variant.objects.exists()
