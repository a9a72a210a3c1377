"""Dates in words of languages that have no vocabulary here are dates, not two numbers."""

import pytest

from lib.text.facts.detection import facts_in, figures_in
from lib.text.facts.fact import differences
from lib.text.facts.replacement import replaced

FINNISH = "Keitä vesi 4. joulukuuta 2026 klo 18.00 asti."


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("se", "Duolddat čázi juovlamánu 4. beaivvi 2026 dii. 18:00 rádjai.", "2026-12-04"),
        ("se", "Juovlamánnu 4. b.", "12-04"),
        ("se", "skábmamánus 3. beaivvi", "11-03"),
        ("ar", "اغلوا الماء حتى 4 ديسمبر 2026 الساعة 18:00.", "2026-12-04"),
        ("uk", "Кип'ятіть воду до 4 грудня 2026 року.", "2026-12-04"),
        ("ru", "до 4 декабря 2026 г.", "2026-12-04"),
        ("et", "kuni 4. detsembrini 2026", "2026-12-04"),
        ("so", "Diseembar 4, 2026", "2026-12-04"),
        ("es", "hasta el 4 de diciembre", "12-04"),
    ],
)
def test_a_date_with_a_named_month_is_one(language, text, value):
    assert [fact.value for fact in facts_in(text, language) if fact.kind == "date"] == [value]
    assert not {fact.value for fact in facts_in(text, language)} & {"4", "2026"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("se", "Duolddat čázi juovlamánu 4. beaivvi 2026 dii. 18:00 rádjai."),
        ("ar", "اغلوا الماء حتى 4 ديسمبر 2026 الساعة 18:00."),
    ],
)
def test_such_a_date_says_what_the_original_says(language, text):
    assert differences(figures_in(FINNISH, "fi"), figures_in(text, language)) == ([], [])
    other = differences(figures_in(FINNISH, "fi"), figures_in(text.replace("4", "5", 1), language))
    assert [[fact.value for fact in facts] for facts in other] == [["2026-12-04"], ["2026-12-05"]]


@pytest.mark.parametrize("text", ["Ságastalle 4 olbmuin.", "Juovlamánu 41. beaivvi", "4 5 6", "31 guovvamánu"])
def test_what_is_no_date_stays_a_number(text):
    assert not [fact for fact in facts_in(text, "se") if fact.kind == "date"]


def test_a_person_writes_another_date_where_the_words_of_the_language_are_not_known():
    text = "Juovlamánu 4. beaivvi 2026 rádjai."
    done = replaced(text, [fact for fact in facts_in(text, "se") if fact.kind == "date"], "2026-12-05", "se")
    assert (done.text, done.changed, len(done.left)) == (text, (), 1)


def test_a_number_after_a_word_without_capitals_is_no_name():
    assert differences(figures_in("Soita 112.", "fi"), figures_in("اتصلوا بالرقم 112.", "ar")) == ([], [])
