"""What becomes of a message input: each step is written down, and a refusal changes nothing."""

import io
import zipfile
import zlib
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import drafts, input_merge
from bulletins.intake import input_attachments, submissions
from bulletins.models import Bulletin, InputStep, KeyMessage, MessageInput, NotAllowed, Review
from notifications.models import Notice
from tests.attacks.budget.outside_readers import lying
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
State = MessageInput.State


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def steps(row: MessageInput) -> list[tuple[str, str]]:
    """Return the steps of an input, as (verb, words)."""
    return list(row.steps.values_list("verb", "text"))


def verbs(row: MessageInput) -> list[str]:
    """Return what the audit log says of it, the first first."""
    return list(AuditEntry.objects.about(row).order_by("pk").values_list("verb", flat=True))


def test_every_step_is_written_twice(campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna)
    submissions.accept(row, by=alma, at=NOON)
    submissions.return_with_question(row, by=alma, at=NOON, question=" Since when?\r\n")
    submissions.answer_question(row, by=minna, at=NOON, answer="Since Monday.")
    submissions.decline(row, by=alma, at=NOON, reason="Said already.")

    assert steps(row) == [
        ("submitted", ""),
        ("accepted", ""),
        ("returned", "Since when?"),
        ("answered", "Since Monday."),
        ("declined", "Said already."),
    ]
    assert verbs(row) == [f"input.{verb}" for verb, _text in steps(row)]


def test_a_second_question_waits_for_a_second_answer_and_the_first_stays_on_record(campaign, minna, authority, alma):
    row = builders.build_input(campaign, authority=authority, by=minna)
    for asks, answers in (("One?", "1"), ("Two?", "2")):
        submissions.return_with_question(row, by=alma, at=NOON, question=asks)
        assert row.answer == ""
        submissions.answer_question(row, by=minna, at=NOON, answer=answers)

    assert [text for _verb, text in steps(row)] == ["", "One?", "1", "Two?", "2"]


@pytest.mark.parametrize(
    ("state", "deed"),
    [
        (State.ACCEPTED, lambda row, by: submissions.accept(row, by=by, at=NOON)),
        (State.NEW, lambda row, by: submissions.return_with_question(row, by=by, at=NOON, question="  ")),
        (State.USED, lambda row, by: submissions.return_with_question(row, by=by, at=NOON, question="Why?")),
        (State.NEW, lambda row, by: submissions.answer_question(row, by=by, at=NOON, answer="Because.")),
        (State.USED, lambda row, by: submissions.decline(row, by=by, at=NOON, reason="No.")),
    ],
)
def test_a_refused_step_changes_nothing(campaign, alma, state, deed):
    row = builders.build_input(campaign)
    MessageInput.objects.filter(pk=row.pk).update(state=state)

    with pytest.raises(NotAllowed):
        deed(row, alma)

    row.refresh_from_db()
    assert (row.state, row.question, row.taken_by) == (state, "", None)
    assert verbs(row) == ["input.submitted"] and len(steps(row)) == 1
    assert not Notice.objects.exists()


def test_the_same_thing_under_the_same_name_is_taken_once(campaign, authority, minna):
    region, topic = builders.build_region(), builders.build_topic(campaign)
    words = {
        "external_id": "p-1",
        "regions": [region],
        "topics": [topic],
        "valid_until": NOON + timedelta(days=1),
        "facts": [{"text": "Open on Monday.", "source": 1, "valid_until": NOON + timedelta(days=1)}],
        "attachments": [input_attachments.File("a.txt", b"Nine to eight.", "text/plain")],
        "body": "One.\r\n\r\nTwo.",
    }
    first = builders.build_input(campaign, authority=authority, by=minna, **words)
    again = builders.build_input(campaign, authority=authority, by=minna, at=NOON + timedelta(hours=1), **words)

    assert again == first and MessageInput.objects.count() == 1 and len(steps(first)) == 1
    assert (first.body, first.facts.get().source.key) == ("One.\n\nTwo.", "s1")
    with pytest.raises(submissions.ContentConflict, match=first.reference):
        builders.build_input(campaign, authority=authority, by=minna, **words | {"title": "Another"})
    assert MessageInput.objects.count() == 1
    other = builders.build_input(campaign, authority=builders.build_authority("agency"), by=minna, **words)
    assert other != first


def test_what_would_end_before_it_begins_is_refused(campaign):
    with pytest.raises(NotAllowed, match="no longer be valid"):
        builders.build_input(campaign, embargo_until=NOON, valid_until=NOON)
    assert not MessageInput.objects.exists()


def test_a_bulletin_started_from_two_uses_both(campaign, alma):
    fact = {"facts": [{"text": "Fact."}]}
    rows = [builders.build_input(campaign, title=title, **fact) for title in ("One", "Two")]

    bulletin = drafts.start(campaign, by=alma, at=NOON, inputs=rows)

    assert [steps(row)[-1][0] for row in rows] == ["used", "used"]
    assert InputStep.objects.filter(verb="used", bulletin=bulletin).count() == 2
    assert sorted(bulletin.key_messages.values_list("key", flat=True)) == ["km-1-1", "km-1-2"]


def test_what_was_declined_starts_no_bulletin(campaign, alma):
    row = builders.build_input(campaign)
    submissions.decline(row, by=alma, at=NOON)
    with pytest.raises(NotAllowed):
        drafts.start(campaign, by=alma, at=NOON, inputs=[row])
    assert not Bulletin.objects.exists()


def test_an_input_added_to_a_bulletin_voids_its_review_and_brings_its_facts(campaign, alma, veikko):
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    before = {edition.language: edition.body for edition in bulletin.editions.all()}
    later = NOON + timedelta(hours=3)
    row = builders.build_input(
        campaign, urgency="urgent", embargo_until=later, facts=[{"text": "New.", "source": 1}], title="More"
    )

    bulletin = input_merge.add_inputs(bulletin, [row], by=veikko, at=NOON)

    assert (bulletin.state, bulletin.urgency, bulletin.embargo_until) == ("draft", "urgent", later)
    assert list(bulletin.inputs.all()) == [row] and row.state == State.USED
    assert KeyMessage.objects.get(bulletin=bulletin, fact__input=row).text == {"fi": "New."}
    assert {edition.language: edition.body for edition in bulletin.editions.all()} == before
    assert veikko.pk in eligibility.of_one(bulletin).editor_ids
    assert Review.objects.filter(bulletin=bulletin, decision="voided").exists()
    assert "bulletin.inputs_added" in AuditEntry.objects.about(bulletin).values_list("verb", flat=True)


def test_an_input_is_not_added_twice_nor_to_another_campaign_nor_to_what_is_out(campaign, alma, oskar):
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    used = builders.build_input(campaign)
    drafts.start(campaign, by=alma, at=NOON, inputs=[used])
    foreign = builders.build_input(builders.build_campaign("other"))
    fresh = builders.build_input(campaign)
    for rows in ([used], [foreign], [fresh, used], []):
        with pytest.raises(NotAllowed):
            input_merge.add_inputs(bulletin, rows, by=alma, at=NOON)
    bulletin.refresh_from_db()
    fresh.refresh_from_db()
    assert (bulletin.state, bulletin.inputs.count(), fresh.state) == ("in_review", 0, State.NEW)

    approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)
    from bulletins.publication import publish

    publish.publish(bulletin, at=NOON)
    with pytest.raises(NotAllowed):
        input_merge.add_inputs(bulletin, [fresh], by=alma, at=NOON)
    fresh.refresh_from_db()
    assert fresh.state == State.NEW


# --- Files ---------------------------------------------------------------------------------------------


def archive(*names: str, mimetype: str = "") -> bytes:
    """Return a ZIP with empty files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        if mimetype:
            zipped.writestr("mimetype", mimetype)
        for name in names:
            zipped.writestr(name, "x")
    return out.getvalue()


GOOD = {
    "a.pdf": b"%PDF-1.7\n",
    "b.JPG": b"\xff\xd8\xff\xe0 picture",
    "c.png": b"\x89PNG\r\n\x1a\n picture",
    "d.webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "e.docx": archive("[Content_Types].xml", "word/document.xml"),
    "f.ods": archive("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "g.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old",
    "h.txt": "Äiti lähti".encode("cp1252"),
    "i.csv": "päivä;luku\n1;2\n".encode("utf-16"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_taken(name):
    assert input_attachments.examine(name, GOOD[name]).content_type in input_attachments.KINDS.values()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", b"MZ"),
        ("a.svg", b"<svg/>"),
        ("a.html", b"<p>"),
        ("a", b"text"),
        ("a.pdf", b""),
        ("a.pdf", GOOD["c.png"]),
        ("a.png", b"%PDF-1.7"),
        ("a.txt", b"MZ\x00\x01\x02"),
        ("a.docx", archive("xl/workbook.xml")),
        ("a.docx", archive("word/document.xml", "word/vbaProject.bin")),
        ("a.docx", b"PK\x03\x04 no archive"),
        ("a.txt", archive("a.txt")),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(name, data):
    with pytest.raises(NotAllowed, match=name):
        input_attachments.examine(name, data)


@pytest.mark.parametrize(
    "data",
    [
        lying(20),
        lying(20, "word/document.xml") + b"x" * 70_000,
        archive(*(f"{n}.xml" for n in range(input_attachments.MOST_ENTRIES)), "word/document.xml"),
        GOOD["e.docx"][:-22] + GOOD["e.docx"][-22:].replace(b"PK\x05\x06", b"PK\x05\x07"),
        b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18,
    ],
    ids=[
        "a mimetype that says 39 bytes",
        "an end far from the end",
        "too many entries",
        "no end",
        "an end that leads nowhere",
    ],
)
def test_an_archive_is_not_believed_and_not_unpacked(data, monkeypatch):
    monkeypatch.setattr(zlib, "decompressobj", lambda *_words: pytest.fail("something was unpacked"))
    for name in ("a.odt", "a.docx"):
        with pytest.raises(NotAllowed, match=name):
            input_attachments.examine(name, data)


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(input_attachments, "LARGEST", 10)
    with pytest.raises(NotAllowed, match="25 MB"):
        input_attachments.examine("a.txt", b"x" * 11)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Secret\\plan.pdf", "plan.pdf"),
        ("../../etc/a.txt", "a.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("ohje päivä.pdf", "ohje_päivä.pdf"),
    ],
)
def test_a_name_brings_no_folder_and_no_line_end(sent, kept):
    assert input_attachments.clean_name(sent) == kept


def test_a_file_is_kept_as_it_came_under_a_name_that_nobody_can_guess(campaign, tmp_path):
    row = builders.build_input(
        campaign, attachments=[input_attachments.File("plan.pdf", b"%PDF-1.7", "application/pdf")]
    )
    kept = row.attachments.get()
    assert "plan" not in kept.file.name and (tmp_path / kept.file.name).read_bytes() == b"%PDF-1.7"
    assert (kept.size, kept.sha256) == (8, input_attachments.File("", b"%PDF-1.7", "").sha256)


def test_more_files_than_are_taken_are_refused_and_nothing_is_kept(campaign, tmp_path):
    files = [input_attachments.File(f"{n}.txt", b"x", "text/plain") for n in range(11)]
    with pytest.raises(NotAllowed, match="more than 10"):
        builders.build_input(campaign, attachments=files)
    assert not MessageInput.objects.exists() and not list(tmp_path.rglob("*"))
