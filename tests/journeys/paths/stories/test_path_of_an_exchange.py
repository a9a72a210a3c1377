"""The exchange with municipalities, from the invitation's link on a phone to notes that members read: in a browser."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from notifications import sending
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series
from stories.models import Attendance, Meeting, MeetingInvitation
from tests.journeys import page_checks
from tests.stories.exchanges.scene import build_member, build_municipality, build_series, event_of
from tests.support.builders import in_all

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
YES = {"fi": "Kyllä", "sv": "Ja", "en": "Yes"}


def test_an_answer_on_a_phone_who_came_and_what_was_decided(campaign, liisa, browse_as, browser, live_site, smtp_sink):
    body, now = build_municipality(campaign), timezone.now()
    people = {
        code: build_member(body, name, language=code)
        for code, name in (("fi", "aino"), ("sv", "mauri"), ("en", "june"))
    }
    series = build_series(campaign, at=now, weekday=(now.weekday() + 2) % 7)
    meeting_invitations.invite_due(at=now)
    sending.deliver_notices(at=now)
    uid = Meeting.objects.earliest("starts_at").uid
    phone = browser.new_page(viewport=PHONE)
    for code, person in people.items():
        mail = next(one for one in smtp_sink.to(person.email) if event_of(one)["UID"] == uid)
        text = mail.get_body(("plain",)).get_content()
        link = next(line for line in text.splitlines() if "/exchange/invitation/" in line)
        phone.goto(link.replace(settings.PUBLIC_URL, live_site))
        expect(phone.get_by_role("heading", level=1)).to_have_text(in_all(en="Weekly exchange")[code])
        assert page_checks.width_of(phone, 390) <= 390
        phone.get_by_role("button", name=YES[code], exact=True).click()
        noted = page_checks.said(code, "Thank you. Your answer is noted; you can change it until the meeting.")
        expect(phone.get_by_text(noted)).to_be_visible()
    assert page_checks.barriers(phone) == []
    assert MeetingInvitation.objects.filter(answer="yes").count() == 3

    Meeting.objects.filter(pk=Meeting.objects.earliest("starts_at").pk).update(starts_at=now - timedelta(minutes=20))
    meeting = Meeting.objects.earliest("starts_at")
    desk = browse_as(liisa)
    desk.set_viewport_size(PHONE)
    desk.goto(f"{live_site}/desk/stories/meeting/{meeting.pk}/change/")
    desk.get_by_label("Helsinki").check()
    desk.get_by_role("button", name="Save who came").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    assert Attendance.objects.get().municipality == body
    for code in people:
        desk.locator(f"[name=notes-decisions_{code}]").fill(f"Munskydd ({code})")
    desk.get_by_role("button", name="Save the notes").click()
    desk.get_by_role("button", name="Confirm: members can read them").click()
    expect(desk.get_by_text("Confirmed by")).to_be_visible()
    assert page_checks.barriers(desk) == [] and page_checks.width_of(desk, 390) <= 390

    for code, person in people.items():
        member = browse_as(person)
        member.goto(f"{live_site}/{code}/municipality/exchange/{meeting.pk}/")
        expect(member.get_by_text(f"Munskydd ({code})")).to_be_visible()
        assert page_checks.width_of(member, 390) <= 390
    assert page_checks.barriers(member) == []
    assert series.pk and meeting_series.make_due(at=now) == 0
