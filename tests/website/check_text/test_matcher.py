"""A text is recognised as what we say now, said before, took back or never said; and never as true."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from bulletins.models import Bulletin, KeyMessage, Variant, Version
from bulletins.publication import corrections
from factcheck.matching.canonical_urls import url_key
from factcheck.matching.similar_claims import index
from factcheck.models import Sighting
from tests.support import builders
from tests.support.builders import NOON, in_all
from website.check_text import matcher, passages
from website.check_text.matcher import addresses_in, clean, recognise
from website.models import Passage

BORDER = {
    "fi": ("Liikkumisrajoitukset alkoivat 28. maaliskuuta. Ne ovat voimassa {} asti.", "13. huhtikuuta", "19. huhtikuuta"),
    "sv": ("Begränsningarna i rörelsefriheten började den 28 mars. De gäller till och med {}.", "den 13 april", "den 19 april"),
    "en": ("The movement restrictions began on 28 March. They are in force until {}.", "13 April", "19 April"),
}  # fmt: skip
LATER = NOON + timedelta(days=2)


def say(bulletin: Bulletin, date: int) -> None:
    """Let the key message, the text and a caption say the old date (1) or the new one (2)."""
    texts = {code: parts[0].format(parts[date]) for code, parts in BORDER.items()}
    KeyMessage.objects.filter(bulletin=bulletin).update(text=texts)
    for edition in bulletin.editions.all():
        edition.body = (
            f"{texts[edition.language]}\n\n## More\n\n- Everyone may return home ({edition.language}) at any time.\n"
        )
        edition.save()
        edition.variants.update(caption=f"{texts[edition.language]} 💙 #uusimaa")


@pytest.fixture
def border(campaign: Any) -> Version:
    """The first version of a bulletin, with the wrong date."""
    bulletin = builders.build_bulletin(campaign, variants=True)
    say(bulletin, 1)
    return builders.published(bulletin)


def correct(version: Version, at: Any = LATER) -> Version:
    """Publish the same bulletin with the right date."""
    bulletin = version.bulletin
    changed = in_all(en="The end date was wrong.")
    corrections.start_correction(bulletin, by=builders.editor(), at=at, what_changed=changed, share_text=changed)
    say(bulletin, 2)
    return builders.published(bulletin, at=at)


def withdraw(version: Version, at: Any = LATER) -> Version:
    """Withdraw the bulletin."""
    reason = in_all(en="It was not decided.")
    corrections.retract(version.bulletin, by=builders.editor(), at=at, what_changed=reason, share_text=reason)
    return builders.published(version.bulletin, at=at)


def found(campaign: Any, text: str, at: Any = LATER + timedelta(hours=1), **more: Any) -> Any:
    """Return the only bulletin that the text is like."""
    (match,) = recognise(campaign, text, at=at, **more).bulletins
    return match


# --- Passages ---------------------------------------------------------------------------------------------


def test_publishing_writes_the_passages_of_every_language(border: Version):
    places = set(Passage.objects.filter(edition__language="en").values_list("place", flat=True))

    assert {"title", "message:opening", "message:opening:2", "action:1", "lead"} <= places
    assert Passage.objects.values("edition__language").distinct().count() == 3


def test_passages_can_be_made_again_and_are_the_same(border: Version):
    before = list(Passage.objects.order_by("edition", "place").values_list("edition", "place", "text", "words"))
    Passage.objects.all().delete()

    call_command("index_passages")

    assert list(Passage.objects.order_by("edition", "place").values_list("edition", "place", "text", "words")) == before


def test_a_withdrawal_has_no_passages_and_those_before_it_stay(border: Version):
    before = Passage.objects.count()
    withdrawal = withdraw(border)

    assert Passage.objects.count() == before
    assert not Passage.objects.filter(edition__version=withdrawal).exists()


def test_an_edition_has_no_more_passages_than_are_useful(border: Version):
    edition = border.editions.get(language="en")
    edition.body = "\n".join(f"- This is sentence number {n} of many more" for n in range(5000))
    edition.content["key_messages"] = [{"key": str(n), "text": f"Message {n} of many"} for n in range(500)]

    assert passages.index(edition) == passages.MOST


# --- Bulletins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_the_old_date_is_superseded_and_the_new_one_is_in_force(code: str, campaign: Any, border: Version):
    correct(border)
    text, old, new = BORDER[code]

    before, now = found(campaign, text.format(old)), found(campaign, text.format(new))

    assert before.kind == matcher.SUPERSEDED
    assert before.number == 1
    assert any(new in line.now and line.language == code for line in before.lines)
    assert [version.number for version in before.changes] == [2]
    assert now.kind == matcher.CURRENT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hey! Restrictions on movement are in force until 13.4.", "superseded"),
        ("hey all, they are in force until the thirteenth of April", "superseded"),
        ("They are in force, friends, until April 19!! 💙💙", "alike"),
        ("They are in force until 25 April.", "altered"),
        ("They are not in force until 19 April.", "alike"),
        ("They are in force until 28 March.", "alike"),
        ("THEY ARE IN FORCE UNTIL 13 APRIL", "superseded"),
        ("They are in for\u200bce un\u202etil 13 Ap\u00adril", "superseded"),
        ("Ne ovat voimassa 25.4. asti", "altered"),
        ("De gäller till och med den nittonde april", "alike"),
    ],
)
def test_adapted_words_are_told_apart_by_their_figures(text: str, kind: str, campaign: Any, border: Version):
    correct(border)

    assert found(campaign, text).kind == kind


def test_an_altered_figure_is_named_beside_ours(campaign: Any, border: Version):
    correct(border)

    (line,) = found(campaign, "They are in force until 25 April.").lines

    assert (line.theirs, line.ours) == (("25 April",), ("19 April",))
    assert "19 April" in line.now


def test_a_figure_is_altered_also_before_any_correction(campaign: Any, border: Version):
    assert found(campaign, "They are in force until 25 April.", at=NOON).kind == matcher.ALTERED


HANDS = {
    "fi": "Pese kädet vedellä ja saippualla vähintään 20 sekuntia.",
    "sv": "Tvätta händerna med tvål och vatten i minst 20 sekunder.",
    "en": "Wash your hands with soap and water for at least 20 seconds.",
}
HOME = {"fi": "Jokainen saa palata kotiin.", "sv": "Alla får åka hem.", "en": "Everyone may return home."}
REGION = {
    "fi": "Uudellamaalla asuvat saavat poistua maakunnasta.",
    "sv": "De som bor i Nyland får lämna landskapet.",
    "en": "People who live in Uusimaa may leave the region.",
}


@pytest.fixture
def advice(campaign: Any) -> Version:
    """A bulletin that says what one must and may do."""
    bulletin = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=HANDS)
    for edition in bulletin.editions.all():
        code = edition.language
        edition.body = f"{HANDS[code]}\n\n{HOME[code]}\n\n{REGION[code]}\n"
        edition.save()
    return builders.published(bulletin)


@pytest.mark.parametrize(
    "text",
    [
        "Wash your hands with bleach and water for at least 20 seconds.",
        "Wash your hands with soap and water for at least 20 minutes.",
        "Wash your hands with soap and water for at most 20 seconds.",
        "Pese kädet vedellä ja saippualla enintään 20 sekuntia.",
        "Pese kädet vedellä ja saippualla vähintään 20 minuuttia.",
        "Pese kädet vedettä ja saippuatta vähintään 20 sekuntia.",
        "Tvätta händerna med tvål och vatten i högst 20 sekunder.",
        "Tvätta händerna med tvål och vatten i minst 20 minuter.",
        "People who live in Uusimaa must leave the region.",
        "Everyone must return home",
        "Only children may return home",
        "It is false that everyone may return home",
        "On valetta, että jokainen saa palata kotiin",
        "Det är falskt att alla får åka hem",
    ],
)
def test_what_says_the_opposite_in_our_words_is_never_called_ours(text: str, campaign: Any, advice: Version):
    kinds = {line.kind for match in recognise(campaign, text, at=LATER).bulletins for line in match.lines}

    assert kinds <= {matcher.ALIKE, matcher.ALTERED}


@pytest.mark.parametrize(
    "text",
    [
        "Friends, please wash your hands with water and soap for at least 20 seconds",
        "Wash your hand with soap and water for at least twenty seconds!",
        "Muistakaa kaverit: pese kädet saippualla ja vedellä vähintään 20 sekuntia",
        "Kom ihåg, tvätta händerna med vatten och tvål i minst 20 sekunder",
        "Hey, everyone may now return home",
    ],
)
def test_other_words_are_never_called_ours_whatever_they_mean(text: str, campaign: Any, advice: Version):
    assert found(campaign, text).kind == matcher.ALIKE


def test_what_was_added_to_our_words_is_told_apart(campaign: Any, advice: Version):
    added = "But only if they pay 500 euros at the border."

    recognised = recognise(campaign, f"{HOME['en']} {added} 500 €! Not true.", at=LATER)

    assert [line.said for line in recognised.bulletins[0].lines] == [HOME["en"]]
    assert recognised.others == [added, "Not true.", "500 €!"]
    assert not recognised.is_whole


def test_nothing_is_whole_beside_what_is_altered_or_replaced(campaign: Any, border: Version, advice: Version):
    correct(border)

    for date, whole in (("25 April", False), ("13 April", False), ("19 April", True)):
        text = f"{HOME['en']} They are in force until {date}."
        assert recognise(campaign, text, at=LATER + timedelta(hours=1)).is_whole is whole


def test_our_own_words_are_whole_with_their_short_lines(campaign: Any):
    caption = "Ten at most. Fewer is better. 💛\n\nYou may:\n• return home\n• go to the shop and the pharmacy\n\nHelp: 116 117"
    bulletin = builders.build_bulletin(campaign, variants=True)
    Variant.objects.filter(edition__language="en").update(caption=caption)
    builders.published(bulletin)

    recognised = recognise(campaign, caption, at=NOON)

    assert recognised.is_whole
    assert recognised.bulletins[0].kind == matcher.CURRENT


def test_what_is_too_much_to_be_compared_is_counted(campaign: Any, advice: Version):
    recognised = recognise(campaign, "\n".join([HOME["en"], *(f"Rumour {n} of many" for n in range(50))]), at=LATER)

    assert (recognised.compared, recognised.sentences) == (matcher.SENTENCES, 51)
    assert recognised.is_cut
    assert not recognised.is_whole


def test_withdrawn_words_are_recognised_and_nothing_is_offered_in_their_place(campaign: Any, border: Version):
    withdraw(border)

    match = found(campaign, BORDER["sv"][0].format(BORDER["sv"][1]))

    assert match.kind == matcher.WITHDRAWN
    assert match.title == ""
    assert all(not line.now for line in match.lines)


def test_a_key_message_whose_time_is_over_is_not_in_force(campaign: Any):
    bulletin = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=bulletin).update(
        text=in_all(en="The beaches are closed until Friday evening."), valid_until=LATER
    )
    builders.published(bulletin)
    text = "The beaches are closed until Friday evening."

    assert found(campaign, text, at=NOON).kind == matcher.CURRENT
    assert found(campaign, text).kind == matcher.EXPIRED
    assert found(campaign, text).lines[0].now == ""


def test_what_is_not_published_yet_is_not_found(campaign: Any, border: Version):
    text = BORDER["en"][0].format("13 April")
    correct(border)

    assert not recognise(campaign, text, at=NOON - timedelta(minutes=1))
    assert found(campaign, text, at=NOON).kind == matcher.CURRENT


def test_another_campaigns_bulletins_are_not_found(campaign: Any, border: Version):
    other = builders.build_campaign("other")

    assert not recognise(other, BORDER["en"][0].format("13 April"), at=LATER)


@pytest.mark.parametrize("text", ["", "…", "Hi!", "What a lovely day in the park with my dog", "💙" * 50, "a" * 5000])
def test_nothing_is_found_in_a_text_that_is_about_something_else(text: str, campaign: Any, border: Version):
    assert not recognise(campaign, text, at=LATER)


def test_a_link_to_a_bulletin_leads_to_what_became_of_it(campaign: Any, border: Version, settings: Any):
    settings.PUBLIC_URL = "https://bulletins.example.org"
    number = border.bulletin.number
    link = f"https://bulletins.example.org/en/bulletins/{number}/"
    assert found(campaign, f"Look: {link}!").kind == matcher.CURRENT
    correct(border)

    assert found(campaign, f"Look: {link}").kind == matcher.CURRENT
    assert found(campaign, f"Look: {link}versions/1/").kind == matcher.SUPERSEDED
    assert not recognise(campaign, f"https://elsewhere.example.org/en/bulletins/{number}/", at=LATER)


def test_the_cost_is_the_same_however_much_was_published(
    campaign: Any, django_assert_max_num_queries: Any, border: Any
):
    correct(border)
    text = BORDER["en"][0].format("13 April")
    with django_assert_max_num_queries(60) as few:
        recognise(campaign, text, at=LATER)
    builders.build_bulletins(5, campaign)

    with django_assert_max_num_queries(len(few)):
        recognise(campaign, text, at=LATER)


def test_what_stands_in_every_bulletin_does_not_hide_what_one_of_them_said(campaign: Any, border: Version):
    correct(border)
    builders.build_bulletins(8, campaign)
    common = f"{builders.TEXTS['en']['key_message']} {builders.TEXTS['en']['call']} {builders.TEXTS['en']['preheader']}"

    matches = recognise(campaign, f"{common} They are in force until April 13.", at=LATER).bulletins

    assert matches[0].current.bulletin == border.bulletin
    assert matches[0].kind == matcher.SUPERSEDED


def test_characters_that_nobody_sees_are_left_out():
    assert clean("a\u200bb\u202ec\x00d\ufeff e\u00adf\r\ng") == "abcd ef\ng"


def test_addresses_are_found_without_the_sign_after_them():
    assert addresses_in("see https://a.example/x?y=1, (www.b.example/z) a@c.example") == [
        "https://a.example/x?y=1",
        "www.b.example/z",
    ]


# --- Claims -----------------------------------------------------------------------------------------------


@pytest.fixture
def garlic(campaign: Any) -> Any:
    """A claim that was found false."""
    claim = builders.build_claim(campaign, text=in_all(en="Eating garlic cures the coronavirus in two days"))
    index(claim)
    return claim


def test_a_checked_claim_is_found_with_its_verdict(campaign: Any, garlic: Any):
    (fact,) = recognise(campaign, "OMG: eating garlic cures coronavirus in two days!!", at=LATER).claims

    assert (fact.version.verdict, fact.state) == ("false", "standing")


def test_a_paused_and_a_withdrawn_fact_check_say_so(campaign: Any, garlic: Any):
    text = garlic.text["en"]
    builders.pause_claim(garlic, told=in_all(en="We check again."), by=builders.checker(), at=LATER)
    assert recognise(campaign, text, at=LATER).claims[0].state == "paused"

    builders.withdraw_claim(garlic, told=in_all(en="We were wrong."), by=builders.second_person(), at=LATER)
    assert recognise(campaign, text, at=LATER).claims[0].state == "withdrawn"


def test_a_claim_without_a_published_verdict_is_not_found(campaign: Any):
    index(builders.build_claim(campaign, published=False, text=in_all(en="Eating garlic cures the coronavirus")))

    assert not recognise(campaign, "Eating garlic cures the coronavirus", at=LATER)


def test_a_link_to_where_a_claim_was_seen_leads_to_its_fact_check(campaign: Any, garlic: Any):
    url = "https://social.example/post/12345"
    Sighting.objects.create(
        claim=garlic, platform="facebook", url=url, url_key=url_key(url), seen_on=NOON.date(), language="en"
    )

    (fact,) = recognise(campaign, f"Have you seen {url} yet?", at=LATER).claims

    assert fact.version.claim_id == garlic.pk


def test_variants_are_recognised_too(campaign: Any):
    bulletin = builders.build_bulletin(campaign, variants=True)
    Variant.objects.filter(edition__language="en").update(caption="Your calm voice helps a lot now, dear creators.")
    builders.published(bulletin)

    assert found(campaign, "Your calm voice helps a lot now, dear creators.", at=NOON).kind == matcher.CURRENT
