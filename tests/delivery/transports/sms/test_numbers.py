"""Telephone numbers in every shape that people type, and those that take no text messages."""

import pytest

from delivery.models import Channel
from delivery.recipients import address_forms
from delivery.transports.sms import numbers


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("040 123 4567", "FI", "+358401234567"),
        ("0401234567", "FI", "+358401234567"),
        ("+358 40 1234567", "FI", "+358401234567"),
        ("+358 (0)40 123 4567", "FI", "+358401234567"),
        ("00358-40-123-4567", "FI", "+358401234567"),
        ("(040) 123.4567", "FI", "+358401234567"),
        ("040\u2013123\u20114567", "FI", "+358401234567"),
        ("tel:+358401234567", "SE", "+358401234567"),
        ("\uff0b\uff13\uff15\uff18 40 123 4567", "FI", "+358401234567"),
        ("\u0660\u0664\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "FI", "+358401234567"),
        ("  puh. 040 123 4567 ", "FI", "+358401234567"),
        ("040 1234567 (koti)", "FI", "+358401234567"),
        ("040 1234567, kotona iltaisin", "FI", "+358401234567"),
        ("tel:+358401234567;phone-context=example.org", "FI", "+358401234567"),
        ("0457 123 4567", "FI", "+3584571234567"),
        ("070-174 06 05", "SE", "+46701740605"),
        ("+46 70 174 06 05", "FI", "+46701740605"),
        ("+372 5123 4567", "FI", "+37251234567"),
        ("+1 202 555 0143", "FI", "+12025550143"),
    ],
)
def test_a_number_is_read_in_every_shape(typed, region, number):
    assert numbers.read(typed, region) == number
    assert numbers.E164.match(number)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", numbers.NOT_A_NUMBER),
        ("minun numeroni", numbers.NOT_A_NUMBER),
        ("+", numbers.NOT_A_NUMBER),
        ("+999 40 123 4567", numbers.NO_SUCH_NUMBER),
        ("040 12", numbers.NO_SUCH_NUMBER),
        ("040 12 (koti)", numbers.NO_SUCH_NUMBER),
        ("040 123 4567 (koti) 050 123 4567", numbers.TOO_LONG),
        ("+358 40 123 4567 8901 2345", numbers.TOO_LONG),
        ("040 123 4567, 050 123 4567 (home), 09 1234567 (work), others", numbers.NOT_A_NUMBER),
        ("04" * 40, numbers.TOO_LONG),
        ("09 123 4567", numbers.LANDLINE),
        ("+46 8 123 456 78", numbers.LANDLINE),
        ("070-123 45 67", numbers.FOREIGN),
        ("+358 70 123 4567", numbers.LANDLINE),
        ("+44 70 1234 5678", numbers.SERVICE),
        ("+870 773 111 632", numbers.SATELLITE),
        ("+8816 224 133 550", numbers.SATELLITE),
        ("+882 16 123 45678", numbers.SATELLITE),
        ("+979 123 456 789", numbers.SERVICE),
        ("0800 1 23456", numbers.SERVICE),
        ("0600 123456", numbers.SERVICE),
        ("112", numbers.TOO_SHORT),
        ("+46 70 000", numbers.TOO_SHORT),
    ],
)
def test_what_takes_no_text_messages_is_refused_in_words(typed, words):
    with pytest.raises(numbers.NotANumber) as refused:
        numbers.read(typed)

    assert refused.value.words == words


def test_a_number_is_hidden_but_for_what_its_owner_knows_it_by():
    assert numbers.hidden("+358401234567") == "+358 … 67"


@pytest.mark.parametrize("typed", ["09 123 4567", "070-123 45 67", "0800 1 23456"])
def test_whoever_gives_a_number_for_whatsapp_is_told_of_whatsapp(typed):
    with pytest.raises(numbers.NotANumber) as refused:
        address_forms.READERS[Channel.WHATSAPP](typed)

    assert "WhatsApp" in str(refused.value) and "text messages" not in str(refused.value)


def test_a_number_is_shown_as_people_write_it():
    assert numbers.shown("+358401234567") == "+358 40 1234567" and numbers.shown("x") == "x"
