"""A commission from its brief to paid, by three people at the desk and a creator on a phone: in a browser, in two languages."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stories.models import Commission
from tests.journeys import page_checks
from tests.stories.commissions.scene import build_creator, build_published, picture_bytes
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def test_a_commission_goes_from_brief_to_paid_by_three_people(campaign, alma, oskar, browse_as, live_site):
    rita = builders.build_user("rita", "admin")
    saga = build_creator(campaign, "saga", at=timezone.now()).user
    saga.language = "fi"
    saga.save()
    day = (campaign.local(timezone.now()).date() + timedelta(days=10)).isoformat()

    desk = browse_as(alma)
    desk.set_viewport_size(DESK)
    desk.goto(f"{live_site}/desk/stories/commission/add/")
    for code in ("fi", "sv", "en"):
        desk.locator(f"[name=title_{code}]").fill(f"Water ({code})")
        desk.locator(f"[name=what_{code}]").fill(f"Three drops ({code})")
    desk.locator("[name=fee]").fill("1 800,00")
    desk.locator("[name=kill_fee]").fill("900")
    desk.locator("[name=deadline_day]").fill(day)
    assert page_checks.barriers(desk) == []
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("1. Water (en)")
    desk.get_by_role("button", name="Submit", exact=True).click()
    expect(desk.get_by_text("approver", exact=False).or_(desk.get_by_text("Oskar")).first).to_be_visible()
    commission = Commission.objects.get()
    at_desk, own = f"{live_site}/desk/stories/commission/{commission.pk}/change/", f"/commissions/own/{commission.pk}/"

    desk = browse_as(oskar)
    desk.goto(f"{live_site}/desk/")
    desk.get_by_role("link", name="The brief of commission 1. Water (en) needs your check.").click()
    desk.get_by_role("button", name="I agree: publish to creators").click()
    expect(desk.get_by_text("Nobody has applied yet.")).to_be_visible()

    phone = browse_as(saga)
    phone.set_viewport_size(PHONE)
    phone.goto(f"{live_site}/fi/commissions/own/")
    assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390
    for code in ("sv", "en", "fi"):
        phone.goto(f"{live_site}/{code}/commissions/own/")
        phone.get_by_role("link", name=f"Water ({code})").click()
        expect(phone.get_by_text(f"Three drops ({code})")).to_be_visible()
    phone.locator("[name=sentence]").fill("Musteella.")
    phone.get_by_role("button", name="Lähetä").click()
    expect(phone.get_by_text("Olet hakenut")).to_be_visible()

    desk = browse_as(alma)
    desk.set_viewport_size(DESK)
    desk.goto(at_desk)
    desk.get_by_role("button", name="Choose Saga").click()
    expect(desk.get_by_text("The creator signs first", exact=False).first).to_be_visible()

    phone = browse_as(saga)
    phone.set_viewport_size(PHONE)
    phone.goto(f"{live_site}/fi{own}")
    phone.locator("[name=agrees]").check()
    assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390
    phone.get_by_role("button", name="Allekirjoita sopimus").click()
    expect(phone.get_by_text("Me allekirjoitamme seuraavaksi", exact=False).first).to_be_visible()

    desk = browse_as(alma)
    desk.set_viewport_size(DESK)
    desk.goto(at_desk)
    desk.get_by_role("button", name="Sign for the client").click()
    expect(desk.get_by_text("Signed by both", exact=False)).to_be_visible()

    phone = browse_as(saga)
    phone.set_viewport_size(PHONE)
    phone.goto(f"{live_site}/fi{own}")
    picture = {"name": "drop.png", "mimeType": "image/png", "buffer": picture_bytes()}
    phone.locator("[name=file_1]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(phone.get_by_role("alert")).to_contain_text("Tämä ei ole JPEG-, PNG- tai WebP-kuva.")
    phone.locator("[name=file_1]").set_input_files(picture | {"buffer": b"x" * 16_000_000})
    expect(phone.get_by_role("alert")).to_contain_text("Tiedoston koko on 16 Mt, ja kuva saa olla enintään 15 Mt.")
    phone.locator("[name=file_1]").set_input_files(picture)
    expect(phone.get_by_role("alert")).to_have_count(0)
    phone.locator("[name=alt_1]").fill("Pisara")
    assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390
    phone.get_by_role("button", name="Lähetä luonnos").click()
    for code in ("sv", "en", "fi"):
        phone.goto(f"{live_site}/{code}{own}")
        expect(phone.get_by_text(page_checks.said(code, "Your draft is being looked at")).first).to_be_visible()
        expect(phone.get_by_role("img", name="Pisara")).to_be_visible()

    desk = browse_as(alma)
    desk.set_viewport_size(DESK)
    desk.goto(at_desk)
    expect(desk.get_by_role("button", name="Accept this draft")).to_have_attribute("aria-disabled", "true")
    assert page_checks.barriers(desk) == []
    desk = browse_as(oskar)
    desk.goto(at_desk)
    desk.get_by_role("button", name="It is as agreed: accept").click()
    expect(desk.get_by_text("Accepted. The fee is owed now.")).to_be_visible()
    expect(desk.get_by_role("button", name="Write down the payment")).to_have_count(0)
    desk = browse_as(alma)
    desk.goto(at_desk)
    desk.get_by_role("button", name="Publish with credit and label").click()
    expect(desk.get_by_role("link", name="The published work")).to_be_visible()

    desk = browse_as(rita)
    desk.goto(f"{live_site}/desk/")
    desk.get_by_role("link", name="Commission 1. Water (en) has to be paid.").click()
    desk.locator("[name=reference]").fill("V-2026-17")
    assert page_checks.barriers(desk) == []
    desk.get_by_role("button", name="Write down the payment").click()
    expect(desk.get_by_text("€1,800.00 of €1,800.00 is paid.", exact=False)).to_be_visible()

    phone = browse_as(saga)
    phone.set_viewport_size(PHONE)
    for code, label in (("fi", "kaupallinen yhteistyö"), ("sv", "kommersiellt samarbete"), ("en", "paid")):
        phone.goto(f"{live_site}/{code}{own}")
        expect(phone.get_by_text("V-2026-17", exact=False)).to_be_visible()
        phone.goto(f"{live_site}/{code}/commissions/{commission.pk}/")
        expect(phone.get_by_text(label).first).to_be_visible()
        assert page_checks.width_of(phone, 390) <= 390
    assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390


def test_a_work_whose_year_is_over_is_shown_again_once_its_creator_agrees(campaign, alma, browse_as, live_site):
    now = timezone.now()
    saga = build_creator(campaign, "saga", at=now)
    saga.user.language = "fi"
    saga.user.save()
    commission = build_published(campaign, saga, at=now, term=Commission.Term.YEAR)
    Commission.objects.filter(pk=commission.pk).update(rights_end_at=now - timedelta(days=1))
    at_desk, own = f"{live_site}/desk/stories/commission/{commission.pk}/change/", f"/commissions/own/{commission.pk}/"

    desk = browse_as(alma)
    desk.set_viewport_size(DESK)
    desk.goto(at_desk)
    expect(desk.get_by_text("and is off the site", exact=False)).to_be_visible()
    desk.get_by_text("Ask the creator for longer use").click()
    desk.locator("[name=term]").select_option("five_years")
    assert page_checks.barriers(desk) == []
    desk.get_by_role("button", name="Ask the creator", exact=True).click()
    expect(desk.get_by_text("The creator has not answered yet.", exact=False)).to_be_visible()
    assert page_checks.barriers(desk) == []

    phone = browse_as(saga.user)
    phone.set_viewport_size(PHONE)
    for code in ("sv", "en", "fi"):
        assert phone.goto(f"{live_site}/{code}/commissions/{commission.pk}/").status == 410
        assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390
        phone.goto(f"{live_site}/{code}{own}")
        assert page_checks.barriers(phone) == [] and page_checks.width_of(phone, 390) <= 390
    phone.locator("[name=agrees]").check()
    phone.get_by_role("button", name="Suostu pidempään käyttöön").click()
    expect(phone.get_by_text("Suostumuksesi on tallennettu.", exact=False)).to_be_visible()
    assert phone.goto(f"{live_site}/fi/commissions/{commission.pk}/").status == 200
