"""A bulletin is corrected: who posted it hears, corrects the post on a phone, and the desk sees it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from influencers.models import Recall
from influencers.recall import recall_plan
from notifications import sending
from tests.influencers.kits.kits_scene import build_limits
from tests.influencers.recall.recall_scene import correct, does, person, posts, publish
from tests.journeys.page_checks import wrong_with

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_from_the_correction_to_the_answer(campaign, roles, liisa, live_site, browse_as, smtp_sink):
    build_limits()
    elli = person(campaign, "elli", x=900, instagram=50)
    version = publish(campaign)
    posts(elli, version, "x", url="https://x.example/elli/1")
    reader = person(campaign, "reader")
    does(reader, version)
    now = timezone.now()
    correct(version, at=now - timedelta(minutes=5))
    recall_plan.plan_due(at=now)
    recall = Recall.objects.get()
    sending.deliver_notices(at=now)
    mail = next(one.message for one in smtp_sink.caught if one.recipient == elli.user.email)
    assert "Text for X:" in mail.get_content()

    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_site}/en/portal/")
    page.get_by_role("link", name="Bulletin 1 has been corrected. You posted it.").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bulletin 1 has been corrected")
    assert wrong_with(page, "en") == []
    page.get_by_role("button", name="Copy the text").click()
    expect(page.locator("[data-live]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("I said Monday. Tuesday is right.")
    page.get_by_role("button", name="I have corrected it").click()
    expect(page.get_by_text("Thank you. You have corrected it.")).to_be_visible()
    assert wrong_with(page, "en") == []
    page.goto(f"{live_site}/en/portal/")
    expect(page.get_by_role("link", name="Bulletin 1 has been corrected", exact=True)).to_have_count(0)
    seen = recall.notices.get(influencer=elli)
    assert seen.seen_at and seen.seen_at <= seen.acknowledged_at

    # Who only read it has one text, for anywhere: it keeps its lines.
    other = browse_as(reader.user)
    other.context.grant_permissions(["clipboard-read", "clipboard-write"])
    other.goto(f"{live_site}/en/portal/recalls/{recall.pk}/")
    other.locator("#words").get_by_role("button", name="Copy").click()
    expect(other.locator("[data-live]")).to_have_text("Copied")
    lines = other.evaluate("navigator.clipboard.readText()").split("\n")
    assert lines[0] == "I said Monday. Tuesday is right." and lines[1] == ""
    assert lines[2].endswith("/en/bulletins/1/") and lines[3] == "#harjoitus"

    desk = browse_as(liisa)
    desk.goto(f"{live_site}/desk/influencers/recall/{recall.pk}/change/")
    expect(desk.get_by_role("heading", name="1 of 2 have answered, 50%")).to_be_visible()
    desk.get_by_role("button", name="Remind Reader").click()
    expect(desk.get_by_text("1 person reminded.")).to_be_visible()
