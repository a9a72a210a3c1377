"""What the reader posted: telling of it, what came of it, and private advice."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from bulletins.models import Version
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.models import Post
from influencers.profiles import contact_person
from lib.text.languages.languages import page_language
from lib.text.numbers.whole_numbers import whole_number

from . import advice, paid_labels, queries, reports
from .forms import FiguresForm, PostForm, PostTextForm

PAGE = 20
MOST_ADDRESS = 1_000  # characters of an address that is shared


@require_safe
@influencer_required
def posts(request: PortalRequest) -> HttpResponse:
    """What the reader posted, the latest first."""
    mine = queries.posts_of(request.influencer, at=timezone.now())
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": queries.shown(page), "contact": contact(request)}
    return render(request, "influencers/posts/posts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def post_new(request: PortalRequest) -> HttpResponse:
    """Tell of a post about a bulletin (`bulletin`, its number) or a fact-check (`fact`, its short name)."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    number, slug = asked.get("bulletin", ""), asked.get("fact", "")
    versions = []
    if which := whole_number(number):
        versions = queries.versions_of(campaign, which, at=now)
    elif slug:
        if queries.fact_posted(influencer, campaign, slug[:60], posted_at=now, at=now) is None:
            raise Http404
    elif request.method != "POST":
        context = {
            "entries": recent(request),
            "contact": contact(request),
            "url": request.GET.get("url", "")[:MOST_ADDRESS],
        }
        return render(request, "influencers/posts/post_choose.html", context)
    if not versions and not slug:
        raise Http404
    form = new_form(request, versions)
    if form.is_valid() and (told := save_post(request, form, versions, slug, at=now)) is not None:
        done = "new" if told.is_new else "known"
        return redirect(reverse("influencers:post", args=[told.post.pk], query={"done": done}))
    context = {
        "form": form,
        "number": number if versions else "",
        "slug": slug,
        "newest": versions[0] if versions else None,
        "contact": contact(request),
    }
    return render(request, "influencers/posts/post_new.html", context, status=422 if form.is_bound else 200)


def new_form(request: PortalRequest, versions: Sequence[Version]) -> PostForm:
    """Return the form for a post, with the versions that it may be about, the newest first."""
    platforms, own = queries.platforms_of(request.influencer)
    return PostForm(
        request.POST if request.method == "POST" else None,
        auto_id="post_%s",
        platforms=platforms,
        languages=codes(request),
        versions=[(one.number, version_label(one, versions[0])) for one in versions],
        paid_work=paid_labels.paid_work(request.influencer),
        initial={
            "platform": own,
            "language": page_language(),
            "url": request.GET.get("url", "")[:MOST_ADDRESS],  # shared with the app on a phone
        },
    )


def save_post(
    request: PortalRequest, form: PostForm, versions: Sequence[Version], slug: str, *, at: datetime
) -> reports.ReportedPost | None:
    """Keep a post that was told of, or put into the form why not and return None."""
    influencer = request.influencer
    known = queries.reported_before(influencer, form.cleaned_data["platform"], form.cleaned_data["url"])
    said = form.cleaned_data["posted_at"]
    posted_at = said or (known.posted_at if known else at)
    about = about_of(request, form, versions, slug, known=None if said else known, posted_at=posted_at, at=at)
    if about is None:
        form.add_error("posted_at", _("None of this was public then. Check when you posted."))
        return None
    if not said and posted_at + queries.LEEWAY < about.published_at:
        posted_at = at  # the known post has a later text by now
    try:
        return reports.report(influencer, about, **form.report_values(at=posted_at), by=request.user, at=at)
    except reports.PostRefused as refusal:
        form.refuse(refusal)
        return None


@require_safe
@influencer_required
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: what it reached, what changed since, thanks, and advice."""
    return shown(request, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def post_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what a post has reached by now."""
    row = own_post(request, pk)
    if request.method != "POST":
        return redirect("influencers:post", pk=pk)  # the form was refused, and somebody read it anew or had to log in
    form = FiguresForm(request.POST, auto_id="figures_%s")
    if not form.is_valid():
        return shown(request, pk, figures=form, status=422)
    reports.add_figures(row, form.cleaned_data, by=cast(User, request.user), at=timezone.now())
    return redirect(reverse("influencers:post", args=[pk], query={"done": "figures"}))


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def post_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the words of a post, and read how they compare."""
    row = own_post(request, pk)
    if request.method != "POST":
        return redirect("influencers:post", pk=pk)
    form = PostTextForm(request.POST, auto_id="words_%s", languages=codes(request))
    if not form.is_valid():
        return shown(request, pk, words=form, status=422)
    reports.rewrite(row, form.cleaned_data["words"], language=form.cleaned_data["language"])
    return redirect(reverse("influencers:post", args=[pk], query={"done": "words"}) + "#advice")


@influencer_required
@require_POST
def post_corrected(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a post was corrected."""
    return settled(request, pk, reports.mark_corrected, "corrected")


@influencer_required
@require_POST
def post_removed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a post was removed."""
    return settled(request, pk, reports.mark_removed, "removed")


# --- Parts ------------------------------------------------------------------------------------------------


def settled(request: HttpRequest, pk: int, mark: Callable[..., None], said: str) -> HttpResponse:
    """Note what became of the reader's own post, and go back to it."""
    mark(own_post(request, pk), at=timezone.now())
    return redirect(reverse("influencers:post", args=[pk], query={"done": said}))


def shown(
    request: PortalRequest,
    pk: int,
    *,
    figures: FiguresForm | None = None,
    words: PostTextForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of one post of the reader's own."""
    mine = queries.posts_of(request.influencer, at=timezone.now())
    [row] = queries.shown([get_object_or_404(mine, pk=pk)])
    typed = {"words": row.post.words, "language": row.post.language or page_language()}
    context: dict[str, Any] = {
        "row": row,
        "done": request.GET.get("done", ""),
        "history": list(row.post.figures.order_by("-at", "-pk")[:20]),
        "advice": advice.of_post(row.post),
        "missing_label": paid_labels.missing(row.post),
        "label": paid_labels.label_of(row.post) if row.post.commission_id else None,
        "figures": figures or FiguresForm(auto_id="figures_%s"),
        "words": words or PostTextForm(auto_id="words_%s", languages=codes(request), initial=typed),
        "contact": contact(request),
    }
    return render(request, "influencers/posts/post.html", context, status=status)


def own_post(request: PortalRequest, pk: int) -> Post:
    """Return a post of the reader's own; someone else's is not there."""
    rows = Post.objects.select_related("campaign", "claim_version")
    return get_object_or_404(rows, pk=pk, influencer=request.influencer)


def about_of(
    request: PortalRequest,
    form: PostForm,
    versions: list[Any],
    slug: str,
    *,
    known: Post | None,
    posted_at: Any,
    at: Any,
) -> Any:
    """
    Return the version that was posted: the one that was chosen, or that a known post is about already, or that the reader
    knew then.
    """
    influencer, campaign = request.influencer, request.campaign
    if not versions:
        if known and known.claim_version and known.claim_version.claim.slug == slug:
            return known.claim_version
        return queries.fact_posted(influencer, campaign, slug, posted_at=posted_at, at=at)
    if chosen := form.cleaned_data.get("version"):
        return next(one for one in versions if one.number == chosen)
    if known and known.version and known.version.bulletin_id == versions[0].bulletin_id:
        return known.version
    number = versions[0].bulletin.number
    return queries.version_posted(influencer, campaign, number, posted_at=posted_at, at=at)


def version_label(version: Any, newest: Any) -> str:
    """Return what a version is called where somebody chooses the one that they posted."""
    day = date_format(timezone.localtime(version.published_at), "SHORT_DATETIME_FORMAT")
    if version.is_retracted:
        return _("The withdrawal of %(day)s") % {"day": day}
    if version.number == newest.number:
        return _("The corrected text of %(day)s") % {"day": day}
    if newest.is_retracted:
        return _("The text from before the withdrawal, of %(day)s") % {"day": day}
    return _("The text from before the correction, of %(day)s") % {"day": day}


def recent(request: PortalRequest) -> list[Any]:
    """Return the latest bulletins, to choose what a post is about; two queries."""
    influencer, campaign = request.influencer, request.campaign
    return queries.recent_bulletins(influencer, campaign, language=page_language(), at=timezone.now())


def codes(request: PortalRequest) -> list[str]:
    """Return the codes of the campaign's languages."""
    return list(request.campaign.languages.values_list("code", flat=True))


def contact(request: PortalRequest) -> Any:
    """Return the reader's contact person."""
    return contact_person.contact_of(request.influencer, request.campaign)
