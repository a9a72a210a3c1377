"""The desk's pages about people who log in, and their roles."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.audit.csv_export import audit_log

from . import held_changes
from .access import credential_changes, role_grants
from .access.roles import Role
from .audit import chain as audit_chain
from .audit import trail
from .desk_base.admin_mixins import Audited, ReauthenticationMixin, ScopedMixin
from .desk_base.long_lists import LongList, MonthFilter, RecentValuesFilter, StaffFilter
from .login import reauthentication, second_factor
from .models import AuditEntry, AuditSeal, HeldChange, User

admin.site.unregister(Group)


class PersonCreationForm(UserCreationForm):
    """A new person, known by address."""

    class Meta:
        model = User
        fields = ["email", "name", "language"]


class PersonChangeForm(UserChangeForm):
    """A person, with a link to the password form."""

    class Meta:
        model = User
        fields = "__all__"


def with_link(words: str, address: str, label: Any) -> SafeString:
    """Return words with a link after them."""
    return format_html(
        '{} <a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a>', words, address, label
    )


class PartFilter(admin.SimpleListFilter):
    """Who is shown: those who work at the desk unless someone asks for others; a search, or for a role, looks among all."""

    title = _("who is shown")
    parameter_name = "part"
    STAFF, AUTHORITIES, NETWORK, ALL = "staff", "authorities", "network", "all"
    LABELS: ClassVar[dict[str, Any]] = {
        STAFF: _("Staff"),
        AUTHORITIES: _("Authorities and partners"),
        NETWORK: _("Network"),
        ALL: _("Everyone"),
    }
    MEANS: ClassVar[dict[str, Any]] = {
        STAFF: _("They write, check, approve and send. They log in with a second factor."),
        AUTHORITIES: _(
            "They hand in submissions for their authority, keep the ways to help of their organisation, or send stories for their municipality, and see what becomes of them."
        ),
        NETWORK: _("Influencers with a login to the portal. What is known of them is under Influencers."),
        ALL: _("Everyone who has an account."),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the parts."""
        return list(self.LABELS.items())

    def chosen(self, request: HttpRequest) -> str:
        """Return the part that is shown."""
        value = self.value()
        if value in self.LABELS:
            return value
        return self.ALL if request.GET.get("q") or "groups__id__exact" in request.GET else self.STAFF

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the people of the part."""
        part = self.chosen(request)
        if part == self.STAFF:
            return queryset.filter(is_staff=True)
        if part == self.ALL:
            return queryset
        of_others = [Role.CONTRIBUTOR, Role.PARTNER, Role.MUNICIPALITY]
        roles = of_others if part == self.AUTHORITIES else [Role.INFLUENCER, Role.CREATOR]
        held = User.groups.through.objects.filter(user=OuterRef("pk"), group__name__in=roles)
        return queryset.filter(Exists(held), is_staff=False)


@admin.register(User)
class UserAdmin(ReauthenticationMixin, Audited, ScopedMixin, BaseUserAdmin, ModelAdmin):
    """
    People who log in. What they may do comes from their roles; only someone who may do everything gives that
    right to others or changes people who have it.
    """

    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["shown_name", "email", "shown_roles", "shown_state", "language", "last_login"]
    list_filter = [PartFilter, "is_active", "groups"]
    list_before_template = "accounts/admin/_people_parts.html"
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["email", "name"]
    search_help_text = _("Name or email, among everyone")
    ordering = ["name", "email"]
    filter_horizontal = ["groups"]
    readonly_fields = [
        *("has_password", "second_factor", "roles_in_campaigns", "pending_changes", "last_login", "date_joined")
    ]
    fieldsets = [
        (None, {"fields": ["email", "name", "language", "has_password", "second_factor"]}),
        (
            _("Roles"),
            {"fields": ["is_active", "is_staff", "groups", "is_superuser", "roles_in_campaigns", "pending_changes"]},
        ),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "language", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return people with their roles, also those in campaigns, in three queries more."""
        return super().get_queryset(request).prefetch_related("groups", "campaign_roles__campaign")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say above the list who is shown, and offer the others."""
        asked = PartFilter(request, {PartFilter.parameter_name: [request.GET.get("part", "")]}, User, self)
        here = asked.chosen(request)
        parts = [(name, label, name == here) for name, label in PartFilter.LABELS.items()]
        shown = {"people_parts": parts, "people_means": PartFilter.MEANS[here]}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    @display(description=_("name"), ordering="name")
    def shown_name(self, user: User) -> str:
        """Return the name, or the address of someone without."""
        return user.name or user.email

    @display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        """Return what someone may do, in the order of the roles."""
        held = {group.name for group in user.groups.all()}
        roles = [str(role.label) for role in Role if role.value in held]
        there = [f"{one.get_role_display()} ({one.campaign})" for one in user.campaign_roles.all()]
        return ", ".join([*roles, *there, *([str(_("full access"))] if user.is_superuser else [])]) or "–"

    @display(description=_("roles in campaigns"))
    def roles_in_campaigns(self, user: User) -> str:
        """Return which roles someone has in one campaign only; they are given and taken in the campaign."""
        return ", ".join(f"{one.get_role_display()} ({one.campaign})" for one in user.campaign_roles.all()) or "–"

    @display(description=_("state"), ordering="is_active", label={"open": "success", "closed": "default"})
    def shown_state(self, user: User) -> tuple[str, Any]:
        """Return whether someone can log in, as a label."""
        return ("open", _("can log in")) if user.is_active else ("closed", _("closed"))

    @display(description=_("password"))
    def has_password(self, user: User) -> SafeString:
        """Say whether someone has one, with the way to give them another one or to take it away."""
        change = reverse("admin:auth_user_password_change", args=[user.pk])
        return with_link(str(_("set")) if user.has_usable_password() else str(_("none")), change, _("Change"))

    @display(description=_("second factor"))
    def second_factor(self, user: User) -> SafeString | str:
        """Say what someone has set up, with the way to take it away."""
        kinds = second_factor.kinds_of(user)
        if not kinds:
            return str(_("none"))
        reset = reverse("admin:accounts_user_second_factor", args=[user.pk])
        return with_link(", ".join(kinds), reset, _("Reset"))

    @display(description=_("waiting for a second administrator"))
    def pending_changes(self, user: User) -> SafeString | str:
        """Say what was asked for and has not taken effect, with the way to agree or stop it."""
        rows = [
            (
                reverse("admin:accounts_heldchange_change", args=[change.pk]),
                change.description(),
                localize(change.due_at),
            )
            for change in user.held_changes.all()
        ]
        line = '<a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a> ({})<br>'
        return format_html_join("", line, rows) if rows else "–"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Call things by their names here: groups are roles."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label, field.help_text = _("Roles"), ""
        elif db_field.name == "is_superuser":
            field.label = _("Full access")
            field.help_text = _("For emergencies only. Daily work needs roles only.")
        return field

    def get_urls(self) -> list[URLPattern]:
        """Add the page that resets a second factor."""
        reset = self.admin_site.admin_view(self.second_factor_view)
        return [path("<int:pk>/second-factor/", reset, name="accounts_user_second_factor"), *super().get_urls()]

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take away what someone has set up, end their sessions and tell them, once it was asked whether to."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": _("Reset the second factor"),
                "opts": self.opts,
            }
            return TemplateResponse(request, "accounts/admin/second_factor.html", context | {"person": person})
        if again := reauthentication.require_recent_login(request):
            return again
        assert isinstance(request.user, User)
        with transaction.atomic():
            is_done = second_factor.reset(person, by=request.user, at=timezone.now()) is not None
        if is_done:
            get_adapter().send_notification_mail("second_factor_reset", person)
            says = _(
                "Done. %(name)s has been logged out everywhere and will set up a new second factor at the next login."
            )
            self.message_user(request, says % {"name": person}, messages.SUCCESS)
        else:
            self.show_pending_changes(request, person)
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[pk]))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Ask once more who gives someone a password. On opening the page, too: what is typed there is not kept."""
        if self.has_change_permission(request) and (again := reauthentication.require_recent_login(request)):
            return again
        person = self.get_object(request, id)
        before = person.password if person else ""
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if person is not None and User.objects.exclude(password=before).filter(pk=person.pk).exists():
                assert isinstance(request.user, User)
                person.refresh_from_db(fields=["password"])
                if not credential_changes.record_new_password(person, before, by=request.user, at=timezone.now()):
                    self.show_pending_changes(request, person)
        return answer

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the right to do everything in the hands of people who have it."""
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change someone who may do everything, unless one may, too."""
        # Unfold asks with a key instead of a row when it lists a page's actions.
        if isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Note what the person may do, and their address, before the form changes it."""
        form.rights_before = role_grants.rights_of(form.instance) if change else None
        form.address_before = User.objects.values_list("email", flat=True).get(pk=form.instance.pk) if change else ""
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """
        Write down what the person may do now, and end their sessions when it is something else than before. Whoever
        gets another address gets another way in: their sessions end too, and the address before is notified.
        """
        super().save_related(request, form, formsets, change)
        if form.rights_before is None:
            return
        assert isinstance(request.user, User)
        now, person, before = timezone.now(), form.instance, form.address_before
        waiting = person.held_changes.count()
        role_grants.record_change(person, form.rights_before, by=request.user, at=now)
        if before != person.email:
            credential_changes.record_new_address(person, before, by=request.user, at=now)
        if person.held_changes.count() > waiting:
            self.show_pending_changes(request, person)

    def show_pending_changes(self, request: HttpRequest, person: User) -> None:
        """Say that a change of someone's account waits, for whom, and where it can be seen."""
        says = _(
            "Not done yet: this needs two people. It takes effect when another administrator agrees, "
            "or automatically after 24 hours. All administrators have been notified."
        )
        where = reverse("admin:accounts_heldchange_changelist")
        self.message_user(request, with_link(str(says), where, _("Pending changes")), messages.WARNING)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are closed by taking "active" away: what they wrote and approved keeps its name."""
        return False


@admin.register(HeldChange)
class HeldChangeAdmin(Audited, ScopedMixin, ModelAdmin):
    """What one administrator asked for and may not do alone: another one agrees, or any stops it."""

    list_display = ["person", "what", "asked_by", "asked_at", "due_at"]
    list_select_related = ["user", "asked_by"]
    list_per_page = 50
    actions = None

    @display(description=_("person"))
    def person(self, change: HeldChange) -> str:
        """Return whose account it is."""
        return str(change.user)

    @display(description=_("change"))
    def what(self, change: HeldChange) -> str:
        """Return what would change."""
        return change.description()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what waits; take the yes or the no of someone who has just proved who they are."""
        change = self.get_object(request, object_id)
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        if change is None:
            raise Http404
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": _("Pending change"), "opts": self.opts}
            context |= {"change": change, "lately": held_changes.recent_changes(change.user, at=timezone.now())}
            return TemplateResponse(request, "accounts/admin/held_change.html", context)
        if not self.has_change_permission(request, change):
            raise PermissionDenied
        if again := reauthentication.require_recent_login(request):
            return again
        assert isinstance(request.user, User)
        deed = held_changes.agree if request.POST.get("answer") == "agree" else held_changes.stop
        try:
            deed(change, by=request.user, at=timezone.now())
        except held_changes.NotSettled as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            says = (
                _("The change has taken effect.") if deed == held_changes.agree else _("Stopped. Nothing was changed.")
            )
            self.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:accounts_heldchange_changelist"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only deeds write here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is over goes by itself."""
        return False


@admin.register(Group)
class GroupAdmin(ScopedMixin, BaseGroupAdmin, ModelAdmin):
    """Roles, to read: accounts/access/permissions.py says what each may do, and `manage.py sync_roles` writes it here."""

    list_display = ["name", "people"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Return the roles with how many people have each."""
        return super().get_queryset(request).annotate(people_count=Count("user"))

    @display(description=_("people"))
    def people(self, group: Group) -> int:
        """Return how many people have the role."""
        return group.people_count  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Roles come from the code."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Roles come from the code."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Roles come from the code."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(LongList, ScopedMixin, ModelAdmin):
    """Who did what, when, to which digest: to read and to export, never to change."""

    list_display = ["at", "actor", "verb", "subject", "subject_type", "short_digest"]
    list_select_related = ["actor"]
    list_filter = [
        MonthFilter,
        ("subject_type", RecentValuesFilter),
        ("verb", RecentValuesFilter),
        ("actor", StaffFilter),
    ]
    list_filter_submit = False
    moment = "at"
    searched_in_windows = True
    search_fields = ["subject", "verb", "digest", "actor__name", "actor__email"]
    fields = ["at", "actor", "verb", "subject_type", "subject_id", "subject", "digest", "shown_detail", "shown_seal"]
    actions = None
    list_before_template = "accounts/admin/_audit_export.html"

    @display(description=_("fingerprint"))
    def short_digest(self, entry: AuditEntry) -> str:
        """Return the first characters of the digest."""
        return entry.digest[:12]

    @display(description=_("detail"))
    def shown_detail(self, entry: AuditEntry) -> SafeString | str:
        """Return the detail, a line for each part."""
        rows = [format_html("{}: {}<br>", name, value) for name, value in sorted(entry.detail.items())]
        return SafeString("".join(rows)) or "–"

    @display(description=_("seal"))
    def shown_seal(self, entry: AuditEntry) -> SafeString | str:
        """Return number, time and digest of the entry's link in the chain; it gets one a second after it was written."""
        seal = AuditSeal.objects.filter(entry=entry).first()
        if seal is None:
            return str(_("not sealed yet"))
        return format_html("{}<br>{}<br>{}", seal.number, localize(timezone.localtime(seal.sealed_at)), seal.digest)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show above the list whether the chain holds."""
        chain = audit_chain.chain(at=timezone.now())
        return super().changelist_view(request, {**(extra_context or {}), "chain": chain})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only deeds write here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes an entry."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes an entry."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name="accounts_auditentry_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Hand out the log, or what the list's filters leave of it, as CSV. That is written down too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:accounts_auditentry_changelist"))
        if again := reauthentication.require_recent_login(request):
            return again
        now = timezone.now()
        entries = self.get_changelist_instance(request).get_queryset(request)
        newest = AuditEntry.objects.first()
        if newest is not None:
            entries = entries.filter(pk__lte=newest.pk)
        assert isinstance(request.user, User)
        chosen = request.GET.copy()
        if "q" in chosen:
            chosen["q"] = "…"  # it may be someone's address
        trail.note("audit.exported", request.user, by=request.user, at=now, filters=chosen.urlencode())
        return StreamingHttpResponse(
            audit_log(entries),
            content_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": f'attachment; filename="audit-{now:%Y-%m-%d}.csv"'},
        )
