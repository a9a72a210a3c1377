"""The page behind a link: who reads the draft there, how often it is answered, and that it leaks nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bulletins.models import Bulletin
from impact.models import PretestAnswer, PretestSeat
from impact.pretests import pretest_links, pretest_steps
from tests.support import builders

from . import scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ANSWER = {"asks": "To return the books", "share": "yes"}
SAID = "Palauta kirjat luukkuun."


@pytest.fixture(autouse=True)
def _at_noon(noon, time_machine):
    time_machine.move_to(noon, tick=False)


@pytest.fixture
def draft(campaign, alma):
    """A draft with a sentence that stands nowhere else."""
    draft = builders.build_bulletin(campaign, by=alma)
    draft.editions.filter(language="fi").update(body=f"Kirjastot ovat kiinni. {SAID}")
    return draft


@pytest.fixture
def pretest(draft, campaign, oskar, noon):
    """A pretest with one influencer."""
    ines = builders.build_influencer(campaign, "ines")
    return scene.show(draft, by=oskar, at=noon, way="chosen", people=[ines.recipient_id])


@pytest.fixture
def path(pretest, noon):
    """The path of the influencer's link."""
    return scene.mailed_paths(at=noon)["ines@example.org"]


def test_looking_uses_nothing_up_and_one_answer_does(pretest, path, client):
    for _ in range(3):  # mail scanners
        assert SAID in client.get(path).content.decode()
    client.head(path)

    done = client.post(path, ANSWER | {"sentences": ["1"]})
    again = client.post(path, ANSWER)
    seen = client.get(path)

    assert done.status_code == 200 and (again.status_code, seen.status_code) == (410, 410)
    assert SAID not in (done.content + again.content + seen.content).decode()
    answer = PretestAnswer.objects.get()
    assert (answer.number, answer.language, answer.sentences, answer.share) == (1, "fi", [1], "yes")


def test_the_page_is_nobodys_but_its_readers(path, client):
    response = client.get(path)

    page = response.content.decode()
    assert "no-store" in response["Cache-Control"] and response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex" and "canonical" not in page
    seat = PretestSeat.objects.select_related("recipient").get()
    for mark in (seat.recipient.name, f"{seat.pretest_id}-1"):
        assert page.count(mark) > 10  # above and below the text, and behind it
    head = page.partition("</head>")[0]
    assert SAID not in head and "Kirjastot" not in head  # what messengers show of a link


def test_nobody_finds_a_link_by_trying(pretest, path, client):
    token = path.rstrip("/").rpartition("/")[2]
    said, _dash, signature = token.rpartition("-")
    other = pretest_links.token_of(pretest, 2)  # of a person who is not there
    for wrong in (
        f"{said}-{signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
        f"{pretest.pk}-2-{signature}",
        f"{pretest.pk}-0-{signature}",
        pretest_links.token_of(pretest),  # for all, which this pretest has none of
        other,
        f"{said}-",
        said,
        "9" * 300,
    ):
        response = client.get(reverse("pretests:answer", args=[wrong]))
        assert response.status_code == 404 and SAID not in response.content.decode()


@pytest.mark.parametrize("way", ["time", "stopped", "embargo", "forgotten"])
def test_a_link_that_is_over_shows_none_of_the_draft(pretest, path, client, oskar, noon, time_machine, way):
    if way == "time":
        time_machine.move_to(noon + HOUR, tick=False)
    elif way == "stopped":
        pretest_steps.end(pretest, by=oskar, at=noon)
    elif way == "embargo":
        Bulletin.objects.update(embargo_until=noon + HOUR)
    else:
        PretestSeat.objects.all().delete()

    for response in (client.get(path), client.post(path, ANSWER)):
        assert response.status_code == (404 if way == "forgotten" else 410)
        assert SAID not in response.content.decode() and "textarea" not in response.content.decode()
    assert not PretestAnswer.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        *({"asks": ""}, {"asks": " \x00\n "}, {"share": "maybe"}, {"share": ""}, {"sentences": ["2"]}),
        *({"sentences": ["-1"]}, {"sentences": ["x"]}, {"unclear": "x" * 501}, {"why": "x" * 1_000_000}),
    ],
)
def test_no_other_answer_is_taken_and_what_was_written_stays(path, client, wrong):
    response = client.post(path, ANSWER | {"unclear": "the slot"} | wrong)

    assert response.status_code == 422 and not PretestAnswer.objects.exists()
    if "asks" not in wrong:
        assert "To return the books" in response.content.decode()


def test_a_form_of_another_site_is_not_taken(path, client):
    response = client.post(path, ANSWER, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403 and not PretestAnswer.objects.exists()


def test_one_link_for_all_takes_so_many_answers_and_keeps_nobody(draft, client, oskar, noon):
    pretest = scene.show(draft, by=oskar, at=noon, size=2)
    path = reverse("pretests:answer", args=[pretest_links.token_of(pretest)])

    answers = [client.post(path, ANSWER).status_code for _ in range(3)]

    assert answers == [200, 200, 410] and client.get(path).status_code == 410
    assert list(PretestAnswer.objects.values_list("number", "seat")) == [(1, None), (2, None)]


def test_from_one_place_a_link_for_all_takes_some_answers_an_hour(draft, client, oskar, noon):
    pretest = scene.show(draft, by=oskar, at=noon, size=20)
    path = reverse("pretests:answer", args=[pretest_links.token_of(pretest)])

    assert [client.post(path, ANSWER).status_code for _ in range(6)] == [200] * 5 + [429]
