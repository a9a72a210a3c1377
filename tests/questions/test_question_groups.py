"""What means the same is suggested in any language, and put together by a person who can undo it."""

import pytest

from bulletins.models import NotAllowed
from campaigns.models import GlossaryTerm
from questions import question_groups
from questions.models import Question, QuestionGroup
from tests.influencers.portal import questions_scene
from tests.support import builders


def found_for(question):
    return question_groups.suggestions([question])[question.pk]


def test_similar_words_of_a_group_are_suggested_first(campaign, noon, alma):
    found = questions_scene.group(campaign, at=noon, staff=alma)
    questions_scene.question(campaign, "Milloin rokotukset alkavat?", at=noon)
    one = questions_scene.question(campaign, "Onko kirjasto auki pääsiäisenäkin?", at=noon)
    first = found_for(one)[0]
    assert first.group == found
    assert "words" in first.reasons
    assert first.why()


def test_what_has_the_same_numbers_and_terms_is_suggested_across_languages(campaign, noon, alma):
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "ulkonaliikkumiskielto", "en": "curfew"})
    found = question_groups.start(
        [questions_scene.question(campaign, "Alkaako ulkonaliikkumiskielto klo 22 Uudellamaalla 1.4.?", at=noon)],
        {"fi": "Alkaako ulkonaliikkumiskielto 1.4. klo 22?"},
        by=alma,
        at=noon,
    )
    one = questions_scene.question(campaign, "Does the curfew begin at 22 on 1.4.?", at=noon, language="en")
    assert [each.group for each in found_for(one)][:1] == [found]


def test_what_has_nothing_in_common_is_not_suggested_even_with_the_same_topic(campaign, noon, alma):
    topic = builders.build_topic(campaign)
    questions_scene.group(campaign, at=noon, staff=alma, topic=topic)
    one = questions_scene.question(campaign, "Milloin rokotukset alkavat?", at=noon, topic=topic)
    assert found_for(one) == []


def test_what_was_told_apart_is_not_suggested_again(campaign, noon, alma):
    found = questions_scene.group(campaign, at=noon, staff=alma)
    one = questions_scene.question(campaign, "Onko kirjasto auki pääsiäisenäkin?", at=noon)
    question_groups.mark_different(one, found, by=alma, at=noon)
    assert found_for(one) == []


def test_suggesting_for_many_costs_no_query_more(campaign, noon, alma, django_assert_num_queries):
    questions_scene.group(campaign, at=noon, staff=alma)
    few = [questions_scene.question(campaign, "Onko kirjasto auki?", at=noon)]
    many = few + [questions_scene.question(campaign, f"Onko kirjasto {n} auki?", at=noon) for n in range(6)]
    for some in (few, many):
        with django_assert_num_queries(4):
            question_groups.suggestions(some)


def test_a_question_is_grouped_once_and_can_be_taken_out_again(campaign, noon, alma, veikko):
    found = questions_scene.group(campaign, at=noon, staff=alma)
    one = questions_scene.question(campaign, "Auki?", at=noon)
    question_groups.add_to_group(one, found, by=alma, at=noon)
    assert (one.group, one.grouped_by, one.grouped_at) == (found, alma, noon)
    with pytest.raises(NotAllowed):
        question_groups.add_to_group(one, found, by=veikko, at=noon)
    question_groups.remove_from_group(one, by=veikko, at=noon)
    assert (one.group, one.grouped_by, one.grouped_at) == (None, None, None)
    with pytest.raises(NotAllowed):
        question_groups.remove_from_group(one, by=veikko, at=noon)


def test_nothing_is_put_into_a_group_of_another_campaign(campaign, noon, alma):
    found = questions_scene.group(campaign, at=noon, staff=alma)
    one = questions_scene.question(builders.build_campaign("other"), "Auki?", at=noon)
    with pytest.raises(NotAllowed):
        question_groups.add_to_group(one, found, by=alma, at=noon)
    with pytest.raises(NotAllowed):
        question_groups.mark_different(one, found, by=alma, at=noon)
    one.refresh_from_db()
    assert one.group is None


def test_a_group_needs_a_name_and_questions_that_wait(campaign, noon, alma):
    one = questions_scene.question(campaign, "Auki?", at=noon)
    with pytest.raises(NotAllowed):
        question_groups.start([one], {"fi": " "}, by=alma, at=noon)
    first = question_groups.start([one], {"en": "Open?"}, by=alma, at=noon)
    with pytest.raises(NotAllowed):
        question_groups.start([one], {"en": "Open?"}, by=alma, at=noon)
    assert QuestionGroup.objects.get() == first
    again = question_groups.start(
        [questions_scene.question(campaign, "Auki nyt?", at=noon)], {"en": "Open?"}, by=alma, at=noon
    )
    assert (first.slug, again.slug) == ("open", "open-2")


def test_setting_aside_needs_a_reason_and_can_be_undone(campaign, noon, alma):
    one = questions_scene.question(campaign, "Auki?", at=noon)
    with pytest.raises(NotAllowed):
        question_groups.set_aside(one, why=" ", by=alma, at=noon)
    assert Question.objects.filter(set_aside_at=None).count() == 1
    question_groups.set_aside(one, why="An advertisement", by=alma, at=noon)
    assert one.set_aside_at == noon
    with pytest.raises(NotAllowed):
        question_groups.set_aside(one, why="Again", by=alma, at=noon)
    question_groups.restore(one, by=alma, at=noon)
    assert one.set_aside_at is None
