"""The handbook and the code of ethics in short lessons, and as pages that anyone may read."""

import pytest
from django.urls import reverse
from django.utils import timezone

from influencers.code_of_ethics import lessons
from influencers.models import CodeOfEthics, Handbook, LessonRead

pytestmark = pytest.mark.django_db

FIRST = "# The handbook\n\n## Check the facts\n\n- Numbers stay.\n\n## Correct mistakes\n\nBe quick."
SECOND = FIRST.replace("Be quick.", "Be quick and kind.") + "\n\n## Rest\n\nClose the app."


@pytest.fixture
def ina(ines):
    return ines.influencers.get()


@pytest.fixture
def handbook(campaign):
    return Handbook.objects.create(campaign=campaign, language="en", version=1, title="The handbook", body=FIRST)


def series_of(campaign, ina=None, language="en"):
    return lessons.series_of(lessons.HANDBOOK, campaign, language=language, influencer=ina)


def test_each_section_is_a_lesson_with_its_minutes(handbook, campaign, ina):
    found = series_of(campaign, ina)

    assert [(one.number, one.title, one.minutes) for one in found.lessons] == [
        (1, "Check the facts", 1),
        (2, "Correct mistakes", 1),
    ]
    assert (found.read, found.next.number, found.changed) == (0, 1, [])


def test_a_new_version_tells_which_lessons_are_new_or_changed_and_keeps_what_was_read(handbook, campaign, ina):
    for one in series_of(campaign, ina).lessons:
        lessons.mark_read(ina, series_of(campaign, ina), one, at=timezone.now())
    Handbook.objects.create(campaign=campaign, language="en", version=2, title="The handbook", body=SECOND)

    found = series_of(campaign, ina)

    assert [(one.title, one.is_read, one.is_new, one.has_changed) for one in found.lessons] == [
        ("Check the facts", True, False, False),
        ("Correct mistakes", False, False, True),
        ("Rest", False, True, False),
    ]


def test_reading_is_noted_once_and_leads_to_the_next_lesson(handbook, ina, signed_in, campaign):
    client = signed_in(ina.user)
    with_first = reverse("influencers:handbook_lesson", args=[1])
    page = client.get(with_first).content.decode()
    assert "I have read this" in page
    assert "Numbers stay." in page
    assert not LessonRead.objects.exists()

    answer = client.post(with_first)
    client.post(with_first)

    assert answer["Location"] == reverse("influencers:handbook_lesson", args=[2])
    assert LessonRead.objects.count() == 1
    last = client.post(reverse("influencers:handbook_lesson", args=[2]))
    assert last["Location"] == reverse("influencers:handbook") + "#lessons"
    assert "You have read everything." in client.get(reverse("influencers:handbook")).content.decode()


def test_progress_is_a_sentence(handbook, ina, signed_in, campaign):
    lessons.mark_read(ina, series_of(campaign, ina), series_of(campaign, ina).lessons[0], at=timezone.now())

    page = signed_in(ina.user).get(reverse("influencers:handbook")).content.decode()

    assert "You have read 1 of 2 lessons." in page
    assert "About 1 minute left." in page


def test_a_lesson_that_is_not_there_is_not_found(handbook, ina, signed_in):
    client = signed_in(ina.user)

    for number in (0, 3, 999_999):
        assert client.get(reverse("influencers:handbook_lesson", args=[number])).status_code == 404
        assert client.post(reverse("influencers:handbook_lesson", args=[number])).status_code == 404
    assert client.get(reverse("influencers:code_lesson", args=[1])).status_code == 404
    assert not LessonRead.objects.exists()


def test_the_code_of_ethics_has_lessons_too(campaign, ina, signed_in):
    body = "# Code\n\n## Promises\n\n1. **I tell the truth.**\n\n## How to check\n\n- Who says so?"
    CodeOfEthics.objects.create(campaign=campaign, language="en", title="Code", points=1, body=body)

    page = signed_in(ina.user).get(reverse("influencers:code_lesson", args=[2])).content.decode()

    assert "How to check" in page
    assert "Who says so?" in page


def test_a_text_without_sections_is_one_lesson(campaign, ina):
    Handbook.objects.create(campaign=campaign, language="en", title="Short", body="# Short\n\nOnly this.")

    assert [one.title for one in series_of(campaign, ina).lessons] == ["Short"]


def test_it_takes_two_queries_however_many_versions(handbook, campaign, ina, django_assert_num_queries):
    for version in range(2, 6):
        Handbook.objects.create(campaign=campaign, language="en", version=version, title="Book", body=SECOND)

    with django_assert_num_queries(2):
        lessons.panel(ina, campaign, language="en", at=timezone.now())


def test_anyone_reads_both_before_joining(handbook, campaign, client):
    CodeOfEthics.objects.create(campaign=campaign, language="en", title="Code", points=1, body="One <script>.")

    assert "Numbers stay." in client.get("/en/handbook/").content.decode()
    page = client.get("/en/code-of-ethics/").content.decode()
    assert "&lt;script&gt;" in page
    assert "version 1" in page


def test_a_text_that_is_not_written_yet_is_not_found(campaign, client):
    assert client.get("/en/handbook/").status_code == 404
    assert client.get("/en/code-of-ethics/").status_code == 404
