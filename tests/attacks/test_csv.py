"""No spreadsheet calculates what someone wrote, and no list brings anything but rows."""

import ast
import csv
import io
from pathlib import Path
from typing import Any

import pytest

from accounts.audit import csv_export
from accounts.models import AuditEntry
from delivery.models import Delivery, Recipient
from delivery.reports import csv_record
from lib import csv_rows
from tests.architecture import PACKAGES, ROOT, modules_that_say
from tests.support import builders

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\u3000＝1+1", "\ufeff=1+1",
    "\u200b=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"https://evil.example/\")", "\x0b=1",
]  # fmt: skip
HARMLESS = ["", "Words", "a=b", "1-2", "'=1+1", "elli@example.org", "2026-03-25", "(+1)", '"=1+1"']


def cells_of(data: bytes) -> list[list[str]]:
    """Return the cells of CSV as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_beginning_of_a_formula_is_made_words_and_nothing_else_is_touched():
    (row,) = cells_of(csv_rows.lines([tuple(FORMULAS + HARMLESS)]))

    assert row[: len(FORMULAS)] == [f"'{formula}" for formula in FORMULAS]
    assert row[len(FORMULAS) :] == HARMLESS


def test_a_cell_stays_one_cell():
    nasty = ['a","=1+1', "a\r\n=1+1", "a;=1+1", 'a"\r\n"=1+1', "\x00a"]

    rows = cells_of(csv_rows.lines([tuple(nasty), (1, None, True)]).replace(b"\x00", b""))

    assert rows == [[cell.replace("\x00", "") for cell in nasty], ["1", "", "True"]]


@pytest.mark.django_db
def test_no_export_has_a_cell_that_calculates(campaign, alma):
    alma.name = FORMULAS[0]
    alma.save()
    for number, formula in enumerate(FORMULAS):
        AuditEntry.objects.create(
            at=builders.NOON, actor=alma, verb="x.y", subject_type="a.b", subject=formula, detail={"said": formula}
        )
        Recipient.objects.create(email=f"=cmd{number}@example.org", language="fi")
    audience = builders.build_audience(campaign)
    builders.join(audience, Recipient.objects.filter(email__startswith="="))
    send = builders.build_fanned_out_send(audience)
    for row, formula in zip(Delivery.objects.of(send).order_by("pk"), FORMULAS, strict=True):
        Delivery.objects.filter(pk=row.pk).update(detail=formula, code=formula[:20])

    written = [*csv_export.audit_log(AuditEntry.objects.all()), *csv_record.record_of(send, with_addresses=True)]

    cells = [cell for part in written for row in cells_of(part) for cell in row]
    assert len(cells) > 400
    assert [
        cell for cell in cells if cell.lstrip("\ufeff\u200b \u00a0\u3000\r\n\t\x0b").startswith(tuple("=+@＝＋－＠"))
    ] == []


def test_csv_is_written_in_one_place():
    """Whoever writes CSV elsewhere would have to remember what a spreadsheet does with it."""
    writing = {
        str(path.relative_to(ROOT))
        for package in (*PACKAGES, "supply")
        for path, tree in modules_that_say(["csv"], Path(ROOT, package).rglob("*.py"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "csv"
        and node.attr in {"writer", "DictWriter"}
    }

    assert writing == {"lib/csv_rows.py"}


# --- Files that come in ----------------------------------------------------------------------------

BOMB = "a" * 500_000


def files(header: str, row: str) -> dict[str, bytes]:
    """Return files with one person or claim in every way that a program or someone who means harm writes one."""
    text = f"{header}\r\n{row}\r\n"
    return {
        "as it should be": text.encode(),
        "semicolons": text.replace(",", ";").encode(),
        "with a mark": b"\xef\xbb\xbf" + text.encode(),
        "UTF-16": text.encode("utf-16"),
        "UTF-16 without a mark": text.encode("utf-16-le"),
        "Windows": text.encode("cp1252"),
        "old Macintosh": text.replace("\r\n", "\r").encode(),
        "a heading twice": f"{header},{header.split(',')[0]}\r\n{row},x\r\n".encode(),
        "NUL": text.replace("E", "E\x00").encode(),
        "NUL only": b"\x00" * 4_096,
        "no rows": f"{header}\r\n".encode(),
        "a long cell": f"{header}\r\n{row},{BOMB}\r\n".encode(),
        "a long heading": f"{BOMB},{header}\r\n{row}\r\n".encode(),
        "many columns": f"{header}{',x' * 20_000}\r\n{row}\r\n".encode(),
        "an open quotation mark": f'{header}\r\n"{row}\r\n'.encode() + text.encode() * 50,
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        "a spreadsheet": b"PK\x03\x04" + bytes(range(256)) * 40,
        "a page": b"<!doctype html><script>pwned(1)</script>",
        "a lone surrogate": f"{header}\r\n{row}".encode() + b"\xed\xa0\x80\r\n",
        "formulas": f"{header}\r\n{row.replace('E', '=E')}\r\n".encode(),
    }


@pytest.mark.django_db
def test_no_list_of_people_breaks_the_reader_or_enrols_anybody(campaign, liisa, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from delivery.models import Consent, Membership
    from influencers.models import ImportRun, Influencer
    from influencers.onboarding.csv_import import import_runs

    settings.MEDIA_ROOT = tmp_path
    ended: dict[str, str] = {}
    for name, data in files("email,name,language", "elli@example.org,Elli,fi").items():
        run = import_runs.take(
            campaign, SimpleUploadedFile("l.csv", data), name="../../l.csv", source="x", by=liisa, at=builders.NOON
        )
        import_runs.work(at=builders.NOON)
        run.refresh_from_db()
        ended[name] = run.state
        if run.state == ImportRun.State.UNREADABLE:
            assert run.why, name
        else:
            assert run.state == ImportRun.State.PLANNED, name
        assert not Influencer.objects.exists(), name

    assert {
        name
        for name in ("as it should be", "semicolons", "with a mark", "UTF-16", "Windows")
        if ended[name] != "planned"
    } == set()
    assert ended["NUL only"] == ended["a picture"] == ended["a spreadsheet"] == ended["a heading twice"] == "unreadable"
    assert not Consent.objects.exists() and not Membership.objects.exists()


@pytest.mark.django_db
def test_no_list_of_claims_breaks_the_reader_or_stores_anything_unseen(campaign, fiona):
    from factcheck.intake import claims_csv
    from factcheck.models import Claim

    read: dict[str, Any] = {}
    for name, data in files("claim,platform,date", "Evil garlic,x,2026-03-20").items():
        try:
            read[name] = claims_csv.plan(campaign, data, by=fiona, at=builders.NOON).adds
        except claims_csv.NotReadable as refusal:
            read[name] = str(refusal)

    assert not Claim.objects.exists()
    assert [read[name] for name in ("as it should be", "semicolons", "with a mark", "UTF-16", "Windows")] == [1] * 5
    assert all(isinstance(read[name], str) for name in ("NUL only", "a picture", "a spreadsheet", "a heading twice"))
