"""
On a phone: an influencer brings a question, the authority answers, and the influencer reads it before everyone else.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from influencers.portal import follower_questions
from questions import authority_requests, deadlines, question_groups
from questions.answers import answer_workflow
from questions.models import Answer, Question
from tests.influencers.portal import questions_scene
from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_from_a_followers_question_to_the_answer(
    campaign, authority, ines, minna, liisa, alma, oskar, live_site, page, browse_as, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    browse_as(ines)
    with page_checks.watching(page) as faults:
        page.goto(f"{live_site}/en/portal/questions/")
        page.fill("#ask_text", "Onko kirjasto auki pääsiäisenä?")
        page.click("text=Send the question")
        expect(page.locator("text=Thank you, we have your question.")).to_be_visible()
        assert page_checks.wrong_with(page, "en") == []

        now = timezone.now()
        found = question_groups.start([Question.objects.get()], questions_scene.LABEL, by=liisa, at=now)
        authority_requests.send(
            found, authority, answer_by=deadlines.default_deadline(campaign, at=now), by=liisa, at=now
        )
        browse_as(minna)
        page.goto(f"{live_site}/en/questions-to-answer/{found.pk}/")
        page.fill("[name=text__en]", questions_scene.TEXT["en"])
        assert page_checks.wrong_with(page, "en") == []
        page.click("text=Send to the desk")
        expect(page.locator("text=The desk has your answer.")).to_be_visible()

        answer = answer_workflow.save(
            Answer.objects.get(), by=alma, at=now, text=questions_scene.TEXT, source_name=questions_scene.SOURCE
        )
        answer_workflow.submit(answer, by=alma, at=now)
        browse_as(oskar)
        page.goto(f"{live_site}/desk/questions/answer/{answer.pk}/change/")
        page.click("text=Approve and publish")
        expect(page.locator("text=Approved and published.").first).to_be_visible()

        assert follower_questions.notify_askers(at=timezone.now()) == 1
        browse_as(ines)
        page.goto(f"{live_site}/en/portal/questions/{found.slug}/")
        assert page.locator("text=You are reading this first.").is_visible()
        assert page_checks.wrong_with(page, "en") == []
    assert faults == []
