"""Comments are written, answered, resolved and found again; they change nothing of a bulletin, and go when it is approved."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import AuditEntry
from accounts.privacy import erasure, retention
from accounts.privacy.data_subjects import Person
from bulletins.approval import approval_workflow
from bulletins.comments import mentions, passages, threads
from bulletins.comments.passages import Passage
from bulletins.editing import drafts
from bulletins.models import Bulletin, Comment, NotAllowed, Parts, PublishedEdition
from bulletins.personal_data import comments as comments_of
from bulletins.publication import publish
from notifications.models import Notice
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db
BODY = "at-edition-fi-body"
MONDAY = Passage("**maanantaina**", before="Kirjastot avataan ", after=".\n\n## Mitä", start=18)


@pytest.fixture
def bulletin(campaign, alma):
    return builders.build_bulletin(campaign, by=alma, variants=True)


def write(
    bulletin: Bulletin, by: Any, text: str = "Is that so?", anchor: str = BODY, passage: Passage = MONDAY
) -> Comment:
    """Write a comment in a field of the editor."""
    place = passages.place_at(anchor, passages.commentable(Parts(bulletin)))
    return threads.comment(bulletin, place, passage, text, by=by, at=NOON)


def read(bulletin: Bulletin) -> list[threads.Thread]:
    """Return the threads as the editor shows them."""
    return threads.threads_of(bulletin, passages.commentable(Parts(bulletin)))


@pytest.mark.parametrize(
    ("anchor", "step"),
    [
        (BODY, "write"),
        ("at-edition-sv-title", "write"),
        ("at-variant-en-instagram-caption", "channels"),
        ("at-message-{message}-fi", "messages"),
        ("at-action-{action}-en", "messages"),
    ],
)
def test_every_text_of_the_first_three_steps_can_be_commented(anchor, step, bulletin, veikko):
    anchor = anchor.format(message=bulletin.key_messages.get().pk, action=bulletin.calls_to_action.get().pk)
    text = passages.place_at(anchor, passages.commentable(Parts(bulletin))).text

    row = write(bulletin, veikko, anchor=anchor, passage=Passage(text[3:9]))

    shown = read(bulletin)[0]
    assert (shown.anchor, shown.at, passages.step_of(row.place)) == (anchor, text.find(text[3:9]), step)


def test_a_comment_changes_nothing_of_the_bulletin_and_makes_nobody_an_editor(bulletin, alma, oskar):
    before = bulletin.content_digest()
    builders.submitted(bulletin, by=alma)
    digest = Bulletin.objects.get().digest

    write(bulletin, oskar, "Look at this.")

    after = Bulletin.objects.get()
    assert (after.state, after.digest, after.content_digest()) == ("in_review", digest, before)
    approval_workflow.approve(after, digest=digest, by=oskar, at=NOON)
    assert Bulletin.objects.get().state == "approved"


def test_the_words_are_found_again_and_said_to_be_gone(bulletin, alma, veikko):
    write(bulletin, veikko)
    edition = bulletin.editions.get(language="fi")
    edition.body = f"💧 Uusi alku.\n\n{edition.body}"
    drafts.save_edition(edition, by=alma, at=NOON)
    assert read(bulletin)[0].at == len("💧 Uusi alku.\n\nKirjastot avataan ") + 1

    edition.body = "Kirjastot ovat kiinni."
    drafts.save_edition(edition, by=alma, at=NOON)
    gone = read(bulletin)[0]
    assert (gone.at, gone.row.quote) == (None, "**maanantaina**")

    write(bulletin, veikko, anchor=f"at-message-{bulletin.key_messages.get().pk}-fi", passage=Passage("Kirjastot"))
    bulletin.key_messages.all().delete()
    assert [one.at for one in read(bulletin)] == [None, None]


def test_who_is_mentioned_is_told_without_the_words(bulletin, alma, veikko, oskar, liisa):
    liisa.is_active = False
    liisa.save()
    row = write(bulletin, veikko, "@Alma and @Veikko and @Liisa: secret")

    assert row.text == f"@{{{alma.pk}}} and @{{{veikko.pk}}} and @Liisa: secret"
    notice = Notice.objects.get(kind="comment_mention")
    assert notice.person == alma
    assert notice.path.endswith(f"/{bulletin.pk}/change/#comment-{row.pk}")
    with translation.override(bulletin.campaign.language_for(alma)):  # she has chosen none
        assert (alma.language, notice.text) == ("", gettext("Written by %(who)s.") % {"who": veikko})
    assert "Veikko" in notice.text and "secret" not in notice.text + notice.headline(bulletin)

    threads.answer(row, "@Oskar? Yes.", by=alma, at=NOON)
    told = set(Notice.objects.filter(pk__gt=notice.pk).values_list("kind", "person"))
    assert told == {("comment_mention", oskar.pk), ("comment_answered", veikko.pk)}


def test_who_wrote_a_comment_words_it_anew_and_only_the_newly_mentioned_are_told(bulletin, alma, veikko, oskar):
    row = write(bulletin, veikko, "@Alma and @Liisa: is that so?")
    answer = threads.answer(row, "Yes.", by=alma, at=NOON)
    before, told = threads.mark_of(bulletin), list(Notice.objects.values_list("pk", flat=True))
    shown = threads.threads_of(bulletin, passages.commentable(Parts(bulletin)), veikko)[0].said
    assert [one.typed for one in shown] == ["@Alma and @Liisa: is that so?", ""]
    alma.is_active = False  # who was named stays named
    alma.save()

    threads.edit(row, "@Alma, @Oskar: is it so?", by=veikko, at=NOON + timedelta(minutes=3))

    row.refresh_from_db()
    assert row.text == f"@{{{alma.pk}}}, @{{{oskar.pk}}}: is it so?" and row.at == NOON
    assert row.edited_at == NOON + timedelta(minutes=3) and threads.mark_of(bulletin) != before
    assert [one.person for one in Notice.objects.exclude(pk__in=told)] == [oskar]
    for one, who in ((answer, veikko), (row, oskar)):
        with pytest.raises(NotAllowed, match="only the person who wrote"):
            threads.edit(one, "Not mine.", by=who, at=NOON)
    with pytest.raises(NotAllowed, match="write something"):
        threads.edit(row, " ", by=veikko, at=NOON)
    threads.edit(answer, "Yes.", by=alma, at=NOON)  # nothing changed
    answer.refresh_from_db()
    assert (answer.text, answer.edited_at) == ("Yes.", None)


@pytest.mark.parametrize(
    ("text", "passage", "says"),
    [
        ("  ", MONDAY, "write something"),
        ("x" * 2_001, MONDAY, "at most 2000 characters"),
        ("Why?", Passage(" \n"), "select the words"),
        ("Why?", Passage("x" * 301), "at most 300"),
    ],
)
def test_what_is_refused_leaves_nothing(text, passage, says, bulletin, veikko):
    with pytest.raises(NotAllowed, match=says):
        write(bulletin, veikko, text, passage=passage)
    with pytest.raises(NotAllowed, match="no text there yet"):
        write(bulletin, veikko, anchor="at-variant-fi-x-caption")

    assert not Comment.objects.exists()
    assert not Notice.objects.exists()


def test_there_is_an_end_to_comments(bulletin, alma, veikko, monkeypatch):
    first = write(bulletin, veikko)
    monkeypatch.setattr(threads, "MOST", 2)
    threads.answer(first, "Yes.", by=alma, at=NOON)
    for step in (lambda: write(bulletin, veikko), lambda: threads.answer(first, "No.", by=alma, at=NOON)):
        with pytest.raises(NotAllowed, match="at most 2 comments"):
            step()

    monkeypatch.setattr(threads, "MOST", 200)
    monkeypatch.setattr(threads, "BY_ONE_PERSON", threads.rate_limit.Limit("comment", 1, 3_600))
    with pytest.raises(NotAllowed, match="many comments in the last hour"):
        write(bulletin, veikko)
    monkeypatch.setattr(mentions, "MOST", 1)
    with pytest.raises(NotAllowed, match="at most 1 people"):
        write(bulletin, alma, "@Alma @Veikko")
    assert Comment.objects.count() == 2


def test_a_thread_is_resolved_once_and_opened_again(bulletin, alma, veikko, oskar):
    row = write(bulletin, veikko)
    assert [threads.may_resolve(row, one) for one in (alma, veikko, oskar)] == [True, True, False]
    before = threads.mark_of(bulletin)

    threads.resolve(row, by=alma, at=NOON)
    with pytest.raises(NotAllowed, match="already"):
        threads.resolve(row, by=veikko, at=NOON)

    row.refresh_from_db()
    assert (row.resolved_by, list(threads.open_threads(bulletin))) == (alma, [])
    assert threads.mark_of(bulletin) != before
    threads.reopen(row)
    assert [one.row for one in threads.open_threads(bulletin)] == [row]
    with pytest.raises(NotAllowed, match="no longer there"):
        threads.answer(threads.answer(row, "Yes.", by=alma, at=NOON), "To an answer.", by=alma, at=NOON)


def test_approval_deletes_them_all_and_writes_down_how_many(bulletin, campaign, alma, veikko, oskar):
    other = builders.build_bulletin(campaign, by=alma)
    kept = write(other, veikko)
    done, still_open = write(bulletin, veikko, "First."), write(bulletin, veikko, "Second.")
    threads.answer(still_open, "An answer.", by=alma, at=NOON)
    threads.resolve(done, by=alma, at=NOON)
    builders.submitted(bulletin, by=alma)

    approval_workflow.approve(bulletin, digest=Bulletin.objects.get(pk=bulletin.pk).digest, by=oskar, at=NOON)

    assert list(Comment.objects.all()) == [kept]
    entry = AuditEntry.objects.get(verb="bulletin.comments_deleted")
    assert (entry.actor, entry.detail["threads"], entry.detail["open"]) == (oskar, 2, 1)
    bulletin.refresh_from_db()
    with pytest.raises(NotAllowed, match="comments end"):
        write(bulletin, veikko)
    publish.publish(bulletin, at=NOON, by=oskar)
    assert "Second." not in str(list(PublishedEdition.objects.values()))


def test_the_pane_costs_the_same_however_much_is_said(bulletin, alma, veikko):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            one = Bulletin.objects.get(pk=bulletin.pk)
            threads.threads_of(one, passages.commentable(Parts(one)), alma)
        return len(asked)

    threads.answer(write(bulletin, veikko, "@Alma?"), "@Veikko!", by=alma, at=NOON)
    few = cost()
    for _round in range(5):
        threads.answer(write(bulletin, alma, "@Veikko?"), "@Alma!", by=veikko, at=NOON)

    assert cost() == few <= 12


def test_who_is_erased_leaves_no_words_and_no_name(bulletin, alma, veikko):
    alone = write(bulletin, veikko, "Only mine.")
    answered = write(bulletin, veikko, "Mine, answered.")
    threads.answer(answered, "@Veikko, yes.", by=alma, at=NOON)
    answer = threads.answer(write(bulletin, alma), "Veikko’s answer.", by=veikko, at=NOON)
    assert [one["text"] for one in comments_of(Person.of(veikko.email))][:2] == ["Only mine.", "Mine, answered."]

    erasure.erase(Person.of(veikko.email), reason="asked", by=None, at=NOON)

    assert not Comment.objects.filter(pk__in=[alone.pk, answer.pk]).exists()
    said = [piece for one in read(bulletin) for each in one.said for piece in each.pieces]
    assert not any("Veikko" in words or "ine" in words for words, _is_name in said)
    assert any(words.endswith(", yes.") for words, _is_name in said)


def test_comments_of_a_draft_that_nobody_approves_end_after_half_a_year(bulletin, veikko):
    write(bulletin, veikko)
    rule = retention.rule("comments")

    assert rule.forget(NOON + timedelta(days=179)) == 0
    assert rule.forget(NOON + timedelta(days=181)) == 1
    assert not Comment.objects.exists()
