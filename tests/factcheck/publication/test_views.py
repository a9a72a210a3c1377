"""What readers meet at the public addresses of fact-checks."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from campaigns.models import CampaignLanguage
from factcheck.matching import duplicates
from factcheck.models import Claim, ClaimVersion, Evidence, Sighting
from factcheck.verdicts import verdict_workflow
from tests.support import builders

pytestmark = pytest.mark.django_db

TOLD = {"fi": "Lähde muuttui.", "sv": "En källa ändrades.", "en": "A source changed."}
CLAIM = "Garlic cures it"


class Visible(HTMLParser):
    """Collects what people see or hear of a page: text outside scripts, and the words of attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.attributes: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.skipping += tag in {"script", "style"}
        self.attributes += [value for name, value in attrs if value and name in {"alt", "content", "title", "value"}]

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.text.append(data)


def seen_in(answer: Any) -> str:
    """Return the text of a page, titles and text alternatives included, on one line."""
    parser = Visible()
    parser.feed(answer.content.decode())
    return " ".join(" ".join([*parser.text, *parser.attributes]).split())


def address(name: str, *args: Any, language: str = "en") -> str:
    """Return the path of a page in a language."""
    with translation.override(language):
        return reverse(f"factcheck:{name}", args=args)


def corrected(claim: Claim, verdict: str = "unproven", **words: Any) -> ClaimVersion:
    """Take a published claim up again, change it, and publish it with another verdict."""
    verdict_workflow.reopen(claim, reason="a reader wrote", by=builders.editor(), at=builders.NOON + timedelta(hours=1))
    for name, value in {"what_changed": builders.in_all(en="The verdict changed."), **words}.items():
        setattr(claim, name, value)
    claim.save()
    return builders.publish_claim(claim, verdict, at=builders.NOON + timedelta(hours=2))


def paused(claim: Claim) -> None:
    """Pause a published claim, with words for readers and a reason for staff."""
    builders.pause_claim(
        claim, told=TOLD, reason="Maija rang", by=builders.editor(), at=builders.NOON + timedelta(hours=3)
    )


def withdrawn(claim: Claim) -> None:
    """Pause a published claim and have a second person withdraw it."""
    paused(claim)
    builders.withdraw_claim(
        claim, told=TOLD, reason="Maija rang", by=builders.second_person(), at=builders.NOON + timedelta(hours=4)
    )


# --- The page of a fact-check ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_the_claim_is_said_once_and_after_its_warning(campaign, client, language):
    claim = builders.build_claim(campaign)
    text, fact = claim.text[language], claim.fact[language]

    page = seen_in(client.get(address("claim", claim.slug, language=language)))

    assert page.count(text) == 1
    assert (
        page.index(fact)
        < page.index(claim.warning[language])
        < page.index(text)
        < page.index(claim.fallacy[language])
        < page.index(claim.fact_again[language])
    )


def test_title_heading_and_previews_carry_the_fact_and_never_the_claim(campaign, client):
    claim = builders.build_claim(campaign)

    page = client.get(address("claim", claim.slug)).content.decode()
    head = page.partition("</head>")[0]

    assert "<title>No food cures it. Fact-check" in head
    assert '<meta name="description" content="No food cures it.">' in head
    assert '<meta property="og:title" content="No food cures it.">' in head
    assert f"/facts/cards/{claim.slug}/1-en-1x1.png" in head
    assert CLAIM not in head.partition("application/ld+json")[0]
    assert CLAIM not in page.partition('id="h-warning"')[0].replace(head, "")
    assert re.search(r"<h1[^>]*>No food cures it\.</h1>", page)


@pytest.mark.parametrize("verdict", Claim.Verdict.values)
def test_every_verdict_has_a_page_with_its_word_and_its_sources(campaign, client, verdict):
    claim = builders.build_claim(campaign, published=False, why_few_sources=builders.in_all(en="Only two looked."))
    builders.publish_claim(claim, verdict)

    page = seen_in(client.get(address("claim", claim.slug)))

    word = {"true": "True", "false": "False", "fifty_fifty": "50–50", "unproven": "Unproven"}[verdict]
    assert f"Verdict: {word}" in page
    assert "Institute 1" in page and "Institute 2" in page and "Only two looked." in page


def test_a_source_shows_who_when_in_which_language_and_what_it_said(campaign, client):
    claim = builders.build_claim(campaign, published=False)
    Evidence.objects.create(
        claim=claim,
        publisher="Institutet",
        title="Vitlök",
        url="https://institut.example/vitlok",
        language="sv",
        quote="Ingen verkan.",
        published_on=date(2026, 3, 2),
    )
    builders.publish_claim(claim)

    page = client.get(address("claim", claim.slug)).content.decode()

    assert 'lang="sv">Vitlök' in page and "Ingen verkan." in page
    assert "Language: Swedish." in seen_in(client.get(address("claim", claim.slug)))
    assert '<time datetime="2026-03-02">' in page


def test_sightings_are_counted_and_lead_nowhere(campaign, client):
    claim = builders.build_claim(campaign)
    same = builders.build_claim(campaign, "knoblauch", published=False)
    Claim.objects.filter(pk=same.pk).update(status=Claim.Status.MERGED, duplicate_of=claim)
    reporter = builders.build_user("reporter")
    for about, platform in ((claim, "tiktok"), (same, "tiktok"), (same, "spoken")):
        Sighting.objects.create(
            claim=about,
            platform=platform,
            url="https://tiktok.example/secret-post",
            channel="@secret",
            note="secret note",
            reporter=reporter,
            seen_on=date(2026, 3, 20),
            language="fi",
        )

    page = client.get(address("claim", claim.slug)).content.decode()

    assert "3 sightings" in page and "TikTok" in page and "Word of mouth" in page
    assert "secret" not in page and "reporter" not in page.lower()


def test_a_fact_check_out_of_date_says_so_and_offers_nothing_to_pass_on(campaign, client):
    claim = builders.build_claim(campaign, valid_until=timezone.now() - timedelta(days=1))

    page = client.get(address("claim", claim.slug)).content.decode()

    assert "This check is out of date." in page
    assert "data-copy" not in page and "og:image" not in page
    assert client.get(address("card", claim.slug, 1, "en", "1x1")).status_code == 404


def test_while_a_verdict_is_checked_again_the_old_one_stays_with_a_note(campaign, client):
    claim = builders.build_claim(campaign)
    verdict_workflow.reopen(claim, reason="Maija rang", by=builders.editor(), at=builders.NOON)
    Claim.objects.filter(pk=claim.pk).update(fact=builders.in_all(en="A draft."))

    page = seen_in(client.get(address("claim", claim.slug)))

    assert "We are checking this again." in page and "No food cures it." in page
    assert "A draft." not in page and "Maija" not in page


def test_a_correction_says_when_what_changed_and_which_verdict_it_was(campaign, client):
    claim = builders.build_claim(campaign)
    corrected(claim)

    page = seen_in(client.get(address("claim", claim.slug)))

    assert f"Corrected {date_format(builders.NOON, 'SHORT_DATE_FORMAT')}" in page
    assert "The verdict changed." in page
    assert "Previous verdict Verdict: False and now Verdict: Unproven" in page
    assert address("version", claim.slug, 1) in client.get(address("claim", claim.slug)).content.decode()
    assert "a reader wrote" not in page


def test_an_earlier_version_is_readable_says_that_it_was_replaced_and_cannot_be_copied(campaign, client):
    claim = builders.build_claim(campaign)
    corrected(claim, fact=builders.in_all(en="Garlic is a food."))

    answer = client.get(address("version", claim.slug, 1))
    page = answer.content.decode()

    assert "You are reading version 1." in page and "No food cures it." in page
    assert 'name="robots" content="noindex"' in page
    assert "data-copy" not in page and "og:title" not in page
    assert address("claim", claim.slug) in page


def test_the_address_of_the_newest_version_leads_to_the_page(campaign, client):
    claim = builders.build_claim(campaign)

    assert client.get(address("version", claim.slug, 1))["Location"] == address("claim", claim.slug)
    assert client.get(address("version", claim.slug, 2)).status_code == 404


def test_a_paused_fact_check_says_so_and_shows_neither_claim_nor_verdict(campaign, client):
    claim = builders.build_claim(campaign)
    corrected(claim)
    paused(claim)

    for path in (address("claim", claim.slug), address("version", claim.slug, 1)):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200 and 'name="robots" content="noindex"' in page
        assert "A source changed." in page and "paused" in page
        assert CLAIM not in page and "No food cures it" not in page and 'class="verdict' not in page
        assert "data-copy" not in page and "og:" not in page and "The verdict changed." not in page
        assert "Maija" not in page


def test_a_paused_fact_check_that_is_shown_again_is_back(campaign, client):
    claim = builders.build_claim(campaign)
    paused(claim)
    verdict_workflow.resume(claim, by=builders.editor(), at=builders.NOON + timedelta(hours=4))

    page = seen_in(client.get(address("claim", claim.slug)))

    assert CLAIM in page and "Paused" in page and "Restored" in page


def test_of_a_withdrawn_fact_check_only_the_reason_stays(campaign, client):
    claim = builders.build_claim(campaign)
    withdrawn(claim)

    for path in (address("claim", claim.slug), address("version", claim.slug, 1)):
        page = client.get(path).content.decode()
        assert "This fact-check has been withdrawn" in page and "A source changed." in page
        assert 'name="robots" content="noindex"' in page
        assert CLAIM not in page and "No food cures it" not in page and 'class="verdict' not in page
        assert "Maija" not in page


def test_a_claim_that_is_the_same_as_another_leads_there_for_good(campaign, client):
    main = builders.build_claim(campaign)
    same = builders.build_claim(campaign, "knoblauch", published=False)
    Claim.objects.filter(pk=same.pk).update(status=Claim.Status.MERGED, duplicate_of=main)

    answer = client.get(address("claim", "knoblauch"))

    assert (answer.status_code, answer["Location"]) == (302, address("claim", main.slug))


def test_what_was_never_published_has_no_page(campaign, client):
    builders.build_claim(campaign, published=False)
    hidden = builders.build_claim(campaign, "open", published=False)
    same = builders.build_claim(campaign, "same", published=False)
    Claim.objects.filter(pk=same.pk).update(status=Claim.Status.MERGED, duplicate_of=hidden)
    prepared = builders.build_campaign("prepared", starts_on=date(2020, 1, 1), published_at=None)
    builders.build_claim(prepared, "elsewhere")

    for slug in ("garlic", "open", "same", "elsewhere", "nothing"):
        assert client.get(address("claim", slug)).status_code == 404
        assert client.get(address("version", slug, 1)).status_code == 404
        assert client.get(address("card", slug, 1, "en", "1x1")).status_code == 404


def test_nobody_who_checked_is_named(campaign, client):
    claim = builders.build_claim(campaign)
    corrected(claim)

    page = seen_in(client.get(address("claim", claim.slug)))

    assert "Two fact-checkers" in page
    assert (
        "Editor" not in page and "Approver" not in page and "example.org" not in page.replace("liisa@example.org", "")
    )


def test_a_page_costs_the_same_however_much_there_is_to_tell(campaign, client):
    claim = builders.build_claim(campaign)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    before = cost(address("claim", claim.slug))
    assert before <= 10
    corrected(claim)
    one_version_more = cost(address("version", claim.slug, 1))
    for number in range(30):
        Sighting.objects.create(claim=claim, platform="web", seen_on=date(2026, 3, 1 + number % 20), language="fi")
        builders.build_claim(campaign, f"other-{number}")
    for slug in ("one", "two", "three"):
        claim.topics.add(builders.build_topic(campaign, slug))

    assert cost(address("claim", claim.slug)) <= 10
    assert cost(address("version", claim.slug, 1)) == one_version_more


# --- The list -----------------------------------------------------------------------------------------


def test_the_list_shows_what_stands_the_last_checked_first_and_the_fact_before_the_claim(campaign, client):
    builders.build_claim(campaign, "old", fact=builders.in_all(en="Old fact."), at=builders.NOON - timedelta(days=3))
    builders.build_claim(campaign, "new", fact=builders.in_all(en="New fact."))
    paused(builders.build_claim(campaign, "paused", fact=builders.in_all(en="Paused fact.")))
    withdrawn(builders.build_claim(campaign, "gone", fact=builders.in_all(en="Gone fact.")))
    builders.build_claim(campaign, "open", published=False, fact=builders.in_all(en="Open fact."))

    page = seen_in(client.get(address("claims")))

    assert page.index("New fact.") < page.index(CLAIM) < page.index("Old fact.")
    assert "Paused fact." not in page and "Gone fact." not in page and "Open fact." not in page


def test_the_list_can_be_narrowed_by_topic_and_verdict(campaign, client):
    topic = builders.build_topic(campaign, "food")
    false = builders.build_claim(campaign, "false", fact=builders.in_all(en="First fact."))
    false.topics.add(topic)
    unproven = builders.build_claim(campaign, "unproven", published=False, fact=builders.in_all(en="Second fact."))
    builders.publish_claim(unproven, "unproven")

    def shown(**choice: str) -> list[str]:
        page = seen_in(client.get(address("claims"), choice))
        return [fact for fact in ("First fact.", "Second fact.") if fact in page]

    assert shown(topic="food") == ["First fact."]
    assert shown(verdict="unproven") == ["Second fact."]
    assert shown(topic="food", verdict="unproven") == []
    assert shown(topic="nonsense", verdict="nonsense") == ["First fact.", "Second fact."]


def test_the_pager_keeps_the_choice_and_the_list_costs_the_same(campaign, client, django_assert_num_queries):
    for number in range(3):
        builders.build_claim(campaign, f"claim-{number}")
    with django_assert_num_queries(5):
        client.get(address("claims"))
    for number in range(3, 24):
        builders.build_claim(campaign, f"claim-{number}")

    with django_assert_num_queries(5):
        answer = client.get(address("claims"), {"verdict": "false"})

    assert "verdict=false&amp;page=2" in answer.content.decode()


# --- Corrections and rules -----------------------------------------------------------------------------


def test_corrections_lists_what_changed_what_is_paused_and_what_was_withdrawn(campaign, client):
    plain = builders.build_claim(campaign, "plain", fact=builders.in_all(en="Plain fact."))
    corrected(builders.build_claim(campaign, "mended", fact=builders.in_all(en="Mended fact.")))
    paused(builders.build_claim(campaign, "waiting", fact=builders.in_all(en="Waiting fact.")))
    back = builders.build_claim(campaign, "back", fact=builders.in_all(en="Back fact."))
    paused(back)
    verdict_workflow.resume(back, by=builders.editor(), at=builders.NOON + timedelta(hours=4))
    gone = builders.build_claim(campaign, "gone", fact=builders.in_all(en="Gone fact."))
    corrected(gone, what_changed=builders.in_all(en="Words of the gone one."))
    withdrawn(gone)

    answer = client.get(address("corrections"))
    page = seen_in(answer)

    assert "Mended fact." in page and "The verdict changed." in page and "False and now Verdict: Unproven" in page
    assert page.index("A fact-check that has been withdrawn") < page.index("A fact-check that is paused")
    for hidden in (
        plain.fact["en"],
        "Waiting fact.",
        "Gone fact.",
        "Words of the gone one.",
        CLAIM,
        "Maija",
    ):
        assert hidden not in page
    assert address("claim", "gone") in answer.content.decode()
    assert page.count("Back fact.") == 2 and "Restored" in page


def test_a_correction_stays_listed_when_its_claim_is_merged(campaign, client):
    main, same = builders.build_claim(campaign, "main"), builders.build_claim(campaign, "same")
    corrected(same, "false", what_changed=builders.in_all(en="A source was added."))

    duplicates.merge(same, into=main, by=builders.editor(), at=builders.NOON + timedelta(hours=5))

    assert "A source was added." in seen_in(client.get(address("corrections")))


def test_an_earlier_version_is_out_of_reach_when_the_main_claim_is_paused(campaign, client):
    main, same = builders.build_claim(campaign, "main"), builders.build_claim(campaign, "same")
    corrected(same, "false")
    duplicates.merge(same, into=main, by=builders.editor(), at=builders.NOON + timedelta(hours=5))
    assert client.get(address("version", "same", 1)).status_code == 200

    paused(main)

    answer = client.get(address("version", "same", 1), follow=True)
    assert answer.redirect_chain and CLAIM not in answer.content.decode()


def test_corrections_costs_the_same_however_many_there_are(campaign, client, django_assert_num_queries):
    corrected(builders.build_claim(campaign))
    with django_assert_num_queries(4):
        client.get(address("corrections"))
    for number in range(8):
        corrected(builders.build_claim(campaign, f"claim-{number}"))

    with django_assert_num_queries(4):
        client.get(address("corrections"))


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_the_rules_name_who_runs_the_desk_and_whom_to_write_to(campaign, client, language):
    answer = client.get(address("policy", language=language))

    page = seen_in(answer)
    assert answer.status_code == 200
    assert f"Team ({language})" in page and "Liisa Lind" in page
    assert 'href="mailto:liisa@example.org"' in answer.content.decode()


def test_the_pages_say_what_there_is_before_there_is_a_campaign(client):
    for name in ("claims", "corrections", "policy"):
        assert client.get(address(name)).status_code == 200
    assert client.get(address("claim", "garlic")).status_code == 404


def test_a_reader_whose_language_a_fact_lacks_gets_another_one_marked_as_such(campaign, client):
    CampaignLanguage.objects.filter(campaign=campaign, code="sv").delete()
    claim = builders.build_claim(
        campaign,
        **{name: {"fi": f"{name} suomeksi"} for name in ("text", "fact", "warning", "fallacy", "fact_again")},
        published=False,
    )
    CampaignLanguage.objects.filter(campaign=campaign, code="en").delete()
    builders.publish_claim(claim)

    page = client.get(address("claim", claim.slug)).content.decode()

    assert ' lang="fi">fact suomeksi</h1>' in page
    assert "1-fi-1x1.png" in page


def test_the_short_address_leads_to_the_page_in_its_language(client, campaign):
    claim = builders.build_claim(campaign)
    hidden = builders.build_claim(campaign, "hidden", published=False)

    answer = client.get(f"/sv/f/{claim.pk}/")

    assert (answer.status_code, answer["Location"]) == (302, f"/sv/facts/{claim.slug}/")
    assert client.get(f"/sv/f/{hidden.pk}/").status_code == 404
