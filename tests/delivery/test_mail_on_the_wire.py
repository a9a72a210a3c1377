"""Raw MIME, read as a receiving server and a reader would."""

import re
from email import message_from_bytes, policy
from itertools import pairwise

import pytest

from delivery import leaving, windows
from delivery.compiling import Compiled, Person, Unaddressable, field
from delivery.models import Consent, Delivery, Mailing, Membership, Recipient
from tests.builders import NOON, build_audience, build_fanned_out_send, build_mailing

NAMES = [
    "Aino Esimerkki",
    'Åsa, "Ö" <x>',
    "x" * 300,
    "Ä" * 300,
    "Emoji 😷 Person",
    "‮ltr",
    "שלום",
    "",
    "Bad\r\nBcc: victim@example.org",
    "Line\u2028Separator",
]


def compiled(campaign, **fields):
    mailing = build_mailing(campaign, **fields)
    return Compiled(mailing.messages.select_related("mailing__campaign").get(language="fi"), at=NOON)


def person(**fields):
    values = {
        "delivery_id": 7,
        "email": "reader@example.net",
        "name": "Reader",
        "unsubscribe_url": "https://x.example/u/1",
    }
    return Person(**values | fields)


def parse(envelope):
    return message_from_bytes(envelope.data, policy=policy.default)


def words(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_makes_one_right_recipient_and_short_lines(campaign, name):
    envelope = compiled(campaign, text=f"Hei {field('name')}!\n").envelope(person(name=name))
    message = parse(envelope)

    assert [address.addr_spec for address in message["To"].addresses] == ["reader@example.net"]
    assert message["Bcc"] is None and len(message.get_all("To")) == 1
    assert max(len(line) for line in envelope.data.split(b"\r\n")) <= 998
    assert envelope.data.isascii() and b"\n" not in envelope.data.replace(b"\r\n", b"")
    shown = "".join(sign for sign in name if sign.isprintable())
    assert words(message) == f"Hei {shown}!\n"


def test_a_personal_field_is_escaped_in_html(campaign):
    envelope = compiled(campaign, html=f"<p>{field('name')}</p>").envelope(person(name="<img src=x onerror=alert(1)>"))

    html = parse(envelope).get_body(("html",)).get_content()
    assert "<img" not in html and "&lt;img" in html


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ('"quoted local"@example.net', '"quoted local"@example.net'),
    ],
)
def test_unusual_addresses(campaign, address, on_the_wire):
    assert compiled(campaign).envelope(person(email=address)).recipient == on_the_wire


@pytest.mark.parametrize("address", ["åsa@example.org", "a@example.org\r\nRCPT TO:<b@example.org>", "a@x>y"])
def test_an_address_that_cannot_be_written_to_is_refused(campaign, address):
    with pytest.raises(Unaddressable):
        compiled(campaign).envelope(person(email=address))


def test_the_text_survives_the_journey(campaign, smtp_sink):
    text = "Pääsiäinen\n.\n..kaksi\n" + "ä" * 3000 + "\nFrom here\n" + "loppu  \n"
    send = build_fanned_out_send(
        build_audience(campaign, size=1, language="fi"), mailing=build_mailing(campaign, text=text)
    )

    windows.work(send.pk, clock=lambda: NOON)

    assert words(smtp_sink.caught[0].message) == text


def test_every_bulk_message_carries_what_it_must(campaign, smtp_sink, settings):
    settings.PUBLIC_URL = "https://bulletins.example.fi"
    audience = build_audience(campaign, size=3)
    html = f'<html lang="fi"><body><a href="{field("unsubscribe_url")}">Peru</a></body></html>'
    send = build_fanned_out_send(
        audience, mailing=build_mailing(campaign, html=html, text=f"x {field('unsubscribe_url')}\n")
    )

    windows.work(send.pk, clock=lambda: NOON)

    domain = campaign.sender_email.partition("@")[2]
    everyone = {recipient.email for recipient in Recipient.objects.all()}
    for caught in smtp_sink.caught:
        message = caught.message
        for name in ("From", "To", "Reply-To", "Date", "Message-ID", "Subject", "List-Unsubscribe", "List-Id"):
            assert len(message.get_all(name)) == 1, name
        assert message["From"].addresses[0].domain == domain
        assert message["To"].addresses[0].addr_spec == caught.recipient
        assert not [other for other in everyone - {caught.recipient} if other.encode() in caught.raw]
        row = Delivery.objects.get(send=send, recipient__email=caught.recipient)
        assert re.fullmatch(rf"<{row.pk}\.[0-9a-f]{{16}}@{re.escape(domain)}>", message["Message-ID"])
        unfolded = re.search(rb"^List-Unsubscribe: (.*)\r?$", caught.raw, re.M)[1].decode().strip()
        link, mailto = unfolded.split(", ")
        assert link.startswith("<https://bulletins.example.fi/") and mailto.startswith(f"<mailto:{campaign.reply_to}")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Help"] and message["List-Archive"] and message["Feedback-ID"]
        assert caught.recipient not in message["Feedback-ID"]
        assert message["Precedence"] == "bulk" and message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert message["Content-Language"] == row.language
        assert message["Subject"].startswith("[") and link.strip("<>") in message.get_body(("html",)).get_content()
        assert len(caught.raw) < 100_000


def test_an_exercise_says_so_in_every_subject(campaign, smtp_sink):
    send = build_fanned_out_send(build_audience(campaign, size=3))

    windows.work(send.pk, clock=lambda: NOON)

    subjects = {caught.message["Content-Language"]: caught.message["Subject"] for caught in smtp_sink.caught}
    assert subjects["en"].startswith("[Exercise] ") and subjects["fi"].startswith("[Harjoitus] ")
    assert subjects["sv"].startswith("[Övning] ")


def test_a_correction_is_threaded_to_what_the_reader_got(campaign, smtp_sink):
    audience = build_audience(campaign, size=2)
    first = build_fanned_out_send(audience)
    windows.work(first.pk, clock=lambda: NOON)
    second = build_mailing(campaign, "mailing-2", thread=first.mailing)
    send = build_fanned_out_send(audience, mailing=second, exposed_only=True)

    windows.work(send.pk, clock=lambda: NOON)

    for recipient in Recipient.objects.all():
        original, correction = smtp_sink.to(recipient.email)
        assert correction["In-Reply-To"] == correction["References"] == original["Message-ID"]


def test_a_digest_is_auto_generated(campaign):
    message = parse(compiled(campaign, queue=Mailing.Queue.DIGEST).envelope(person()))

    assert message["Auto-Submitted"] == "auto-generated" and message["Precedence"] is None


class TestLeaving:
    """One click and out."""

    @pytest.fixture
    def send(self, campaign):
        build_audience(campaign, "digest-daily", kind="digest")
        return build_fanned_out_send(build_audience(campaign, size=2))

    def path(self, send, recipient, language="sv"):
        url = leaving.unsubscribe_url(recipient.pk, send.mailing_id, language)
        return "/" + url.partition("//")[2].partition("/")[2]

    def test_looking_changes_nothing_and_one_post_is_enough(self, send, client):
        recipient, other = Recipient.objects.order_by("pk")
        Consent.objects.create(
            recipient=recipient, purpose="bulletins", text_version="1", language="sv", source="test", given_at=NOON
        )
        path = self.path(send, recipient)

        assert client.get(path).status_code == 200
        assert not Membership.objects.exclude(left_at=None).exists()

        answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
        assert (
            Membership.objects.get(recipient=recipient).left_at and not Membership.objects.get(recipient=other).left_at
        )
        assert Consent.objects.get().withdrawn_at
        assert client.post(path).status_code == 200  # twice does no harm

    def test_a_forged_or_cut_link_opens_nothing(self, send, client):
        path = self.path(send, Recipient.objects.first())
        for wrong in (path[:-4] + "xxx/", path.replace(f"{send.mailing_id}:", "999:"), "/sv/mail/leave/1.1:abc/"):
            assert client.post(wrong).status_code == 404
        assert not Membership.objects.exclude(left_at=None).exists()

    def test_a_link_survives_a_new_secret_key(self, send, client, settings):
        path = self.path(send, Recipient.objects.first())
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key, after the old one was rotated out, and long enough"

        assert client.post(path).status_code == 200
        assert Membership.objects.exclude(left_at=None).count() == 1


def test_message_ids_cannot_be_guessed_from_one_another(campaign):
    one = compiled(campaign)
    ids = [parse(one.envelope(person(delivery_id=n)))["Message-ID"] for n in range(1, 20)]

    marks = [value.partition(".")[2] for value in ids]
    assert len(set(marks)) == 19 and all(a != b for a, b in pairwise(marks))
    assert parse(one.envelope(person(delivery_id=3)))["Message-ID"] == ids[2]
