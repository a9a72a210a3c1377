"""Raw MIME, read as a receiving server and a reader would, whatever names, addresses and messages hold."""

import re
import tracemalloc
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import unquote
from itertools import pairwise

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from delivery.message import mime, quoted_printable, verp
from delivery.message.addresses import Unaddressable
from delivery.message.headers import printable
from delivery.message.mime import Compiled, Person, TooLarge
from delivery.message.personal_fields import field
from delivery.models import Mailing, Message
from tests.support.builders import NOON, build_campaign, build_mailing

NAMES = [
    "Aino Esimerkki",
    'Åsa, "Ö" <x>',
    'Back\\slash "quoted"',
    "x" * 300,
    "Ä" * 300,
    "😷" * 300,
    "word " * 60,
    "Emoji 😷 Person",
    "\u202eltr",
    "שלום",
    "محمد علي",
    "",
    " ",
    ".",
    "." * 300,
    "..dots\r\n.dots",
    "From here",
    "100 % = 1 = =3D",
    "=?utf-8?q?Bcc=3A?=",
    "Bad\r\nBcc: victim@example.org",
    "Bad\r\n\r\n.\r\nMAIL FROM:<x@example.org>",
    "Line\u2028Separator\x00\x1b\x85",
    "\ue000unsubscribe_url\ue001",
    "{{ name }} {% debug %} %s %(name)s {0}",
]
HTML = f'<html lang="fi"><body><p>Hei {field("name")}!</p><a href="{field("unsubscribe_url")}">Peru</a></body></html>'


def compiled(campaign, language="fi", **fields):
    mailing = build_mailing(campaign, languages=[language], **fields)
    return Compiled(mailing.messages.select_related("mailing__campaign").get(), at=NOON)


def person(**fields):
    values = {
        "delivery_id": 7,
        "recipient_id": 70,
        "email": "reader@example.net",
        "name": "Reader",
        "unsubscribe_url": "https://x.example/fi/mail/leave/70.1:abc/",
        "read_url": "https://x.example/fi/mail/70.2:def/",
    }
    return Person(**values | fields)


def parse(envelope):
    return message_from_bytes(envelope.data, policy=policy.default.clone(utf8=True))


def words(message, kind="plain"):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def header_of(envelope, name):
    """Return a header's raw lines, folded as they are."""
    head = envelope.data.partition(b"\r\n\r\n")[0].decode()
    return re.search(rf"^{name}: ([^\r]*(?:\r\n[ \t][^\r]*)*)", head, re.MULTILINE)[1]


def mailbox_of(value):
    """Return (name, address) of a raw header, its encoded words joined as RFC 2047 has it (policy.default doesn't)."""
    name, _space, address = value.rpartition("<")
    unquoted = unquote(name.strip())
    decoded = str(make_header(decode_header(unquoted))) if "=?" in unquoted else unquoted
    return decoded, address.removesuffix(">")


def assert_goes_over_any_wire(envelope):
    """7 bits, CRLF only, short lines, no dot or "From " first, and no control signs."""
    data = envelope.data
    assert data.isascii()
    bare = data.replace(b"\r\n", b"")
    assert b"\n" not in bare and b"\r" not in bare and b"\0" not in bare
    for line in data.split(b"\r\n"):
        assert len(line) <= 998
        assert not line.startswith((b".", b"From "))
    for line in data.partition(b"\r\n\r\n")[2].split(b"\r\n"):
        assert len(line) <= 76


# --- Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_any_name_makes_one_right_recipient_and_reads_as_it_is(campaign, name):
    text = f"{field('name')}\nHei {field('name')}!\n"
    envelope = compiled(campaign, text=text, html=HTML).envelope(person(name=name))
    message = parse(envelope)
    shown = "".join(sign for sign in name if sign.isprintable()).strip()

    [address] = message["To"].addresses
    assert address.addr_spec == "reader@example.net"
    assert mailbox_of(header_of(envelope, "To")) == (shown, "reader@example.net")
    assert message["Bcc"] is None and len(message.get_all("To")) == 1
    assert set(message.keys()) == set(parse(compiled(campaign, key="2").envelope(person())).keys())
    assert_goes_over_any_wire(envelope)
    assert words(message) == f"{shown}\nHei {shown}!\n"
    assert message.get_body(("html",)).get_content().count("<") == HTML.count("<")


@given(st.text(max_size=300) | st.text("ab.= äF", min_size=70, max_size=160))
def test_a_personal_value_comes_back_as_it_was(value):
    from quopri import decodestring

    encoded = quoted_printable.quoted_value(printable(value))

    assert decodestring(encoded).decode() == printable(value)
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in lines) and len(lines[-1]) < 76


@given(
    st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=400)
    | st.text(".= äx\n\tF", min_size=60, max_size=300)
)
def test_a_text_comes_back_as_it_was(text):
    from quopri import decodestring

    encoded = quoted_printable.quoted(text)

    assert decodestring(encoded).replace(b"\r\n", b"\n").decode() == text
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in lines) and len(lines[-1]) < 76


def test_a_personal_field_is_escaped_in_html_and_not_in_text(campaign):
    name = "<img src=x onerror=alert(1)> & Co"
    message = parse(compiled(campaign, html=HTML, text=f"Hei {field('name')}!\n").envelope(person(name=name)))

    assert "Hei &lt;img src=x onerror=alert(1)&gt; &amp; Co!" in words(message, "html")
    assert words(message) == f"Hei {name}!\n"


def test_links_stand_whole_in_both_parts(campaign):
    link = f"https://x.example/{'.a' * 120}/?b=1&c='2'"
    fields = f"{field('unsubscribe_url')} {field('read_url')}"
    message = parse(
        compiled(campaign, text=f"{fields}\n", html=f"<p>{fields}</p>").envelope(
            person(unsubscribe_url=link, read_url="https://x.example/r")
        )
    )

    assert words(message) == f"{link} https://x.example/r\n"
    assert words(message, "html") == f"<p>{link.replace('&', '&amp;').replace("'", '&#x27;')} https://x.example/r</p>"


def test_a_field_that_nobody_knows_is_refused(campaign):
    with pytest.raises(ValueError, match="age is no personal field"):
        compiled(campaign, text="\ue000age\ue001")
    with pytest.raises(ValueError, match="age is no personal field"):
        field("age")


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("reader@example.net", "reader@example.net"),
        ("o'neil+news/x=1@mail.example.co.uk", "o'neil+news/x=1@mail.example.co.uk"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ("reader@straße.example", "reader@xn--strae-oqa.example"),
        ("reader@例え.テスト", "reader@xn--r8jz45g.xn--zckzah"),
        ('"john smith"@example.org', '"john smith"@example.org'),
        ('"a@b, <c>"@example.org', '"a@b, <c>"@example.org'),
        ('"a\\"b\\\\"@example.org', '"a\\"b\\\\"@example.org'),
        ('".dot"@bücher.example', '".dot"@xn--bcher-kva.example'),
    ],
)
@pytest.mark.parametrize("name", ["Reader", "", 'Åsa, "Ö" <x>'])
def test_an_unusual_address_is_right_on_the_envelope_and_in_the_header(campaign, address, on_the_wire, name):
    envelope = compiled(campaign).envelope(person(email=address, name=name))

    assert envelope.recipient == on_the_wire
    assert not envelope.smtputf8
    to = header_of(envelope, "To")
    assert to == on_the_wire if not name else to.endswith(f" <{on_the_wire}>")
    [read] = parse(envelope)["To"].addresses
    assert read.domain == on_the_wire.rpartition("@")[2] and read.display_name == name
    assert_goes_over_any_wire(envelope)


@pytest.mark.parametrize("address", ["åsa@example.org", "用户@例え.テスト", '"å s"@example.org'])
def test_letters_before_the_at_need_a_server_with_smtputf8(campaign, address):
    envelope = compiled(campaign).envelope(person(email=address, name="Åsa"))

    assert envelope.smtputf8
    local, _at, domain = envelope.recipient.rpartition("@")
    assert local == address.rpartition("@")[0] and domain.isascii()
    assert header_of(envelope, "To").endswith(f"<{envelope.recipient}>")
    assert parse(envelope)["To"].addresses[0].display_name == "Åsa"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@example.org",
        "nobody",
        "a b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a\r\nBcc: b@example.org",
        '"a\r\nb"@example.org',
        '"a"b"@example.org',
        "a@b@example.org",
        "a@x>y",
        "<a@example.org>",
        "a,b@example.org",
        "a@",
        "a@exam ple.org",
        "a@example..org",
        "a@bü cher.example",
        "a@xn--ü.example",
        "a@example.org\n",
        "a\u2028b@example.org",
        "\ue000name\ue001 x@example.org",
    ],
)
def test_what_is_no_address_on_one_line_is_refused_with_a_reason(campaign, address):
    with pytest.raises(Unaddressable, match="This address cannot be used: "):
        compiled(campaign).envelope(person(email=address))


# --- The message ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Pääsiäinen\n.\n..kaksi\n" + "ä" * 3000 + "\nFrom here\nloppu  \n",
        "." * 5000,
        ".\n" * 100,
        "line\r\nline\rline\n",
        "emoji 😷 tail\t\n\n\n.",
        f".{field('name')}.\n.",
    ],
)
def test_any_text_goes_over_any_wire_and_comes_back(campaign, text):
    envelope = compiled(campaign, text=text, html=f"<pre>{text}</pre>").envelope(person())
    message = parse(envelope)

    read = text.replace("\r\n", "\n").replace("\r", "\n").replace(field("name"), "Reader")
    assert words(message) == read
    assert words(message, "html") == f"<pre>{read}</pre>"
    assert_goes_over_any_wire(envelope)


@pytest.mark.parametrize(
    "subject",
    [
        "Kirjastot avataan maanantaina",
        "Åland öppnar på måndag – två veckor tidigare än väntat, säger regeringen på sin presskonferens i dag",
        "x" * 200,
        "😷" * 200,
        "Plain words " * 16,
        "=?utf-8?q?spoof?=",
        "From: someone <a@b>",
        "Two\r\nBcc: lines@example.org",
    ],
)
def test_a_subject_comes_back_as_it_was_in_one_line(db, subject):
    message = build_mailing(build_campaign(mode="live"), languages=[]).messages.create(
        language="sv", subject=subject, text="x"
    )
    envelope = Compiled(message, at=NOON).envelope(person())

    assert parse(envelope)["Subject"] == " ".join(subject.split())
    assert parse(envelope)["Bcc"] is None
    assert_goes_over_any_wire(envelope)


@pytest.mark.parametrize("name", ["Team", 'Åsa, "Ö" <x>', "Ä" * 120, 'Back\\slash "q"', "", "Two\r\nBcc: x@y.example"])
def test_the_senders_name_may_be_anything(campaign, name):
    campaign.languages.update(sender_name=name)
    one = compiled(campaign)
    envelope = one.envelope(person())

    [sender] = parse(envelope)["From"].addresses
    shown = "".join(sign for sign in name if sign.isprintable())
    assert sender.addr_spec == campaign.sender_email
    assert mailbox_of(header_of(envelope, "From")) == (shown, campaign.sender_email)
    [again] = policy.default.header_factory("From", one.fixed_headers()["From"]).addresses
    assert (again.display_name, again.addr_spec) == (shown, campaign.sender_email)


def test_a_message_without_html_is_plain_text(campaign):
    message = build_mailing(campaign, languages=[]).messages.create(language="fi", subject="S", text="Hei\n")
    read = parse(Compiled(message, at=NOON).envelope(person()))

    assert read.get_content_type() == "text/plain" and not read.is_multipart()
    assert words(read).rstrip("\n") == "Hei"


@pytest.mark.parametrize("missing", ["text", "subject"])
def test_a_message_without_text_or_subject_cannot_be_frozen(campaign, missing):
    mailing = build_mailing(campaign, languages=[])
    with pytest.raises(IntegrityError):
        mailing.messages.create(**{"language": "fi", "subject": "S", "text": "T", "html": "<p>x</p>", missing: ""})


@pytest.mark.parametrize("language", ["so", "zh-hant", "tlh", "en-gb"])
def test_a_language_that_the_site_does_not_speak_still_makes_a_mail_with_links_that_open(campaign, client, language):
    from delivery.links.unsubscribe import UnsubscribeLinks

    one = compiled(campaign, language=language)
    headers = one.fixed_headers()

    assert headers["Content-Language"] == language
    assert headers["Subject"].startswith("[")
    for link in (
        headers["List-Help"],
        headers["List-Archive"],
        UnsubscribeLinks(one.message.mailing_id, language).of(1),
    ):
        assert client.get("/" + link.strip("<>").partition("//")[2].partition("/")[2]).status_code == 200


def test_one_octet_too_much_is_refused_and_what_passes_is_never_larger(campaign):
    def message(length):
        return Message(
            mailing=mailing,
            language="fi",
            subject="S",
            text=f"{field('name')} {field('unsubscribe_url')}\n",
            html=f"<p>{field('name')}</p>" + "x" * length,
        )

    mailing = build_mailing(campaign, languages=[])
    fits = max(length for length in range(80_000, 95_000, 100) if not too_large(message(length)))
    with pytest.raises(TooLarge, match=r"This email is \d+ kB, and the limit is 100\. Shorten its text\."):
        Compiled(message(fits + 100), at=NOON)
    worst = person(name="\U0001f637" * 300, unsubscribe_url="https://x.example/" + "x" * 380)
    envelope = Compiled(message(fits), at=NOON).envelope(worst)

    assert 90_000 < len(envelope.data) <= 100_000


def too_large(message):
    try:
        mime.refuse_too_large(html=message.html, text=message.text)
    except TooLarge:
        return True
    return False


@pytest.mark.parametrize(
    "headers",
    [
        {"List-Unsubscribe": "<https://evil.example/>"},
        {"to": "b@example.org"},
        {"Bcc": "b@example.org"},
        {"Subject": "x"},
        {"Content-Type": "text/html"},
        {"X Y": "x"},
        {"X-Y:\r\nBcc": "b@example.org"},
    ],
)
def test_a_message_brings_no_header_that_is_ours_to_set(campaign, headers):
    with pytest.raises(ValueError, match="is no header that a message may bring along"):
        compiled(campaign, headers=headers)


def test_a_message_may_bring_a_header_of_its_own(campaign):
    message = parse(compiled(campaign, headers={"X-Drill": "Två\r\nBcc: x@example.org"}).envelope(person()))

    assert message["X-Drill"] == "Två Bcc: x@example.org" and message["Bcc"] is None


# --- Marks ---------------------------------------------------------------------------------------


def test_a_mark_names_its_delivery_in_upper_case_too_and_no_other():
    mark = verp.delivery_mark(123)

    assert re.fullmatch(r"123\.[0-9a-f]{16}", mark)
    assert verp.delivery_of_mark(mark) == verp.delivery_of_mark(f" {mark.upper()}\n") == 123
    digits = mark.partition(".")[2]
    for wrong in (
        f"124.{digits}",
        f"0123.{digits}",
        f"123.{digits[:-1]}",
        f"123.{digits}0",
        f"123.{'0' * 16}",
        f"-123.{digits}",
        f"１２３.{digits}",
        f"123.{digits[:-1]}é",
        digits,
        "123.",
        "",
    ):
        assert verp.delivery_of_mark(wrong) is None, wrong


def test_a_mark_outlives_every_secret_key_but_not_its_own(settings):
    mark = verp.delivery_mark(5)
    settings.SECRET_KEY = "another one, also long enough for everything"
    settings.SECRET_KEY_FALLBACKS = []
    assert verp.delivery_of_mark(mark) == 5

    settings.SUPPRESSION_KEY = "another one, and all that was marked is lost"
    assert verp.delivery_of_mark(mark) is None


@pytest.mark.parametrize(
    ("setting", "local", "domain"),
    [("", "bounces", "example.org"), ("returns@mail.example.net", "returns", "mail.example.net")],
)
def test_a_return_path_tells_whose_mail_came_back(campaign, settings, setting, local, domain):
    settings.BOUNCE_ADDRESS = setting
    one = compiled(campaign)
    envelope = one.envelope(person(delivery_id=987654321))

    assert re.fullmatch(rf"{local}\+987654321\.[0-9a-f]{{16}}@{re.escape(domain)}", envelope.sender)
    assert envelope.sender == one.return_path(person(delivery_id=987654321))
    for form in (envelope.sender, f"<{envelope.sender.upper()}>", f" {envelope.sender}\r\n"):
        assert verp.delivery_of_return_path(form) == 987654321
    for wrong in (f"{local}@{domain}", envelope.sender.replace("+9", "+8"), "", "@", "<>"):
        assert verp.delivery_of_return_path(wrong) is None
    assert len(envelope.sender.partition("@")[0]) <= 64


def test_a_message_id_is_no_return_path_and_a_return_path_no_message_id(campaign):
    envelope = compiled(campaign).envelope(person(delivery_id=7))
    name, path = parse(envelope)["Message-ID"].strip("<>"), envelope.sender

    assert path == verp.return_path(7, "bounces@example.org") and path.encode() not in envelope.data
    assert verp.delivery_of_return_path(f"bounces+{name}") is None
    assert verp.delivery_of_message_id(f"<{path.partition('+')[2]}>") is None
    assert verp.delivery_of_mark(path.partition("+")[2].partition("@")[0]) is None


def test_a_message_id_names_its_delivery_and_is_not_to_be_guessed(campaign):
    one = compiled(campaign)
    ids = [parse(one.envelope(person(delivery_id=n)))["Message-ID"] for n in range(1, 20)]

    marks = [value.partition(".")[2] for value in ids]
    assert len(set(marks)) == 19 and all(a != b for a, b in pairwise(marks))
    assert [verp.delivery_of_message_id(value) for value in ids] == list(range(1, 20))
    assert ids[2] == verp.message_id(3, "example.org") == parse(one.envelope(person(delivery_id=3)))["Message-ID"]
    assert verp.delivery_of_message_id(ids[2].strip("<>")) == 3
    assert verp.delivery_of_message_id("<3.0123456789abcdef@example.org>") is None


# --- What a provider's API takes -------------------------------------------------------------------


def test_the_parts_say_what_the_bytes_say(campaign):
    one = compiled(campaign, html=HTML)
    whom = person(name='Åsa\r\n"Ö"', earlier_id=3)
    message = parse(one.envelope(whom))
    headers = one.fixed_headers() | one.personal_headers(whom)

    assert set(headers) == set(message.keys()) - {"To", "MIME-Version", "Content-Type"}
    for name, value in headers.items():
        assert len(value.splitlines()) == 1
        if name not in {"From", "List-Unsubscribe"}:
            assert message[name] == value
    assert one.values(whom) == {
        "name": 'Åsa"Ö"',
        "unsubscribe_url": whom.unsubscribe_url,
        "read_url": whom.read_url,
        "preferences_url": whom.preferences_url,
        "portal_mark": whom.portal_mark,
        "seen_url": whom.seen_url,
    }
    assert headers["In-Reply-To"] == headers["References"] == verp.message_id(3, "example.org")


def test_a_person_costs_no_query_and_keeps_no_memory(campaign, django_assert_num_queries):
    one = compiled(campaign, html=HTML)
    one.envelope(person())
    with django_assert_num_queries(0):
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for n in range(500):
            one.envelope(person(delivery_id=n + 1, recipient_id=n + 1, email=f"reader{n}@example.net"))
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert grown < 50_000


def test_a_digest_is_auto_generated(campaign):
    message = parse(compiled(campaign, queue=Mailing.Queue.DIGEST).envelope(person()))

    assert message["Auto-Submitted"] == "auto-generated" and message["Precedence"] is None
