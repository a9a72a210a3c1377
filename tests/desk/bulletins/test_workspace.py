"""The compose page: what it saves, refuses, shows and costs."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bulletins.editing import drafts, editions
from bulletins.editing.admin import set_aside_texts
from bulletins.editing.conflicts import token
from bulletins.editing.translation import missing_parts, translation_status
from bulletins.models import Bulletin, Edition, Presence, SetAside, Snippet
from bulletins.publication import publish
from tests.support import builders

JSON = {"Accept": "application/json"}


def at(name: str, *args: Any) -> str:
    """Return the address of a part of the page."""
    return reverse(f"admin:bulletins_bulletin_{name}", args=args)


def change(client: Any, edition: Edition, *, headers: dict[str, str] | None = None, **words: str) -> Any:
    """Post words of an edition, as read from the database just now unless a token is among them."""
    read = {f"read_{name}": token(text) for name, text in editions.text_of(edition).items()}
    return client.post(at("words", edition.bulletin_id, edition.pk), {**read, **words}, headers=headers or {})


@pytest.fixture
def bulletin(campaign: Any, alma: User, noon: datetime) -> Bulletin:
    return builders.build_bulletin(campaign, by=alma, at=noon - timedelta(hours=1), variants=True)


@pytest.fixture
def finnish(bulletin: Bulletin) -> Edition:
    return bulletin.editions.get(language="fi")


def test_the_page_has_every_language_and_its_panes(bulletin: Bulletin, alma: User, signed_in: Any) -> None:
    page = signed_in(alma).get(at("change", bulletin.pk))

    html = page.content.decode()
    for code in ("fi", "sv", "en"):
        for name in drafts.FIELDS:
            assert f'id="at-edition-{code}-{name}"' in html
    for pane in ("parity", "about"):
        assert at(pane, bulletin.pk) in html


def test_the_page_has_the_styles_and_scripts_of_its_panes(bulletin: Bulletin, alma: User, signed_in: Any) -> None:
    html = signed_in(alma).get(at("change", bulletin.pk)).content.decode()

    folder = settings.BASE_DIR / "static"
    files = {
        str(path.relative_to(folder))
        for path in (folder / "bulletins").rglob("*.*")
        if path.stem not in {"inputs", "calendar", "late_edition", "authority_posts"}
    }  # pages of their own
    assert {name for name in files if name not in html} == set()


def test_a_saved_field_tells_the_page_what_is_stored(finnish: Edition, alma: User, signed_in: Any) -> None:
    answer = change(signed_in(alma), finnish, headers=JSON, title="  Kirjastot   auki ")

    assert answer.status_code == 200 and answer.headers["HX-Trigger"] == "saved"
    told = answer.json()
    assert told["fields"]["title"] == {"text": "Kirjastot auki", "token": token("Kirjastot auki")}
    assert told["time"] and told["clashes"] == [] and told["voided"] is False


@pytest.mark.parametrize("with_script", [True, False])
def test_a_clash_answers_with_both_texts(
    with_script: bool, finnish: Edition, alma: User, veikko: User, signed_in: Any
) -> None:
    stale = token(finnish.body)
    change(signed_in(alma), finnish, body="Almán <b>teksti</b>.")
    finnish.refresh_from_db()

    headers = JSON if with_script else {}
    answer = change(signed_in(veikko), finnish, headers=headers, body="Veikon teksti.", read_body=stale)

    assert answer.status_code == 409
    kept = SetAside.objects.get()
    assert kept.text == "Veikon teksti." and kept.by == veikko
    finnish.refresh_from_db()
    assert finnish.body == "Almán <b>teksti</b>."
    if with_script:
        clash = answer.json()["clashes"][0]
        assert clash["theirs"] == "Almán <b>teksti</b>." and clash["token"] == token(finnish.body)
        assert clash["both"] == "Almán <b>teksti</b>.\n\n{or} Veikon teksti."
        assert "<b>" not in clash["marked"] and clash["changed_by"].startswith("Alma changed this field at ")
        signed_in(veikko).post(clash["settle"])
        kept.refresh_from_db()
        assert kept.settled_at
    else:
        html = answer.content.decode()
        assert "Veikon teksti.</textarea>" in html and "Almán &lt;b&gt;teksti" in html


@pytest.mark.parametrize("with_script", [True, False])
def test_too_long_words_are_refused_and_stay_on_the_page(
    with_script: bool, finnish: Edition, alma: User, signed_in: Any
) -> None:
    answer = change(signed_in(alma), finnish, headers=JSON if with_script else {}, subject="ä" * 61, body="Uusi.")

    assert answer.status_code == 422
    if with_script:
        assert "1 character too long" in answer.json()["fields"]["subject"]
    else:
        html = answer.content.decode()
        assert "1 character too long" in html and "ä" * 61 in html and "Uusi.</textarea>" in html
    assert Edition.objects.get(pk=finnish.pk).body == finnish.body


def test_a_bulletin_in_review_is_locked_until_its_editor_says_so(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    client = signed_in(alma)

    locked = client.get(at("change", bulletin.pk))
    unlocked = client.get(at("change", bulletin.pk), {"edit": "1"})

    assert locked.context["writes"] is False and "Edit (takes it out of review)" in locked.content.decode()
    assert unlocked.context["writes"] is True
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW  # looking voids nothing

    answer = change(client, bulletin.editions.get(language="fi"), headers=JSON, title="Uusi otsikko")
    assert answer.json()["voided"] is True
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT


def test_what_is_set_aside_is_folded_and_says_where_it_stood(
    bulletin: Bulletin, alma: User, noon: datetime, signed_in: Any
) -> None:
    places = {
        ("edition:fi", "body"): "Finnish, Text (Markdown)",
        ("variant:sv:tiktok", "caption"): "Swedish, TikTok, caption or description",
        ("message:1", "text-en"): "English, Key message",
        ("message:1", "valid_until"): "Key message, Valid until",
        ("bulletin", "what_changed:fi"): "Finnish, About, What changed",
    }
    for part, name in places:
        SetAside.objects.create(bulletin=bulletin, part=part, field=name, text="x", by=alma, at=noon)
    assert {(one.part, one.field): where for one, where in set_aside_texts.asides_of(bulletin)} == places

    html = signed_in(alma).get(at("change", bulletin.pk)).content.decode()
    assert '<details class="asides pane"><summary>5' in html and "Swedish, TikTok, caption or description." in html


def test_every_form_that_somebody_writes_in_keeps_its_words_for_one_person_and_one_time(
    bulletin: Bulletin, campaign: Any, alma: User, veikko: User, oskar: User, signed_in: Any
) -> None:
    def places(who: User, address: str) -> set[str]:
        return set(re.findall(r'data-keeps="([^"]+)"', signed_in(who).get(address).content.decode()))

    assert places(alma, at("change", bulletin.pk)) >= {
        f"{alma.pk} bulletin {bulletin.pk} 1",
        f"{alma.pk} comment {bulletin.pk}",
    }
    assert f"{veikko.pk} bulletin {bulletin.pk} 1" in places(veikko, at("change", bulletin.pk))
    assert places(alma, at("correct", bulletin.pk)) == {f"{alma.pk} correct {bulletin.pk} 1"}
    assert places(alma, at("withdraw", bulletin.pk)) == {f"{alma.pk} withdraw {bulletin.pk} 1"}
    review = builders.build_bulletin_in_review(campaign, by=alma)
    (refusal,) = places(oskar, at("read", review.pk))
    assert refusal.startswith(f"{oskar.pk} refuse {review.pk} 20")  # the moment of this submission


@pytest.mark.parametrize("name", ["words", "restore", "follow", "settle", "language", "about"])
def test_who_may_not_write_changes_nothing(
    name: str, bulletin: Bulletin, finnish: Edition, alma: User, oskar: User, noon: datetime, signed_in: Any
) -> None:
    aside = SetAside.objects.create(bulletin=bulletin, part="edition:fi", field="body", text="x", by=alma, at=noon)
    args = {
        "words": [finnish.pk],
        "restore": [finnish.pk, 1],
        "follow": [finnish.pk],
        "settle": [aside.pk],
    }.get(name, [])
    before = bulletin.content_digest()

    answer = signed_in(oskar).post(at(name, bulletin.pk, *args), {"title": "x", "edition": "fi easy"})

    assert answer.status_code == 403
    assert bulletin.content_digest() == before
    aside.refresh_from_db()
    assert aside.settled_at is None
    assert signed_in(oskar).get(at("change", bulletin.pk)).context["writes"] is False


def test_an_edition_of_another_bulletin_is_not_found(
    campaign: Any, bulletin: Bulletin, finnish: Edition, alma: User, signed_in: Any
) -> None:
    other = builders.build_bulletin(campaign, by=alma)
    client = signed_in(alma)

    assert client.post(at("words", other.pk, finnish.pk), {"title": "x"}).status_code == 404
    assert client.get(at("history", other.pk, finnish.pk)).status_code == 404
    assert client.get(at("change", 999_999)).status_code == 404
    assert client.get("/desk/bulletins/bulletin/x/change/").status_code == 404


def test_the_history_shows_who_changed_what_and_brings_it_back(
    bulletin: Bulletin, finnish: Edition, alma: User, veikko: User, signed_in: Any
) -> None:
    first = finnish.body
    client = signed_in(veikko)
    change(client, finnish, body="Väärin.")

    html = client.get(at("history", bulletin.pk, finnish.pk)).content.decode()
    assert str(veikko) in html and "Väärin</ins>" in html
    answer = client.post(at("restore", bulletin.pk, finnish.pk, 1))

    assert answer.headers["HX-Trigger"] == "saved"
    finnish.refresh_from_db()
    assert finnish.body == first and finnish.revision == 3


def test_the_table_shows_what_is_behind_and_what_changed(
    bulletin: Bulletin, finnish: Edition, alma: User, signed_in: Any
) -> None:
    client = signed_in(alma)
    change(client, finnish, body=f"{finnish.body}\n\nMyös <i>bussit</i>.")

    html = client.get(at("parity", bulletin.pk)).content.decode()
    assert "Swedish is 1 change behind." in html and "bussit" in html and "<i>bussit" not in html
    swedish = bulletin.editions.get(language="sv")
    answer = client.post(at("follow", bulletin.pk, swedish.pk), {"revision": "2"})

    assert "Swedish is" not in answer.content.decode()
    assert client.post(at("follow", bulletin.pk, finnish.pk)).status_code == 409


def test_a_part_that_nobody_has_written_is_shown_as_neither_current_nor_filled(campaign: Any, alma: User) -> None:
    bulletin = drafts.start(campaign, by=alma, at=builders.NOON)
    codes = ["fi", "sv", "en"]

    def table() -> dict[str, list[str]]:
        return {row.name: [cell.state for cell in row.cells] for row in missing_parts.parity(bulletin, codes)}

    assert table() == {
        "Title": ["missing"] * 3,
        "Subject": ["missing"] * 3,
        "Preheader": ["empty"] * 3,
        "Text (Markdown)": ["missing"] * 3,
    }

    original = bulletin.editions.get(language="fi")
    original.title, original.preheader, original.body = "Otsikko", "Lyhyesti", "Sanat."
    drafts.save_edition(original, by=alma, at=builders.NOON)
    swedish = bulletin.editions.get(language="sv")
    swedish.title, swedish.body = "Rubrik", " \n"
    drafts.save_edition(swedish, by=alma, at=builders.NOON)

    assert table() == {
        "Title": ["current", "current", "missing"],
        "Subject": ["missing"] * 3,
        "Preheader": ["current", "missing", "missing"],
        "Opening": ["current", "missing", "missing"],
    }
    listed = Bulletin.objects.prefetch_related(translation_status.editions_in_short()).get()
    assert [mark.state for mark in translation_status.marks_of(listed, codes)] == ["current", "missing", "missing"]


def test_the_table_says_empty_in_words_and_draws_no_dot(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = drafts.start(campaign, by=alma, at=builders.NOON)
    html = " ".join(signed_in(alma).get(at("parity", bulletin.pk)).content.decode().split())
    assert html.count('<span class="vh">empty</span>') == 3
    assert "mark--missing" in html and "current" not in html


def test_the_page_hears_who_is_here_and_what_they_changed(
    bulletin: Bulletin, finnish: Edition, alma: User, veikko: User, signed_in: Any
) -> None:
    read = {f"read_{finnish.pk}_{name}": token(text) for name, text in editions.text_of(finnish).items()}
    signed_in(veikko).post(at("here", bulletin.pk), {"part": "edition:sv"})
    change(signed_in(veikko), finnish, title="Uusi otsikko")

    told = signed_in(alma).post(at("here", bulletin.pk), read).json()

    assert told["here"] == [f"{veikko} is here, in Swedish"]
    changed = {"text": "Uusi otsikko", "token": token("Uusi otsikko"), "mine": False}
    assert told["changed"] == {str(finnish.pk): {"title": changed}}
    # Whoever restored it, or wrote it in another tab, is not told of others.
    own = signed_in(veikko).post(at("here", bulletin.pk), read).json()
    assert own["changed"] == {str(finnish.pk): {"title": {**changed, "mine": True}}}
    Presence.objects.update(seen_at=builders.NOON - timedelta(minutes=2))
    assert signed_in(alma).post(at("here", bulletin.pk)).json()["here"] == []


def test_what_it_is_about_is_saved_as_far_as_it_was_changed(
    campaign: Any, bulletin: Bulletin, alma: User, signed_in: Any
) -> None:
    client = signed_in(alma)
    topic = builders.build_topic(campaign)
    form = client.get(at("about", bulletin.pk)).context["form"]
    sent = {
        "about-urgency": "routine",
        "initial-about-urgency": "routine",
        "about-original_language": "fi",
        "initial-about-original_language": "fi",
        "about-embargo_read": "",
        "about-embargo_until": "2026-03-26T08:00",
        "about-topics": str(topic.pk),
    }
    assert form.prefix == "about"
    Bulletin.objects.filter(pk=bulletin.pk).update(urgency="urgent")  # someone else, meanwhile

    answer = client.post(at("about", bulletin.pk), sent, headers={"HX-Request": "true"})

    assert answer.status_code == 200 and answer.headers["HX-Trigger"] == "saved"
    bulletin.refresh_from_db()
    assert bulletin.urgency == "urgent"
    assert bulletin.embargo_until.isoformat() == "2026-03-26T06:00:00+00:00"
    assert list(bulletin.topics.all()) == [topic]


def test_what_a_correction_says_names_who_wrote_it_meanwhile(
    bulletin: Bulletin, alma: User, veikko: User, signed_in: Any
) -> None:
    Bulletin.objects.filter(pk=bulletin.pk).update(kind="correction", what_changed={"fi": "Vanha."})
    fields = {"about-urgency": "routine", "about-original_language": "fi", "about-embargo_read": ""}
    sent = {**fields, **{f"initial-{name}": value for name, value in fields.items()}}
    read = {"read_what_changed:fi": token("Vanha.")}
    signed_in(alma).post(at("about", bulletin.pk), {**sent, **read, "what_changed:fi": "Almalta."})
    sent = {**sent, **read, "what_changed:fi": "Veikolta."}
    answer = signed_in(veikko).post(at("about", bulletin.pk), sent, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert (
        answer.status_code == 409 and "Alma changed this at 12:00. Their text is saved" in page and "Almalta." in page
    )
    bulletin.refresh_from_db()
    assert bulletin.what_changed == {"fi": "Almalta."}


def test_an_edition_without_a_word_has_an_empty_history(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = drafts.start(campaign, by=alma, at=builders.NOON)
    edition = bulletin.editions.get(language="sv")

    answer = signed_in(alma).get(at("history", bulletin.pk, edition.pk))

    assert answer.status_code == 200 and "Nothing has been written yet." in answer.content.decode()


# --- Previews ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["mail", "portal", "text"])
def test_a_preview_shows_unsaved_words_and_runs_nothing(
    form: str, bulletin: Bulletin, finnish: Edition, alma: User, signed_in: Any
) -> None:
    evil = "Uusi {{ settings.SECRET_KEY }} {% debug %} <script>alert(1)</script> [x](javascript:alert(1))"
    answer = signed_in(alma).post(
        at("preview", bulletin.pk), {"language": "fi", "as": form, "title": "Otsikko <b>", "body": evil}
    )

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "{{ settings.SECRET_KEY }}" in html and "{% debug %}" in html
    if form == "text":
        assert "&lt;script&gt;" in html
    else:
        assert 'href="javascript' not in html and "Otsikko &lt;b&gt;" in html
    assert "<script" not in html
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy and "sandbox" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert Edition.objects.get(pk=finnish.pk).body == finnish.body


def test_the_preview_is_the_mail_that_publishing_makes(
    campaign: Any, alma: User, noon: datetime, signed_in: Any
) -> None:
    bulletin = builders.build_approved_bulletin(campaign, by=alma, variants=True)
    shown = signed_in(alma).get(at("preview", bulletin.pk), {"language": "sv", "as": "mail"}).content.decode()

    version = publish.publish(bulletin, at=noon)
    assert version.mailing.messages.get(language="sv").html == shown


def test_a_preview_in_a_language_it_has_not_is_not_found(bulletin: Bulletin, alma: User, signed_in: Any) -> None:
    assert signed_in(alma).get(at("preview", bulletin.pk), {"language": "se"}).status_code == 404


def test_a_preview_of_a_text_too_long_says_so(bulletin: Bulletin, alma: User, signed_in: Any) -> None:
    answer = signed_in(alma).post(at("preview", bulletin.pk), {"language": "fi", "body": "sana " * 60_000})

    assert answer.status_code == 200 and "characters" in answer.content.decode()


# --- Costs -------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_however_much_there_is(
    campaign: Any, bulletin: Bulletin, finnish: Edition, alma: User, veikko: User, noon: datetime, signed_in: Any
) -> None:
    client = signed_in(alma)
    Snippet.objects.create(campaign=campaign, name="One", text={"fi": "Soita."})
    builders.build_topic(campaign, "one")
    builders.build_claim(campaign, "one")

    def costs() -> list[int]:
        found = []
        places = [
            ("change",),
            ("parity",),
            ("about",),
            ("preview",),
            ("history", finnish.pk),
            ("insertions", finnish.pk),
        ]
        for name, *more in places:
            client.get(at(name, bulletin.pk, *more))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(at(name, bulletin.pk, *more)).status_code == 200
            found.append(len(captured))
        client.post(at("here", bulletin.pk))
        with CaptureQueriesContext(connection) as captured:
            client.post(at("here", bulletin.pk))
        return [*found, len(captured)]

    change(client, finnish, body=f"{finnish.body}\n\nLisää.")
    before = costs()
    for number in range(4):
        builders.build_bulletin(campaign, by=alma, at=noon)
        Snippet.objects.create(campaign=campaign, name=f"More {number}", text={"fi": "Soita."})
        builders.build_topic(campaign, f"more-{number}")
        builders.build_claim(campaign, f"more-{number}")
        finnish.refresh_from_db()
        change(signed_in(veikko if number % 2 else alma), finnish, body=f"{finnish.body}\n\nLisää {number}.")
        Presence.objects.create(bulletin=bulletin, user=builders.build_user(f"p{number}", "editor"), seen_at=noon)

    assert costs() == before
    assert before[0] <= 55 and max(before[1:]) <= 25


def test_what_can_be_put_into_a_text_is_in_its_language(
    bulletin: Bulletin, campaign: Any, alma: User, signed_in: Any
) -> None:
    Snippet.objects.create(campaign=campaign, name="Number", text={"fi": "Soita.", "en": "Call."})
    texts = {"fi": "Keitä vesi 4.12.2026 asti.", "en": "Boil the water until 4 December 2026."}
    offered = {}
    for edition in bulletin.editions.filter(language__in=texts):
        change(signed_in(alma), edition, body=texts[edition.language])
    for edition in bulletin.editions.filter(language__in=texts):
        answer = signed_in(alma).get(at("insertions", bulletin.pk, edition.pk)).json()
        offered[edition.language] = {one["text"]: one["kind"] for one in answer["insertions"]}

    assert offered["fi"]["Soita."] == offered["en"]["Call."] == "Ready phrase"
    assert offered["fi"]["perjantai 4.12.2026"] == offered["en"]["Friday 4 December 2026"] == "Fact"


def test_a_page_that_was_open_before_it_was_submitted_takes_nothing_out_of_review(
    bulletin: Bulletin, finnish: Edition, alma: User, veikko: User, signed_in: Any
) -> None:
    builders.submitted(bulletin, by=alma, at=builders.NOON)
    body = finnish.body

    answer = change(signed_in(veikko), finnish, headers=JSON, body="Other words.", state="draft")

    assert answer.status_code == 423
    assert "submitted it in the meantime" in answer.json()["says"]
    bulletin.refresh_from_db()
    finnish.refresh_from_db()
    assert (bulletin.state, finnish.body) == ("in_review", body)

    change(signed_in(veikko), finnish, headers=JSON, body="Other words.", state="in_review")
    bulletin.refresh_from_db()
    assert bulletin.state == "draft"
