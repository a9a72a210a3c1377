"""The archive of a campaign: what readers could read, static, the same each time, and nothing else."""

import errno
import hashlib
import io
import posixpath
import re
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse

from accounts.models import AuditEntry, User
from bulletins.models import Asset, PublishedEdition
from bulletins.publication import corrections
from campaigns.models import Campaign
from impact.closing import archive_contents, archive_results, archive_writers, archives, public_site, results
from impact.closing.static_page import StaticPage
from impact.measures import snapshots
from impact.measures.snapshots import Reading
from impact.models import Archive, Measure, Snapshot
from tests.impact.insight_reports import scene as insight_scene
from tests.journeys import markup_rules, scene
from tests.support import builders
from tests.support.frozen_rows import thawed
from website.pages import views

pytestmark = pytest.mark.django_db


def archive_of(campaign: Campaign, *, at: datetime) -> tuple[bytes, list[str]]:
    """Return the archive of a campaign as the bytes of its zip, and what was missing."""
    file = io.BytesIO()
    with archive_writers.zip_file(file, campaign.slug) as writer:
        contents = archive_contents.Archive(campaign, writer, at=at)
        contents.write(lambda _done, _total: None)
    return file.getvalue(), contents.missing


def files_in(zipped: bytes) -> dict[str, bytes]:
    """Return {name: content} of the files in a zip, without its one folder."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        return {info.filename.partition("/")[2]: opened.read(info) for info in opened.infolist()}


def close(campaign: Campaign, at: datetime) -> Campaign:
    """Close a campaign."""
    campaign.closed_at = at
    campaign.save()
    return campaign


@pytest.mark.slow
def test_an_archive_has_what_readers_could_read_and_nothing_else(noon: datetime) -> None:
    site = scene.fill(noon)
    campaign = close(site.campaign, noon)
    Campaign.objects.filter(pk=campaign.pk).update(liaison_email="liisa@desk.example", liaison_name="Liisa")
    draft = builders.build_bulletin(campaign)
    draft.editions.update(title="Nobody may know yet")
    with thawed():
        models.QuerySet(PublishedEdition).filter(version__bulletin__number=site.withdrawn).update(title="It was wrong")
    poster = Asset.objects.get().file.name
    alma, oskar = builders.editor(), builders.second_person()
    calls = Measure.objects.create(campaign=campaign, key="calls", name={"en": "Calls"}, unit="calls", is_summed=True)
    snapshots.take(Reading(calls, campaign.starts_on, Decimal(42)), source="hand", by=alma, at=noon)
    found = results.gather(campaign, by=alma, at=noon)
    results.approve(campaign, digest=results.RESULTS.digest_of(found), by=oskar, at=noon)
    default_storage.delete(poster)

    zipped, missing = archive_of(campaign, at=noon)

    assert archive_of(campaign, at=noon + timedelta(days=1))[0] == zipped
    files = files_in(zipped)
    sums = {name: mark for mark, name in (line.split("  ") for line in files["SHA256SUMS"].decode().splitlines())}
    assert sums == {name: hashlib.sha256(said).hexdigest() for name, said in files.items() if name != "SHA256SUMS"}
    pages = {name: said.decode() for name, said in files.items() if name.endswith(".html")}
    for code in scene.LANGUAGES:
        assert {
            f"{code}/index.html",
            f"{code}/bulletins/{site.plain}/index.html",
            f"{code}/bulletins/{site.corrected}/versions/1/index.html",
            f"{code}/bulletins/{site.withdrawn}/index.html",
            f"{code}/facts/{site.claim}/index.html",
            f"{code}/answers/open/index.html",
        } <= pages.keys()
    assert "Fact-checks: 1" in pages["en/results/index.html"] and "wk__dot" in pages["en/results/index.html"]
    assert b"calls,Calls,calls" in files["data/measures.csv"]
    assert missing == [f"media/{poster}"] and poster in pages["en/index.html"]
    assert "was missing when" in pages[f"en/bulletins/{site.plain}/index.html"]
    said = b"\n".join(files.values())
    for secret in (b"Nobody may know yet", b"It was wrong", b"liisa@desk", b"Liisa", b"csrf", b"testserver"):
        assert secret not in said, secret
    for name, html in pages.items():
        assert "<title></title>" not in html, name
        assert not re.search(r"<(script|form|button|iframe)\b|\son\w+=|data-", html), name
        assert markup_rules.faults_of(html) == [], name
        for link in re.findall(r'(?:href|src)="([^"#]+)', html):
            assert not link.startswith("/"), (name, link)
            if "://" not in link:
                assert posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(link))) in files, (name, link)
        assert not re.search(r'(?:src|<link[^>]*href)="https?:', html), name


def test_every_page_of_a_list_is_in_the_archive(
    campaign: Campaign, alma: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 1)
    numbers = [builders.build_published_version(campaign, by=alma).bulletin.number for _one in range(3)]

    zipped, _missing = archive_of(close(campaign, builders.NOON), at=builders.NOON)

    files = files_in(zipped)
    assert {f"fi/bulletins/{number}/index.html" for number in numbers} <= files.keys()
    assert 'href="page-2/index.html"' in files["fi/bulletins/index.html"].decode()
    assert 'href="../page-3/index.html"' in files["fi/bulletins/page-2/index.html"].decode()


def test_a_page_is_made_static() -> None:
    html = """<html lang="fi"><head><title>A &amp; B</title></head><body><main id="content"><p>1 &lt; 2
        <a href="/en/gone/">words</a> <a class="btn" href="/en/gone/">button</a> <a href="/fi/x/#y">x</a>
        <a href="https://ministry.example/a?b=1&amp;c=2">out</a></p><form><p>form</p></form><p data-site-only>site <b>only</b></p>
        <img src="/media/gone.png" alt="Cat"><img src="/media/cat.png" alt="" data-x="1"><a href="mailto:a@b.example">mail</a>
        </main></body></html>"""
    places = {"/fi/x/": "fi/x/index.html", "/media/cat.png": "media/cat.png"}
    page = StaticPage(
        html,
        here="fi/a/b/index.html",
        place_of=lambda address: None if ":" in address else places.get(address, ""),
        note="gone",
    )
    assert (page.title, page.language, page.missing) == ("A & B", "fi", ["/media/gone.png"])
    assert " ".join(page.main.split()) == (
        '<p>1 &lt; 2 words <a href="../../x/index.html#y">x</a> '
        '<a href="https://ministry.example/a?b=1&amp;c=2">out</a></p> '
        '<small>gone</small><img src="../../../media/cat.png" alt="">mail'
    )


def test_results_stand_as_a_list_and_a_week_cut_short_is_compared_with_none(campaign: Campaign, noon: datetime) -> None:
    assert archive_results.blocks("We did:\n- a\n- b\n") == [(False, ["We did:"]), (True, ["a", "b"])]
    monday = date(2026, 11, 30)
    calls = Measure.objects.create(campaign=campaign, key="calls", name={"en": "Calls"}, unit="calls", is_summed=True)
    for on, value in ((monday - timedelta(days=14), 40), (monday - timedelta(days=7), 44), (monday, 1)):
        Snapshot.objects.create(
            measure=calls, on=on, value=value, unit="calls", source="hand", taken_at=noon, taken_on=on
        )
    (shown,) = archive_results.charts(campaign, until=monday)
    assert "44" in shown.chart.title and "+10 %" in shown.chart.finding
    (shown,) = archive_results.charts(campaign, until=monday + timedelta(days=6))
    assert "−98 %" in shown.chart.finding


def test_a_public_report_keeps_its_address_and_is_in_the_archive(
    campaign: Campaign, alma: User, oskar: User, noon: datetime, client: Any
) -> None:
    at = noon + timedelta(days=7)
    insight_scene.week(campaign, at)
    report = insight_scene.approved(campaign, by=alma, approver=oskar, at=at)
    close(campaign, at)
    assert client.get(reverse("insight:report", args=[report.code])).status_code == 200
    site = public_site.PublicSite(campaign, ["en"])
    assert public_site.REPORTS in public_site.lists_of(campaign)
    for name in ("report", "data"):
        spot = site.spot(f"/en/insight/{report.code}/{'report.json' if name == 'data' else ''}")
        answer = site.get(spot) if spot else None
        assert answer is not None and answer.status_code == 200, name


@pytest.mark.parametrize("address", ["https://[::1", "//[", "/en/\u2100?x=//[", "http://℀.fi/"])
def test_an_address_that_is_none_stops_no_archive(campaign: Campaign, address: str) -> None:
    with archive_writers.zip_file(io.BytesIO(), campaign.slug) as writer:
        assert not archive_contents.Archive(campaign, writer, at=builders.NOON)._place_of(
            address, path="/en/bulletins/"
        )


def test_an_archive_is_asked_for_once_and_only_of_a_closed_campaign(
    campaign: Campaign, root: User, noon: datetime
) -> None:
    with pytest.raises(archives.NotDone, match="close the campaign first"):
        archives.ask(campaign, by=root, at=noon)
    archives.ask(close(campaign, noon), by=root, at=noon)
    with pytest.raises(archives.NotDone, match="being made already"):
        archives.ask(campaign, by=root, at=noon)
    assert Archive.objects.count() == 1


def test_an_archive_is_made_kept_and_outdated_by_a_correction(
    campaign: Campaign, root: User, noon: datetime, client: object
) -> None:
    bulletin = builders.build_published_version(campaign, at=noon - timedelta(hours=1)).bulletin
    row = archives.ask(close(campaign, noon), by=root, at=noon)
    archives.make(row.pk, clock=lambda: noon)
    row.refresh_from_db()
    assert row.state == Archive.State.READY and row.size == default_storage.size(row.file.name) and not row.missing
    page = reverse("archive", args=[campaign.slug])
    assert client.get(page).status_code == 404  # type: ignore[attr-defined]
    archives.show_to_all(row, shown=True, by=root, at=noon)
    answer = client.get(page)  # type: ignore[attr-defined]
    assert hashlib.sha256(answer.getvalue()).hexdigest() == row.sha256
    verbs = {"archive.asked", "archive.made", "archive.published"}
    assert set(AuditEntry.objects.filter(verb__startswith="archive.").values_list("verb", flat=True)) == verbs
    later = noon + timedelta(seconds=1)
    corrections.start_correction(bulletin, by=builders.editor(), at=later, what_changed=scene.WHAT_CHANGED)
    builders.published(bulletin, at=later)
    assert client.get(page).status_code == 404  # type: ignore[attr-defined]


def test_a_full_disk_is_said_and_leaves_no_half(
    campaign: Campaign, root: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> list[str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "write_zip", full)
    row = archives.ask(close(campaign, noon), by=root, at=noon)
    archives.make(row.pk, clock=lambda: noon)
    row.refresh_from_db()
    assert (row.state, row.error, row.file.name) == (Archive.State.FAILED, archives.NO_ROOM, "")
    archives.ask(campaign, by=root, at=noon)


def test_whoever_lost_an_archive_to_another_worker_changes_nothing(
    campaign: Campaign, root: User, noon: datetime
) -> None:
    row = archives.ask(close(campaign, noon), by=root, at=noon)
    mine = archives.take(row.pk, at=noon)
    assert mine and archives.take(row.pk, at=noon) is None
    assert archives.take(row.pk, at=noon + archives.LEASE)
    there = set(default_storage.listdir("archives")[1]) if default_storage.exists("archives") else set()
    with pytest.raises(archives.Lost):
        archives.finish(mine, io.BytesIO(b"PK"), [], at=noon)
    row.refresh_from_db()
    assert row.state == Archive.State.MAKING and not row.file
    assert set(default_storage.listdir("archives")[1]) == there
