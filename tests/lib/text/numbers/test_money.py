"""Amounts of money in words and from words."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from lib.text.numbers.money import currencies, money, read_amount, sums


@pytest.mark.parametrize(
    ("language", "currency", "says"),
    [
        ("en", "EUR", "€1,800.00"),
        ("en", "SEK", "SEK 1,800.00"),
        ("fi", "EUR", "1 800,00 €"),
        ("sv", "SEK", "1 800,00 SEK"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(language, currency, says):
    with override(language):
        assert money(Decimal("1800"), currency).replace("\xa0", " ").replace("\u202f", " ") == says


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1800", "1800.00"),
        ("1 800,5", "1800.50"),
        ("1\xa0800.05", "1800.05"),
        ("1,800.50", "1800.50"),
        ("1.800,50", "1800.50"),
    ],
)
def test_an_amount_is_read_exactly(text, amount):
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "1.800", "1,800", "1,80.00", "1800 €", "-1", "1e3", "NaN", "١٢", "123456789", "1.005"]
)
def test_what_may_mean_something_else_is_no_amount(text):
    with pytest.raises(ValueError, match="no amount"):
        read_amount(text)


def test_currencies_are_never_mixed():
    assert sums([("EUR", Decimal("0.10")), ("SEK", Decimal(5)), ("EUR", Decimal("0.20"))]) == {
        "EUR": Decimal("0.30"),
        "SEK": Decimal(5),
    }


def test_currencies_are_those_in_use_and_no_metals_funds_or_old_ones():
    assert {"EUR", "SEK", "NOK", "DKK", "GBP", "USD", "CHF", "UAH", "INR"} <= currencies()
    assert not {"XXQ", "XXX", "XAU", "XDR", "FIM", "DEM", "eur", ""} & currencies()
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in currencies())
