"""Readers find what is published, in their language and in any form of a word, and never what may not be read."""

import re
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulletins.models import Bulletin, Parts, Version
from bulletins.publication import corrections
from bulletins.publication import publish as publication_publish
from factcheck.verdicts import verdict_workflow
from questions.answers import answer_workflow
from questions.models import AnswerVersion
from tests.factcheck.publication.test_jsonld import pause
from tests.support import builders
from tests.support.builders import NOON
from website.models import SearchText, SearchWord
from website.search import fulltext_backends, index, query_syntax, results, vocabulary
from website.search.excerpts import Marker

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


def found(campaign: Any, words: str, language: str = "fi", *, at: datetime = LATER) -> list[results.Hit]:
    """Return what a reader finds."""
    question = query_syntax.read(words)
    keys = results.keys(question, campaign, language=language, at=at)
    return results.hits(keys, question, at=at)


def publish(campaign: Any, *, at: datetime = NOON, **texts: Any) -> Version:
    """Publish a bulletin with words of its own: title, lead, message and body, in all languages unless {language: text}."""
    bulletin = builders.build_bulletin(campaign, at=at)
    for edition in bulletin.editions.all():
        for name, field in (("title", "title"), ("lead", "preheader"), ("body", "body")):
            given_text = texts.get(name, "")
            text = given_text.get(edition.language, "") if isinstance(given_text, dict) else given_text
            if text:
                setattr(edition, field, text)
        edition.save()
    if "message" in texts:
        bulletin.key_messages.update(text=dict.fromkeys(builders.LANGUAGES, texts["message"]))
    return without_review(bulletin, at=at)


def build_answer(
    campaign: Any, *, at: datetime = NOON, question: str = "Saako matkustaa?", text: str = "Saa.", **fields: Any
) -> Any:
    """Publish an answer and return it."""
    from questions.models import Answer, QuestionGroup

    number = QuestionGroup.objects.count()
    group = QuestionGroup.objects.create(
        campaign=campaign,
        slug=f"q-{number}",
        label=dict.fromkeys(builders.LANGUAGES, question),
        authority=builders.build_authority(f"a-{number}"),
    )
    words = dict.fromkeys(builders.LANGUAGES, text)
    answer = Answer.objects.create(group=group, authority=group.authority, text=words, **fields)
    answer_workflow.freeze(answer, by=builders.second_person(), at=at)
    answer.refresh_from_db()
    return answer


VIDEO = {
    "video_url": "https://video.service.fi/1",
    "video_language": "fi",
    "video_seconds": 30,
    "subtitles": {"fi": "WEBVTT\n\n00:00.000 --> 00:02.000\nJunalla pääsee perille.\n"},
}


# --- Words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "written", "asked"),
    [
        ("fi", "Koulut avataan", "kouluissa"),
        ("fi", "Kouluissa opetetaan", "koulut"),
        ("fi", "Äidit jäävät kotiin", "äiti"),
        ("fi", "Kunnat päättävät, kunnissa toimitaan", "kunta"),
        ("sv", "Skolorna öppnas", "skolor"),
        ("sv", "Biblioteken är öppna", "bibliotek"),
        ("en", "Schools are opening", "school"),
        ("fi", "Koronavirus leviää", "korona"),
        ("en", "Masks in the COVID-19 ward", "covid-19"),
        ("en", "Masks in all schools", "masks in schools"),  # PostgreSQL knows no "in"
        ("en", "Schools have been closed", "have closed schools"),  # nor "have"
        ("en", "Read on at who.int today", "who.int"),
    ],
)
def test_a_word_is_found_in_its_other_forms(campaign, language, written, asked):
    publish(campaign, title={language: written})

    assert [hit.number for hit in found(campaign, asked, language)] == [1]


def test_letters_with_dots_are_letters_of_their_own(campaign):
    publish(campaign, title="Sää lämpenee")

    assert found(campaign, "sää") and not found(campaign, "saa")
    assert not found(campaign, "lampenee")


def test_all_words_must_be_there_and_operators_do_what_people_expect(campaign):
    publish(campaign, title="Maskit kouluissa")
    publish(campaign, title="Maskit kaupoissa")

    def numbers(words: str) -> set[Any]:
        return {hit.number for hit in found(campaign, words)}

    assert numbers("maskit") == {1, 2}
    assert numbers("maskit kouluissa") == {1}
    assert numbers("maskit -kouluissa") == {2}
    assert numbers('"maskit kouluissa"') == {1} and numbers('"kouluissa maskit"') == set()
    assert numbers("kaupoissa or kouluissa") == {1, 2}
    assert numbers("maskit junissa") == set()


def test_a_title_weighs_more_than_a_lead_and_a_lead_more_than_the_text(campaign):
    publish(campaign, body="Muuta. Teksti kertoo myös, että karanteeni jatkuu.")
    publish(campaign, lead="Karanteeni jatkuu.")
    publish(campaign, title="Karanteeni jatkuu")
    for _other in range(5):
        publish(campaign)

    assert [hit.number for hit in found(campaign, "karanteeni")] == [3, 2, 1]


def test_of_equals_the_newest_comes_first(campaign):
    publish(campaign, title="Testaus laajenee", at=NOON)
    publish(campaign, title="Testaus laajenee", at=NOON + timedelta(minutes=1))

    assert [hit.number for hit in found(campaign, "testaus")] == [2, 1]


def test_each_reader_finds_their_own_language_and_the_main_one_where_theirs_is_missing(campaign):
    bulletin = builders.build_bulletin(campaign)
    bulletin.editions.filter(language="sv").delete()
    version = without_review(bulletin)
    assert {one.language for one in version.editions.all()} == {"fi", "en"}

    assert not found(campaign, "kirjastot", "en")
    assert [(hit.number, hit.language) for hit in found(campaign, "kirjastot", "sv")] == [(1, "fi")]
    assert [(hit.number, hit.language) for hit in found(campaign, "libraries", "en")] == [(1, "en")]


def without_review(bulletin: Bulletin, *, at: datetime = NOON) -> Version:
    """Freeze a bulletin as it is, whatever the reviewers would say."""
    bulletin.approved_by = builders.second_person()
    version = publication_publish.freeze(Parts(bulletin), at=at)
    Bulletin.objects.filter(pk=bulletin.pk).update(state=Bulletin.State.PUBLISHED)
    return version


# --- What may be found ----------------------------------------------------------------------------------------


def test_a_bulletin_is_found_from_the_moment_it_is_published_and_not_before(campaign):
    bulletin = builders.build_approved_bulletin(campaign)
    assert not found(campaign, "kirjastot") and not SearchText.objects.exists()

    publication_publish.publish(bulletin, at=NOON)

    assert [hit.number for hit in found(campaign, "kirjastot")] == [1]
    assert not found(campaign, "kirjastot", at=NOON - timedelta(seconds=1))


def correct(version: Version, *, at: datetime = LATER, retract: bool = False, title: str = "Uimahallit") -> Version:
    """Publish a correction with another title, or a retraction."""
    bulletin = version.bulletin
    bulletin.refresh_from_db()
    begin = corrections.retract if retract else corrections.start_correction
    begin(bulletin, by=builders.editor(), at=at, what_changed=builders.in_all(en="It was wrong"))
    if not retract:
        bulletin.editions.update(title=title, subject=title, preheader="", body=f"{title} avataan.")
        bulletin.key_messages.all().delete()
        bulletin.calls_to_action.all().delete()
    return without_review(bulletin, at=at)


def test_the_words_of_a_replaced_version_are_found_no_more(campaign):
    version = publish(campaign, title="Teatterit suljetaan", body="Teatterit suljetaan.", message="Teatterit kiinni.")
    newer = correct(version)

    assert not found(campaign, "teatterit")
    hit = found(campaign, "uimahallit")[0]
    assert (hit.number, hit.is_corrected) == (1, True)
    assert {row.version for row in SearchText.objects.all()} == {newer}


def test_nothing_of_a_withdrawn_bulletin_is_found_or_kept(campaign):
    correct(publish(campaign), retract=True)

    assert not found(campaign, "kirjastot")
    assert not SearchText.objects.exists()


def test_an_old_index_brings_nothing_back(campaign, oskar):
    """Rows that should be gone are put back by hand; what stands decides."""
    version = publish(campaign, title="Teatterit suljetaan")
    answer = build_answer(campaign, at=NOON - timedelta(days=1), text="Teatterit suljetaan.")
    claim = builders.build_claim(campaign, fact=builders.in_all(en="Teatterit suljetaan."), at=NOON - timedelta(days=1))
    index.index_waiting(at=NOON)
    assert {hit.kind for hit in found(campaign, "teatterit")} == {"bulletin", "answer", "fact"}
    stale = list(SearchText.objects.all())

    correct(version, retract=True)
    builders.withdraw_answer(answer, by=oskar, at=LATER, why=builders.in_all(en="Wrong"))
    pause(claim, at=LATER)
    builders.withdraw_claim(claim, told=builders.in_all(en="Wrong"), by=builders.second_person(), at=LATER)
    SearchText.objects.all().delete()
    for row in stale:
        row.pk = None
    index.write(stale)

    assert not found(campaign, "teatterit")
    index.index_waiting(at=LATER)
    assert not SearchText.objects.exists()


def test_an_answer_is_found_once_those_who_asked_have_had_their_head_start(campaign, settings):
    settings.ANSWER_HEAD_START_MINUTES = 60
    build_answer(campaign, at=NOON)
    assert index.index_waiting(at=NOON + timedelta(minutes=59)) == 0
    assert not found(campaign, "matkustaa", at=NOON + timedelta(minutes=59))

    assert index.index_waiting(at=NOON + timedelta(minutes=60)) == 1

    hit = found(campaign, "matkustaa", at=NOON + timedelta(minutes=60))[0]
    assert (hit.kind, hit.url) == ("answer", "/en/answers/q-0/")
    assert not found(campaign, "matkustaa", at=NOON + timedelta(minutes=59))


def test_an_answer_is_found_by_what_is_said_in_its_video(campaign):
    build_answer(campaign, at=NOON - timedelta(days=1), **VIDEO)
    index.index_waiting(at=NOON)

    assert "<mark>Junalla</mark> pääsee perille." in found(campaign, "juna")[0].excerpt


def test_a_paused_fact_is_hidden_at_once_and_found_again_when_it_is_resumed(campaign):
    claim = builders.build_claim(campaign, fact=builders.in_all(fi="Valkosipuli ei paranna.", en="No."))
    index.index_waiting(at=NOON)
    assert [hit.kind for hit in found(campaign, "valkosipuli")] == ["fact"]

    pause(claim, at=LATER)
    assert not found(campaign, "valkosipuli")

    claim.refresh_from_db()
    verdict_workflow.resume(claim, by=builders.second_person(), at=LATER)
    assert [hit.kind for hit in found(campaign, "valkosipuli")] == ["fact"]


def test_a_claim_is_found_by_its_words_and_shown_by_its_fact(campaign):
    builders.build_claim(campaign, text=builders.in_all(en="Garlic cures it"))
    index.index_waiting(at=NOON)

    hit = found(campaign, "garlic", "en")[0]

    assert hit.title == "No food cures it."
    assert "Garlic" not in hit.excerpt


def test_a_claim_that_nobody_confirmed_is_not_found(campaign):
    builders.build_claim(campaign, published=False)
    index.index_waiting(at=LATER)

    assert not found(campaign, "garlic", "en") and not SearchText.objects.exists()


def test_another_campaign_is_another_archive(campaign):
    publish(builders.build_campaign("other"))

    assert not found(campaign, "kirjastot")


# --- The index ------------------------------------------------------------------------------------------------


def test_two_ticks_write_each_thing_once(campaign):
    builders.build_claim(campaign)

    assert (index.index_waiting(at=LATER), index.index_waiting(at=LATER)) == (1, 0)
    assert SearchText.objects.count() == 3


def test_whoever_comes_second_leaves_the_others_rows(campaign):
    builders.build_claim(campaign)
    index.index_waiting(at=LATER)
    before = set(SearchText.objects.values_list("pk", flat=True))

    assert index._write_once(list(index.of_claim(index.claims().get()))) == 0
    assert set(SearchText.objects.values_list("pk", flat=True)) == before


def test_the_tick_writes_down_a_bulletin_that_is_missing(campaign):
    publish(campaign)
    SearchText.objects.all().delete()
    assert not found(campaign, "kirjastot")

    assert index.index_waiting(at=LATER) == 1
    assert found(campaign, "kirjastot")


def test_the_command_writes_everything_anew(campaign, capsys):
    publish(campaign)
    build_answer(campaign)
    builders.build_claim(campaign)
    SearchText.objects.all().delete()

    call_command("index_search")
    call_command("index_search")

    assert capsys.readouterr().out.splitlines() == ["9 texts", "9 texts"]
    assert SearchText.objects.count() == 9
    assert [hit.kind for hit in found(campaign, "kirjastot")] == ["bulletin"]


@pytest.mark.sqlite
def test_words_leave_sqlites_index_with_their_row(campaign):
    publish(campaign)
    SearchText.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM website_searchtext_words")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("words", ["{0} fi fi", '"{0} fi fi"', "'={0} fi fi'", "={0} -koulut fi", "fi"])
def test_whose_words_they_are_is_no_word_to_look_for(words, campaign):
    """Both indexes keep campaign and languages beside the words."""
    publish(campaign)

    assert found(campaign, "kirjastot")
    assert not found(campaign, words.format(campaign.pk))


@pytest.mark.postgresql
def test_what_is_common_is_found_among_the_latest_and_what_is_rare_by_the_index(campaign, monkeypatch):
    monkeypatch.setattr(fulltext_backends, "LATEST", 2)
    monkeypatch.setattr(fulltext_backends, "EARLIER", 4)
    monkeypatch.setattr(fulltext_backends, "MOST", 2)
    for number, word in enumerate(("Hylkeet", "Majavat", "Sudet", "Majavat", "Sudet")):
        publish(campaign, title=f"{word} ja koronavirus {number}", at=NOON - timedelta(hours=10 - number))

    def asked(words: str) -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as queries:
            hits = found(campaign, words)
        return [re.sub("<[^>]*>", "", hit.title)[-1] for hit in hits], sum("newest" in one["sql"] for one in queries)

    assert asked("koronavirus") == (["4", "3"], 1)
    assert asked("majavat") == (["3", "1"], 2)  # one of two of the latest: two of four are likely
    assert asked("hylkeet") == (["0"], 2)
    publish(campaign, title="Hylkeet ja sudet 5", at=NOON - timedelta(hours=5))
    assert asked("hylkeet") == (["5", "0"], 3)  # likely, but not so


@pytest.mark.postgresql
def test_postgresql_finds_words_by_its_index(campaign):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM website_searchtext WHERE vector @@ websearch_to_tsquery('finnish', 'koulut')"
        )
        assert "search_text_words" in "\n".join(line for (line,) in cursor.fetchall())


# --- Excerpts ---------------------------------------------------------------------------------------------------


def excerpt(words: str, *texts: str, language: str = "fi") -> str:
    return Marker(query_syntax.read(words), language).excerpt(*texts)


def test_an_excerpt_shows_where_the_words_are_and_marks_them():
    text = "Alku. " * 30 + "Kouluissa pidetään väliä. " + "Loppu. " * 40

    shown = excerpt("koulut", text)

    assert "<mark>Kouluissa</mark> pidetään väliä." in shown
    assert shown.startswith("… Alku.") and shown.endswith(" …") and len(shown) < 300


def test_an_excerpt_prefers_the_place_with_most_of_the_words():
    shown = excerpt("koulu maski", "Koulu alkaa. " + "Jotain muuta. " * 40 + "Koulussa on maski.")

    assert "<mark>Koulussa</mark> on <mark>maski</mark>." in shown


def test_an_excerpt_is_safe_whatever_the_text_says():
    shown = excerpt("koulu", "<script>alert('koulu')</script> & <b>koulu</b> <mark>x</mark>")

    assert "<script" not in shown and "<b>" not in shown and "&lt;mark&gt;x" in shown
    assert shown.count("<mark>") == 2


# --- The page -----------------------------------------------------------------------------------------------------


def get(words: str, language: str = "fi", **query: Any) -> Any:
    """Fetch the page of what is found."""
    return Client().get(f"/{language}/bulletins/", {"q": words, **query})


def test_the_page_shows_kind_date_and_marked_words_and_is_not_for_search_engines(campaign):
    publish(campaign)
    builders.build_claim(campaign, fact=builders.in_all(fi="Kirjastot ovat auki.", en="Open."))
    index.index_waiting(at=NOON)

    response = get("kirjastot")

    page = response.content.decode()
    assert response.status_code == 200
    assert "<mark>Kirjastot</mark> avataan maanantaina" in page
    assert "/fi/bulletins/1/" in page and "/fi/facts/garlic/" in page
    assert page.count("25.3.2026") >= 2
    assert '<meta name="robots" content="noindex">' in page and response["X-Robots-Tag"] == "noindex"
    assert "private" in response["Cache-Control"]
    assert 'value="kirjastot"' in page


def test_a_campaign_for_real_keeps_result_pages_out_of_search_engines_too(db):
    publish(builders.build_campaign("real", mode="live"))

    assert '<meta name="robots" content="noindex">' in get("kirjastot").content.decode()


def test_the_archive_has_the_search(campaign):
    page = Client().get("/en/bulletins/").content.decode()

    assert re.search(r'<form[^>]*role="search"[^>]*action="/en/bulletins/"[^>]*method="get"', page)
    assert 'name="q"' in page


def test_nothing_found_says_so_and_what_to_do(campaign):
    response = get("ei-mitään", "en")

    assert response.status_code == 200
    page = response.content.decode()
    assert "Nothing was found for “ei-mitään”." in page and "Try a different word" in page


@pytest.mark.parametrize("words", [" ", "a", '"', "-koulu", "x" * 201, "- - -", "🤷"])
def test_what_cannot_be_looked_for_is_refused_with_the_words_in_their_place(campaign, words):
    response = get(words, "en")

    assert response.status_code == 422
    page = response.content.decode()
    assert 'aria-invalid="true"' in page and 'role="alert"' not in page
    assert ("too long" in page) == (len(words) > 200) and ("two letters" in page) == (len(words) <= 200)


def test_pages_of_twenty_keep_the_words(campaign):
    SearchText.objects.all().delete()
    version = publish(campaign)
    rows = copies(version, 45)

    first, last = get("kirjastot"), get("kirjastot", page=3)

    assert first.content.decode().count('<li class="tap">') == 20
    assert "?q=kirjastot&amp;page=2" in first.content.decode()
    assert last.content.decode().count('<li class="tap">') == 6 and len(rows) == 45
    assert get("kirjastot", page="99999999999999").status_code == 200


def copies(version: Version, number: int) -> list[Version]:
    """Return copies of a published bulletin, each with a number of its own and written down to be found."""
    from delivery.models import Mailing

    made = []
    editions = list(version.editions.all())
    for n in range(number):
        bulletin = Bulletin.objects.create(
            campaign=version.bulletin.campaign, number=100 + n, original_language="fi", state=Bulletin.State.PUBLISHED
        )
        mailing = Mailing.objects.create(campaign=bulletin.campaign, key=f"copy-{n}", created_at=NOON)
        copy = Version.objects.create(
            bulletin=bulletin,
            number=1,
            kind="original",
            urgency="routine",
            digest="0",
            printed=version.printed,
            mailing=mailing,
            published_at=NOON,
            first_published_at=NOON,
            approved_by=version.approved_by,
        )
        for edition in editions:
            edition.pk, edition._state.adding, edition.version = None, True, copy
            edition.save()
        index.index_version(copy, editions)
        made.append(copy)
    return made


def test_it_costs_the_same_however_much_is_found(campaign):
    version = publish(campaign)
    get("kirjastot")
    with CaptureQueriesContext(connection) as once:
        get("kirjastot")
    copies(version, 30)
    builders.build_claim(campaign, fact=builders.in_all(fi="Kirjastot ovat auki.", en="Open."))
    build_answer(campaign, text="Kirjastot ovat auki.", at=NOON - timedelta(days=2))
    index.index_waiting(at=LATER)

    with CaptureQueriesContext(connection) as again:
        assert get("kirjastot").content.decode().count('<li class="tap">') == 20
    assert len(again) == len(once)


def test_without_a_campaign_there_is_nothing_to_find(db):
    assert get("kirjastot").status_code == 200


def test_a_query_of_many_words_counts_the_first_sixteen():
    assert len(query_syntax.read("ab " * 60).wanted) == query_syntax.MOST_PARTS


NASTY = [
    "' OR 1=1 --",
    '") NEAR("a" "b", 5',
    "title: kirjastot",
    "kirjastot*",
    "{title} : kirjastot",
    "^kirjastot",
    "kirjastot AND NOT",
    "NOT kirjastot",
    "kirjastot & | ! ( ) <-> :*",
    "\\'\\\\ kirjastot",
    "%s %(x)s kirjastot %",
    "kirjastot \u202e \u200b \ufeff",
    "مرحبا שלום 你好",
    "🦠🦠🦠 kirjastot",
    "e\u0301 e\u0301e\u0301",
    "ﷺ İ ẞ ŉ ǅ",
    "\ud7ff\U0010ffff aa",
    "or or or kirjastot",
    "-a -b kirjastot",
    '"' * 199 + "k",
    "k " * 100,
    "a" * 200,
    "1 2 3 4.5e10 1/2 1:2 C:\\x http://a.b/c?d=e user@example.org",
]


@pytest.mark.parametrize("words", NASTY)
def test_no_words_break_the_search(campaign, words):
    publish(campaign)

    assert get(words).status_code in {200, 422}


SIGNS = st.lists(
    st.one_of(
        st.sampled_from(
            ["AND", " OR ", " NOT ", "NEAR(", "kirjastot", "ä", "title:", '"', " -", "*", "'", "\0", ":*", "%"]
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
).map("".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=SIGNS)
def test_a_fuzzer_breaks_nothing_and_nothing_takes_long(campaign, held_up, words):
    if not SearchText.objects.exists():
        publish(campaign)
    began = time.monotonic()
    for language in builders.LANGUAGES:
        try:
            question = query_syntax.read(words)
        except query_syntax.NotAskable:
            return
        keys = results.keys(question, campaign, language=language, at=LATER)
        results.hits(keys, question, at=LATER)
    assert time.monotonic() - began < 5 + held_up()


def test_thousands_of_characters_are_refused(campaign):
    assert get("koulu " * 1200).status_code == 422


def test_an_answers_withdrawal_hides_it_before_the_next_tick(campaign, oskar):
    answer = build_answer(campaign, at=NOON - timedelta(days=1))
    index.index_waiting(at=NOON)
    assert found(campaign, "matkustaa")

    builders.withdraw_answer(answer, by=oskar, at=LATER)

    assert AnswerVersion.objects.count() == 2
    assert not found(campaign, "matkustaa")


# --- Spelling ------------------------------------------------------------------------------------------------


def asked(said: str, language: str = "fi") -> str:
    """Return the page that a reader gets who looks for something, as one line."""
    answer = Client().get(f"/{language}/bulletins/", {"q": said})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_accents_may_be_left_out_and_a_misspelled_word_gets_one_that_finds_something(campaign, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    version = publish(campaign, title="Hätävarasto: ravintoloiden vettä ei juoda", lead="Älä juo hanasta.")
    assert "Did you mean" not in asked("ravintoliden", "en")  # nobody has read its words yet
    assert (vocabulary.note_new(at=LATER), vocabulary.note_new(at=LATER)) == (3, 0)

    for said, mark in (("hata", "Hätävarasto"), ("alajuoksu OR vetta", "vettä"), ("HATAVARASTO", "Hätävarasto")):
        assert f"<mark>{mark}</mark>" in asked(said), said
    assert "<mark>ravintoloiden</mark>" in asked("ravintola") and "<mark>ravintoloiden</mark>" in asked("ravintoloita")
    for said, better in (
        ("ravintoliden", "ravintoloiden"),  # a letter is missing
        ("Ravnitoloiden", "Ravintoloiden"),  # two have changed places
        ("hatavarsto vettä", "hätävarasto vettä"),
    ):
        page = asked(said)
        link = re.search(r'Tarkoititko: <a class="reach" href="[^"]*\?q=([^"]+)">([^<]+)</a>', page)
        assert link and (unquote(link[1]), link[2]) == (better, better), said
        assert "<mark>" in asked(better)
    closest = [
        vocabulary.closest(one, campaign, ["fi"]) for one in ("ravintolpa", "ravitnnolo", "ravistamo", "hattutemppu")
    ]
    assert closest == ["ravintoloiden", "ravintoloiden", "", ""], (
        "the form of a word may be longer than what was written"
    )
    assert "Tarkoititko" not in asked("helikopteri") + asked("kissa") + asked("<b>ravintoliden</b> -vettä")

    correct(version, retract=True)
    assert "Tarkoititko" not in asked("ravintoliden"), "what is withdrawn is hinted at by nothing"
    call_command("index_search")
    assert not SearchWord.objects.exists()


def test_twenty_thousand_words_are_looked_through_in_a_moment(campaign):
    letters = "aeiouklmnprstv"
    words = {"".join(letters[n // 14**at % 14] for at in range(4)) + "nen" for n in range(20_000)}
    rows = (SearchWord(campaign=campaign, language="fi", word=one, folded=one, begins=one[:4]) for one in words)
    SearchWord.objects.bulk_create(rows, batch_size=5_000)
    question = query_syntax.read("kalxenen laemnxn")
    began = time.process_time()
    with CaptureQueriesContext(connection) as queries:
        better = vocabulary.respelled("kalxenen laemnxn", question, campaign, ["fi"])
        assert vocabulary.closest("kalaxxenunt", campaign, ["fi"]) == ""
    assert (better, len(queries)) == ("kalenen laemnen", 6)
    assert time.process_time() - began < 0.3
