"""Whoever joins is welcomed with the bulletin that holds: once, by the ledger, and told when it is corrected."""

import re
from datetime import timedelta

import pytest

from bulletins.publication import corrections
from delivery.fanout import fanout
from delivery.models import Consent, Delivery, Mailing, Newcomer, Recipient, Send, Suppression
from delivery.sending import worker
from influencers.onboarding import enrolment, welcome_bulletins
from tests.support.builders import NOON, build_bulletin, build_published_version, editor, published

from .joining_scene import answers, build_door

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
LATER = NOON + timedelta(minutes=30)
SITE = "https://bulletins.example.fi"


@pytest.fixture
def doors(campaign, settings):
    settings.PUBLIC_URL = SITE
    return build_door(campaign)


def come(campaign, name="elli", language="en", at=LATER):
    given = answers(campaign, language) | {"given_at": at.isoformat()}
    return enrolment.enrol(campaign, email=f"{name}@example.org", language=language, answers=given, source="x", at=at)


def hand_over(at=LATER):
    """Do what the tick and the workers do at a moment."""
    planned = welcome_bulletins.plan_due(at=at)
    for send in Send.objects.due(at=at):
        fanout.fan_out(send, at=at)
        worker.work(send.pk, clock=lambda: at)
    return planned


def test_who_joins_gets_the_bulletin_that_holds_once_and_nobody_else_does(campaign, doors, smtp_sink):
    come(campaign, "old", at=NOON - timedelta(days=2))
    hand_over(NOON - timedelta(days=2))
    build_published_version(campaign, audiences=[doors["international"]])
    hand_over(NOON)
    smtp_sink.empty()
    come(campaign)
    come(campaign, "nanna", "sv")
    hand_over()
    hand_over(LATER + timedelta(minutes=1))

    assert len(smtp_sink.caught) == 2
    [caught] = smtp_sink.to("elli@example.org")
    subject = str(caught["Subject"])
    assert "Welcome. Today: " in subject
    text = caught.get_body(("plain",)).get_content()
    html = caught.get_body(("html",)).get_content()
    for said in ("How this works", "A person who answers", f"{SITE}/en/portal/bulletins/1/"):
        assert said in html and said.lower() in text.lower()
    assert "Valid until" in text
    assert caught["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and caught["Precedence"] == "bulk"
    assert re.fullmatch(rf"<{SITE}/\S+>, <mailto:\S+>", str(caught["List-Unsubscribe"]).replace("\n", ""))
    assert caught["Content-Language"] == "en" and not [
        line for line in caught.as_bytes().splitlines() if len(line) > 998
    ]
    assert set(re.findall(r'https?://[^/"\s<>]+', html)) == {SITE}
    assert smtp_sink.to("nanna@example.org")[0]["Content-Language"] == "sv"
    assert {one.state for one in Delivery.objects.all()} == {"accepted"}
    Send.objects.update(finished_at=LATER)
    hand_over(LATER + timedelta(minutes=3))
    assert len(smtp_sink.caught) == 2 and not Newcomer.objects.exists()


@pytest.mark.parametrize(
    ("language", "day", "audience"),
    [("fi", "25.3.2026", "network"), ("sv", "25.3.2026", "network"), ("en", "25 March 2026", "international")],
)
def test_each_welcome_says_that_no_person_wrote_it_and_how_to_leave(
    campaign, doors, smtp_sink, language, day, audience
):
    build_published_version(campaign, audiences=[doors[audience]])
    hand_over(NOON)
    come(campaign, language=language)
    hand_over()

    [caught] = smtp_sink.to("elli@example.org")
    assert caught["Auto-Submitted"] == "auto-generated" and caught["Content-Language"] == language
    assert caught["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and "mailto:" in caught["List-Unsubscribe"]
    assert re.fullmatch(r"<[^@<>\s]+@[^@<>\s]+>", str(caught["Message-ID"]))
    assert [part.get_content_type() for part in caught.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for kind in ("plain", "html"):
        body = re.sub(r"</?span[^>]*>", "", caught.get_body((kind,)).get_content())  # what does not break stands in one
        assert day in body and f"{SITE}/{language}/portal/settings/details/" in body
        assert not re.search(r"\d{4}-\d\d-\d\d|{{|{%|\bNone\b", body)


def test_without_a_bulletin_that_holds_the_welcome_says_so(campaign, doors, smtp_sink):
    come(campaign)
    hand_over()

    [caught] = smtp_sink.to("elli@example.org")
    assert "Welcome to " in str(caught["Subject"])
    assert "There is no bulletin at the moment." in " ".join(caught.get_body(("plain",)).get_content().split())


def test_a_correction_before_the_welcome_leaves_takes_its_place_and_one_after_it_comes_after(
    campaign, doors, smtp_sink
):
    bulletin = build_bulletin(campaign, audiences=[doors["international"]])
    first = published(bulletin)
    come(campaign)
    [planned] = welcome_bulletins.plan_due(at=LATER)
    what = dict.fromkeys(("fi", "sv", "en"), "The day was wrong.")
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=what, share_text={})
    second = published(bulletin, at=LATER)
    planned.refresh_from_db()
    assert planned.state == Send.State.CANCELLED and list(Newcomer.objects.values_list("send", flat=True)) == [None]

    hand_over(LATER + timedelta(minutes=1))
    said = [str(one["Subject"]) for one in smtp_sink.to("elli@example.org")]
    assert len(said) == 1
    welcome = Mailing.objects.filter(key__startswith="welcome-").latest("pk")
    assert list(welcome.parts.all()) == [second.mailing] and first.mailing not in welcome.parts.all()

    corrections.start_correction(bulletin, by=editor(), at=LATER + timedelta(hours=1), what_changed=what, share_text={})
    third = published(bulletin, at=LATER + timedelta(hours=1))
    hand_over(LATER + timedelta(hours=4))
    assert Delivery.objects.filter(
        mailing=third.mailing, recipient__email="elli@example.org", state="accepted"
    ).exists()


def test_nobody_is_welcomed_whom_no_mail_may_reach_and_an_old_wait_ends(campaign, doors, smtp_sink):
    build_published_version(campaign, audiences=[doors["international"]])
    come(campaign, "withdrew")
    come(campaign, "blocked")
    Consent.objects.filter(recipient__email="withdrew@example.org").update(withdrawn_at=LATER)
    Recipient.objects.filter(email="blocked@example.org").update(state="suppressed")
    Suppression.objects.create(
        address_hash=Recipient.objects.get(email="blocked@example.org").address_hash, reason="staff"
    )
    hand_over()
    assert not smtp_sink.caught

    come(campaign, "late")
    assert welcome_bulletins.plan_due(at=LATER + timedelta(days=1, minutes=1)) == [] and not Newcomer.objects.exists()
