"""Real mails come in by the webhooks, and each goes where it belongs, once, or nowhere."""

import base64
import json
import re
from typing import Any

import pytest
from django.core import mail as outbox_of
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from delivery.links import unsubscribe
from delivery.message import verp
from delivery.models import Delivery, Membership, ProviderEvent
from influencers.inbox import thread_messages
from influencers.inbox.mail import inbound, inbound_views, outbound, reply_addresses, unmatched_mail
from influencers.models import ArrivedMail, Attachment, Influencer, Thread, ThreadMessage, UnmatchedMail
from notifications.models import Notice
from tests.influencers.inbox.mail_scene import REPLIES, got_bulletin, mail, message_id, thread_of, words_of
from tests.support import builders
from tests.support.inbound_mail import as_read, read_at_once  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db

SECRET = "provider:long-and-random-secret"
BASIC = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
Kind = ThreadMessage.Kind
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(autouse=True)
def _own(settings: Any, tmp_path: Any, read_at_once: None) -> None:  # noqa: F811
    settings.WEBHOOK_SECRETS = [SECRET]
    settings.WEBHOOK_KEYS = {}
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def influencer(campaign: Any, roles: None) -> Influencer:
    campaign.reply_to = REPLIES
    campaign.save()
    return builders.build_influencer(campaign, "ines")


@pytest.fixture
def row(campaign: Any, influencer: Influencer) -> Delivery:
    return got_bulletin(campaign, influencer)


def post(raw: bytes, *, to: str = "", headers: Any = BASIC) -> Any:
    where = reverse("webhooks:mail", query={"to": to} if to else None)
    return as_read(Client().post(where, raw, content_type="message/rfc822", headers=headers))


@pytest.mark.parametrize(
    "name",
    [
        "gmail-fi",
        "gmail-sv",
        "gmail-html-only",
        "outlook-fi",
        "outlook-sv-html-only",
        "outlook-mobile-fi",
        "apple-fi",
        "thunderbird-below",
        "windows-1252-top",
    ],
)
def test_a_reply_to_a_bulletin_is_in_its_readers_conversation(name: str, influencer: Any, row: Delivery) -> None:
    answer = post(mail(name, answers=message_id(row)))

    assert (answer.status_code, answer.content) == (200, b"message")
    kept = ThreadMessage.objects.get()
    assert kept.thread.influencer == influencer
    assert (kept.kind, kept.via) == (Kind.FROM_THEM, "mail")
    assert kept.version == row.mailing.version
    assert "Kirjastot avataan maanantaina" not in kept.text
    assert kept.folded
    assert kept.from_address == ""
    assert not outbound.is_unproven(kept)
    assert thread_of(influencer).waiting_since == kept.at


def test_the_same_mail_twice_is_one_message(influencer: Any, row: Delivery) -> None:
    raw = mail("gmail-fi", answers=message_id(row))

    assert post(raw).content == post(raw).content == b"message"

    assert ThreadMessage.objects.count() == 1


def test_an_out_of_office_reply_makes_nobody_wait_and_is_never_answered(influencer: Any, row: Delivery) -> None:
    assert post(mail("out-of-office-fi", answers=message_id(row))).content == b"automatic"

    kept = ThreadMessage.objects.get()
    assert kept.kind == Kind.AUTOMATIC
    assert thread_of(influencer).waiting_since is None
    assert outbound.send_due(at=timezone.now()) == 0
    assert outbox_of.outbox == []


def test_a_bounce_is_a_report_and_no_message(influencer: Any, row: Delivery) -> None:
    path = verp.return_path(row.pk, "bounces@example.org")
    assert post(mail("bounce", answers=message_id(row)), to=path).content == b"report"

    assert ProviderEvent.objects.get().delivery_id == row.pk
    assert not ThreadMessage.objects.exists()
    assert not UnmatchedMail.objects.exists()


def test_a_bounce_that_only_knows_a_message_id_is_neither_a_report_nor_a_message(
    influencer: Any, row: Delivery
) -> None:
    assert post(mail("bounce", answers=message_id(row))).content == b"unproven"

    assert not ProviderEvent.objects.exists() and not ThreadMessage.objects.exists()
    assert not UnmatchedMail.objects.exists()


def test_the_author_of_an_answer_that_bounces_is_told_once(influencer: Any, liisa: Any, alma: Any, noon: Any) -> None:
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa.", by=liisa, at=noon)
    outbound.send_due(at=noon)
    sent = outbox_of.outbox[0]
    returned = mail("bounce", answers=sent.extra_headers["Message-ID"])
    forged = f"bounces+talk-{sent.extra_headers['Message-ID'].strip('<>').removeprefix('talk.')}"
    assert post(returned).content == b"unproven"
    assert post(returned, to=forged).content == b"report"
    assert outbound.note_returned(at=noon) == 0
    assert post(returned, to=sent.from_email).content == b"report"

    assert [outbound.note_returned(at=noon), outbound.note_returned(at=noon)] == [1, 0]

    said.refresh_from_db()
    assert (said.sent_at, said.given_up_at) == (noon, noon)
    notice = Notice.objects.get()
    assert notice.person == liisa
    client = Client()
    client.force_login(liisa)
    page = client.get(reverse("admin:influencers_thread_change", args=[said.thread_id])).content.decode()
    assert "the email bounced" in page


def test_a_mail_to_the_address_for_leaving_takes_off_and_is_no_message(influencer: Any, row: Delivery) -> None:
    address = unsubscribe.unsubscribe_address(
        influencer.recipient_id, row.mailing_id, email=influencer.recipient.email, bounces="bounces@example.org"
    )

    assert post(mail("gmail-fi", answers=message_id(row), to=address)).content == b"left"

    assert not Membership.objects.filter(recipient=influencer.recipient, left_at=None).exists()
    assert not ThreadMessage.objects.exists()


def test_a_reply_from_another_address_is_kept_and_flagged(influencer: Any, row: Delivery) -> None:
    post(mail("gmail-fi", answers=message_id(row), sender="other@example.net"))

    assert ThreadMessage.objects.get().from_address == "other@example.net"


def test_a_mail_to_the_threads_own_address_needs_nothing_else(influencer: Any) -> None:
    thread = thread_messages.thread_of(influencer)
    address = reply_addresses.reply_address(thread.pk, replies=REPLIES)

    post(mail("gmail-fi", answers="<nothing@example.net>", to=address, sender="other@example.net"))

    assert ThreadMessage.objects.get().thread == thread


def test_a_reply_to_an_answer_of_ours_finds_its_conversation(influencer: Any, liisa: Any, noon: Any) -> None:
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa.", by=liisa, at=noon)
    raw = mail("apple-fi", answers=reply_addresses.message_id(said.pk, "example.org"), sender="other@example.net")

    assert post(raw).content == b"message"

    kept = ThreadMessage.objects.get(kind=Kind.FROM_THEM)
    assert kept.thread_id == said.thread_id
    assert not outbound.is_unproven(kept)


def test_a_guessed_message_id_ties_to_nobody(influencer: Any, row: Delivery) -> None:
    for guessed in (f"<{row.pk}.{'0' * 16}@example.org>", f"<talk.1.{'0' * 16}@example.org>"):
        assert post(mail("gmail-fi", answers=guessed, sender="mallory@example.net")).content == b"unmatched"

    assert not ThreadMessage.objects.exists()


def test_a_guessed_address_of_a_thread_opens_nothing(influencer: Any) -> None:
    thread = thread_messages.thread_of(influencer)
    raw = mail(
        "gmail-fi",
        answers="<x@example.net>",
        to=f"answers+reply-{thread.pk}.{'0' * 16}@example.org",
        sender="mallory@example.net",
    )

    assert post(raw).content == b"unmatched"
    assert not ThreadMessage.objects.exists()


def test_only_the_senders_address_proves_nothing(influencer: Any) -> None:
    post(mail("gmail-fi", answers="<unknown@example.net>"))

    kept = ThreadMessage.objects.get()
    assert kept.thread.influencer == influencer
    assert outbound.is_unproven(kept)


def test_a_mail_of_somebody_unknown_waits_to_be_sorted_once(influencer: Any, liisa: Any, noon: Any) -> None:
    raw = mail("gmail-fi", answers="<unknown@example.net>", sender="somebody@example.net")

    assert post(raw).content == post(raw).content == b"unmatched"

    stray = UnmatchedMail.objects.get()
    assert stray.campaign == influencer.campaign
    message = unmatched_mail.sort(stray, influencer, by=liisa, at=noon)
    assert message.from_address == "somebody@example.net"
    assert thread_of(influencer).waiting_since == stray.at
    with pytest.raises(thread_messages.MessageRefused, match="already sorted this email"):
        unmatched_mail.sort(stray, influencer, by=liisa, at=noon)
    assert ThreadMessage.objects.count() == 1


def test_an_automatic_mail_of_somebody_unknown_is_forgotten(influencer: Any) -> None:
    raw = mail("list-auto-reply", answers="<unknown@example.net>", sender="somebody@example.net")

    assert post(raw).content == b"nothing"
    assert not UnmatchedMail.objects.exists()


def test_mail_for_somebody_who_was_erased_is_nobodys(influencer: Any, row: Delivery) -> None:
    Influencer.objects.update(state="erased", name="", user=None)

    assert post(mail("gmail-fi", answers=message_id(row))).content == b"unmatched"
    assert not Thread.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
def test_without_the_secret_nothing_is_read(headers: Any, influencer: Any, row: Delivery) -> None:
    assert post(mail("gmail-fi", answers=message_id(row)), headers=headers).status_code == 400
    posted = Client().post(
        reverse("webhooks:inbound", args=["postmark"]), "{}", content_type="application/json", headers=headers
    )
    assert posted.status_code == 400
    assert not ThreadMessage.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"\n", b"no header here"])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    assert post(raw).status_code == 400


def test_a_reply_of_forty_megabytes_is_refused_unread(influencer: Any) -> None:
    def unread(*args: Any) -> bytes:
        raise AssertionError("It was read.")

    for where, view in (
        (reverse("webhooks:mail"), inbound_views.mail),
        (reverse("webhooks:inbound", args=["postmark"]), lambda given: inbound_views.inbound(given, "postmark")),
    ):
        request = RequestFactory().post(where, b"x", content_type="application/json", headers=BASIC)
        request.META["CONTENT_LENGTH"] = "40000000"
        request._stream = type("Stream", (), {"read": unread, "readline": unread})()  # type: ignore[attr-defined]
        assert view(request).status_code == 413


# --- Files -----------------------------------------------------------------------------------------


def with_files(row: Delivery, *files: tuple[str, str, bytes]) -> bytes:
    """Return a reply with files."""
    parts = "".join(
        f'--b\r\nContent-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(data).decode()}\r\n"
        for name, kind, data in files
    )
    return (
        f"From: ines@example.org\r\nTo: {REPLIES}\r\nSubject: Re\r\nMessage-ID: <files@example.org>\r\n"
        f'In-Reply-To: {message_id(row)}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSee these.\r\n{parts}--b--\r\n"
    ).encode()


def test_files_are_checked_by_their_bytes(row: Delivery, influencer: Any) -> None:
    post(
        with_files(
            row,
            ("photo.png", "image/png", PIXEL),
            ("../../etc/passwd.pdf", "application/pdf", b"%PDF-1.4 words"),
            ("program.exe", "application/octet-stream", b"MZ" + b"\0" * 100),
            ("drawing.svg", "image/svg+xml", b"<svg onload=alert(1)>"),
            ("trick.pdf", "application/pdf", b"<html><script>"),
        )
    )

    kept = {one.name: one for one in Attachment.objects.all()}
    assert [bool(one.file) for one in kept.values()] == [True, True, False, False, False]
    assert "passwd.pdf" in kept
    assert all(one.refused for one in kept.values() if not one.file)
    assert kept["photo.png"].content_type == "image/png"
    assert re.fullmatch(r"conversations/[0-9a-f]{32}", kept["photo.png"].file.name)


def test_too_many_files_are_named_and_not_kept(row: Delivery, influencer: Any) -> None:
    post(with_files(row, *((f"{n}.txt", "text/plain", b"words") for n in range(12))))

    assert Attachment.objects.exclude(file="").count() == 10
    assert Attachment.objects.filter(file="").count() == 2


def test_a_file_that_is_too_large_is_refused_and_the_words_are_kept(
    row: Delivery, influencer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("influencers.inbox.mail.mail_attachments.LARGEST_MEGABYTES", 0)

    post(with_files(row, ("notes.txt", "text/plain", b"words")))

    assert Attachment.objects.get().refused
    assert ThreadMessage.objects.get().text == "See these."


def test_its_sender_sees_which_files_were_kept_and_which_were_not_and_why(row: Delivery, influencer: Any) -> None:
    influencer.recipient.language = "en"
    influencer.recipient.save()
    post(
        with_files(row, ("photo.png", "image/png", PIXEL), ("video.mov", "video/quicktime", b"moov" * 9)),
        headers=BASIC | {"Accept-Language": "fi"},
    )
    client = Client()
    client.force_login(influencer.user)

    page = client.get("/en/portal/conversation/").content.decode()

    assert "Files: photo.png</p>" in page
    assert "Not kept: video.mov. “video.mov” was not accepted: this type of file is not allowed." in page


def test_only_those_who_may_read_the_conversation_get_its_files(
    row: Delivery, influencer: Any, liisa: Any, alma: Any
) -> None:
    post(with_files(row, ("notes.pdf", "application/pdf", b"%PDF-1.4 words")))
    kept = Attachment.objects.get()
    where = reverse("admin:influencers_thread_file", args=[kept.pk])

    client = Client()
    client.force_login(liisa)
    answer = client.get(where)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 words"
    client.force_login(alma)
    assert client.get(where).status_code == 403
    client.force_login(influencer.user)
    assert client.get(where).status_code in {302, 403}
    for person in (liisa, alma):
        client.force_login(person)
        assert client.get(reverse("media", args=[kept.file.name])).status_code == 404


# --- Providers -------------------------------------------------------------------------------------


def test_postmark_passes_a_reply_on(influencer: Any, row: Delivery) -> None:
    payload = {
        "FromFull": {"Email": "ines@example.org", "Name": "Ines"},
        "ToFull": [{"Email": REPLIES, "Name": ""}],
        "OriginalRecipient": REPLIES,
        "Subject": "Re: Kirjastot",
        "Headers": [
            {"Name": "Message-ID", "Value": "<p1@example.net>"},
            {"Name": "In-Reply-To", "Value": message_id(row)},
        ],
        "TextBody": "Kiitos!\n\nke 25.3.2026 klo 10.15 Coronafacts kirjoitti:\n> Kirjastot",
        "Attachments": [{"Name": "a.txt", "ContentType": "text/plain", "Content": base64.b64encode(b"words").decode()}],
    }
    where = reverse("webhooks:inbound", args=["postmark"])

    for _time in range(2):
        answer = Client().post(where, json.dumps(payload), content_type="application/json", headers=BASIC)
        assert answer.status_code == 200

    kept = ThreadMessage.objects.get()
    assert (kept.text, kept.mail_id) == ("Kiitos!", "<p1@example.net>")
    assert kept.attachments.get().file


def test_mailgun_passes_a_reply_on_when_it_signs(influencer: Any, row: Delivery, settings: Any) -> None:
    import hashlib
    import hmac
    import time

    settings.WEBHOOK_KEYS = {"mailgun": "key"}
    stamp, token = str(int(time.time())), "t" * 50
    fields = {
        "recipient": REPLIES,
        "sender": "ines@example.org",
        "timestamp": stamp,
        "token": token,
        "message-headers": json.dumps(
            [
                ["From", "Ines <ines@example.org>"],
                ["To", REPLIES],
                ["Message-Id", "<m1@example.net>"],
                ["In-Reply-To", message_id(row)],
            ]
        ),
        "body-plain": "Kiitos!",
        "attachment-count": "1",
        "attachment-1": SimpleUploadedFile("a.txt", b"words", "text/plain"),
    }
    where = reverse("webhooks:inbound", args=["mailgun"])
    forged = Client().post(where, fields | {"signature": "0" * 64})
    assert forged.status_code == 400
    assert not ThreadMessage.objects.exists()

    fields["attachment-1"] = SimpleUploadedFile("a.txt", b"words", "text/plain")
    signature = hmac.new(b"key", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    assert Client().post(where, fields | {"signature": signature}).status_code == 200
    assert ThreadMessage.objects.get().attachments.get().size == 5


def test_sparkpost_passes_a_raw_mail_on(influencer: Any, row: Delivery) -> None:
    raw = mail("apple-fi", answers=message_id(row)).decode()
    relay = {
        "msg_from": "ines@example.org",
        "rcpt_to": REPLIES,
        "protocol": "smtp",
        "content": {"email_rfc822": raw, "email_rfc822_is_base64": False},
    }
    body = json.dumps([{"msys": {"relay_message": relay}}])
    where = reverse("webhooks:inbound", args=["sparkpost"])

    assert Client().post(where, body, content_type="application/json", headers=BASIC).status_code == 200
    assert ThreadMessage.objects.get().text == "Kysyttiin paljon aukioloajoista."


@pytest.mark.parametrize(
    "broken",
    [
        b'To: "\r\nFrom: spam@example.net\r\n\r\nx\r\n',
        b"To: a:b;c@d\r\nFrom: spam@example.net\r\n\r\nx\r\n",
        'Content-Type: multipart/report; boundary="ä"\r\n\r\n--ä\r\n\r\nx\r\n'.encode(),
    ],
)
def test_a_broken_mail_of_a_stranger_does_not_hold_up_the_others(influencer: Any, row: Delivery, broken: bytes) -> None:
    def relayed(raw: bytes) -> Any:
        content = {"email_rfc822": base64.b64encode(raw).decode(), "email_rfc822_is_base64": True}
        told = {"msg_from": "ines@example.org", "rcpt_to": REPLIES, "protocol": "smtp", "content": content}
        return {"msys": {"relay_message": told}}

    def posted(*mails: bytes) -> int:
        where = reverse("webhooks:inbound", args=["sparkpost"])
        body = json.dumps([relayed(raw) for raw in mails])
        return Client().post(where, body, content_type="application/json", headers=BASIC).status_code

    assert posted(broken) in {200, 400}
    assert not ThreadMessage.objects.exists()
    assert posted(broken, mail("apple-fi", answers=message_id(row))) == 200
    assert ThreadMessage.objects.get().thread.influencer == influencer


def test_a_bounce_that_a_provider_posts_as_mail_is_a_report(influencer: Any, row: Delivery) -> None:
    raw = mail("bounce", answers=message_id(row)).decode()
    relay = {
        "msg_from": "",
        "rcpt_to": verp.return_path(row.pk, "bounces@example.org"),
        "protocol": "smtp",
        "content": {"email_rfc822": raw, "email_rfc822_is_base64": False},
    }
    where = reverse("webhooks:inbound", args=["sparkpost"])

    Client().post(
        where, json.dumps([{"msys": {"relay_message": relay}}]), content_type="application/json", headers=BASIC
    )

    assert ProviderEvent.objects.get().delivery_id == row.pk
    assert not ThreadMessage.objects.exists()


def test_a_provider_that_takes_in_no_mail_has_no_address_for_it() -> None:
    assert Client().post(reverse("webhooks:inbound", args=["unisender_go"]), headers=BASIC).status_code == 404


# --- The team answers by mail ----------------------------------------------------------------------


def staff_mail(
    address: str, *, sender: str = "liisa@example.org", text: str = "Lapset ovat tervetulleita.", key: str = "s1"
) -> bytes:
    return (
        f"From: Liisa L <{sender}>\r\nTo: {address}\r\nSubject: VS: Ines\r\nMessage-ID: <{key}@example.org>\r\n\r\n"
        f"{text}\r\n\r\n-- \r\nLiisa L\r\n050 1234567\r\n\r\nke 25.3.2026 klo 10.15 Coronafacts kirjoitti:\r\n> Saako?\r\n"
    ).encode()


@pytest.fixture
def asked(influencer: Influencer, liisa: Any, noon: Any) -> ThreadMessage:
    Influencer.objects.update(liaison=liisa)
    return thread_messages.add_from_influencer(influencer, "Saako lapsi tulla?", via="portal", at=noon)


def test_the_liaison_answers_from_their_mail_and_their_address_stays_hidden(
    asked: Any, liisa: Any, influencer: Any, noon: Any
) -> None:
    assert outbound.send_due(at=noon) == 1
    [told] = outbox_of.outbox
    assert told.to == ["liisa@example.org"]
    address = told.extra_headers["Reply-To"]
    raw = staff_mail(address)

    assert post(raw).content == post(raw).content == b"answer"

    said = ThreadMessage.objects.get(kind=Kind.FROM_US)
    assert (said.author, said.text, said.via) == (liisa, "Lapset ovat tervetulleita.", "mail")
    assert thread_of(influencer).waiting_since is None
    outbox_of.outbox.clear()
    assert outbound.send_due(at=timezone.now()) == 1
    [answer] = outbox_of.outbox
    assert answer.to == ["ines@example.org"]
    whole = words_of(answer)
    assert "Lapset ovat tervetulleita." in whole
    assert "liisa@" not in whole
    assert "050 1234567" not in whole
    assert "List-" not in whole
    assert answer.subject.startswith("[")  # an exercise says so


@pytest.mark.parametrize("sender", ["mallory@example.net", "alma@example.org", "ines@example.org"])
def test_what_comes_to_the_address_for_answers_from_elsewhere_is_nobodys_note_and_its_owner_is_told(
    sender: str, asked: Any, influencer: Any, liisa: Any, in_english: None, alma: Any, noon: Any
) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)

    raw = staff_mail(address, sender=sender)
    assert post(raw).content == post(raw).content == b"answer"

    assert held(liisa, "from an address other than yours") == "Lapset ovat tervetulleita."
    note = ThreadMessage.objects.get(kind=Kind.NOTE)
    assert (note.author, note.from_address) == (None, sender)
    assert thread_of(influencer).waiting_since == asked.at


def held(person: Any, why: str) -> str:
    """
    Return the words of the one answer that was kept as a note, of which its author, and nobody else, was notified.
    """
    assert not ThreadMessage.objects.filter(kind=Kind.FROM_US).exists()
    notice = Notice.objects.get()
    assert notice.person == person
    assert why in notice.text.partition("\n")[0]
    return ThreadMessage.objects.get(kind=Kind.NOTE).text


@pytest.fixture
def in_english(liisa: Any) -> None:
    liisa.language = "en"
    liisa.save()


def test_an_answer_that_is_too_long_is_a_note(asked: Any, liisa: Any, in_english: None) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)

    post(staff_mail(address, text="x" * 20_001))

    assert held(liisa, "too long") == "x" * 20_001


def with_signature(address: str, *parts: str) -> bytes:
    """Return an answer as Outlook writes it, without a line above the signature, and more parts."""
    text = "Ohje on liitteenä.\n\nYstävällisin terveisin\n\nLiisa Laine\nliisa@example.org\n050 123 4567\n"
    quoted = (
        "Lähettäjä: Coronafacts <x@example.org>\nLähetetty: 25.3.2026\nVastaanottaja: Liisa\nAihe: Ines\n\nSaako?\n"
    )
    return (
        f"From: liisa@example.org\nTo: {address}\nMessage-ID: <o1@example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n'
        f"{text}\n{quoted}" + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    ).encode()


LOGO = f'Content-Type: image/png; name="logo.png"\nContent-ID: <logo>\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(PIXEL).decode()}'
PROOF = 'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Disposition: attachment\n\nx'
PAPER = (
    'Content-Type: application/pdf; name="ohje.pdf"\nContent-Disposition: attachment; filename="ohje.pdf"\n\n%PDF-1.4 x'
)


def test_an_outlook_signature_is_not_mailed_and_neither_logo_nor_proof_holds_an_answer(
    asked: Any, influencer: Any, liisa: Any, noon: Any
) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)

    assert post(with_signature(address, LOGO, PROOF)).content == b"answer"

    assert ThreadMessage.objects.get(kind=Kind.FROM_US).text == "Ohje on liitteenä."
    outbound.send_due(at=timezone.now())
    [answer] = [one for one in outbox_of.outbox if one.to == ["ines@example.org"]]
    assert "liisa@" not in words_of(answer)
    assert "050 123" not in words_of(answer)


def test_an_answer_with_a_file_is_a_note_with_the_file(asked: Any, liisa: Any, in_english: None) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)

    post(with_signature(address, LOGO, PAPER))

    assert held(liisa, "a file was attached").startswith("Ohje on liitteenä.")
    assert [(one.name, bool(one.file)) for one in Attachment.objects.all()] == [("ohje.pdf", True)]


def test_an_answer_that_tells_its_authors_address_and_no_end_of_the_words_is_a_note(
    asked: Any, liisa: Any, in_english: None
) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)

    post(staff_mail(address, text="Kirjoita minulle: liisa@example.org"))

    assert held(liisa, "contains your own address") == "Kirjoita minulle: liisa@example.org"


def test_a_guessed_mark_or_a_liaison_who_left_answers_nothing(asked: Any, liisa: Any) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)
    guessed = re.sub(r"\.[0-9a-f]{16}@", f".{'0' * 16}@", address)
    post(staff_mail(guessed))
    liisa.is_staff = False
    liisa.save()
    post(staff_mail(address))

    assert not ThreadMessage.objects.filter(kind=Kind.FROM_US).exists()


def test_an_answer_by_mail_after_somebody_elses_is_a_note_and_its_author_is_told(
    asked: Any, liisa: Any, root: Any, noon: Any
) -> None:
    address = reply_addresses.answer_address(asked.thread_id, liisa.pk, asked.pk, replies=REPLIES)
    thread_messages.answer(asked.thread, "Kyllä.", by=root, at=noon, seen=asked.pk)

    assert post(staff_mail(address)).content == b"answer"

    assert ThreadMessage.objects.get(kind=Kind.FROM_US).author == root
    assert ThreadMessage.objects.get(kind=Kind.NOTE).text == "Lapset ovat tervetulleita."
    assert Notice.objects.get().person == liisa


def test_a_mail_that_stumbles_the_library_waits(influencer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*args: Any, **kwargs: Any) -> None:
        raise IndexError

    monkeypatch.setattr(inbound.mime_reader, "read", stumble)

    assert post(b"From: ines@example.org\n\nx").status_code == 200

    assert ArrivedMail.objects.get().attempts == 1
    assert not ThreadMessage.objects.exists()


def test_an_empty_mail_is_kept_and_makes_nobody_wait(influencer: Any, row: Delivery) -> None:
    head = f"From: ines@example.org\nTo: {REPLIES}\nIn-Reply-To: {message_id(row)}\n"

    assert post(f"{head}Message-ID: <1@x>\nSubject: Vs: Kirjastot\n\n \n".encode()).content == b"automatic"

    assert ThreadMessage.objects.get().kind == Kind.AUTOMATIC
    assert thread_of(influencer).waiting_since is None


def test_an_empty_mail_with_words_in_its_subject_waits_for_an_answer(influencer: Any, row: Delivery) -> None:
    head = f"From: ines@example.org\nTo: {REPLIES}\nIn-Reply-To: {message_id(row)}\n"

    assert post(f"{head}Message-ID: <1@x>\nSubject: Soita minulle\n\n".encode()).content == b"message"

    assert thread_of(influencer).waiting_since


def test_an_empty_mail_with_a_file_waits_for_an_answer(influencer: Any, row: Delivery) -> None:
    head = f"From: ines@example.org\nTo: {REPLIES}\nIn-Reply-To: {message_id(row)}\n"
    file = "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=list.txt\n\nHei\n--b--\n"
    kind = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"

    assert post(f"{head}{kind}Message-ID: <1@x>\nSubject: Vs: Kirjastot\n\n{file}".encode()).content == b"message"

    assert thread_of(influencer).waiting_since


def test_a_mail_that_was_cut_says_so_to_whoever_reads_it(influencer: Any, row: Delivery) -> None:
    head = f"From: ines@example.org\nTo: {REPLIES}\nIn-Reply-To: {message_id(row)}\nMessage-ID: <1@x>\n"

    post((f"{head}Subject: Vs: Kirjastot\n\n" + "sana " * 30_000).encode())

    last = ThreadMessage.objects.get().text.splitlines()[-1]
    assert len(last) > 10 and "sana" not in last
