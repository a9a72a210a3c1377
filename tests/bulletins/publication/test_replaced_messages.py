"""A key message that a later bulletin replaces no longer holds anywhere, until a correction takes that back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from bulletins.checks import registry
from bulletins.editing import key_messages, replaceable_messages
from bulletins.media import message_cards
from bulletins.models import Bulletin, InputFact, KeyMessage, MessageInput, PublishedEdition
from bulletins.publication import corrections
from bulletins.reader_view import coded_statements, published_versions
from bulletins.reader_view.coded_statements import Fate
from influencers.editions import bulletin_entries
from influencers.recall import exposure
from tests.support import builders
from tests.support.builders import in_all
from website.check_text import matcher

OLD = {
    "fi": "Alaluokkien lähiopetus jatkuu kouluissa.",
    "sv": "De yngsta elevernas närundervisning fortsätter i skolorna.",
    "en": "Classes for the youngest pupils go on at school.",
}
NEW = {
    "fi": "Kaikki oppilaat opiskelevat kotona.",
    "sv": "Alla elever studerar hemma.",
    "en": "All pupils study at home.",
}
NEWER = {"fi": "Kaikki palaavat kouluun.", "sv": "Alla återvänder till skolan.", "en": "Everyone returns to school."}


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def bulletin_saying(campaign: Any, words: dict[str, str], replaces: str = "") -> Bulletin:
    """Return a draft whose one key message says this."""
    bulletin = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=words, replaces=replaces)
    return bulletin


def corrected(bulletin: Bulletin, at: Any, **message: Any) -> Any:
    """Publish a correction whose key message has other fields."""
    changed = in_all(en="It was wrong.")
    corrections.start_correction(bulletin, by=builders.editor(), at=at, what_changed=changed)
    bulletin.refresh_from_db()
    KeyMessage.objects.filter(bulletin=bulletin).update(**message)
    return builders.published(bulletin, at=at)


def withdrawn(bulletin: Bulletin, at: Any) -> Any:
    reason = in_all(en="It was not decided.")
    corrections.retract(bulletin, by=builders.editor(), at=at, what_changed=reason, share_text=reason)
    return builders.published(bulletin, at=at)


def shown(bulletin: Bulletin, language: str = "fi") -> tuple[list[str], list[tuple[str, str]]]:
    """Return (what holds, what no longer does with its replacement) of a bulletin as the public page shows it."""
    version = bulletin.versions.order_by("-number")[0]
    reading = published_versions.read(version, language=language, fallback="en", at=timezone.now())
    assert reading is not None
    return [one.text for one in reading.key_messages], [
        (one.text, one.replaced.text if one.replaced else "") for one in reading.expired
    ]


@pytest.fixture
def old(campaign: Any) -> Bulletin:
    """A published bulletin that says something until further notice."""
    bulletin = bulletin_saying(campaign, OLD)
    builders.published(bulletin, at=days_ago(9))
    return bulletin


@pytest.fixture
def new(campaign: Any, old: Bulletin) -> Bulletin:
    """A later one that says something in its place, published."""
    bulletin = bulletin_saying(campaign, NEW, f"{old.number}:opening")
    builders.published(bulletin, at=days_ago(5))
    return bulletin


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_what_a_published_bulletin_replaces_no_longer_holds(old: Bulletin, new: Bulletin, code: str) -> None:
    assert shown(old, code) == ([], [(OLD[code], NEW[code])])
    assert shown(new, code) == ([NEW[code]], [])
    edition = PublishedEdition.objects.get(version__bulletin=old, language=code)
    assert edition.content["key_messages"][0]["valid_until"] is None  # what was published stays as it was
    entry = bulletin_entries.entry(edition.version, edition, at=timezone.now())
    assert entry.has_ended and entry.key_words[0].replaced and entry.key_words[0].replaced.number == new.number
    assert exposure.has_expired(edition, ["message:opening"], at=timezone.now())


def test_the_draft_replaces_nothing_yet(campaign: Any, old: Bulletin) -> None:
    bulletin = bulletin_saying(campaign, NEW, f"{old.number}:opening")
    builders.submitted(bulletin, by=builders.editor())

    assert shown(old) == ([OLD["fi"]], [])


def test_the_pages_say_what_replaced_it(old: Bulletin, new: Bulletin) -> None:
    page = Client().get(f"/en/bulletins/{old.number}/").content.decode()

    assert f"<del>{OLD['en']}</del>" in page and f"<ins>{NEW['en']}</ins>" in page
    assert f"/en/bulletins/{new.number}/" in page


def test_its_code_says_so_too(old: Bulletin, new: Bulletin, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    old.refresh_from_db()
    builders.build_cards(old, at=timezone.now())
    [spec] = [one for one in message_cards.specs_of(old) if one.language == "sv"]
    versions = published_versions.versions_of(old.campaign, old.number, at=timezone.now())
    found = coded_statements.statement_of(versions, spec.statement, at=timezone.now())
    page = Client().get(f"/en/c/{message_cards.code_of(old, spec)}/").content.decode()

    assert found is not None and found.fate == Fate.REPLACED and found.by and found.by.text == NEW["sv"]
    assert "This replaced it" in page and NEW["sv"] in page and f"/en/bulletins/{new.number}/" in page


def test_a_text_that_says_it_is_told_what_to_say_now(campaign: Any, old: Bulletin, new: Bulletin) -> None:
    [match] = matcher.recognise(campaign, OLD["en"], at=timezone.now(), language="en").bulletins

    assert match.kind == "expired" and [line.now for line in match.lines] == [NEW["en"]]


def test_a_correction_that_no_longer_replaces_it_lets_it_hold_again(old: Bulletin, new: Bulletin) -> None:
    corrected(new, days_ago(3), replaces="")

    assert shown(old) == ([OLD["fi"]], [])
    said = list(AuditEntry.objects.about(old).values_list("verb", flat=True))
    assert {"bulletin.message_replaced", "bulletin.message_restored"} <= set(said)


def test_a_correction_of_other_words_keeps_since_when(old: Bulletin, new: Bulletin) -> None:
    since = PublishedEdition.objects.get(version__bulletin=old, language="fi").replaced["opening"]["at"]
    corrected(new, days_ago(3), text=NEWER)

    assert shown(old) == ([], [(OLD["fi"], NEWER["fi"])])
    assert PublishedEdition.objects.get(version__bulletin=old, language="fi").replaced["opening"]["at"] == since


def test_a_withdrawn_bulletin_replaces_nothing(old: Bulletin, new: Bulletin) -> None:
    withdrawn(new, days_ago(3))

    assert shown(old) == ([OLD["fi"]], [])


def test_what_replaced_it_can_be_replaced_and_that_be_taken_back(campaign: Any, old: Bulletin, new: Bulletin) -> None:
    newer = bulletin_saying(campaign, NEWER, f"{new.number}:opening")
    builders.published(newer, at=days_ago(3))
    assert shown(old) == ([], [(OLD["fi"], NEWER["fi"])])
    assert shown(new) == ([], [(NEW["fi"], NEWER["fi"])])

    withdrawn(newer, days_ago(1))
    assert shown(old) == ([], [(OLD["fi"], NEW["fi"])])
    assert shown(new) == ([NEW["fi"]], [])


def test_a_correction_that_says_it_again_is_stopped_and_one_that_says_otherwise_holds(
    old: Bulletin, new: Bulletin
) -> None:
    at = days_ago(3)
    corrections.start_correction(old, by=builders.editor(), at=at, what_changed=in_all(en="Typo."))
    old.refresh_from_db()
    assert "replaced-message" in {one.code for one in registry.stops(old, at=at)}

    KeyMessage.objects.filter(bulletin=old).update(text=NEWER)
    assert "replaced-message" not in {one.code for one in registry.stops(old, at=at)}
    builders.published(old, at=at)
    assert shown(old) == ([NEWER["fi"]], [])


def test_an_editor_chooses_among_what_holds_and_an_approval_covers_it(campaign: Any, old: Bulletin, alma: Any) -> None:
    bulletin = bulletin_saying(campaign, NEW)
    [message] = bulletin.key_messages.all()
    before = bulletin.content_digest()
    place = f"{old.number}:opening"
    assert replaceable_messages.replaceable(bulletin, at=timezone.now()) == [(place, old.number, OLD["fi"])]

    wrong = key_messages.save_message(message, {"replaces": "99:x"}, read={}, by=alma, at=timezone.now())
    message.refresh_from_db()
    assert wrong.faults and message.replaces == ""
    key_messages.save_message(message, {"replaces": place}, read={}, by=alma, at=timezone.now())
    message.refresh_from_db()
    assert message.replaces == place and bulletin.content_digest() != before


def test_an_update_proposes_what_its_bulletin_replaces(campaign: Any, old: Bulletin) -> None:
    first = builders.build_input(campaign)
    second = builders.build_input(campaign)
    MessageInput.objects.filter(pk=second.pk).update(replaces=first)
    was = InputFact.objects.create(input=first, key="f1", text="Rajoitus on voimassa 13. huhtikuuta asti.")
    now = InputFact.objects.create(input=second, key="f1", text="Rajoitus on voimassa 19. huhtikuuta asti.")
    KeyMessage.objects.filter(bulletin=old).update(fact=was)
    bulletin = bulletin_saying(campaign, NEW)
    bulletin.inputs.add(second)
    KeyMessage.objects.filter(bulletin=bulletin).update(fact=now)

    [finding] = [one for one in registry.findings(bulletin, at=timezone.now()) if one.code == "may-replace"]
    assert OLD["fi"] in finding.says and finding.level == "advice"

    KeyMessage.objects.filter(bulletin=bulletin).update(replaces=f"{old.number}:opening")
    assert "may-replace" not in {one.code for one in registry.findings(bulletin, at=timezone.now())}


def test_approvers_read_what_is_replaced_and_editors_what_has_been(
    campaign: Any, old: Bulletin, alma: Any, signed_in: Any
) -> None:
    bulletin = bulletin_saying(campaign, NEW, f"{old.number}:opening")
    desk = signed_in(alma)
    draft = desk.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    assert "Replaces a key message of another bulletin" in draft and OLD["fi"] in draft

    builders.published(bulletin, at=days_ago(2))
    earlier = " ".join(desk.get(reverse("admin:bulletins_bulletin_read", args=[old.pk])).content.decode().split())
    assert f"Bulletin {bulletin.number} has replaced this key message: {NEW['fi']}" in earlier
