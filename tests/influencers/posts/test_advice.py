"""How a post compares with the key messages: kind, concrete, private, and never a ranking."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from influencers.models import PostMessage
from influencers.posts import advice, message_match, reports
from tests.support import builders

from . import posts_scene

MESSAGES = [
    message_match.Message("opening", "Libraries open on Monday 19 April."),
    message_match.Message("loans", posts_scene.SECOND),
]


def fates(words, messages=MESSAGES, language="en", **more):
    return {one.key: str(one.fate) for one in message_match.compare(words, messages, language, **more)}


@pytest.mark.parametrize(
    ("words", "opening", "loans"),
    [
        ("Libraries open on Monday 19 April. You can borrow at most 10 books.", "kept", "kept"),
        ("Guess what! On Monday 19 April our libraries open again.", "adapted", "dropped"),
        ("Libraries open on Monday 13 April.", "contradicted", "dropped"),
        ("Libraries open again Monday 13.4. 😀 Borrow up to 10 books", "contradicted", "adapted"),
        ("Libraries do not open on Monday 19 April.", "adapted", "dropped"),
        ("You can borrow at most 20 books.", "dropped", "contradicted"),
        ("Libraries open on Monday 19 April at 10.30.", "adapted", "dropped"),
        ("A lovely day at the sea.", "dropped", "dropped"),
        ("No worries, libraries open on Monday 19 April!", "adapted", "dropped"),
        ("No worries, libraries never open on Monday 19 April!", "adapted", "dropped"),
    ],
)
def test_each_key_message_is_kept_adapted_left_out_or_has_another_value(words, opening, loans):
    assert fates(words) == {"opening": opening, "loans": loans}


def test_a_contradiction_says_which_figures():
    found = message_match.compare("Libraries open on Monday 13 April.", MESSAGES, "en")[0]

    assert (found.theirs, found.ours) == (["Monday 13 April"], ["Monday 19 April"])


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("Guess what! The libraries open again.", ["date"]),
        ("Guess what! On Monday 19 April our libraries open again.", []),
        ("Our libraries open again! More on Monday 19 April.", []),
        ("A lovely day at the sea.", []),  # left out as a whole
    ],
)
def test_a_message_in_other_words_says_which_kinds_of_figures_it_lost(words, lost):
    found = message_match.compare(words, MESSAGES, "en")[0]

    assert (list(found.lost), found.because["lost"]) == (lost, lost)


def test_a_figure_that_the_bulletin_says_elsewhere_contradicts_nothing():
    words = "Libraries open on Monday 13 April."

    assert fates(words, also_said="Branches open on 13 April.")["opening"] != "contradicted"


@pytest.mark.parametrize(
    ("language", "message", "words", "fate"),
    [
        (
            "fi",
            "Kirjastot avataan maanantaina 19.4.",
            "Moikka! Kirjastot aukeaa taas maanantaina 13.4.",
            "contradicted",
        ),
        ("fi", "Kirjastot avataan maanantaina 19.4.", "Kirjastoja ei avata maanantaina 19.4.", "adapted"),
        ("fi", "Maskia pitää käyttää bussissa.", "Käytä bussissa maskia", "adapted"),
        ("fi", "Pysy kotona, jos olet sairas.", "pysy kotona jos olet sairas!", "kept"),
        ("en", "Stay at home if you are ill.", "Stay at home if you are ill, no matter what.", "adapted"),
        ("sv", "Besök inte äldre nu.", "Hälsa inte på hos äldre, besök dem inte nu.", "adapted"),
        ("sv", "Besök inte äldre nu.", "Besök äldre nu.", "adapted"),
        (
            "sv",
            "Biblioteken öppnar måndagen den 19 april.",
            "Ingen fara, biblioteken öppnar måndagen den 19 april.",
            "adapted",
        ),
        ("sv", "Biblioteken öppnar måndagen den 19 april.", "Hej! Biblioteken öppnar måndagen 13.4", "contradicted"),
        (
            "sv",
            "Biblioteken öppnar måndagen den 19 april.",
            "Måndagen 19.4 öppnar biblioteken igen, äntligen",
            "adapted",
        ),
    ],
)
def test_it_knows_the_campaigns_languages(language, message, words, fate):
    assert fates(words, [message_match.Message("a", message)], language) == {"a": fate}


EASTER = {
    "fi": (
        "Vietä pääsiäinen 10.–13. huhtikuuta kotona. Älä matkusta mökille.",
        "Uudenmaan liikkumisrajoitukset ovat voimassa 19. huhtikuuta asti.",
        "Ravintolat ja kahvilat ovat kiinni 31. toukokuuta asti. Ruokaa saa ostaa mukaan.",
        "Julkisessa kokoontumisessa saa olla enintään 10 ihmistä.",
    ),
    "sv": (
        "Fira påsken den 10–13 april hemma. Res inte till stugan.",
        "Begränsningarna i rörelsefriheten i Nyland gäller till och med den 19 april.",
        "Restauranger och kaféer är stängda till och med den 31 maj. Du får köpa mat att ta med.",
        "Vid offentliga sammankomster får det vara högst 10 personer.",
    ),
    "en": (
        "Spend Easter, 10–13 April, at home. Don't travel to a summer cottage.",
        "The Uusimaa movement restrictions are in force until 19 April.",
        "Restaurants and cafés are closed until 31 May. You may buy food to take away.",
        "A public gathering may have no more than 10 people.",
    ),
}


def easter(words, language, number):
    messages = [message_match.Message(str(at), text) for at, text in enumerate(EASTER[language])]
    return message_match.compare(words, messages, language)[number]


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("fi", 1, "Uudenmaan liikkumisrajoitukset ovat voimassa 29. huhtikuuta asti."),
        ("fi", 1, "29. huhtikuuta asti Uudenmaan liikkumisrajoitukset ovat voimassa."),
        ("fi", 1, "Uudenmaan liikkumisrajoitukset ovat voimassa 19. toukokuuta asti."),
        ("fi", 1, "Uudenmaan liikkumisrajoitukset ovat voimassa 19.5. asti."),
        ("sv", 1, "Begränsningarna i Nyland gäller till den 19 maj."),
        ("en", 1, "The Uusimaa movement restrictions are in force until 19 May."),
        ("en", 1, "The Uusimaa movement restrictions are in force until 31 May."),  # as restaurants are closed
    ],
)
def test_a_wrong_date_is_found_in_every_language_and_an_ordinal_ends_no_sentence(language, number, words):
    found = easter(words, language, number)

    assert (found.fate, found.said) == ("contradicted", words)
    assert found.theirs


@pytest.mark.parametrize(
    ("language", "number", "words", "same"),
    [
        ("en", 2, "Restaurants and cafés are open until 31 May.", ["31 May"]),
        ("sv", 2, "Restaurangerna och kaféerna är öppna till och med den 31 maj", ["den 31 maj"]),
        ("en", 3, "A public gathering may have at most 10 people.", ["10"]),
        ("fi", 3, "Julkisessa kokoontumisessa saa olla vähintään 10 ihmistä.", ["10"]),
        ("fi", 1, "Uudenmaan liikkumisrajoitukset ovat yhä voimassa.", []),
    ],
)
def test_other_words_are_told_by_their_values_whatever_they_mean(language, number, words, same):
    found = easter(words, language, number)

    assert (found.fate, [value.removesuffix(" ihmistä") for value in found.same]) == ("adapted", same)


def test_no_words_and_hostile_words_are_no_trouble():
    assert message_match.compare("", MESSAGES, "en") == []
    assert message_match.compare("\u202e\u200b \n", MESSAGES, "en") == []
    assert fates("a " * 30_000)["opening"] == "dropped"
    assert len(message_match.lines_of("One two.\n" * 500)) == 1


# --- Who sees it ------------------------------------------------------------------------------------------


@pytest.fixture
def contradicting(ines, campaign, liisa):
    """A post with another day than the bulletin has, of someone whose contact person is Liisa."""
    ina = ines.influencers.get()
    ina.liaison = liisa
    ina.save()
    version = posts_scene.build_version(campaign, day=19)
    return posts_scene.told(ina, version, words="Libraries open on 13 April.")


@pytest.mark.django_db
def test_its_writer_reads_the_advice(contradicting, ines, signed_in):
    page = signed_in(ines).get(reverse("influencers:post", args=[contradicting.pk])).content.decode()

    assert "You wrote 13 April; we wrote 19 April." in page
    assert "Not included, which is fine" in page
    assert "Your own words are welcome" in page


@pytest.mark.django_db
def test_words_that_nothing_confirms_are_told_neutrally_until_somebody_looked(contradicting, ines, liisa, signed_in):
    reports.rewrite(contradicting, "Our libraries open again soon, hurray!")
    address = reverse("influencers:post", args=[contradicting.pk])
    page = signed_in(ines).get(address).content.decode()

    assert "In your own words. Only dates and numbers were compared." in page
    assert "and that is good" not in page
    advice.record_finding(contradicting.messages.get(key="opening"), "adapted", by=liisa)
    assert "In your own words, and that is good" in signed_in(ines).get(address).content.decode()


@pytest.mark.django_db
def test_a_finnish_date_ends_the_sentence_with_one_dot(contradicting, ines, signed_in):
    reports.rewrite(contradicting, "Libraries open on 13.4.")

    page = signed_in(ines).get(reverse("influencers:post", args=[contradicting.pk])).content.decode()

    assert "You wrote 13.4; we wrote 19 April." in page


@pytest.mark.django_db
def test_only_the_contact_person_sees_it_at_the_desk(contradicting, liisa, root, alma, signed_in):
    other = builders.build_user("lassi", "liaison")
    page, mine = (
        reverse("admin:influencers_post_change", args=[contradicting.pk]),
        reverse("admin:influencers_thanks_mine"),
    )

    assert "13 April" in signed_in(liisa).get(page).content.decode()
    assert "13 April" in signed_in(liisa).get(mine).content.decode()
    for user in (other, root):
        assert "13 April" not in signed_in(user).get(page).content.decode()
        assert "13 April" not in signed_in(user).get(mine).content.decode()
    assert signed_in(alma).get(page).status_code == 403
    row = contradicting.messages.get(key="opening")
    looked = reverse("admin:influencers_post_looked", args=[contradicting.pk, row.pk])
    assert signed_in(other).post(looked, {"fate": "kept"}).status_code == 404
    row.refresh_from_db()
    assert row.fate == "contradicted"


@pytest.mark.django_db
def test_what_the_contact_person_found_stays_while_the_post_says_it(contradicting, liisa, signed_in):
    row = contradicting.messages.get(key="opening")
    looked = reverse("admin:influencers_post_looked", args=[contradicting.pk, row.pk])
    signed_in(liisa).post(looked, {"fate": "adapted"})
    reports.rewrite(contradicting, "Libraries open on 13 April. Hurray!")

    kept = contradicting.messages.get(key="opening")
    assert (kept.fate, kept.checked_by) == ("adapted", liisa)
    assert advice.open_contradictions(liisa, contradicting.campaign) == []


@pytest.mark.django_db
def test_what_the_contact_person_found_goes_when_the_post_says_something_else(contradicting, liisa):
    advice.record_finding(contradicting.messages.get(key="opening"), "adapted", by=liisa)

    reports.rewrite(contradicting, "Libraries open on 14 April.")

    anew = contradicting.messages.get(key="opening")
    assert (anew.fate, anew.checked_by, anew.because["said"]) == ("contradicted", None, "Libraries open on 14 April.")
    assert [row.pk for row in advice.open_contradictions(liisa, contradicting.campaign)] == [anew.pk]
    advice.record_finding(anew, "contradicted", by=liisa)
    reports.rewrite(contradicting, "Libraries open on 19 April.")
    right = contradicting.messages.get(key="opening")
    assert (right.fate, right.checked_by) == ("kept", None)


@pytest.mark.django_db
def test_what_the_contact_person_found_goes_when_the_post_was_of_another_version(ines, campaign, liisa):
    ina, url = ines.influencers.get(), "https://x.com/ines/status/5"
    first = posts_scene.build_version(campaign)
    post = posts_scene.told(ina, first, url=url, platform="x", words=posts_scene.FIRST)
    advice.record_finding(post.messages.get(key="opening"), "kept", by=liisa)

    posts_scene.told(ina, posts_scene.correct(first), url=url, platform="x")

    row = post.messages.get(key="opening")
    assert (row.fate, row.checked_by) == ("contradicted", None)


@pytest.mark.django_db
def test_a_post_that_was_corrected_is_nothing_to_talk_about(contradicting, liisa):
    assert [row.post_id for row in advice.open_contradictions(liisa, contradicting.campaign)] == [contradicting.pk]

    reports.mark_corrected(contradicting, at=timezone.now())

    assert advice.open_contradictions(liisa, contradicting.campaign) == []


def test_nobody_is_ranked_on_the_desk():
    from influencers.models import Influencer, Post, PostFigures

    names = {"reach", "reactions", "comments", "shares", "fate", "messages", "figures", "posts"}
    for model in (Influencer, Post):
        page = admin.site.get_model_admin(model)
        shown = {str(one) for one in [*page.list_display, *(page.ordering or []), *(page.sortable_by or [])]}
        assert not any(name in one.split("__") for one in shown for name in names), model
    assert PostFigures not in admin.site._registry
    assert PostMessage not in admin.site._registry
