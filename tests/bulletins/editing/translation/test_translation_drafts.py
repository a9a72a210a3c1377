"""Drafts by machine translation: never over a person's text, marked until somebody stands by them."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.approval import approval_workflow
from bulletins.checks import registry
from bulletins.editing import drafts
from bulletins.editing.translation import translation_drafts
from bulletins.media import media_jobs
from bulletins.models import Bulletin, Edition, MediaJob, NotAllowed, TranslationDraft
from lib.text import machine_translation
from lib.text.machine_translation import TooSlow, Unusable
from tests.support import builders
from tests.support.builders import NOON


def clock() -> Any:
    return NOON


@pytest.fixture
def swedish(campaign: Any, alma: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Edition:
    """The empty Swedish edition of a bulletin, and a model for it that shouts."""
    settings.TRANSLATION_MODELS = str(tmp_path)
    (tmp_path / "fi-sv").mkdir()
    (tmp_path / "fi-sv" / "model.bin").touch()
    monkeypatch.setattr(machine_translation, "translator", lambda *_words, **_until: str.upper)
    bulletin = builders.build_bulletin(campaign, by=alma)
    assert bulletin.original_language == "fi"
    edition = bulletin.editions.get(language="sv")
    for name in TranslationDraft.WORDS:
        setattr(edition, name, "")
    drafts.save_edition(edition, by=alma, at=NOON)
    return edition


def drafted(edition: Edition, by: Any) -> TranslationDraft:
    row = translation_drafts.ask(edition, by=by, at=NOON)
    translation_drafts.make(row.pk, clock=clock)
    edition.refresh_from_db()
    row.refresh_from_db()
    return row


def blocks(edition: Edition) -> bool:
    return "machine-draft" in {one.code for one in registry.stops(edition.bulletin, at=NOON)}


def test_an_empty_edition_is_drafted_and_is_nobodys_until_it_is_read(swedish: Edition, alma: Any, veikko: Any):
    row = drafted(swedish, alma)
    original = drafts.original_of(swedish.bulletin)

    assert row.state == TranslationDraft.State.DONE
    assert swedish.body == original.body.upper() and swedish.source_revision == original.revision
    assert blocks(swedish)
    with pytest.raises(NotAllowed):
        approval_workflow.submit(swedish.bulletin, by=alma, at=NOON)

    translation_drafts.own(swedish, by=veikko, at=NOON)

    row.refresh_from_db()
    assert row.owned_by == veikko and not blocks(swedish)
    assert AuditEntry.objects.filter(verb="bulletin.draft_owned").exists()
    with pytest.raises(NotAllowed, match="Nothing to read"):
        translation_drafts.own(swedish, by=alma, at=NOON)


def test_whoever_edits_it_makes_it_theirs_and_undoing_the_edit_does_not(swedish: Edition, alma: Any):
    drafted(swedish, alma)
    words = swedish.title
    for title, unread in (("Andra ord", False), (words, True)):
        swedish.title = title
        drafts.save_edition(swedish, by=alma, at=NOON)
        assert blocks(swedish) is unread


def test_it_is_never_put_over_what_a_person_wrote(swedish: Edition, alma: Any):
    row = translation_drafts.ask(swedish, by=alma, at=NOON)
    swedish.subject = "Mina ord"
    drafts.save_edition(swedish, by=alma, at=NOON)
    translation_drafts.make(row.pk, clock=clock)

    swedish.refresh_from_db()
    row.refresh_from_db()
    assert (swedish.subject, swedish.body) == ("Mina ord", "")
    assert row.state == TranslationDraft.State.FAILED and row.error == translation_drafts.WRITTEN
    with pytest.raises(NotAllowed, match="a text already"):
        translation_drafts.ask(swedish, by=alma, at=NOON)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_without_a_model_and_for_the_original_there_is_none(swedish: Edition, alma: Any, language: str):
    other = swedish.bulletin.editions.get(language=language)
    Edition.objects.filter(pk=other.pk).update(title="", subject="", preheader="", body="")
    with pytest.raises(NotAllowed, match="Not drafted"):
        translation_drafts.ask(other, by=alma, at=NOON)
    assert not TranslationDraft.objects.exists()


@pytest.mark.parametrize("fault", [TooSlow(), Unusable("broken")])
def test_a_model_that_is_slow_or_broken_leaves_the_edition_empty_and_says_so(
    swedish: Edition, alma: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception
):
    def fail(*_words: Any, **_until: Any) -> Any:
        raise fault

    monkeypatch.setattr(machine_translation, "translator", fail)
    row = drafted(swedish, alma)

    assert row.state == TranslationDraft.State.FAILED and row.error
    assert translation_drafts.is_empty(swedish)


def test_a_row_is_worked_on_by_one_and_taken_up_when_its_worker_died(swedish: Edition, alma: Any):
    row = translation_drafts.ask(swedish, by=alma, at=NOON)
    TranslationDraft.objects.filter(pk=row.pk).update(lease_until=NOON + timedelta(minutes=1), attempts=1)

    translation_drafts.make(row.pk, clock=clock)
    assert translation_drafts.wake_waiting(at=NOON) == 0
    assert translation_drafts.wake_waiting(at=NOON + timedelta(minutes=2)) == 1
    translation_drafts.make(row.pk, clock=lambda: NOON + timedelta(minutes=2))
    row.refresh_from_db()
    assert row.state == TranslationDraft.State.DONE


def test_no_video_is_begun_while_a_draft_waits(swedish: Edition, alma: Any):
    video = media_jobs.enqueue(swedish.bulletin, MediaJob.Kind.MOVING, by=alma, at=NOON)
    row = translation_drafts.ask(swedish, by=alma, at=NOON)

    assert media_jobs.take(video.pk, at=NOON) is None
    translation_drafts.make(row.pk, clock=clock)
    assert media_jobs.take(video.pk, at=NOON) is not None


def test_the_page_offers_it_says_how_far_it_is_and_has_it_read(swedish: Edition, alma: Any, oskar: Any, signed_in: Any):
    client = signed_in(alma)
    page = reverse("admin:bulletins_bulletin_change", args=[swedish.bulletin_id])
    ask, state, own = (
        reverse(f"admin:bulletins_bulletin_draft{name}", args=[swedish.bulletin_id, swedish.pk])
        for name in ("_ask", "", "_own")
    )
    assert ask in client.get(page).content.decode()
    assert signed_in(oskar).post(ask).status_code == 403

    assert client.post(ask).status_code == 302
    assert "hx-trigger" in client.get(state).content.decode()
    assert "being made" in client.get(page).content.decode()
    translation_drafts.make(TranslationDraft.objects.get().pk, clock=clock)
    assert "The draft is here" in client.get(state).content.decode()
    shown = client.get(page).content.decode()
    assert "nobody has read it yet" in shown and own in shown
    assert (
        "machine translated it"
        in client.get(reverse("admin:bulletins_bulletin_findings", args=[swedish.bulletin_id])).content.decode()
    )

    assert client.post(own).status_code == 302
    assert own not in client.get(page).content.decode()


def test_without_models_there_is_no_button(swedish: Edition, alma: Any, signed_in: Any, settings: Any):
    settings.TRANSLATION_MODELS = ""
    page = reverse("admin:bulletins_bulletin_change", args=[swedish.bulletin_id])
    assert "Draft it by machine translation" not in signed_in(alma).get(page).content.decode()
    assert Bulletin.objects.get().state == Bulletin.State.DRAFT
