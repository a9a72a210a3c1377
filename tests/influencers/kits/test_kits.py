"""Rebuttal kits: who gets which, what the words say within a platform's limits, and what must not be copied any more."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.platforms import character_counts
from campaigns.publication_details import PrintedWords
from influencers.kits import kit_texts, kits, silence_gate, usage
from influencers.models import Influencer, KitUse, RecallNotice
from influencers.recall import fact_check_notices
from tests.support import builders
from tests.support.builders import build_campaign, build_influencer, in_all

from .kits_scene import TRACES, build_fact, build_limits, correct, make_loud, pause, publishes_on, withdraw

pytestmark = pytest.mark.django_db
KIT, FACTS = "/en/portal/facts/plant/", "/en/portal/facts/"
SAID = "Garlic cures the virus."


@pytest.fixture
def elli(campaign: Any, roles: None) -> Influencer:
    """An influencer on TikTok who publishes in Finnish and English."""
    return publishes_on(build_influencer(campaign, "elli", other_languages=["en"]))


@pytest.fixture
def portal(elli: Influencer) -> Client:
    client = Client()
    client.force_login(elli.user)
    return client


def html_of(client: Client, path: str = KIT) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def post_use(client: Client, path: str = f"{KIT}used/", **said: Any) -> Any:
    values = {"version": 1, "way": "copied", "platform": "tiktok", "language": "en"}
    return client.post(path, values | said, headers={"X-Requested-With": "fetch"})


# --- The silence gate ------------------------------------------------------------------------------


def test_whose_followers_met_the_claim_gets_the_kit_that_names_it_once(campaign, portal):
    make_loud(build_fact(campaign))

    html = html_of(portal)

    assert ("Your followers may have seen this claim here: TikTok in Finnish. So the text mentions it once.") in html
    words = html[html.index('id="tiktok-caption"') :].partition("</textarea>")[0]
    assert words.count(SAID) == 1
    order = ["Rest and water help", "A falsehood about", SAID, "Verdict: false.", "takes a smell", "Rest, drink"]
    assert [words.index(part) for part in order] == sorted(words.index(part) for part in order)


@pytest.mark.parametrize("where", [("instagram", "fi"), ("tiktok", "sv"), None])
@pytest.mark.parametrize("path", [KIT, FACTS, f"{KIT}?language=fi", "/fi/portal/facts/plant/"])
def test_everyone_else_gets_the_fact_alone_and_no_trace_of_the_claim(campaign, portal, where, path):
    claim = build_fact(campaign)
    if where:
        make_loud(claim, *where)

    html = html_of(portal, path)

    assert ("Rest and water help" if path in {KIT, FACTS} else "Lepo ja vesi") in html
    for trace in TRACES:
        assert trace not in html


def test_the_page_says_why_it_is_the_fact_alone(campaign, portal):
    build_fact(campaign)

    assert "Share the fact; don&#x27;t repeat the claim." in html_of(portal)


def test_a_true_claim_is_named_to_everyone(campaign, portal):
    claim = builders.build_claim(campaign, "plant", published=False, text=in_all(en="Water helps."))
    builders.publish_claim(claim, "true", at=timezone.now())

    assert "This claim is true. You can repeat it." in html_of(portal)
    assert "Water helps." in html_of(portal, FACTS)


def test_a_portals_bulletin_passes_the_gate_too(campaign, portal):
    claim = build_fact(campaign)
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    builders.published(bulletin, at=timezone.now() - timedelta(hours=1))
    path = f"/en/portal/bulletins/{bulletin.number}/"

    quiet = html_of(portal, path)
    make_loud(claim)
    loud = html_of(portal, path)

    assert "Rest and water help" in quiet and KIT in quiet
    assert not any(trace in quiet for trace in TRACES)
    assert SAID in loud


def test_a_source_whose_title_says_the_claim_is_named_by_its_publisher(campaign, portal):
    claim = build_fact(campaign, published=False)
    claim.evidence.update(title="Garlic cures the virus")
    builders.publish_claim(claim, at=timezone.now())

    html = html_of(portal)

    assert "Institute 1" in html and "Garlic cures" not in html


def test_the_title_of_a_source_says_which_language_it_is_in(campaign, portal):
    claim = build_fact(campaign, published=False)
    claim.evidence.update(title="Tulokset", language="fi")
    builders.publish_claim(claim, at=timezone.now())
    make_loud(claim)

    assert '<p class="rows__line" lang="fi">Tulokset</p>' in html_of(portal)


def test_without_accounts_nothing_is_asked_about_sightings(campaign, elli, django_assert_num_queries):
    version = build_fact(campaign).current_version
    assert version and version.claim
    elli.accounts.all().delete()

    with django_assert_num_queries(1):
        assert not silence_gate.gate_for(elli, campaign, [version], at=timezone.now()).allows(version)


# --- Words within limits ---------------------------------------------------------------------------


def test_the_words_keep_every_platforms_limit_and_end_with_link_and_hashtag(campaign, elli):
    build_limits()
    long = " ".join(f"Sentence number {number} of the long explanation is here." for number in range(300))
    claim = build_fact(campaign, fallacy=in_all(en=long))
    make_loud(claim)

    page = kits.kit(elli, campaign, "plant", language="en", at=timezone.now())

    assert page and page.tabs[0].channel.slug == "tiktok"
    assert len(page.tabs) == 7
    for tab in page.tabs:
        for field in tab.channel.fields:
            assert not field.is_over, field.id
        caption = next(one.value for one in tab.channel.fields if one.id.endswith("-caption"))
        assert caption.startswith("Rest and water help the body.")
        assert caption.endswith(f"/en/f/{claim.pk}/\n#harjoitus")
        for paragraph in caption.split("\n\n")[:-1]:
            assert paragraph[-1] in ".!?", "never cut in the middle of a sentence"


def test_words_in_a_language_without_pages_lead_to_pages_in_the_campaigns_language(campaign):
    claim = build_fact(campaign)
    campaign.languages.create(code="se", name="Hárjehus", sender_name="Team", hashtag="#ráđđi", position=9)
    version = claim.versions.get()
    version.printed = PrintedWords.of(campaign).plain()

    end = kit_texts.ending(version, "se")

    assert end.endswith(f"/{campaign.default_language}/f/{claim.pk}/\n#ráđđi")


def test_a_post_on_x_is_weighed_and_drops_the_least_important_first(campaign, elli):
    build_limits()
    claim = build_fact(campaign, warning=in_all(en=f"A falsehood goes round{' and round' * 8}. It hurts."))
    make_loud(claim)

    page = kits.kit(elli, campaign, "plant", language="en", at=timezone.now())

    assert page
    x = next(tab for tab in page.tabs if tab.channel.slug == "x")
    caption = x.channel.fields[0].value
    assert character_counts.x_weighted(caption) <= 280
    assert "No food cures it." in caption and "takes a smell" not in caption


def test_the_claim_is_never_named_without_its_warning(campaign, elli):
    build_limits()
    make_loud(build_fact(campaign, warning=in_all(en="A falsehood " + "goes and " * 40 + "comes.")))

    page = kits.kit(elli, campaign, "plant", language="en", at=timezone.now())

    assert page
    by_name = {tab.channel.slug: tab for tab in page.tabs}
    assert not by_name["x"].names and by_name["tiktok"].names
    assert SAID not in by_name["x"].channel.fields[0].value


def test_a_fact_that_is_too_long_for_a_platform_has_no_words_there(campaign, elli, portal):
    build_limits()
    build_fact(campaign, fact=in_all(en="Rest " + "and rest " * 40 + "helps."))

    page = kits.kit(elli, campaign, "plant", language="en", at=timezone.now())

    assert page and not next(tab for tab in page.tabs if tab.channel.slug == "x").has_words
    assert "The fact is too long for X." in html_of(portal)


def test_the_words_are_in_the_readers_language_or_the_one_asked_for(campaign, elli):
    build_fact(campaign)

    def language(reader: str, asked: str = "") -> str:
        page = kits.kit(elli, campaign, "plant", language=reader, asked=asked, at=timezone.now())
        assert page
        assert page.fact == page.version.fact[page.language]
        return page.language

    assert [language("sv"), language("sv", "en"), language("sv", "<b>"), language("de")] == ["sv", "en", "sv", "fi"]


# --- What must not be copied -------------------------------------------------------------------------


def test_what_is_out_of_date_cannot_be_copied(campaign, portal):
    make_loud(build_fact(campaign, valid_until=timezone.now() - timedelta(minutes=1)))

    html = html_of(portal)

    assert "This was valid until" in html
    assert "data-copy" not in html and "textarea" not in html and SAID not in html
    assert "Rest and water" not in html_of(portal, FACTS)


def test_what_is_paused_cannot_be_copied_and_says_why(campaign, portal):
    claim = build_fact(campaign)
    make_loud(claim)
    pause(claim)

    html = html_of(portal)

    assert "We doubt a source." in html and "secret reason" not in html
    assert "data-copy" not in html and "Rest and water" not in html and SAID not in html


def test_of_what_is_withdrawn_only_a_correction_can_be_copied(campaign, portal):
    claim = build_fact(campaign)
    make_loud(claim)
    withdraw(claim)

    html = html_of(portal)

    assert html.count("data-copy=") == 1 and 'data-copy="#kit-correction"' in html
    assert "I shared a fact-check that has been withdrawn" in html and "The source was forged." in html
    assert "Rest and water" not in html and SAID not in html


def test_while_it_is_checked_again_it_holds_with_a_note(campaign, portal):
    from factcheck.verdicts import verdict_workflow

    claim = build_fact(campaign)
    verdict_workflow.reopen(claim, reason="secret reason", by=builders.checker(), at=timezone.now())
    claim.fact = in_all(en="Unpublished words.")
    claim.save()

    html = html_of(portal)

    assert "Someone is checking this again." in html and "data-copy" in html
    assert "Unpublished" not in html and "secret reason" not in html


def test_what_was_never_published_or_is_anothers_does_not_exist(campaign, portal):
    build_fact(campaign, "open", published=False)
    build_fact(build_campaign("older", starts_on="2020-01-01"), "elsewhere")

    for slug in ("open", "elsewhere", "nothing"):
        assert portal.get(f"/en/portal/facts/{slug}/").status_code == 404
        assert post_use(portal, f"/en/portal/facts/{slug}/used/").status_code == 404
    assert not KitUse.objects.exists()


# --- Who uses what -----------------------------------------------------------------------------------


def test_looking_at_a_kit_changes_nothing(campaign, portal):
    build_fact(campaign)

    html_of(portal)

    assert not KitUse.objects.exists()
    assert portal.get(f"{KIT}used/").status_code == 405


def test_copying_and_downloading_is_noted_once_with_its_first_moment(campaign, portal, elli):
    claim = build_fact(campaign)
    make_loud(claim)

    assert post_use(portal).status_code == 204
    first = KitUse.objects.get()
    assert post_use(portal).status_code == 204
    assert post_use(portal, way="downloaded").status_code == 204

    use = KitUse.objects.get()
    assert (use.influencer, use.version, use.platform, use.language) == (elli, claim.current_version, "tiktok", "en")
    assert use.named and use.opened_at == first.opened_at and use.copied_at == first.copied_at
    assert use.downloaded_at


def test_without_script_a_form_does_it_and_leads_back(campaign, portal):
    build_fact(campaign)

    answer = portal.post(
        f"{KIT}used/", {"version": "1", "way": "copied", "platform": "", "language": "en"}, follow=True
    )

    assert answer.redirect_chain[0][0].startswith(KIT)
    assert "You use this. We will write to you if it changes." in answer.content.decode()
    assert not KitUse.objects.get().named


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "x"}, {"version": "²"}, {"version": ""}, {"way": "stolen"}, {"platform": "myspace"},
        {"language": ""}, {"language": "a" * 13},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_noted_nowhere(campaign, portal, wrong):
    build_fact(campaign)

    assert post_use(portal, **wrong).status_code == 400
    assert not KitUse.objects.exists()


def test_a_form_from_elsewhere_is_refused(campaign, elli):
    build_fact(campaign)
    client = Client(enforce_csrf_checks=True)
    client.force_login(elli.user)

    assert post_use(client).status_code == 403
    assert not KitUse.objects.exists()


def test_who_copies_what_has_just_changed_is_told_so_and_nothing_is_noted_as_taken(campaign, portal):
    claim = build_fact(campaign)
    correct(claim)

    for way in ("copied", "downloaded"):
        assert post_use(portal, version=1, way=way).status_code == 409

    assert not KitUse.objects.exists()


def test_what_was_copied_before_anybody_could_check_is_noted_afterwards_and_its_recall_hears_of_it(campaign, portal):
    claim = build_fact(campaign)
    correct(claim)
    fact_check_notices.forward_steps(at=timezone.now())

    assert post_use(portal, version=1, done="1").status_code == 409

    assert KitUse.objects.get().version.number == 1
    assert "What changed since you read this" in html_of(portal)
    assert RecallNotice.objects.get().rank == RecallNotice.Rank.TOOK


def test_who_only_opened_a_kit_is_not_said_to_use_it(campaign, portal):
    claim = build_fact(campaign)
    assert post_use(portal, way="opened", platform="").status_code == 204

    assert "You use this." not in html_of(portal) and 'name="way" value="copied"' in html_of(portal)
    post_use(portal)
    assert "You use this." in html_of(portal)

    correct(claim)
    post_use(portal, version=2, way="opened", platform="")
    assert "You use this." not in html_of(portal), "they took words of the version before"


def test_who_only_opened_a_kit_is_not_told_on_top_that_a_fact_they_used_changed(campaign, portal):
    claim = build_fact(campaign)
    post_use(portal, way="opened", platform="")
    correct(claim)

    assert "Facts you have used have changed" not in html_of(portal, "/en/portal/")


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_row(campaign, elli):
    version = build_fact(campaign).current_version
    at = timezone.now()

    def copy() -> None:
        try:
            usage.note(elli, version, way="copied", platform="x", language="en", named=False, at=at)
        finally:
            connection.close()

    threads = [threading.Thread(target=copy) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert KitUse.objects.get().copied_at == at


# --- What changed of what I used -----------------------------------------------------------------------


def test_a_changed_fact_is_on_top_until_its_new_version_was_opened(campaign, portal):
    claim = build_fact(campaign)
    post_use(portal)
    correct(claim)

    for path in ("/en/portal/", FACTS):
        assert "Facts you have used have changed" in html_of(portal, path)
    html = html_of(portal)
    assert "A study is under way." in html
    assert html.count('class="verdict verdict--false"') == 1 and html.count('class="verdict verdict--open"') == 1

    assert post_use(portal, version=2, way="opened", platform="").status_code == 204
    for path in ("/en/portal/", FACTS):
        assert "Facts you have used have changed" not in html_of(portal, path)
    assert "What changed since you read this" not in html_of(portal)


def test_a_paused_fact_stays_on_top_until_it_is_shown_again(campaign, portal):
    from factcheck.verdicts import verdict_workflow

    claim = build_fact(campaign)
    post_use(portal)
    pause(claim)
    assert "Don't share it for now." in html_of(portal, "/en/portal/")

    verdict_workflow.resume(claim, by=builders.checker(), at=timezone.now())
    assert "Facts you have used have changed" not in html_of(portal, "/en/portal/")


def test_who_used_nothing_is_told_of_no_change(campaign, portal):
    correct(build_fact(campaign))

    assert "Facts you have used have changed" not in html_of(portal, "/en/portal/")
    assert "What changed since you read this" not in html_of(portal)


# --- The list ------------------------------------------------------------------------------------------


def test_facts_whose_claim_is_loud_where_my_followers_are_come_first(campaign, portal):
    old = build_fact(campaign, "old", at=timezone.now() - timedelta(days=9), fact=in_all(en="Old fact."))
    build_fact(campaign, "new", fact=in_all(en="New fact."))
    assert html_of(portal, FACTS).index("New fact.") < html_of(portal, FACTS).index("Old fact.")

    make_loud(old)

    html = html_of(portal, FACTS)
    assert html.index("Old fact.") < html.index("New fact.")
    assert "Circulating: TikTok in Finnish" in html


@pytest.mark.parametrize("many", [1, 12])
def test_the_pages_cost_the_same_however_much_there_is(campaign, portal, django_assert_num_queries, many):
    build_limits()
    for number in range(many):
        claim = build_fact(campaign, "plant" if number == 0 else f"plant-{number}")
        make_loud(claim)
        post_use(portal, f"/en/portal/facts/{claim.slug}/used/")
        correct(claim, "false")

    with django_assert_num_queries(11):
        portal.get(FACTS)
    with django_assert_num_queries(15):
        portal.get(KIT)
