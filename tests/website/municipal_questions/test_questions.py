"""Questions of municipalities go the way of influencers' questions: taken in, grouped, answered, and told back."""

from datetime import timedelta

import pytest

from accounts.privacy import erasure
from accounts.privacy.data_subjects import Person
from notifications.models import Notice
from questions.models import Question, QuestionGroup
from stories.models import MunicipalityMember
from tests.stories.exchanges.scene import build_member, build_municipality
from tests.support import builders
from tests.support.builders import in_all
from website.municipal_questions import asker_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
ASK = "/en/municipality/questions/"


@pytest.fixture
def body(campaign):
    return build_municipality(campaign)


@pytest.fixture
def mauri(client, body):
    user = build_member(body, language="en")
    client.force_login(user)
    return user


def typed(body, **fields):
    return {"municipality": body.pk, "text": "Who pays for the masks?", "language": "en", "times": "12"} | fields


def test_a_question_is_taken_in_once_and_shown_with_what_becomes_of_it(client, body, mauri):
    assert client.post(ASK, typed(body)).status_code == 302
    client.post(ASK, typed(body))
    question = Question.objects.get()
    assert (question.asked_by, question.via, question.channel, question.times) == (mauri, "municip", "Helsinki", 12)
    page = client.get(f"{ASK}?sent").text
    assert "we have your question" in page and "We are looking at it" in page


@pytest.mark.parametrize("fields", [{"text": " "}, {"text": "x" * 2001}, {"times": "0"}, {"language": "xx"}])
def test_bad_input_is_refused_and_nothing_is_stored(client, body, mauri, fields):
    assert client.post(ASK, typed(body, **fields)).status_code == 422
    assert not Question.objects.exists()


def test_nobody_asks_for_another_municipality(client, campaign, body, mauri, minna):
    other = build_municipality(campaign, "049", "Espoo")
    assert client.post(ASK, typed(other)).status_code == 422
    client.force_login(minna)
    assert client.post(ASK, typed(body)).status_code == 403
    assert not Question.objects.exists()


def test_whoever_asked_hears_once_what_became_of_it(
    client, campaign, body, mauri, alma, noon, django_assert_num_queries
):
    client.post(ASK, typed(body))
    with django_assert_num_queries(1):
        assert asker_notices.tell_askers(at=noon) == 0
    group = QuestionGroup.objects.create(campaign=campaign, slug="masks", label=in_all(en="Masks"))
    Question.objects.update(group=group)
    builders.decline_group(group, by=alma, at=noon)
    later = noon + timedelta(minutes=1)
    assert (asker_notices.tell_askers(at=later), asker_notices.tell_askers(at=later)) == (1, 0)
    notice = Notice.objects.get(person=mauri)
    assert "Who pays for the masks?" in notice.text and notice.path == f"{ASK}#no-answer"
    assert "Will not be answered" in client.get(ASK).text


def test_whoever_left_hears_nothing(client, campaign, body, mauri, alma, noon):
    client.post(ASK, typed(body))
    group = QuestionGroup.objects.create(campaign=campaign, slug="masks", label=in_all(en="Masks"))
    Question.objects.update(group=group)
    MunicipalityMember.objects.all().delete()
    builders.decline_group(group, by=alma, at=noon)
    assert asker_notices.tell_askers(at=noon + timedelta(minutes=1)) == 0


def test_erasing_somebody_leaves_their_question_under_no_name(client, body, mauri, root, noon):
    client.post(ASK, typed(body))
    erasure.erase(Person.of(mauri.email), reason="asked", by=root, at=noon)
    assert Question.objects.get().asked_by is None
