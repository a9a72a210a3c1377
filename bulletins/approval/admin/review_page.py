"""The page on which a bulletin is read before it is approved: all that an approval covers, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.login import reauthentication
from accounts.models import AuditEntry, User
from bulletins import desk_additions
from bulletins.approval import approval_requests, pending_updates
from bulletins.authority_posts import shown_posts
from bulletins.checks import registry
from bulletins.checks.findings import Finding
from bulletins.editing import situation
from bulletins.editing.admin.correction_diff import changes_of
from bulletins.editing.replaceable_messages import replaceable
from bulletins.editor_panes import Pane, View
from bulletins.media import message_cards, moving_cards
from bulletins.models import Bulletin, Edition, KeyMessage, Override, PublishedEdition, Ratio, Replacement
from bulletins.publication import channel_costs, room_reach
from bulletins.publication.distribution import Distribution, distribution_of
from bulletins.scheduling import seen_steps
from lib.images import ffmpeg
from lib.text.languages.languages import language_name
from lib.text.markup import to_html

from . import outcome
from .approval_pane import bar_of

AUDIT_SHOWN = 100


class ReviewPage(Pane):
    """All languages side by side, with the buttons to approve them or send them back."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page."""
        return [("<int:pk>/read/", require_safe(self.read_view), "read")]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that an approval covers, side by side, with the buttons to approve it or send it back."""
        self.must_see(request)
        return read_page(self, request, pk)


def read_page(pane: Pane, request: HttpRequest, pk: int, *, reason: str = "", status: int = 200) -> TemplateResponse:
    """Return the page, with a `reason` that was written and not taken where it was written."""
    # The digest is read first: should anything change while the rest is read, it no longer fits, and approving refuses.
    bulletin = get_object_or_404(
        Bulletin.objects.select_related("campaign", "submitted_by", "approved_by").prefetch_related(
            "campaign__languages"
        ),
        pk=pk,
    )
    user, now = request.user, timezone.now()
    assert isinstance(user, User)
    plan = distribution_of(bulletin, at=now)
    is_open = bulletin.state in Bulletin.EDITABLE
    outcomes = outcome.outcomes_of(bulletin, plan, at=now)
    bar = bar_of(request, bulletin)
    context = {
        **pane.frame(request, _("Read %(bulletin)s") % {"bulletin": bulletin}),
        **bar,
        "original": bulletin,
        "editions": [shown_edition(bulletin, edition) for edition in bulletin.editions.prefetch_related("variants")],
        "changes": changes_of(bulletin, at=now) if bulletin.kind == Bulletin.Kind.CORRECTION and is_open else [],
        "asks": []
        if bulletin.kind == Bulletin.Kind.RETRACTION
        else approval_requests.words_of(bulletin.calls_to_action.all(), bulletin),
        "asks_seen": seen_steps.words_of_plan(bulletin, at=now),
        "key_messages": key_messages_of(bulletin, at=now),
        "calls_to_action": bulletin.calls_to_action.all(),
        "claims": bulletin.claims.all(),
        "assets": bulletin.assets.prefetch_related("renditions", "subtitles"),
        "inputs": bulletin.inputs.select_related("authority"),
        "updates": pending_updates.pending(bulletin, at=now) if bulletin.is_reviewed else [],
        **cards_of(bulletin),
        "overrides": kept_as_is(bulletin, bar["findings"], at=now),
        **goes_to(plan, by_reader=bar["may_approve"]),
        "is_fresh": reauthentication.is_fresh(request),
        "reason": reason,
        "outcomes": outcomes,
        "paid_messages": channel_costs.of_messages(bulletin, at=now),
        "free_messages": channel_costs.free_of_charge(bulletin),
        "rooms": room_reach.rooms_of(bulletin),
        "additions": desk_additions.of_review(bulletin),
        **shown_posts.of_review(bulletin),
        "more": outcome.waiting_for(user, bulletin) if outcomes else [],
        "reviews": bulletin.reviews.select_related("by"),
        "entries": AuditEntry.objects.about(bulletin).select_related("actor")[:AUDIT_SHOWN],
    }
    return TemplateResponse(request, "bulletins/approval/read.html", context, status=status)


@dataclass(frozen=True)
class ReadMessage:
    """A key message as the page shows it: in what words it `replaces` one of another bulletin, and what has replaced it, if anything."""

    message: KeyMessage
    replaces: str
    replacement: Replacement | None


def key_messages_of(bulletin: Bulletin, *, at: datetime) -> list[ReadMessage]:
    """Return the key messages as the page shows them."""
    rows = list(bulletin.key_messages.select_related("owner", "fact__input"))
    others = replaceable(bulletin, at=at) if any(row.replaces for row in rows) else []
    words = {place: f"{number}: {text}" for place, number, text in others}
    newest = bulletin.versions.order_by("-number")[:1]
    editions = list(PublishedEdition.objects.filter(version__in=newest).exclude(replaced={}).defer("html", "body"))
    editions.sort(key=lambda one: one.language != bulletin.original_language)
    return [
        ReadMessage(
            row,
            words.get(row.replaces, row.replaces),
            next((new for one in editions if (new := one.replacement_of(row.key))), None),
        )
        for row in rows
    ]


def kept_as_is(bulletin: Bulletin, found: Iterable[Finding], *, at: datetime) -> list[tuple[Override, str]]:
    """
    Return the findings that somebody let stand, each with what it says in the reader's language; of what is not found any more in that of
    whoever let it stand. What is published is looked through for it alone: nobody is shown its findings.
    """
    rows = list(bulletin.overrides.filter(version=bulletin.version).select_related("by"))
    if rows and bulletin.state not in Bulletin.EDITABLE:
        found = registry.findings(bulletin, at=at)
    told = {one.key: f"{one.where}: {one.says}" for one in found}
    return [(one, told.get(one.key, one.says)) for one in rows]


def goes_to(plan: Distribution, *, by_reader: bool) -> dict[str, Any]:
    """Return in plain words who gets a version, when, in which language and by which channel."""
    return {
        "plan": plan,
        "goes": plan.headline(by_reader=by_reader),
        "goes_further": plan.further(by_reader=by_reader),
        "departures": [
            {
                "when": capfirst(one.when(plan.campaign, by_reader=by_reader)),
                "people": one.people,
                "audiences": one.audiences,
                "languages": one.languages(),
                "substitutes": one.substitutes(),
            }
            for one in plan.departures
        ],
        "waits": plan.waits(),
        "published_when": capfirst(plan.first.when(plan.campaign, by_reader=by_reader)) if plan.first else "",
        "digests": [
            {
                "when": "" if one.is_open else capfirst(one.when(plan.campaign, by_reader=by_reader)),
                "people": one.people,
                "audiences": one.audiences,
            }
            for one in plan.digests
        ],
    }


def cards_of(bulletin: Bulletin) -> dict[str, Any]:
    """Return the message cards that go out with a version, the square ones to show, and of how many none is drawn yet; so the moving."""
    specs = message_cards.specs_of(bulletin)
    wanted = {message_cards.digest(spec): spec for spec in specs}
    films = moving_cards.films_of(specs)
    made = moving_cards.drawn(bulletin, films)
    drawn = list(bulletin.cards.filter(digest__in=wanted))
    order = {mark: place for place, mark in enumerate(wanted)}
    lacking = [wanted[mark] for mark in wanted.keys() - {one.digest for one in drawn}]
    square = sorted((one for one in drawn if one.ratio == Ratio.SQUARE), key=lambda one: order[one.digest])
    return {
        "cards": [
            {"card": one, "alt": message_cards.alt_text(wanted[one.digest]), "name": language_name(one.language)}
            for one in square
        ],
        "cards_drawn": len(drawn),
        "cards_missing": sum(not message_cards.too_long(spec.words, spec.language) for spec in lacking),
        "moving": [
            {"card": card, "alt": moving_cards.alt_text(film), "name": language_name(film.language)}
            for film, card in made
        ],
        "moving_missing": len(films) - len(made),
        "lacks_ffmpeg": not ffmpeg.is_installed(),
    }


def shown_edition(bulletin: Bulletin, edition: Edition) -> dict[str, Any]:
    """Return an edition with its text as readers will see it."""
    try:
        html: str = to_html(situation.whole_text(bulletin, edition))
    except ValueError as fault:
        html = str(fault)
    return {
        "edition": edition,
        "html": html,
        "name": language_name(edition.language),
        "variants": edition.variants.all(),
    }
