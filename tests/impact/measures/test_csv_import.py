"""Values from a CSV file: every encoding and separator, errors per row in words, and nothing kept of a file with one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Campaign
from impact.measures import csv_import
from impact.measures.forms import NotANumber, number_of
from impact.measures.snapshots import NotTaken
from impact.models import Snapshot, Source, Unit
from tests.support import builders

from .test_snapshots import build

pytestmark = pytest.mark.django_db

AT = builders.NOON
DAY = AT.date().isoformat()
TABLE = f"measure;day;value;note\ncalls;{DAY};2 310;två linjer\nPuhelut;{AT.date():%d.%m.%Y};12,5;\n"


def measures(campaign: Campaign) -> None:
    """Store two measures."""
    build(campaign)
    build(campaign, key="more", unit=Unit.PERCENT).__class__.objects.filter(key="more").update(name={"fi": "Puhelut"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_every_encoding_and_separator_is_read(campaign: Campaign, encoding: str, separator: str) -> None:
    measures(campaign)
    found = csv_import.read(TABLE.replace(";", separator).encode(encoding), campaign, at=AT)
    assert not found.faults
    assert [(one.measure.key, one.value) for one in found.readings] == [("calls", 2310), ("more", Decimal("12.5"))]
    assert found.readings[0].note == "två linjer"


def test_a_file_is_tried_and_then_kept_once(campaign: Campaign, alma: Any) -> None:
    measures(campaign)
    found = csv_import.read(TABLE.encode(), campaign, at=AT)
    assert not Snapshot.objects.exists()
    assert csv_import.keep(found, campaign, by=alma, at=AT).new == 2
    again = csv_import.keep(csv_import.read(TABLE.encode(), campaign, at=AT), campaign, by=alma, at=AT)
    assert (again.new, again.same, Snapshot.objects.count()) == (0, 2, 2)
    assert set(Snapshot.objects.values_list("source", flat=True)) == {Source.CSV}


def test_each_wrong_row_is_told_with_its_line_and_nothing_is_kept(campaign: Campaign, alma: Any) -> None:
    measures(campaign)
    rows = [
        "measure,day,value",
        f"calls,{DAY},5",
        f"nothing,{DAY},5",
        "calls,2026-13-01,5",
        f"calls,{DAY},many",
        f"calls,{DAY},-5",
        f"calls,{date(2099, 1, 1)},5",
        f"calls,{DAY},6",
        "calls",
    ]
    found = csv_import.read("\r\n".join(rows).encode(), campaign, at=AT)
    assert [line for line, _why in found.faults] == [3, 4, 5, 6, 7, 8, 9]
    said = " ".join(why for _line, why in found.faults)
    for words in (
        "No measure is called",
        "not a day",
        "not a number",
        "Fewer than none",
        "not come yet",
        "same measure",
    ):
        assert words in said
    with pytest.raises(NotTaken):
        csv_import.keep(found, campaign, by=alma, at=AT)
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"measure,day,value\n", "no rows"),
        (b"a,b\n1,2\n", "Missing: measure, day, value"),
        (b"measure,measure,day,value\n", "twice"),
        (b"PK\x03\x04\0\0", "not a CSV file"),
        (b'measure,day,value\n"calls,1,2\n', "quotation mark"),
        (b"\xff\xfem\0e", "Missing|middle of a character"),
        (b"x" * (csv_import.MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_table_is_refused_in_words(campaign: Campaign, data: bytes, says: str) -> None:
    with pytest.raises(csv_import.NotReadable, match=says):
        csv_import.read(data, campaign, at=AT)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2310", "2310"),
        ("2 310", "2310"),
        ("2\u00a0310", "2310"),
        ("1,234,567", "1234567"),
        ("12,5", "12.5"),
        ("−3", "-3"),
        ("0.125", "0.125"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "many", "2.310", "2,310", "1.234.567", "1e5", "٣", "0x10", "1" * 50])
def test_what_is_no_number_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        number_of(text)
