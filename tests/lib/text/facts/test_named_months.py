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


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        ("ar", "من 2 إلى 5 ديسمبر", ["12-02", "12-05"]),
        ("ar", "بين 2 و5 ديسمبر 2026", ["2026-12-02", "2026-12-05"]),
        ("ru", "со 2 по 5 декабря", ["12-02", "12-05"]),
        ("et", "2.–5. detsembrini 2026", ["2026-12-02", "2026-12-05"]),
        ("se", "juovlamánu 2.–5. beaivvi", ["12-02", "12-05"]),
        ("ru", "через 5 дней 12 декабря", ["12-12"]),
        ("ar", "من 5 إلى 2 ديسمبر", ["12-02"]),
        ("se", "juovlamánu 4. beaivvi 12 olbmo", ["12-04"]),
    ],
)
def test_two_days_of_one_month_are_a_range_and_other_numbers_beside_a_date_are_none(language, text, values):
    assert [fact.value for fact in facts_in(text, language) if fact.kind == "date"] == values
    if len(values) == 2:
        year = " 2026" if len(values[0]) > 5 else ""
        original = figures_in(f"2.–5. joulukuuta{year}", "fi")
        assert differences(original, figures_in(text, language)) == ([], [])


def test_a_date_that_ends_a_sentence_is_told_without_its_full_stop():
    assert [fact.written for fact in facts_in("حتى 12 ديسمبر.", "ar")] == ["12 ديسمبر"]
