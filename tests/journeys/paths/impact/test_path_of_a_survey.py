"""A survey from composing to the result, in a browser: by two people at the desk, an influencer in the portal, and a phone without script."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from impact.models import Survey
from impact.surveys import answers, survey_mails
from tests.impact.surveys import scene
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_survey_goes_from_the_draw_to_its_result(campaign, alma, oskar, browse_as, browser, live_site):
    people = [builders.build_influencer(campaign, f"ines{number}", language="en") for number in range(24)]
    desk = f"{live_site}/desk/impact/survey"
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{desk}/add/")
    page.get_by_label("Name").fill("Week 19")
    page.locator("select[name=q1]").select_option("informed")
    page.locator("select[name=q2]").select_option("necessary")
    page.locator("select[name=q3]").select_option("unclear")
    page.get_by_label("How many people to draw").fill("20")
    assert page_checks.barriers(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You worked on this text")).to_be_visible()
    assert page_checks.barriers(page) == []

    page = browse_as(oskar)
    survey = Survey.objects.get()
    page.goto(f"{desk}/{survey.pk}/change/")
    expect(page.get_by_text("24 people could be drawn now.")).to_be_visible()
    page.get_by_role("button", name="Start: draw people and ask them").click()
    expect(page.get_by_text("20 people were drawn.")).to_be_visible()
    survey.refresh_from_db()
    survey_mails.ask_due(at=timezone.now())

    drawn = set(survey.asked.values_list("recipient", flat=True))
    mine = next(person for person in people if person.recipient_id in drawn)
    page = browse_as(mine.user)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_site}/en/portal/")
    page.get_by_role("button", name="Answer now").click()
    expect(page.get_by_role("heading", name="Three questions, about a minute")).to_be_visible()
    assert page_checks.barriers(page) == []
    assert page_checks.width_of(page, 390) <= 390
    page.get_by_role("group", name="I felt well informed.").get_by_text("Rather agree").click()
    page.get_by_label("What was unclear?").fill("why the order changes")
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_text("Answer question 2 too.")).to_be_visible()
    expect(page.get_by_label("What was unclear?")).to_have_value("why the order changes")
    expect(page.get_by_role("radio", name="Rather agree").first).to_be_checked()
    address = page.url
    page.get_by_role("group", name="The bulletins have been necessary.").get_by_text("Fully agree").click()
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_text("Thank you, your answers have arrived.")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("This link has already been used.")).to_be_visible()

    for number, token in enumerate(scene.tokens_of(survey)):
        scene.answer(survey, token, at=timezone.now(), places=(0 if number % 6 else 3, 0), text=f"{number} is unclear")
    Survey.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    answers.close_due(at=timezone.now())

    page = browse_as(alma)
    page.goto(f"{desk}/{survey.pk}/change/")
    expect(page.get_by_role("heading", name="Share who agreed")).to_be_visible()
    expect(page.get_by_text("20 answers of 20 people asked.")).to_be_visible()
    expect(page.locator(".sharefigure")).to_have_count(2)
    assert page_checks.barriers(page) == []
    page.get_by_text("Read them, in no order").click()
    expect(page.get_by_text("why the order changes")).to_be_visible()


def test_the_questions_are_answered_on_a_phone_without_script(campaign, alma, oskar, browser, live_site):
    now = timezone.now()
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=now)
    token = scene.tokens_of(survey)[0]
    context: Any = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(f"{live_site}/fi/surveys/{token}/")
        expect(page.get_by_role("heading", name="Kolme kysymystä, noin minuutti")).to_be_visible()
        page.get_by_role("group", name="Sain riittävästi tietoa.").get_by_label("En osaa sanoa").check()
        page.get_by_role("group", name="Tiedotteet ovat olleet tarpeellisia.").get_by_label(
            "Täysin samaa mieltä"
        ).check()
        page.get_by_role("button", name="Lähetä vastaukset").click()
        expect(page.get_by_text("Kiitos, vastaukset ovat perillä.")).to_be_visible()
    finally:
        context.close()
    assert answers.answers_in_boxes(survey) == [["fi", 4, 0, ""]]
