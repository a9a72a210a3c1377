"""Variants on the compose page: a tab per platform and channel, the languages side by side, counted as it counts."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import conflicts, variants
from bulletins.editor_panes import Pane, View
from bulletins.models import PLACES, Bulletin, Edition, NotAllowed, Variant
from campaigns.models import PlatformLimit
from campaigns.platforms import character_counts, platform_limits, sms_parts
from delivery.transports.sms import parts
from lib.text.languages.languages import language_name

from .fields import Box, Count, refused, save_response, sent_of
from .key_messages import may_edit, whole, writable

Counted = PlatformLimit.CountedIn
LONG = {"caption": 5, "script": 4, "alt_text": 2}
ITEM_UNITS = {"hashtags": "words", "tags": "tags"}


class VariantsPane(Pane):
    """The pane with the variants of a bulletin."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, and what its fields and buttons call."""
        one = "<int:pk>/variants/<str:language>/<str:platform>/"
        return [
            ("<int:pk>/variants/", require_safe(self.variants_view), "variants"),
            ("<int:pk>/variants/start/", require_POST(self.start_all_view), "variants_start_all"),
            (one, require_POST(self.save_variant_view), "variants_save"),
            (f"{one}start/", require_POST(self.start_variant_view), "variants_start"),
            (f"{one}settle/", require_POST(self.settle_variant_view), "variants_settle"),
        ]

    def variants_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the pane as it is now."""
        self.must_see(request)
        return self.variants_pane(request, whole(pk))

    def start_all_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start every platform that has no words yet, in every language."""
        bulletin = writable(request, pk)
        try:
            started = variants.start_all(bulletin, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            return self.variants_pane(request, whole(pk), refusal=str(refusal))
        response = self.variants_pane(request, whole(pk), started=started, is_answer=True)
        if started:
            response["HX-Trigger"] = "saved"
        return response

    def variants_pane(self, request: HttpRequest, bulletin: Bulletin, **extra: Any) -> HttpResponse:
        """Return the pane with each platform in each language."""
        editions, limits = variants.editions_of(bulletin), platform_limits.current_limits()
        order = [language.code for language in bulletin.campaign.languages.all()]
        editions.sort(key=lambda edition: order.index(edition.language) if edition.language in order else len(order))
        context = {
            "bulletin": bulletin,
            "may_edit": may_edit(request, bulletin),
            **extra,
            "platforms": [
                {
                    "code": platform.value,
                    "name": platform.label,
                    "seen": limits_checked_on(platform.value, limits),
                    "forms": [
                        form_of(edition, platform.value, written(edition, platform), limits) for edition in editions
                    ],
                }
                for platform in variants.places_of(bulletin.campaign)
            ],
        }
        return TemplateResponse(request, "bulletins/editing/_variants.html", context)

    def save_variant_view(self, request: HttpRequest, pk: int, language: str, platform: str) -> HttpResponse:
        """Save what was typed for a platform."""
        edition = edition_of(request, pk, language, platform)
        sent, read, base = sent_of(request)
        try:
            saved = variants.save_variant(
                edition, platform, sent, read=read, by=request.user, at=timezone.now(), base=base
            )
        except NotAllowed as refusal:
            return refused(request, refusal)
        return saved_variant_response(request, edition, platform, saved)

    def settle_variant_view(self, request: HttpRequest, pk: int, language: str, platform: str) -> HttpResponse:
        """Choose between two texts of a field: "theirs" stays, or "mine", as it was edited, takes its place."""
        edition = edition_of(request, pk, language, platform)
        name, now = request.POST.get("field", ""), timezone.now()
        saved = conflicts.Saved()
        if request.POST.get("choice") == "mine":
            mine, theirs = {name: request.POST.get(f"mine-{name}", "")}, {name: request.POST.get("theirs", "")}
            try:
                saved = variants.save_variant(edition, platform, mine, read=theirs, by=request.user, at=now)
            except NotAllowed as refusal:
                return refused(request, refusal)
        if saved.clashes or saved.faults:
            return saved_variant_response(request, edition, platform, saved)
        conflicts.resolve_own(edition.bulletin, variants.part_of(edition, platform), name, by=request.user, at=now)
        return saved_variant_response(request, edition, platform, saved, redrawn=[name])

    def start_variant_view(self, request: HttpRequest, pk: int, language: str, platform: str) -> HttpResponse:
        """Make a first draft from the edition; ask before words that are there give way."""
        edition = edition_of(request, pk, language, platform)
        replace = request.POST.get("replace") == "yes"
        says, changed = "", False
        try:
            variants.start_variant(edition, platform, by=request.user, at=timezone.now(), replace=replace)
            changed = True
        except NotAllowed as refusal:
            says = str(refusal)
        variant = Variant.objects.filter(edition=edition, platform=platform).first()
        context = {
            "bulletin": edition.bulletin,
            "may_edit": may_edit(request, edition.bulletin),
            "platform": {"code": platform, "name": dict(PLACES)[platform]},
            "one": form_of(edition, platform, variant, platform_limits.current_limits()),
            "says": says,
            "may_replace": bool(says) and not replace and variant is not None,
            "started": changed,
        }
        response = TemplateResponse(request, "bulletins/editing/_variant.html", context)
        if changed:
            response["HX-Trigger"] = "saved"
        return response


def edition_of(request: HttpRequest, pk: int, language: str, platform: str) -> Edition:
    """Return the standard edition of a bulletin in a language, for someone who may write, or 404."""
    bulletin = writable(request, pk)
    if platform not in variants.FIELDS:
        raise Http404
    edition = get_object_or_404(Edition, bulletin=bulletin, language=language, reading_level="standard")
    edition.bulletin = bulletin
    return edition


def written(edition: Edition, platform: str) -> Variant | None:
    """Return the edition's variant for a platform; without a query when variants are prefetched."""
    return next((variant for variant in edition.variants.all() if variant.platform == platform), None)


def saved_variant_response(
    request: HttpRequest, edition: Edition, platform: str, saved: conflicts.Saved, redrawn: Any = ()
) -> HttpResponse:
    """Return what a save of a variant answers."""
    variant = Variant.objects.filter(edition=edition, platform=platform).first()
    boxes = form_of(edition, platform, variant, platform_limits.current_limits())["boxes"]
    settle = reverse("admin:bulletins_bulletin_variants_settle", args=[edition.bulletin_id, edition.language, platform])
    extra = {"redrawn": [box for box in boxes if box.name in redrawn], "may_edit": True}

    def changed_by(name: str) -> str:
        return variants.changed_by(edition, platform, name)

    return save_response(request, saved, boxes, settle_url=settle, changed_by=changed_by, extra=extra)


def form_of(edition: Edition, platform: str, variant: Variant | None, limits: Any) -> dict[str, Any]:
    """Return what the form of one platform in one language shows."""
    fields = variants.fields_of(variant, platform)
    language = language_name(edition.language)
    boxes = []
    added = parts.as_sent(variants.seen_line(edition.bulletin, platform, edition.language))
    for name, value in fields.items():
        stored = getattr(variant, name) if variant else ([] if name in variants.LISTS else "")
        stop, tell = platform_limits.limits_of(platform, name, limits)
        measured = next((limit for limit in stop if limit.field != "links"), None)
        beside = [limit for limit in [*stop, *tell] if limit is not measured]
        boxes.append(
            Box(
                id=f"variant-{edition.language}-{platform}-{name}",
                name=name,
                label=_("%(field)s, %(language)s") % {"field": variants.label_of(platform, name), "language": language},
                value=value,
                place=f"variant:{edition.language}:{platform}:{name}",
                language=edition.language,
                kind="lines" if name in LONG else "line",
                count=count_of(name, stored, measured, added=added) if measured else None,
                notes=[
                    *(note for limit in beside if (note := note_of(limit, stored))),
                    *([_("A link to say “seen” follows; it is counted.")] if added else []),
                ],
                rows=LONG.get(name, 1),
            )
        )
    return {"edition": edition, "language": language, "boxes": boxes, "is_empty": not any(fields.values())}


def count_of(name: str, stored: Any, limit: PlatformLimit, *, added: str = "") -> Count:
    """Return how long a stored value is in the unit that the platform counts in, with what is `added` to its text when it is sent."""
    units = {
        Counted.ITEMS: pgettext("counted", "hashtags"),
        Counted.UTF16_UNITS: _("characters (UTF-16)"),
        Counted.UTF8_BYTES: _("bytes"),
        Counted.UTF8_EMOJI: _("characters, emoji in bytes"),
        Counted.X_WEIGHTED: _("characters as X counts them"),
        Counted.MASTODON: _("characters as Mastodon counts them"),
        Counted.SMS_PARTS: _("parts of a text message"),
    }
    unit: str = limit.counted_in
    whole = stored and stored + added if added else stored
    of_parts = unit == Counted.SMS_PARTS
    return Count(
        used=character_counts.length(whole, unit),
        added=added,
        limit=limit.limit,
        count_in=ITEM_UNITS.get(name, unit),
        unit=units.get(Counted(unit), _("characters")),
        over=_(", too long"),
        seen=limit.seen_on,
        larger_says=_("More parts because of signs that plain text messages do not have: %(signs)s")
        if of_parts
        else "",
        larger=larger_because(whole) if of_parts else "",
    )


def larger_because(text: str) -> str:
    """Return which signs make a text message cost more, if it would be of fewer parts without them. static/js/count.js says so while it is written."""
    size = sms_parts.size_of(text)
    if not size.beyond or size.parts <= sms_parts.count("x" * len(text)):
        return ""
    return " ".join(size.beyond[:12])


def note_of(limit: PlatformLimit, stored: Any) -> str:
    """Return a sentence about a limit beside the one that the meter shows."""
    most = number_format(limit.limit, force_grouping=True)
    used = character_counts.length(stored, limit.counted_in)
    if limit.field == "links":
        if used > limit.limit:
            return _("%(used)d links: too many. A post can have at most %(limit)s.") % {"used": used, "limit": most}
        return _("A post can have at most %(limit)s links.") % {"limit": most}
    if limit.field == "spotlight":
        if used > limit.limit:
            return _("Too long for Spotlight, which allows %(limit)s characters.") % {"limit": most}
        return _("Fits Spotlight too, which allows %(limit)s characters.") % {"limit": most}
    if limit.field == "photo_description":
        return _("As the text of a picture post, it can have %(limit)s.") % {"limit": most}
    return ""


def limits_checked_on(platform: str, limits: Any) -> str:
    """Return in words when the platform's limits were seen, the oldest first; "" when none is known."""
    days = {limit.seen_on.replace(day=1) for (where, _field), limit in limits.items() if where == platform}
    return ", ".join(date_format(day, "F Y") for day in sorted(days))
