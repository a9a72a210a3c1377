"""The campaign's rule for what is not seen: what the form takes, and what it says in words."""

import pytest
from django.urls import reverse
from django.utils import translation

from bulletins.models import SeenRule
from bulletins.models.seen_rules import sends_further
from bulletins.scheduling import seen_steps
from tests.support import builders

FORM = {
    "calls_after": "20",
    "audience_after": "40",
    "counts": "closest",
    "enough_percent": "90",
    "night_from": "22:00",
    "night_until": "07:00",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("people", "kept"), [("", None), ("50", 50), ("100000", 100_000), ("100001", 7), ("99999999999", 7), ("0", 7)]
)
def test_a_number_that_nobody_reaches_is_refused(campaign, roles, signed_in, people, kept):
    rule = SeenRule.objects.create(campaign=campaign, enough_people=7)
    address = reverse("admin:bulletins_seenrule_change", args=[rule.pk])

    answer = signed_in(builders.build_user("ada", "admin")).post(address, FORM | {"enough_people": people})

    rule.refresh_from_db()
    assert (answer.status_code, rule.enough_people) == (200 if kept == 7 else 302, kept)
    says = "At most 100000 people. Where fewer are asked, it is enough that all of them have seen it."
    assert (says in answer.content.decode()) is (len(people) > 5 and kept == 7)


@pytest.mark.parametrize(
    ("counts", "people", "says"),
    [
        ("closest", 1, "It stops by itself when 1 person of the closest tier has seen it."),
        (
            "closest",
            50,
            "It stops by itself when 50 people of the closest tier have seen it, or all of them where they are fewer.",
        ),
        ("all", 1, "It stops by itself when 1 of those asked has seen it."),
        (
            "all",
            50,
            "It stops by itself when 50 of those asked have seen it, or all of them where they are fewer.",
        ),
        ("closest", None, "It stops by itself when 90% of the closest tier have seen it."),
    ],
)
def test_what_stops_the_steps_is_said_with_who_counts(counts, people, says):
    with translation.override("en"):
        assert seen_steps.stop_in_words(SeenRule(counts=counts, enough_people=people).plain()) == says


@pytest.mark.parametrize(
    ("later", "group", "further"), [(40, 7, True), (40, None, False), (None, 7, False), (0, 7, True)]
)
def test_it_goes_further_by_a_step_and_to_a_group_that_was_chosen(later, group, further):
    assert sends_further(SeenRule(audience_after=later).plain()["steps"], group) is further
