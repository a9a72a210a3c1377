"""A mail costs little time to read, whatever is in it: of the processor's, compared with what the same machine needs for a plain one."""

import time
from email import message_from_bytes

import pytest
from anymail.inbound import AnymailInboundMessage

from delivery.feedback import inbound_headers, return_path_mails
from influencers.inbox.mail import mime_reader, quoted_text

SIGNS = 1_000_000
ENCODED = "=?utf-8?q?a?= "


def seconds(call, *arguments) -> float:
    """Return the processor's time that a call takes."""
    began = time.process_time()
    call(*arguments)
    return time.process_time() - began


def mail_with(name: str, value: str) -> bytes:
    """Return a mail with a header."""
    return f"{name}: {value}\nX-Other: y\n\nHello".encode()


@pytest.fixture(scope="module")
def plain() -> float:
    """What as many plain letters cost."""
    return max(seconds(quoted_text.text_of_html, "<p>" + "ab cd ef " * (SIGNS // 9)), 0.02) + seconds(
        sorted, [str(number) for number in range(SIGNS // 2)]
    )


@pytest.mark.parametrize("html", ["<", "<a", "<!", "<!--", "&", "&#", '<a b="', "</", "<div>", "<b/", "<li>", "x "])
def test_html_costs_no_more_than_its_length(html, plain):
    assert seconds(quoted_text.text_of_html, html * (SIGNS // len(html))) < 25 * plain


def test_words_of_html_stay_as_they_are():
    assert quoted_text.text_of_html("<p>a < b  and<b> c</b>&amp;d <li> one<li>two") == "a < b and c&d\n– one\n– two"


@pytest.mark.parametrize("name", ["Subject", "From", "To", "References", "Message-ID", "Auto-Submitted"])
@pytest.mark.parametrize("value", [ENCODED, ENCODED.strip(), "=?", '"', "(", "<a", "a@b,", "é"])
def test_headers_cost_no_more_than_what_is_looked_at(name, value, plain):
    raw = mail_with(name, value * (SIGNS // len(value)))

    assert seconds(mime_reader.read, message_from_bytes(raw)) < 10 * plain
    assert seconds(mime_reader.read, AnymailInboundMessage.parse_raw_mime_bytes(raw)) < 10 * plain


def test_a_bounce_with_endless_headers_is_read_as_far_as_anybody_reads():
    raw = mail_with("To", ENCODED * 60_000)
    mail = message_from_bytes(raw)

    inbound_headers.shorten(mail)

    assert len(mail["To"]) == inbound_headers.LONGEST
    assert return_path_mails.addressed(mail, ["X-Other"]) == ["y"]
