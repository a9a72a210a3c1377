"""Handing a shift over in a browser: the note is there again after the page was closed, and gone once it was handed over."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Handover
from influencers.models import Thread
from tests.journeys.page_checks import barriers
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_note_survives_until_it_is_handed_over(live_site, campaign, liisa, browse_as):
    now = timezone.now()
    influencer = builders.build_influencer(campaign, liaison=liisa)
    Thread.objects.create(influencer=influencer, waiting_since=now, last_from_them_at=now)
    night = builders.build_user("noora", "liaison")
    page = browse_as(liisa)
    page.set_viewport_size({"width": 390, "height": 844})
    where = live_site + reverse("admin:shift")
    page.goto(where)
    expect(page.get_by_text("Conversation:")).to_be_visible()
    expect(page.get_by_text("has been restored")).to_be_hidden()
    page.get_by_label("To", exact=True).select_option(label="Noora")
    page.get_by_label("Note").fill("Ines rings at four. <b>Answer her.</b>")

    # As long as that page is open, the note is there and nowhere else.
    left, page = page, page.context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(where)
    expect(page.get_by_label("Note")).to_have_value("")
    left.close()
    expect(page.get_by_text("What you wrote before has been restored.")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_have_value(str(night.pk))
    expect(page.get_by_label("Note")).to_have_value("Ines rings at four. <b>Answer her.</b>")
    assert barriers(page, "main form.pane") == []
    page.get_by_role("button", name="Hand over 1 thing").click()
    expect(page.get_by_text("Handed over: Noora has 1 thing")).to_be_visible()
    assert Handover.objects.get().given_to == night

    page.goto(where)
    expect(page.get_by_label("Note")).to_have_value("")
    expect(page.get_by_text("has been restored")).to_be_hidden()
