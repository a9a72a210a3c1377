"""The pane of the message cards: each key message in every language and size, as it is drawn, and what is stale."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bulletins.editor_panes import Pane, View, is_open
from bulletins.media import card_themes, media_jobs, message_cards, moving_cards
from bulletins.models import Bulletin, Card, KeyMessage, MediaJob, MovingCard, Ratio, Tone
from campaigns.cards import check_codes
from campaigns.cards.card_look import THEME_NAMES
from lib.images import ffmpeg
from lib.images.themes.films import Film, digest_of
from lib.text.languages.languages import language_name


@dataclass
class Shape:
    """A size of a card: where to look at it large, and the file to download once it is drawn."""

    ratio: Ratio
    preview: str
    card: Card | None = None


@dataclass
class Cell:
    """
    A key message's cards in one language. `state` is drawn, drawing, missing, stale or too_long; `why` says the last. `looks` are
    its other themes and tones: their names, and where to look at them.
    """

    language: str
    name: str
    words: str
    alt_text: str
    shapes: list[Shape]
    state: str = "missing"
    why: str = ""
    looks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def picture(self) -> Card | None:
        """The card that stands for the others, drawn as the words are now."""
        return next((shape.card for shape in self.shapes if shape.ratio == Ratio.FEED), None)


@dataclass
class Row:
    """A key message and its cards."""

    number: int
    message: KeyMessage
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MovingRow:
    """A moving card of the working copy: what is on it, and the video once it is made as the words are now."""

    film: Film
    name: str
    messages: list[int]
    alt_text: str
    card: MovingCard | None


class CardsPane(Pane):
    """The pane with the cards, the button that asks for them, and each card large, drawn on the fly."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, its button and the preview."""
        return [
            ("<int:pk>/cards/", require_safe(self.cards_view), "cards"),
            ("<int:pk>/cards/make/", require_POST(self.make_cards_view), "cards_make"),
            ("<int:pk>/cards/preview/", require_safe(never_cache(self.card_view)), "card"),
        ]

    def cards_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the cards."""
        self.must_see(request)
        return self.cards_pane(request, bulletin_with_messages(pk))

    def make_cards_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the cards that are not drawn as the words are now."""
        bulletin = bulletin_with_messages(pk)
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        for kind in (MediaJob.Kind.CARDS, MediaJob.Kind.MOVING):
            media_jobs.enqueue(bulletin, kind, by=request.user, at=timezone.now())
        return self.cards_pane(request, bulletin)

    def card_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Draw one card as the words are now: ?message=<key of the row>&language=fi&ratio=4x5, and &theme=plain&tone=warm for
        another than the first theme and the plain words.
        """
        self.must_see(request)
        bulletin = bulletin_with_messages(pk)
        asked = request.GET
        messages = {str(message.pk): message.key for message in bulletin.key_messages.all()}
        key, ratio = messages.get(asked.get("message", "")), asked.get("ratio", Ratio.FEED)
        found = [
            one for one in message_cards.specs_of(bulletin) if (one.key, one.language) == (key, asked.get("language"))
        ]
        theme, tone = asked.get("theme", ""), asked.get("tone", Tone.PLAIN)
        wanted = [
            one
            for one in card_themes.every(found)
            if (one.kind, one.tone) == (card_themes.CARD, tone) and one.theme == (theme or found[0].theme)
        ]
        if not wanted or ratio not in Ratio.values:
            raise Http404
        check = check_codes.address(message_cards.code_of(bulletin, found[0]))
        try:
            picture, suffix = card_themes.draw(wanted[0], ratio, check)
        except message_cards.TooLong as fault:
            raise Http404 from fault
        return HttpResponse(picture, content_type="image/png" if suffix == ".png" else "image/jpeg")

    def cards_pane(self, request: HttpRequest, bulletin: Bulletin) -> HttpResponse:
        """Return the pane."""
        specs = message_cards.specs_of(bulletin)
        rows = rows_of(bulletin, specs)
        cells = [cell for row in rows for cell in row.cells]
        jobs = media_jobs.latest(bulletin)
        job, filming = (jobs.get(kind) for kind in (MediaJob.Kind.CARDS, MediaJob.Kind.MOVING))
        under_way = {MediaJob.State.QUEUED, MediaJob.State.RUNNING}
        is_drawn, is_filmed = (one is not None and one.state in under_way for one in (job, filming))
        for cell in cells:
            if is_drawn and cell.state in {"missing", "stale"}:
                cell.state = "drawing"
        states = [cell.state for cell in cells]
        context = {
            "bulletin": bulletin,
            "rows": rows,
            "job": job,
            "is_drawn": is_drawn,
            "is_busy": is_drawn or is_filmed,
            "missing": states.count("missing"),
            "stale": states.count("stale"),
            "may_make": request.user.has_perm("bulletins.change_bulletin"),
            "is_open": is_open(bulletin),
            **moving_of(bulletin, specs),
            "filming": filming,
            "is_filmed": is_filmed,
            "filming_failed": _(filming.error) if filming and filming.state == MediaJob.State.FAILED else "",
        }
        return TemplateResponse(request, "bulletins/media/_cards.html", context)


def bulletin_with_messages(pk: int) -> Bulletin:
    """Return a bulletin with its campaign's languages and its key messages at hand, or raise Http404."""
    rows = Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages", "key_messages")
    return get_object_or_404(rows, pk=pk)


def moving_of(bulletin: Bulletin, specs: Iterable[message_cards.Spec]) -> dict[str, Any]:
    """Return the moving cards of what is on the cards, made or not, and the messages that none of them has; one query."""
    specs = list(specs)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(spec.key for spec in specs), start=1)}
    films = moving_cards.films_of(specs)
    made = {digest_of(film): card for film, card in moving_cards.drawn(bulletin, films)}
    rows = [
        MovingRow(
            film,
            language_name(film.language),
            [numbers[spec.key] for spec in film.scenes],
            moving_cards.alt_text(film),
            made.get(digest_of(film)),
        )
        for film in films
    ]
    return {
        "moving": rows,
        "moving_missing": sum(row.card is None for row in rows),
        "not_moving": [
            {"number": numbers[spec.key], "name": language_name(spec.language)} for spec in moving_cards.left_out(specs)
        ],
        "lacks_ffmpeg": not ffmpeg.is_installed(),
    }


def rows_of(bulletin: Bulletin, said: Iterable[message_cards.Spec]) -> list[Row]:
    """Return the grid of message and language of what is on the cards; two queries."""
    specs = {(spec.key, spec.language): spec for spec in said}
    cards = list(bulletin.cards.all())
    preview = reverse("admin:bulletins_bulletin_card", args=[bulletin.pk])
    rows = []
    for number, message in enumerate(bulletin.key_messages.all(), start=1):
        row = Row(number, message)
        for language in bulletin.campaign.languages.all():
            spec = specs.get((message.key, language.code))
            if spec is not None:
                row.cells.append(cell_of(spec, message, cards, preview))
        rows.append(row)
    return rows


def cell_of(spec: message_cards.Spec, message: KeyMessage, cards: Iterable[Card], preview: str) -> Cell:
    """Return one field of the grid."""
    mark = message_cards.digest(spec)
    same = [card for card in cards if (card.key, card.language) == (spec.key, spec.language)]
    drawn = {card.ratio: card for card in same if card.digest == mark}
    shapes = [
        Shape(
            ratio,
            f"{preview}?{urlencode({'message': message.pk, 'language': spec.language, 'ratio': ratio.value})}",
            drawn.get(ratio.value),
        )
        for ratio in Ratio
    ]
    cell = Cell(spec.language, language_name(spec.language), spec.words, message_cards.alt_text(spec), shapes)
    cell.looks = looks_of(spec, message, preview)
    if len(drawn) == len(shapes):
        cell.state = "drawn"
        return cell
    cell.why = message_cards.too_long(spec.words, spec.language)
    cell.state = "too_long" if cell.why else "stale" if same and not drawn else "missing"
    return cell


def looks_of(spec: message_cards.Spec, message: KeyMessage, preview: str) -> list[tuple[str, str]]:
    """Return the other themes of a card, and its other tones: the name of each, and where to look at it."""
    same = {"message": message.pk, "language": spec.language, "ratio": Ratio.FEED.value}
    themes = [(str(THEME_NAMES[theme]), {"theme": theme}) for theme in card_themes.themes_of(spec)[1:]]
    tones = [(capfirst(str(Tone(tone).label)), {"tone": tone}) for tone, _words in spec.tones]
    return [(name, f"{preview}?{urlencode(same | more)}") for name, more in (*themes, *tones)]
