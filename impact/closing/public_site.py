"""
The public site as the archive reads it: each page as anyone gets it who is not logged in, from the views that answer readers. So
what nobody could read is in no archive: no draft, nothing under embargo, no word of what was withdrawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.translation import get_language, override

from campaigns.models import Campaign
from impact.models import InsightReport
from lib.http import url_parts

# The pages in an archive, by the name of their route, with the parameters that make another page of them.
PAGES: dict[str, tuple[str, ...]] = {
    "website:archive": ("page",),
    "website:bulletin": ("level",),
    "website:version": ("level",),
    "website:answers": ("page",),
    "website:answer": (),
    "website:answer_version": (),
    "website:corrections": (),
    "factcheck:claims": ("page",),
    "factcheck:claim": (),
    "factcheck:version": (),
    "factcheck:corrections": ("page",),
    "factcheck:policy": (),
    "factcheck:copy": (),
    "insight:reports": (),
    "insight:report": (),
}
FILES = {"media", "website:answer_subtitles", "website:answer_card", "factcheck:card", "insight:pdf", "insight:data"}
FRONT = "home"
# Where readers begin.
LISTS = ("website:archive", "factcheck:claims", "website:answers", "website:corrections", "factcheck:corrections")
REPORTS = "insight:reports"


@dataclass(frozen=True, slots=True)
class Spot:
    """An address of the site that the archive has: `path` with what of its query counts, and the `place` of its file."""

    path: str
    place: str
    is_page: bool
    language: str


def lists_of(campaign: Campaign) -> tuple[str, ...]:
    """Return the routes of the lists that readers of a campaign begin with."""
    return (*LISTS, REPORTS) if InsightReport.objects.public(campaign).exists() else LISTS


def what_counts(name: str, query: str) -> list[tuple[str, str]]:
    """Return the parameters of a query that make another page of the one with the route `name`."""
    asked = [(key, value) for key, value in parse_qsl(query) if key in PAGES[name] and value]
    return [one for one in asked if one not in {("page", "1"), ("level", "standard")}]


class PublicSite:
    """The site of a campaign, as it answers readers."""

    def __init__(self, campaign: Campaign, languages: Iterable[str]) -> None:
        # A copy of its own: in fifty years nobody answers at this address any more, and it names a person.
        self.campaign = Campaign.objects.prefetch_related("languages").get(pk=campaign.pk)
        self.campaign.liaison_name = self.campaign.liaison_email = ""
        self.campaign.has_others = False  # type: ignore[attr-defined]  # as CampaignManager.current() says it
        self.campaign.drill = {}
        self.languages = set(languages)
        self._spots: dict[str, Spot | None] = {}

    def spot(self, address: str) -> Spot | None:
        """Return what the archive has at an address of the site, None for what it has not."""
        if address not in self._spots:
            self._spots[address] = self._find(address)
        return self._spots[address]

    def _find(self, address: str) -> Spot | None:
        parts = url_parts.parts_of(address)
        if parts is None:
            return None
        language = parts.path.split("/")[1] if parts.path.startswith("/") else ""
        name = self._route_of(parts.path, language)
        if name in FILES:
            return Spot(parts.path, parts.path.lstrip("/"), False, language)
        if language not in self.languages or name not in {*PAGES, FRONT}:
            return None
        if name == FRONT:
            return Spot(parts.path, f"{language}/index.html", True, language)
        asked = what_counts(name, parts.query)
        folder = parts.path.strip("/") + "".join(f"/{key}-{value}" for key, value in asked)
        path = f"{parts.path}?{urlencode(asked)}" if asked else parts.path
        return Spot(path, f"{folder}/index.html", True, language)

    def _route_of(self, path: str, language: str) -> str:
        """Return the name of the route that answers at a path, "" where none does."""
        with override(language if language in self.languages else settings.LANGUAGE_CODE):
            try:
                return resolve(path).view_name
            except Resolver404:
                return ""

    def get(self, spot: Spot) -> HttpResponseBase | None:
        """Return the answer of the site at a spot, None where it has none (404)."""
        parts = urlsplit(spot.path)
        language = spot.language if spot.language in self.languages else settings.LANGUAGE_CODE
        with override(language), timezone.override(self.campaign.zone):
            match = resolve(parts.path)
            request = self._request(parts.path, parts.query, match)
            try:
                response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
            except Http404:
                return None
            assert get_language() == language
            return response

    def _request(self, path: str, query: str, match: ResolverMatch) -> HttpRequest:
        public = urlsplit(settings.PUBLIC_URL)
        request = HttpRequest()
        request.method, request.path, request.path_info = "GET", path, path
        request.META = {
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": query,
            "SERVER_NAME": public.hostname or "localhost",
            "SERVER_PORT": str(public.port or 443),
            "HTTP_HOST": public.netloc,
        }
        request.GET = QueryDict(query)  # type: ignore[assignment]  # as Django's own requests have it
        request.resolver_match = match
        more: Mapping[str, object] = {
            "user": AnonymousUser(),
            "campaign": self.campaign,
            "shown_campaign": self.campaign,
        }
        for name, value in more.items():
            setattr(request, name, value)
        return request
