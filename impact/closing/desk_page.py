"""The desk's page on which a campaign is closed, step by step, whoever goes on with it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.desk_base.desk_user import user_of
from accounts.login import reauthentication
from agreement.pane import pane_of
from agreement.refusals import Refused
from campaigns.models import Campaign
from delivery.models import Audience, Membership
from impact.dashboard import public_page
from impact.models import Archive
from impact.surveys import answers
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_heading

from . import archives, campaign_end, lessons, results, retention_dates, thanks

SEE, CLOSE, ARCHIVE = "campaigns.view_campaign", "campaigns.change_campaign", "impact.add_archive"
WRITE, APPROVE = "impact.change_campaignresults", "impact.approve_campaignresults"
# What each step needs.
STEPS = {
    "close": CLOSE,
    "gather": WRITE,
    "write": WRITE,
    "approve": APPROVE,
    "learn": WRITE,
    "thank": ARCHIVE,
    "make": ARCHIVE,
    "show": ARCHIVE,
    "hide": ARCHIVE,
}
NOT_UNDONE = {"close", "thank"}  # confirmed by the short name of the campaign
REFUSED = (archives.NotDone, campaign_end.NotDone, Refused)


def close_view(request: HttpRequest, pk: int, *, frame: dict[str, Any]) -> HttpResponse:
    """Show how far the end of a campaign is, and take the next step of it."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.prefetch_related("languages"), pk=pk)
    timezone.activate(campaign.zone)
    refusal = ""
    if request.method == "POST":
        step = request.POST.get("step", "")
        if not request.user.has_perm(STEPS.get(step, CLOSE)):
            raise PermissionDenied
        if step in NOT_UNDONE and (again := reauthentication.require_recent_login(request)):
            return again
        try:
            says = take_step(request, campaign)
        except REFUSED as why:
            refusal = str(why)
            campaign.refresh_from_db()
        else:
            messages.success(request, says)
            return HttpResponseRedirect(reverse("admin:campaigns_campaign_close", args=[campaign.pk]))
    context = {
        **frame,
        "title": _("Close the campaign"),
        "about": campaign,  # the desk's frame tells of the `campaign` that somebody works in
        "refusal": refusal,
        **end_context(request, campaign),
        **results_context(request, campaign),
        **archive_context(request, campaign),
    }
    return TemplateResponse(request, "impact/closing/page.html", context, status=409 if refusal else 200)


def take_step(request: HttpRequest, campaign: Campaign) -> str:
    """Take the step that was asked for, and return what there is to say of it. Raise NotDone."""
    step, by, now = request.POST.get("step", ""), user_of(request), timezone.now()
    if step in NOT_UNDONE and request.POST.get("typed", "").strip() != campaign.slug:
        raise Refused(_("Nothing was done: to confirm, write %(name)s.") % {"name": campaign.slug})
    if step == "close":
        campaign_end.close(campaign, knows=request.POST.get("knows", ""), by=by, at=now)
        return _("The campaign is closed: nothing new begins in it.")
    if step in {"gather", "write", "approve", "learn", "thank"}:
        return work_on_results(request, campaign, step)
    if step == "make":
        archives.ask(campaign, by=by, at=now)
        return _("The archive is being made. You can leave this page.")
    archive = archives.standing(campaign)
    if step not in {"show", "hide"} or archive is None:
        raise Http404
    archives.show_to_all(archive, shown=step == "show", by=by, at=now)
    return _("Anyone with the address can download it now.") if step == "show" else _("It is for the desk alone now.")


def work_on_results(request: HttpRequest, campaign: Campaign, step: str) -> str:
    """Take a step with the results of a campaign, and return what there is to say of it. Raise NotDone."""
    by, now, seen = user_of(request), timezone.now(), request.POST.get("seen", "")
    if step == "gather":
        results.gather(campaign, by=by, at=now)
        return _("The figures are counted. The text is as you see it; check that it still agrees with them.")
    if step == "write":
        words = {code: request.POST.get(f"words_{code}", "") for code in campaign.language_codes()}
        results.write(campaign, words, seen=seen, by=by, at=now)
        return _("Saved.")
    if step == "approve":
        results.approve(campaign, digest=seen, by=by, at=now)
        return _("Approved.")
    if step == "learn":
        answers = {key: request.POST.get(f"lesson_{key}", "") for key in lessons.QUESTIONS}
        lessons.write(campaign, answers, seen=seen, by=by, at=now)
        return _("Saved.")
    thanks.send(campaign, without_archive="without_archive" in request.POST, by=by, at=now)
    return _("Everybody is being thanked. The emails leave behind everything that is urgent.")


def results_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what the steps need that gather results and thank for them."""
    found, user = results.of(campaign), request.user
    context: dict[str, Any] = {
        "results": found,
        "may_write": user.has_perm(WRITE),
        "may_approve": user.has_perm(APPROVE),
        "may_thank": user.has_perm(ARCHIVE),
        "longest": results.LONGEST,
        "forgotten": list(retention_dates.after(campaign)),
    }
    if found is None:
        return context
    texts = [(code, language_heading(code), found.words.get(code, "")) for code in campaign.language_codes()]
    return context | {
        "texts": texts,
        "digest": results.RESULTS.digest_of(found),
        "lessons": [(key, says, found.lessons.get(key, "")) for key, says in lessons.QUESTIONS.items()],
        "lessons_mark": lessons.mark_of(found),
        "longest_lesson": lessons.LONGEST,
        "pane": pane_of(results.RESULTS, found, user, at=timezone.now()),
        **(thanks_context(campaign) if found.approved_at and not found.thanked_at else {}),
    }


def thanks_context(campaign: Campaign) -> dict[str, Any]:
    """Return what the step needs that thanks everybody: to how many, and whether the mails lead to the archive."""
    now = timezone.now()
    return {
        "people": people_of(campaign),
        "archive_not_ready": thanks.archive_not_ready(campaign, at=now),
        "has_archive_link": bool(archives.for_everyone(campaign, at=now)),
        "has_results_link": bool(public_page.open_page(campaign)),
    }


def end_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what the step needs that closes the campaign."""
    told = campaign_end.told_ahead(campaign, at=timezone.now())
    may_close = request.user.has_perm(CLOSE)
    readers = people_of(campaign) if may_close and campaign.closed_at is None else 0
    return {
        "told": told.said,
        "ending": told.ending,
        "knows": told.mark,
        "may_close": may_close,
        "readers": readers,
        "fewest": FEWEST,
        "fewest_by_link": answers.FEWEST_ENDED_EARLY,
    }


def people_of(campaign: Campaign) -> int:
    """Return how many people are on the lists of a campaign that mail and thanks go to, each once."""
    lists = Audience.objects.filter(campaign=campaign, kind__in=thanks.KINDS)
    return Membership.objects.filter(audience__in=lists, left_at=None).order_by().values("recipient").distinct().count()


def archive_context(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what the step needs that makes the archive."""
    latest, standing = archives.latest(campaign), archives.standing(campaign)
    return {
        "archive": standing,
        "making": archives.in_the_making(campaign),
        "failed": latest if latest and latest.state == Archive.State.FAILED else None,
        "is_outdated": standing is not None and archives.changed_since(standing, at=timezone.now()),
        "may_archive": request.user.has_perm(ARCHIVE),
        "public_address": request.build_absolute_uri(reverse("archive", args=[campaign.slug])),
    }


def file_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the archive of a campaign to whoever may have one made."""
    if not request.user.has_perm(ARCHIVE):
        raise PermissionDenied
    return hand_out(archives.standing(get_object_or_404(Campaign, pk=pk)))


def public_view(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Hand out an archive that anyone may have, as long as it says what readers may read."""
    campaign = get_object_or_404(Campaign, slug=slug)
    return hand_out(archives.for_everyone(campaign, at=timezone.now()))


def hand_out(archive: Archive | None) -> HttpResponseBase:
    """Return the file of an archive, 404 without one."""
    if archive is None or not archive.file or not default_storage.exists(archive.file.name or ""):
        raise Http404
    name = f"{archive.campaign.slug}.zip"
    return FileResponse(archive.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
