"""Subtitles of a story at the desk: which languages there are and which are due, and the editor beside the video."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.audit import trail
from accounts.desk_base.desk_user import user_of
from lib.text.languages import spoken_languages
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import whole_number
from stories.models import Story, StoryFile, StoryJob, StorySubtitles
from stories.story_media import desk_stories, jobs
from stories.story_media.admin import progress_of

from . import subtitle_drafts, subtitle_steps
from .subtitle_steps import Changed, NotDone

MAY = "stories.change_storysubtitles"
Origin = StorySubtitles.Origin
LARGEST_FILE = 2 * 1024 * 1024
EMPTY = "WEBVTT\n"


def urls(site: Any) -> list[URLPattern]:
    """Return the addresses of these pages, each for staff only."""

    def languages(request: HttpRequest, pk: int) -> HttpResponse:
        return languages_view(site, request, pk)

    def editor(request: HttpRequest, pk: int, language: str) -> HttpResponse:
        return editor_view(site, request, pk, language)

    methods = require_http_methods(["GET", "HEAD", "POST"])
    below = "stories/story/<int:pk>/subtitles/"
    return [
        path(below, site.admin_view(methods(languages)), name="stories_story_subtitles"),
        path(f"{below}<str:language>/", site.admin_view(methods(editor)), name="stories_story_subtitles_edit"),
    ]


def languages_of(story: Story) -> list[str]:
    """Return the languages in which a story may have subtitles, the one that is spoken first."""
    there = [row.language for row in story.subtitles.all()]
    codes = [story.original_language, *story.campaign.language_codes(), *there]
    return list(dict.fromkeys(codes))


# --- The languages ----------------------------------------------------------------------------------------


def languages_view(site: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the subtitles of a story are in each language; take in a file, or ask for a draft."""
    story, now, refusal = desk_stories.to_see(request, pk), timezone.now(), ""
    if request.method == "POST":
        desk_stories.must_do(request, MAY)
        try:
            language = take_in(request, story, at=now)
        except NotDone as reason:
            refusal = str(reason)
        else:
            return HttpResponseRedirect(
                reverse("admin:stories_story_subtitles_edit", args=[story.pk, language])
                if language
                else reverse("admin:stories_story_subtitles", args=[story.pk])
            )
    rows = {row.language: row for row in story.subtitles.select_related("edited_by", "confirmed_by")}
    progress = progress_of(story)
    drafted = {
        one["row"].label for one in progress["jobs"] if one["row"].kind == StoryJob.Kind.SPEECH and one["is_open"]
    }
    context = {
        **desk_stories.frame(site, request, story, _("Subtitles")),
        **progress,
        "rows": [
            {
                "code": code,
                "name": language_name(code),
                "row": rows.get(code),
                "is_spoken": code == story.original_language,
                "draft_by": "" if code in rows or code in drafted else subtitle_drafts.ways(story, code),
            }
            for code in languages_of(story)
        ],
        "due": subtitle_steps.due_state(story, rows.values(), today=story.campaign.local(now).date()),
        "refusal": refusal,
        "may_write": request.user.has_perm(MAY),
    }
    return TemplateResponse(request, "stories/subtitles/desk/languages.html", context, status=422 if refusal else 200)


def take_in(request: HttpRequest, story: Story, *, at: datetime) -> str:
    """Take in an uploaded file and return its language, or ask for a draft and return "". Raise NotDone."""
    language = request.POST.get("language", "")
    if language not in languages_of(story):
        raise NotDone(_("Choose the language."))
    by, row = user_of(request), subtitle_steps.of_language(story, language)
    if request.POST.get("step") == "draft":
        if row is not None or not subtitle_drafts.ways(story, language):
            raise NotDone(
                _("Not drafted: there are subtitles already, or there is no model for this language. Nothing changed.")
            )
        jobs.enqueue(story, StoryJob.Kind.SPEECH, language, at=at)
        trail.note("story.subtitles_asked", story, by=by, at=at, language=language)
        messages.success(request, _("Requested: the draft is made now."))
        return ""
    upload = request.FILES.get("file")
    if upload is None:
        raise NotDone(_("Not uploaded: choose a file first."))
    if (upload.size or 0) > LARGEST_FILE:
        raise NotDone(_("Not uploaded: the file is too large for subtitles."))
    seen = whole_number(request.POST.get("seen")) or 0
    subtitle_steps.save(story, language, upload.read(), origin=Origin.UPLOADED, seen=seen, by=by, at=at)
    messages.success(request, _("Uploaded as a draft. Look at it beside the video, then confirm it."))
    return language


# --- The editor -------------------------------------------------------------------------------------------


def editor_view(site: Any, request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Show subtitles beside their video, and keep, confirm or remove them."""
    story, now = desk_stories.to_see(request, pk), timezone.now()
    if language not in languages_of(story):
        raise Http404
    row = subtitle_steps.of_language(story, language)
    text, seen, refusal, theirs, status = (row.draft if row else EMPTY), (row.revision if row else 0), "", None, 200
    if request.method == "POST":
        desk_stories.must_do(request, MAY)
        text = request.POST.get("vtt", "").replace("\r\n", "\n")[: subtitle_steps.MOST_CHARACTERS + 1]
        try:
            return answer_to(request, story, language, text, at=now)
        except Changed as reason:
            refusal, theirs, seen, status = str(reason), reason.now, reason.now.revision, 409
        except NotDone as reason:
            refusal, status = str(reason), 422
    film = desk_stories.film_of(story)
    context = {
        **desk_stories.frame(site, request, story, f"{_('Subtitles')}, {language_name(language)}"),
        "language": language,
        "is_rtl": spoken_languages.is_rtl(language),
        "row": row,
        "text": text,
        "seen": seen,
        "film": film,
        "poster": story.files.filter(role=StoryFile.Role.POSTER).first(),
        "refusal": refusal,
        "line": line_in(refusal),
        "theirs": theirs,
        "is_unsent": bool(refusal),
        "may_write": request.user.has_perm(MAY),
        "is_new": bool(row and row.confirmed_at and row.draft != row.vtt),
    }
    return TemplateResponse(request, "stories/subtitles/desk/editor.html", context, status=status)


def line_in(refusal: str) -> int:
    """Return the number of the line that a refusal names, 0 for none."""
    number = "".join(sign for sign in refusal.partition(":")[0] if sign.isdigit())
    return int(number) if number and len(number) < 7 else 0


def answer_to(request: HttpRequest, story: Story, language: str, text: str, *, at: datetime) -> HttpResponse:
    """Take the step that was pressed in the editor. Raise NotDone, Changed."""
    by, seen = user_of(request), whole_number(request.POST.get("seen")) or 0
    here = reverse("admin:stories_story_subtitles_edit", args=[story.pk, language])
    if "remove" in request.POST:
        subtitle_steps.remove(story, language, seen=seen, by=by, at=at)
        messages.success(request, _("Removed."))
        return HttpResponseRedirect(reverse("admin:stories_story_subtitles", args=[story.pk]))
    row = subtitle_steps.save(story, language, text, origin=Origin.WRITTEN, seen=seen, by=by, at=at)
    if "confirm" not in request.POST:
        messages.success(request, _("Saved as a draft."))
        return HttpResponseRedirect(here)
    if "watched" not in request.POST:
        messages.warning(request, _("Saved as a draft. To confirm it, tick that you have watched the video with it."))
        return HttpResponseRedirect(here)
    subtitle_steps.confirm(story, language, seen=row.revision, by=by, at=at)
    messages.success(request, _("Confirmed: whoever watches the story has these subtitles."))
    return HttpResponseRedirect(reverse("admin:stories_story_subtitles", args=[story.pk]))
