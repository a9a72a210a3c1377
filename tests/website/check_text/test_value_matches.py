"""A sentence in other words is shown with the values that it has of ours, and no more is said of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bulletins.models import KeyMessage, Version
from factcheck.matching import similar_claims
from lib.text.statements import inference_model
from lib.text.statements.inference_model import Relation
from tests.support import builders
from tests.support.builders import NOON
from website.check_text import matcher, value_matches
from website.check_text.matcher import recognise

from .test_matcher import LATER, border, correct  # noqa: F401  # a fixture

EATING = {
    "fi": "Ravintolat ja kahvilat ovat kiinni 31. toukokuuta asti. Ruokaa saa ostaa mukaan.",
    "sv": "Restauranger och kaféer är stängda till och med den 31 maj. Du får köpa mat att ta med.",
    "en": "Restaurants and cafés are closed until 31 May. You may buy food to take away.",
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
    ("language", "text", "same", "theirs"),
    [
        ("fi", "moi, ravintolat ja kahvilat kiinni 31.5. saakka, harmi", ("31. toukokuuta",), ()),
        ("fi", "moi, ravintolat kiinni vain 15.5. asti, jee", (), ("15.5",)),
        ("sv", "hej, restaurangerna är stängda till 31.5, synd", ("den 31 maj",), ()),
        ("en", "cafés and restaurants shut til 31.5.", ("31 May",), ()),
        ("en", "hurray, restaurants and cafes open 31 may", ("31 May",), ()),
        ("en", "restaurants stay closed til 15 june, my cousin says", (), ("15 June",)),
    ],
)
def test_values_are_shown_beside_the_sentence_that_holds_and_nothing_is_called_ours(
    language: str, text: str, same: Any, theirs: Any, campaign: Any, eating: Version
):
    (match,) = recognise(campaign, text, at=LATER, language=language).bulletins
    line = match.lines[0]

    assert match.kind == (matcher.ALTERED if theirs else matcher.ALIKE)
    assert (line.same, tuple(one.rstrip(".") for one in line.theirs)) == (same, theirs)
    assert line.now in EATING[language]


def test_a_model_that_is_installed_guesses_and_the_page_says_so(
    campaign: Any, eating: Version, monkeypatch: pytest.MonkeyPatch
):
    text = "hurray, restaurants and cafes open 31 may"
    assert "language model" not in Client().post("/en/check/", {"text": text}).content.decode()
    monkeypatch.setattr(inference_model, "infer", lambda pairs: [Relation.CONTRADICTION] * len(pairs))

    page = Client().post("/en/check/", {"text": text}).content.decode()

    assert "A language model guesses that this sentence contradicts the bulletin." in page
    assert "Restaurants and cafés are closed until 31 May." in page


def test_a_date_of_ours_is_not_wrong_because_something_else_ends_on_another_day(
    campaign: Any,
    border: Version,  # noqa: F811
    eating: Version,
):
    correct(border)

    matches = recognise(campaign, "movement restrictions: 19.4. it is!", at=LATER + timedelta(hours=1), language="en")

    assert matcher.ALTERED not in {match.kind for match in matches.bulletins}


@pytest.mark.parametrize("text", ["My birthday is on 31 May, who is coming?", "My birthday is on 30 May!"])
def test_what_is_about_something_else_is_not_found(text: str, campaign: Any, eating: Version):
    assert not recognise(campaign, text, at=LATER, language="en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nylandsgränsen öppnar 4 december", "sv"),
        ("all restrictions end on 10 December", "en"),
        ("restaurants open again in may", "en"),
    ],
)
def test_a_short_text_is_read_in_its_language(text: str, language: str, campaign: Any):
    assert similar_claims.language_of(text, campaign) == language


def test_what_is_over_is_compared_with_nothing(campaign: Any):
    publish(campaign, valid_until=NOON + timedelta(days=60))
    text = "restaurants and cafés closed til 15 may"

    assert value_matches.find(campaign, [text], at=LATER, language="en")
    assert not value_matches.find(campaign, [text], at=NOON + timedelta(days=61), language="en")


def test_it_asks_the_database_three_times_however_much_is_said(
    campaign: Any, eating: Version, django_assert_max_num_queries: Any
):
    campaign.refresh_from_db()
    with django_assert_max_num_queries(3):
        value_matches.find(campaign, ["Ravintolat kiinni 3.5.", "Koulut kiinni 4.5."] * 20, at=LATER, language="fi")
