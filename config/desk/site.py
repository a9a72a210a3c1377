"""The desk: staff pages in the admin. Its front page is Today (today.py)."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe
from unfold.sites import UnfoldAdminSite

from accounts.login import reauthentication, second_factor
from accounts.models import User
from accounts.privacy import admin as privacy_admin
from bulletins.assignment import desk_page
from bulletins.models import MessageInput
from campaigns.saved_views import desk_page as saved_views
from campaigns.site_languages import words_page
from factcheck.models import Claim
from impact.closing import desk_page as closing_page
from impact.dashboard import desk_page as week_pages
from impact.dashboard import public_desk_page as results_publishing
from impact.fidelity import desk_page as key_messages
from impact.pretests import desk_page as pretests
from influencers.models import Thread
from influencers.results import desk_page as results_page
from notifications.channels import desk_urls as told_pages
from questions.models import QuestionGroup
from stories.story_media import admin as story_media
from stories.subtitles import admin as story_subtitles

from . import bell, palette, search, switcher, today
from . import preview as desk_preview
from .script_words import ScriptWords

# The frame around the desk (Unfold) runs on Alpine, which compiles expressions from the page's own attributes and sets
# style attributes. Nothing inline runs, and no style element is taken: docs/developing/security/content-security-policy.md says why that is safe.
DESK_CSP: dict[str, Sequence[str]] = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    "script-src-attr": [CSP.NONE],
    "style-src-attr": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "frame-src": [CSP.SELF],  # previews of what is being written (preview.py)
}


class DeskSite(UnfoldAdminSite):
    """The admin site of the desk, on Unfold."""

    site_title = gettext_lazy("Bulletin desk")
    site_header = gettext_lazy("Bulletin desk")
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = True

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Give every page the policy that its frame needs, and what was sent without a login a way back."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            is_form = request.method == "POST" and request.path != reverse("admin:logout")
            if is_form and not self.has_permission(request):
                return self.lead_back(request)
            return inner(request, *args, **kwargs)

        return csp_override(DESK_CSP)(entered)

    def lead_back(self, request: HttpRequest) -> HttpResponse:
        """
        Lead whoever was logged out before their form came to the login, and from there to the page where it stood: many an address
        of a form takes nothing else. Say that nothing was done.
        """
        if not request.user.is_authenticated:
            words = [_("You were logged out before this was sent."), _("Please send it again.")]
            messages.warning(request, " ".join(words))
        return redirect_to_login(reauthentication.page_of(request) or reverse("admin:index"), reverse("admin:login"))

    def has_permission(self, request: HttpRequest) -> bool:
        """Open the desk to staff whose session has passed a second factor."""
        return super().has_permission(request) and second_factor.may_enter_desk(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """
        Lead to what is missing: the login, or the second factor; from there on to the page that was asked for. What asked
        for a part of a page is led there with its whole page.
        """
        wanted = reauthentication.page_of(request) if request.headers.get("HX-Request") else ""
        wanted = wanted or get_next_redirect_url(request) or reverse("admin:index")
        if self.has_permission(request):
            return reauthentication.redirect_whole_page(request, HttpResponseRedirect(wanted))
        if not request.user.is_authenticated:
            return reauthentication.redirect_whole_page(request, redirect_to_login(wanted, reverse("account_login")))
        if not super().has_permission(request):
            raise PermissionDenied
        assert isinstance(request.user, User)
        if where := second_factor.proof_page(request.user):
            return reauthentication.redirect_whole_page(request, redirect_to_login(wanted, where))
        request.session[second_factor.GOING_TO] = wanted
        return reauthentication.redirect_whole_page(request, HttpResponseRedirect(reverse("mfa_index")))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log out as everywhere else, which writes it down, and say so."""
        if request.method == "POST" and isinstance(request.user, User):
            get_adapter().logout(request)
        return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to where everyone changes their password."""
        return HttpResponseRedirect(reverse("account_password"))

    def get_urls(self) -> list[Any]:
        """
        Add the part of Today that refreshes itself, previews under a policy of their own, and the results of a bulletin.
        Django's way to a row's public page goes: it would tell everyone at the desk which rows there are.
        """
        sandboxed = csp_override(desk_preview.PREVIEW_CSP)
        preview = sandboxed(super().admin_view(gzip_page(desk_preview.preview)))
        message = sandboxed(super().admin_view(require_safe(desk_preview.message_preview)))
        return [
            path("today/", self.admin_view(self.today), name="today"),
            path("everything/", self.admin_view(search.everything), name="everything"),
            path("everything/suggestions/", self.admin_view(palette.suggestions), name="suggestions"),
            path("notifications/", self.admin_view(bell.notifications), name="notifications"),
            *told_pages.urls(self),
            path("assign/<int:pk>/<str:kind>/", self.admin_view(desk_page.assign_view), name="assign"),
            path("shift/", self.admin_view(self.shift), name="shift"),
            path("shift/<int:pk>/take/", self.admin_view(desk_page.take_over_view), name="shift_take"),
            path("views/", self.admin_view(saved_views.save_view), name="view_save"),
            path("views/<int:pk>/", self.admin_view(saved_views.change_view), name="view_change"),
            path("person/", self.admin_view(privacy_admin.person), name="person"),
            path("bulletins/bulletin/<int:pk>/preview/", preview, name="bulletins_bulletin_preview"),
            path(
                "bulletins/bulletin/<int:pk>/results/",
                self.admin_view(require_safe(self.results)),
                name="bulletins_bulletin_results",
            ),
            *story_media.urls(self),
            *story_subtitles.urls(self),
            path("impact/week/", self.admin_view(require_safe(self.impact_week)), name="impact_week"),
            path("impact/week/team/", self.admin_view(require_safe(self.impact_team)), name="impact_team"),
            path("impact/week/week.csv", self.admin_view(require_safe(week_pages.csv_view)), name="impact_csv"),
            path("impact/week/week.pdf", self.admin_view(require_safe(week_pages.pdf_view)), name="impact_pdf"),
            path("impact/public/", self.admin_view(self.impact_public), name="impact_public"),
            path("impact/messages/", self.admin_view(require_safe(self.messages)), name="impact_messages"),
            path(
                "bulletins/bulletin/<int:pk>/messages/",
                self.admin_view(require_safe(self.messages)),
                name="bulletins_bulletin_messages",
            ),
            path("campaigns/campaign/<int:pk>/close/", self.admin_view(self.close), name="campaigns_campaign_close"),
            path(
                "campaigns/campaign/<int:pk>/archive.zip",
                self.admin_view(require_safe(closing_page.file_view)),
                name="campaigns_campaign_archive",
            ),
            path(
                "bulletins/bulletin/<int:pk>/pretest/",
                self.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.pretest)),
                name="bulletins_bulletin_pretest",
            ),
            path(
                "bulletins/bulletin/<int:pk>/pretest/summary/",
                self.admin_view(require_safe(pretests.summary_view)),
                name="bulletins_bulletin_pretest_summary",
            ),
            path("delivery/message/<int:pk>/preview/", message, name="delivery_message_preview"),
            *(one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"),
        ]

    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Return the words of the scripts of forms."""
        return ScriptWords.as_view()(request)

    def results(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what came of a bulletin."""
        return results_page.results_view(request, pk, frame=self.each_context(request))

    def messages(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Show what became of key messages in posts: those of a week, or of one bulletin."""
        frame = self.each_context(request)
        return (
            key_messages.week_view(request, frame=frame)
            if pk is None
            else key_messages.bulletin_view(request, pk, frame=frame)
        )

    def impact_week(self, request: HttpRequest) -> HttpResponse:
        """Show a week of the campaign as its minister reads it."""
        return week_pages.minister_view(request, frame=self.each_context(request))

    def impact_team(self, request: HttpRequest) -> HttpResponse:
        """Show a week of the campaign as its team reads it."""
        return week_pages.team_view(request, frame=self.each_context(request))

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Go along the end of a campaign."""
        return closing_page.close_view(request, pk, frame=self.each_context(request))

    def pretest(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a draft to a panel, and what came of it."""
        return pretests.page_view(request, pk, frame=self.each_context(request))

    def impact_public(self, request: HttpRequest) -> HttpResponse:
        """Make a campaign's results public, or take them down."""
        return results_publishing.public_view(request, frame=self.each_context(request))

    def shift(self, request: HttpRequest) -> HttpResponse:
        """Hand a shift over."""
        return desk_page.shift_view(request, frame=self.each_context(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """
        Say where the language switch comes back to. The frame's colours come from a stylesheet (static/desk/colours.css)
        instead of an inline style.
        """
        frame = {**super().each_context(request), "colors": None, "redirect_to": request.get_full_path()}
        if not frame["has_permission"]:
            return frame
        return frame | {"bell": bell.bell_of(request), "switcher": switcher.switcher_of(request)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """
        Return apps with their models once something asks for them. Every page is given them, and none of ours does: its menu is
        `navigation`. Finding them asks for 180 permissions and sorts names by translation.
        """
        of_request = super().get_app_list
        return SimpleLazyObject(lambda: of_request(request, app_label))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show Today."""
        request.current_app = self.name
        context = {
            **self.each_context(request),
            "title": _("Today"),
            **today.today_context(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "config/desk/today/today.html", context)

    def today(self, request: HttpRequest) -> TemplateResponse:
        """Return what Today shows now."""
        context = today.today_context(request, anew=False) | {"bell": bell.bell_of(request)}
        return TemplateResponse(request, "config/desk/today/_today_part.html", context)


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what stands in the menu of whoever is logged in."""
    return [{"title": _("Your account"), "link": reverse("account")}]


def mark(request: HttpRequest) -> str:
    """Return the address of the desk's mark."""
    return static("img/mark.svg")


def tokens(request: HttpRequest) -> str:
    """Return the address of the colours, sizes and type that site and desk share."""
    return static("css/tokens.css")


def shared(request: HttpRequest) -> str:
    """Return the address of the rules that site and desk share."""
    return static("css/shared.css")


def colours(request: HttpRequest) -> str:
    """Return the address of the colours of the frame."""
    return static("desk/colours.css")


def stylesheet(request: HttpRequest) -> str:
    """Return the address of the desk's own stylesheet."""
    return static("desk/desk.css")


# --- Where to go ---------------------------------------------------------------------------------

# Each place of the sidebar: its title, icon and the models on its tabs; the first one is where it leads.
PLACES: list[tuple[Any, str, list[str]]] = [
    (gettext_lazy("Submissions"), "inbox", ["bulletins.messageinput"]),
    (
        gettext_lazy("Bulletins"),
        "newsmode",
        [
            "bulletins.bulletin",
            "preparedness.readybulletin",
            "bulletins.edition",
            "bulletins.version",
            "bulletins.review",
            "bulletins.editionrevision",
            "bulletins.snippet",
            "bulletins.checklistpoint",
        ],
    ),
    (
        gettext_lazy("Sends"),
        "send",
        [
            "delivery.send",
            "influencers.seenrequest",
            "bulletins.authoritypost",
            "bulletins.authorityaccount",
            "website.digestrun",
            "delivery.delivery",
            "delivery.mailing",
            "delivery.message",
            "delivery.providerevent",
            "delivery.preflight",
            "delivery.hostprocess",
            "delivery.pulse",
            "delivery.mailerlimit",
            "delivery.domainlimit",
            "delivery.whatsapptemplate",
            "delivery.mailerhealth",
            "delivery.singlemail",
        ],
    ),
    (gettext_lazy("Fact-checks"), "verified_user", ["factcheck.claim", "factcheck.narrative", "factcheck.thresholds"]),
    (gettext_lazy("Questions"), "help", ["questions.questiongroup", "questions.question", "questions.answer"]),
    (gettext_lazy("Stories"), "forum", ["stories.story", "stories.storytheme", "stories.municipality"]),
    (gettext_lazy("Ways to help"), "volunteer_activism", ["stories.offer", "stories.partner"]),
    (gettext_lazy("Meetings"), "groups", ["stories.meeting", "stories.exchange"]),
    (gettext_lazy("Commissions"), "handyman", ["stories.commission", "stories.creator"]),
    (gettext_lazy("Courses"), "school", ["stories.course"]),
    (gettext_lazy("Contributions"), "favorite", ["stories.contribution", "stories.prompt"]),
    (
        gettext_lazy("Conversations"),
        "forum",
        ["influencers.thread", "influencers.harassment", "influencers.unmatchedmail"],
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
            "influencers.code_of_ethics",
            "influencers.codeofethics",
            "influencers.handbook",
            "influencers.recall",
            "influencers.post",
            "influencers.thanks",
            "influencers.cannedthanks",
            "influencers.certificate",
        ],
    ),
    (
        gettext_lazy("Impact"),
        "monitoring",
        ["impact.measure", "impact.insightreport", "impact.survey", "impact.chartnote"],
    ),
    (
        gettext_lazy("Audiences"),
        "mail",
        [
            "delivery.audience",
            "delivery.room",
            "bulletins.cadence",
            "bulletins.seenrule",
            "delivery.recipient",
            "delivery.membership",
            "delivery.subscription",
            "delivery.consent",
            "delivery.consenttext",
            "delivery.suppression",
            "delivery.seedaddress",
        ],
    ),
    (
        gettext_lazy("Campaign"),
        "flag",
        [
            "campaigns.campaign",
            "preparedness.campaignstart",
            "preparedness.drill",
            "website.incident",
            "campaigns.authority",
            "campaigns.authoritytoken",
            "campaigns.topic",
            "campaigns.region",
            "campaigns.glossaryterm",
            "campaigns.bannedterm",
            "campaigns.platformlimit",
        ],
    ),
    (
        gettext_lazy("People"),
        "person",
        ["accounts.user", "campaigns.campaignrole", "accounts.heldchange", "auth.group", "accounts.auditentry"],
    ),
]
BADGES = {
    "influencers.thread": "config.desk.site.influencers_waiting",
    "bulletins.messageinput": "config.desk.site.inputs_waiting",
    "questions.questiongroup": "config.desk.site.questions_open",
    "factcheck.claim": "config.desk.site.verdicts_waiting",
}


def visible_models(request: HttpRequest, models: list[str]) -> list[str]:
    """Return those of some models ("app.model") whose lists the user may see."""
    held = request.user.get_all_permissions()
    named = ((model, *model.split(".")) for model in models)
    return [model for model, app, name in named if held & {f"{app}.view_{name}", f"{app}.change_{name}"}]


def model_of_page(request: HttpRequest) -> str:
    """Return the model ("app.model") that a page is about, by its address; of other pages it is none's name."""
    return ".".join(request.path.removeprefix(reverse("admin:index")).split("/")[:2])


def list_of(model: str) -> str:
    """Return the address of a model's list."""
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: the places that the user may see, Today first."""
    home, calendar = reverse("admin:index"), reverse("admin:bulletins_bulletin_calendar")
    items: list[dict[str, Any]] = [{"title": _("Today"), "icon": "today", "link": home, "active": request.path == home}]
    on_calendar, here = request.path.startswith(calendar), model_of_page(request)
    for title, icon, models in PLACES:
        seen = visible_models(request, models)
        if not seen:
            continue
        active = here in seen and not on_calendar
        is_impact, week = seen[0] == "impact.measure", reverse("admin:impact_week")
        active = active or (is_impact and request.path.startswith(week))
        item = {"title": title, "icon": icon, "link": week if is_impact else list_of(seen[0]), "active": active}
        if seen[0] in BADGES:
            item |= {"badge": BADGES[seen[0]], "badge_variant": "warning"}
        items.append(item)
        if seen[0] == "campaigns.campaign" and request.user.has_perm("preparedness.add_campaignstart"):
            link = reverse("admin:preparedness_campaignstart_add")
            items.append({"title": _("Start a campaign"), "icon": "add", "link": link, "active": request.path == link})
        if seen[0] == "bulletins.bulletin":
            link = f"{calendar}#today"
            items.append({"title": _("Calendar"), "icon": "calendar_month", "link": link, "active": on_calendar})
        if seen[0] == "impact.measure" and request.user.has_perm("bulletins.view_bulletin"):
            link = reverse("admin:impact_messages")
            items.append(
                {"title": _("Messages in posts"), "icon": "monitoring", "link": link, "active": request.path == link}
            )
    if request.user.has_perm(words_page.MAY):
        link = reverse("admin:campaigns_words")
        items.append({"title": _("Translate"), "icon": "edit", "link": link, "active": request.path.startswith(link)})
    if request.user.has_perm(privacy_admin.MAY):
        link = reverse("admin:person")
        items.append({"title": _("A person's data"), "icon": "badge", "link": link, "active": request.path == link})
    return [{"items": items}]


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs of each place that has more than one list, and of its lists one of the page's app."""
    app = model_of_page(request).partition(".")[0]
    of_app = (models for _title, _icon, models in PLACES if any(model.startswith(f"{app}.") for model in models))
    return [tab for models in of_app for tab in tabs_of(request, models)]


def tabs_of(request: HttpRequest, models: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the tabs over the lists of one place, when the user may see more than one."""
    seen, here = visible_models(request, models), model_of_page(request)
    if len(seen) > 1:
        items = [
            {
                "title": capfirst(str(admin_model(model)._meta.verbose_name_plural)),
                "link": list_of(model),
                "active": model == here,
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


# The one site that every app's admin.py registers on (config.apps.DeskConfig names this class as its default).
site = admin.site
