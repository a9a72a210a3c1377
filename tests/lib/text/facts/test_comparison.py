"""Numbers, dates and times in three languages, brought to one form."""

import time

import pytest

from bulletins.checks.consistency.figures_match import written_date
from lib.text.facts.detection import figures_in
from lib.text.facts.fact import differences


def readings(text: str, language: str) -> list[set[tuple[str, str]]]:
    return [set(figure.readings) for figure in figures_in(text, language)]


SAME = [
    ("voimassa 19.4. asti", "till och med den 19 april", "until April 19"),
    ("19. huhtikuuta", "19.4", "19 April"),
    ("16.3.2020", "den 16 mars 2020", "March 16, 2020"),
    ("2020-04-19", "2020-04-19", "19 April 2020"),
    ("28. maaliskuuta – 19. huhtikuuta", "den 28 mars – 19 april", "from 28 March to 19 April"),
    ("10.–13. huhtikuuta", "den 10–13 april", "10–13 April"),
    ("kolmanteentoista huhtikuuta asti", "till och med den trettonde april", "until the thirteenth of April"),
    ("kahdenteenkymmenenteen viidenteen huhtikuuta", "den tjugofemte april", "the twenty-fifth of April"),
    ("klo 9.15", "kl. 9.15", "9:15 am"),
    ("klo 0.00", "kl. 0.00", "at 0:00"),
    ("klo 15", "klockan 15", "3 pm") ,
    ("klo 9–16", "kl. 9–16", "from 9 to 16"),
    ("1 500 ihmistä", "1 500 personer", "1,500 people"),
    ("1,5 metriä", "1,5 meter", "1.5 metres"),
    ("30 prosenttia", "30 procent", "30 per cent"),
    ("30 %", "30 %", "30%"),
    ("20 euroa", "20 euro", "€20"),
    ("1.–3. luokka", "årskurserna 1–3", "grades 1–3"),
    ("kahden metrin väli", "två meters avstånd", "two metres apart"),
    ("kymmenen hengen raja", "högst 10 personer", "ten at most"),
    ("yli 70-vuotias", "över 70 år", "over 70"),
    ("numero 09 2525 0111", "numret +358 9 2525 0111", "call 09 2525 0111"),
    ("iOS 13.5 tai Android 6.0", "iOS 13.5 eller Android 6.0", "iOS 13.5 or Android 6.0"),
]  # fmt: skip


@pytest.mark.parametrize(("fi", "sv", "en"), SAME)
def test_the_same_value_is_the_same_however_it_is_written(fi, sv, en):
    finnish = figures_in(fi, "fi")
    assert finnish
    for text, language in ((sv, "sv"), (en, "en")):
        assert differences(finnish, figures_in(text, language)) == ([], []), language


@pytest.mark.parametrize(
    ("fi", "en"),
    [
        ("19. huhtikuuta", "13 April"),
        ("19. huhtikuuta", "19 May"),
        ("klo 9.15", "9:45 am"),
        ("10 henkilöä", "12 people"),
        ("30 prosenttia", "13 per cent"),
        ("kolmen metrin", "two metres"),
        ("09 2525 0111", "09 2525 0113"),
        ("16.3.2020", "16 March 2021"),
    ],
)
def test_another_value_is_a_difference_on_both_sides(fi, en):
    lacking, extra = differences(figures_in(fi, "fi"), figures_in(en, "en"))

    assert [figure.written for figure in lacking]
    assert [figure.written for figure in extra]


def test_a_value_that_is_left_out_is_named_as_it_was_written():
    lacking, extra = differences(figures_in("Auki klo 9.15.", "fi"), figures_in("Open.", "en"))

    assert [figure.written for figure in lacking] == ["klo 9.15"]
    assert extra == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You may 10", "en"),
        ("[kuva](https://example.org/001/kuva-10.png) #2020 a1@example.org", "fi"),
        ("COVID-19 och 5G", "sv"),
    ],
)
def test_what_is_no_date_or_number_of_the_text_is_left_out(text, language):
    assert all(kind != "date" for found in readings(text, language) for kind, _value in found)
    assert not [found for found in readings(text, language) if language != "en"]


def test_a_word_for_one_is_never_missed():
    assert differences(figures_in("Kukaan ei tiedä.", "fi"), figures_in("No one knows.", "en")) == ([], [])


def test_a_language_without_a_table_is_read_by_its_digits():
    assert readings("до 19.4.2020", "ru") == [{("date", "04-19")}]


@pytest.mark.parametrize("text", ["avataan 31.4.", "30. helmikuuta", "31.2.2027", "19. huhtıkuuta", "fıve APRİL"])
def test_what_is_no_date_is_read_without_harm(text):
    for code in ("fi", "sv", "en"):
        assert all(written_date(date) for figure in figures_in(text, code) for date in figure.dates)


@pytest.mark.parametrize("sign", ["[", "@", "](", "<https://", "1", "a@", "19."])
def test_a_long_run_of_anything_takes_no_time(sign):
    began = time.process_time()
    figures_in(sign * 20_000, "fi")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("one", "other"), [("15min", "10min"), ("30kg", "35kg"), ("1990s", "1995s")])
def test_a_number_glued_to_letters_is_the_whole_number(one, other):
    assert differences(figures_in(one, "en"), figures_in(other, "en")) != ([], [])
    assert differences(figures_in("30kg", "en"), figures_in("30 kg", "fi")) == ([], [])
