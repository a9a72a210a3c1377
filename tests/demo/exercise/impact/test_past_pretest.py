"""The pretest of the demo: sentences that are there, and counts that belong to the answers."""

import pytest

from demo.exercise.impact import past_pretest
from impact.models import Pretest
from tests.support import builders

pytestmark = pytest.mark.django_db


def test_the_demo_tries_a_draft_before_it_is_submitted(campaign, alma, oskar, noon):
    draft = builders.build_bulletin(campaign, by=alma)
    past_pretest.try_draft(draft, by=oskar, at=noon)

    pretest = Pretest.objects.get()
    assert (pretest.answered, pretest.would_share, pretest.would_not) == (4, 3, 0)
