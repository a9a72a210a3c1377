"""A fact takes another value and keeps its form; first of all a hundred Finnish ones in their cases."""

from datetime import date

import pytest

from lib.text.facts.detection import facts_in
from lib.text.facts.fact import grouped
from lib.text.facts.replacement import Backwards, Unwritable, render, replaced
from lib.text.facts.values import is_after, is_day, is_too_little, is_value

TODAY = date(2026, 3, 1)

FINNISH = """
torstaina 26. maaliskuuta | 04-01 | keskiviikkona 1. huhtikuuta
torstaihin 26. maaliskuuta | 04-01 | keskiviikkoon 1. huhtikuuta
torstaista 26. maaliskuuta | 03-30 | maanantaista 30. maaliskuuta
torstain 26. maaliskuuta | 04-05 | sunnuntain 5. huhtikuuta
keskiviikkona 1. huhtikuuta | 04-07 | tiistaina 7. huhtikuuta
keskiviikkoon 1.4. | 04-03 | perjantaihin 3.4.
keskiviikosta 1.4. | 04-04 | lauantaista 4.4.
keskiviikon 1.4. | 04-06 | maanantain 6.4.
Maanantaina 30.3. | 04-01 | Keskiviikkona 1.4.
PERJANTAINA 3.4. | 04-01 | KESKIVIIKKONA 1.4.
pe 4.12. | 12-05 | la 5.12.
la 5.12.2026 | 2026-12-06 | su 6.12.2026
Ke 2.12. | 12-03 | To 3.12.
25.3. | 04-01 | 1.4.
25.3.2026 | 2027-04-01 | 1.4.2027
05.03.2026 | 2026-11-09 | 09.11.2026
25. maaliskuuta | 12-31 | 31. joulukuuta
25. maaliskuuta 2026 | 2027-01-02 | 2. tammikuuta 2027
maaliskuun 25. päivänä | 04-01 | huhtikuun 1. päivänä
maaliskuun 25. päivään | 02-28 | helmikuun 28. päivään
maaliskuun 25. päivästä | 05-01 | toukokuun 1. päivästä
toukokuun kolmantena päivänä | 06-11 | kesäkuun yhdentenätoista päivänä
kolmanteentoista huhtikuuta | 04-19 | yhdeksänteentoista huhtikuuta
ensimmäisenä toukokuuta | 05-02 | toisena toukokuuta
kahdenteenkymmenenteenviidenteen huhtikuuta | 04-30 | kolmanteenkymmenenteen huhtikuuta
viidenteen joulukuuta | 12-21 | kahdenteenkymmenenteenensimmäiseen joulukuuta
huhtikuun | 05 | toukokuun
elokuussa | 11 | marraskuussa
elokuusta 2026 | 2027-01 | tammikuusta 2027
kesäkuuhun | 09 | syyskuuhun
vuonna 2026 | 2027 | 2027
torstaina | mon | maanantaina
torstaihin | wed | keskiviikkoon
torstaista | wed | keskiviikosta
torstain | wed | keskiviikon
torstaisin | wed | keskiviikkoisin
keskiviikkoisin | sun | sunnuntaisin
keskiviikkoaamuun | fri | perjantaiaamuun
Torstai-iltaan | tue | Tiistai
huomenna | 2 | ylihuomenna
tänään | 1 | huomenna
klo 15 | 16:00 | klo 16
klo 15 | 15:30 | klo 15.30
klo 15.30 | 07:05 | klo 7.05
klo 08.00 | 07:30 | klo 07.30
kello 9.15 | 18:00 | kello 18.00
kello kolme | 05:00 | kello viisi
kello kolmeen | 05:00 | kello viiteen
kello kahdesta | 10:00 | kello kymmenestä
viideltä | 07:00 | seitsemältä
kello puoli kahdeksan | 08:30 | kello puoli yhdeksän
puoli kahdeksaan | 06:30 | puoli seitsemään
klo 17:ään | 18:00 | klo 18:aan
klo 18:sta | 17:00 | klo 17:stä
klo 8:aan | 08:30 | klo 8.30:een
44:ssä | 16 | 16:ssa
380:llä | 12 | 12:lla
18:aa | 12 | 12:ta
aamuseitsemästä | 20:00 | iltakahdeksasta
kello kahdeksalta illalla | 09:00 | kello yhdeksältä aamupäivällä
keskiyöllä | 12:00 | keskipäivällä
keskiyöhön | 12:00 | keskipäivään
kaksi vuorokautta | 3 d | kolme vuorokautta
kaksi vuorokautta | 1 d | yksi vuorokausi
yksi vuorokausi | 2 d | kaksi vuorokautta
kolmen vuorokauden | 2 d | kahden vuorokauden
kolmen vuorokauden | 1 d | yhden vuorokauden
kolmessa vuorokaudessa | 5 d | viidessä vuorokaudessa
kolmeksi päiväksi | 2 d | kahdeksi päiväksi
kolmeen viikkoon | 4 wk | neljään viikkoon
kolmella viikolla | 6 wk | kuudella viikolla
kuutta kuukautta | 9 mo | yhdeksää kuukautta
seitsemän päivän | 14 d | neljäntoista päivän
seitsemän päivää | 14 d | neljätoista päivää
kymmenen minuutin | 15 min | viidentoista minuutin
kymmenen minuuttia | 1 min | yksi minuutti
viidessä minuutissa | 20 min | kahdessakymmenessä minuutissa
5 minuuttia | 1 min | 1 minuutti
48 tuntia | 72 h | 72 tuntia
48 tunnin | 24 h | 24 tunnin
2 vrk | 48 h | 2 vrk
kahteen tuntiin | 12 h | kahteentoista tuntiin
puoli tuntia | 45 min | 45 minuuttia
kolme | 4 | neljä
kolmea | 5 | viittä
kolmeen | 8 | kahdeksaan
kolmessa | 7 | seitsemässä
kolmesta | 12 | kahdestatoista
kolmella | 21 | kahdellakymmenelläyhdellä
kolmelle | 10 | kymmenelle
kolmena | 2 | kahtena
kolmeksi | 6 | kuudeksi
kahdellatoista | 15 | viidellätoista
Kymmenen | 20 | Kaksikymmentä
kymmenenkin | 5 | viisikin
yhdeksänsataa | 800 | kahdeksansataa
neljäkymmentäyhdeksän | 52 | viisikymmentäkaksi
1 200 | 980 | 980
1 200 | 15000 | 15 000
1,8 miljoonaa | 2500000 | 2,5 miljoonaa
kahden metrin | 3 m | kolmen metrin
kuutta litraa | 8 l | kahdeksaa litraa
20 litraa | 10 l | 10 litraa
-25 astetta | -30 °C | -30 astetta
50 euroa | 1 EUR | 1 euro
300 eurosta | 450 EUR | 450 eurosta
4,5 miljoonaa euroa | 3200000 EUR | 3,2 miljoonaa euroa
15 prosenttia | 20 | 20 prosenttia
kymmenen prosentin | 12 | kahdentoista prosentin
1,5 metriä | 2 m | 2 metriä
"""

OTHERS = [
    ("sv", "onsdagen den 4 december", 0, "2026-04-01", "onsdagen den 1 april"),
    ("sv", "fredag 4.12", 0, "2026-12-05", "lördag 5.12"),
    ("sv", "den 3:e maj", 0, "05-02", "den 2:a maj"),
    ("sv", "den tredje maj", 0, "05-21", "den tjugoförsta maj"),
    ("sv", "kl. 15.30", 0, "16:00", "kl. 16.00"),
    ("sv", "klockan åtta på kvällen", 0, "09:00", "klockan nio på förmiddagen"),
    ("sv", "tre dygn", 0, "1 d", "ett dygn"),
    ("sv", "tre dagar", 0, "1 d", "en dag"),
    ("sv", "i morgon", 0, "0", "i dag"),
    ("sv", "10 000", 0, "12500", "12 500"),
    ("en", "Thursday 26 March", 0, "2026-04-01", "Wednesday 1 April"),
    ("en", "March 26, 2026", 0, "2026-04-01", "April 1, 2026"),
    ("en", "26th of March", 0, "04-02", "2nd of April"),
    ("en", "the twenty-fifth of April", 0, "04-13", "the thirteenth of April"),
    ("en", "2 p.m.", 0, "11:00", "11 a.m."),
    ("en", "2:15 PM", 0, "00:05", "12:05 AM"),
    ("en", "15:30", 0, "08:00", "8:00"),
    # English names both twelves.
    ("en", "6 p.m.", 0, "12:00", "noon"),
    ("en", "6:00 PM", 0, "00:00", "midnight"),
    ("en", "2–6 p.m.", 0, "12:00", "noon–6 p.m."),
    ("en", "8–11 a.m.", 1, "12:00", "8 a.m.–noon"),
    ("en", "12 noon", 0, "18:30", "6:30 p.m."),
    ("en", "noon", 0, "18:30", "6.30 p.m."),
    ("en", "by ten tonight", 0, "21:00", "nine"),
    ("fi", "Kakskyt sekuntia", 0, "30 s", "Kolmekymmentä sekuntia"),
    ("fi", "viidenkympin", 0, "60", "kuudenkymmenen"),
    ("fi", "kolme varttia", 0, "30 min", "30 minuuttia"),
    ("sv", "tre kvart", 0, "1 h", "1 timme"),
    ("fi", "puoli prosenttia", 0, "2", "2 prosenttia"),
    ("en", "two days", 0, "1 d", "one day"),
    ("en", "one day", 0, "2 d", "two days"),
    ("en", "a 48-hour", 0, "24 h", "24-hour"),
    ("en", "1,200", 0, "900", "900"),
    ("en", "€4.5 million", 0, "3200000 EUR", "€3.2 million"),
    ("en", "two hundred and fifty", 0, "300", "three hundred"),
    # Ranges: the ends share what they can.
    ("en", "24–26 March", 1, "03-27", "24–27 March"),
    ("en", "24–26 March", 1, "04-02", "24 March – 2 April"),
    ("en", "March 24–26, 2026", 1, "2026-04-02", "March 24 – April 2, 2026"),
    ("fi", "24.–26.3.", 1, "04-02", "24.3.–2.4."),
    ("fi", "24.–26.3.2026", 0, "2026-02-27", "27.2.–26.3.2026"),
    ("fi", "14.–18. heinäkuuta", 1, "08-02", "14. heinäkuuta – 2. elokuuta"),
    ("sv", "den 14–18 juli", 1, "08-02", "den 14 juli – 2 augusti"),
    ("en", "2–6 p.m.", 0, "10:00", "10 a.m.–6 p.m."),
    ("fi", "klo 8–20", 1, "22:30", "klo 8–22.30"),
    ("fi", "kahdesta kolmeen päivään", 1, "5 d", "kahdesta viiteen päivään"),
    ("sv", "70–100 euro", 0, "80 EUR", "80–100 euro"),
]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
@pytest.mark.parametrize(
    ("language", "words", "kind", "value", "other", "expected"),
    [
        ("fi", "12 000 litraa", "measure", "12000 l", "13500 l", "13 500 litraa"),
        ("fi", "1 250 000 euroa", "money", "1250000 EUR", "950000 EUR", "950 000 euroa"),
        ("sv", "12 000 kronor", "money", "12000 SEK", "9500 SEK", "9 500 kronor"),
        ("sv", "3 500 hushåll", "number", "3500", "12000", "12 000"),
        ("en", "12 000 people", "number", "12000", "1250000", "1 250 000"),
        ("en", "€12 000", "money", "12000 EUR", "13500 EUR", "€13 500"),
    ],
)
def test_thousands_are_one_amount_whatever_space_parts_them(space, language, words, kind, value, other, expected):
    (fact,) = facts_in(f"Se {words.replace(' ', space)}.", language)
    assert (fact.kind, fact.value) == (kind, value)
    assert render(other, fact.form, today=TODAY).replace("\u00a0", " ").replace("\u202f", " ") == expected


@pytest.mark.parametrize("line", FINNISH.strip().splitlines())
def test_finnish_keeps_its_case(line):
    text, value, expected = (part.strip() for part in line.split(" | "))
    fact = facts_in(text, "fi")[0]
    assert render(value, fact.form, today=TODAY).replace("\u00a0", " ") == expected


def test_the_finnish_list_has_a_hundred_forms():
    assert len(FINNISH.strip().splitlines()) >= 100


@pytest.mark.parametrize(("language", "text", "part", "value", "expected"), OTHERS)
def test_other_forms_stay_too(language, text, part, value, expected):
    fact = next(one for one in facts_in(text, language) if one.part == part)
    assert render(value, fact.form, part, today=TODAY).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("fi", "31.3.", "02-30"),
        ("fi", "klo 15", "25:00"),
        ("en", "two days", "36 h"),
        ("en", "two days", "2 l"),
        ("fi", "20 euroa", "20 SEK"),
        ("sv", "midnatt", "13:00"),
        ("sv", "halv åtta", "07:45"),
        ("en", "in 2027", "soon"),
        ("fi", "huomenna", "5"),
    ],
)
def test_what_a_form_cannot_say_is_left_to_a_person(language, text, value):
    fact = facts_in(text, language)[0]
    with pytest.raises(Unwritable):
        render(value, fact.form, today=TODAY)
    change = replaced(text, [fact], value, language, today=TODAY)
    assert (change.text, change.changed, change.left) == (text, (), (fact,))


@pytest.mark.parametrize(
    ("language", "text", "part", "value"),
    [
        ("en", "24–26 March", 1, "03-22"),
        ("en", "24–26 March", 0, "03-26"),
        ("fi", "24.–26.3.2026", 0, "2026-03-27"),
        ("sv", "den 24–26 mars", 1, "03-23"),
        ("fi", "klo 8–16", 0, "18:00"),
        ("sv", "kl. 8–16", 1, "07:00"),
        ("en", "2–6 p.m.", 1, "13:00"),
        ("en", "1–2 metres", 0, "3 m"),
        ("fi", "kahdesta kolmeen päivään", 1, "1 d"),
        ("sv", "70–100 euro", 1, "60 EUR"),
    ],
)
def test_no_range_is_made_to_end_before_it_begins(language, text, part, value):
    fact = next(one for one in facts_in(text, language) if one.part == part)
    with pytest.raises(Backwards):
        render(value, fact.form, part, today=TODAY)


@pytest.mark.parametrize(
    ("text", "value", "expected"), [("klo 18–23", "01:00", "klo 18–1"), ("28.–30.12.", "01-02", "28.12.–2.1.")]
)
def test_a_range_may_end_after_midnight_and_after_new_year(text, value, expected):
    fact = next(one for one in facts_in(text, "fi") if one.part)
    assert render(value, fact.form, 1, today=TODAY) == expected


def test_29_february_is_a_day_near_a_leap_year_only():
    assert is_value("date", "02-29") and not is_value("date", "2027-02-29")
    assert not is_day("02-29", date(2026, 3, 1)) and is_day("02-29", date(2027, 12, 1))


def test_zero_is_a_value_but_not_of_a_duration_and_only_a_temperature_may_be_less():
    assert [value for value in ("0", "-5", "1", "-5 °C", "0 °C") if is_too_little("measure", value)] == ["-5"]
    assert not is_too_little("number", "0") and is_too_little("duration", "0 d")
    for text, language, expected in (
        ("3 new cases", "en", "0"),
        ("kolme tapausta", "fi", "0"),
        ("tre fall", "sv", "0"),
    ):
        assert render("0", facts_in(text, language)[0].form) == expected
    assert not is_too_little("date", "04-02") and not is_after("number", "5", "5")


@pytest.mark.parametrize(
    ("text", "was", "to", "expected"),
    [
        ("Boil it until 6 p.m. Then drink.", "18:00", "12:00", "Boil it until noon. Then drink."),
        ("Boil it until 6 p.m.", "18:00", "12:00", "Boil it until noon."),
        ("Until 6 p.m. Friday it is off.", "18:00", "12:00", "Until noon Friday it is off."),
        ("Off until 12 noon. Then on.", "12:00", "18:00", "Off until 6 p.m. Then on."),
    ],
)
def test_a_sentence_keeps_one_full_stop(text, was, to, expected):
    found = [fact for fact in facts_in(text, "en") if fact.value == was]
    assert len(found) == 1 and replaced(text, found, to, "en").text == expected


def test_a_weekday_needs_a_year_or_today():
    fact = facts_in("torstaina 26. maaliskuuta", "fi")[0]
    with pytest.raises(Unwritable):
        render("04-01", fact.form)
    assert render("2026-04-01", fact.form) == "keskiviikkona 1. huhtikuuta"


def test_one_fact_changes_in_every_language_at_once():
    texts = {
        "fi": "Keitä vesi perjantaihin 4.12. klo 18 asti. Ohje päättyy pe 4.12.",
        "sv": "Koka vattnet till fredag 4.12 kl. 18. Rådet upphör den 4 december.",
        "en": "Boil tap water until Friday 4 December at 6 p.m. The notice ends on December 4.",
    }
    found = {code: facts_in(text, code) for code, text in texts.items()}
    groups = grouped(fact for facts in found.values() for fact in facts)
    assert [(group[0].kind, group[0].value, len(group)) for group in groups] == [
        ("date", "12-04", 6),
        ("time", "18:00", 3),
    ]

    for code, text in texts.items():
        dates = [fact for fact in found[code] if fact in groups[0]]
        texts[code] = replaced(text, dates, "2026-12-05", code).text

    assert texts == {
        "fi": "Keitä vesi lauantaihin 5.12. klo 18 asti. Ohje päättyy la 5.12.",
        "sv": "Koka vattnet till lördag 5.12 kl. 18. Rådet upphör den 5 december.",
        "en": "Boil tap water until Saturday 5 December at 6 p.m. The notice ends on December 5.",
    }


def test_a_place_changes_where_it_is_not_bent():
    text = "Nokia: keitä vesi Nokialla."
    places = facts_in(text, "fi", places={"Nokia": ()})
    change = replaced(text, places, "Lahti", "fi")
    assert change.text == "Lahti: keitä vesi Nokialla."
    assert [fact.written for fact in change.left] == ["Nokialla"]


def test_a_fact_that_no_longer_stands_there_is_left():
    fact = facts_in("Open 5 May.", "en")[0]
    change = replaced("Open 6 May.", [fact], "05-07", "en")
    assert (change.text, change.left) == ("Open 6 May.", (fact,))


def test_what_is_written_anew_with_its_own_value_stays_as_it_was():
    from . import marked

    for code in marked.LANGUAGES:
        for text in (*marked.worked_with(code), *marked.earlier(code)):
            for fact in facts_in(text.words, code):
                if not is_value(fact.kind, fact.value) or fact.kind in {"phone", "web", "address"}:
                    continue
                try:
                    again = render(fact.value, fact.form, fact.part, today=TODAY)
                except Unwritable:
                    continue
                read = [(one.kind, one.value) for one in facts_in(f" {again} ", code)]
                assert (
                    not read
                    or fact.weekday
                    or fact.kind == "name"
                    or again == fact.written
                    or ((fact.kind, fact.value) in read)
                ), (code, fact.written, again)
