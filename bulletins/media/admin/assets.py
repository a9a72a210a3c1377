"""Assets on the compose page: files by language, their words and focal point, renditions, subtitles, packages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEntry
from bulletins.editing import conflicts
from bulletins.editing.admin.fields import Box
from bulletins.editing.admin.variants import form_of
from bulletins.editor_panes import Pane, View, is_open
from bulletins.media import media_jobs, packages, storage
from bulletins.media import uploads as media_uploads
from bulletins.models import Asset, Bulletin, MediaJob, NotAllowed, Package, Platform, Ratio, Variant
from campaigns.platforms import platform_limits
from lib.images import ffmpeg
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import whole_number

WORDS = ("title", "alt_text")


@dataclass
class Row:
    """A picture or video with what each language has of it: (code, name, title, alt text, state, subtitles)."""

    asset: Asset
    per_language: list[dict[str, Any]]
    cuts: list[dict[str, Any]]
    suffix: str
    subtitles: list[Asset] = field(default_factory=list)


class AssetsPane(Pane):
    """The pane with a bulletin's files. Every answer is the whole pane, as it is now."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, and what its forms call."""
        one = "<int:pk>/assets/<int:asset>/"
        return [
            ("<int:pk>/assets/", require_safe(self.assets_view), "assets"),
            ("<int:pk>/assets/state/", require_safe(self.assets_state_view), "assets_state"),
            ("<int:pk>/assets/add/", require_POST(self.add_asset_view), "assets_add"),
            ("<int:pk>/assets/make/<str:kind>/", require_POST(self.make_view), "assets_make"),
            (f"{one}save/", require_POST(self.save_asset_view), "assets_save"),
            (f"{one}replace/", require_POST(self.replace_asset_view), "assets_replace"),
            (f"{one}move/", require_POST(self.move_asset_view), "assets_move"),
            (f"{one}remove/", require_POST(self.remove_asset_view), "assets_remove"),
        ]

    # The pane

    def assets_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the pane as it is now."""
        self.must_see(request)
        return self.assets_pane(request, pk)

    def assets_state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return how far the heavy work is; asked for every second while some is under way."""
        self.must_see(request)
        bulletin = get_object_or_404(Bulletin, pk=pk)
        works = jobs_of(bulletin)
        response = TemplateResponse(
            request, "bulletins/media/_assets_state.html", {"bulletin": bulletin, "works": works, "busy": busy(works)}
        )
        if not busy(works):
            response["HX-Trigger"] = "made"
        return response

    def assets_pane(self, request: HttpRequest, pk: int, *, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the pane; the number of queries does not grow with the files."""
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk
        )
        languages = [(row.code, language_name(row.code)) for row in bulletin.campaign.languages.all()]
        assets = list(bulletin.assets.prefetch_related("renditions"))
        works = jobs_of(bulletin)
        context = {
            "bulletin": bulletin,
            "languages": languages,
            "rows": [
                row_of(
                    asset,
                    assets,
                    languages,
                    extra.get("typed") if extra.get("about") == asset.pk else None,
                    original=bulletin.original_language,
                )
                for asset in assets
                if asset.kind != Asset.Kind.SUBTITLES
            ],
            "blank": blank(languages, extra.get("typed") if extra.get("adding") else None),
            "videos": [asset for asset in assets if asset.kind == Asset.Kind.VIDEO],
            "lacks_ffmpeg": any(asset.kind == Asset.Kind.VIDEO for asset in assets) and not ffmpeg.is_installed(),
            "works": works,
            "busy": busy(works),
            "packages": (lines := packages_of(bulletin)),
            "unmade": unmade(lines),
            "may_edit": request.user.has_perm("bulletins.change_bulletin") and is_open(bulletin),
            "may_make": request.user.has_perm("bulletins.change_bulletin"),
            "original": bulletin.original_language,
            **extra,
        }
        return TemplateResponse(request, "bulletins/media/_assets.html", context, status=status)

    def assets_step(self, request: HttpRequest, pk: int, step: Callable[[Bulletin], Any], **extra: Any) -> HttpResponse:
        """Make one domain call and return the pane; a refusal is said in it (422), with the words that were typed."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin, pk=pk)
        lacking = set(alt_texts(bulletin).filter(alt_text="").values_list("pk", flat=True))
        try:
            done = step(bulletin)
        except NotAllowed as refusal:
            return self.assets_pane(request, pk, status=422, refusal=str(refusal), typed=typed(request), **extra)
        response = self.assets_pane(request, pk, done=done, filled=filled_boxes(bulletin, lacking))
        response["HX-Trigger"] = "saved"
        return response

    # Its forms

    def add_asset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in one or several files with the words that were typed for them."""
        uploads = request.FILES.getlist("files")

        def step(bulletin: Bulletin) -> str:
            if not uploads:
                raise NotAllowed(_("Not uploaded: choose a file first."))
            codes = codes_of(bulletin)
            video = bulletin.assets.filter(pk=whole_number(request.POST.get("subtitles_of")), kind="video").first()
            for number, upload in enumerate(uploads, start=1):
                try:
                    media_uploads.add(
                        bulletin,
                        upload,
                        by=request.user,
                        at=timezone.now(),
                        title=numbered(texts(request, "title", codes), number, len(uploads)),
                        alt_text=texts(request, "alt_text", codes),
                        language=request.POST.get("language", "") if request.POST.get("language") in codes else "",
                        rights=request.POST.get("rights", "")[:300],
                        subtitles_of=video,
                    )
                except NotAllowed as refusal:
                    stored = _("Files uploaded before it: %(count)d.") % {"count": number - 1} if number > 1 else ""
                    raise NotAllowed(f"{upload.name}: {refusal} {stored}".strip()) from refusal
            return _("Uploaded. The formats for each platform are being made.")

        return self.assets_step(request, pk, step, adding=True)

    def save_asset_view(self, request: HttpRequest, pk: int, asset: int) -> HttpResponse:
        """Save the words of a file, its language, rights and focal point."""
        found = asset_to_change(request, pk, asset)

        def step(bulletin: Bulletin) -> str:
            codes = codes_of(bulletin)
            fields: dict[str, Any] = {
                **texts_to_save(request, bulletin, found, codes),
                "rights": request.POST.get("rights", found.rights).strip()[:300],
                "language": request.POST.get("language", found.language),
                "focal_x": share(request.POST.get("focal_x"), found.focal_x),
                "focal_y": share(request.POST.get("focal_y"), found.focal_y),
            }
            if fields["language"] not in {"", *codes}:
                raise NotAllowed(_("Not saved: choose a language of the campaign."))
            media_uploads.change(found, by=request.user, at=timezone.now(), **fields)
            return _("Saved.")

        return self.assets_step(request, pk, step, about=asset)

    def replace_asset_view(self, request: HttpRequest, pk: int, asset: int) -> HttpResponse:
        """Put another file in the place of a file."""
        found = asset_to_change(request, pk, asset)

        def step(bulletin: Bulletin) -> str:
            upload = request.FILES.get("file")
            if upload is None:
                raise NotAllowed(_("Not replaced: choose a file first."))
            media_uploads.replace(found, upload, by=request.user, at=timezone.now())
            return _("Replaced. The formats for each platform are being made.")

        return self.assets_step(request, pk, step, about=asset)

    def move_asset_view(self, request: HttpRequest, pk: int, asset: int) -> HttpResponse:
        """Move a file up or down."""
        found = asset_to_change(request, pk, asset)
        way = -1 if request.POST.get("to") == "up" else 1
        return self.assets_step(
            request,
            pk,
            lambda bulletin: media_uploads.move(found, way, by=request.user, at=timezone.now()),
            about=asset,
        )

    def remove_asset_view(self, request: HttpRequest, pk: int, asset: int) -> HttpResponse:
        """Remove a file."""
        found = asset_to_change(request, pk, asset)

        def step(bulletin: Bulletin) -> str:
            media_uploads.remove(found, by=request.user, at=timezone.now())
            return _("Removed.")

        return self.assets_step(request, pk, step)

    def make_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Ask for packages or renditions. Nothing that is approved changes."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        if kind not in {MediaJob.Kind.PACKAGES, MediaJob.Kind.RENDITIONS}:
            raise Http404
        bulletin = get_object_or_404(Bulletin, pk=pk)
        media_jobs.enqueue(bulletin, kind, by=request.user, at=timezone.now())
        return self.assets_pane(request, pk)


def alt_texts(bulletin: Bulletin) -> QuerySet[Variant]:
    """Return what was started for platforms, whose alt texts come from the pictures while they are empty."""
    return Variant.objects.filter(edition__bulletin=bulletin).select_related("edition")


def filled_boxes(bulletin: Bulletin, lacking: set[int]) -> list[Box]:
    """Return the fields of the channels that got their alt text from a picture just now, to be drawn again; one query, or none."""
    filled = list(alt_texts(bulletin).filter(pk__in=lacking).exclude(alt_text="")) if lacking else []
    limits = platform_limits.current_limits() if filled else {}
    return [
        box
        for one in filled
        for box in form_of(one.edition, one.platform, one, limits)["boxes"]
        if box.name == "alt_text"
    ]


# --- What the pane shows ------------------------------------------------------------------------------


def row_of(
    asset: Asset,
    assets: list[Asset],
    languages: list[tuple[str, str]],
    sent: dict[str, str] | None = None,
    *,
    original: str = "",
) -> Row:
    """Return a picture or video as the table shows it, with the words of a refused form; no query."""
    said = sent or {}
    lacks = media_uploads.lacks_alt_text(asset, [code for code, _name in languages])
    subtitles = {one.language: one for one in assets if one.subtitles_of_id == asset.pk}
    made = {rendition.ratio: rendition for rendition in asset.renditions.all()}
    per_language = []
    for code, name in languages:
        serves = asset.language in {"", code}
        file = subtitles.get(code)
        per_language.append(
            {
                "code": code,
                "name": name,
                "serves": serves,
                "title": said.get(f"title-{code}", asset.title.get(code, "")),
                "alt_text": said.get(f"alt_text-{code}", asset.alt_text.get(code, "")),
                "title_token": conflicts.token(asset.title.get(code, "")),
                "alt_text_token": conflicts.token(asset.alt_text.get(code, "")),
                "lacks_alt": code in lacks,
                "to_translate": asset.alt_text.get(original, "") if code in lacks else "",
                "subtitles": file,
                "srt": file.file.storage.url(storage.beside(file.file.name, ".srt")) if file else "",
                "lacks_subtitles": serves and asset.kind == Asset.Kind.VIDEO and file is None,
            }
        )
    cuts = [{"ratio": ratio.value, "label": ratio.label, "made": made.get(ratio)} for ratio in Ratio]
    return Row(asset, per_language, cuts, (asset.file.name or "").rpartition(".")[2].upper().replace("JPG", "JPEG"))


def blank(languages: list[tuple[str, str]], sent: dict[str, str] | None) -> list[dict[str, Any]]:
    """Return the boxes for a new file's words, with what was typed when it was refused."""
    said = sent or {}
    return [
        {
            "code": code,
            "name": name,
            "serves": True,
            "title": said.get(f"title-{code}", ""),
            "alt_text": said.get(f"alt_text-{code}", ""),
        }
        for code, name in languages
    ]


def jobs_of(bulletin: Bulletin) -> list[MediaJob]:
    """Return the newest heavy work of each kind that is under way or failed; one query."""
    shown = {MediaJob.State.QUEUED, MediaJob.State.RUNNING, MediaJob.State.FAILED}
    found = [work for work in media_jobs.latest(bulletin).values() if work.state in shown]
    for work in found:
        work.says = _(work.error) if work.error else ""  # type: ignore[attr-defined]
    return found


def busy(works: list[MediaJob]) -> bool:
    """Return whether any of it is still under way."""
    return any(work.state in {MediaJob.State.QUEUED, MediaJob.State.RUNNING} for work in works)


def packages_of(bulletin: Bulletin) -> list[dict[str, Any]]:
    """Return a line for each platform and language with a variant, with its package: current, behind or none."""
    wanted = packages.contents_of(bulletin, at=timezone.now())
    there: dict[tuple[str, str], dict[str, Package]] = {}
    for package in bulletin.packages.order_by("made_at"):
        there.setdefault((package.platform, package.language), {})[package.digest] = package
    lines = []
    for one in wanted:
        made = there.get((one.platform, one.language), {})
        current = made.get(one.digest)
        lines.append(
            {
                "platform": Platform(one.platform).label,
                "language": one.language,
                "name": language_name(one.language),
                "package": current,
                "is_behind": current is None and bool(made),
            }
        )
    return lines


def unmade(lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return how many downloads there are none of yet, and for which platforms, each with its languages."""
    found: dict[str, list[str]] = {}
    for one in lines:
        if one["package"] is None and not one["is_behind"]:
            found.setdefault(one["platform"], []).append(one["language"])
    return {
        "count": sum(map(len, found.values())),
        "names": "; ".join(f"{who} ({', '.join(codes)})" for who, codes in found.items()),
    }


# --- What was sent -------------------------------------------------------------------------------------


def asset_to_change(request: HttpRequest, pk: int, asset: int) -> Asset:
    """Return a file of that bulletin for someone who may write. Raise PermissionDenied or Http404."""
    if not request.user.has_perm("bulletins.change_bulletin"):
        raise PermissionDenied
    return get_object_or_404(Asset.objects.select_related("bulletin"), pk=asset, bulletin=pk)


def codes_of(bulletin: Bulletin) -> list[str]:
    """Return the codes of the campaign's languages."""
    return [row.code for row in bulletin.campaign.languages.all()]


def texts(request: HttpRequest, name: str, codes: list[str]) -> dict[str, str]:
    """Return {language: text} of what was sent for a field."""
    sent = {code: request.POST.get(f"{name}-{code}") for code in codes}
    return {code: text.replace("\r\n", "\n").strip()[:2000] for code, text in sent.items() if text is not None}


def typed(request: HttpRequest) -> dict[str, str]:
    """Return the words that were sent, so that a refused form keeps them."""
    return {name: str(value) for name, value in request.POST.items()}


def numbered(title: dict[str, str], number: int, of: int) -> dict[str, str]:
    """Return a title that tells several files of one upload apart."""
    return {code: f"{text} {number}" if of > 1 else text for code, text in title.items() if text}


def share(text: str | None, otherwise: float) -> float:
    """Return per cent (0 to 100) as a share (0 to 1), or what it was when it is none."""
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return otherwise
    return round(min(max(value, 0.0), 100.0) / 100, 4) if value == value else otherwise


def changed_by_another(bulletin: Bulletin, asset: Asset, clash: conflicts.Clash) -> str:
    """Return the sentence over a file's text that somebody else changed meanwhile: who, when, and what it says now."""
    name, _dash, code = clash.field.partition("-")
    said = {"language": language_name(code), "theirs": clash.theirs}
    by_fact = conflicts.last_change(bulletin, name, f"asset:{asset.pk}:{name}:{code}")
    changes = AuditEntry.objects.about(asset).filter(verb="asset.changed").select_related("actor")
    own = next((one for one in changes[: conflicts.LOOKED_BACK] if name in one.detail.get("fields", ())), None)
    made = max((one for one in (by_fact, own) if one and one.actor), key=lambda one: one.at, default=None)
    if made is None:
        return (
            _("Not saved: someone else changed this text in the meantime. It now says (%(language)s): “%(theirs)s”")
            % said
        )
    time = date_format(bulletin.campaign.local(made.at), "TIME_FORMAT")
    says = _("Not saved: %(who)s changed this text at %(time)s. It now says (%(language)s): “%(theirs)s”")
    return says % {**said, "who": made.actor, "time": time}


def texts_to_save(
    request: HttpRequest, bulletin: Bulletin, asset: Asset, codes: list[str]
) -> dict[str, dict[str, str]]:
    """
    Return the titles and text alternatives of a file with what was typed. Raise NotAllowed when someone else changed
    words since this page read them; what was typed is set aside.
    """
    words = {name: dict(getattr(asset, name)) for name in WORDS}
    stored = {f"{name}-{code}": words[name].get(code, "") for name in WORDS for code in codes}
    sent = {f"{name}-{code}": text for name in WORDS for code, text in texts(request, name, codes).items()}
    read = {name: mark for name in sent if (mark := request.POST.get(f"read-{name}"))}
    saved = conflicts.save(
        bulletin,
        f"asset:{asset.pk}",
        stored,
        sent,
        read,
        by=request.user,
        at=timezone.now(),  # type: ignore[arg-type]
    )
    for clash in saved.clashes[:1]:
        raise NotAllowed(changed_by_another(bulletin, asset, clash))
    for place, text in saved.changed.items():
        name, _dash, code = place.partition("-")
        words[name][code] = text
    return {name: {code: text for code, text in texts.items() if text} for name, texts in words.items()}
