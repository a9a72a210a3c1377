"""A text that says something else than what holds is told so beside the sentence that holds, whatever its words."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bulletins.models import KeyMessage, Version
from factcheck.matching import similar_claims
from lib.text.statements.comparison import Outcome
from lib.text.statements.differences import Reason
from tests.support import builders
from tests.support.builders import NOON
from website.check_text import matcher, paraphrases
from website.check_text.matcher import recognise

from .test_matcher import LATER, border, correct  # noqa: F401  # a fixture

EATING = {
    "fi": "Ravintolat ja kahvilat ovat kiinni 31. toukokuuta asti. Ruokaa saa ostaa mukaan.",
    "sv": "Restauranger och kaféer är stängda till och med den 31 maj. Du får köpa mat att ta med.",
    "en": "Restaurants and cafés are closed until 31 May. You may buy food to take away.",
}
OTHERS = {
    "fi": "Liikkumisrajoitukset kestävät 19. huhtikuuta asti. Muita rajoituksia jatketaan 13. toukokuuta asti.",
    "sv": "Begränsningarna i rörelsefriheten varar till den 19 april. De andra begränsningarna fortsätter till den 13 maj.",
    "en": "The movement restrictions last until 19 April. Other restrictions continue until 13 May.",
}


def publish(campaign: Any, **more: Any) -> Version:
    """Publish a bulletin on restaurants."""
    bulletin = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=EATING, **more)
    return builders.published(bulletin)


@pytest.fixture
def eating(campaign: Any) -> Version:
    """Such a bulletin."""
    return publish(campaign)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "Hei! Raflat aukee jo 1.5. 🍻 kuka lähtee kanssani"),
        ("sv", "Asså kaféerna är öppna till sista maj, vi ses där!"),
        ("en", "omg you cant even get takeaway anymore"),
    ],
)
def test_other_words_against_a_bulletin_are_told_beside_the_sentence_that_holds(
    language: str, text: str, campaign: Any, eating: Version
):
    (match,) = recognise(campaign, text, at=LATER, language=language).bulletins
    (line,) = match.lines

    assert (match.kind, line.language) == (matcher.CONTRARY, language)
    assert line.now in EATING[language] and line.said in text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("My birthday is on 31 May, who is coming?", set()),
        ("Somebody said that the restaurants are open now", {matcher.UNSURE}),
    ],
)
def test_what_is_about_something_else_is_not_and_doubt_is_called_doubt(
    text: str, kinds: set[str], campaign: Any, eating: Version
):
    found = recognise(campaign, text, at=LATER, language="en")

    assert {line.kind for match in found.bulletins for line in match.lines} <= kinds | {matcher.ALIKE, matcher.CURRENT}
    assert bool(kinds) == any(match.kind in kinds for match in found.bulletins)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "raflat on yhä kii, mut mukaan saa ostaa safkaa"),
        ("sv", "krogarna är stängda till sista maj, hämtmat går bra"),
        ("en", "no sitting in cafés before june, but grab some food to go"),
    ],
)
def test_what_says_again_in_everyday_words_what_holds_is_told_so_beside_it(
    language: str, text: str, campaign: Any, eating: Version
):
    found = recognise(campaign, text, at=LATER, language=language)
    (match,) = found.bulletins

    assert match.kind == matcher.SAID_AGAIN and found.others == []
    assert {line.now for line in match.lines} <= {one.strip() + "." for one in EATING[language].split(".")}
    assert not found.is_whole


@pytest.mark.parametrize(
    ("text", "differs", "theirs"),
    [
        ("Restaurants and cafés are open until 21 May.", Reason.OPPOSITE, ()),
        ("Restaurants and cafés open on 13 May.", Reason.DATE, ("13 May",)),
    ],
)
def test_the_reason_is_the_state_where_that_differs_and_the_day_where_only_that_does(
    text: str, differs: Reason, theirs: tuple[str, ...], campaign: Any, eating: Version
):
    (match,) = recognise(campaign, text, at=LATER, language="en").bulletins
    (line,) = match.lines

    assert (line.kind, line.differs, line.theirs) == (matcher.CONTRARY, differs, theirs)


def test_what_held_before_a_correction_is_replaced_in_other_words_too(campaign: Any, border: Version):  # noqa: F811
    correct(border)

    (match,) = recognise(
        campaign, "so the movement restrictions end on 13 april!", at=LATER + timedelta(hours=1), language="en"
    ).bulletins

    assert [(line.kind, line.version) for line in match.lines] == [(matcher.SUPERSEDED, 1)]
    assert "19 April" in match.lines[0].now


def test_a_corrected_date_is_right_beside_another_bulletin_and_the_old_one_was_corrected(
    campaign: Any,
    border: Version,  # noqa: F811
    django_assert_max_num_queries: Any,
):
    correct(border)
    other = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=other).update(text=OTHERS)
    builders.published(other, at=LATER)
    at = LATER + timedelta(hours=1)
    right, rest, wrong = (
        recognise(campaign, text, at=at, language="en").bulletins
        for text in (
            "the movement restrictions are over on 19 april, hang in there",
            "all the other restrictions keep on till 13 may",
            "the movement restrictions are over on 13 april, hang in there",
        )
    )

    assert {match.kind for match in right} == {matcher.SAID_AGAIN}
    assert not {match.kind for match in rest} & {matcher.CONTRARY, matcher.SUPERSEDED, matcher.ALTERED}
    assert (wrong[0].kind, wrong[0].current.bulletin) == (matcher.SUPERSEDED, border.bulletin)
    campaign.refresh_from_db()
    with django_assert_max_num_queries(4):
        paraphrases.find(campaign, "the movement restrictions are over on 13 april", at=at, language="en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nylandsgränsen öppnar 4 december", "sv"),
        ("all restrictions end on 10 December", "en"),
        ("restaurants open again in may", "en"),
        ("raflat kii", "fi"),
    ],
)
def test_a_short_text_is_read_in_its_language(text: str, language: str, campaign: Any):
    assert similar_claims.language_of(text, campaign) == language


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("Ravintolat ja kahvilat on kii toukokuun 31. asti", "fi", matcher.SAID_AGAIN),
        ("restaurants and cafés are closed until 31 may", "en", matcher.CURRENT),
        ("restaurants and cafés are closed until 30 may", "en", matcher.ALTERED),
    ],
)
def test_a_day_is_the_same_however_it_is_written(text: str, language: str, kind: str, campaign: Any, eating: Version):
    (match,) = recognise(campaign, text, at=LATER, language=language).bulletins

    assert match.kind == kind


def test_what_is_over_contradicts_nothing(campaign: Any):
    publish(campaign, valid_until=NOON + timedelta(days=60))
    text = "restaurants are open, hurray"

    assert paraphrases.find(campaign, text, at=LATER, language="en")
    assert not paraphrases.find(campaign, text, at=NOON + timedelta(days=61), language="en")


def test_it_asks_the_database_three_times_however_much_is_said(
    campaign: Any, eating: Version, django_assert_max_num_queries: Any
):
    text = "Raflat auki! Koulut kiinni! Junat ei kulje! Kirjastot auki! " * 20
    campaign.refresh_from_db()
    with django_assert_max_num_queries(3):
        paraphrases.find(campaign, text, at=LATER, language="fi")


def test_the_page_says_so_and_shows_both_sentences(campaign: Any, eating: Version):
    text = "omg the cafes are open again, see you there"
    page = Client().post("/en/check/", {"text": text}).content.decode()

    assert "Not what we say" in page and text in page and "Your text says the opposite." in page
    assert "Restaurants and cafés are closed until 31 May." in page


def test_names_of_a_place_elsewhere_are_doubtful(campaign: Any, eating: Version):
    found = paraphrases.find(campaign, "Restaurants in Sweden are open", at=LATER, language="en")

    assert [one.outcome for one in found] in ([], [Outcome.UNSURE])
