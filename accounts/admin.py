"""The desk's pages about people who log in, and their roles."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from . import audit
from .desk import Audited
from .exporting import audit_log
from .models import AuditEntry, User

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


@admin.register(User)
class UserAdmin(Audited, BaseUserAdmin, ModelAdmin):
    """
    People who log in. What they may do comes from their roles; only somebody who may do everything gives that
    right to others or changes those who have it.
    """

    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "language", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "language", "password"]}),
        (_("Roles"), {"fields": ["is_active", "is_staff", "groups", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "language", "usable_password", "password1", "password2"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the right to do everything in the hands of those who have it."""
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change somebody who may do everything, unless one may, too."""
        # Unfold asks with a key instead of a row when it lists a page's actions.
        if isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are closed by taking "active" away: what they wrote and approved keeps its name."""
        return False


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    """Roles, to read: accounts/roles.py says what each may do, and `manage.py sync_roles` writes it here."""

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
class AuditEntryAdmin(ModelAdmin):
    """Who did what, when, to which digest: to read and to export, never to change."""

    list_display = ["at", "actor", "verb", "subject", "subject_type", "short_digest"]
    list_select_related = ["actor"]
    list_filter = ["subject_type", "verb", "actor"]
    list_filter_submit = False
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["subject", "verb", "digest", "actor__name", "actor__email"]
    date_hierarchy = "at"
    fields = ["at", "actor", "verb", "subject_type", "subject_id", "subject", "digest", "shown_detail"]
    actions = None
    list_before_template = "desk/_audit_export.html"

    @display(description=_("fingerprint"))
    def short_digest(self, entry: AuditEntry) -> str:
        """Return the first characters of the digest."""
        return entry.digest[:12]

    @display(description=_("detail"))
    def shown_detail(self, entry: AuditEntry) -> SafeString | str:
        """Return the detail, a line for each part."""
        rows = [format_html("{}: {}<br>", name, value) for name, value in sorted(entry.detail.items())]
        return SafeString("".join(rows)) or "–"

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
        now = timezone.now()
        entries = self.get_changelist_instance(request).get_queryset(request)
        newest = AuditEntry.objects.first()
        if newest is not None:
            entries = entries.filter(pk__lte=newest.pk)
        assert isinstance(request.user, User)
        audit.note("audit.exported", request.user, by=request.user, at=now, filters=request.GET.urlencode())
        return StreamingHttpResponse(
            audit_log(entries),
            content_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": f'attachment; filename="audit-{now:%Y-%m-%d}.csv"'},
        )
