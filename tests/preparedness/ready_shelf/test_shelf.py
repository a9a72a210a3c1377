"""The ready shelf: put on it, approved there, reminded of, and used with its blanks filled once for all languages and channels."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from bulletins.approval import approval_workflow as workflow
from bulletins.checks import registry
from bulletins.editing import drafts, variants
from bulletins.models import Bulletin, CallToAction, Edition
from campaigns.models import Campaign, GlossaryTerm
from notifications.models import Notice
from preparedness.crisis_templates import template_files
from preparedness.models import ReadyBulletin
from preparedness.ready_shelf import bulletin_contents, contents, moved_ground, reminders, shelf
from tests.support import builders

pytestmark = pytest.mark.both

AT = builders.NOON  # a weekday
TEXTS = {
    "fi": ("Vettä ei saa juoda", "Keitä vesi ennen 24. huhtikuuta klo 18.00. Lisätietoja numerosta 0800 555 010."),
    "sv": ("Drick inte vattnet", "Koka vattnet före den 24 april kl. 18.00. Mer information på numret 0800 555 010."),
    "en": ("Do not drink the water", "Boil the water before 24 April at 18:00. More information: 0800 555 010."),
}


def prepared(campaign: Campaign, by: User) -> list[ReadyBulletin]:
    return shelf.put_prepared(campaign, template_files.read("water"), None, by=by, at=AT)


def written(campaign: Campaign, by: User) -> Bulletin:
    """Write a bulletin in three languages, with a channel and a call to action."""
    bulletin = drafts.start(campaign, by=by, at=AT)
    for edition in bulletin.editions.all():
        edition.bulletin = bulletin
        edition.title, edition.body = TEXTS[edition.language]
        edition.subject = edition.title
        drafts.save_edition(edition, by=by, at=AT)
        variants.start_variant(edition, "x", by=by, at=AT)
        variants.save_variant(edition, "x", {"caption": TEXTS[edition.language][1]}, read={}, by=by, at=AT)
    CallToAction.objects.create(
        bulletin=bulletin, key="cta-1", position=1, text={code: words for code, (_title, words) in TEXTS.items()}
    )
    return bulletin


def test_a_templates_texts_are_put_once_approved_by_another_and_a_rewrite_takes_that_back(
    campaign: Campaign, alma: Any, oskar: Any, veikko: Any
) -> None:
    rows = prepared(campaign, alma)
    assert len(rows) == 3 and prepared(campaign, alma) == []
    one = rows[0]
    assert contents.plain(contents.statement_of(one)) == one.content
    with pytest.raises(shelf.NotOnShelf, match="only an approver"):
        shelf.approve(one, seen=1, by=veikko, at=AT)
    shelf.approve(one, seen=1, by=oskar, at=AT)

    texts = {("title", "en"): "Do not drink the water in {place} or {suburb}", ("body", "de"): "nowhere"}
    about = {"crisis": "water", "urgency": one.urgency, "owner": alma, "review_on": one.review_on}
    new = contents.written(one.content, texts)
    saved = shelf.save(one, new, seen=1, by=oskar, at=AT, **about)
    assert saved.approved_by is None and saved.content["blanks"][-1]["key"] != saved.content["blanks"][0]["key"]
    assert {"key": "suburb", "kind": "text", "label": {}, "example": {}} in saved.content["blanks"]
    assert "de" not in saved.content["body"]
    with pytest.raises(shelf.ChangedMeanwhile):
        shelf.save(one, one.content, seen=1, by=veikko, at=AT, **about)
    with pytest.raises(shelf.NotOnShelf, match="you wrote some of these words"):
        shelf.approve(one, seen=2, by=oskar, at=AT)
    shelf.take_off(one, by=alma, at=AT)
    with pytest.raises(shelf.NotOnShelf, match="taken this off"):
        shelf.use(one, {}, seen=2, by=alma, at=AT)
    assert not Bulletin.objects.exists()


def test_a_bulletins_values_become_blanks_that_are_filled_once_for_every_language_and_channel(
    campaign: Campaign, alma: Any, oskar: Any, veikko: Any
) -> None:
    bulletin = written(campaign, veikko)
    found = {one.kind: one for one in bulletin_contents.proposals(bulletin, at=AT)}
    assert set(found) == {"date", "time", "contact"} and found["time"].places == 9
    content = bulletin_contents.content_of(bulletin, {one.key for one in found.values()}, at=AT)
    ready = shelf.put(
        bulletin,
        content,
        crisis="water",
        owner=alma,
        review_on=AT.date() + timedelta(30),
        editors=bulletin_contents.writers_of(bulletin),
        by=alma,
        at=AT,
    )
    assert (
        ready.content["body"]["sv"] == "Koka vattnet före den {date} kl. {time}. Mer information på numret {contact}."
    )
    assert set(ready.editors.all()) == {alma, veikko}
    shelf.approve(ready, seen=1, by=oskar, at=AT)

    words = {
        "date": {"fi": "3. toukokuuta", "sv": "3 maj", "en": "3 May"},
        "time": {"fi": "9.30", "sv": "9.30", "en": "9:30"},
        "contact": dict.fromkeys(TEXTS, "0800 555 020"),
    }
    draft = shelf.use(ready, words, seen=1, by=alma, at=AT)
    everything = [
        text
        for edition in Edition.objects.filter(bulletin=draft).prefetch_related("variants")
        for text in (edition.body, *(one.caption for one in edition.variants.all()))
    ] + list(draft.calls_to_action.get().text.values())
    assert len(everything) == 9 and all("0800 555 020" in text and "{" not in text for text in everything)
    assert "Koka vattnet före den 3 maj kl. 9.30. Mer information på numret 0800 555 020." in everything
    # That the words were approved on the shelf is nothing to the draft, and whoever wrote them there approves it no more.
    assert draft.state == Bulletin.State.DRAFT and draft.approved_by is None
    assert set(draft.reviews.filter(decision="edited").values_list("by", flat=True)) == {alma.pk, veikko.pk}
    left = shelf.use(ready, {}, seen=1, by=alma, at=AT)
    assert {one.code for one in registry.findings(left, at=AT)} >= {"unfilled-blank"}
    with pytest.raises(Exception, match="A blank is left"):
        workflow.submit(left, by=alma, at=AT)


def test_what_has_changed_since_somebody_looked_is_told_until_somebody_looks_again(
    campaign: Campaign, alma: Any, oskar: Any
) -> None:
    term = GlossaryTerm.objects.create(campaign=campaign, term={"fi": "vesi", "sv": "vatten", "en": "water"})
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "karanteeni", "sv": "karantän", "en": "quarantine"})
    campaign.authority = builders.build_authority("thl", contact="thl@example.org")
    campaign.save()
    one = prepared(campaign, alma)[0]
    assert moved_ground.moved(one, moved_ground.of_campaign(campaign)) == []
    shelf.approve(one, seen=1, by=oskar, at=AT)
    one.refresh_from_db()
    assert list(one.known["terms"]) == [str(term.pk)] and "thl@" not in str(one.known)
    assert moved_ground.moved(one, moved_ground.of_campaign(campaign)) == []

    term.term = {"fi": "talousvesi", "sv": "vatten", "en": "water"}
    term.save()
    campaign.authority.contact = "other@example.org"
    campaign.authority.save()
    says = moved_ground.moved(one, moved_ground.of_campaign(campaign))
    assert says[0] == "Finnish: the glossary says “talousvesi” now, it said “vesi”."
    assert says[1].endswith("has changed: contact address.") and len(says) == 2
    GlossaryTerm.objects.all().delete()
    assert "no longer has" in moved_ground.moved(one, moved_ground.of_campaign(campaign))[0]

    with pytest.raises(shelf.NotOnShelf, match="is to come"):
        shelf.look_again(one, AT.date(), seen=1, by=alma, at=AT)
    shelf.look_again(one, AT.date() + timedelta(90), seen=1, by=alma, at=AT)
    one.refresh_from_db()
    assert moved_ground.moved(one, moved_ground.of_campaign(campaign)) == [] and one.is_approved


def test_an_owner_is_reminded_once_at_working_hours_of_all_that_is_due(
    campaign: Campaign, alma: Any, veikko: Any, oskar: Any
) -> None:
    rows = prepared(campaign, alma)
    due = rows[0].review_on
    ReadyBulletin.objects.filter(pk=rows[2].pk).update(owner=None)
    day = AT + timedelta((due - AT.date()).days)
    day += timedelta((7 - day.weekday()) % 7)  # a Monday
    assert reminders.remind(at=day - timedelta(days=9)) == 0  # a Saturday
    assert reminders.remind(at=day.replace(hour=3)) == 0
    assert reminders.remind(at=day) == 3 and reminders.remind(at=day + timedelta(minutes=5)) == 0
    told = {one.person: one.text.partition("\n")[0] for one in Notice.objects.filter(kind="shelf_review")}
    assert told[alma] == "2 tiedotepohjaa on katsottava uudelleen"
    assert told[veikko] == "1 tiedotepohja on katsottava uudelleen" and oskar not in told
    # A later day is another reminder.
    shelf.look_again(rows[0], (day + timedelta(7)).date(), seen=1, by=alma, at=day)
    assert reminders.remind(at=day + timedelta(days=7)) == 1
