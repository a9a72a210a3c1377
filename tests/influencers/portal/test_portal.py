"""The portal: who gets in, and that it shows published words, ready to copy while they hold."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.login import code_mails
from bulletins.models import Bulletin, Edition, PublishedEdition, Version
from campaigns.models import Campaign, PlatformLimit
from campaigns.publication_details import PrintedWords
from config.templatetags.site import file_size
from influencers.inbox import thread_messages
from influencers.models import CodeOfEthics, Influencer, Signature
from influencers.recall import exposure
from influencers.templatetags.portal import file_name
from tests.support.builders import (
    build_campaign,
    build_claim,
    build_influencer,
    build_mailing,
    build_topic,
    build_user,
    in_all,
)

PAGES = [
    "/en/portal/",
    "/en/portal/bulletins/",
    "/en/portal/bulletins/1/",
    "/en/portal/code-of-ethics/",
    "/en/portal/handbook/",
]
FACE_IN_MASK = "\U0001f637"  # one code point, two UTF-16 units, four bytes in UTF-8

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rate_limits() -> None:
    """Forget the tries of other tests."""
    cache.clear()


@pytest.fixture
def elli(campaign: Campaign) -> Influencer:
    """An influencer who reads Swedish."""
    return build_influencer(campaign, "elli", language="sv")


@pytest.fixture
def portal(client: Client, elli: Influencer) -> Client:
    """A browser in which Elli is logged in."""
    client.force_login(elli.user)
    return client


def words(key: str, text: str, valid_until: Any = None) -> dict[str, Any]:
    """Return a key message as a published edition keeps it."""
    return {
        "key": key,
        "text": text,
        "source_name": "THL",
        "source_url": "https://thl.fi/",
        "valid_until": valid_until.isoformat() if valid_until else None,
    }


def publish(
    campaign: Campaign,
    number: int = 1,
    *,
    version: int = 1,
    kind: str = "original",
    languages: tuple[str, ...] = ("fi", "sv", "en"),
    published_at: Any = None,
    **content: Any,
) -> Version:
    """Return a published version with the same content in each language, titled "title <language> v<version>"."""
    at = published_at or timezone.now() - timedelta(hours=10 - version)
    bulletin, _ = Bulletin.objects.get_or_create(campaign=campaign, number=number, defaults={"original_language": "fi"})
    approver = build_user(f"approver-{number}-{version}")
    made = Version.objects.create(
        bulletin=bulletin,
        number=version,
        kind=kind,
        what_changed={"en": "The date was wrong."} if version > 1 else {},
        share_text={"en": "Correction: it holds until 19 April."} if version > 1 else {},
        urgency="routine",
        digest="d" * 64,
        printed=PrintedWords.of(campaign).plain(),
        mailing=build_mailing(campaign, f"bulletin-{number}-v{version}", languages=()),
        published_at=at,
        first_published_at=at,
        approved_by=approver,
    )
    for code in languages:
        PublishedEdition.objects.create(
            version=made,
            language=code,
            title=f"title {code} v{version}",
            lead=f"lead {code}",
            html=f"<p>whole {code}</p>",
            body=f"whole {code}",
            content={"key_messages": [], "calls_to_action": [], "variants": [], "assets": [], "hashtags": []} | content,
        )
    return made


def html_of(client: Client, path: str = "/en/portal/bulletins/1/") -> str:
    """Return the page's HTML, with one space where lines break."""
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- Access --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_logged_in_gets_a_login_by_code_that_comes_back(
    client: Client, campaign: Campaign, path: str
) -> None:
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_request_login_code')}?next={path}".replace("/fi/", "/en/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["nobody special", "left", "invited", "prepared campaign", "superuser"])
def test_who_has_no_active_profile_reads_why(client: Client, campaign: Campaign, path: str, who: str) -> None:
    publish(campaign)
    if who in {"left", "invited"}:
        user = build_influencer(campaign, "nobody", state=who).user
    elif who == "prepared campaign":
        user = build_influencer(build_campaign("prepared", starts_on="2020-01-01", published_at=None), "nobody").user
    else:
        user = build_user("nobody", is_superuser=who == "superuser")
    client.force_login(user)

    response = client.get(path)

    assert response.status_code == 403
    assert "no active place among the influencers" in response.content.decode()
    assert "title en" not in response.content.decode()


def test_who_has_left_is_offered_the_way_back(client: Client, campaign: Campaign) -> None:
    client.force_login(build_influencer(campaign, "gone", state=Influencer.State.LEFT).user)

    page = client.get("/en/portal/")

    assert page.status_code == 403
    assert f'href="{reverse("joining:join")}"' in page.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_an_influencer_gets_in_and_nothing_is_stored(portal: Client, campaign: Campaign, path: str) -> None:
    publish(campaign)

    response = portal.get(path)

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_pages_go_packed_over_a_slow_line(portal: Client, campaign: Campaign) -> None:
    publish(campaign)
    for path in ("/en/portal/", "/en/portal/bulletins/1/"):
        packed, plain = portal.get(path, headers={"Accept-Encoding": "gzip"}), portal.get(path)
        assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
        assert "Accept-Encoding" in plain["Vary"] and len(packed.content) < len(plain.content) / 2


def test_without_a_campaign_nobody_gets_in(client: Client) -> None:
    client.force_login(build_user("nobody"))

    assert client.get("/en/portal/").status_code == 403


def test_nothing_can_be_posted(portal: Client) -> None:
    assert portal.post("/en/portal/").status_code == 405


# --- Only what is published, and only while it holds ---------------------------------------------


def test_an_expired_key_message_has_no_copy_button(portal: Client, campaign: Campaign) -> None:
    now = timezone.now()
    publish(
        campaign,
        key_messages=[
            words("a", "Old rule.", now - timedelta(minutes=1)),
            words("b", "New rule.", now + timedelta(days=1)),
            words("c", "Lasting rule."),
        ],
    )

    html = html_of(portal)

    assert "No longer valid" in html
    assert "Old rule." in html
    assert 'data-copy="#words-1"' not in html
    assert 'data-copy="#words-2"' in html
    assert 'data-copy="#words-2 #words-3"' in html, "the button for all of them leaves the expired one out"
    assert 'id="words-1"' not in html


def test_when_all_has_expired_nothing_is_left_to_copy(portal: Client, campaign: Campaign) -> None:
    publish(
        campaign,
        key_messages=[words("a", "Old rule.", timezone.now() - timedelta(days=1))],
        variants=[{"platform": "instagram", "caption": "Old caption."}],
    )

    html = html_of(portal)

    assert "This bulletin has ended." in html
    assert "data-copy" not in html
    assert "Old caption." not in html


def test_the_front_page_says_the_first_thing_and_the_bulletins_page_all(portal: Client, campaign: Campaign) -> None:
    publish(campaign, key_messages=[words("a", "Stay home."), words("b", "Call first.")])

    home, bulletin = html_of(portal, "/en/portal/"), html_of(portal, "/en/portal/bulletins/1/")
    for html in (home, bulletin):
        assert 'data-copy="#words-1"' in html and 'id="words-1"' in html
        assert set(re.findall(r"data-check=\"([^\"]+)", html)) == {f"{settings.PUBLIC_URL}/en/bulletins/1/"}
    assert "Call first." not in home
    assert 'data-copy="#words-1 #words-2"' in bulletin and 'id="words-2"' in bulletin


def test_without_a_key_message_a_bulletins_page_begins_with_its_text(portal: Client, campaign: Campaign) -> None:
    publish(campaign)
    publish(campaign, 2, key_messages=[words("a", "Stay home.")])

    for number, opens_with_it in ((1, True), (2, False)):
        html = html_of(portal, f"/en/portal/bulletins/{number}/")
        first, more = html.split('id="more"')
        first = first.split('id="today"')[1]
        assert ("whole en" in first, "whole en" in more) == (opens_with_it, not opens_with_it)
        assert html.count('id="whole"') == 1


def test_no_line_ends_in_a_day_of_what_to_say(portal: Client, campaign: Campaign) -> None:
    publish(
        campaign,
        key_messages=[
            words("a", "Stay home 2–5 December."),
            words("b", "Call by 6 December."),
            words("c", "It began on 1 May.", timezone.now() - timedelta(days=1)),
        ],
    )

    home, bulletin = html_of(portal, "/en/portal/"), html_of(portal, "/en/portal/bulletins/1/")
    assert '<span class="whole">2–5 December</span>' in home
    for day in ("2–5 December", "6 December", "1 May"):
        assert f'<span class="whole">{day}</span>' in bulletin, day


@pytest.mark.parametrize(
    ("language", "written"), [("fi", ["64\u00a0kt", "3,4\u00a0Mt"]), ("sv", ["64\u00a0kB", "3,4\u00a0MB"])]
)
def test_no_line_ends_between_a_size_and_its_unit(language: str, written: list[str]) -> None:
    with override(language):
        assert [file_size(64_000), file_size(3_400_000)] == written


def test_what_somebody_wrote_has_the_direction_of_its_own_words(portal: Client, elli: Influencer) -> None:
    thread_messages.add_from_influencer(elli, "Onko tästä video?", via="portal", at=timezone.now())

    assert '<p class="talk__words" dir="auto">Onko' in html_of(portal, reverse("influencers:conversation"))


@pytest.mark.parametrize("name", ["posts", "questions", "facts", "handbook", "reports", "certificate", "bulletins"])
def test_write_leads_to_the_conversation_on_every_page(portal: Client, campaign: Campaign, name: str) -> None:
    campaign.liaison_name, campaign.liaison_email = "Liisa", "liisa@example.org"
    campaign.save()

    html = html_of(portal, reverse(f"influencers:{name}"))

    card = html.partition('aria-labelledby="h-contact"')[2].partition("</section>")[0]
    assert f'href="{reverse("influencers:conversation")}"' in card
    assert "mailto:" not in card


def test_the_working_copy_is_not_shown(portal: Client, campaign: Campaign) -> None:
    publish(campaign, key_messages=[words("a", "Published words.")])
    bulletin = Bulletin.objects.get(number=1)
    Edition.objects.create(
        bulletin=bulletin, language="en", title="Unapproved title", subject="x", body="Unapproved text"
    )
    Bulletin.objects.create(campaign=campaign, number=2, original_language="fi")

    assert "Unapproved" not in html_of(portal)
    assert "Unapproved" not in html_of(portal, "/en/portal/")
    assert portal.get("/en/portal/bulletins/2/").status_code == 404


def test_what_is_published_later_does_not_exist_yet(portal: Client, campaign: Campaign) -> None:
    publish(campaign, published_at=timezone.now() + timedelta(hours=1))

    assert portal.get("/en/portal/bulletins/1/").status_code == 404
    assert "title en" not in html_of(portal, "/en/portal/")


def test_another_campaigns_bulletin_does_not_exist(portal: Client, campaign: Campaign) -> None:
    publish(build_campaign("older", starts_on="2020-01-01"))

    assert portal.get("/en/portal/bulletins/1/").status_code == 404


def test_the_page_speaks_the_readers_language_or_says_which_one_it_has(portal: Client, campaign: Campaign) -> None:
    publish(campaign, languages=("fi", "sv"))

    assert "title sv v1" in html_of(portal, "/sv/portal/bulletins/1/")
    html = html_of(portal, "/en/portal/bulletins/1/")
    assert '<h1 lang="sv">title sv v1</h1>' in html, "the reader's own language comes next"
    assert "not in your language yet" in html


# --- Corrections and retractions -----------------------------------------------------------------


@pytest.mark.parametrize("seen", [True, False])
def test_a_correction_says_what_changed_word_by_word_and_first_to_whoever_saw_the_version_before(
    portal: Client, campaign: Campaign, elli: Influencer, seen: bool
) -> None:
    first = publish(campaign, key_messages=[words("a", "In force until 13 April.")])
    if seen:
        exposure.note(elli, first, way="read", language="en", at=timezone.now())
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "In force until 19 April.")])

    html = html_of(portal)

    assert "The date was wrong." in html
    assert '<del><span class="vh">Before: </span>13 April.</del>' in html
    assert '<ins><span class="vh">Now: </span>19 April.</ins>' in html
    assert 'data-copy="#correction"' in html
    assert (html.index("What changed") < html.index('class="stage"')) == seen
    assert reverse("website:version", args=[1, 1]).removeprefix("/fi") in html


def test_the_newest_comes_first_on_the_front_page_and_the_corrected_is_marked(
    portal: Client, campaign: Campaign
) -> None:
    publish(campaign, 1)
    publish(campaign, 1, version=2, kind="correction", published_at=timezone.now() - timedelta(hours=5))
    publish(campaign, 2, published_at=timezone.now() - timedelta(hours=1))

    html = html_of(portal, "/en/portal/")

    listed = html[html.index("Latest bulletins") :]
    assert listed.index("bulletins/2/") < listed.index("bulletins/1/")
    assert "Corrected" in listed


def test_the_front_page_begins_with_the_latest_that_holds(portal: Client, campaign: Campaign) -> None:
    publish(campaign, 1, key_messages=[words("a", "Stay home.")])
    publish(campaign, 2, key_messages=[words("a", "Over.", timezone.now() - timedelta(hours=1))])

    html = html_of(portal, "/en/portal/")

    assert html.partition("<h1")[2].partition("</h1>")[0].count("bulletins/1/") == 1
    assert "Stay home." in html and "Over." not in html


@pytest.mark.parametrize("seen", [True, False])
def test_the_front_page_offers_the_words_of_a_correction_to_whoever_saw_what_was_wrong(
    portal: Client, campaign: Campaign, elli: Influencer, seen: bool
) -> None:
    first = publish(campaign, key_messages=[words("a", "Until 13 April.")])
    if seen:
        exposure.note(elli, first, way="read", language="en", at=timezone.now())
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "Until 19 April.")])

    assert ("Have you already posted?" in html_of(portal, "/en/portal/")) == seen


def test_of_a_retracted_bulletin_only_the_reason_and_the_retraction_are_left(
    portal: Client, campaign: Campaign
) -> None:
    content: dict[str, Any] = {
        "key_messages": [words("a", "Wrong words.")],
        "variants": [{"platform": "instagram", "caption": "Wrong caption."}],
        "calls_to_action": ["Wrong action."],
    }
    publish(campaign, **content)
    publish(campaign, version=2, kind="retraction", **content)

    for path in ("/en/portal/bulletins/1/", "/en/portal/"):
        html = html_of(portal, path)
        assert "Bulletin 1 is withdrawn" in html
        assert "The date was wrong." in html
        assert "Correction: it holds until 19 April." in html
        assert "Wrong" not in html
        assert "title en" not in html
    assert "whole en" not in html_of(portal)


# --- Words for platforms -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "field", "unit", "expected"),
    [
        ("instagram", "caption", "code_points", 4),
        ("tiktok", "video_caption", "utf16_units", 5),
        ("youtube", "description", "utf8_bytes", 8),
    ],
)
def test_the_counter_counts_as_the_platform_does(
    portal: Client, campaign: Campaign, platform: str, field: str, unit: str, expected: int
) -> None:
    PlatformLimit.objects.create(
        platform=platform, field=field, limit=2200, counted_in=unit, seen_on="2026-11-01", source="its documentation"
    )
    publish(campaign, variants=[{"platform": platform, "caption": f"a\u00e4b{FACE_IN_MASK}"}])

    html = html_of(portal)

    # "aäb😷": a and b count one each everywhere; ä takes two bytes.
    assert f'data-counter="{platform}-caption-count" data-limit="2200" data-count-in="{unit}"' in html
    shown = html[html.index("<span data-used>") + len("<span data-used>") :].partition("<")[0]
    assert int(shown) == expected


def test_line_ends_count_once_and_too_much_is_said(portal: Client, campaign: Campaign) -> None:
    PlatformLimit.objects.create(
        platform="instagram", field="caption", limit=3, counted_in="code_points", seen_on="2026-11-01", source="x"
    )
    publish(campaign, variants=[{"platform": "instagram", "caption": "a\r\nb\nc"}])

    html = html_of(portal)

    assert "<span data-used>5</span> / 3 characters" in html
    assert 'class="counter is-over"' in html
    assert 'aria-invalid="true"' in html


def test_a_post_on_x_is_counted_as_x_weighs_it(portal: Client, campaign: Campaign) -> None:
    PlatformLimit.objects.create(
        platform="x", field="post", limit=280, counted_in="x_weighted", seen_on="2026-01-01", source="x"
    )
    publish(campaign, variants=[{"platform": "x", "caption": "Short 🐣 https://valtioneuvosto.fi/-/10616/a-long-way"}])

    html = html_of(portal)

    assert 'data-count-in="x_weighted"' in html
    assert "<span data-used>32</span> / 280" in html


def test_a_unit_that_the_browser_does_not_count_has_no_counter(portal: Client, campaign: Campaign) -> None:
    PlatformLimit.objects.create(
        platform="x", field="post", limit=280, counted_in="seconds", seen_on="2026-01-01", source="x"
    )
    publish(campaign, variants=[{"platform": "x", "caption": "Short."}])

    html = html_of(portal)

    assert "data-counter" not in html
    assert "X allows 280" in html


def test_without_a_picture_there_is_no_text_alternative_to_copy(portal: Client, campaign: Campaign) -> None:
    variants = [{"platform": "instagram", "caption": "Stay home", "alt_text": "A red bench"}]
    publish(campaign, variants=variants)
    publish(campaign, 2, variants=variants, assets=[{"id": 1, "kind": "image", "file": "assets/1/a.png"}])

    assert "A red bench" not in html_of(portal)
    assert "A red bench" in html_of(portal, "/en/portal/bulletins/2/")


def test_a_file_is_named_in_words_of_its_language(campaign: Campaign) -> None:
    version = publish(campaign, 4)

    assert file_name(version, "fi", "instagram", "/media/packages/1/c7e998b515aeed3a.zip") == (
        "tiedote-4-v1-instagram-fi.zip"
    )
    assert file_name(version, "en", "km-1", ".png").endswith("-km-1-en.png"), "a picture that is drawn on demand"
    assert file_name(version, "en", "Mökki odottaa", "1:1", "https://cdn.example.org/a.png?x=1.b") == (
        "bulletin-4-v1-mokki-odottaa-1x1-en.png"
    )


def test_hashtags_that_the_caption_has_are_not_copied_twice(portal: Client, campaign: Campaign) -> None:
    publish(
        campaign,
        variants=[
            {"platform": "instagram", "caption": "Masks.", "hashtags": ["#masks"]},
            {"platform": "tiktok", "caption": "Masks. #masks", "hashtags": ["#masks"]},
        ],
    )

    html = html_of(portal)

    assert 'data-copy="#instagram-caption #instagram-hashtags"' in html
    assert 'data-copy="#tiktok-caption"' in html
    assert "#tiktok-caption #tiktok-hashtags" not in html


def test_markup_in_words_stays_words(portal: Client, campaign: Campaign) -> None:
    publish(
        campaign,
        key_messages=[words("a", "<script>alert(1)</script>") | {"source_url": "javascript:alert(1)"}],
        variants=[{"platform": "instagram", "caption": "</textarea><script>alert(2)</script>"}],
    )

    html = html_of(portal)

    assert "<script>alert" not in html
    assert "javascript:alert" not in html


@pytest.mark.journey
def test_the_browser_counts_and_copies_what_the_server_says(
    browse_as: Any, live_site: str, campaign: Campaign, elli: Influencer
) -> None:
    variants = []
    for platform, name, unit in (
        ("instagram", "caption", "code_points"),
        ("tiktok", "video_caption", "utf16_units"),
        ("youtube", "description", "utf8_bytes"),
    ):
        PlatformLimit.objects.create(
            platform=platform, field=name, limit=2200, counted_in=unit, seen_on="2026-11-01", source="x"
        )
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
        variants.append(
            {"platform": platform, "caption": f"Mask {FACE_IN_MASK} {family}\r\n\r\n\u00e4\u00f6\u20ac 1\ufe0f\u20e3"}
        )
    publish(campaign, variants=variants, key_messages=[words("a", "Wear a mask.")])
    from playwright.sync_api import expect

    browser_page = browse_as(elli.user)
    address = f"{live_site}/en/portal/bulletins/1/"

    browser_page.goto(address)
    shown = browser_page.locator("[data-used]").all_text_contents()
    html = browser_page.request.get(address).text()
    assert shown == [part.partition("<")[0] for part in html.split("<span data-used>")[1:]]
    assert len(set(shown)) == 3, "the three units give three numbers here"

    browser_page.locator(".stage").get_by_role("button", name="Copy the words").click()
    expect(browser_page.locator("[data-live]")).to_have_text("Copied")


@pytest.mark.journey
def test_a_refused_copy_is_told_in_view_and_takes_the_focus(
    browse_as: Any, live_site: str, campaign: Campaign, elli: Influencer
) -> None:
    publish(campaign, key_messages=[words("a", "Wear a mask.")])
    from playwright.sync_api import expect

    browser_page = browse_as(elli.user)
    held: list[Any] = []  # the page's own look at whether it still holds, which is answered late
    browser_page.route(
        "**/used/",
        lambda route: held.append(route) if "way=read" in (route.request.post_data or "") else route.continue_(),
    )
    browser_page.goto(f"{live_site}/en/portal/bulletins/1/")
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "Wear none.")])
    browser_page.locator(".stage").get_by_role("button", name="Copy the words").click()

    told = browser_page.locator(".told")
    expect(told).to_be_focused()
    expect(told).to_be_in_viewport(ratio=1)
    for route in held:
        route.continue_()
    browser_page.wait_for_timeout(1000)  # it would be said again, elsewhere
    expect(told).to_be_focused()


# --- Cost ----------------------------------------------------------------------------------------


def fill(campaign: Campaign, bulletins: int, messages: int) -> None:
    """Publish `bulletins`, the first corrected, with `messages` key messages each."""
    for number in range(1, bulletins + 1):
        content: dict[str, Any] = {
            "key_messages": [words(str(each), f"Words {each}.") for each in range(messages)],
            "calls_to_action": ["Call someone."] * messages,
            "variants": [{"platform": name, "caption": "Words."} for name in ("instagram", "tiktok", "youtube")],
        }
        publish(campaign, number, **content)
    publish(campaign, 1, version=2, kind="correction", **content)


@pytest.mark.parametrize(("bulletins", "messages"), [(2, 1), (12, 9)])
def test_the_pages_cost_the_same_however_much_there_is(
    portal: Client, campaign: Campaign, django_assert_num_queries: Any, bulletins: int, messages: int
) -> None:
    fill(campaign, bulletins, messages)

    # Eleven of them for the panels (courses with one’s progress are one, open paid work another), three for the cards, one for what was seen.
    with django_assert_num_queries(26):
        portal.get("/en/portal/")
    with django_assert_num_queries(9):
        portal.get("/en/portal/bulletins/")
    with django_assert_num_queries(
        17
    ):  # two of them for the cards, one for packages, six for panels, one for what is known
        html = html_of(portal)
    assert len(html.encode()) < 100_000


def test_what_is_kept_for_everybody_goes_when_a_message_no_longer_holds(
    portal: Client, campaign: Campaign, time_machine: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now)
    ends = words("ends", "Closed until tonight.", now + timedelta(seconds=20))
    publish(campaign, key_messages=[words("first", "Open again."), ends, words("third", "Wash your hands.")])
    first = html_of(portal)
    assert 'data-item="message:ends"' in first

    time_machine.move_to(now + timedelta(seconds=21))
    later = html_of(portal)
    assert 'data-item="message:ends"' not in later and 'data-item="message:third"' in later


# --- Code of ethics --------------------------------------------------------------------------------------


def test_the_code_of_ethics_is_in_the_readers_language_with_the_day_of_signing(
    portal: Client, campaign: Campaign, elli: Influencer
) -> None:
    texts = [
        CodeOfEthics.objects.create(
            campaign=campaign, language=code, title=f"Code {code}", points=1, body="I **check** first."
        )
        for code in ("fi", "sv")
    ]
    Signature.objects.create(influencer=elli, text=texts[1], signed_at="2020-03-17T10:00:00Z")

    html = html_of(portal, "/sv/portal/code-of-ethics/")

    assert "Code sv" in html
    assert "<strong>check</strong>" in html
    assert "17.3.2020" in html


# --- Logging in ----------------------------------------------------------------------------------


def ask_for_code(client: Client, email: str, path: str = "/en/account/login/code/") -> str:
    """Ask for a code and return the page that follows."""
    response = client.post(path, {"email": email}, follow=True)
    assert response.status_code == 200
    code_mails.send_waiting(at=timezone.now())
    return response.content.decode()


def code_of(message: Any) -> str:
    """Return the code in a mail."""
    return next(line.strip() for line in message.body.splitlines() if line.startswith("    "))


def test_an_influencer_logs_in_by_code_and_lands_in_the_portal_in_their_language(
    client: Client, elli: Influencer
) -> None:
    ask_for_code(client, "Elli@Example.org")
    [message] = mail.outbox

    response = client.post("/en/account/login/code/confirm/", {"code": code_of(message)})

    assert response["Location"] == "/sv/portal/"
    assert client.get("/sv/portal/").status_code == 200


def test_the_code_mail_is_short_automatic_and_marked_as_exercise(client: Client, elli: Influencer) -> None:
    ask_for_code(client, elli.user.email)
    [message] = mail.outbox

    assert message.subject == "[Exercise] Your code to log in"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message.message() if name.lower().startswith("list-")]
    assert message.alternatives == []
    assert "Team (en)" in message.from_email
    assert len(message.body) < 500


def test_the_code_mail_does_not_deny_that_the_page_asks_for_it(client: Client, elli: Influencer) -> None:
    ask_for_code(client, elli.recipient.email)

    assert "We will not ask you for them in a message or on the phone." in mail.outbox[0].body


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client, elli: Influencer) -> None:
    known = ask_for_code(client, "elli@example.org")
    unknown = ask_for_code(Client(), "none@example.org")

    assert len(mail.outbox) == 1
    assert without_tokens(known).replace("elli@", "none@") == without_tokens(unknown)


def without_tokens(html: str) -> str:
    """Return a page without what differs each time."""
    return "\n".join(line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)


def test_a_mail_server_that_is_down_does_not_tell_who_is_known(
    client: Client, elli: Influencer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError("elli@example.org")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)

    assert "Enter the code" in ask_for_code(client, "elli@example.org")
    assert "ConnectionRefusedError" in caplog.text
    assert "elli@example.org" not in caplog.text


def test_a_wrong_code_lets_nobody_in(client: Client, elli: Influencer) -> None:
    ask_for_code(client, elli.user.email)

    response = client.post("/en/account/login/code/confirm/", {"code": "AAAA-AAAA"})

    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert client.get("/en/portal/").status_code == 302


def test_staff_log_in_with_a_password_and_land_in_the_desk(client: Client, campaign: Campaign) -> None:
    build_user("alma", is_staff=True, password="a long enough password")

    response = client.post("/en/account/login/", {"login": "alma@example.org", "password": "a long enough password"})

    assert response["Location"] == reverse("admin:index")


def test_a_contributor_lands_at_the_message_inputs(client: Client, campaign: Campaign, roles: None, minna: Any) -> None:
    ask_for_code(client, minna.email)

    response = client.post("/en/account/login/code/confirm/", {"code": code_of(mail.outbox[0])})

    assert response["Location"].endswith("/inputs/")


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "password/change/"])
def test_what_makes_no_sense_here_does_not_exist(client: Client, campaign: Campaign, path: str) -> None:
    assert client.get(f"/en/account/{path}").status_code == 404


# --- What stands beside a bulletin, until when it holds, and where it is from ------------------------------------------


def test_until_when_it_holds_is_said_to_the_minute_unless_it_is_a_whole_day(portal: Client, campaign: Campaign) -> None:
    ends = campaign.local(timezone.now() + timedelta(days=2)).replace(hour=18, minute=15, second=0, microsecond=0)
    publish(campaign, 1, key_messages=[words("km-1", "It is open.", ends)])
    publish(campaign, 2, key_messages=[words("km-2", "It is shut.", ends.replace(hour=23, minute=59))])

    for path in ("/en/portal/bulletins/", "/en/portal/bulletins/1/"):
        assert f'Valid until <time datetime="{ends.isoformat()}">' in html_of(portal, path), path
        said = html_of(portal, path).partition(f'datetime="{ends.isoformat()}">')[2].partition("</time>")[0]
        assert "18:15" in said or "6:15" in said, said
    day = html_of(portal, "/en/portal/bulletins/2/").partition("Valid until <time")[2].partition("</time>")[0]
    assert "59" not in day.partition(">")[2] and day


def test_only_fact_checks_that_were_published_with_a_bulletin_stand_beside_it(
    portal: Client, campaign: Campaign, roles: None
) -> None:
    own, alike = build_claim(campaign, "own"), build_claim(campaign, "alike", fact=in_all(en="Masks work."))
    topic = build_topic(campaign)
    for number, claims in ((1, [own.pk]), (2, [])):
        version = publish(campaign, number, claims=claims)
        version.bulletin.topics.add(topic)
        version.mailing.topics.add(topic)
    for claim in (own, alike):
        claim.topics.add(topic)

    assert "No food cures it." in html_of(portal, "/en/portal/bulletins/1/")
    for number in (1, 2):
        assert "Masks work." not in html_of(portal, f"/en/portal/bulletins/{number}/")
    assert "No food cures it." not in html_of(portal, "/en/portal/bulletins/2/")


# --- Easy language -----------------------------------------------------------------------------------------------------


def test_a_bulletin_is_read_in_easy_language_where_there_is_such_an_edition(
    portal: Client, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    version = publish(campaign, key_messages=[words("a", "Stay at home.")])
    standard = html_of(portal)
    assert "level=" not in standard.partition("<main")[2]

    easy = {"title": "Easy title", "html": "<p>In easy words.</p>", "body": "", "content": {}}
    PublishedEdition.objects.create(version=version, language="en", reading_level="easy", **easy)
    page = html_of(portal)
    assert '<a class="btn btn--night" href="?level=easy" hreflang="en-simple"' in page and "Easy English</a>" in page
    assert "In easy words." not in page and "title en v1</h1>" in page

    page = html_of(portal, "/en/portal/bulletins/1/?level=easy")
    assert 'lang="en-simple">Easy title</h1>' in page and "In easy words." in page
    assert 'href="?level=standard"' in page and "Stay at home." in page
