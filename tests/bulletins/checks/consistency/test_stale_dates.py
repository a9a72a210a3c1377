"""A correction that leaves the old date somewhere is no correction."""

import unicodedata

import pytest
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat

from bulletins.approval import approval_workflow
from bulletins.checks import registry
from bulletins.editing import drafts
from bulletins.editing.admin import correction_diff
from bulletins.models import Asset, Bulletin, KeyMessage, NotAllowed, PublishedEdition, Variant
from bulletins.publication import corrections
from tests.support.builders import NOON, build_bulletin, published
from tests.support.frozen_rows import thawed

OLD = {"fi": "Avataan 13. huhtikuuta.", "sv": "Öppnar den 13 april.", "en": "Open from 13 April."}
NEW = {"fi": "Avataan 19. huhtikuuta.", "sv": "Öppnar den 19 april.", "en": "Open from 19 April."}


@pytest.fixture
def corrected(campaign, alma):
    """A correction whose texts say the new date, while a key message and the captions still say the old one."""
    bulletin = build_bulletin(campaign, by=alma)
    say(bulletin, OLD, alma)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=OLD)
    for edition in bulletin.editions.all():
        Variant.objects.create(edition=edition, platform="instagram", caption=OLD[edition.language], alt_text="A")
    published(bulletin, by=alma)
    corrections.start_correction(
        bulletin, by=alma, at=NOON, what_changed={"fi": "13.4.", "sv": "13.4", "en": "13 April"}
    )
    say(bulletin, NEW, alma)
    return bulletin


def say(bulletin: Bulletin, texts: dict[str, str], by) -> None:
    """Write the same body in every language, the original first."""
    for edition in bulletin.editions.order_by("pk"):
        edition.body = texts[edition.language]
        drafts.save_edition(edition, by=by, at=NOON)


def old_dates(bulletin: Bulletin) -> set[str]:
    """Return where a date of the version before is left."""
    return {finding.place for finding in registry.findings(bulletin, at=NOON) if finding.code == "old-date"}


def test_the_old_date_is_found_once_for_every_text_that_still_has_it(corrected):
    (found,) = [one for one in registry.findings(corrected, at=NOON) if one.code == "old-date"]

    message = corrected.key_messages.get()
    assert set(found.found.split("|")[1:]) == {
        *(f"message:{message.pk}:{code}" for code in OLD),
        *(f"variant:{code}:instagram:caption" for code in OLD),
    }
    assert "Swedish, Instagram" in found.says and "English, key message" in found.says


def test_nothing_is_found_once_all_say_the_same(corrected):
    corrected.key_messages.update(text=NEW)
    for code, text in NEW.items():
        Variant.objects.filter(edition__bulletin=corrected, edition__language=code).update(caption=text)
    assert old_dates(corrected) == set()


# --- A correction that corrects nothing ---------------------------------------------------------------------------


@pytest.fixture
def unchanged(campaign, alma):
    """A correction that was begun and in which nobody has written anything."""
    bulletin = published(build_bulletin(campaign, by=alma, variants=True), by=alma).bulletin
    corrections.start_correction(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(OLD, "A word."))
    return bulletin


def stops(bulletin: Bulletin) -> list[str]:
    """Return the codes of what stops a bulletin, as a page that is loaded anew shows it."""
    return [finding.code for finding in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON)]


def test_a_correction_without_any_change_goes_nowhere(unchanged, alma):
    with pytest.raises(NotAllowed, match="is identical to the previous version"):
        approval_workflow.submit(unchanged, by=alma, at=NOON)
    unchanged.refresh_from_db()
    assert (unchanged.state, unchanged.digest) == (Bulletin.State.DRAFT, "")
    assert unchanged.versions.count() == 1


def test_nor_does_a_second_one_though_the_first_went_out_marked_as_a_correction(unchanged, alma):
    published(unchanged, by=alma)  # with other words in each language
    corrections.start_correction(unchanged, by=alma, at=NOON, what_changed=dict.fromkeys(OLD, "A word."))
    assert unchanged.version == 3
    with pytest.raises(NotAllowed, match="is identical to the previous version"):
        approval_workflow.submit(unchanged, by=alma, at=NOON)


def test_spaces_that_no_reader_sees_are_no_change(unchanged, alma):
    for edition in unchanged.editions.all():
        edition.title, edition.body = f"{edition.title} ", f"\n{edition.body}\n\n"
        edition.save()
    assert "nothing-new" in stops(unchanged)


def test_what_nobody_sees_is_no_change_and_the_approver_reads_so(unchanged, alma):
    for edition in unchanged.editions.all():
        edition.title = f"\ufeff{unicodedata.normalize('NFD', edition.title)}\u200b"
        edition.subject, edition.preheader = f"{edition.subject}\u200b", f"{edition.preheader} \u200c \u200d "
        edition.body = edition.body.replace("a", "a\u00ad", 1) + "\u200b"
        edition.save()
        edition.variants.update(caption=Concat("caption", Value("\u2060 ")))
    for message in unchanged.key_messages.all():
        message.text = {code: f"{text}\u200b" for code, text in message.text.items()}
        message.save()
    assert "nothing-new" in stops(unchanged)
    assert [one.differences for one in correction_diff.changes_of(Bulletin.objects.get(pk=unchanged.pk), at=NOON)] == [
        [],
        [],
        [],
    ]


def test_a_text_that_is_shown_otherwise_than_it_was_sent_can_be_corrected(unchanged):
    """What a renderer made of the same words before: "31. joulukuuta" was a list that began with 1."""
    version = unchanged.versions.get()
    wrong = version.editions.get(language="fi")
    with thawed():
        models.QuerySet(PublishedEdition).filter(pk=wrong.pk).update(
            html="<ol><li>joulukuuta päättyy</li></ol>", body="31. joulukuuta päättyy"
        )
    unchanged.editions.filter(language="fi").update(body="31. joulukuuta päättyy")
    assert "nothing-new" not in stops(unchanged)
    (finnish,) = [one for one in correction_diff.changes_of(unchanged, at=NOON) if one.language == "fi"]
    assert [one.part for one in finnish.differences] == ["Text"] and "31" in finnish.differences[0].marked


def test_a_word_that_was_written_and_taken_back_is_no_change(unchanged, alma):
    edition = unchanged.editions.get(language="fi")
    before, edition.title = edition.title, "Kirjastot pysyvät kiinni"
    drafts.save_edition(edition, by=alma, at=NOON)
    assert "nothing-new" not in stops(unchanged)
    edition.title = before
    drafts.save_edition(edition, by=alma, at=NOON)
    assert "nothing-new" in stops(unchanged)


@pytest.mark.parametrize(
    "change",
    [
        lambda bulletin: bulletin.editions.filter(language="en").update(subject="Libraries open on Tuesday"),
        lambda bulletin: bulletin.editions.filter(language="sv").update(hashtags=["#bibliotek"]),
        lambda bulletin: bulletin.key_messages.update(source_name={"en": "Another ministry"}),
        lambda bulletin: bulletin.calls_to_action.all().delete(),
        lambda bulletin: Variant.objects.filter(edition__bulletin=bulletin, edition__language="fi").update(
            caption="Ei."
        ),
        lambda bulletin: bulletin.editions.filter(language="sv").delete(),
    ],
)
def test_whatever_readers_get_of_it_is_a_change(unchanged, change):
    assert "nothing-new" in stops(unchanged)
    change(unchanged)
    assert "nothing-new" not in stops(unchanged)


def test_pictures_that_were_cut_after_it_was_published_are_no_change(campaign, alma):
    """The formats of a picture are made in the background, and may come when the bulletin has long been read."""
    bulletin = build_bulletin(campaign, by=alma)
    words = dict.fromkeys(OLD, "Talo")
    picture = Asset.objects.create(
        bulletin=bulletin, kind="image", title=words, alt_text=words, file="a.jpg", rights="CC0"
    )
    published(bulletin, by=alma)
    corrections.start_correction(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(OLD, "A word."))
    picture.renditions.create(ratio="1x1", file="b.jpg", width=1080, height=1080, size=9, made_at=NOON)

    assert "nothing-new" in stops(bulletin)
    Asset.objects.update(alt_text=dict.fromkeys(OLD, "Tori"))
    assert "nothing-new" not in stops(bulletin)


def test_a_withdrawal_needs_no_other_words(campaign, alma):
    bulletin = published(build_bulletin(campaign, by=alma), by=alma).bulletin
    corrections.retract(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(OLD, "It was wrong."))
    assert stops(bulletin) == []
