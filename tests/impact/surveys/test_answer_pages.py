"""The page on which people answer: in their language, without script, and in each of its states."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from impact.models import Asked, SealedBox, Survey, Ticket
from impact.surveys import answers
from tests.support.builders import build_campaign, build_influencer

from . import scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon, time_machine):
    time_machine.move_to(noon)


@pytest.fixture
def survey(campaign, alma, oskar, noon):
    """A survey that runs."""
    return scene.running(campaign, alma=alma, oskar=oskar, at=noon)


@pytest.fixture
def token(survey, noon):
    """A token that somebody was mailed."""
    return scene.mailed_tokens(at=noon)[0][1]


def test_the_page_is_in_the_language_of_its_address(token, client):
    with override("fi"):
        finnish = client.get(reverse("surveys:answer", args=[token])).content.decode()

    assert "Sain riittävästi tietoa." in finnish
    assert "Mikä jäi epäselväksi?" in finnish
    assert finnish.count('type="radio"') == 10


def test_what_is_missing_keeps_the_other_answers(token, client):
    response = client.post(reverse("surveys:answer", args=[token]), {"q1": "2", "q3": "why the order changes"})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#k2"' in page
    assert 'name="q1" value="2" required id="id_q1_2" checked' in page or 'value="2"' in page.split("checked")[0][-80:]
    assert "why the order changes" in page
    assert Ticket.objects.count() == 30


@pytest.mark.parametrize(
    "wrong", [{"q1": "5"}, {"q1": "-1"}, {"q1": "x"}, {"q1": ["0\x00"]}, {"q3": "x" * 201}, {"q1": ""}]
)
def test_no_other_answer_is_taken(token, client, wrong):
    response = client.post(reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1", "q3": ""} | wrong)

    assert response.status_code == 422
    assert Ticket.objects.count() == 30
    assert not SealedBox.objects.filter(kind="box").exists()


def test_a_text_is_kept_as_one_line_without_what_nobody_sees(survey, token, client):
    client.post(reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1", "q3": " a\r\nb\tc \x07 "})

    assert answers.answers_in_boxes(survey) == [["en", 0, 1, "a b c"]]


def test_a_post_from_another_site_answers_nothing(token, client):
    response = client.post(
        reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert response.status_code == 403
    assert Ticket.objects.count() == 30


def test_a_closed_survey_says_so(survey, token, client, time_machine):
    time_machine.move_to(survey.closes_at + timedelta(seconds=1))

    for response in (
        client.get(reverse("surveys:answer", args=[token])),
        client.post(reverse("surveys:answer", args=[token]), {"q1": "0", "q2": "1"}),
    ):
        assert response.status_code == 410
        assert "has closed" in response.content.decode()
    answers.close_due(at=survey.closes_at)
    assert client.get(reverse("surveys:answer", args=[token])).status_code == 410


def test_the_page_tells_neither_caches_nor_other_sites_of_its_address(token, client):
    response = client.get(reverse("surveys:answer", args=[token]))

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_anyone_may_answer_a_public_one_some_times_from_a_place(campaign, alma, oskar, noon, client):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon, way="public")
    address = reverse("surveys:public", args=[survey.code])

    assert "does not speak for everyone" in client.get(address).content.decode()
    statuses = [client.post(address, {"q1": "0", "q2": "1"}).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]
    assert len(answers.answers_in_boxes(survey)) == 5
    assert not Asked.objects.exists()
    wrong = client.get(reverse("surveys:public", args=["nothing"]))
    assert wrong.status_code == 404 and "about a minute" not in wrong.content.decode()


def test_an_influencer_takes_their_link_once(campaign, alma, oskar, noon, client):
    people = [build_influencer(campaign, f"ines{number}") for number in range(20)]
    survey = scene.start(scene.compose(campaign, by=alma, at=noon, group="influencers"), by=oskar, at=noon)
    client.force_login(people[0].user)
    home, mine = reverse("influencers:home"), reverse("surveys:mine", args=[survey.pk])
    assert "You were drawn for a survey" in client.get(home).content.decode()

    given = client.post(mine)

    assert given.status_code == 302
    assert client.get(given.url).status_code == 200
    assert "You already have your link" in client.post(mine).content.decode()
    assert "You were drawn for a survey" not in client.get(home).content.decode()
    assert SealedBox.objects.get(kind="hat").parts == 19


def test_an_influencer_who_was_not_drawn_has_no_page(campaign, alma, oskar, noon, client):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    client.force_login(build_influencer(campaign).user)

    assert client.get(reverse("surveys:mine", args=[survey.pk])).status_code == 404
    assert client.post(reverse("surveys:mine", args=[survey.pk])).status_code == 404
    assert SealedBox.objects.get(kind="hat").parts == 30


def test_influencers_see_the_link_to_share(campaign, alma, oskar, noon, client):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon, way="public")
    client.force_login(build_influencer(campaign).user)

    assert reverse("surveys:public", args=[survey.code]) in client.get(reverse("influencers:home")).content.decode()


# --- The desk


def test_a_survey_is_composed_and_started_at_the_desk(campaign, alma, oskar, noon, client):
    from tests.support.builders import build_digest, build_subscribers

    build_subscribers(30, build_digest(campaign))
    client.force_login(alma)
    told = {
        "name": "Week 19",
        "way": "drawn",
        "group": "subscribers",
        "size": "20",
        "apart_weeks": "7",
        "open_days": "7",
    }
    response = client.post(
        reverse("admin:impact_survey_add"), told | {"q1": "informed", "q2": "own", "q2_en": "Only English"}
    )
    assert response.status_code == 422
    assert "own language" in response.content.decode()
    response = client.post(reverse("admin:impact_survey_add"), told | {"q1": "informed", "q2": "unclear"})
    survey = Survey.objects.get()
    page = reverse("admin:impact_survey_change", args=[survey.pk])
    assert response.url == page
    assert [question["key"] for question in survey.questions] == ["informed", "unclear"]
    assert "You worked on this text" in client.get(page).content.decode()
    assert client.post(page, {"seen": "x"}).status_code == 403

    client.force_login(oskar)
    shown = client.get(page)
    assert "30 people could be drawn now" in shown.content.decode()
    assert client.post(page, {"seen": "x"}).status_code == 409
    assert client.post(page, {"seen": shown.context["pane"].seen}).status_code == 302
    assert Survey.objects.get().drawn == 20
    assert "20 people were drawn" in client.get(page).content.decode()
    assert client.get(f"{page}?compose").status_code == 200


def test_the_desk_never_shows_who_was_drawn_nor_another_campaign(campaign, survey, alma, noon, client):
    client.force_login(alma)
    page = client.get(reverse("admin:impact_survey_change", args=[survey.pk])).content.decode()
    assert not [row.recipient.email for row in survey.asked.select_related("recipient") if row.recipient.email in page]

    other = build_campaign("other", published_at=None)
    foreign = scene.compose(other, by=alma, at=noon)
    assert client.get(reverse("admin:impact_survey_change", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("admin:impact_survey_csv", args=[foreign.pk])).status_code == 404


def test_results_show_shares_with_intervals_and_texts_to_whoever_may_read_them(
    campaign, survey, alma, oskar, noon, client, time_machine, django_assert_max_num_queries
):
    for number, (_address, each) in enumerate(scene.mailed_tokens(at=noon)):
        scene.answer(survey, each, at=noon, places=(0 if number < 24 else 3, 0), text="the order" if number < 6 else "")
    answers.close_due(at=survey.closes_at)
    time_machine.move_to(survey.closes_at)
    page = reverse("admin:impact_survey_change", args=[survey.pk])
    client.force_login(oskar)
    assert "the order" not in client.get(page).content.decode()

    client.force_login(alma)
    with django_assert_max_num_queries(40):
        shown = client.get(page).content.decode()
    assert "80 % (63–90)" in shown
    assert "6 people wrote something." in shown
    assert shown.count("the order") == 6
    assert "everyone who is still known was drawn rightly" in shown
