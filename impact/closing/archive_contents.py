"""
What is in the archive of a campaign: every public page in each language (public_site.py), made static; the pictures, films and
subtitles that they show; all of it as data (archive_data.py); and a first page that leads to it.

It says the same whenever and wherever it is made, as long as the campaign says the same: no date of its own, no address of the site.
"""

import posixpath
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from campaigns.models import Campaign, CampaignLanguage
from lib.http import url_parts
from lib.text.languages import spoken_languages

from . import archive_data, archive_results, public_site, published_files
from .archive_writers import Writer
from .public_site import LISTS, PublicSite, Spot
from .static_page import StaticPage, relative

STYLES = (
    "css/tokens.css",
    "css/shared.css",
    "css/site.css",
    "css/paper.css",
    "website/answers.css",
    "factcheck/facts.css",
    "factcheck/copy.css",
    "impact/impact.css",
    "impact/surveys.css",
    "impact/archive.css",
)
MARK = "img/mark.svg"
INDEX, README, RESULTS = "index.html", "README.txt", "results/index.html"
AT_HAND = 300  # pages that are kept until they are written; others are asked for once more
HOPS = 3  # from an address that leads to another one

Progress = Callable[[int, int], None]


@dataclass
class Archive:
    """An archive that is being written. `missing` are the stored files that were not there."""

    campaign: Campaign
    writer: Writer
    at: datetime
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [row for row in self.campaign.languages.all() if spoken_languages.is_spoken(row.code)]
        self.lists = public_site.lists_of(self.campaign)
        self.site = PublicSite(self.campaign, [row.code for row in self.rows])
        self.data = [*archive_data.NAMES]
        self._waiting: deque[Spot] = deque()
        self._places: dict[str, str] = {}  # of each address that was looked at; "" for what is not in the archive
        self._pages: dict[str, HttpResponseBase] = {}  # of some that wait to be written

    # --- Writing

    def write(self, progress: Progress) -> int:
        """
        Write all of it, and return how many pages were written. `progress` is told, after each page, how many are, and of how many
        that are known.
        """
        self._write_styles()
        for row in self.rows:
            for name in self.lists:
                with override(row.code):
                    self._place(reverse(name))
        done = 0
        while self._waiting:
            self._write_page(self._waiting.popleft())
            done += 1
            progress(done, done + len(self._waiting))
        archive_data.write(self.campaign, self.writer, languages=[row.code for row in self.rows], at=self.at)
        results = archive_results.approved(self.campaign)
        if results:
            self.data += archive_results.write_data(self.campaign, results, self.writer)
        for row in self.rows:
            if results:
                self._write_results(row, results.words.get(row.code, ""))
            self._write_front(row, has_results=results is not None)
        self._write_index()
        self._write_readme()
        return done

    def _write_styles(self) -> None:
        for name in (*STYLES, MARK):
            found = finders.find(name)
            assert isinstance(found, str), name
            with open(found, "rb") as file:
                self.writer.stream(f"static/{name}", iter(lambda: file.read(1 << 16), b""))

    def _write_page(self, spot: Spot) -> None:
        response = self._pages.pop(spot.path, None) or self.site.get(spot)
        if response is None or response.status_code != 200:
            return  # it was there a moment ago, when a link to it was followed
        html = response.content.decode()  # type: ignore[attr-defined]  # pages are no streams
        with override(spot.language), timezone.override(self.campaign.zone):
            note = _("This file was missing when the archive was made.")
            page = StaticPage(html, here=spot.place, place_of=partial(self._place_of, path=spot.path), note=note)
            files = self._files_at(spot)
            self._write_framed(spot.place, page.language, page, path=spot.path, files=files)

    def _write_framed(self, place: str, language: str, page: Any, *, path: str = "", **context: Any) -> None:
        row = next(one for one in self.rows if one.code == spoken_code(language, self.rows))
        frame = {
            "page": page,
            "main": mark_safe(getattr(page, "main", "")),  # noqa: S308  from our own templates
            "sprite": mark_safe(getattr(page, "sprite", "")),  # noqa: S308  from our own templates
            "language": language,
            "campaign": self.campaign,
            "text": row,
            "styles": [relative(f"static/{name}", place) for name in STYLES],
            "mark": relative(f"static/{MARK}", place),
            "front": relative(f"{row.code}/{INDEX}", place),
            "menu": self._menu(row, place),
            "others": self._in_other_languages(place, row, path),
            **context,
        }
        self.writer.write(place, render_to_string("impact/closing/archive/page.html", frame))

    def _menu(self, row: CampaignLanguage, place: str) -> list[tuple[str, str]]:
        """Return the lists that readers begin with, as (link, name), in the active language."""
        names = (_("Bulletins"), _("Facts"), _("Answers"))
        with override(row.code):
            spots = [self.site.spot(reverse(name)) for name in LISTS[:3]]
        return [(relative(spot.place, place), name) for spot, name in zip(spots, names, strict=True) if spot]

    def _in_other_languages(self, place: str, row: CampaignLanguage, path: str) -> list[tuple[str, str, bool]]:
        """Return (link, code, whether it is this one) for each language: the same page, else the front page of the other one."""
        if len(self.rows) < 2:
            return []
        rest = path.partition("/")[2].partition("/")[2]
        places = [(self._place(f"/{one.code}/{rest}") if rest else "", one) for one in self.rows]
        return [
            (relative(there or f"{one.code}/{INDEX}", place), one.code, one.code == row.code) for there, one in places
        ]

    # --- Following links

    def _place_of(self, address: str, *, path: str) -> str | None:
        """
        Return the place of an address in the archive, as it stands on the page at a path; "" where it has none there, None where it is not
        one of ours.
        """
        if address.startswith("?"):  # another page of the same list
            address = urljoin(path, address)
        parts = url_parts.parts_of(address)
        if parts is None or parts.scheme or parts.netloc:
            if not address.startswith(f"{settings.PUBLIC_URL}/"):
                return None
            address = address.removeprefix(settings.PUBLIC_URL)
        return self._place(address)

    def _place(self, address: str) -> str:
        """Return the place of an address of the site, and see that what is there is written: a file now, a page in its turn."""
        if address not in self._places:
            self._places[address] = self._follow(address)
        return self._places[address]

    def _follow(self, address: str) -> str:
        for _hop in range(HOPS):
            spot = self.site.spot(address)
            if spot is None:
                return ""
            if spot.path in self._places and spot.path != address:
                return self._places[spot.path]
            if spot.language and spot.place == f"{spot.language}/{INDEX}":
                return spot.place
            response = self.site.get(spot)
            if response is None:
                self._note_missing(spot)
                return ""
            if response.status_code in {301, 302}:
                address = response["Location"]
                continue
            if response.status_code != 200:
                return ""
            self._places[spot.path] = spot.place
            if spot.is_page:
                self._waiting.append(spot)
                if len(self._pages) < AT_HAND:
                    self._pages[spot.path] = response
            elif spot.place not in self.writer:
                self.writer.stream(spot.place, pieces_of(response))
            return spot.place
        return ""

    def _note_missing(self, spot: Spot) -> None:
        if not spot.is_page and spot.place not in self.missing:
            self.missing.append(spot.place)

    # --- Pages of its own

    def _files_at(self, spot: Spot) -> list[dict[str, Any]]:
        """Return the files of the bulletin or answer at a spot, with links to them; of any other page there are none."""
        match = resolve(urlsplit(spot.path).path)
        if match.view_name == "website:bulletin":
            files = published_files.files_of(self.campaign, match.kwargs["number"], spot.language, at=self.at)
        elif match.view_name == "website:answer":
            files = published_files.cards_of_answer(self.campaign, match.kwargs["slug"], at=self.at)
        else:
            return []
        found = []
        for one in files:
            place = self._place(one.url)
            subtitles = [(code, self._place(url)) for code, url in one.subtitles]
            found.append(
                {
                    "file": one,
                    "link": relative(place, spot.place) if place else "",
                    "name": posixpath.basename(one.url),
                    "subtitles": [(code, relative(there, spot.place)) for code, there in subtitles if there],
                }
            )
        return found

    def _write_results(self, row: CampaignLanguage, words: str) -> None:
        place = f"{row.code}/{RESULTS}"
        with override(row.code), timezone.override(self.campaign.zone):
            until = self.campaign.local(self.campaign.closed_at or self.at).date()
            shown = archive_results.charts(self.campaign, until=until)
            page = Front(title=f"{pgettext('campaign', 'Results')}. {row.name}", description="")
            self._write_framed(
                place, row.code, page, is_results=True, blocks=archive_results.blocks(words), charts=shown
            )

    def _write_front(self, row: CampaignLanguage, *, has_results: bool) -> None:
        place = f"{row.code}/{INDEX}"
        with override(row.code), timezone.override(self.campaign.zone):
            page = Front(title=row.name, description=row.summary)
            first = [(relative(f"{row.code}/{RESULTS}", place), pgettext("campaign", "Results"))] if has_results else []
            lists = [*first, *self._menu(row, place), *self._more_lists(row, place)]
            data = [(relative(name, place), posixpath.basename(name)) for name in sorted(self.data)]
            self._write_framed(place, row.code, page, is_front=True, lists=lists, data=data, missing=self.missing)

    def _more_lists(self, row: CampaignLanguage, place: str) -> Iterator[tuple[str, str]]:
        names = (
            _("Corrections of bulletins and answers"),
            _("Corrections to fact-checks"),
            _("Rumour and insight reports"),
        )
        for route, name in zip(self.lists[3:], names, strict=False):  # of reports there may be none
            with override(row.code):
                if there := self._place(reverse(route)):
                    yield relative(there, place), name

    def _write_index(self) -> None:
        """Write the first page, which asks for a language."""
        rows = [(f"{row.code}/{INDEX}", row.code, row.name) for row in self.rows]
        style = [f"static/{name}" for name in STYLES[:3]]
        context = {"rows": rows, "styles": style, "campaign": self.campaign, "mark": f"static/{MARK}"}
        self.writer.write(INDEX, render_to_string("impact/closing/archive/index.html", context))

    def _write_readme(self) -> None:
        parts = []
        for row in self.rows:
            with override(row.code), timezone.override(self.campaign.zone):
                context = {"text": row, "campaign": self.campaign, "missing": self.missing}
                parts.append(render_to_string("impact/closing/archive/README.txt", context).strip())
        self.writer.write(README, ("\n\n" + "-" * 70 + "\n\n").join(parts) + "\n")


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page in a language is called, and is about."""

    title: str
    description: str


def spoken_code(language: str, rows: list[CampaignLanguage]) -> str:
    """Return the language of the campaign that a page's language is, its first one for any other."""
    codes = [row.code for row in rows]
    return language if language in codes else codes[0]


def pieces_of(response: HttpResponseBase) -> Iterator[bytes]:
    """Yield what an answer holds, however large it is."""
    yield from getattr(response, "streaming_content", None) or [response.content]  # type: ignore[attr-defined]
    # Not the response: to close one ends a request, and with it the connections to the database.
    if (file := getattr(response, "file_to_stream", None)) is not None:
        file.close()
