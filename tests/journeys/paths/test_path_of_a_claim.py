"""
The whole way of a claim, in a browser: an influencer reports it, staff find that it is the same as another and put it
into a narrative, two people reach a verdict, page, feed and kit are live, a bulletin shows it, and when the verdict
changes, everyone who used it is told by mail. A real SMTP server takes the mails.
"""

from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from playwright.sync_api import expect

from factcheck.intake import claim_reports
from factcheck.models import Claim, Narrative, Sighting
from influencers.models import KitUse
from influencers.recall import fact_check_notices
from notifications import sending
from tests.influencers.kits.kits_scene import build_limits, publishes_on
from tests.journeys.page_checks import barriers, follow, in_the_end
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REPORTED = "5G-mastot levittää koronaa"
WORDS = {
    "text": {
        "fi": "5G-mastot levittävät koronavirusta.",
        "sv": "5G-master sprider coronaviruset.",
        "en": "5G masts spread the coronavirus.",
    },
    "fact": {
        "fi": "Koronavirus leviää ihmisestä toiseen pisaroissa.",
        "sv": "Coronaviruset sprids från människa till människa i droppar.",
        "en": "The coronavirus spreads from person to person in droplets.",
    },
    "warning": {
        "fi": "Verkossa kiertää väärä tieto mobiiliverkosta.",
        "sv": "På nätet sprids ett falskt påstående om mobilnätet.",
        "en": "A falsehood about mobile networks is going round.",
    },
    "fallacy": {
        "fi": "Kaksi asiaa yhdistetään, koska ne tulivat esiin yhtä aikaa.",
        "sv": "Två saker kopplas ihop för att de dök upp samtidigt.",
        "en": "Two things are linked because they appeared at the same time.",
    },
    "fact_again": {
        "fi": "Pese kädet ja pidä väliä.",
        "sv": "Tvätta händerna och håll avstånd.",
        "en": "Wash your hands and keep your distance.",
    },
}
SOURCES = [
    ("Institute of Health", "Droplets", "https://health.example.org/"),
    ("Radiation", "Masts", "https://stuk.example/"),
]


def tell(smtp_sink: Any) -> dict[str, str]:
    """Pass on what waits, as the tick does, and return what arrived: {address: text of the mail}."""
    smtp_sink.empty()
    fact_check_notices.forward_steps(at=datetime.now(UTC))
    sending.deliver_notices(at=datetime.now(UTC))
    return {address: smtp_sink.to(address)[0].get_content() for address in smtp_sink.count}


def test_from_a_report_to_a_changed_verdict(live_site, campaign, page, browse_as, smtp_sink, fiona, alma, oskar):
    build_limits()
    faisal = builders.build_user("faisal", "fact-checker", language="en")
    elli = publishes_on(builders.build_influencer(campaign, "elli", language="fi"), "tiktok")
    for person in (fiona, alma, oskar, elli.user):
        person.language = "en"
        person.save(update_fields=["language"])
    Narrative.objects.create(campaign=campaign, slug="hidden", name={"en": "The real cause is hidden"})
    today = campaign.local(datetime.now(UTC)).date()
    earlier = claim_reports.report(
        campaign,
        text=WORDS["text"]["fi"],
        language="fi",
        platform="tiktok",
        reach=9000,
        seen_on=today,
        at=datetime.now(UTC),
    )

    # An influencer reports what she sees.
    browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/")
    follow(page.get_by_role("link", name="Report a claim").first)
    page.fill("[name=text]", REPORTED)
    page.select_option("[name=platform]", "tiktok")
    page.select_option("[name=language]", "fi")
    follow(page.get_by_role("button", name="Send the report"))
    expect(page.locator("main")).to_contain_text(REPORTED)
    sighting = Sighting.objects.get(reporter=elli.user)

    # A fact-checker finds that it is the same as another, and which story both serve.
    browse_as(fiona)
    page.goto(f"{live_site}/desk/factcheck/claim/{sighting.claim_id}/change/")
    follow(page.get_by_role("button", name="Same claim").first)
    expect(page.locator("body")).to_contain_text("the same as")
    claim = Claim.objects.get(pk=earlier.pk)
    assert Claim.objects.get(pk=sighting.claim_id).duplicate_of == claim
    address = f"{live_site}/desk/factcheck/claim/{claim.pk}/change/"
    page.goto(address)
    follow(page.get_by_role("button", name="Start checking"))
    for name, texts in WORDS.items():
        for code, text in texts.items():
            page.fill(f"#id_{name}__{code}", text)
    page.locator("#words select[name=narrative]").select_option(label="The real cause is hidden")
    follow(page.locator("#words button[type=submit]"))
    for publisher, title, url in SOURCES:
        if not page.locator("#add-source[open]").count():
            page.click("#add-source summary")
        form = page.locator("#add-source")
        form.locator("[name$=publisher]").fill(publisher)
        form.locator("[name$=title]").fill(title)
        form.locator("[name$=url]").fill(url)
        follow(form.get_by_role("button", name="Add the source"))
        expect(page.locator("#sources")).to_contain_text(publisher)
    page.check("[name=verdict][value=false]")
    follow(page.get_by_role("button", name="Propose this verdict"))
    expect(page.locator("body")).to_contain_text("You proposed it")
    assert barriers(page, ".cb") == []
    assert list(tell(smtp_sink)) == [faisal.email]

    # A second person reads and confirms it.
    browse_as(faisal)
    page.goto(address)
    follow(page.locator("text=I have read it").first)
    follow(page.locator("text=Publish the fact-check").first)
    page.wait_for_selector("text=Everyone can read it.")
    claim.refresh_from_db()
    assert (claim.proposed_by, claim.confirmed_by, claim.narrative.slug) == (fiona, faisal, "hidden")
    told = tell(smtp_sink)
    assert list(told) == [elli.user.email]
    assert "droplets" in told[elli.user.email] and "5G" not in told[elli.user.email]

    # Page and feed are live.
    page.context.clear_cookies()
    page.goto(f"{live_site}/en/facts/{claim.slug}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["fact"]["en"])
    shown = page.locator("main").inner_text()
    assert shown.count("5G masts spread the coronavirus") == 1
    assert shown.index(WORDS["fact"]["en"]) < shown.index(WORDS["warning"]["en"]) < shown.index("5G masts spread")
    feed = feedparser.parse(page.request.get(f"{live_site}/en/facts/feed/").body())
    assert [entry.title for entry in feed.entries] == [WORDS["fact"]["en"]]

    # A bulletin uses it and shows it.
    bulletin = builders.build_bulletin(campaign, by=alma, at=datetime.now(UTC))
    bulletin.claims.add(claim)
    builders.published(bulletin, by=alma, approver=oskar, at=datetime.now(UTC))
    tell(smtp_sink)  # what the bulletin's own way tells is another story
    page.goto(f"{live_site}/en/bulletins/{bulletin.number}/")
    expect(page.locator("main")).to_contain_text(WORDS["fact"]["en"])

    # Her followers are where it goes round: her kit names it, once.
    browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/facts/{claim.slug}/")
    expect(page.locator("main")).to_contain_text("So the text mentions it once")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#tiktok").get_by_role("button", name="Copy the text").click()
    expect(page.locator("[data-live]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(WORDS["fact"]["en"]) and copied.count(WORDS["text"]["en"].rstrip(".")) == 1
    in_the_end(page, KitUse.objects.filter(influencer=elli, copied_at__isnull=False).exists)

    # The verdict changes.
    browse_as(faisal)
    page.goto(address)
    page.locator("summary", has_text="Reopen").first.click()
    page.locator("details[open] textarea[name=reason]").first.fill("A study came.")
    follow(page.get_by_role("button", name="Reopen").first)
    for code in ("fi", "sv", "en"):
        page.fill(f"#id_what_changed__{code}", f"New evidence ({code}).")
    follow(page.locator("#words button[type=submit]"))
    page.check("[name=verdict][value=unproven]")
    follow(page.get_by_role("button", name="Propose this verdict"))
    page.wait_for_selector("text=You proposed it")
    browse_as(fiona)
    page.goto(address)
    follow(page.locator("text=I have read it").first)
    follow(page.locator("text=Publish the fact-check").first)
    page.wait_for_selector("text=Everyone can read it.")

    told = tell(smtp_sink)
    assert {elli.user.email, alma.email, oskar.email} <= set(told)
    for who in (elli.user, alma):
        assert "Previous verdict: false. Now: unproven." in told[who.email]
        assert "New evidence (en)." in told[who.email] and "A study came" not in told[who.email]
    assert tell(smtp_sink) == {}
    page.context.clear_cookies()
    page.goto(f"{live_site}/en/bulletins/{bulletin.number}/")
    expect(page.locator("main")).to_contain_text("Unproven")
    page.goto(f"{live_site}/en/facts/corrections/")
    expect(page.locator("main")).to_contain_text("New evidence (en).")
