"""The two surveys of the demo: counts that belong together, and a change that the later one shows."""

import pytest

from demo.exercise.impact import past_surveys
from impact.models import Survey
from impact.surveys import survey_results

pytestmark = pytest.mark.django_db


def test_the_later_survey_of_the_demo_is_clearly_better_informed(campaign, liisa, oskar, noon):
    past_surveys.create_surveys(campaign, composer=liisa, starter=oskar, at=noon)
    later, earlier = Survey.objects.order_by("-closed_at")

    informed, necessary = survey_results.results_of(later)
    assert informed.change.by.is_clear
    assert informed.change.by.seen > 0
    assert not necessary.change.by.is_clear
    for survey in (earlier, later):
        assert {result.answers for result in survey_results.results_of(survey)} == {survey.answers}
        assert [group.language for group in survey_results.results_of(survey)[0].groups] == ["sv", "fi", "en"]
