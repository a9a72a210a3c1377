"""Several people write one text: nobody's word is lost, and a change is counted once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import conflicts, diff, drafts, editions, metadata, revisions
from bulletins.editing.conflicts import token
from bulletins.editing.translation import missing_parts
from bulletins.models import Bulletin, Edition, EditionRevision, NotAllowed, SetAside
from lib.text.revisions import word_diff
from tests.support import builders

SECONDS = timedelta(seconds=1)


@pytest.fixture
def bulletin(campaign: Any, alma: User, noon: datetime) -> Bulletin:
    return builders.build_bulletin(campaign, by=alma, at=noon - timedelta(hours=1))


@pytest.fixture
def finnish(bulletin: Bulletin) -> Edition:
    return bulletin.editions.get(language="fi")


@pytest.fixture
def swedish(bulletin: Bulletin) -> Edition:
    return bulletin.editions.get(language="sv")


def save(edition: Edition, who: User, at: datetime, *, is_current: bool = False, **sent: str) -> Any:
    """Save as someone who has just read the whole edition."""
    read = {name: token(text) for name, text in editions.text_of(edition).items()}
    return editions.save_text(edition, sent, read, by=who, at=at, is_current=is_current)


def test_writing_on_is_one_change(finnish: Edition, swedish: Edition, alma: User, noon: datetime) -> None:
    before = finnish.revision

    for second in range(30):
        save(finnish, alma, noon + second * SECONDS, body=f"Kirjastot avataan {second}.")

    finnish.refresh_from_db()
    assert finnish.revision == before + 1
    assert swedish.behind(finnish) == 1
    row = finnish.revisions.get(revision=finnish.revision)
    assert row.body == finnish.body == "Kirjastot avataan 29."
    assert row.edited_at == noon + 29 * SECONDS


@pytest.mark.parametrize("minutes", [1, 60])
def test_taking_back_what_one_wrote_leaves_no_translation_behind(
    minutes: int, finnish: Edition, swedish: Edition, alma: User, noon: datetime
) -> None:
    words = finnish.body
    save(finnish, alma, noon, body="Väärin.")
    assert (swedish.behind(finnish), finnish.revision) == (1, 2)

    save(finnish, alma, noon + timedelta(minutes=minutes), body=words)

    for one in (finnish, swedish):
        one.refresh_from_db()
    assert finnish.body == words
    assert swedish.behind(finnish) == 0
    save(finnish, alma, noon + timedelta(minutes=minutes + 1), body="Toisin.")
    swedish.refresh_from_db()
    assert swedish.behind(finnish) == 1  # and another change counts as one


def test_bringing_an_earlier_revision_back_leaves_no_translation_behind_that_followed_it(
    finnish: Edition, swedish: Edition, bulletin: Bulletin, alma: User, veikko: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body="Toisin.")
    english = bulletin.editions.get(language="en")
    save(english, alma, noon, body="Otherwise.", is_current=True)

    editions.restore(finnish, 1, by=veikko, at=noon + timedelta(minutes=1))

    for one in (swedish, english):
        one.refresh_from_db()
    assert swedish.behind(finnish) == 0
    assert english.behind(finnish) == 1  # it was translated from what is gone again


@pytest.mark.parametrize("first", ["fi", "sv"])
def test_bringing_the_original_and_its_translation_back_leaves_nothing_behind(
    first: str, finnish: Edition, swedish: Edition, alma: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body="Toisin.")
    save(swedish, alma, noon + SECONDS, body="Halv")  # on the way to a translation
    save(swedish, alma, noon + 2 * SECONDS, body="Annorlunda.", is_current=True)
    assert swedish.behind(finnish) == 0 and swedish.revision == 2
    pair = [finnish, swedish] if first == "fi" else [swedish, finnish]

    for number, one in enumerate(pair):
        editions.restore(one, 1, by=alma, at=noon + timedelta(minutes=1 + number))
        finnish.refresh_from_db()
        swedish.refresh_from_db()
        assert swedish.behind(finnish) == 1 - number

    # The newer pair comes back too; one of each is no pair.
    editions.restore(finnish, 2, by=alma, at=noon + timedelta(minutes=4))
    swedish.refresh_from_db()
    assert swedish.behind(finnish) == 1
    save(swedish, alma, noon + timedelta(minutes=5), body="Annorlunda.")  # typed or taken back, it is the same text
    assert swedish.behind(finnish) == 0


@pytest.mark.parametrize("why", ["a pause", "someone else", "a translation follows it", "it was judged"])
def test_a_change_is_a_new_one_after(
    why: str, finnish: Edition, swedish: Edition, alma: User, veikko: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body="Ensin.")
    writer, at = alma, noon + 60 * SECONDS
    if why == "a pause":
        at = noon + timedelta(minutes=11)
    elif why == "someone else":
        writer = veikko
    elif why == "a translation follows it":
        editions.follow(swedish, by=veikko, at=at)
    else:
        for one in finnish.bulletin.editions.exclude(pk=finnish.pk):
            editions.follow(one, by=alma, at=at)
        approval_workflow.submit(finnish.bulletin, by=alma, at=at)
    before = finnish.revision

    save(finnish, writer, at, body="Sitten.")

    assert finnish.revision == before + 1
    assert finnish.revisions.get(revision=before).body == "Ensin."


def test_hashtags_are_kept_in_the_history(finnish: Edition, alma: User, noon: datetime) -> None:
    save(finnish, alma, noon, hashtags="#yksi,  #kaksi")

    assert finnish.hashtags == ["#yksi", "#kaksi"]
    assert finnish.revisions.get(revision=finnish.revision).hashtags == ["#yksi", "#kaksi"]


def test_two_in_one_field_lose_no_word(finnish: Edition, alma: User, veikko: User, noon: datetime) -> None:
    read = {name: token(text) for name, text in editions.text_of(finnish).items()}
    theirs = Edition.objects.get(pk=finnish.pk)
    editions.save_text(theirs, {"body": "Almán teksti."}, read, by=alma, at=noon)
    revisions = EditionRevision.objects.count()

    merged = editions.save_text(finnish, {"body": "Veikon teksti."}, read, by=veikko, at=noon)

    finnish.refresh_from_db()
    assert finnish.body == "Almán teksti."
    assert [(clash.field, clash.theirs, clash.mine) for clash in merged.clashes] == [
        ("body", "Almán teksti.", "Veikon teksti.")
    ]
    kept = SetAside.objects.get()
    assert (kept.text, kept.by, kept.part, kept.field) == ("Veikon teksti.", veikko, "edition:fi", "body")
    assert EditionRevision.objects.count() == revisions

    editions.save_text(finnish, {"body": "Veikon teksti."}, read, by=veikko, at=noon)  # the page tries again
    assert SetAside.objects.count() == 1
    conflicts.resolve(kept, by=veikko, at=noon)
    assert list(conflicts.waiting(finnish.bulletin)) == [] and SetAside.objects.get().text == "Veikon teksti."


def test_two_in_different_paragraphs_of_one_text_both_save(
    finnish: Edition, alma: User, veikko: User, noon: datetime, client: Any
) -> None:
    client.force_login(veikko)
    before = "Alku.\n\nKeskellä.\n\nLoppu."
    save(finnish, alma, noon, body=before)
    read = {"body": token(before)}
    save(finnish, alma, noon, body="Almán alku.\n\nKeskellä.\n\nLoppu.")
    sent = {"body": "Alku.\n\nKeskellä.\n\nVeikon loppu."}

    # Without the text that it began with, or with another than the one it says, nothing is put together.
    for base in ({}, {"body": "Jotain muuta."}):
        refused = editions.save_text(finnish, sent, read, by=veikko, at=noon, base=base)
        assert len(refused.clashes) == 1 and not refused.combined
    SetAside.objects.all().delete()

    words = reverse("admin:bulletins_bulletin_words", args=[finnish.bulletin_id, finnish.pk])
    posted = {**sent, "read_body": read["body"], "base_body": before.replace("\n", "\r\n")}
    answer = client.post(words, posted, headers={"Accept": "application/json"})

    finnish.refresh_from_db()
    both = "Almán alku.\n\nKeskellä.\n\nVeikon loppu."
    assert answer.status_code == 200 and answer.json()["clashes"] == []
    assert finnish.body == answer.json()["fields"]["body"]["text"] == both
    assert answer.json()["combined"] == {"body": token(sent["body"])}  # from where Veikko writes on
    assert finnish.revisions.get(revision=finnish.revision).edited_by == veikko
    assert not SetAside.objects.exists()

    # What both changed is still for a person, and so is what has no room.
    posted |= {"body": before.replace("Alku", "Veikon alku")}
    clash = client.post(words, posted, headers={"Accept": "application/json"})
    assert clash.status_code == 409 and SetAside.objects.get().text == posted["body"]
    posted |= {"body": f"{before}\n\n" + "x" * (editions.LIMITS["body"] - len(before) - 2)}
    full = client.post(words, posted, headers={"Accept": "application/json"})
    finnish.refresh_from_db()
    assert full.status_code == 422 and finnish.body == both


def test_two_in_different_fields_both_save(finnish: Edition, alma: User, veikko: User, noon: datetime) -> None:
    read = {name: token(text) for name, text in editions.text_of(finnish).items()}
    editions.save_text(Edition.objects.get(pk=finnish.pk), {"title": "Uusi otsikko"}, read, by=alma, at=noon)

    merged = editions.save_text(finnish, {"body": "Uusi teksti."}, read, by=veikko, at=noon)

    finnish.refresh_from_db()
    assert merged.clashes == [] and (finnish.title, finnish.body) == ("Uusi otsikko", "Uusi teksti.")


def test_line_ends_of_browsers_are_no_change(finnish: Edition, alma: User, noon: datetime) -> None:
    before = finnish.revision
    assert "\n" in finnish.body

    save(finnish, alma, noon, body=finnish.body.replace("\n", "\r\n"))

    assert finnish.revision == before and "\r" not in finnish.body


def test_what_is_too_long_is_refused_whole(finnish: Edition, alma: User, noon: datetime) -> None:
    stored = editions.text_of(finnish)

    with pytest.raises(editions.TooLong, match="3 characters too long: at most 60") as refusal:
        save(finnish, alma, noon, subject="x" * 63, title="y" * 161, body="Uusi teksti.")

    finnish.refresh_from_db()
    assert refusal.value.fields.keys() == {"subject", "title"}
    assert editions.text_of(finnish) == stored


def test_a_subject_stays_one_line(finnish: Edition, alma: User, noon: datetime) -> None:
    save(finnish, alma, noon, subject="Kirjastot\r\nBcc: x\u2028auki")

    assert finnish.subject == "Kirjastot Bcc: x auki"


def test_a_published_version_is_not_written(campaign: Any, alma: User, noon: datetime) -> None:
    edition = builders.build_published_version(campaign, by=alma).bulletin.editions.get(language="fi")
    body = edition.body

    with pytest.raises(NotAllowed, match="has been published"):
        save(edition, alma, noon, body="Liian myöhään.")

    assert Edition.objects.get(pk=edition.pk).body == body


def test_restoring_is_a_new_change(finnish: Edition, alma: User, veikko: User, noon: datetime) -> None:
    first = editions.text_of(finnish)
    revision = finnish.revision
    save(finnish, alma, noon, body="Väärin.", hashtags="#x")

    editions.restore(finnish, revision, by=veikko, at=noon + SECONDS)

    assert editions.text_of(finnish) == first
    assert finnish.revision == revision + 2
    assert finnish.revisions.get(revision=revision + 1).body == "Väärin."
    assert finnish.revisions.get(revision=revision + 2).edited_by == veikko


def test_restoring_what_is_not_there_changes_nothing(finnish: Edition, alma: User, noon: datetime) -> None:
    with pytest.raises(NotAllowed, match="no such revision"):
        editions.restore(finnish, 99, by=alma, at=noon)

    assert finnish.revision == Edition.objects.get(pk=finnish.pk).revision == 1


def test_a_translation_knows_what_changed_since_it_followed(
    bulletin: Bulletin, finnish: Edition, swedish: Edition, alma: User, veikko: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body=f"{finnish.body}\n\nLisäksi <b>bussit</b>.")
    save(finnish, veikko, noon, title="Kirjastot avataan tiistaina")

    changes = {one.field: one.html for one in diff.since_followed(swedish, finnish)}
    assert swedish.behind(finnish) == 2
    assert changes.keys() == {"body", "title"}
    assert "&lt;b&gt;" in changes["body"] and "<b>" not in changes["body"]
    assert "<del>" in changes["title"] and "maanantaina</del>" in changes["title"]
    assert "tiistaina</ins>" in changes["title"]
    table = {
        row.name: {cell.language: cell.state for cell in row.cells} for row in missing_parts.parity(bulletin, ["sv"])
    }
    assert table["Title"] == {"sv": "behind"} and table["Subject"] == {"sv": "current"}

    editions.follow(swedish, by=alma, at=noon, revision=finnish.revision)
    assert diff.since_followed(swedish, finnish) == []


def test_following_goes_no_further_than_what_was_read(
    finnish: Edition, swedish: Edition, alma: User, veikko: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body="Luettu.")
    read = finnish.revision
    save(finnish, veikko, noon, body="Lukematta.")

    editions.follow(swedish, by=alma, at=noon, revision=read)

    assert swedish.behind(finnish) == 1
    with pytest.raises(NotAllowed, match="This is the original"):
        editions.follow(finnish, by=alma, at=noon)


def test_following_voids_no_review(campaign: Any, alma: User, noon: datetime) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    editions.follow(bulletin.editions.get(language="sv"), by=alma, at=noon)

    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW


@pytest.mark.parametrize(
    ("before", "now", "marked"),
    [
        ("a b\nc\n", "a b\nc\n", "a b\nc\n"),
        ("auki 13.4.", "auki 19.4.", "13"),
        ("", "<script>", "&lt;script&gt;</ins>"),
    ],
)
def test_differences_are_marked_word_by_word_and_safe(before: str, now: str, marked: str) -> None:
    html = word_diff.marked(before, now)

    assert marked in html and "<script" not in html


def test_what_it_is_about_voids_a_review_only_when_it_changed(
    campaign: Any, alma: User, veikko: User, noon: datetime
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    metadata.save_metadata(bulletin, {"urgency": "routine"}, {}, {}, by=veikko, at=noon)
    assert bulletin.state == Bulletin.State.IN_REVIEW and veikko.pk not in eligibility.of_one(bulletin).editor_ids

    metadata.save_metadata(bulletin, {"urgency": "urgent"}, {}, {}, by=veikko, at=noon)
    assert (bulletin.state, bulletin.urgency) == (Bulletin.State.DRAFT, "urgent") and veikko.pk in eligibility.of_one(
        bulletin
    ).editor_ids

    with pytest.raises(NotAllowed, match="no edition in that language"):
        metadata.save_metadata(bulletin, {"original_language": "se"}, {}, {}, by=veikko, at=noon)
    bulletin.refresh_from_db()
    assert bulletin.original_language == "fi"


def test_two_who_say_what_changed_lose_no_word(campaign: Any, alma: User, veikko: User, noon: datetime) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, kind="correction")
    read = {"what_changed:fi": token("")}
    metadata.save_metadata(bulletin, {}, {"what_changed:fi": "Päivä."}, read, by=alma, at=noon)

    merged = metadata.save_metadata(bulletin, {}, {"what_changed:fi": "Kello."}, read, by=veikko, at=noon)

    assert bulletin.what_changed == {"fi": "Päivä."}
    assert merged.clashes[0].mine == SetAside.objects.get().text == "Kello."


def test_a_bulletin_gets_an_edition_in_easy_language_once(bulletin: Bulletin, alma: User, noon: datetime) -> None:
    editions.add_edition(bulletin, "fi", "easy", by=alma, at=noon)

    for language, level in (("fi", "easy"), ("se", "standard"), ("fi", "loud")):
        with pytest.raises(NotAllowed, match="Not added"):
            editions.add_edition(bulletin, language, level, by=alma, at=noon)
    assert bulletin.editions.count() == 4


def test_growing_wants_the_last_revision_of_the_same_version(
    bulletin: Bulletin, finnish: Edition, alma: User, noon: datetime
) -> None:
    save(finnish, alma, noon, body="Yksi.")
    Bulletin.objects.filter(pk=bulletin.pk).update(version=2)

    save(finnish, alma, noon, body="Kaksi.")

    assert finnish.revisions.get(revision=finnish.revision).version == 2
    assert timedelta(minutes=10) == revisions.GROWS_FOR


def test_a_field_that_was_emptied_by_mistake_comes_back_from_the_history(campaign, alma):
    edition = builders.build_bulletin(campaign, by=alma, at=builders.NOON).editions.get(language="sv")
    for number, body in enumerate(("A long text that took a while to write.", "x"), start=1):
        editions.save_text(
            edition, {"body": body}, {}, by=alma, at=builders.NOON + timedelta(minutes=20, seconds=number)
        )
    assert [row.body for row in edition.revisions.all()][:2] == ["x", "A long text that took a while to write."]


def test_the_words_of_a_submission_pasted_again_leave_no_translation_behind(
    campaign: Any, alma: User, noon: datetime
) -> None:
    source = builders.build_input(campaign, at=noon)
    bulletin = drafts.start(campaign, by=alma, at=noon, inputs=[source])
    original, translation = (bulletin.editions.get(language=code) for code in ("fi", "sv"))
    save(translation, alma, noon + SECONDS, title="Biblioteken öppnar", body="Biblioteken öppnar på måndag.")
    words = original.body
    assert (original.revision, translation.behind(original)) == (1, 0)
    assert original.revisions.get().edited_by is None, "the authority wrote it"

    save(original, alma, noon + 2 * SECONDS, body="Kirjastot")  # while it is selected, deleted and pasted again
    translation.refresh_from_db()
    assert translation.behind(original) == 1
    save(original, alma, noon + 3 * SECONDS, body=words)

    translation.refresh_from_db()
    original.refresh_from_db()
    assert original.body == words and translation.behind(original) == 0
    assert original.revisions.get(revision=1).body == words, "the history has the words that it began with"
    editions.restore(original, 1, by=alma, at=noon + timedelta(hours=1))  # they are there already
    assert translation.behind(original) == 0
