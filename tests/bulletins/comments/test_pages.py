"""Comments at the desk: who sees them, what they are shown as, and that nobody else ever does."""

import pytest
from django.urls import reverse

from bulletins.approval import approval_workflow
from bulletins.comments import threads
from bulletins.models import Bulletin, Comment
from tests.bulletins.comments.test_threads import BODY, MONDAY, write
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db
HOSTILE = '<img src=x onerror=alert(1)> </script><b hx-get="/">{{ 7 }} @{1} javascript:alert(1)'


@pytest.fixture
def bulletin(campaign, alma):
    return builders.build_bulletin(campaign, by=alma)


def at(name, bulletin, *more):
    return reverse(f"admin:bulletins_bulletin_{name}", args=[bulletin.pk, *more])


def given(**fields):
    """Return what the form of a new comment sends."""
    passage = {"quote": MONDAY.quote, "before": MONDAY.before, "after": MONDAY.after, "start": "18"}
    return {"anchor": BODY, **passage, "text": "Is that so?"} | fields


def test_a_comment_is_written_answered_and_resolved_at_the_desk(bulletin, alma, oskar, signed_in):
    desk = signed_in(oskar)
    answer = desk.post(at("comment", bulletin), given(text="@Alma is that so?"))
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "commented")
    row = Comment.objects.get()

    # An approver answers, but what others began they do not resolve.
    mine = write(bulletin, alma)
    assert desk.post(at("comment_answer", bulletin, mine.pk), {"text": "Yes."}).status_code == 200
    assert desk.post(at("comment_resolve", bulletin, mine.pk)).status_code == 403
    shown = desk.get(at("comments", bulletin), {"step": "write"}).content.decode()
    assert f"comment-{row.pk}-resolve" in shown and f"comment-{mine.pk}-resolve" not in shown
    assert "<b>@Alma</b> is that so?" in shown
    assert MONDAY.quote not in desk.get(at("comments", bulletin), {"step": "channels"}).content.decode()

    # Each words what is theirs anew, and the pane says so.
    assert desk.post(at("comment_edit", bulletin, mine.pk), {"text": "No!"}).status_code == 422
    assert desk.post(at("comment_edit", bulletin, row.pk), {"text": "@Alma, is it?"})["HX-Trigger"] == "commented"
    shown = desk.get(at("comments", bulletin), {"step": "write"}).content.decode()
    assert "<b>@Alma</b>, is it?" in shown and "@Alma, is it?</textarea>" in shown and ">edited</span>" in shown
    assert f"comment-{mine.pk}-edit" not in shown

    editor = signed_in(alma)
    assert editor.post(at("comment_resolve", bulletin, row.pk), {"to": "resolved"}).status_code == 200
    assert editor.post(at("comment_resolve", bulletin, row.pk), {"to": "resolved"}).status_code == 422
    assert "1 resolved" in editor.get(at("comments", bulletin), {"step": "write"}).content.decode()
    assert editor.post(at("comment_resolve", bulletin, row.pk), {"to": "open"}).status_code == 200
    other = builders.build_bulletin(bulletin.campaign, by=alma)
    assert editor.post(at("comment_resolve", other, row.pk)).status_code == 404


def test_markup_is_shown_as_it_was_typed(bulletin, alma, signed_in):
    desk = signed_in(alma)
    hostile = given(text=HOSTILE, quote=f'"{HOSTILE}', before="<b>" * 30, after="'\"", start="-1")
    assert desk.post(at("comment", bulletin), hostile).status_code == 200
    threads.answer(Comment.objects.get(), HOSTILE, by=alma, at=NOON)

    pages = [
        desk.get(at("comments", bulletin), {"step": "write"}),
        desk.get(at("change", bulletin)),
        desk.get(at("approval", bulletin)),
    ]
    for page in pages:
        text = page.content.decode()
        assert "<img src=x" not in text and '<b hx-get="/">' not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages[0].content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"anchor": "at-edition-de-body"},
        {"anchor": ""},
        {"text": "\x00"},
        {"text": "x" * 5_000},
        {"quote": ""},
    ],
)
def test_a_refusal_says_why_and_stores_nothing(fields, bulletin, alma, signed_in):
    answer = signed_in(alma).post(at("comment", bulletin), given(**fields))

    assert (answer.status_code, Comment.objects.count()) == (422, 0)
    assert "Not saved:" in answer.content.decode()


def test_open_ones_are_shown_to_who_submits_and_to_who_approves(bulletin, alma, oskar, signed_in):
    threads.resolve(write(bulletin, oskar, "Resolved already."), by=alma, at=NOON)
    write(bulletin, oskar, "Still open.")
    pane = signed_in(alma).get(at("approval", bulletin)).content.decode()
    assert "1 comment is still open." in pane and "Still open." in pane and "Resolved already." not in pane

    builders.submitted(bulletin, by=alma)
    page = signed_in(oskar).get(at("read", bulletin)).content.decode()
    assert page.count("1 comment is still open.") == 1 and "Still open." in page
    for kind in ("mail", "portal", "text"):
        preview = signed_in(oskar).get(at("preview", bulletin), {"language": "fi", "as": kind})
        assert preview.status_code == 200 and "Still open." not in preview.content.decode()

    approval_workflow.approve(bulletin, digest=Bulletin.objects.get().digest, by=oskar, at=NOON)
    assert "Still open." not in signed_in(oskar).get(at("read", bulletin)).content.decode()
    editor = signed_in(alma).get(at("change", bulletin), {"edit": "1"}).content.decode()
    assert 'id="comment-new"' not in editor
