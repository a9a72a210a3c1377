"""Influencers bring questions, see what became of them, and hear the answer before anyone else."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from influencers.models import Influencer
from influencers.portal import follower_questions
from notifications import email
from notifications.models import Notice
from questions import authority_requests, deadlines, intake, question_groups
from questions.answers import answer_workflow
from questions.models import Question, SameQuestion
from tests.support import builders

from . import questions_scene


@pytest.fixture
def me(ines):
    return Influencer.objects.get(user=ines)


@pytest.fixture
def client(signed_in, ines):
    return signed_in(ines)


def told(user=None):
    found = Notice.objects.filter(kind="question_settled")
    return found.filter(person=user) if user else found


GOOD = {"text": "Saako uida?", "language": "fi", "channel": "TikTok", "times": "7"}


# --- Asking -------------------------------------------------------------------------------------------


def test_a_question_arrives_with_where_and_how_many_and_without_a_name(client, me):
    sent = client.post(reverse("influencers:ask"), GOOD | {"credit": "Ines"})
    assert sent.status_code == 302
    one = Question.objects.get()
    assert (one.text, one.channel, one.times, one.relayed_by, one.via) == (
        "Saako uida?",
        "TikTok",
        7,
        me.recipient,
        "portal",
    )
    assert (one.may_credit, one.credit) == (False, "")
    page = client.get(sent.url).content.decode()
    assert "Thank you, we have your question." in page
    assert "Saako uida?" in page


def test_it_can_be_about_a_published_bulletin_and_no_other(client, campaign):
    version = builders.build_published_version(campaign)
    draft = builders.build_bulletin(campaign)
    client.post(reverse("influencers:ask"), GOOD | {"bulletin": version.bulletin.number})
    client.post(reverse("influencers:ask"), GOOD | {"text": "Muu?", "bulletin": draft.number})
    assert [one.bulletin for one in Question.objects.order_by("pk")] == [version.bulletin, None]


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"text": "x" * 2001}, {"times": "0"}, {"times": "many"}, {"may_credit": "on"}, {"language": "de"}],
)
def test_a_form_that_is_wrong_comes_back_with_all_that_was_typed(client, wrong):
    page = client.post(reverse("influencers:ask"), GOOD | wrong)
    assert page.status_code == 422
    assert "TikTok" in page.content.decode()
    assert not Question.objects.exists()


def test_the_same_form_sent_twice_is_one_question_and_many_are_too_many(client, monkeypatch):
    monkeypatch.setattr(follower_questions, "ASKED_AN_HOUR", 2)
    client.post(reverse("influencers:ask"), GOOD)
    client.post(reverse("influencers:ask"), GOOD)
    assert Question.objects.count() == 1
    page = client.post(reverse("influencers:ask"), GOOD | {"text": "Muu?"})
    assert page.status_code == 429
    assert "Muu?" in page.content.decode()
    assert Question.objects.count() == 1


def test_an_answer_that_is_late_is_not_called_coming(client, campaign, me, noon, liisa, authority):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    pages = [reverse("influencers:questions"), reverse("influencers:answer", args=[found.slug])]

    def shown(at):
        with time_machine.travel(at, tick=False):
            return [client.get(page).content.decode() for page in pages]

    assert all("The answer is due" in page for page in shown(noon))
    late = found.answer_by + timedelta(hours=1)
    assert all("It is late." in page and "The answer is due" not in page for page in shown(late))
    deadlines.remind(at=found.answer_by - timedelta(hours=1))
    assert all("It is late, and we have asked for it again." in page for page in shown(late))


def test_one_follower_is_told_as_one(client, campaign, noon, liisa):
    questions_scene.group(campaign, at=noon, staff=liisa)

    assert "Asked by one follower." in client.get(reverse("influencers:questions")).content.decode()


def test_me_too_counts_once_and_can_be_taken_back(client, campaign, me, noon, liisa):
    found = questions_scene.group(campaign, at=noon, staff=liisa, times=3)
    url = reverse("influencers:same", args=[found.pk])
    for _again in range(2):
        assert client.post(url).status_code == 302
    assert SameQuestion.objects.get().recipient == me.recipient
    page = client.get(reverse("influencers:questions")).content.decode()
    assert "Asked by about 3 followers." in page
    assert "4 in all." in page
    assert client.get(url).status_code == 405
    client.post(url, {"undo": "1"})
    assert not SameQuestion.objects.exists()


def test_other_campaigns_groups_and_those_that_wait_no_more_are_not_there(client, campaign, noon, liisa):
    other = questions_scene.group(builders.build_campaign("other", closed_at=noon), at=noon, staff=liisa)
    done = questions_scene.group(campaign, at=noon, staff=liisa)
    builders.decline_group(done, why=questions_scene.CHANGED, by=liisa, at=noon)
    for found in (other, done):
        assert client.post(reverse("influencers:same", args=[found.pk])).status_code == 404
    assert client.get(reverse("influencers:answer", args=[done.slug])).status_code == 404
    assert not SameQuestion.objects.exists()


def test_panel_and_page_cost_the_same_however_much_there_is(
    client, campaign, authority, me, noon, liisa, alma, oskar, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("influencers:questions")).status_code == 200
        return len(queries)

    questions_scene.published(
        questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient),
        by=alma,
        approver=oskar,
        at=noon,
    )
    questions_scene.group(campaign, at=noon, staff=liisa)
    cost()
    before = cost()
    for number in range(3):
        one = questions_scene.question(campaign, f"Kysymys {number}?", at=noon, by=me.recipient)
        question_groups.start([one], questions_scene.LABEL, by=liisa, at=noon)
    assert cost() == before
    with django_assert_num_queries(2):
        shown = follower_questions.panel(me, campaign, language="fi", at=noon)
    assert len(shown.mine) == len(shown.waiting) == 3


def test_there_is_no_panel_without_questions(campaign, me, noon):
    assert follower_questions.panel(me, campaign, language="fi", at=noon) is None


# --- Hearing ------------------------------------------------------------------------------------------


def test_those_who_brought_it_and_me_too_hear_once_in_their_language_and_read_first(
    campaign, authority, me, ines, noon, liisa, alma, oskar, signed_in
):
    other = builders.build_influencer(campaign, "other", language="sv")
    stranger = builders.build_influencer(campaign, "stranger")
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    intake.add_asker(found, other.recipient, at=noon)
    assert follower_questions.notify_askers(at=noon) == 0
    questions_scene.published(found, by=alma, approver=oskar, at=noon)
    assert follower_questions.notify_askers(at=noon) == 2
    assert follower_questions.notify_askers(at=noon) == 0
    assert told(ines).get().path == f"/fi/portal/questions/{found.slug}/"
    assert questions_scene.TEXT["fi"] in told(ines).get().text
    assert questions_scene.TEXT["sv"] in told(other.user).get().text
    url = reverse("influencers:answer", args=[found.slug])
    with time_machine.travel(noon + timedelta(minutes=5), tick=False):
        assert questions_scene.TEXT["en"] in signed_in(ines).get(url).content.decode()
        assert questions_scene.TEXT["en"] in signed_in(other.user).get(url).content.decode()
        assert signed_in(stranger.user).get(url).status_code == 404
        assert signed_in(stranger.user).get(reverse("website:answer", args=[found.slug])).status_code == 404
        assert (
            questions_scene.TEXT["en"] not in signed_in(stranger.user).get(reverse("influencers:home")).content.decode()
        )
    with time_machine.travel(noon + timedelta(minutes=20), tick=False):
        assert signed_in(stranger.user).get(url).status_code == 302
        assert questions_scene.TEXT["en"] in signed_in(stranger.user).get(url, follow=True).content.decode()


def test_they_hear_of_a_correction_and_a_withdrawal_as_well(campaign, authority, me, ines, noon, liisa, alma, oskar):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    follower_questions.notify_askers(at=noon)
    later = noon + timedelta(hours=1)
    answer_workflow.correct(answer, by=alma, at=later)
    assert follower_questions.notify_askers(at=later) == 0
    fields = {"what_changed": questions_scene.CHANGED, "source_url": {"en": "https://ministry.example.org/corrected"}}
    answer_workflow.save(answer, by=alma, at=later, **fields)
    answer_workflow.submit(answer, by=alma, at=later)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=later)
    assert follower_questions.notify_askers(at=later) == 1
    last = later + timedelta(hours=1)
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=last)
    assert follower_questions.notify_askers(at=last) == 1
    assert follower_questions.notify_askers(at=last) == 0
    texts = list(told(ines).order_by("pk").values_list("text", flat=True))
    assert len(texts) == 3
    assert questions_scene.CHANGED["fi"] in texts[1]
    assert questions_scene.CHANGED["fi"] in texts[2]
    assert questions_scene.TEXT["fi"] not in texts[2]


def test_they_hear_that_no_answer_will_come_and_why(campaign, me, ines, noon, liisa, client):
    found = questions_scene.group(campaign, at=noon, staff=liisa, relayed_by=me.recipient)
    builders.decline_group(found, why=questions_scene.CHANGED, by=liisa, at=noon)
    assert follower_questions.notify_askers(at=noon) == 1
    assert follower_questions.notify_askers(at=noon) == 0
    assert questions_scene.CHANGED["fi"] in told(ines).get().text
    page = client.get(reverse("influencers:answer", args=[found.slug])).content.decode()
    assert questions_scene.CHANGED["en"] in page


def test_a_question_that_is_declined_after_a_withdrawal_is_told_once_and_its_page_says_why(
    campaign, authority, me, ines, noon, liisa, alma, oskar, client
):
    late = builders.build_influencer(campaign, "late", language="en")
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    follower_questions.notify_askers(at=noon)
    # Withdrawn and declined before anyone was notified of the withdrawal.
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=noon + timedelta(hours=1))
    why = {code: f"Nobody knows ({code})." for code in questions_scene.LABEL}
    builders.decline_group(found, why=why, by=liisa, at=noon + timedelta(hours=1, seconds=20))
    later = noon + timedelta(hours=2)
    assert follower_questions.notify_askers(at=later) == 1
    one = questions_scene.question(campaign, "Auki?", at=later, by=late.recipient)
    question_groups.add_to_group(one, found, by=liisa, at=later)
    assert [follower_questions.notify_askers(at=later + timedelta(seconds=30 * tick)) for tick in range(4)] == [
        1,
        0,
        0,
        0,
    ]
    assert told(ines).count() == 2
    text = told(late.user).get().text
    assert why["en"] in text
    assert "The earlier answer has been withdrawn" in text
    page = client.get(reverse("influencers:answer", args=[found.slug]))
    assert page.status_code == 200
    assert why["en"] in page.content.decode()
    assert "The earlier answer has been withdrawn" in page.content.decode()


def test_a_question_that_is_declined_again_for_another_reason_is_told_again(campaign, me, ines, noon, liisa):
    found = questions_scene.group(campaign, at=noon, staff=liisa, relayed_by=me.recipient)
    builders.decline_group(found, why=questions_scene.CHANGED, by=liisa, at=noon)
    follower_questions.notify_askers(at=noon)
    later = noon + timedelta(hours=1)
    authority_requests.reopen(found, by=liisa, at=later)
    assert follower_questions.notify_askers(at=later) == 0
    builders.decline_group(found, why=dict.fromkeys(questions_scene.LABEL, "Muu syy"), by=liisa, at=later)
    assert [follower_questions.notify_askers(at=later), follower_questions.notify_askers(at=later)] == [1, 0]
    assert "Muu syy" in told(ines).order_by("-pk")[0].text


def test_a_clock_that_is_ahead_makes_nobody_hear_twice(campaign, authority, me, noon, liisa, alma, oskar):
    ahead = noon + timedelta(seconds=45)
    questions_scene.published(
        questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient),
        by=alma,
        approver=oskar,
        at=ahead,
    )
    other = questions_scene.question(campaign, "Saako uida?", at=noon, by=me.recipient)
    builders.decline_group(
        question_groups.start([other], questions_scene.LABEL, by=liisa, at=noon),
        why=questions_scene.CHANGED,
        by=liisa,
        at=ahead,
    )
    assert [follower_questions.notify_askers(at=noon + timedelta(seconds=30 * tick)) for tick in range(4)] == [
        0,
        0,
        2,
        0,
    ]


def test_a_question_that_is_grouped_after_the_answer_is_told_too(
    campaign, authority, me, ines, noon, liisa, alma, oskar
):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    questions_scene.published(found, by=alma, approver=oskar, at=noon)
    later = noon + timedelta(days=2)
    question_groups.add_to_group(
        questions_scene.question(campaign, "Auki?", at=later, by=me.recipient), found, by=liisa, at=later
    )
    assert follower_questions.notify_askers(at=later) == 1
    assert told(ines).count() == 1


def test_whoever_left_is_told_nothing(campaign, authority, me, noon, liisa, alma, oskar):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    Influencer.objects.update(state="left")
    questions_scene.published(found, by=alma, approver=oskar, at=noon)
    assert follower_questions.notify_askers(at=noon) == 0
    assert not told().exists()


def test_the_mail_names_the_answer_and_leads_to_it(campaign, authority, me, noon, liisa, alma, oskar):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient)
    questions_scene.published(found, by=alma, approver=oskar, at=noon)
    follower_questions.notify_askers(at=noon)
    mail = email.compose(told().get(), found)
    assert f"/portal/questions/{found.slug}/" in mail.body
    assert questions_scene.TEXT["fi"] in mail.body


def test_the_list_shows_each_outcome(client, campaign, authority, me, noon, liisa, alma, oskar):
    questions_scene.question(campaign, "Odottaako?", at=noon, by=me.recipient)
    aside = questions_scene.question(campaign, "Mainos?", at=noon, by=me.recipient)
    question_groups.set_aside(aside, why="Spam, says Liisa", by=liisa, at=noon)
    questions_scene.published(
        questions_scene.asked(campaign, authority, at=noon, staff=liisa, relayed_by=me.recipient),
        by=alma,
        approver=oskar,
        at=noon,
    )
    page = client.get(reverse("influencers:questions")).content.decode()
    for words in ("We are looking at it", "Set aside", "Answered"):
        assert words in page
    assert "Spam" not in page
