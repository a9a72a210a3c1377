"""What is made of a story's video, at the desk: how far it is, what there is, where the upright cut begins, and to make it again."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import trail
from accounts.desk_base.desk_user import user_of
from lib.images import ffmpeg, film_facts
from lib.text.languages.languages import language_name
from stories.models import Story, StoryFile, StoryJob

from . import desk_stories, jobs, makers

MAY = "stories.change_storyfile"
State = StoryJob.State
ORDER = [StoryFile.Role.WEB, StoryFile.Role.POSTER, StoryFile.Role.CUT, StoryFile.Role.SHARE, StoryFile.Role.PICTURE]


def urls(site: Any) -> list[URLPattern]:
    """Return the addresses of these pages, each for staff only."""

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return media_view(site, request, pk)

    return [
        path(
            "stories/story/<int:pk>/media/",
            site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(page)),
            name="stories_story_media",
        ),
        path(
            "stories/story/<int:pk>/media/state/",
            site.admin_view(require_safe(state_view)),
            name="stories_story_media_state",
        ),
    ]


def lines_of(story: Story) -> list[dict[str, Any]]:
    """Return the newest job of each kind as it is shown: its name, how far it is and what went wrong; one query."""
    found = []
    for row in jobs.latest(story):
        name = str(row.get_kind_display()).capitalize()
        if row.label:
            name = f"{name}, {language_name(row.label)}"
        says = _(row.error) if row.error else ""
        found.append({"row": row, "name": name, "says": says, "is_open": row.state in {State.QUEUED, State.RUNNING}})
    return found


def state_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Return how far the work on a story is; asked for every second while some is under way."""
    story = desk_stories.to_see(request, pk)
    context = progress_of(story)
    answer = TemplateResponse(request, "stories/story_media/desk/_jobs.html", context)
    if not context["is_busy"]:
        answer["HX-Refresh"] = "true"  # what was made stands on the page then
    return answer


def progress_of(story: Story) -> dict[str, Any]:
    """Return what the part of a page about work under way shows."""
    lines = lines_of(story)
    return {"story": story, "jobs": lines, "is_busy": any(one["is_open"] for one in lines)}


def media_view(site: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was made of a story's video, and take a step."""
    story, now = desk_stories.to_see(request, pk), timezone.now()
    refusal = ""
    if request.method == "POST":
        desk_stories.must_do(request, MAY)
        refusal = step(request, story, at=now)
        if not refusal:
            return HttpResponseRedirect(reverse("admin:stories_story_media", args=[story.pk]))
    files = sorted(
        story.files.exclude(role=StoryFile.Role.ORIGINAL), key=lambda row: (ORDER.index(row.role), row.label)
    )  # type: ignore[arg-type]
    original = story.files.filter(role=StoryFile.Role.ORIGINAL).first()
    confirmed = {row.language for row in story.subtitles.all() if row.confirmed_at}
    context = {
        **desk_stories.frame(site, request, story, _("Sizes, cuts and pictures")),
        **progress_of(story),
        "files": [(row, words_of(row)) for row in files],
        "original": original,
        "film": desk_stories.film_of(story),
        "refusal": refusal,
        "may_make": request.user.has_perm(MAY),
        "lacks_ffmpeg": not (ffmpeg.is_installed() and film_facts.is_installed()),
        "cuts": [(code, language_name(code)) for code in sorted(confirmed)],
        "most_seconds": int(makers.CUT_SECONDS),
        "typed": request.POST.get("cut_from", clock(story.cut_from)),
    }
    return TemplateResponse(request, "stories/story_media/desk/media.html", context, status=422 if refusal else 200)


def words_of(row: StoryFile) -> str:
    """Return what a file is, in words."""
    name = str(row.get_role_display()).capitalize()
    if row.role == StoryFile.Role.WEB:
        return f"{name}, {row.width} × {row.height}"
    return f"{name}, {language_name(row.label)}" if row.label and not row.label.isdigit() else name


def clock(seconds: float) -> str:
    """Return seconds as people write them: 1:05, 0:12.5."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}".removesuffix(".0") if rest % 1 else f"{int(minutes)}:{int(rest):02d}"


def seconds_of(typed: str) -> float | None:
    """Return the seconds that somebody typed as 1:05 or 65, None for what is none."""
    minutes, colon, seconds = typed.strip().replace(",", ".").rpartition(":")
    try:
        found = (int(minutes) if colon else 0) * 60 + float(seconds)
    except ValueError:
        return None
    return found if 0 <= found < 36_000 else None


def step(request: HttpRequest, story: Story, *, at: datetime) -> str:
    """Take the step that was pressed, and return why it was not taken, "" when it was."""
    by, cuts = user_of(request), request.POST.get("step") == "cut"
    if not cuts:
        jobs.enqueue(story, StoryJob.Kind.SIZES, at=at)
        trail.note("story.media_asked", story, by=by, at=at)
        messages.success(request, _("Requested: what is missing is made now."))
        return ""
    begins = seconds_of(request.POST.get("cut_from", ""))
    if begins is None:
        return _("Not saved: write where the cut begins as 0:12, in minutes and seconds.")
    film = desk_stories.film_of(story)
    if film and film.seconds and begins > film.seconds - 1:
        return _("Not saved: the video is over by then.")
    Story.objects.filter(pk=story.pk).update(cut_from=begins)
    languages = list(story.subtitles.filter(confirmed_at__isnull=False).values_list("language", flat=True))
    for code in languages:
        jobs.enqueue(story, StoryJob.Kind.CUT, code, at=at)
    trail.note("story.cut_moved", story, by=by, at=at, second=begins)
    if languages:
        messages.success(request, _("Saved. The cuts are made anew."))
    else:
        messages.success(request, _("Saved. Cuts are made when subtitles are confirmed."))
    return ""
