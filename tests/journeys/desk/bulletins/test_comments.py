"""Comments at a passage in a browser: from selected words to a resolved thread, by keyboard, by two people."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bulletins.comments import passages, threads
from bulletins.comments.passages import Passage
from bulletins.models import Comment, Parts
from notifications.models import Notice
from tests.journeys.page_checks import barriers, until
from tests.support import builders
from tests.support.builders import NOON

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
SELECT = (
    "([id, from, to]) => { const one = document.getElementById(id); one.focus(); one.setSelectionRange(from, to); }"
)


def test_selected_words_get_a_comment_that_finds_them_again(live_site, campaign, alma, veikko, browse_as):
    bulletin = builders.build_bulletin(campaign, by=alma, variants=True)
    finnish = bulletin.editions.get(language="fi")
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_site + reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
    body = page.locator(f"#f-{finnish.pk}-body")
    form, pane = page.locator("#comment-new"), page.locator("#comments-write")
    pane.get_by_text("No open comments").wait_for(state="attached")

    # Nothing selected: it says so. Then by keyboard alone, with a colleague chosen from the list.
    body.press("Control+Home")
    body.press("Control+Alt+m")
    expect(pane.get_by_role("status")).to_have_text("Select words in a text first.")
    page.evaluate(SELECT, [f"f-{finnish.pk}-body", 17, 35])  # with the space before it
    body.press("Control+Alt+m")
    expect(form.locator("blockquote")).to_have_text("“**maanantaina**.”")
    field = form.get_by_label("Comment", exact=True)
    expect(field).to_be_focused()
    field.press_sequentially("Onko se varmaa? @ve")
    expect(page.locator("#comment-people [role=option]:visible")).to_have_text("Veikko")
    assert barriers(page, "#comment-new") == [] and barriers(page, "#comment-people") == []
    field.press("Enter")
    expect(field).to_have_value("Onko se varmaa? @Veikko ")
    field.press_sequentially("<b>Kiitos</b>")
    form.get_by_role("button", name="Comment", exact=True).press("Enter")
    expect(form).to_be_hidden()
    expect(page.locator(".cm-content[lang=fi]")).to_be_focused()
    expect(pane.locator(".talk")).to_contain_text("Onko se varmaa? @Veikko <b>Kiitos</b>")
    expect(page.locator("#comments-count")).to_have_text("1 comment")
    marked = page.locator(".cm-content[lang=fi] .md-comment")
    expect(marked).to_have_text("**maanantaina**.")
    row = Comment.objects.get()
    assert Notice.objects.get(kind="comment_mention").person == veikko

    # The text moves on; the passage is selected where it is now, and what is written beside it stays.
    pane.locator("summary", has_text="Reply").click()
    reply = pane.get_by_label("Reply", exact=True)
    reply.fill("Puolet vastauksesta")
    with page.expect_response("**/words/*/"):
        body.press("Control+Home")
        page.keyboard.insert_text("Uusi alku. ")
        page.keyboard.press("Control+s")
    with page.expect_response("**/comments/?step=write"):
        pass
    expect(reply).to_have_value("Puolet vastauksesta")
    expect(reply).to_be_visible()
    pane.get_by_role("button", name="“**maanantaina**.”").click()
    until(page, "getSelection().toString() === '**maanantaina**.'")

    # Sent once; then a colleague's answer comes without a reload, and it is resolved.
    reply.fill("Varmaa on.")
    pane.get_by_role("button", name="Send reply").click()
    expect(pane.locator(".talk__said")).to_have_count(2)
    expect(reply).to_have_value("")
    threads.answer(row, "Hyvä.", by=veikko, at=NOON)
    page.evaluate("document.body.dispatchEvent(new Event('saved'))")  # as every ten seconds, the page asks what is new
    expect(pane.locator(".talk__said")).to_have_count(3)
    assert barriers(page, "#beside-comments") == []
    own = pane.locator(f"#comment-{row.pk} .talk__said").first
    own.get_by_text("Edit", exact=False).first.click()
    own.get_by_label("Comment", exact=True).fill("Tarkistettu, @Veikko.")
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".as-written")).to_have_text("Tarkistettu, @Veikko.")
    expect(own.get_by_text("edited")).to_be_visible()
    expect(own.get_by_role("button", name="Save")).to_be_hidden()
    expect(marked).to_have_text("**maanantaina**.")
    pane.get_by_role("button", name="Resolve").click()
    expect(pane.get_by_text("1 resolved")).to_be_visible()
    expect(marked).to_have_count(0)
    expect(page.locator("#comments-count")).to_have_text("")

    # On a phone: a comment on a caption stands below it, and its mail leads there.
    text = passages.place_at("at-variant-sv-instagram-caption", passages.commentable(Parts(bulletin)))
    caption = threads.comment(bulletin, text, Passage("Håll avstånd."), "@Alma?", by=veikko, at=NOON)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_site + Notice.objects.latest("pk").path)
    expect(page.locator(f"#comment-{caption.pk}")).to_be_in_viewport()
    page.get_by_role("button", name="“Håll avstånd.”").click()
    expect(page.locator("#variant-sv-instagram-caption")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
