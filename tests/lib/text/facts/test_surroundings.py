"""What stands around a fact: whether it is cited, whose weekday it is, whether the words beside it still fit, what is a timing or an age."""

import pytest

from lib.text.facts.detection import facts_in
from lib.text.facts.replacement import Unwritable, render
from lib.text.facts.surroundings.ages import is_age
from lib.text.facts.surroundings.agreement import may_disagree
from lib.text.facts.surroundings.citations import is_cited
from lib.text.facts.surroundings.counted_nouns import with_noun
from lib.text.facts.surroundings.limits import is_limit
from lib.text.facts.surroundings.lone_weekdays import lone_weekdays
from lib.text.facts.surroundings.script_timings import is_timing

CITED = [
    ("en", "Source: City of Nokia, 2 April 2026."),
    ("en", "## Sources\n- THL, 1 April\n- City of Nokia, 2 April"),
    ("en", "Boil the water (THL, 2 April 2026)."),
    ("en", "It follows from the decision of 2 April."),
    ("en", "*Updated 2 April*"),
    ("fi", "Lähde: Nokian Vesi 2.4.2026"),
    ("fi", "**Lähteet:** THL 2.4.2026"),
    ("fi", "Noudata THL:n 2.4. antamaa ohjetta (THL 2.4.2026)."),
    ("fi", "Päivitetty 2.4.2026"),
    ("fi", "Kaupungin tiedotteessa 2.4. luki niin."),
    ("sv", "Källa: Nokia stad 2.4.2026"),
    ("sv", "Koka vattnet (THL 2.4.2026)."),
    ("sv", "Det följer av beslutet av den 2 april."),
    ("sv", "Uppdaterad den 2 april"),
]
SAID = [
    ("en", "Boil the water (until 2 April)."),
    ("en", "Updated advice comes on 2 April."),
    ("en", "The results will be published on 2 April."),
    ("en", "Source water is tested on 2 April."),
    ("en", "Source: THL.\n\nBoil the water until 2 April."),
    ("fi", "Keitä vesi (2.4. asti)."),
    ("fi", "Uusi ohje julkaistaan 2.4."),
    ("fi", "Lähteellä otetaan näyte 2.4."),
    ("sv", "Koka vattnet (till 2.4)."),
    ("sv", "Staden fattar beslut den 2 april."),
    ("sv", "Källan undersöks den 2 april."),
]


@pytest.mark.parametrize(
    ("language", "text", "expected"), [(*one, True) for one in CITED] + [(*one, False) for one in SAID]
)
def test_a_source_is_told_from_what_the_text_says(language, text, expected):
    dates = [fact for fact in facts_in(text, language) if fact.kind == "date"]
    assert dates and is_cited(text, dates[-1]) is expected


@pytest.mark.parametrize(
    ("language", "text", "alone"),
    [
        ("en", "We test on Sunday. Sundays are quiet. Open Monday to Friday; every Sunday.", ["Sunday"]),
        ("en", "Last Sunday it broke. By Sunday evening it is mended. Mon–Fri 9–16.", ["Sunday"]),
        (
            "fi",
            "Näyte otetaan sunnuntaina. Sunnuntaisin on hiljaista. Auki ma–pe 9–16; joka sunnuntai.",
            ["sunnuntaina"],
        ),
        ("fi", "Viime sunnuntaina rikki. Sunnuntaiaamuna korjataan.", ["Sunnuntaiaamuna"]),
        ("sv", "Provet tas på söndag. Stängt på söndagar; varje söndag. Öppet måndag till fredag.", ["söndag"]),
        ("sv", "I söndags gick det sönder. På söndagskväll är det lagat.", ["söndagskväll"]),
    ],
)
def test_a_weekday_that_stands_alone_is_told_from_one_of_many(language, text, alone):
    assert [fact.written for fact in lone_weekdays(text, facts_in(text, language))] == alone


@pytest.mark.parametrize(
    ("language", "text", "value", "expected"),
    [
        ("en", "At most ten people may come.", "1", True),
        ("en", "At most one person may come.", "10", True),
        ("en", "At most ten people may come.", "12", False),
        ("en", "Ten of them may come.", "1", False),
        ("en", "For the next two days.", "1 d", True),
        ("en", "For two days.", "1 d", False),
        ("fi", "Enintään kymmenen ihmistä.", "1", True),
        ("fi", "Enintään yksi ihminen.", "10", True),
        ("fi", "Kymmenen ihmisen raja.", "1", False),
        ("fi", "10 ihmisen raja.", "1", False),
        ("sv", "Högst tio personer.", "1", True),
        ("sv", "Högst en person.", "10", True),
        ("sv", "De kommande två veckorna.", "1 wk", True),
    ],
)
def test_words_beside_a_number_may_not_fit_it_any_more(language, text, value, expected):
    fact = next(one for one in facts_in(text, language) if not one.soft)
    assert may_disagree(text, fact, value) is expected


@pytest.mark.parametrize(
    ("language", "text", "value", "expected"),
    [
        ("en", "10 people", "1", "1 person"),
        ("en", "ten cities", "1", "one city"),
        ("en", "two buses", "1", ""),
        ("en", "two classes", "1", "one class"),
        ("en", "at most one person", "6", "six people"),
        ("en", "ten people", "12", ""),
        ("fi", "kymmenen ihmistä", "1", "yksi ihminen"),
        ("fi", "10 henkilöä", "1", "1 henkilö"),
        ("fi", "enintään yksi henkilö", "6", "kuusi henkilöä"),
        ("fi", "kymmenen ihmisen", "1", ""),
        ("fi", "kymmenen otusta", "1", ""),
        ("sv", "tio personer", "1", "en person"),
        ("sv", "Tio hushåll", "1", "Ett hushåll"),
        ("sv", "högst en person", "6", "sex personer"),
        ("sv", "tio stolar", "1", ""),
    ],
)
def test_a_noun_that_is_counted_follows_its_number(language, text, value, expected):
    fact = next(one for one in facts_in(text, language) if not one.soft)
    words, end = with_noun(text, fact, render(value, fact.form), value) or ("", len(text))
    assert words == expected and end == len(text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "at most ten", True),
        ("en", "ten people", False),
        ("fi", "enintään kymmenen", True),
        ("sv", "högst tio", True),
    ],
)
def test_a_limit_is_told_from_a_small_number(language, text, expected):
    assert is_limit(text, facts_in(text, language)[0]) is expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("två veckors", "1 wk", "en veckas"),
        ("Två veckors", "1 wk", "En veckas"),
        ("en veckas", "3 wk", "tre veckors"),
        ("tre dygns", "1 d", "ett dygns"),
        ("ett års", "2 y", "två års"),
        ("tio graders", "1 °C", "en grads"),
    ],
)
def test_a_swedish_genitive_is_of_one_or_of_several(text, value, expected):
    assert render(value, facts_in(text, "sv")[0].form) == expected


def test_the_several_weeks_cannot_be_one():
    with pytest.raises(Unwritable):
        render("1 wk", facts_in("de tre veckorna", "sv")[0].form)


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_a_timing_of_a_script_is_told_from_an_hour(language):
    text = "0:05–0:15 A\n[0:20] B\n00:25 C\n(5 s) D\n21:30 E\n[timer 20 → 0] F\nG (10 s): 30 s"
    facts = [fact for fact in facts_in(text, language) if fact.kind in {"time", "duration", "number"}]
    assert [fact.value for fact in facts if not is_timing(text, fact)] == ["21:30", "30 s"]
    assert any(is_timing(text, fact) for fact in facts)


@pytest.mark.parametrize(
    ("language", "text", "ages"),
    [
        ("en", "Over 70s and people over 70 stay home. 70-year-olds too; over 70 people died.", 3),
        ("fi", "Yli 70-vuotiaat kotona. Yli 70 ihmistä kuoli.", 1),
        ("sv", "Alla över 70 stannar hemma, 70-åringar också. Över 70 personer dog.", 2),
        (
            "en",
            "The advice for people over 70 is the same. It helps residents over 70 on weekdays. Over 70 new cases.",
            2,
        ),
        ("fi", "Kaikki yli 70 saavat apua, alle 70 eivät. Yli 70 uutta tapausta.", 2),
        ("sv", "Hjälp för dem över 70 på vardagar; alla över 70 kan ringa. Över 70 nya fall.", 2),
    ],
)
def test_an_age_is_told_from_a_count(language, text, ages):
    assert sum(is_age(text, fact) for fact in facts_in(text, language)) == ages
