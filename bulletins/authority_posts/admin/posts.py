"""Posts of the authority at the desk: what stands where, and what somebody has to decide."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from bulletins.authority_posts import decisions, shown_posts
from bulletins.authority_posts.networks.network import NetworkFault
from bulletins.editing.edition_labels import title_of
from bulletins.models import AuthorityAccount, AuthorityPost, NotAllowed
from campaigns.base_admin import ReadOnlyAdmin
from lib.text.languages.languages import language_heading

State = AuthorityPost.State
COLOURS = {
    State.WAITING: "info",
    State.POSTED: "success",
    State.DELETED: "default",
    State.STOPPED: "danger",
    State.UNKNOWN: "warning",
}
STEPS: dict[str, tuple[Callable[..., None], Any]] = {
    "again": (decisions.try_again, gettext_lazy("It is tried again.")),
    "gone": (decisions.say_gone, gettext_lazy("Noted. Nothing more is done about it.")),
}


class PlaceForm(forms.Form):
    """Where a post stands that somebody found on its network."""

    address = forms.CharField(
        label=gettext_lazy("Address of the post"),
        max_length=500,
        help_text=gettext_lazy("Open the post on its network and copy its address."),
        error_messages={"required": gettext_lazy("Paste the address of the post.")},
        widget=forms.TextInput(attrs={"class": "box", "inputmode": "url", "autocomplete": "off"}),
    )

    def refuse(self, fault: NetworkFault) -> None:
        """Say at the field why an address is not taken."""
        self.add_error("address", " ".join(filter(None, (gettext(fault.says), fault.words))))


@admin.register(AuthorityPost)
class AuthorityPostAdmin(ReadOnlyAdmin):
    """Posts, each with its page."""

    list_display = ["shown_bulletin", "shown_account", "shown_language", "kind", "shown_state", "posted_at"]
    list_display_links = ["shown_bulletin"]
    list_select_related = ["account", "version__bulletin"]
    list_filter = ["state", "account__network", "kind"]
    ordering = ["-planned_at", "-pk"]
    campaign_by = "account__campaign"
    list_note = gettext_lazy("What was posted in the authority's name, and what became of it.")

    @display(description=gettext_lazy("bulletin"), ordering="version__bulletin__number")
    def shown_bulletin(self, post: AuthorityPost) -> str:
        """Return the bulletin and its version."""
        return str(post.version)

    @display(description=gettext_lazy("account"), ordering="account__handle")
    def shown_account(self, post: AuthorityPost) -> str:
        """Return the account."""
        return str(post.account)

    @display(description=gettext_lazy("language"), ordering="language")
    def shown_language(self, post: AuthorityPost) -> str:
        """Return the language."""
        return language_heading(post.language)

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def shown_state(self, post: AuthorityPost) -> tuple[str, str]:
        """Return the state as a label."""
        return post.state, post.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add what somebody decides."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/decide/", step, name="bulletins_authoritypost_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a post."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self.page(request, self.post_for(request, row.pk))

    def post_for(self, request: HttpRequest, pk: int) -> AuthorityPost:
        """Return a post that the person may see, with what its page shows."""
        rows = self.get_queryset(request).select_related("account__campaign", "version__bulletin", "reply_to")
        return get_object_or_404(rows, pk=pk)

    def page(
        self, request: HttpRequest, post: AuthorityPost, *, form: PlaceForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Return a post's page."""
        bulletin = post.version.bulletin
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(account)s, bulletin %(number)s") % {"account": post.account, "number": post.version},
            "opts": self.opts,
            "post": post,
            "look": shown_posts.look_of(post),
            "language": language_heading(post.language),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin) or _("no title yet"),
            "replies": post.replies.select_related("account").order_by("pk"),
            "waits_for_account": post.state == State.WAITING and post.account.state != AuthorityAccount.State.WORKS,
            "may_decide": request.user.has_perm("bulletins.change_authoritypost") and post.needs_person,
            "may_try_again": post.state in post.FOR_A_PERSON and (post.is_wanted or not post.is_unplaced),
            "form": form or (PlaceForm() if decisions.asks_where(post) else None),
            "is_exercise": post.account.campaign.is_exercise,
        }
        return TemplateResponse(request, "bulletins/authority_posts/post.html", context, status=status)

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a post tried again, or say that it is there, or that it is not."""
        if not request.user.has_perm("bulletins.change_authoritypost"):
            raise PermissionDenied
        post = self.post_for(request, pk)
        if request.POST.get("do") == "there":
            return self.there_view(request, post)
        step = STEPS.get(request.POST.get("do", ""))
        if step is not None:
            decide, says = step
            try:
                decide(post, by=request.user, at=timezone.now())
            except NotAllowed as refusal:
                self.message_user(request, str(refusal), "error")
            else:
                self.message_user(request, str(says), "success")
        return back_to(post)

    def there_view(self, request: HttpRequest, post: AuthorityPost) -> HttpResponse:
        """Say that a post is there, and where if that is not known."""
        form = PlaceForm(request.POST)
        is_asked = decisions.asks_where(post)
        if is_asked and not form.is_valid():
            return self.page(request, post, form=form, status=422)
        address = form.cleaned_data["address"] if is_asked else ""
        try:
            decisions.say_there(post, address, by=cast(User, request.user), at=timezone.now())
        except NetworkFault as fault:
            form.refuse(fault)
            return self.page(request, post, form=form, status=422)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
        else:
            says = _("Noted where it stands. What is left to do there is done now.") if is_asked else _("Noted.")
            self.message_user(request, says, "success")
        return back_to(post)


def back_to(post: AuthorityPost) -> HttpResponse:
    """Lead back to a post's page."""
    return HttpResponseRedirect(reverse("admin:bulletins_authoritypost_change", args=[post.pk]))
