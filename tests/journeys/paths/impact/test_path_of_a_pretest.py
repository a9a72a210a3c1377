"""A pretest that changes a bulletin, in a browser: shown by a second person, answered on a phone, read by the writer and by whoever approves."""

import re
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Bulletin
from impact.models import PretestAnswer
from impact.pretests import pretest_mails
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_what_a_reader_finds_unclear_is_changed_before_it_is_approved(
    campaign, alma, oskar, browse_as, browser, live_site
):
    builders.build_influencer(campaign, "ines", language="en")
    draft = builders.build_bulletin(campaign, by=alma)
    english = draft.editions.get(language="en")
    english.body = "The libraries are closed. Return the books to the slot at the usual hour."
    english.save()

    page = browse_as(oskar)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_site}/desk/bulletins/bulletin/{draft.pk}/pretest/")
    page.get_by_label("To whom").select_option("chosen")
    page.get_by_label("Influencers by name").fill("ref-ines")
    assert page_checks.barriers(page) == []
    page.get_by_role("button", name="Show the draft").click()
    expect(page.get_by_role("heading", name="Tried on 1 influencer, chosen by name")).to_be_visible()
    assert page_checks.barriers(page) == []

    pretest_mails.ask_due(at=timezone.now())
    link = re.search(r"/en/pretests/[0-9a-f-]+/", str(mail.outbox[-1].body))
    assert link
    phone: Any = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    try:
        reader = phone.new_page()
        reader.goto(f"{live_site}{link[0]}")
        expect(reader.get_by_text("Not approved yet: it may be wrong, and it may change.")).to_be_visible()
        assert page_checks.width_of(reader, 390) <= 390
        reader.get_by_label("What does it ask of you?").fill("To bring the books to the slot")
        reader.get_by_text("Choose from 2 sentences").click()  # without script; elsewhere the text itself is tapped
        reader.get_by_label("Return the books to the slot at the usual hour.").check()
        reader.get_by_label("Something else, or why").fill("Which hour?")
        reader.get_by_role("group", name="Would you share it?").get_by_label("No", exact=True).check()
        reader.get_by_role("button", name="Send answers").click()
        expect(reader.get_by_text("Thank you, your answers have arrived.")).to_be_visible()
    finally:
        phone.close()
    assert PretestAnswer.objects.get().sentences == [1]

    expect(page.get_by_text("unclear to 1")).to_be_visible()  # it comes by itself
    expect(page.get_by_text("Which hour?")).to_be_visible()

    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_site}/desk/bulletins/bulletin/{draft.pk}/change/")
    page.get_by_role("tab", name="Pretest").click()
    expect(page.get_by_text("Yes 0, no 1, not sure 0.")).to_be_visible()
    assert page_checks.barriers(page) == []
    english.body = "The libraries are closed. Return the books to the slot when the library is open."
    english.save()
    builders.submitted(Bulletin.objects.get(pk=draft.pk), by=alma, at=timezone.now())

    page = browse_as(oskar)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_site}/desk/bulletins/bulletin/{draft.pk}/read/")
    pretest = page.get_by_role("region", name="Pretest")
    expect(pretest).to_contain_text("Tried on 1 influencer, chosen by name. 1 has answered.")
    expect(pretest).to_contain_text("The text has changed since it was tried (English).")
