"""Which claims a text is found to be like: by words, by keywords across languages, by links, by an embedder."""

import logging
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command

from campaigns.models import GlossaryTerm
from factcheck.matching import canonical_urls, duplicates, embeddings, keywords, similar_claims
from factcheck.models import Claim, ClaimWords, Distinction, Sighting
from tests.support.builders import NOON, build_campaign, build_claim, checker, in_all

pytestmark = pytest.mark.django_db

DEMO = {
    "5g": (
        "5G-mastot levittävät koronavirusta.",
        "5G-master sprider coronaviruset.",
        "5G masts spread the coronavirus.",
    ),
    "app": (
        "Koronavilkku kertoo viranomaisille, missä liikut.",
        "Coronablinkern berättar för myndigheterna var du rör dig.",
        "Koronavilkku tells the authorities where you go.",
    ),
    "breath": (
        "Jos pystyt pidättämään hengitystäsi 10 sekuntia yskimättä, sinulla ei ole koronaa.",
        "Om du kan hålla andan i 10 sekunder utan att hosta har du inte corona.",
        "If you can hold your breath for 10 seconds without coughing, you do not have the coronavirus.",
    ),
    "border": (
        "Uudenmaan rajan yli saa palata kotiin rajoitusten aikana.",
        "Man får passera Nylands gräns för att åka hem under begränsningarna.",
        "You may cross the Uusimaa border to return home during the restrictions.",
    ),
    "ibuprofen": (
        "Ibuprofeeni pahentaa koronavirustautia.",
        "Ibuprofen förvärrar coronavirussjukdomen.",
        "Ibuprofen makes coronavirus disease worse.",
    ),
    "over70": (
        "Yli 70-vuotiaat eivät saa poistua kotoa.",
        "Personer över 70 år får inte lämna hemmet.",
        "People over 70 are not allowed to leave their homes.",
    ),
}

PARAPHRASES = [
    ("5g", "fi", "Leviääkö korona 5G-mastoista?"),
    ("5g", "fi", "Se uusi 5G-verkko levittää koronavirusta ihmisiin"),
    ("5g", "sv", "5G sprider corona, stäng av masterna!"),
    ("5g", "en", "Coronavirus is being spread by 5G towers and masts"),
    ("5g", "en", "5G causes corona"),
    ("app", "fi", "Koronavilkku seuraa missä ihmiset liikkuvat ja kertoo sen viranomaisille"),
    ("app", "fi", "Viranomaiset näkevät Koronavilkusta missä kuljet"),
    ("app", "sv", "Coronablinkern spårar var du är och berättar för polisen"),
    ("app", "en", "The Koronavilkku app tells authorities where you are going"),
    ("breath", "fi", "Pidätä hengitystä 10 sekuntia: jos et yski, sinulla ei ole koronaa"),
    ("breath", "sv", "Test: håll andan 10 sekunder utan att hosta så är du frisk"),
    ("breath", "en", "Holding breath 10 seconds without coughing means no corona"),
    ("border", "fi", "Saako Uudenmaan rajan ylittää palatakseen kotiin?"),
    ("border", "sv", "Får man åka hem över Nylands gräns?"),
    ("border", "en", "Can I cross the border of Uusimaa to get home?"),
    ("ibuprofen", "fi", "Älä ota ibuprofeenia, se pahentaa koronaa"),
    ("ibuprofen", "fi", "buranaa ei saa syödä jos on korona, se pahentaa tautia"),
    ("ibuprofen", "sv", "Ibuprofen gör corona värre"),
    ("ibuprofen", "sv", "Ipren förvärrar corona"),
    ("ibuprofen", "en", "Do not take ibuprofen: it makes COVID-19 worse"),
    ("over70", "fi", "70 vuotta täyttäneet eivät saa poistua kotoaan"),
    ("over70", "fi", "Yli 70-vuotias ei saa mennä ulos"),
    ("over70", "sv", "70-åringar får inte lämna sina hem"),
    ("over70", "en", "Over 70s must not leave home"),
]

# Only one language of the claim is known, and it is another.
ACROSS = [
    ("5g", "fi", "5G-mastot levittävät koronavirusta", "en"),
    ("5g", "sv", "5G-master sprider coronaviruset", "fi"),
    ("5g", "en", "5G masts spread the coronavirus", "fi"),
    ("ibuprofen", "sv", "Ibuprofen gör corona värre", "fi"),
    ("ibuprofen", "fi", "Ibuprofeeni pahentaa koronavirustautia", "en"),
    ("app", "en", "Koronavilkku tells the authorities where you go", "fi"),
]

UNRELATED = [
    ("fi", "Kirjastot avataan maanantaina ja lainat voi palauttaa"),
    ("fi", "Huomenna sataa vettä koko maassa"),
    ("fi", "Missä voi käydä koronatestissä?"),
    ("fi", "Koronavirus on virus"),
    ("fi", "70 uutta tartuntaa todettiin tänään"),
    ("sv", "Biblioteken öppnar på måndag"),
    ("sv", "Hur många har fått coronaviruset i dag?"),
    ("sv", "Jag vill köpa en cykel till mitt barn"),
    ("en", "Where can I get a coronavirus test?"),
    ("en", "My dog likes long walks in the forest and swimming"),
    ("en", "Trains run 10 minutes late today"),
]


def claim_saying(campaign, slug, **text):
    claim = Claim.objects.create(campaign=campaign, slug=slug, text=text)
    similar_claims.index(claim)
    return claim


@pytest.fixture
def demo(campaign):
    for fi, sv, en in (
        ("koronavirus", "coronavirus", "coronavirus"),
        ("Koronavilkku", "Coronablinkern", "Koronavilkku"),
        ("viranomainen", "myndighet", "authority"),
        ("rajoitus", "begränsning", "restriction"),
    ):
        GlossaryTerm.objects.create(campaign=campaign, term={"fi": fi, "sv": sv, "en": en})
    for slug, (fi, sv, en) in DEMO.items():
        claim_saying(campaign, slug, fi=fi, sv=sv, en=en)
    return campaign


# --- What is found --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "language", "text"), PARAPHRASES)
def test_a_paraphrase_finds_its_claim_first(demo, slug, language, text):
    found = similar_claims.closest_claims(demo, text, language=language)

    assert found[0].claim.slug == slug
    assert found[0].reasons


@pytest.mark.parametrize(("slug", "language", "text"), [one for one in PARAPHRASES if len(one[2].split()) > 3])
def test_a_language_that_nobody_names_is_seen(demo, slug, language, text):
    assert similar_claims.closest_claims(demo, text)[0].claim.slug == slug


@pytest.mark.parametrize(("language", "text"), UNRELATED)
def test_another_subject_finds_nothing(demo, language, text):
    assert similar_claims.closest_claims(demo, text, language=language) == []
    assert similar_claims.closest_claims(demo, text) == []


@pytest.mark.parametrize(("slug", "language", "text", "known"), ACROSS)
def test_a_claim_is_found_from_another_language(demo, slug, language, text, known):
    ClaimWords.objects.exclude(language=known).delete()

    found = similar_claims.closest_claims(demo, text, language=language)

    assert found[0].claim.slug == slug
    assert found[0].language == known
    assert "keywords" in found[0].reasons


def test_a_claim_in_the_midst_of_a_long_post_is_found(demo):
    post = (
        "Hei kaikki!\nTänään oli kaunis ilma ja kävin lenkillä. Naapuri sanoi, että 5G-mastot levittävät koronavirusta "
        "joka puolella. En tiedä mitä ajatella. Huomenna menen kauppaan."
    )

    found = similar_claims.closest_claims(demo, post)

    assert [match.claim.slug for match in found] == ["5g"]
    assert found[0].score > 0.6


def test_the_very_words_score_one(demo):
    assert similar_claims.closest_claims(demo, DEMO["5g"][0])[0].score == 1.0


def test_a_megabyte_of_text_is_answered_soon(demo):
    began = time.process_time()

    similar_claims.closest_claims(demo, "korona virus 5G masto, " * 45_000)
    similar_claims.closest_claims(demo, "x" * 1_000_000)
    similar_claims.closest_claims(demo, "http://" * 150_000)

    assert time.process_time() - began < 5


def test_a_text_of_nothing_finds_nothing(demo):
    assert similar_claims.closest_claims(demo, " …!\x00 ") == []


def test_another_campaigns_claims_are_not_found(demo):
    assert similar_claims.closest_claims(build_campaign("other"), DEMO["5g"][0]) == []


def test_only_claims_with_a_page_are_found_in_public(demo):
    claim = build_claim(
        demo, "visible", text=in_all(fi="Sauna parantaa koronan.", sv="Bastu botar corona.", en="A sauna cures corona.")
    )
    similar_claims.index(claim)

    assert similar_claims.closest_claims(demo, DEMO["5g"][0], visible_only=True) == []
    assert similar_claims.closest_claims(demo, "Sauna parantaa koronan", visible_only=True)[0].claim == claim


def test_a_duplicate_leads_to_its_main_claim_also_in_public(demo):
    main = build_claim(
        demo, "main", text=in_all(fi="Sauna parantaa koronan.", sv="Bastu botar corona.", en="A sauna cures corona.")
    )
    other = claim_saying(demo, "reported", fi="Kuuma löyly tappaa viruksen")
    similar_claims.index(main)
    duplicates.merge(other, into=main, by=checker(), at=NOON)

    found = similar_claims.closest_claims(demo, "Kuuma löyly tappaa viruksen", visible_only=True)

    assert [match.claim for match in found] == [main]


def test_a_link_in_a_post_finds_the_claim_that_was_seen_there(demo):
    claim = Claim.objects.get(slug="5g")
    Sighting.objects.create(
        claim=claim,
        platform="youtube",
        url="https://www.youtube.com/watch?v=abcdefghijk",
        url_key=canonical_urls.url_key("https://www.youtube.com/watch?v=abcdefghijk"),
        seen_on=NOON.date(),
        language="fi",
    )

    found = similar_claims.closest_claims(demo, "Katso tämä: https://youtu.be/abcdefghijk?si=1")

    assert [(match.claim.slug, match.reasons) for match in found] == [("5g", ("link",))]
    assert found[0].why() == ["seen at the same address"]


def test_finding_takes_as_many_queries_however_many_claims_there_are(demo, django_assert_max_num_queries):
    for number in range(40):
        claim_saying(demo, f"more-{number}", fi=f"5G-mastot levittävät koronavirusta kylässä {number}")

    with django_assert_max_num_queries(14):
        similar_claims.closest_claims(demo, DEMO["5g"][0], language="fi")


# --- What is suggested ----------------------------------------------------------------------------------


def test_a_report_is_suggested_to_be_the_same_as_the_claim_that_it_is_like(demo):
    report = claim_saying(demo, "report", fi="Leviääkö korona 5G-mastoista?")

    suggested = similar_claims.suggestions(report)

    assert [one.claim.slug for one in suggested] == ["5g"]
    assert suggested[0].why() == ["similar words", "the same keywords"]


def test_keywords_that_staff_gave_lead_across_languages(demo):
    one = claim_saying(demo, "one", fi="Miljardööri aikoo seurata ihmisiä piikeillä")
    other = claim_saying(demo, "other", sv="Vaccinerna har chip")
    assert similar_claims.suggestions(one) == []

    for claim in (one, other):
        claim.keywords = ["Bill Gates", "microchip"]
        claim.save()
        similar_claims.index(claim)

    assert [suggestion.claim for suggestion in similar_claims.suggestions(one)] == [other]


def test_the_same_address_is_a_reason(demo):
    one = claim_saying(demo, "one", fi="Jotain aivan muuta")
    for claim in (one, Claim.objects.get(slug="ibuprofen")):
        Sighting.objects.create(claim=claim, platform="x", url_key="x.com/status/1", seen_on=NOON.date(), language="fi")

    assert [(found.claim.slug, found.reasons) for found in similar_claims.suggestions(one)] == [
        ("ibuprofen", ("link",))
    ]


def test_a_mere_host_is_no_reason(demo):
    one = claim_saying(demo, "one", fi="Jotain aivan muuta")
    for claim in (one, Claim.objects.get(slug="ibuprofen")):
        Sighting.objects.create(claim=claim, platform="x", url_key="facebook.com", seen_on=NOON.date(), language="fi")

    assert similar_claims.suggestions(one) == []


def test_what_was_told_apart_is_not_suggested_from_either_side(demo):
    report = claim_saying(demo, "report", fi="Leviääkö korona 5G-mastoista?")
    duplicates.mark_different(report, Claim.objects.get(slug="5g"), by=checker(), at=NOON)

    assert similar_claims.suggestions(report) == []
    assert similar_claims.suggestions(Claim.objects.get(slug="5g")) == []
    assert Distinction.objects.count() == 1


def test_duplicates_are_neither_suggested_nor_given_suggestions(demo):
    report = claim_saying(demo, "report", fi="Leviääkö korona 5G-mastoista?")
    main = Claim.objects.get(slug="5g")
    duplicates.merge(report, into=main, by=checker(), at=NOON)

    assert similar_claims.suggestions(report) == []
    assert similar_claims.suggestions(main) == []
    third = claim_saying(demo, "third", fi="Leviääkö korona mastoista 5G?")
    assert [one.claim for one in similar_claims.suggestions(third)] == [main]


def test_what_was_set_aside_comes_last(demo):
    exact = claim_saying(demo, "aside", fi="Leviääkö korona 5G-mastoista?")
    Claim.objects.filter(pk=exact.pk).update(status=Claim.Status.SET_ASIDE)
    report = claim_saying(demo, "report", fi="Leviääkö korona 5G-mastoista?")

    assert [one.claim.slug for one in similar_claims.suggestions(report)] == ["5g", "aside"]


# --- The rows -------------------------------------------------------------------------------------------


def test_rows_follow_the_claim(campaign):
    claim = claim_saying(campaign, "one", fi="Sauna parantaa.", sv="Bastu botar.")

    claim.text = {"fi": "Löyly parantaa.", "en": ""}
    claim.save()
    similar_claims.index(claim)

    assert list(claim.words.values_list("language", "text")) == [("fi", "loyly parantaa")]


def test_the_command_makes_all_rows_anew(demo, capsys):
    before = set(ClaimWords.objects.values_list("claim", "language", "text", "keywords"))
    ClaimWords.objects.all().delete()

    call_command("index_claims")

    assert set(ClaimWords.objects.values_list("claim", "language", "text", "keywords")) == before
    assert "6 claims indexed." in capsys.readouterr().out


def test_keywords_are_the_same_in_all_languages(demo):
    concepts = keywords.Concepts(demo.pk)
    by_language = [
        set(keywords.keywords_of(text, code, concepts))
        for code, text in zip(("fi", "sv", "en"), DEMO["5g"], strict=True)
    ]

    assert {"5g", "mast", "koronavirus"} <= set.intersection(*by_language)


# --- An embedder ----------------------------------------------------------------------------------------

SYNONYMS = ({"auto", "bil", "ajoneuvo"}, {"ruoka", "mat", "ateria"}, {"kissa", "katt", "kolli"})


def embed(texts):
    """Numbers by what words mean: how many of a text's words are in each group of synonyms."""
    return [[sum(word in group for word in text.split()) + 0.01 for group in SYNONYMS] for text in texts]


def embed_in_anger(texts):
    raise RuntimeError(f"I refuse {texts}")


def embed_slowly(texts):
    time.sleep(5)


def embed_nonsense(texts):
    return [[0.0] for text in texts]


@pytest.fixture
def embedder(settings):
    cache.clear()

    def use(function):
        settings.EMBEDDER = f"{__name__}.{function.__name__}"

    return use


def test_an_embedder_finds_what_shares_no_word(campaign, embedder, django_capture_on_commit_callbacks):
    embedder(embed)
    with django_capture_on_commit_callbacks(execute=True):
        one = claim_saying(campaign, "one", fi="Kolli ajoneuvo kielletään")
        other = claim_saying(campaign, "other", sv="Min katt och bil")
        claim_saying(campaign, "food", fi="Ruoka loppuu")

    suggested = similar_claims.suggestions(one)

    assert [(found.claim, found.reasons) for found in suggested] == [(other, ("meaning",))]
    assert suggested[0].why() == ["a similar meaning"]


@pytest.mark.parametrize("fault", [embed_in_anger, embed_nonsense, embed_slowly])
def test_an_embedder_that_fails_stops_nobody_and_rests(
    campaign, embedder, fault, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(embeddings, "EMBEDDER_SECONDS", 0.2)
    embedder(fault)
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        claim = claim_saying(campaign, "one", fi="Salainen lause")
        claim_saying(campaign, "two", fi="Toinen lause")

    assert claim.words.get().vector is None
    assert similar_claims.suggestions(claim)
    said = [record.getMessage() for record in caplog.records if record.name == "factcheck.matching.embeddings"]
    assert len(said) == 1
    assert "alainen" not in said[0]


def test_a_pasted_text_never_reaches_the_embedder(demo, embedder, caplog):
    embedder(embed_in_anger)

    similar_claims.closest_claims(demo, "Jotain yksityistä")

    assert not [record for record in caplog.records if record.name == "factcheck.matching.embeddings"]


def test_the_command_asks_the_embedder_for_what_is_missing(demo, embedder, capsys):
    embedder(embed)

    call_command("index_claims")

    assert not ClaimWords.objects.filter(vector=None).exists()
    assert "18 texts embedded, 0 without." in capsys.readouterr().out
