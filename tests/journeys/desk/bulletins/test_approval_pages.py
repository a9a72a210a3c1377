"""Approval, schedule, cadences and calendar in a real browser: on a phone and a desk, open to everyone."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(live_site, browse_as, page):
    """A bulletin in review that rests on a fact-check, one that is published, and a daily cadence."""
    from django.utils import timezone

    from bulletins.models import KeyMessage
    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    people = {
        name: builders.build_user(name, role, language="en")
        for name, role in (("alma", "editor"), ("oskar", "approver"), ("root", "admin"), ("fiona", "fact-checker"))
    }
    audience = builders.build_audience(campaign, size=6, cadence="day", stagger_minutes=60)
    published = builders.build_published_version(
        campaign, by=people["alma"], at=now - timedelta(hours=2), audiences=[audience]
    ).bulletin
    draft = builders.build_bulletin(campaign, by=people["alma"], at=now, timing="next_slot", variants=True)
    urgent = builders.build_bulletin_in_review(campaign, by=people["alma"], at=now, urgency="urgent")
    checked = builders.build_bulletin(campaign, by=people["alma"], at=now, variants=True)
    checked.claims.add(builders.build_claim(campaign))
    builders.submitted(checked, by=people["alma"], at=now)
    KeyMessage.objects.filter(bulletin=draft).update(valid_until=now + timedelta(days=2))
    return {"page": page, "as": browse_as, "people": people, "draft": draft, "urgent": urgent, "checked": checked,
            "published": published, "site": live_site}  # fmt: skip


def parts_of(name):
    """Return selectors of what is looked through on a page."""
    return ("#schedule", "#approval") if name == "compose" else (".cb",)


def look(page, name):
    """Keep a picture of the page when SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_every_page_is_open_to_everyone_at_every_width(scene):
    page, site = scene["page"], scene["site"]
    places = [
        ("oskar", f"bulletins/bulletin/{scene['urgent'].pk}/read/", "read-urgent"),
        ("oskar", f"bulletins/bulletin/{scene['checked'].pk}/read/", "read-checked"),
        ("alma", f"bulletins/bulletin/{scene['published'].pk}/correct/?was=2026-04-13&is_now=2026-04-19", "correct"),
        ("alma", f"bulletins/bulletin/{scene['published'].pk}/withdraw/", "withdraw"),
        ("alma", f"bulletins/bulletin/{scene['draft'].pk}/change/", "compose"),
    ]
    wrong = []
    for who, path, name in places:
        scene["as"](scene["people"][who])
        assert page.goto(f"{site}/desk/{path}").status == 200
        page_checks.settled(page)
        for width in (page_checks.NARROW, page_checks.DESKTOP, page_checks.PHONE):
            wide = page_checks.width_of(page, width)
            look(page, f"{name}-{width}")
            if wide > width and name != "compose":
                wrong.append(f"{name}: {wide} pixels wide in a window of {width}")
            wrong += page_checks.covered(page) if width != page_checks.DESKTOP else []
            for part in parts_of(name) if width != page_checks.NARROW else ():
                if name == "compose":
                    page_checks.reach(page.locator(part))
                wrong += page_checks.barriers(page, part)
    assert wrong == []


TO_APPROVED = 3  # taps from the mail's link, beside the second factor


def mailed_link(scene, smtp_sink, who="oskar"):
    """Send what waits, and return the address in the mail that asked someone to approve the urgent bulletin."""
    from django.utils import timezone

    from notifications import sending

    sending.deliver_notices(at=timezone.now())
    mails = [one.message for one in smtp_sink.caught if one.recipient == scene["people"][who].email]
    [mail] = [one for one in mails if one["Subject"].startswith("[Exercise] Urgent: ")]
    [link] = re.findall(r"https?://\S+/read/", mail.get_content())
    return link


def proved_long_ago(scene, who):
    """Sign someone in who proved who they are too long ago to send anything, and give them a password to do it again."""
    from django.conf import settings
    from django.test import Client

    from tests.accounts.login.login_proofs import prove

    who.set_password("correct horse battery staple")
    who.save()
    client = Client()
    client.force_login(who)
    prove(client, who, "code", "totp", minutes_ago=6)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": scene["site"]}
    scene["page"].context.add_cookies([cookie])
    return scene["page"]


def approved_by_taps(page, link):
    """Open the mail's link, approve what it leads to, and return how many taps that took."""
    page.goto(link)
    expect(page.get_by_role("heading", name="Goes to 6 people the moment you approve it.")).to_be_visible()
    page.get_by_role("button", name="Approve…").click()
    sheet = page.get_by_role("dialog", name="Send it to 6 people now?")
    expect(sheet).to_contain_text("6 people by email, each in their own language")
    expect(sheet).to_contain_text("Finnish 2, Swedish 2, English 2")
    expect(sheet).to_contain_text("Everyone, on the portal and the public page")
    assert page_checks.barriers(page, "#press-yes") == []
    look(page, "approve-sheet")
    page_checks.follow(sheet.get_by_role("button", name="Approve and send to 6"))
    return 3


def expect_sent(scene):
    """Assert that the urgent bulletin is published, and that its approver reads what really happens."""
    from bulletins.models import Bulletin
    from delivery.models import Send

    page = scene["page"]
    expect(page.get_by_role("heading", name="What happens now")).to_be_visible()
    happens = page.locator("#happens")
    expect(happens).to_contain_text("You approved it")
    expect(happens).to_contain_text("Published")
    expect(happens).to_contain_text("Starting within half a minute")
    assert "slot" not in happens.inner_text()
    assert Bulletin.objects.get(pk=scene["urgent"].pk).state == "published"
    assert Send.objects.filter(mailing__version__bulletin=scene["urgent"]).count() == 1


def test_an_urgent_bulletin_leaves_three_taps_after_the_mail(scene, smtp_sink):
    page = scene["as"](scene["people"]["oskar"])
    assert approved_by_taps(page, mailed_link(scene, smtp_sink)) <= TO_APPROVED
    expect_sent(scene)
    assert page_checks.barriers(page, ".cb") == []
    look(page, "approved")


def test_who_has_to_prove_it_first_comes_back_to_what_they_did_and_it_goes_on(scene, smtp_sink):
    oskar = scene["people"]["oskar"]
    link = mailed_link(scene, smtp_sink)
    page = proved_long_ago(scene, oskar)
    page.goto(link)
    expect(page.locator(".abar")).to_contain_text("Next: confirm it's you.")

    assert approved_by_taps(page, link) <= TO_APPROVED
    page.locator("input[type=password]").fill("correct horse battery staple")
    page.keyboard.press("Enter")

    expect_sent(scene)


def test_the_way_to_an_approval_needs_no_script(scene, browser, smtp_sink):
    page = scene["as"](scene["people"]["oskar"])
    link = mailed_link(scene, smtp_sink)
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-GB")
    context.add_cookies(page.context.cookies())
    scene["page"] = plain = context.new_page()
    plain.goto(link)
    look(plain, "no-script")
    plain.get_by_role("button", name="Approve…").click()
    plain.get_by_role("button", name="Approve and send to 6").click()
    expect_sent(scene)
    context.close()


def test_by_keyboard_alone_and_nothing_that_has_the_focus_is_behind_the_bar(scene, smtp_sink):
    page = scene["as"](scene["people"]["oskar"])
    page.goto(mailed_link(scene, smtp_sink))
    page_checks.settled(page)

    def focused():
        return page.evaluate("document.activeElement.textContent.trim()")

    hidden = []
    for _n in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(BEHIND_THE_BAR):
            hidden.append(focused())
        if focused() == "Approve…":
            break
    assert hidden == [] and focused() == "Approve…"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    for _n in range(5):
        if "Approve and send" in focused() and page.evaluate("document.activeElement.type") == "submit":
            break
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect_sent(scene)


# Whether what has the focus lies under the bar, where a person cannot see it.
BEHIND_THE_BAR = """() => {
    const one = document.activeElement, bar = document.querySelector(".abar")
    if (!bar || bar.contains(one) || one === document.body) return false
    const box = one.getBoundingClientRect(), edge = bar.getBoundingClientRect()
    if (!box.height || one.closest("#nav-sidebar")) return false
    return box.top >= edge.top - 1 && box.top < edge.bottom
}"""


def test_a_refusal_takes_its_reason_along_and_sends_nothing(scene, smtp_sink):
    from bulletins.models import Bulletin
    from delivery.models import Send

    page = scene["as"](scene["people"]["oskar"])
    page.goto(mailed_link(scene, smtp_sink))
    page.get_by_role("button", name="Refuse…").click()
    sheet = page.get_by_role("dialog", name="What has to change?")
    page_checks.until(page, "document.activeElement.name === 'reason'")
    page.keyboard.type("The date is wrong.")
    assert page_checks.barriers(page, "#press-no") == []
    look(page, "refuse-sheet")
    page_checks.follow(sheet.get_by_role("button", name="Refuse and tell them"))

    expect(page.locator("body")).to_contain_text("It is a draft again, with your reason.")
    bulletin = Bulletin.objects.get(pk=scene["urgent"].pk)
    assert bulletin.state == "draft" and bulletin.reviews.get(decision="returned").reason == "The date is wrong."
    assert not Send.objects.filter(mailing__version__bulletin=bulletin).exists()


def test_who_comes_too_late_is_told_who_was_faster(scene, smtp_sink):
    from django.utils import timezone

    from bulletins.approval import approval_workflow
    from tests.support import builders

    page = scene["as"](scene["people"]["oskar"])
    page.goto(mailed_link(scene, smtp_sink))
    urgent = scene["urgent"]
    approval_workflow.approve_and_publish(urgent, digest=urgent.digest, by=builders.second_person(), at=timezone.now())

    page.get_by_role("button", name="Approve…").click()
    page_checks.follow(page.get_by_role("button", name="Approve and send to 6"))

    expect(page.locator("body")).to_contain_text("Approver approved it at")
    expect(page.locator("body")).to_contain_text("You have nothing left to do.")


def test_the_schedule_saves_itself_and_keeps_the_keyboard_where_it_was(scene):
    from bulletins.models import Target

    page = scene["as"](scene["people"]["alma"])
    page.goto(f"{scene['site']}/desk/bulletins/bulletin/{scene['draft'].pk}/change/")
    when = page_checks.reach(page.locator("#schedule select").first)
    when.focus()
    when.select_option("at_once")
    page.locator("#schedule [role=status]").wait_for()

    assert Target.objects.get(bulletin=scene["draft"]).timing == "at_once"
    page_checks.until(page, "document.activeElement.id.startsWith('when-')")


def test_the_next_slots_of_a_cadence_follow_what_is_chosen(scene):
    from bulletins.models import Cadence

    page = scene["as"](scene["people"]["root"])
    page.goto(f"{scene['site']}/desk/bulletins/cadence/{Cadence.objects.get().pk}/change/")
    page.select_option("[name=every]", "week")
    page.select_option("[name=weekday]", "2")
    page.get_by_text("Once a week, on this day: Wednesday").wait_for()

    expect(page.locator("#cadence-ahead ol li")).to_have_count(10)
    assert Cadence.objects.get().every == "day"
