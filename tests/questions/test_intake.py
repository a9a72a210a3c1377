"""Questions are taken in once, and counted so that the sum can be checked."""

from datetime import timedelta

import pytest

from bulletins.models import NotAllowed
from questions import intake, question_groups
from questions.models import Question, QuestionGroup, SameQuestion
from tests.influencers.portal import questions_scene
from tests.support import builders


def test_a_question_keeps_its_words_and_names_nobody_without_a_tick(campaign, noon):
    ines = builders.build_influencer(campaign)
    one = questions_scene.question(
        campaign, "  Saako uida?  ", at=noon, by=ines.recipient, credit="Ines", times=12, channel="TikTok"
    )
    assert (one.text, one.times, one.channel) == ("Saako uida?", 12, "TikTok")
    assert (one.may_credit, one.credit) == (False, "")


def test_the_same_words_of_the_same_person_within_a_day_are_one_question(campaign, noon):
    ines, other = builders.build_influencer(campaign), builders.build_influencer(campaign, "other")
    first = questions_scene.question(campaign, "Saako uida?", at=noon, by=ines.recipient)
    assert questions_scene.question(campaign, "Saako uida?", at=noon + timedelta(hours=1), by=ines.recipient) == first
    assert questions_scene.question(campaign, "Saako uida?", at=noon, by=other.recipient) != first
    assert questions_scene.question(campaign, "Saako uida?", at=noon + timedelta(days=2), by=ines.recipient) != first


@pytest.mark.parametrize(
    ("text", "more"),
    [("", {}), (" ", {}), ("x" * 2001, {}), ("Saako?", {"times": 0}), ("Saako?", {"may_credit": True, "credit": " "})],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_stored(campaign, noon, text, more):
    with pytest.raises(NotAllowed):
        questions_scene.question(campaign, text, at=noon, **more)
    assert not Question.objects.exists()


def test_the_count_is_the_sum_of_what_was_relayed_and_of_others_each_once(campaign, noon, alma):
    ines, other, third = (builders.build_influencer(campaign, name) for name in ("ines", "other", "third"))
    found = questions_scene.group(campaign, at=noon, staff=alma, relayed_by=ines.recipient, times=40)
    assert not intake.add_asker(found, ines.recipient, at=noon), "who brought it is counted already"
    assert intake.add_asker(found, other.recipient, at=noon)
    assert not intake.add_asker(found, other.recipient, at=noon), "counted once"
    assert intake.add_asker(found, third.recipient, at=noon)
    # The other brings the same question as well: no longer counted as a mere "me too".
    question_groups.add_to_group(
        questions_scene.question(campaign, "Auki?", at=noon, by=other.recipient, times=2), found, by=alma, at=noon
    )

    counted = intake.counted(QuestionGroup.objects.all()).get()
    assert (counted.relayed, counted.too, counted.asked) == (42, 1, 43)

    intake.remove_asker(found, third.recipient)
    assert intake.counted(QuestionGroup.objects.all()).get().asked == 42


def test_nobody_joins_a_question_that_waits_no_more(campaign, noon, alma):
    found = questions_scene.group(campaign, at=noon, staff=alma)
    QuestionGroup.objects.filter(pk=found.pk).update(state="answered")
    with pytest.raises(NotAllowed):
        intake.add_asker(found, builders.build_influencer(campaign).recipient, at=noon)
    assert not SameQuestion.objects.exists()
