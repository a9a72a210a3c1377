"""What is new in a mail is told from what it quotes, whatever program and language it was written in."""

import time
from email import message_from_bytes

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from influencers.inbox.mail import mime_reader, quoted_text
from tests.influencers.inbox.mail_scene import mail

ID = "<1.abc@example.org>"


def read(name: str) -> mime_reader.Letter:
    return mime_reader.read(message_from_bytes(mail(name, answers=ID)))


@pytest.mark.parametrize(
    ("name", "text", "folded"),
    [
        ("gmail-fi", "Moi! Saako lapsi tulla mukaan kirjastoon?\n\nTerveisin Ines", "kirjoitti:"),
        ("gmail-sv", "Hej! Får barn komma med till biblioteket?", "Biblioteken öppnar"),
        ("gmail-en", "Hi! May a child come along to the library?", "Creator, Helsinki"),
        ("gmail-html-only", "Saako koiran ottaa mukaan?\n\nTerveisin Ines", "Kirjastot avataan maanantaina."),
        (
            "outlook-fi",
            "Hei,\n\nKiitos tiedotteesta. Avataanko myös pienet kirjastot?\n\nYstävällisin terveisin\nInes",
            "Lähettäjä: Coronafacts",
        ),
        ("outlook-sv-html-only", "Hei,\n\nÖppnar också de små biblioteken?", "Från: Coronafacts"),
        ("outlook-en-html-only", "Hei,\n\nDo small libraries open too?", "From: Coronafacts"),
        ("outlook-mobile-fi", "Voinko jakaa tämän jo tänään?", "Hanki Outlook for iOS"),
        ("apple-fi", "Kysyttiin paljon aukioloajoista.", "Lähetetty iPhonesta"),
        (
            "thunderbird-below",
            (
                "Kirjoitan vastaukseni lainauksen alle, ja tämä kappale on niin pitkä, että ohjelma on jakanut sen kahdelle "
                "riville."
            ),
            "> Kirjastot avataan maanantaina.",
        ),
        ("windows-1252-top", "“Hyvä tiedote” – kiitos! Maksaako se 5 €?", "-----Alkuperäinen viesti-----"),
    ],
)
def test_quoted_text_and_signature_are_folded_away_and_kept(name: str, text: str, folded: str) -> None:
    letter = read(name)

    assert letter.text == text
    assert folded in letter.folded
    assert letter.answers == (ID,)
    assert not letter.is_automatic


def test_answers_between_quotations_keep_what_they_answer() -> None:
    letter = read("thunderbird-between")

    assert "> Biblioteken öppnar på måndag." in letter.text
    assert letter.text.endswith("Också barn?")


@pytest.mark.parametrize("name", ["out-of-office-fi", "list-auto-reply", "bounce"])
def test_what_machines_write_is_known(name: str) -> None:
    assert read(name).is_automatic


@pytest.mark.parametrize(
    ("subject", "is_automatic"),
    [
        ("Automaattinen vastaus: Kirjastot", True),
        ("Poissaoloviesti", True),
        ("Automatiskt svar: Bibliotek", True),
        ("Frånvaromeddelande", True),
        ("Out of office: Libraries", True),
        ("Re: Automatic reply: Libraries", True),
        ("Poissa: Kirjastot", True),
        ("Poissa toimistolta", True),
        ("Lomalla", True),
        ("Olen lomalla 1.7.–31.7.", True),
        ("Lomalla voi lukea, eikö?", False),
        ("Vs: Kirjastot", False),
        ("Miksi automaattinen vastaus tulee?", False),
    ],
)
def test_automatic_replies_are_known_by_their_subject(subject: str, is_automatic: bool) -> None:
    raw = f"From: ines@example.org\nSubject: {subject}\n\nHei\n".encode()

    assert mime_reader.read(message_from_bytes(raw)).is_automatic is is_automatic


def test_html_becomes_text_and_nothing_of_it_runs() -> None:
    text = quoted_text.text_of_html(
        "<style>p{}</style><p>One<br>two &amp; three</p><script>alert(1)</script><ul><li>a<li>b</ul>"
        '<div style="display: none">unseen</div><blockquote>said<blockquote>before</blockquote></blockquote>'
    )

    assert "One\ntwo & three" in text
    assert "– a\n– b" in text
    assert "> said\n>> before" in text
    assert "alert" not in text
    assert "unseen" not in text


@pytest.mark.parametrize("text", ["STOP", "Peruuta, kiitos", "Avsluta tack", "Please unsubscribe me", "Lopettakaa"])
def test_a_wish_to_leave_is_seen(text: str) -> None:
    assert mime_reader.wants_no_mail(text)


def test_a_long_text_with_such_a_word_is_about_something_else() -> None:
    assert not mime_reader.wants_no_mail("Bussi numero 5 lopettaa liikennöinnin. " * 9)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Saa.\n\nYstävällisin terveisin\n\nLiisa Laine\nErityisasiantuntija\nliisa@example.org\n050 123 4567", "Saa."),
        ("Ja.\nMed vänlig hälsning\nLiisa\n+358 (0)50 123 4567", "Ja."),
        ("Yes.\n\nKind regards,\nLiisa Laine\nTel: 050 1234567, www.example.org", "Yes."),
        ("Saa.\n\nLiisa Laine, viestintä\nLIISA@example.org", "Saa."),
        ("Soita\n029 123 4567\n\nTerveisin Liisa\nliisa@example.org", None),
        ("Saa.\nliisa@example.org", None),
        ("Kirjoita liisa@example.org\n" + "\nrivi" * 9, None),
        ("Terveisin Liisa\n050 123 4567", None),
        ("Saa.\n\nTerveisin\nLiisa", "Saa.\n\nTerveisin\nLiisa"),
        ("Auki\nma 9.00-17.00\n25.3.2026\n2026-03-25\nSoita neuvontaan 0295 535 535.", ...),
    ],
)
def test_a_signature_that_tells_an_address_is_cut_off_where_it_clearly_begins(text: str, kept: object) -> None:
    found = quoted_text.without_address(text, name="Liisa Laine", address="liisa@example.org")

    assert found == (text if kept is ... else kept)


@given(st.text(alphabet="> \nab:-On wrote1<@.kirjoitti_From:Sent", max_size=400))
def test_nothing_is_ever_lost(text: str) -> None:
    folded = quoted_text.fold(text)

    kept = "".join((folded.text + folded.folded).split())
    assert sorted(kept) == sorted("".join(text.split()))


FLOWED = b"Content-Type: text/plain; format=flowed\n\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"x: y\n\n" + b">" * 100_000,
        b"Subject: " + b"a " * 60_000 + b"\n\nx",
        b"x: y\n\n" + b"On 1 " * 50_000,
        FLOWED + (b"a" * 70 + b" \n") * 60_000,
        FLOWED + b"a \n" * 1_300_000,
        b"x: y\n\n" + b"Sent from my x\n" * 20_000,
        b"x: y\n\n" + b">a\nb\n" * 10_000,
        b"x: y\n\n" + b"a\n" * 2_000_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (b"--b\nContent-Type: text/html\n\n" + b"a<b>" * 20_000 + b"\n") * 50,
    ],
)
def test_long_lines_take_no_time(raw: bytes) -> None:
    mail = message_from_bytes(raw)
    began = time.process_time()

    letter = mime_reader.read(mail)

    assert time.process_time() - began < 2
    assert len(letter.text) <= mime_reader.LONGEST_TEXT


def test_deep_html_is_read() -> None:
    assert "x" in quoted_text.text_of_html("<div>" * 50_000 + "x" + "</div>" * 50_000)


def test_a_mail_that_is_too_long_says_where_it_was_cut_and_by_how_much() -> None:
    raw = b"From: ines@example.org\n\n" + b"word " * 25_000
    letter = mime_reader.read(message_from_bytes(raw))

    with override("en"):
        text, folded = mime_reader.stored_text(letter)

    assert text.endswith("[The email was too long and was cut here: at least 24,999 more characters were not kept.]")
    assert folded == ""
    short = mime_reader.read(message_from_bytes(b"From: ines@example.org\n\nHei\n"))
    assert mime_reader.stored_text(short) == ("Hei", "")
