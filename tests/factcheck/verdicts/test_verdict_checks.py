"""What stands in the way of a verdict: the order, the claim said once, words that are not used, and the sources."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from campaigns.models import BannedTerm
from factcheck.models import ArchivedCopy, Claim, Evidence
from factcheck.verdicts import verdict_checks
from lib.text.similarity import plain
from tests.lib.http.test_safe_fetch import INSIDE
from tests.support.builders import NOON, build_claim, in_all, publish_claim

DEMO = sorted((Path(__file__).parents[3] / "demo/content/claims").glob("cl-*.yaml"))


@pytest.fixture
def claim(campaign: Any) -> Claim:
    """A claim under review with two sources, with nothing to fix."""
    return build_claim(campaign, published=False)


def codes(claim: Claim, verdict: str = "false", *, level: str = "") -> list[tuple[str, str]]:
    """Return (code, place) of each finding."""
    found = verdict_checks.lint(claim, at=NOON, verdict=verdict)
    return [(one.code, one.place) for one in found if not level or one.level == level]


def stops(claim: Claim, verdict: str = "false") -> list[tuple[str, str]]:
    return codes(claim, verdict, level=verdict_checks.STOPS)


# --- The order ----------------------------------------------------------------------------------------------------


def test_a_complete_claim_has_only_advice(claim):
    assert stops(claim) == []
    assert {code for code, _place in codes(claim)} == {"no-copy"}


@pytest.mark.parametrize("part", ["text", "fact", "warning", "fallacy", "fact_again"])
@pytest.mark.parametrize("words", ["", "  \n"])
def test_each_part_is_wanted_in_each_language(claim, part, words):
    setattr(claim, part, {**in_all(en="Something"), "sv": words})

    assert stops(claim) == [("missing", f"{part}:sv")]


def test_a_true_claim_needs_neither_warning_nor_fallacy(claim):
    claim.warning = claim.fallacy = {}

    assert stops(claim, "true") == []
    assert len(stops(claim, "unproven")) == 6


def test_a_correction_says_what_changed(claim):
    publish_claim(claim)

    assert stops(claim) == [("missing", f"what_changed:{code}") for code in ("fi", "sv", "en")]


# --- The claim is said once ---------------------------------------------------------------------------------------

# language, the claim, a sentence, whether it says the claim again
REBUTTALS = [
    ("en", "5G masts spread the coronavirus.", "5G masts spread the coronavirus.", True),
    ("en", "5G masts spread the coronavirus.", "It is a lie that 5G masts spread the coronavirus, say doctors.", True),
    ("en", "5G masts spread the coronavirus.", "5G masts do not spread the coronavirus.", True),
    ("en", "5G masts spread the coronavirus.", "5G masts don’t spread coronavirus.", True),
    ("en", "5G masts spread the coronavirus.", "5G mast spreads the corona virus!", True),
    ("en", "5G masts spread the coronavirus.", "The virus travels in droplets, not in networks.", False),
    ("en", "5G masts spread the coronavirus.", "Droplets spread the coronavirus.", False),
    ("en", "The quarantine lasts 30 days.", "The quarantine lasts 14 days.", False),
    ("en", "The quarantine lasts 30 days.", "The quarantine does not last 30 days.", True),
    ("en", "Schools are closed on Monday.", "Schools are open on Monday.", False),
    ("en", "Schools are closed on Monday.", "Schools are not closed on Monday.", True),
    ("en", "Masks do not protect anyone.", "Masks protect others.", False),
    ("en", "The virus cannot live on banknotes for long.", "The virus can live on banknotes for days.", False),
    ("en", "Garlic cures the flu", "No food cures the flu.", False),
    (
        "en",
        "Everyone must stay at home.",
        "Everyone with symptoms must stay at home until a test says otherwise.",
        False,
    ),
    ("en", "Tap water is unsafe to drink.", "Tap water is safe to drink.", False),
    ("en", "The army has closed the roads to Helsinki.", "The roads to Helsinki are open.", False),
    ("en", "You need a permit to leave town.", "Nobody needs a permit: you may leave town.", False),
    ("en", "Shops run out of food on Friday. Banks close too.", "Banks close too.", True),
    ("fi", "5G-mastot levittävät koronavirusta.", "5G-mastot eivät levitä koronavirusta.", True),
    ("fi", "5G-mastot levittävät koronavirusta.", "Virus kulkee pisaroissa, ei verkossa.", False),
    ("fi", "Karanteeni kestää 30 päivää.", "Karanteeni kestää 14 päivää.", False),
    ("fi", "Karanteeni kestää 30 päivää.", "Karanteeni ei kestä 30 päivää.", True),
    ("fi", "Koulut suljetaan maanantaina.", "Koulut ovat auki maanantaina.", False),
    ("fi", "Koulut suljetaan maanantaina.", "Kouluja ei suljeta maanantaina.", True),
    ("fi", "Vesijohtovettä ei saa juoda.", "Vesijohtovettä saa juoda.", False),
    ("fi", "Kaupat sulkevat ovensa perjantaina.", "Kaupat palvelevat normaalisti myös perjantaina.", False),
    ("fi", "Valkosipuli parantaa flunssan.", "Moni uskoo, että valkosipuli parantaa flunssan nopeasti.", True),
    ("sv", "5G-master sprider coronaviruset.", "5G-master sprider inte coronaviruset.", True),
    ("sv", "5G-master sprider coronaviruset.", "Viruset färdas i droppar, inte i nätet.", False),
    ("sv", "Karantänen varar i 30 dagar.", "Karantänen varar i 14 dagar.", False),
    ("sv", "Skolorna stängs på måndag.", "Skolorna är öppna på måndag.", False),
    ("sv", "Skolorna stängs på måndag.", "Skolorna stängs inte på måndag.", True),
    ("sv", "Man får inte dricka kranvattnet.", "Man får dricka kranvattnet.", False),
    ("sv", "Vitlök botar influensan.", "Det sägs att vitlök botar influensan på en dag.", True),
    ("sv", "Alla måste stanna hemma.", "De som har symtom ska stanna hemma.", False),
]


@pytest.mark.parametrize(("language", "said", "sentence", "again"), REBUTTALS)
@pytest.mark.parametrize("part", ["fact", "fallacy"])
def test_the_claim_said_again_is_found_and_what_is_true_instead_is_not(claim, language, said, sentence, again, part):
    claim.text = {**claim.text, language: said}
    setattr(claim, part, {**getattr(claim, part), language: f"Here is something else. {sentence} And this."})

    assert (("said-twice", f"{part}:{language}") in stops(claim)) == again


@pytest.mark.parametrize("part", ["fact", "warning", "fallacy", "fact_again", "how_checked"])
def test_the_claim_is_looked_for_in_every_other_part(claim, part):
    setattr(claim, part, {**in_all(en="Something"), "en": "We asked. GARLIC – cures it!"})

    assert stops(claim) == [("said-twice", f"{part}:en")]


def test_a_true_claim_may_be_said_again(claim):
    claim.fact = in_all(en="Garlic cures it")

    assert stops(claim, "true") == []
    assert len(stops(claim, "fifty_fifty")) == 3


def test_a_claim_that_says_itself_twice_is_found(claim):
    claim.text = {**claim.text, "en": "Garlic cures it. GARLIC CURES IT!"}

    assert ("said-twice", "text:en") in stops(claim)


def test_a_claim_of_two_sentences_is_found_across_them(claim):
    claim.text = {**claim.text, "en": "Eat garlic. Be cured."}
    claim.how_checked = {"en": "People were told: eat garlic, be cured, and more."}

    assert ("said-twice", "how_checked:en") in stops(claim)


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_nothing_in_the_demo_is_found(campaign, path):
    content = yaml.safe_load(path.read_text())
    claim = build_claim(
        campaign,
        content["id"],
        published=False,
        text=content["claim"],
        **{part: content[part] for part in ("fact", "warning", "fallacy", "fact_again")},
    )

    assert stops(claim, content["verdict"]) == []


def test_there_are_six_in_the_demo():
    assert len(DEMO) == 6


@pytest.mark.parametrize(
    "words",
    [
        "word " * 200_000,
        "x" * 1_000_000,
        "a. " * 330_000,
        "Garlic cures. " * 70_000,
        "garlic " * 140_000,
        "\n" * 1_000_000,
    ],
)
def test_texts_of_a_million_characters_take_no_time(claim, words):
    claim.fact = claim.how_checked = {**in_all(en="Something"), "en": words}
    claim.text = {**claim.text, "en": "Garlic cures it " * 120}
    started = time.process_time()

    verdict_checks.lint(claim, at=NOON, verdict="false")

    assert time.process_time() - started < 5


def test_a_claim_of_a_million_characters_takes_no_time(claim):
    claim.text = {**claim.text, "en": "Garlic cures it all. " * 50_000}
    started = time.process_time()

    verdict_checks.lint(claim, at=NOON, verdict="false")

    assert time.process_time() - started < 5


# --- Denial first ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "It is not true that masts spread anything."),
        ("en", "“It’s a myth that garlic helps."),
        ("en", "False: food is no medicine."),
        ("en", "No, food is no medicine."),
        ("en", "The claim that food heals is old."),
        ("en", "There is no truth in it."),
        ("fi", "Ei pidä paikkaansa, että ruoka parantaa."),
        ("fi", "**Väite** on vanha."),
        ("fi", "Väite, että ruoka parantaa, on vanha."),
        ("fi", "Myytti: ruoka parantaa."),
        ("sv", "Det stämmer inte att mat botar."),
        ("sv", "Påståendet att mat botar är gammalt."),
        ("sv", "Nej, mat botar inte."),
    ],
)
@pytest.mark.parametrize("part", ["fact", "fact_again"])
def test_a_fact_that_begins_by_denying_is_found(claim, language, words, part):
    setattr(claim, part, {**in_all(en="Something"), language: words})

    assert ("denied-first", f"{part}:{language}") in stops(claim)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "False negatives are common in the first days."),
        ("en", "No food cures it."),
        ("en", "Nobody needs a permit."),
        ("en", "Wrong dates were printed on 200 tickets."),
        ("fi", "Eilen avattiin kaikki kirjastot."),
        ("fi", "Väitetty raja on auki."),
        ("fi", "Virus kulkee pisaroissa, ei verkossa."),
        ("sv", "Felet är rättat."),
        ("sv", "Nejlikor säljs som förut."),
    ],
)
def test_a_fact_that_only_begins_alike_is_not(claim, language, words):
    claim.fact = {**in_all(en="Something"), language: words}

    assert stops(claim) == []


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def banned(db: None) -> None:
    """Words that are not used."""
    BannedTerm.objects.all().delete()
    for language, term, instead in (("en", "fake news", "falsehood"), ("fi", "valeuuti*", "väärä tieto")):
        BannedTerm.objects.create(language=language, term=term, say_instead=instead, why="")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This is Fake News again."),
        ("en", "This is fa\u00adke\nnews again."),
        ("en", "This is **fake** news again."),
        ("fi", "Kyse on valeuutisista."),
        ("fi", "Kyse on vale\u00aduutisesta."),
        ("fi", "Kyse on vale\u200buutisesta."),
    ],
)
def test_a_word_that_is_not_used_is_found_however_it_is_written(claim, banned, language, words):
    claim.warning = {**claim.warning, language: words}

    [finding] = verdict_checks.stops(claim, at=NOON, verdict="false")

    assert (finding.code, finding.place) == ("banned-term", f"warning:{language}")
    assert ("falsehood" if language == "en" else "väärä tieto") in finding.mend


def test_the_claim_is_quoted_as_it_is_said(claim, banned):
    claim.text = {**claim.text, "en": "The corona is fake news"}

    assert stops(claim) == []


def test_a_fact_that_is_too_long_is_only_advice(claim):
    claim.fact = {**claim.fact, "sv": "ord " * 76}

    assert stops(claim) == []
    assert ("too-long", "fact:sv") in codes(claim, level=verdict_checks.ADVICE)


# --- Sources ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "count"),
    [
        ([("A", "https://a.fi/1"), ("B", "https://b.fi/1")], 2),
        ([("A", "https://a.fi/1"), ("A", "https://b.fi/1")], 1),
        ([("A ry.", "https://a.fi/1"), ("a RY", "https://b.fi/1")], 1),
        ([("A", "https://a.fi/1"), ("B", "https://a.fi/2")], 1),
        ([("A", "https://www.a.fi/"), ("B", "http://NEWS.a.fi./")], 1),
        ([("A", "https://a.co.uk/"), ("B", "https://b.co.uk/")], 2),
        ([("A", "https://news.a.co.uk/"), ("B", "https://a.co.uk/")], 1),
        ([("A", "https://93.184.215.14/"), ("B", "https://8.8.215.14/")], 2),
        # The first one shares something with each of the others, which share nothing.
        ([("A", "https://b.fi/"), ("A", "https://a.fi/"), ("B", "https://b.fi/2")], 2),
        ([], 0),
    ],
)
def test_sources_count_by_publisher_and_site(sources, count):
    assert verdict_checks.independent([Evidence(publisher=name, url=url) for name, url in sources]) == count


def test_one_source_needs_a_reason_in_every_language(claim):
    claim.evidence.last().delete()
    assert stops(claim) == [("few-sources", f"why_few_sources:{code}") for code in ("fi", "sv", "en")]

    claim.why_few_sources = in_all(en="Only one institute keeps these figures.")
    assert stops(claim) == []


def test_no_source_cannot_be_excused(claim):
    claim.evidence.all().delete()
    claim.why_few_sources = in_all(en="There is none.")

    assert stops(claim) == [("no-source", "evidence")]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *((url, "private") for url in INSIDE),
        *((url, "private") for url in ("http://localhost:8411/", "http://[::1]:8411/", "http://127.0.0.1:1/")),
        *((url, "password") for url in ("http://user:pw@example.org/", "https://me@site.fi/", "http://@site.fi/")),
        *((url, "port") for url in ("https://site.fi:8443/", "http://site.fi:0/")),
        *((url, "no") for url in ("ftp://site.fi/", "javascript:alert(1)", "file:///etc/passwd", "", "http://[::1")),
        *((url, "no") for url in ("//site.fi/", "https://site.fi:99999/", "https://site.fi\\x", "https://a..fi/")),
    ],
)
def test_an_address_that_nobody_outside_can_open_is_found(claim, url, code):
    source = claim.evidence.first()
    Evidence.objects.filter(pk=source.pk).update(url=url)

    assert (f"{code}-address", f"evidence:{source.pk}") in stops(claim)


@pytest.mark.parametrize(
    "url", ["https://site.fi/", "http://SITE.fi:80/a?b#c", "https://säätiö.fi:443/", "http://[2600::1]/"]
)
def test_an_address_that_everyone_can_open_is_none_of_these(url):
    assert verdict_checks.closed(url) == ""


def test_only_hosts_of_our_own_may_be_inside(settings):
    settings.FETCH_ALLOW = {"localhost:8411"}

    assert verdict_checks.closed("http://localhost:8411/") == ""
    assert verdict_checks.closed("http://localhost:8412/") == "private"


def test_what_changed_has_a_sentence_of_its_own(claim):
    publish_claim(claim)
    claim.what_changed = {}

    found = [
        one for one in verdict_checks.stops(claim, at=NOON, verdict="false") if one.place.startswith("what_changed")
    ]
    assert found and all(one.mend == "Tell readers what changed." for one in found)


def test_a_source_without_a_copy_is_only_advice(claim):
    source = claim.evidence.first()
    assert ("no-copy", f"evidence:{source.pk}") in codes(claim, level=verdict_checks.ADVICE)

    source.copy = ArchivedCopy.objects.create(sha256="a" * 64, url=source.url, text="x", fetched_at=NOON)
    source.save()
    assert ("no-copy", f"evidence:{source.pk}") not in codes(claim)


def test_a_validity_that_is_over_is_found(claim):
    claim.valid_until = NOON
    assert stops(claim) == [("out-of-date", "valid_until")]

    claim.valid_until = NOON + timedelta(minutes=1)
    assert stops(claim) == []


def test_what_stops_comes_first(claim):
    claim.valid_until = NOON
    claim.fact = {**claim.fact, "sv": "ord " * 100}

    levels = [one.level for one in verdict_checks.lint(claim, at=NOON, verdict="false")]

    assert levels == sorted(levels, key=lambda level: level != verdict_checks.STOPS)


def test_it_asks_the_database_four_times_however_much_there_is(claim, django_assert_num_queries):
    for number in range(20):
        Evidence.objects.create(claim=claim, publisher=f"P{number}", title="x", url=f"https://p{number}.example/")
    claim = Claim.objects.get(pk=claim.pk)

    with django_assert_num_queries(4):
        verdict_checks.lint(claim, at=NOON, verdict="false")


def test_plain_texts_that_are_empty_repeat_nothing():
    assert not verdict_checks.repeats("", plain("Garlic cures it"))
    assert not verdict_checks.repeats(plain("Garlic cures it"), "")
