"""What is found in a bulletin: each rule with a case that it finds, and one that it does not."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from bulletins.approval import approval_workflow
from bulletins.checks import checklist, findings, registry
from bulletins.editing import drafts
from bulletins.models import Asset, Bulletin, InputFact, LinkCheck, MessageInput, NotAllowed, Review, Variant
from campaigns.models import BannedTerm, GlossaryTerm, PlatformLimit
from tests.support.builders import NOON, build_bulletin, build_claim, build_input

STOPS, ADVICE = findings.STOPS, findings.ADVICE


@pytest.fixture
def bulletin(campaign):
    """A complete bulletin in which nothing stops approval."""
    made = build_bulletin(campaign, variants=True)
    made.checklist = list(checklist.CERC)
    made.save()
    assert registry.stops(made, at=NOON) == []
    return made


def found(bulletin, code):
    return [finding for finding in registry.findings(bulletin, at=NOON) if finding.code == code]


def one(bulletin, code):
    [finding] = found(bulletin, code)
    assert finding.says
    assert finding.mend
    return finding


def write(bulletin, code, **fields):
    """Write into an edition as its editor would, and keep translations current."""
    edition = bulletin.editions.get(language=code)
    for name, text in fields.items():
        setattr(edition, name, text)
    drafts.save_edition(edition, by=bulletin.created_by, at=NOON)
    if code == bulletin.original_language:
        for other in bulletin.editions.exclude(pk=edition.pk):
            drafts.save_edition(other, by=bulletin.created_by, at=NOON)


def source_of(bulletin, text, **fields):
    """Let the bulletin's key message rest on a fact that says `text`, of an input of its own."""
    made = build_input(bulletin.campaign, body=text, title="Underlag", **fields)
    MessageInput.objects.filter(pk=made.pk).update(language="fi")
    fact = InputFact.objects.create(input=made, key="f1", text=text)
    bulletin.inputs.add(made)
    bulletin.key_messages.update(fact=fact)
    return MessageInput.objects.get(pk=made.pk)


# --- Completing -----------------------------------------------------------------------------------------------


def test_a_missing_language_stops(bulletin):
    bulletin.editions.get(language="sv").delete()

    finding = one(bulletin, "missing-language")
    assert (finding.level, finding.where, finding.overridable) == (STOPS, "Swedish", False)
    assert finding.anchor == "at-edition-sv-title"
    assert finding.mend == "Write the edition."


@pytest.mark.parametrize("name", ["title", "subject", "body"])
def test_an_empty_field_stops(bulletin, name):
    bulletin.editions.filter(language="sv").update(**{name: ""})
    assert one(bulletin, "missing-text").anchor == f"at-edition-sv-{name}"


def test_a_message_or_call_without_a_translation_stops(bulletin):
    message, action = bulletin.key_messages.get(), bulletin.calls_to_action.get()
    message.text["sv"] = action.text["en"] = " "
    message.save()
    action.save()

    lacking = one(bulletin, "missing-message")
    assert lacking.place == f"message:{message.pk}:sv"
    assert lacking.where == "Swedish, key message 1: “Libraries open on Monday.”", (
        "by its place and words, in the reader's language"
    )
    assert one(bulletin, "missing-action").place == f"action:{action.pk}:en"


def test_a_message_without_a_source_stops_unless_somebody_lets_it_stand(bulletin):
    bulletin.key_messages.update(source_name={}, source_url={})
    finding = one(bulletin, "missing-source")
    assert (finding.level, finding.overridable) == (STOPS, True)


def test_no_call_to_action_is_advice(bulletin):
    assert found(bulletin, "missing-call") == []
    bulletin.calls_to_action.all().delete()
    assert one(bulletin, "missing-call").level == ADVICE


def asset(bulletin, kind="image", **fields):
    return Asset.objects.create(
        bulletin=bulletin, kind=kind, title={"en": "Map"}, file=ContentFile(b"x", name="a.bin"), **fields
    )


def test_a_picture_needs_its_text_alternative_in_every_language_that_it_serves(bulletin):
    picture = asset(bulletin, alt_text={"fi": "Kartta", "en": "A map"})
    finding = one(bulletin, "missing-alt")
    assert (finding.place, finding.overridable) == (f"asset:{picture.pk}", False)
    assert "Swedish" in finding.where and finding.anchor == f"at-asset-{picture.pk}-alt-sv"

    Asset.objects.update(language="fi")
    assert found(bulletin, "missing-alt") == []


def test_an_instagram_variant_needs_a_text_alternative_when_there_are_pictures(bulletin):
    Variant.objects.filter(edition__language="en").update(alt_text="")
    assert found(bulletin, "missing-alt") == []

    asset(bulletin, alt_text=dict.fromkeys(("fi", "sv", "en"), "Kartta"))
    assert one(bulletin, "missing-alt").place == "variant:en:instagram:alt_text"


def test_a_video_needs_subtitles_in_its_languages(bulletin):
    video = asset(bulletin, "video", language="fi", alt_text={"fi": "Video"})
    assert one(bulletin, "missing-subtitles").overridable

    asset(bulletin, "subtitles", language="fi", subtitles_of=video)
    assert found(bulletin, "missing-subtitles") == []


def test_a_translation_whose_original_moved_on_stops(bulletin):
    edition = bulletin.editions.get(language="fi")
    edition.title = "Kirjastot aukeavat"
    drafts.save_edition(edition, by=bulletin.created_by, at=NOON)
    assert {finding.place for finding in found(bulletin, "behind")} == {"edition:sv:body", "edition:en:body"}


# --- Timing ---------------------------------------------------------------------------------------------------


def test_an_expired_key_message_stops(bulletin):
    bulletin.key_messages.update(valid_until=NOON + timedelta(minutes=1))
    assert found(bulletin, "expired-message") == []
    bulletin.key_messages.update(valid_until=NOON)
    assert one(bulletin, "expired-message").level == STOPS


def test_a_message_whose_fact_was_replaced_stops(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    newer = InputFact.objects.create(input=source, key="f2", text="Kirjastot suljetaan.")
    InputFact.objects.filter(key="f1").update(superseded_by=newer, superseded_at=NOON)
    assert "Kirjastot suljetaan." in one(bulletin, "replaced-fact").says


def test_a_fact_check_without_a_confirmed_verdict_stops(bulletin):
    bulletin.claims.add(build_claim(bulletin.campaign, "agreed"))
    assert found(bulletin, "unconfirmed-claim") == []
    bulletin.claims.add(build_claim(bulletin.campaign, "open", published=False))
    assert one(bulletin, "unconfirmed-claim")


def test_the_embargo_of_an_input_cannot_be_overridden(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    MessageInput.objects.filter(pk=source.pk).update(embargo_until=NOON + timedelta(hours=1))
    finding = one(bulletin, "embargo")
    assert (finding.level, finding.overridable) == (STOPS, False)

    bulletin.embargo_until = NOON + timedelta(hours=1)
    assert found(bulletin, "embargo") == []


def test_an_input_that_is_no_longer_valid_stops(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    MessageInput.objects.filter(pk=source.pk).update(valid_until=NOON + timedelta(hours=1))
    assert found(bulletin, "expired-input") == []
    MessageInput.objects.filter(pk=source.pk).update(valid_until=NOON)
    assert one(bulletin, "expired-input").overridable


def test_a_message_that_holds_longer_than_its_input_stops(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    MessageInput.objects.filter(pk=source.pk).update(valid_until=NOON + timedelta(days=2))
    bulletin.key_messages.update(valid_until=NOON + timedelta(days=2))
    assert found(bulletin, "outlives-input") == []
    bulletin.key_messages.update(valid_until=NOON + timedelta(days=3))
    assert one(bulletin, "outlives-input").overridable


def test_a_message_that_names_another_end_than_its_validity_is_advised(bulletin):
    message = bulletin.key_messages.first()
    texts = dict(message.text)
    for words, until, says in (
        ("Closed until 27 March.", None, "It says “27 March”, and is valid until further notice."),
        (
            "Closed until 27 March.",
            NOON + timedelta(days=5),
            "It says “27 March”, and is valid until 30 March 2026, 12:00.",
        ),
        ("Closed until 27 March.", NOON + timedelta(days=2), ""),
        ("Closed until 27 March.", NOON.replace(hour=0, minute=0) + timedelta(days=3) - timedelta(hours=2), ""),
        ("Open on 27 March.", None, ""),
    ):
        bulletin.key_messages.filter(pk=message.pk).update(text={**texts, "en": words}, valid_until=until)
        told = [one for one in found(bulletin, "other-end") if one.place.startswith(f"message:{message.pk}")]
        assert [one.says[: len(says)] for one in told] == ([says] if says else []), (words, until, told)
        assert all(one.level == "advice" for one in told)


# --- Words ----------------------------------------------------------------------------------------------------


def ban(term="fake news", instead="falsehood"):
    BannedTerm.objects.create(language="en", term=term, say_instead=instead, why="It labels people.")


@pytest.mark.parametrize("name", ["title", "subject", "preheader", "body"])
def test_a_banned_term_in_an_edition_stops_and_says_what_to_say(bulletin, name):
    ban()
    write(bulletin, "en", **{name: "Fake news goes round."})
    finding = one(bulletin, "banned-term")
    assert finding.level == STOPS
    assert finding.overridable
    assert finding.mend == "Say: falsehood."
    assert finding.replace == ("Fake news", "Falsehood")
    assert finding.place == f"edition:en:{name}"


def test_a_banned_term_is_found_in_everything_that_people_read(bulletin):
    ban()
    message, action = bulletin.key_messages.get(), bulletin.calls_to_action.get()
    message.text["en"] = action.text["en"] = "No fake news."
    message.save()
    action.save()
    Variant.objects.filter(edition__language="en").update(caption="No fake news.")
    picture = asset(bulletin, alt_text={"fi": "a", "sv": "b", "en": "The words fake news"})
    assert {finding.place for finding in found(bulletin, "banned-term")} == {
        f"message:{message.pk}:en",
        f"action:{action.pk}:en",
        "variant:en:instagram:caption",
        f"asset:{picture.pk}",
    }


def test_a_banned_term_counts_in_its_own_language_only_and_as_a_whole_word(bulletin):
    ban("hot")
    write(bulletin, "sv", title="Hot mot hotellen")
    write(bulletin, "en", title="Hotels open")
    assert found(bulletin, "banned-term") == []


def test_a_choice_of_words_and_an_ending_are_for_a_person_to_replace(bulletin):
    ban("lockdown*", "restrictions; movement restrictions")
    ban("curfew*", "movement restrictions")
    write(bulletin, "en", title="Lockdowns and curfews")
    assert [finding.replace for finding in found(bulletin, "banned-term")] == [None, None]


def test_a_text_that_is_hard_to_read_is_advice_and_quotes_the_worst(bulletin):
    assert found(bulletin, "hard-to-read") == []
    hard = "Administrative implementation considerations necessitate comprehensive interdepartmental coordination " * 4
    write(bulletin, "en", body=f"Read this. {hard.strip()}.")
    finding = one(bulletin, "hard-to-read")
    assert finding.level == ADVICE
    assert "Administrative" in finding.says


def test_a_translation_that_uses_another_word_than_the_glossary_is_advised(bulletin):
    GlossaryTerm.objects.create(
        campaign=bulletin.campaign, term={"fi": "kirjasto", "sv": "bibliotek", "en": "athenaeum"}
    )
    finding = one(bulletin, "glossary")
    assert (finding.level, finding.where, finding.place) == (ADVICE, "English", "edition:en:title")
    assert "“athenaeum”" in finding.says


# --- The same everywhere --------------------------------------------------------------------------------------


def test_another_date_in_a_translation_stops_and_names_both(bulletin):
    write(bulletin, "fi", preheader="Auki 19.4. asti")
    write(bulletin, "sv", preheader="Öppet till den 19 april")
    write(bulletin, "en", preheader="Open until 18 April")
    finding = one(bulletin, "parity")
    assert finding.says == "Finnish says “19.4.”, English says “18 April”."
    assert (finding.level, finding.overridable, finding.place) == (STOPS, True, "edition:en:preheader")


def test_a_number_that_a_translation_lacks_or_adds_stops(bulletin):
    message = bulletin.key_messages.get()
    message.text = {"fi": "Enintään 10 ihmistä.", "sv": "Högst tio personer.", "en": "Few people."}
    message.save()
    action = bulletin.calls_to_action.get()
    action.text = {"fi": "Soita.", "sv": "Ring.", "en": "Call 09 2525 0113."}
    action.save()
    assert {finding.place: finding.says for finding in found(bulletin, "parity")} == {
        f"message:{message.pk}:en": "Finnish says “10”, English does not.",
        f"action:{action.pk}:en": "English says “09 2525 0113”, Finnish does not.",
    }


def test_a_text_that_is_not_translated_yet_is_not_compared(bulletin):
    write(bulletin, "fi", preheader="Auki 19.4. asti")
    bulletin.editions.filter(language__in=["sv", "en"]).update(body="", preheader="", title="")
    assert found(bulletin, "parity") == []


def test_a_date_that_the_input_says_otherwise_stops_in_every_text(bulletin):
    source_of(bulletin, "Kirjastot ovat kiinni 19.4.2020 saakka.")
    words = {"fi": "Kiinni 13. huhtikuuta asti.", "sv": "Stängt till den 13 april.", "en": "Closed until 13 April."}
    for code, text in words.items():
        write(bulletin, code, preheader=text)
    Variant.objects.filter(edition__language="en").update(script="Closed until the thirteenth of April.")
    says = {finding.place: finding.says for finding in found(bulletin, "other-date")}
    assert set(says) == {*(f"edition:{code}:preheader" for code in words), "variant:en:instagram:script"}
    assert says["edition:en:preheader"] == "The text says “13 April”; the submission says 19 April."


def test_the_right_date_in_one_text_excuses_no_wrong_one_in_another(bulletin):
    source_of(bulletin, "Kirjastot ovat kiinni 19.4.2020 saakka.")
    message = bulletin.key_messages.get()
    message.text["fi"] = "Kiinni 13. huhtikuuta asti."
    message.save()
    write(bulletin, "fi", preheader="Kiinni 19. huhtikuuta asti.")
    Variant.objects.filter(edition__language="fi").update(caption="Kiinni 13. huhtikuuta asti.")
    assert {finding.place for finding in found(bulletin, "other-date")} == {
        f"message:{message.pk}:fi",
        "variant:fi:instagram:caption",
    }


def test_a_date_of_the_input_and_one_without_a_rival_are_fine(bulletin):
    source_of(bulletin, "Kirjastot ovat kiinni 19.4.2020 saakka.")
    words = {
        "fi": "Kiinni 19. huhtikuuta asti. Kerromme lisää 1.9.",
        "sv": "Stängt till den 19 april. Mera den 1 september.",
        "en": "Closed until 19 April. More on 1 September.",
    }
    for code, text in words.items():
        write(bulletin, code, preheader=text)
    assert found(bulletin, "other-date") == []


def test_a_number_of_a_message_that_its_fact_says_otherwise_stops(bulletin):
    source_of(bulletin, "Kokoontumiset rajataan enintään 10 henkilöön.")
    message = bulletin.key_messages.get()
    message.text = {"fi": "Enintään 20 ihmistä.", "sv": "Högst 20 personer.", "en": "At most 20 people."}
    message.save()
    assert len(found(bulletin, "other-figure")) == 3

    message.text = {"fi": "Enintään kymmenen.", "sv": "Högst tio.", "en": "Ten at most."}
    message.save()
    assert found(bulletin, "other-figure") == []


# --- Fitting, links, checklist ---------------------------------------------------------------------------------


def test_a_caption_over_the_limit_stops(bulletin):
    PlatformLimit.objects.create(
        platform="instagram", field="caption", limit=45, counted_in="code_points", seen_on=NOON.date(), source="help"
    )
    Variant.objects.filter(edition__language="sv").update(caption="x" * 46)
    finding = one(bulletin, "too-long")
    assert (finding.place, finding.overridable) == ("variant:sv:instagram:caption", False)
    assert "this has 46" in finding.says


def test_a_message_too_long_for_a_card_is_advice(bulletin):
    assert found(bulletin, "long-for-card") == []
    message = bulletin.key_messages.get()
    message.text["en"] = "Keep your distance from everybody whom you meet on your way. " * 30
    message.save()
    assert one(bulletin, "long-for-card").level == ADVICE


URL = "https://www.city.example-site.fi/sivu"


@pytest.mark.parametrize(
    ("url", "result", "code", "level", "overridable"),
    [
        (URL, None, "unchecked-link", ADVICE, False),
        (URL, {"works": True, "status": 200}, None, None, None),
        (URL, {"works": False, "status": 404}, "broken-link", STOPS, True),
        (URL, {"works": False, "status": 410}, "broken-link", STOPS, True),
        (URL, {"works": False, "detail": "dns"}, "broken-link", STOPS, True),
        (URL, {"works": False, "status": 503}, "unsure-link", ADVICE, False),
        (URL, {"works": False, "detail": "timeout"}, "unreached-link", ADVICE, False),
        (URL, {"works": False, "detail": "private"}, "private-link", STOPS, False),
        ("http://10.0.0.1/a", None, "private-link", STOPS, False),
        ("http://2130706433/", None, "private-link", STOPS, False),
        ("https://example.org/a", None, "example-link", ADVICE, False),
        (URL.replace("https", "http"), {"works": True, "status": 200}, "plain-link", ADVICE, False),
    ],
)
def test_an_address_is_judged_by_what_came_of_trying_it(bulletin, url, result, code, level, overridable):
    bulletin.key_messages.update(source_url={})
    write(bulletin, "en", body=f"Read [the page]({url}).")
    if result is not None:
        LinkCheck.objects.create(url=url, asked_at=NOON, checked_at=NOON, **result)
    codes = [
        (one.code, one.level, one.overridable) for one in registry.findings(bulletin, at=NOON) if "link" in one.code
    ]
    assert codes == ([(code, level, overridable)] if code else [])


def test_addresses_that_wait_for_being_tried_are_one_piece_of_advice(bulletin):
    bulletin.key_messages.update(source_url={})
    write(bulletin, "en", body=f"Read [one]({URL}/1), [two]({URL}/2) and [two]({URL}/2).")
    assert one(bulletin, "unchecked-link").says == "2 addresses are being checked."


def test_a_network_that_is_down_is_one_piece_of_advice(bulletin):
    bulletin.key_messages.update(source_url={})
    urls = [f"https://{site}.fi/{n}" for site in ("a", "b", "c", "d") for n in (1, 2)]
    write(bulletin, "en", body=" ".join(f"[it]({url})" for url in urls))
    for url in urls:
        LinkCheck.objects.create(url=url, works=False, detail="unreachable", asked_at=NOON, checked_at=NOON)
    assert one(bulletin, "unreached-link").says == "8 addresses could not be reached (a.fi, b.fi, c.fi …)."


def test_the_checklist_reminds_and_stops_nothing(bulletin):
    assert found(bulletin, "checklist") == []
    bulletin.checklist = ["first"]
    finding = one(bulletin, "checklist")
    assert finding.level == ADVICE
    assert "Be right" in finding.says
    assert "Be first" not in finding.says


# --- As a whole -------------------------------------------------------------------------------------------------


def test_the_key_changes_with_what_is_found_and_with_nothing_else(bulletin):
    ban()
    ban("hoax", "falsehood")
    write(bulletin, "en", title="Fake news")
    first = one(bulletin, "banned-term").key
    write(bulletin, "en", title="More fake news")
    write(bulletin, "en", title="Fake news, again")
    assert one(bulletin, "banned-term").key == first
    with translation.override("fi"):
        assert found(bulletin, "banned-term")[0].key == first
    write(bulletin, "en", title="A hoax")
    assert one(bulletin, "banned-term").key != first


def test_the_cost_does_not_grow_with_the_bulletin(bulletin, django_assert_num_queries):
    bulletin = Bulletin.objects.select_related("campaign").get()
    with django_assert_num_queries(18):
        registry.findings(bulletin, at=NOON)
    for number in range(6):
        message = bulletin.key_messages.get(key="opening")
        message.pk, message.key = None, f"more-{number}"
        message.save()
        asset(bulletin, language="fi")
        source_of(bulletin, f"Kirjastot avataan {number + 1}.4.2020.")
        for edition in bulletin.editions.all():
            for platform in ("x", "tiktok", "youtube", "facebook", "threads", "snapchat")[number : number + 1]:
                Variant.objects.create(edition=edition, platform=platform, caption=f"Nytt {number}")
    bulletin = Bulletin.objects.select_related("campaign").get()
    with django_assert_num_queries(22):  # facts of messages, subtitles of assets, facts and sources of inputs: one each
        registry.findings(bulletin, at=NOON)


# --- Each gate refuses, leaves everything as it was, and speaks the user's language ------------------------------


def break_language(bulletin):
    bulletin.editions.get(language="sv").delete()


def break_caption(bulletin):
    PlatformLimit.objects.create(
        platform="instagram", field="caption", limit=10, counted_in="code_points", seen_on=NOON.date(), source="help"
    )


def break_link(bulletin):
    write(bulletin, "en", body=f"Read [the page]({URL}).")
    LinkCheck.objects.create(url=URL, asked_at=NOON, checked_at=NOON, works=False, status=404)


def break_embargo(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    MessageInput.objects.filter(pk=source.pk).update(embargo_until=NOON + timedelta(hours=1))


def break_input(bulletin):
    source = source_of(bulletin, "Kirjastot avataan.")
    MessageInput.objects.filter(pk=source.pk).update(valid_until=NOON - timedelta(hours=1))


GATES = [
    (break_language, "missing-language"),
    (break_caption, "too-long"),
    (break_link, "broken-link"),
    (break_embargo, "embargo"),
    (break_input, "expired-input"),
]


@pytest.mark.parametrize("language", ["en", "sv", "fi"])
@pytest.mark.parametrize(("spoil", "code"), GATES)
def test_a_gate_refuses_and_changes_nothing(bulletin, alma, spoil, code, language):
    spoil(bulletin)
    assert code in {finding.code for finding in registry.stops(bulletin, at=NOON)}
    before = Bulletin.objects.filter(pk=bulletin.pk).values().get(), Review.objects.count()
    with translation.override(language):
        stop = next(finding for finding in registry.stops(bulletin, at=NOON) if finding.code == code)
        with pytest.raises(NotAllowed) as refusal:
            approval_workflow.submit(bulletin, by=alma, at=NOON)
        assert stop.says in str(refusal.value)
        assert stop.mend in str(refusal.value)
    assert before == (Bulletin.objects.filter(pk=bulletin.pk).values().get(), Review.objects.count())
