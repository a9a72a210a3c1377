"""The desk's pages about posts: what was told, what staff find, and private advice for the contact person."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import row_scopes
from accounts.models import User
from bulletins.models import Platform, Version
from campaigns.base_admin import DeskAdmin, ReadOnly
from campaigns.desk_fields import BOX
from campaigns.http.middleware import campaign_or_404
from factcheck.models import ClaimVersion
from influencers.models import Influencer, Post, PostMessage

from . import advice, queries, reports
from .forms import FiguresForm, PostForm


class FoundPostForm(PostForm):
    """A post that someone at the desk found: whose it is and what it is about, besides what posters tell."""

    who = forms.CharField(
        label=gettext_lazy("Whose is it?"),
        max_length=200,
        help_text=gettext_lazy("The influencer's reference, handle or full name."),
    )
    bulletin = forms.IntegerField(
        label=gettext_lazy("Bulletin"),
        required=False,
        min_value=1,
        max_value=99_999,
        help_text=gettext_lazy("Its number. Leave it empty for a post about a fact-check."),
    )
    fact = forms.SlugField(label=gettext_lazy("Fact-check"), required=False, help_text=gettext_lazy("Its short name."))
    field_order = ("who", "bulletin", "fact", "platform", "url")

    def __init__(self, *args: Any, campaign: Any, at: Any, **kwargs: Any) -> None:
        codes = list(campaign.languages.values_list("code", flat=True))
        super().__init__(*args, platforms=list(Platform.choices), languages=codes, **kwargs)
        self.campaign, self.at = campaign, at
        self.fields["url"].required = True
        self.fields["words"].help_text = _(
            "As much as can be read. Only the contact person and the person who posted it see it."
        )
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs["class"] = BOX

    def clean_who(self) -> Influencer:
        """Return the one person who is meant."""
        typed = self.cleaned_data["who"].strip()
        people = Influencer.objects.filter(campaign=self.campaign).exclude(state=Influencer.State.ERASED)
        people = people.select_related("campaign", "recipient")
        handle, way = typed.removeprefix("@"), "accounts__handle__iexact"
        for found in (
            people.filter(reference__iexact=typed),
            people.filter(Q(**{way: handle}) | Q(**{way: f"@{handle}"})).distinct(),
            people.filter(Q(name__iexact=typed) | Q(recipient__email__iexact=typed)),
        ):
            some = list(found[:2])
            if len(some) == 1:
                return some[0]
            if some:
                raise forms.ValidationError(_("More than one person matches. Enter the reference."))
        raise forms.ValidationError(_("Nobody in this campaign matches. Enter the reference from the list."))

    def clean(self) -> dict[str, Any]:
        """Find what the post is about."""
        values = super().clean() or {}
        who, number, slug = values.get("who"), values.get("bulletin"), values.get("fact")
        if not who or self.errors:
            return values
        if bool(number) == bool(slug):
            raise forms.ValidationError(_("Enter the number of the bulletin or the short name of the fact-check."))
        moments = {"posted_at": values["posted_at"] or self.at, "at": self.at}
        values["about"] = (
            queries.version_posted(who, self.campaign, number, **moments)
            if number
            else queries.fact_posted(who, self.campaign, slug, **moments)
        )
        if values["about"] is None:
            self.add_error("bulletin" if number else "fact", _("None of this was public then."))
        return values

    def found(self) -> tuple[Influencer, Version | ClaimVersion]:
        """Return whose post it is and what it is about."""
        return self.cleaned_data["who"], self.cleaned_data["about"]


@admin.register(Post)
class PostAdmin(ReadOnly, DeskAdmin):
    """Posts, the latest first. No list is ordered by what they reached: nobody is ranked."""

    list_display = [
        "shown_location",
        "influencer",
        "shown_subject",
        "posted_at",
        "found_by",
        "corrected_at",
        "removed_at",
    ]
    list_display_links = ["shown_location"]
    list_select_related = ["influencer", "version__bulletin", "claim_version__claim", "found_by"]
    list_filter = ["platform"]
    search_fields = ["influencer__name", "influencer__reference", "url"]
    sortable_by = ["posted_at"]
    actions: Any = None
    campaign_by = "campaign"

    @admin.display(description=gettext_lazy("post"))
    def shown_location(self, post: Post) -> str:
        """Return where it is."""
        return post.get_platform_display()

    @admin.display(description=gettext_lazy("about"))
    def shown_subject(self, post: Post) -> str:
        """Return what it is about."""
        return about_of(post)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those add what they found who may."""
        return request.user.has_perm("influencers.add_post")

    def get_urls(self) -> list[URLPattern]:
        """Add what is noted of a post."""

        def on_desk(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<int:pk>/figures/", on_desk(self.figures_view), name="influencers_post_figures"),
            path("<int:pk>/looked/<int:message>/", on_desk(self.looked_view), name="influencers_post_looked"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Add a post that someone at the desk found."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = FoundPostForm(
            request.POST or None,
            initial={"who": request.GET.get("who", "")[:200], "bulletin": request.GET.get("bulletin", "")[:5]},
            campaign=campaign_or_404(request),
            at=now,
        )
        if request.method == "POST" and form.is_valid():
            who, about = form.found()
            by = cast(User, request.user)
            try:
                told = reports.report(who, about, **form.report_values(at=now), by=by, at=now)
            except reports.PostRefused as refusal:
                form.refuse(refusal)
            else:
                says = (
                    _("The post was added.")
                    if told.is_new
                    else _("The post was already known, and has been completed.")
                )
                if told.is_new:
                    self.log_addition(request, told.post, "found")
                self.message_user(request, says, "success")
                return back_to(told.post)
        context = {**self.admin_site.each_context(request), "title": _("Add a post"), "opts": self.opts, "form": form}
        return TemplateResponse(
            request, "influencers/posts/admin_post_new.html", context, status=422 if form.is_bound else 200
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a post."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        post = self.get_object(request, object_id)
        if post is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self.page(request, cast(Post, post))

    def page(
        self, request: HttpRequest, post: Post, *, figures: FiguresForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Return a post's page. The advice is for the contact person only."""
        is_contact = sees_advice(request, post)
        context = {
            **self.admin_site.each_context(request),
            "title": str(post),
            "opts": self.opts,
            "post": post,
            "about": about_of(post),
            "history": list(post.figures.select_related("by").order_by("-at", "-pk")[:20]),
            "thanks": list(post.thanks.select_related("by").order_by("-at")),
            "figures": figures or FiguresForm(auto_id="figures_%s"),
            "may_add": request.user.has_perm("influencers.add_postfigures"),
            "may_thank": request.user.has_perm("influencers.add_thanks"),
            "is_contact": is_contact,
            "messages_of": list(row_scopes.visible(post.messages.order_by("fate", "pk"), request.user))
            if is_contact
            else [],
            "fates": PostMessage.Fate.choices,
        }
        return TemplateResponse(request, "influencers/posts/admin_post.html", context, status=status)

    def figures_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add what a post has reached by now."""
        if not request.user.has_perm("influencers.add_postfigures"):
            raise PermissionDenied
        post = get_object_or_404(self.get_queryset(request).select_related("influencer"), pk=pk)
        form = FiguresForm(request.POST, auto_id="figures_%s")
        if not form.is_valid():
            return self.page(request, post, figures=form, status=422)
        reports.add_figures(post, form.cleaned_data, by=cast(User, request.user), at=timezone.now())
        self.message_user(request, _("Saved."), "success")
        return back_to(post)

    def looked_view(self, request: HttpRequest, pk: int, message: int) -> HttpResponse:
        """Keep what the contact person found about a key message in a post."""
        if not request.user.has_perm("influencers.view_postmessage"):
            raise PermissionDenied
        post = get_object_or_404(self.get_queryset(request).select_related("influencer"), pk=pk)
        row = get_object_or_404(row_scopes.visible(PostMessage.objects.filter(post=post), request.user), pk=message)
        fate = request.POST.get("fate", "")
        if fate not in PostMessage.Fate.values:
            raise Http404
        advice.record_finding(row, fate, by=cast(User, request.user))
        self.message_user(request, _("Saved."), "success")
        return back_to(post)


def sees_advice(request: HttpRequest, post: Post) -> bool:
    """Return whether the user is the contact person of whose post it is, and may read advice."""
    is_contact = post.influencer.liaison_id is not None and post.influencer.liaison_id == request.user.pk
    return is_contact and request.user.has_perm("influencers.view_postmessage")


def about_of(post: Post) -> str:
    """Return what a post is about in a few words; needs its versions at hand."""
    if post.version is not None:
        return _("Bulletin %(number)d, version %(version)d") % {
            "number": post.version.bulletin.number,
            "version": post.version.number,
        }
    return str(post.claim_version) if post.claim_version else "–"


def back_to(post: Post) -> HttpResponseRedirect:
    """Go to a post's page."""
    return HttpResponseRedirect(reverse("admin:influencers_post_change", args=[post.pk]))
