"""Whether a post contradicts what holds: measured on labelled pairs, and the kinds of differences one by one."""

import time
from datetime import date

import pytest

from lib.text.statements import comparison, parser
from lib.text.statements.comparison import Outcome, compare
from lib.text.statements.differences import Reason

from . import labelled

EASTER = date(2020, 4, 8)
CLOSED = "Restaurants and cafés are closed until 31 May. You may buy food to take away."


@pytest.mark.parametrize("language", labelled.LANGUAGES)
def test_contradictions_are_found_and_little_else_is_called_one(language):
    worked_with = labelled.score(pair for pair in labelled.pairs() if pair.language == language and not pair.is_kept)
    later = labelled.score(pair for pair in labelled.later() if pair.language == language)

    assert worked_with.precision >= 0.95 and worked_with.recall >= 0.9, worked_with
    assert later.precision >= 0.95 and later.recall >= 0.85, later


@pytest.mark.parametrize("language", labelled.LANGUAGES)
def test_what_is_said_again_in_everyday_words_is_known_and_nothing_else_is(language):
    everyday = [pair for pair in labelled.everyday() if pair.language == language]
    worked_with = [pair for pair in labelled.pairs() if pair.language == language and not pair.is_kept]
    agrees, among_all = labelled.score(everyday, Outcome.AGREES), labelled.score(worked_with, Outcome.AGREES)

    assert agrees.precision >= 0.95 and agrees.recall >= 0.9, agrees
    assert among_all.precision >= 0.9 and among_all.recall >= 0.75, among_all
    assert labelled.score(everyday).precision >= 0.95, labelled.score(everyday)


def test_the_third_that_nobody_looks_at_keeps_the_promise():
    kept = [pair for pair in labelled.pairs() if pair.is_kept]
    score = labelled.score(kept)

    assert len(labelled.pairs()) == 300 and 80 <= len(kept) <= 120
    assert score.precision >= 0.9 and score.recall >= 0.6, score


@pytest.mark.parametrize("is_kept", [True, False])
def test_of_bulletins_side_by_side_the_one_that_is_meant_counts(is_kept):
    chosen = [pair for pair in labelled.neighbours() if pair.is_kept == is_kept]
    contradicts, agrees = labelled.score(chosen), labelled.score(chosen, Outcome.AGREES)
    corrected = [pair for pair in chosen if pair.finding().was]
    repeating = [pair for pair in chosen if pair.label == labelled.REPEATED]

    assert len(labelled.neighbours()) == 117 and len(chosen) > 50
    assert contradicts.precision >= 0.95 and contradicts.recall >= 0.8, contradicts
    assert agrees.precision >= 0.95 and agrees.recall >= 0.75, agrees
    assert set(corrected) <= set(repeating) and len(corrected) >= 0.8 * len(repeating)


@pytest.mark.parametrize(
    ("post", "outcome"),
    [
        ("The Uusimaa restrictions end on 10 December", Outcome.AGREES),
        ("the restrictions last until 3 january", Outcome.AGREES),
        ("other restrictions last until 3 January", Outcome.AGREES),
        ("The Uusimaa restrictions last until 3 January", Outcome.CONTRADICTS),
        ("other restrictions end on 10 December", Outcome.CONTRADICTS),
        ("the Uusimaa border opens on 4 December", Outcome.CONTRADICTS),
        ("you may go to work across the Uusimaa border", Outcome.UNSURE),
    ],
)
def test_what_agrees_with_anything_no_less_meant_contradicts_nothing(post, outcome):
    grounds = [
        comparison.Ground(holds, "en", today=date(2026, 11, 29))
        for holds in (
            [
                "Travel to Uusimaa is restricted",
                "No one may travel to Uusimaa.",
                "You may cross the border when it is necessary.",
            ],
            [
                "The Uusimaa restrictions are in force until 10 December.",
                "Other restrictions continue until 3 January.",
            ],
        )
    ]

    assert comparison.compare_all(post, grounds, "en", today=date(2026, 11, 29)).outcome == outcome


RULES = [
    "Nobody may cross the border of Uusimaa for leisure.",
    "You may always return home across the border of Uusimaa.",
]
HELP = "Helsinki Aid helps residents over 70 on weekdays 9–16. The number is 09 310 10020."


@pytest.mark.parametrize(
    ("language", "holds", "post", "outcome"),
    [
        ("en", RULES, "Nobody may cross the border of Uusimaa for leisure", Outcome.AGREES),
        ("sv", ["Du får inte resa över Nylands gräns på fritiden.", "Du får alltid resa hem över Nylands gräns."],
         "man får inte resa hem över nylandsgränsen", Outcome.UNSURE),
        ("en", [HELP], "Helsinki Aid helps people over 70, the number is 09 310 10020", Outcome.AGREES),
        ("fi", ["Helsinki-apu auttaa yli 70-vuotiaita helsinkiläisiä.", "Numero on 09 310 10020."],
         "helsinki-apu numero on 0600 12345 yli 70v", Outcome.UNSURE),
        ("fi", ["Liikkumista Uudenmaan rajalla rajoitetaan.", "Älä kerro, mistä rajan pääsee yli huomaamatta."],
         "uudenmaan rajat on kiinni vielä 10.12. asti", Outcome.UNRELATED),
    ],
)  # fmt: skip
def test_nothing_is_said_again_that_something_as_near_denies_and_no_number_that_nobody_knows(
    language, holds, post, outcome
):
    assert compare(post, holds, language).outcome == outcome


@pytest.mark.parametrize(
    ("language", "holds", "post", "outcome"),
    [
        ("fi", "Julkiset kokoontumiset rajataan enintään 10 henkilöön.", "{} kokoontumiset on kielletty", "agrees"),
        ("fi", "Julkiset kokoontumiset rajataan enintään 10 henkilöön.", "{} kokoontumiset on sallittu", "contradicts"),
        ("fi", "Yli 10 hengen kokoontumiset on kielletty.", "{} kokoontumiset kielletty", "agrees"),
        ("fi", "Yli 10 hengen kokoontumiset on kielletty.", "{} juhlat on sallittu", "contradicts"),
    ],
)
@pytest.mark.parametrize("so_many", ["Yli kymmenen hengen", "yli 10 henkilön", "Yli kymmenen ihmisen"])
def test_people_are_counted_alike_whatever_they_are_called(so_many, language, holds, post, outcome):
    assert compare(post.format(so_many), [holds], language).outcome == outcome


@pytest.mark.parametrize(
    ("language", "holds", "post", "outcome"),
    [
        ("fi", "Seurueessa saa olla enintään kuusi ihmistä.", "Kahdentoista hengen seurueet sallittu", "contradicts"),
        ("fi", "Seurueessa saa olla enintään kuusi ihmistä.", "Seurueessa saa olla viisi henkeä", "agrees"),
        ("fi", "Yli 10 hengen kokoontumiset on kielletty.", "Kuuden hengen juhlat on sallittu", "unrelated"),
        ("fi", "Yli 10 hengen kokoontumiset on kielletty.", "yli kuuden hengen kokoontumiset kielletty", "contradicts"),
        ("fi", "Enintään 10 hengen kokoontumiset on sallittu.", "yli viiden hengen kokoontumiset kielletty", "contradicts"),
        ("sv", "Sammankomster med mer än tio personer är förbjudna.", "Sammankomster med högst tio människor är tillåtna", "agrees"),
        ("sv", "Högst 10 personer får samlas.", "Fler än tio människor får samlas", "contradicts"),
        ("en", "Gatherings of more than ten people are banned.", "Gatherings of ten people are allowed", "agrees"),
        ("en", "Gatherings of more than ten people are banned.", "Gatherings of fifty persons are allowed", "contradicts"),
        ("fi", "Julkisessa kokoontumisessa saa olla enintään 50 henkilöä.", "100 ihmistä saa kokoontua", "contradicts"),
        ("fi", "Julkisessa kokoontumisessa saa olla enintään 50 henkilöä.", "sata tyyppiä saa kokoontua", "contradicts"),
        ("fi", "Julkisessa kokoontumisessa saa olla enintään 50 henkilöä.", "40 ihmistä saa kokoontua", "agrees"),
        ("fi", "Kymmenen hengen raja koskee julkisia kokoontumisia.", "5 ihmistä saa kokoontua", "agrees"),
        ("fi", "Kymmenen hengen raja koskee julkisia kokoontumisia.", "50 ihmistä saa kokoontua", "contradicts"),
        ("sv", "Vid offentliga sammankomster får det vara högst 50 personer.", "100 människor får samlas", "contradicts"),
        ("sv", "Vid offentliga sammankomster får det vara högst 50 personer.", "40 får samlas", "agrees"),
        ("sv", "Vid offentliga sammankomster får det vara högst 50 personer.", "200 gäster får samlas", "contradicts"),
        ("en", "Gatherings are limited to 50 people.", "100 people may gather", "contradicts"),
        ("en", "A public gathering may have no more than 50 people.", "parties of 100 are ok", "contradicts"),
        ("en", "A public gathering may have no more than 50 people.", "40 people may gather", "agrees"),
    ],
)  # fmt: skip
def test_so_many_people_are_within_a_limit_or_beyond_it(language, holds, post, outcome):
    assert compare(post, [holds], language).outcome == outcome


def test_what_was_corrected_is_known_whichever_bulletin_said_it():
    today = date(2026, 11, 29)
    corrected = comparison.Ground(
        ["Travel to Uusimaa is restricted", "The restrictions are in force until 10 December."],
        "en",
        was=["The restrictions are in force until 4 December."],
        today=today,
    )
    other = comparison.Ground(["The Uusimaa restrictions are in force until 10 December."], "en", today=today)

    repeats = comparison.compare_all("Uusimaa border opens on 4 Dec!", [other, corrected], "en", today=today)
    invents = comparison.compare_all("Uusimaa border opens on 7 Dec!", [other, corrected], "en", today=today)

    assert (repeats.outcome, repeats.was) == (Outcome.CONTRADICTS, corrected.was[0])
    assert (invents.outcome, invents.was) == (Outcome.CONTRADICTS, "")


def test_a_post_about_another_bulletin_contradicts_none():
    """Every post beside what every other bulletin of its language says: mostly nothing is alike but the dates."""
    called = looked_at = 0
    for language in labelled.LANGUAGES:
        own = [pair for pair in labelled.pairs() if pair.language == language]
        for pair in own:
            for holds in {other.holds for other in own} - {pair.holds}:
                looked_at += 1
                called += compare(pair.post, holds, language, today=pair.day).outcome == Outcome.CONTRADICTS

    assert looked_at > 2_000
    assert called / looked_at < 0.01


@pytest.mark.parametrize(
    ("language", "holds", "post", "reason"),
    [
        ("en", CLOSED, "Restaurants are open until 21 May", Reason.OPPOSITE),
        ("en", CLOSED, "Restaurants open on 13 May", Reason.DATE),
        ("en", CLOSED, "Restaurants are open until 31 May", Reason.OPPOSITE),
        ("en", CLOSED, "restaurants close on may 31st", Reason.DATE),
        ("fi", "Rajoitukset ovat voimassa 19. huhtikuuta asti.", "rajotukset loppuu 13. huhtikuuta", Reason.DATE),
        ("sv", "Biblioteket är öppet kl. 9–20.", "biblioteket är öppet kl 9–16", Reason.TIME),
        ("fi", "Tilaisuudessa saa olla enintään 10 ihmistä.", "tilaisuudessa saa olla 50 ihmistä", Reason.NUMBER),
        ("en", "Every pupil gets a free lunch.", "only first graders get a free lunch", Reason.SCOPE),
        ("sv", "Koka vattnet i Ekenäs.", "ingen behöver koka vattnet i Ekenäs", Reason.OPPOSITE),
    ],
)
def test_it_is_told_in_what_they_differ_and_from_which_sentence(language, holds, post, reason):
    found = compare(f"Heippa! Hej! 😀\n{post} 🎉", [holds], language, today=EASTER)

    assert (found.outcome, found.reason, found.said) == (Outcome.CONTRADICTS, reason, post)
    assert found.holds == parser.sentences_of(holds)[0]


@pytest.mark.parametrize(
    ("language", "holds", "post", "told"),
    [
        ("en", ("Boil the water.", "The boil-water notice ends on 4 December."), "boil your water until 8 December", 1),
        ("en", ("Boil the water.", "The boil-water notice ends on 4 December."), "no need to boil the water", 0),
        ("fi", ("Keitä vesi.", "Keittokehotus päättyy 4. joulukuuta."), "keittokehotus päättyy 8.12.", 1),
        ("fi", ("Keitä vesi.", "Keittokehotus päättyy 4. joulukuuta."), "vettä pitää keittää 4.12. asti", 1),
    ],
)
def test_the_sentence_that_is_told_is_the_one_that_says_the_day(language, holds, post, told):
    """A sentence without a day holds as long as another says: that other one is shown, not the first that is about the same."""
    found = compare(post, holds, language, today=date(2026, 11, 29))

    assert found.holds == holds[told] and found.ours in {"", "4 December", "4. joulukuuta"}


def test_what_held_before_is_known_as_such():
    holds, was = ["The curfew is in force until 19 April."], ["The curfew is in force until 13 April."]

    assert compare("the curfew ends on 13 april", holds, "en", was=was, today=EASTER).was == was[0]
    assert compare("the curfew ends on 15 april", holds, "en", was=was, today=EASTER).was == ""


@pytest.mark.parametrize(
    ("language", "holds", "post"),
    [
        ("en", CLOSED, "Are the restaurants open now?"),
        ("en", CLOSED, "Someone said that restaurants are open. Not true!"),
        ("en", CLOSED, "I wish the restaurants were open until 31 May"),
        ("en", CLOSED, "Restaurants in Sweden are open"),
        ("en", CLOSED, "our café is open 😂"),
        ("fi", "Rajoitukset ovat voimassa 10. joulukuuta asti.", "rajoitukset loppuu jouluks"),
        ("fi", "Kirjastot ovat kiinni 18. huhtikuuta asti.", "huhu kertoo että kirjastot on auki"),
        ("sv", "Simhallen i Karis är stängd.", "simhallen i Ekenäs är öppen"),
    ],
)
def test_it_says_so_where_it_is_not_sure(language, holds, post):
    assert compare(post, [holds], language, today=EASTER).outcome in {Outcome.UNSURE, Outcome.UNRELATED}


def test_a_day_that_is_not_named_is_the_one_meant_on_the_day_of_the_post():
    holds = ["Trains do not run on Tuesday 6 October."]

    assert compare("trains run tomorrow", holds, "en", today=date(2026, 10, 5)).outcome == Outcome.CONTRADICTS
    assert compare("trains run tomorrow", holds, "en", today=date(2026, 10, 6)).outcome != Outcome.CONTRADICTS
    assert compare("trains run tomorrow", holds, "en").outcome != Outcome.CONTRADICTS


@pytest.mark.parametrize(
    "text",
    [
        "restaurants are open until 31 May " * 600,
        "ei " * 7_000,
        "31.5." * 4_000,
        "a, " * 7_000,
        "x" * 20_000,
        "open!\n" * 4_000,
        "= " * 10_000,
    ],
)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(text):
    def seconds(length: int) -> float:
        began = time.process_time()
        for language in labelled.LANGUAGES:
            ground = comparison.Ground([CLOSED], language, today=EASTER)
            for clause in parser.clauses_of(text[:length], language, today=EASTER):
                ground.judge(clause)
        return time.process_time() - began

    seconds(100)  # what is read once for all texts
    assert seconds(20_000) < 12 * seconds(4_000) + 0.2  # by its square it would be 25
