"""Every kind of mail as it arrives: the list of what bulk mail carries, line by line."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.login import code_mails
from bulletins.publication import corrections, due_bulletins
from delivery.fanout import fanout
from delivery.links import unsubscribe
from delivery.message import verp
from delivery.models import Delivery, Recipient, Send
from delivery.sending import worker
from tests.support.builders import (
    LANGUAGES,
    NOON,
    approved,
    build_audience,
    build_bulletin,
    build_claim,
    build_fanned_out_send,
    build_influencer,
    build_mailing,
    published,
)

SITE = "https://bulletins.example.fi"
LATER = NOON + timedelta(hours=1)
WHAT_CHANGED = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
LABELS = {"fi": "Oikaisu", "sv": "Rättelse", "en": "Correction"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.PUBLIC_URL = SITE


@pytest.fixture
def audience(campaign):
    return build_audience(campaign, size=3)


def hand_over(mailing, at):
    for send in Send.objects.filter(mailing=mailing):
        fanout.fan_out(send, at=at)
        worker.work(send.pk, clock=lambda: at)


def send_bulletin(campaign, audience):
    """Publish and send a bulletin with everything that it can have."""
    build_claim(campaign)
    bulletin = build_bulletin(campaign, audiences=[audience], variants=True)
    for edition in bulletin.editions.all():
        edition.body += (
            "\n\nSee [the order](https://ministry.example.org/order) or write to <help@ministry.example.org>."
        )
        edition.save()
    hand_over(published(bulletin).mailing, NOON)
    return bulletin


def send_correction(campaign, audience, sink):
    bulletin = send_bulletin(campaign, audience)
    sink.empty()
    corrections.start_correction(bulletin, by=editor_of(bulletin), at=LATER, what_changed=WHAT_CHANGED, share_text={})
    hand_over(published(bulletin, at=LATER).mailing, LATER)
    return bulletin


def send_retraction(campaign, audience, sink):
    bulletin = send_bulletin(campaign, audience)
    sink.empty()
    corrections.retract(bulletin, by=editor_of(bulletin), at=LATER, what_changed=WHAT_CHANGED)
    hand_over(published(bulletin, at=LATER).mailing, LATER)
    return bulletin


def send_roundup(campaign, audience, sink):
    """Send three bulletins of one slot in one mail."""
    for _number in range(3):
        bulletin = build_bulletin(campaign, audiences=[audience], variants=True)
        approved(bulletin)
    due_bulletins.publish_due(at=NOON)
    hand_over(Send.objects.get().mailing, NOON)
    return bulletin


def editor_of(bulletin):
    from tests.support.builders import editor

    return editor()


@pytest.fixture(params=["bulletin", "correction", "retraction", "roundup"])
def arrived(request, campaign, audience, smtp_sink):
    """What three readers, one of each language, got of each kind of mail."""
    if request.param == "bulletin":
        send_bulletin(campaign, audience)
    else:
        sending = {"correction": send_correction, "retraction": send_retraction, "roundup": send_roundup}
        sending[request.param](campaign, audience, smtp_sink)
    assert len(smtp_sink.caught) == 3
    return smtp_sink.caught


def test_every_mail_of_a_bulletin_carries_what_it_must(campaign, arrived):
    domain = campaign.sender_email.partition("@")[2]
    everyone = set(Recipient.objects.values_list("email", flat=True))
    assert {caught.message["Content-Language"] for caught in arrived} == set(LANGUAGES)
    for caught in arrived:
        message = caught.message
        row = Delivery.objects.get(pk=verp.delivery_of_message_id(message["Message-ID"]))
        assert row.recipient.email == caught.recipient and row.language == message["Content-Language"]
        # 1, 2: one sender on the sending domain, replies that are read, one recipient
        for name in ("From", "To", "Reply-To", "Date", "Message-ID", "Subject", "List-Unsubscribe", "List-Id"):
            assert len(message.get_all(name)) == 1, name
        assert message["From"].addresses[0].domain == domain and message["Reply-To"] == campaign.reply_to
        assert [address.addr_spec for address in message["To"].addresses] == [caught.recipient]
        assert not {"cc", "bcc", "sender", "return-path"} & {name.lower() for name in message}
        assert not [other for other in everyone - {caught.recipient} if other.encode() in caught.raw]
        # 3: on our own domain, and the envelope says whose mail came back
        assert message["Message-ID"].endswith(f"@{domain}>") and message["Date"].datetime in (NOON, LATER)
        assert verp.delivery_of_return_path(caught.sender) == row.pk
        # 4
        unfolded = re.search(rb"^List-Unsubscribe: ([^\r\n]*)\r?$", caught.raw, re.M)[1].decode()
        link, mailto = re.fullmatch(r"<(https://[^>\s]+)>, <mailto:([^>\s?]+)\?subject=unsubscribe>", unfolded).groups()
        assert link.startswith(f"{SITE}/{row.language}/mail/leave/")
        assert unsubscribe.token_of_unsubscribe_address(mailto)
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        # 5, 6, 7
        assert message["List-Id"] == f"<{campaign.slug}.{domain}>"
        assert message["List-Help"] == f"<{SITE}/{row.language}/>"
        assert message["List-Archive"] == f"<{SITE}/{row.language}/bulletins/>"
        assert re.fullmatch(rf"{row.mailing_id}:{campaign.slug}:bulletin:{re.escape(domain)}", message["Feedback-ID"])
        assert message["Precedence"] == "bulk" and message["Auto-Submitted"] is None
        assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
        # 8
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
        text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert f'<html lang="{row.language}"' in html
        frozen = row.mailing.messages.get(language=row.language)
        assert message["Subject"].endswith(frozen.subject) and message["Subject"].startswith("[")
        # 10
        assert max(len(line) for line in caught.raw.splitlines()) <= 998 and len(caught.raw) < 100_000
        for address in re.findall(r"https?://[^\s\"'<>)]+", text) + re.findall(r'href="([^"]*)"', html):
            assert address.startswith(f"{SITE}/"), address
        assert link in text and link in html
        assert not re.search(r"<(script|form|img|iframe|object|link|input|video)\b|javascript:|\bon\w+=", html, re.I)
        assert not re.search(rb"^\.|^From ", caught.raw, re.M)


def test_a_correction_says_so_and_stands_below_what_the_reader_got(campaign, audience, smtp_sink):
    send_bulletin(campaign, audience)
    originals = {caught.recipient: caught.message for caught in smtp_sink.caught}
    bulletin = campaign.bulletins.get()
    corrections.start_correction(bulletin, by=editor_of(bulletin), at=LATER, what_changed=WHAT_CHANGED, share_text={})
    hand_over(published(bulletin, at=LATER).mailing, LATER)

    for recipient, original in originals.items():
        correction = smtp_sink.to(recipient)[-1]
        assert correction["Message-ID"] != original["Message-ID"]
        assert correction["In-Reply-To"] == correction["References"] == original["Message-ID"]
        for kind in ("plain", "html"):
            words = correction.get_body((kind,)).get_content()
            assert LABELS[correction["Content-Language"]].casefold() in words.casefold()
            assert WHAT_CHANGED[correction["Content-Language"]] in words


def test_a_first_version_answers_nothing(campaign, audience, smtp_sink):
    send_bulletin(campaign, audience)

    for caught in smtp_sink.caught:
        assert caught.message["In-Reply-To"] is caught.message["References"] is None


def test_a_digest_says_that_no_person_wrote_it(campaign, smtp_sink):
    audience = build_audience(campaign, "digest", kind="digest", size=1)
    worker.work(build_fanned_out_send(audience, mailing=build_mailing(campaign, queue="digest")).pk, clock=lambda: NOON)

    [caught] = smtp_sink.caught
    assert caught.message["Auto-Submitted"] == "auto-generated" and caught.message["Precedence"] is None
    assert caught.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_exercise_says_so_in_every_subject(campaign, audience, smtp_sink):
    worker.work(build_fanned_out_send(audience, mailing=build_mailing(campaign)).pk, clock=lambda: NOON)

    subjects = {caught.message["Content-Language"]: caught.message["Subject"] for caught in smtp_sink.caught}
    assert subjects["en"].startswith("[Exercise] ") and subjects["fi"].startswith("[Harjoitus] ")
    assert subjects["sv"].startswith("[Övning] ")


def test_the_text_survives_the_journey(campaign, smtp_sink):
    text = "Pääsiäinen\n.\n..kaksi\n" + "ä" * 3000 + "\nFrom here\n" + "loppu  \n"
    send = build_fanned_out_send(
        build_audience(campaign, size=1, language="fi"), mailing=build_mailing(campaign, text=text)
    )

    worker.work(send.pk, clock=lambda: NOON)

    [caught] = smtp_sink.caught
    assert caught.message.get_body(("plain",)).get_content().replace("\r\n", "\n") == text


def test_one_click_in_any_mail_is_enough_and_so_is_one_mail(campaign, audience, smtp_sink):
    send_bulletin(campaign, audience)
    one, other, third = smtp_sink.caught
    link = re.search(r"<(https[^>]+)>", one.message["List-Unsubscribe"])[1]
    mailto = re.search(r"<mailto:([^?>]+)", other.message["List-Unsubscribe"])[1]

    answer = Client(enforce_csrf_checks=True).post(
        link.removeprefix(SITE), {"List-Unsubscribe": "One-Click"}, secure=True
    )
    assert answer.status_code == 200 and not answer.cookies
    assert unsubscribe.unsubscribe_by_address(mailto.upper(), at=LATER)

    still_in = audience.memberships.filter(left_at=None).values_list("recipient__email", flat=True)
    assert list(still_in) == [third.recipient]


def test_a_login_code_carries_nothing_of_a_list_and_nothing_to_track(campaign):
    reader = build_influencer(campaign, "elli", language="sv")

    Client().post("/sv/account/login/code/", {"email": reader.user.email}, secure=True)
    code_mails.send_waiting(at=timezone.now())

    [sent] = mail.outbox
    message = sent.message()
    names = {name.lower() for name in message}
    assert not [name for name in names if name.startswith("list-")]
    assert not {"feedback-id", "precedence"} & names
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply" and message["Content-Language"] == "sv"
    assert message.get_content_type() == "text/plain"
    assert re.findall(r"https?://\S+", sent.body) == [re.search(r"\S+/sv/account/login/link/\S+/", sent.body)[0]]
