"""The desk: staff pages in the admin. Its front page is Today (today.py)."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

from bulletins.models import MessageInput, QuestionGroup
from factcheck.models import Claim
from influencers.models import Thread

from . import previewing, today

# The frame around the desk (Unfold) runs on Alpine, which compiles expressions found in the page's markup, and it
# writes the colours as an inline style. Only staff ever get these pages; everything else keeps the site's policy.
DESK_CSP = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "frame-src": [CSP.SELF],  # previews of what is being written (previewing.py)
}


class DeskSite(UnfoldAdminSite):
    """The admin site of the desk, on Unfold."""

    site_title = gettext_lazy("Bulletin desk")
    site_header = gettext_lazy("Bulletin desk")
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = True

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Give every page the policy that its frame needs."""
        return csp_override(DESK_CSP)(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the login form, under the same policy; it leads to Today unless a page was asked for."""
        # The frame's form has no field for where to go next, so without this it would lead to the public site.
        request.GET = request.GET.copy()  # type: ignore[assignment]
        request.GET.setdefault(REDIRECT_FIELD_NAME, reverse("admin:index"))
        response = super().login(request, extra_context)
        response._csp_config = DESK_CSP
        return response

    def get_urls(self) -> list[Any]:
        """Add the part of Today that refreshes itself, and previews under a policy of their own."""
        preview = csp_override(previewing.PREVIEW_CSP)(super().admin_view(previewing.preview))
        return [
            path("today/", self.admin_view(self.today), name="today"),
            path("bulletins/bulletin/<int:pk>/preview/", preview, name="bulletins_bulletin_preview"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Say where the language switch comes back to."""
        return {**super().each_context(request), "redirect_to": request.get_full_path()}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show Today."""
        request.current_app = self.name
        context = {**self.each_context(request), "title": _("Today"), **today.gather(request), **(extra_context or {})}
        return TemplateResponse(request, "desk/today.html", context)

    def today(self, request: HttpRequest) -> TemplateResponse:
        """Return what Today shows now."""
        return TemplateResponse(request, "desk/_today.html", today.gather(request))


def mark(request: HttpRequest) -> str:
    """Return the address of the desk's mark."""
    return static("img/mark.svg")


def tokens(request: HttpRequest) -> str:
    """Return the address of the colours, sizes and type that site and desk share."""
    return static("css/tokens.css")


def stylesheet(request: HttpRequest) -> str:
    """Return the address of the desk's own stylesheet."""
    return static("desk/desk.css")


# --- Where to go ---------------------------------------------------------------------------------

# Each place of the sidebar: its title, icon and the models on its tabs; the first one is where it leads.
PLACES: list[tuple[Any, str, list[str]]] = [
    (gettext_lazy("Message inputs"), "inbox", ["bulletins.messageinput"]),
    (
        gettext_lazy("Bulletins"),
        "newsmode",
        [
            "bulletins.bulletin",
            "bulletins.edition",
            "bulletins.version",
            "bulletins.review",
            "bulletins.editionrevision",
            "bulletins.snippet",
        ],
    ),
    (
        gettext_lazy("Sends"),
        "send",
        [
            "delivery.send",
            "delivery.delivery",
            "delivery.mailing",
            "delivery.message",
            "delivery.providerevent",
            "delivery.preflight",
            "delivery.pulse",
            "delivery.mailerlimit",
            "delivery.domainlimit",
            "delivery.mailerhealth",
        ],
    ),
    (gettext_lazy("Fact-checks"), "verified_user", ["factcheck.claim", "factcheck.narrative", "factcheck.thresholds"]),
    (gettext_lazy("Questions"), "help", ["bulletins.questiongroup", "bulletins.question", "bulletins.answer"]),
    (
        gettext_lazy("Conversations"),
        "forum",
        ["influencers.thread", "influencers.harassment", "influencers.straymail"],
    ),
    (
        gettext_lazy("Influencers"),
        "groups",
        [
            "influencers.influencer",
            "influencers.selection",
            "influencers.coveragetarget",
            "influencers.importrun",
            "influencers.invitation",
            "influencers.application",
            "influencers.pledge",
            "influencers.pledgetext",
            "influencers.handbook",
            "influencers.recall",
            "influencers.post",
            "influencers.thanks",
            "influencers.cannedthanks",
            "influencers.certificate",
        ],
    ),
    (
        gettext_lazy("Audiences"),
        "mail",
        [
            "delivery.audience",
            "bulletins.cadence",
            "delivery.recipient",
            "delivery.membership",
            "delivery.consent",
            "delivery.suppression",
            "delivery.seedaddress",
        ],
    ),
    (
        gettext_lazy("Campaign"),
        "flag",
        [
            "campaigns.campaign",
            "campaigns.authority",
            "campaigns.authoritytoken",
            "campaigns.topic",
            "campaigns.region",
            "campaigns.glossaryterm",
            "campaigns.bannedterm",
            "campaigns.platformlimit",
        ],
    ),
    (gettext_lazy("People"), "person", ["accounts.user", "auth.group", "accounts.auditentry"]),
]
BADGES = {
    "influencers.thread": "config.desk.influencers_waiting",
    "bulletins.messageinput": "config.desk.inputs_waiting",
    "bulletins.questiongroup": "config.desk.questions_open",
    "factcheck.claim": "config.desk.verdicts_waiting",
}


def may_see(request: HttpRequest, model: str) -> bool:
    """Tell whether the user may see the list of a model ("app.model")."""
    app, _dot, name = model.partition(".")
    return request.user.has_perm(f"{app}.view_{name}") or request.user.has_perm(f"{app}.change_{name}")


def list_of(model: str) -> str:
    """Return the address of a model's list."""
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: the places that the user may see, Today first."""
    home, calendar = reverse("admin:index"), reverse("admin:bulletins_bulletin_calendar")
    items: list[dict[str, Any]] = [{"title": _("Today"), "icon": "today", "link": home, "active": request.path == home}]
    for title, icon, models in PLACES:
        seen = [model for model in models if may_see(request, model)]
        if not seen:
            continue
        on_calendar = request.path.startswith(calendar)
        here = any(request.path.startswith(list_of(model)) for model in seen) and not on_calendar
        item = {"title": title, "icon": icon, "link": list_of(seen[0]), "active": here}
        if seen[0] in BADGES:
            item |= {"badge": BADGES[seen[0]], "badge_variant": "warning"}
        items.append(item)
        if seen[0] == "bulletins.bulletin":
            items.append({"title": _("Calendar"), "icon": "calendar_month", "link": calendar, "active": on_calendar})
    return [{"items": items}]


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs of each place that has more than one list."""
    return [tab for models in (models for _title, _icon, models in PLACES) for tab in tabs_of(request, models)]


def tabs_of(request: HttpRequest, models: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the tabs over the lists of one place, when the user may see more than one."""
    seen = [model for model in models if may_see(request, model)]
    if len(seen) > 1:
        items = [
            {
                "title": str(admin_model(model)._meta.verbose_name_plural).capitalize(),
                "link": list_of(model),
                "active": request.path.startswith(list_of(model)),
            }
            for model in seen
        ]
        yield {"models": seen, "items": items}


def admin_model(model: str) -> Any:
    """Return the model class of "app.model"."""
    from django.apps import apps

    return apps.get_model(model)


def inputs_waiting(request: HttpRequest) -> int | None:
    """Return how many message inputs wait, or None for no badge."""
    campaign = getattr(request, "campaign", None)
    return MessageInput.objects.waiting().filter(campaign=campaign).count() or None if campaign else None


def questions_open(request: HttpRequest) -> int | None:
    """Return how many groups of questions have no answer yet, or None for no badge."""
    campaign = getattr(request, "campaign", None)
    if campaign is None:
        return None
    unanswered = QuestionGroup.objects.filter(campaign=campaign).voids()
    return unanswered.count() or None


def influencers_waiting(request: HttpRequest) -> int | None:
    """Return how many influencers wait for a reply, or None for no badge."""
    campaign = getattr(request, "campaign", None)
    if campaign is None or not request.user.has_perm("influencers.view_thread"):
        return None
    return Thread.objects.filter(influencer__campaign=campaign, waiting_since__isnull=False).count() or None


def verdicts_waiting(request: HttpRequest) -> int | None:
    """Return how many verdicts are the user's to confirm, or None for no badge."""
    campaign = getattr(request, "campaign", None)
    if campaign is None or not request.user.has_perm("factcheck.change_claim"):
        return None
    proposed = Claim.objects.filter(campaign=campaign, status=Claim.Status.PROPOSED)
    return proposed.exclude(proposed_by=request.user.pk).count() or None


# The one site that every room's admin.py registers on (config.apps.DeskConfig names this class as its default).
site = admin.site
