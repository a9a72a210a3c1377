"""Counting: all at once when a survey closes, with small groups together, intervals, and changes that are said only when clear."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from impact.models import FreeText, SealedBox, Survey, Tally, Ticket
from impact.surveys import answers, question_bank, result_lines, survey_results

from . import scene

pytestmark = pytest.mark.django_db


def answered(campaign, alma, oskar, at, given, people=60, **fields):
    """Return a closed survey whose answers were `given`: (language, place, text) each."""
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=at, people=people, size=people, **fields)
    tokens = [token for _address, token in scene.mailed_tokens(at=at)]
    for (language, place, text), token in zip(given, tokens, strict=False):
        scene.answer(survey, token, at=at, places=(place, 0), text=text, language=language)
    answers.close_due(at=survey.closes_at)
    survey.refresh_from_db()
    return survey


def test_shares_have_intervals_and_small_languages_are_together(campaign, alma, oskar, noon):
    given = [("fi", 0, "")] * 20 + [("fi", 3, "")] * 5 + [("sv", 1, "")] * 3 + [("en", 2, "")] * 7

    survey = answered(campaign, alma, oskar, noon, given)

    informed, necessary = survey_results.results_of(survey)
    assert (informed.answers, informed.agreed.seen) == (35, 23 / 35)
    assert [(group.language, group.answers) for group in informed.groups] == [
        ("fi", 25),
        ("", 10),
    ]  # sv alone would be a sum away
    assert necessary.agreed.seen == 1
    assert necessary.agreed.high == 1
    assert set(Tally.objects.values_list("language", flat=True)) == {"fi", ""}


def test_of_fewer_than_five_answers_nothing_is_kept(campaign, alma, oskar, noon):
    survey = answered(campaign, alma, oskar, noon, [("fi", 0, "x")] * 4)

    assert survey.answers == 0
    assert survey_results.results_of(survey) == []
    assert not any(model.objects.exists() for model in (Tally, FreeText, SealedBox, Ticket))


def test_fewer_than_five_texts_are_not_kept(campaign, alma, oskar, noon):
    survey = answered(campaign, alma, oskar, noon, [("fi", 0, f"text {n}" if n < 4 else "") for n in range(20)])

    [written] = survey_results.written_of(survey, may_read=True)
    assert (written.count, written.texts) == (0, [])
    assert not FreeText.objects.exists()


def test_texts_are_shown_mixed_and_only_to_whoever_may_read_them(campaign, alma, oskar, noon):
    survey = answered(campaign, alma, oskar, noon, [("fi", 0, f"text {n}") for n in range(20)])

    [written] = survey_results.written_of(survey, may_read=True)
    assert sorted(written.texts) == sorted(f"text {n}" for n in range(20))
    assert written.texts != [f"text {n}" for n in range(20)]
    assert survey_results.written_of(survey, may_read=False)[0].texts == []


def test_a_change_is_said_only_when_the_interval_of_the_difference_is_clear(campaign, alma, oskar, noon):
    answered(campaign, alma, oskar, noon, [("fi", 0, "")] * 25 + [("fi", 3, "")] * 25)
    later = noon + timedelta(weeks=8)
    second = answered(campaign, alma, oskar, later, [("fi", 0, "")] * 45 + [("fi", 3, "")] * 5)

    informed, necessary = survey_results.results_of(second)
    rows = result_lines.rows_of([informed, necessary])
    assert informed.change.by.is_clear
    assert rows[0].change.startswith("Clearly up since")
    assert not necessary.change.by.is_clear
    assert rows[1].change.startswith("No clear change")


def test_other_words_are_another_question():
    words = question_bank.bank()["informed"]["text"]

    assert question_bank.question_of("informed", words | {"ar": "…"})["key"] == "informed"
    assert question_bank.question_of("informed", words | {"fi": "Tiesin kaiken."})["key"] != "informed"


def test_closing_twice_counts_once(campaign, alma, oskar, noon):
    survey = answered(campaign, alma, oskar, noon, [("fi", 0, "")] * 10)
    before = list(Tally.objects.values_list("question", "option", "count"))

    assert answers.close_due(at=survey.closes_at) == 0
    assert not answers.close(survey, at=survey.closes_at)
    assert list(Tally.objects.values_list("question", "option", "count")) == before


def test_answers_so_far_are_counted_in_fives(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    seen = []
    for _address, token in scene.mailed_tokens(at=noon)[:11]:
        scene.answer(survey, token, at=noon)
        seen.append(survey_results.answers_so_far(survey))
    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]


def test_the_bank_has_all_its_questions_in_three_languages():
    bank = question_bank.bank()

    assert {"informed", "necessary", "knew-what-to-do", "unclear"} <= bank.keys()
    assert all(set(question["text"]) == {"fi", "sv", "en"} for question in bank.values())
    assert Counter(question["kind"] for question in bank.values()) == {"scale": 6, "text": 1}


def test_the_csv_has_what_the_page_has(campaign, alma, oskar, noon, client):
    survey = answered(campaign, alma, oskar, noon, [("fi", 0, "")] * 20 + [("sv", 3, "")] * 3)
    client.force_login(alma)

    rows = client.get(reverse("admin:impact_survey_csv", args=[survey.pk])).content.decode().splitlines()

    assert rows[0] == "question,words,language,agreed,low_95,high_95,answers,asked"
    assert rows[1].startswith("informed,I felt well informed.,all,0.8696,")
    assert rows[1].endswith(",23,60")
    assert len(rows) == 3  # sv is fewer than five, and fi would give it away
    assert Survey.objects.get().answers == 23


@pytest.mark.parametrize(("many", "hours_early", "kept"), [(5, 1, 0), (49, 1, 0), (50, 1, 50), (5, 0, 5), (4, 0, 0)])
def test_of_a_public_survey_ended_early_no_single_answer_can_be_worked_out(
    campaign, alma, oskar, noon, many, hours_early, kept
):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon, way="public", group="followers")
    for _answer in range(many):
        scene.answer(survey, "", at=noon, text="x")
    answers.close(survey, by=oskar, at=survey.closes_at - timedelta(hours=hours_early))
    survey.refresh_from_db()
    assert survey.answers == kept and bool(survey_results.results_of(survey)) == bool(kept)
    assert Tally.objects.exists() == FreeText.objects.exists() == bool(kept) and not SealedBox.objects.exists()
