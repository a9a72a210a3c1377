"""Encodings that texts from outside are written in."""

import time

import pytest

from lib.text.characters import charsets


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("Hyvää päivää".encode(), "utf-8"),
        ("Hyvää päivää".encode(), "us-ascii"),
        ("Hyvää päivää".encode(), "nobody-knows-it"),
        ("Hyvää päivää".encode(), ""),
        ("Hyvää päivää".encode("latin-1"), "ISO-8859-1"),
        ("Hyvää päivää".encode("latin-1"), "utf-8"),
        ("Hyvää päivää".encode("latin-1"), "us-ascii"),
        ("Hyvää päivää".encode("utf-16"), "utf-16"),
        ("Hyvää päivää".encode("mac-roman"), "macintosh"),
    ],
)
def test_a_text_is_read_as_it_was_written(raw: bytes, label: str):
    assert charsets.text_of(raw, label, most=1000) == "Hyvää päivää"


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "zlib", "base64", "rot13", "unicode_escape", "utf-7", "undefined", "a" * 9_999]
)
def test_what_is_no_encoding_of_a_text_is_not_known(label: str):
    assert charsets.python_name(label) == ""
    assert charsets.text_of("Hyvää".encode(), label, most=1000) == "Hyvää"


def test_no_more_than_is_looked_at_is_decoded_and_no_letter_is_halved():
    assert charsets.text_of("ä".encode() * 10, "utf-8", most=3) == "ää" + "ä"
    assert charsets.text_of("a€".encode() * 9, "utf-8", most=2) == "a€"
    assert charsets.text_of("ä".encode() + b"\xc3", "utf-8", most=9) == "Ã¤Ã"  # cut off by its writer, so not UTF-8


def test_a_name_costs_no_more_than_another():
    began = time.process_time()
    charsets.text_of(b"x" * 400_000 + b"-" + b"a" * 400_000, "punycode", most=1_000_000)
    assert time.process_time() - began < 1
