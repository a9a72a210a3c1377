"""The pages of a municipality's people: their stories, the form of one, and who is seen in them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from lib.http import byte_ranges
from lib.text.numbers.whole_numbers import whole_number
from stories.consents import consent_steps
from stories.models import Story, StoryConsent, StoryFile, StoryJob, StoryUpload
from stories.story_media import jobs

from . import story_steps, uploads
from .own_stories import municipalities_of, own_story, sender_required
from .story_form import LONGEST, StoryForm

PER_PAGE = 20
State = Story.State


def senders(view: Any) -> Any:
    """Make a page one of people of municipalities, never kept anywhere."""
    return never_cache(login_required(sender_required(view)))


@require_safe
@senders
def own(request: HttpRequest) -> HttpResponse:
    """List the stories of the user's municipalities with how far each is, and begin another."""
    campaign = campaign_or_404(request)
    lacking = Count("people", filter=Q(people__signed_at=None) | Q(people__withdrawn_at__isnull=False), distinct=True)
    rows = Story.objects.sent_by(user_of(request), campaign).select_related("municipality").annotate(lacking=lacking)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "places": list(municipalities_of(request)),
        "is_closed": campaign.closed_at is not None,
    }
    return render(request, "stories/sending/own.html", context)


@require_POST
@senders
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a story, and lead to its form."""
    campaign = campaign_or_404(request)
    place = get_object_or_404(municipalities_of(request), pk=whole_number(request.POST.get("municipality")))
    kind = request.POST.get("kind", "")
    if kind not in Story.Kind.values:
        return redirect("municipality:own")
    language = get_language() if get_language() in campaign.language_codes() else campaign.default_language
    try:
        story = story_steps.begin(place, kind, language=language, by=user_of(request), at=timezone.now())
    except story_steps.NotDone as refusal:
        messages.error(request, str(refusal))
        return redirect("municipality:own")
    return redirect("municipality:story", story.key)


@require_http_methods(["GET", "HEAD", "POST"])
@senders
def story(request: HttpRequest, key: str) -> HttpResponse:
    """Write a story and send it; once it is sent, see how far it is."""
    row = own_story(request, key)
    if row.state not in story_steps.EDITABLE:
        if request.method == "POST":
            messages.warning(request, _("Not saved: the story is with the bulletin desk now."))
            return redirect("municipality:story", key)
        return render(request, "stories/sending/sent.html", shown(request, row))
    if request.method != "POST":
        return render(request, "stories/sending/write.html", shown(request, row) | {"form": StoryForm(row)})
    form = StoryForm(row, request.POST.copy())
    row, error, status, namesakes = take_in(request, row, form)
    if status == 412:
        return HttpResponse(status=status)  # the whole page says what differs
    if status == 200 and "X-Part" not in request.headers:
        return redirect(f"{request.path}#people" if is_about_people(request) else request.path)
    context = shown(request, row) | {"form": form if status != 200 else StoryForm(row), "error": error}
    if status != 200:
        context["typed_name"] = request.POST.get("name", "")[: consent_steps.LONGEST_NAME]
        context["typed_minor"] = "minor" in request.POST
        ticked = {whole_number(one) for one in request.POST.getlist("people")}
        context["ticked"] = [one.pk for one in context["known"] if one.pk in ticked]
    if namesakes:
        context["namesakes"] = {
            "name": namesakes[0].name,
            "is_minor": namesakes[0].is_minor,
            "known_as": request.POST.get("known_as", "")[: consent_steps.LONGEST_MARK],
            "people": last_seen(namesakes),
        }
    template = "_people.html" if "X-Part" in request.headers else "write.html"
    return render(request, f"stories/sending/{template}", context, status=status)


def take_in(request: HttpRequest, row: Story, form: StoryForm) -> tuple[Story, str, int, list[StoryConsent]]:
    """
    Store what was written and do what the pressed button says. Return the story as it is now, what is wrong ("" for nothing), the status,
    and those who may be meant by a name.
    """
    if not form.is_valid():
        return row, "", 422, []
    try:
        row = store(request, row, form)
        error = act(request, row, form)
    except consent_steps.NameTaken as taken:
        return row, str(taken), 409, taken.people
    except story_steps.ChangedMeanwhile as refusal:
        form.compare(refusal.stored)
        return refusal.stored, str(refusal), 412 if "X-Part" in request.headers else 409, []
    except (story_steps.NotDone, consent_steps.NotDone) as refusal:
        return row, str(refusal), 409, []
    except uploads.Refused as refusal:
        return row, str(refusal), refusal.status, []
    row.refresh_from_db()
    return row, error, 422 if error else 200, []


def is_about_people(request: HttpRequest) -> bool:
    """Return whether a button of the list of people was pressed."""
    return request.POST.get("do", "").startswith(("add", "same-", "sign-"))


def store(request: HttpRequest, row: Story, form: StoryForm) -> Story:
    """Save what was written, with a file that came with the form. Raise NotDone, Refused."""
    by, now = user_of(request), timezone.now()
    row = story_steps.save(row, form.content(), revision=form.cleaned_data["revision"], by=by, at=now)
    form.data["revision"] = str(row.revision)  # if something else is wrong, the form goes on from here
    form.store_alt_texts()
    for given in request.FILES.getlist("file")[: uploads.MOST_PICTURES]:
        uploads.refuse_beginning(row, given.size or 0, by)
        if not uploads.BEGUN.allow(f"user-{by.pk}", at=now):
            raise uploads.Refused(
                _("Not uploaded: that is enough for one hour. Your text is saved; add it later."), 429
            )
        uploads.take_file(row, given, by=by, at=now)  # type: ignore[arg-type]
    for waiting in row.uploads.filter(user=by, finished_at__isnull=False):
        uploads.take(waiting, by=by, at=now)
    return row


def act(request: HttpRequest, row: Story, form: StoryForm) -> str:
    """Do what the pressed button says, and return what is missing before it can be done, "" when it was. Raise NotDone."""
    do, by, now = request.POST.get("do", "save"), user_of(request), timezone.now()
    if do == "add":
        told = {name: request.POST.get(name, "")[:500] for name in ("name", "known_as")}
        is_minor = bool(request.POST.get("minor"))
        row.people.add(consent_steps.ask(row.municipality, **told, is_minor=is_minor, by=by, at=now))
    elif do.startswith("same-"):
        rows = row.municipality.consents.filter(withdrawn_at=None)
        row.people.add(get_object_or_404(rows, pk=whole_number(do.removeprefix("same-"))))
    elif do.startswith("sign-"):
        person = get_object_or_404(row.municipality.consents, pk=whole_number(do.removeprefix("sign-")))
        guardian = request.POST.get(f"guardian-{person.pk}", "")[:500]
        consent_steps.sign(person, language=get_language() or "en", guardian=guardian, by=by, at=now)
    elif do.startswith("drop-"):
        uploads.drop(row, whole_number(do.removeprefix("drop-")), by=by, at=now)
    elif do == "send":
        if form.lacks_tick:
            missing = [*story_steps.faults(row), _("Tick that nobody else can be recognised, or add who can.")]
            return " ".join([_("Not sent yet."), *missing])
        story_steps.send(row, by=by, at=now)
    return ""


def last_seen(people: Iterable[StoryConsent]) -> list[tuple[StoryConsent, Story | None]]:
    """Return people with the newest story that each is in, by which a sender knows them again; two queries."""
    rows = StoryConsent.objects.filter(pk__in=[one.pk for one in people])
    return [
        (one, max(one.stories.all(), key=lambda story: story.pk, default=None))
        for one in rows.prefetch_related("stories")
    ]


def pictures(request: HttpRequest, row: Story) -> Iterator[tuple[StoryFile, str, str]]:
    """Yield each picture with what was typed about it, or else is stored, and what is stored where that is something else; one query."""
    for one in row.files.filter(role=StoryFile.Role.PICTURE):
        stored = one.alt_text.get(row.original_language, "")
        said = request.POST.get(f"alt-{one.pk}", stored)[: LONGEST["alt"]]
        yield one, said, stored if said != stored else ""


def shown(request: HttpRequest, row: Story) -> dict[str, Any]:
    """Return what the pages of a story show beside its form; names of guardians that were typed and not signed with yet stay."""
    language = get_language() or "en"
    seen = list(row.people.select_related("municipality__campaign"))
    asked = row.municipality.consents.filter(withdrawn_at=None).exclude(pk__in=[one.pk for one in seen])
    original = row.files.filter(role=StoryFile.Role.ORIGINAL).first()
    return {
        "story": row,
        "original": original,
        "length": round(original.seconds) if original and original.seconds else 0,
        "pictures": list(pictures(request, row)),
        "waiting": StoryUpload.objects.filter(story=row, user=user_of(request)).order_by("-pk").first(),
        "people": [
            (
                one,
                consent_steps.address_of(one),
                consent_steps.text_of(one, language).split("\n"),
                request.POST.get(f"guardian-{one.pk}", "")[: consent_steps.LONGEST_NAME],
            )
            for one in seen
        ],
        "known": list(asked),
        "lacking": sum(not one.holds for one in seen),
        "minutes": uploads.minutes(),
        **work_on(row),
    }


def work_on(row: Story) -> dict[str, Any]:
    """Return how far the video of a sent story is, and what is wrong with it; one query."""
    work = jobs.of_video(row) if row.kind == Story.Kind.VIDEO and row.sent_at else None
    if work is None or work.state == StoryJob.State.DONE:
        return {}
    says = _(work.error) if work.error else ""
    return {"trouble": says} if work.state == StoryJob.State.FAILED else {"work": work, "work_says": says}


@require_POST
@senders
def take(request: HttpRequest, key: str) -> JsonResponse:
    """Look at what has arrived whole, and say whether it can be used."""
    row, by = own_story(request, key), user_of(request)
    rows = StoryUpload.objects.select_related("story").filter(story=row, user=by)
    waiting = rows.filter(key=request.POST.get("upload", "")).first()
    try:
        if waiting is not None:
            taken = uploads.take(waiting, by=by, at=timezone.now())
        else:  # the form has taken it at the same moment
            taken = get_object_or_404(row.files.filter(role__in=uploads.SENT).order_by("-pk")[:1])
    except uploads.Refused as refusal:
        return JsonResponse({"why": str(refusal)}, status=refusal.status)
    return JsonResponse({"size": taken.size})


@require_POST
@senders
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take a story away from everyone, or delete a draft."""
    row = own_story(request, key)
    was_draft = row.sent_at is None
    try:
        story_steps.withdraw_by_sender(row, by=user_of(request), at=timezone.now())
    except story_steps.NotDone as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft is deleted.") if was_draft else _("Withdrawn. Nobody sees it any more."))
    return redirect("municipality:own")


@require_safe
@senders
def file(request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
    """Hand out a file of a story to its senders, who alone see it before it is looked at."""
    one = get_object_or_404(StoryFile, story=own_story(request, key), pk=pk)
    if one.role == StoryFile.Role.PICTURE:
        return FileResponse(one.file.open("rb"))
    return byte_ranges.hand_out(request, one.file.name or "")


@require_http_methods(["GET", "HEAD", "POST"])
@senders
def people(request: HttpRequest) -> HttpResponse:
    """List who is seen in the stories of the user's municipalities, and take a consent back for somebody who asks."""
    rows = StoryConsent.objects.filter(municipality__in=municipalities_of(request), withdrawn_at=None)
    if request.method == "POST":
        one = get_object_or_404(rows, pk=whole_number(request.POST.get("person")))
        consent_steps.take_back(one, by=user_of(request), at=timezone.now())
        messages.success(request, _("Taken back. Stories with this person are off, everywhere."))
        return redirect("municipality:people")
    rows = StoryConsent.objects.filter(municipality__in=municipalities_of(request)).exclude(
        name=""
    )  # those who are forgotten
    rows = rows.select_related("municipality__campaign").annotate(in_stories=Count("stories"))
    page = Paginator(rows.order_by("name", "pk"), PER_PAGE * 5).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [(one, consent_steps.address_of(one)) for one in page]}
    return render(request, "stories/sending/people.html", context)
