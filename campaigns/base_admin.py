"""What the desk's pages of all apps are built on: rows of the campaign that is shown, and rows that nobody changes by hand."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from django import forms
from django.contrib.admin import SimpleListFilter
from django.db import models
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.views import ChangeList

from accounts.access import row_scopes
from accounts.desk_base.admin_mixins import Audited, ScopedMixin
from lib.text.languages.languages import in_all_languages
from lib.text.numbers.whole_numbers import whole_number

from .desk_fields import DeskFields
from .http.middleware import campaign_or_404
from .models import Campaign
from .saved_views.list_mixin import SavedViews
from .translated_fields import TranslatedField


def of_campaign(rows: QuerySet[Any], request: HttpRequest, name: str = "campaign") -> QuerySet[Any]:
    """Return the rows of the campaign that the site shows, to which `name` leads: others do not exist here."""
    return rows.filter(**{name: getattr(request, "campaign", None)})


class OfCampaign(ScopedMixin):
    """
    Where `campaign_by` says the way from a row to its campaign, only rows of the campaign that the site shows exist, and
    fields offer and take no others. Where it is empty, the desk shows every campaign's.
    """

    campaign_by = ""

    def in_scope(self, request: HttpRequest, rows: Any) -> Any:
        """Return those of `rows` that the user reaches, of the campaign that the site shows."""
        if self.campaign_by:
            rows = of_campaign(rows, request, self.campaign_by)
        return super().in_scope(request, rows)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Return what a field offers and takes: of the same campaign, where rows are of one."""
        rows, model = super().get_field_queryset(db, db_field, request), db_field.remote_field.model
        names = {field.name for field in model._meta.fields}
        if not self.campaign_by or (model is not Campaign and "campaign" not in names):
            return rows
        every = model._default_manager.using(db).all() if rows is None else rows
        campaign = getattr(request, "campaign", None)
        return every.filter(**{"pk" if model is Campaign else "campaign": campaign and campaign.pk})


class CampaignFilter(SimpleListFilter):
    """The rows of the campaign that is worked in, until another one or every campaign is chosen."""

    title = gettext_lazy("campaign")
    parameter_name = "campaign"
    EVERY = "every"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the campaigns that someone may work in, and every one; none where there is nothing to choose."""
        self.worked_in = getattr(request, "campaign", None)
        campaigns = getattr(request, "desk_campaigns", [])
        if len(campaigns) < 2:
            return []
        prefetch_related_objects(campaigns, "languages")  # as the switcher does
        return [*((str(one.pk), one.named()) for one in campaigns), (self.EVERY, _("All campaigns"))]

    def value(self) -> str | None:
        """Return what is chosen."""
        return super().value() or (str(self.worked_in.pk) if self.worked_in else self.EVERY)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen campaign."""
        chosen = self.value()
        return queryset if chosen == self.EVERY else row_scopes.of_campaign(queryset, whole_number(chosen))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Offer the campaigns, and not once more without a choice."""
        for key, name in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: key})
            yield {"selected": self.value() == key, "query_string": address, "display": name}


class CompletedChangeList(ChangeList):
    """A list whose admin adds to the rows of a page what no column of theirs says (`complete`), for all of them at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page, and have them completed."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete(request, self.result_list)


class DeskAdmin(SavedViews, Audited, OfCampaign, DeskFields, ModelAdmin):
    """How every list and form of the desk behaves."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = False
    view_on_site = False
    warn_unsaved_form = True
    list_note: Any = ""  # over a list: what it is for, in a sentence or two
    leads_to_start = False  # whether the list offers to start a campaign
    list_before_template = "campaigns/admin/_list_note.html"
    change_form_before_template = "campaigns/admin/_opened_in.html"
    complete: Any = None  # (request, rows of a page): adds what the list shows besides their columns

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return what finds the rows of a page."""
        return CompletedChangeList if self.complete else super().get_changelist(request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Where a row is only read, show texts in several languages as a list, not as JSON."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return readable(self.model, fields)

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Where a row in groups of fields is only read, show texts and numbers in them for reading too."""
        groups = super().get_fieldsets(request, obj)
        if not self.fieldsets or obj is None or self.has_change_permission(request, obj):
            return groups
        return [(name, {**group, "fields": readable(self.model, group["fields"])}) for name, group in groups]

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the forms of the rows in the list, whose fields have no labels but the heads of their columns."""
        rows = super().get_changelist_formset(request, **kwargs)
        for field in rows.form.base_fields.values():
            named(field)
        return rows


class RowOfCampaignForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """The form of a row whose campaign is not asked for (AddedToCampaign): what the campaign has already is told, and not stored."""

    campaign: Campaign

    def _post_clean(self) -> None:
        """Check the row as one of the campaign."""
        self.instance.campaign = self.campaign
        super()._post_clean()  # type: ignore[misc]  # private, so not in the stubs

    def _get_validation_exclusions(self) -> set[str]:
        """Look at constraints that name the campaign, too."""
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # likewise
        return found - {"campaign"}


class AddedToCampaign:
    """Rows that are added to the campaign that the desk works on, in a form that does not ask for it."""

    form = RowOfCampaignForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return a form of rows of the campaign."""
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]  # of the admin beside it
        form.campaign = obj.campaign if obj else campaign_or_404(request)
        return form


def named(field: forms.Field | None) -> forms.Field | None:
    """Give a form field's box the field's label as its name."""
    if field is not None:
        field.widget.attrs["aria-label"] = field.label
    return field


def readable(model: type[models.Model], fields: Iterable[Any]) -> list[Any]:
    """Return `fields` with each TranslatedField, and each number with places, replaced by a callable that shows it for reading."""
    kinds = (TranslatedField, models.DecimalField)
    texts = {field.name: field for field in model._meta.fields if isinstance(field, kinds)}
    return [shown(texts[name]) if isinstance(name, str) and name in texts else name for name in fields]


@cache
def shown(field: Any) -> Callable[[models.Model], SafeString | str]:
    """Return the callable that shows a TranslatedField, or a number without zeros at its end, for reading; always the same one for a field."""

    def show(row: models.Model) -> SafeString | str:
        value = getattr(row, field.name)
        if isinstance(field, models.DecimalField):
            return "" if value is None else number_format(f"{value.normalize():f}", use_l10n=True, force_grouping=True)
        return in_all_languages(value)

    show.short_description = field.verbose_name  # type: ignore[attr-defined]
    show.__name__ = f"{field.name}_shown"
    return show


class ReadOnly:
    """Rows that only code writes: they can be looked at, never added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False


class ReadOnlyAdmin(ReadOnly, DeskAdmin):
    """A list and a page to read."""

    actions: Any = None


class ReadableRows:
    """Shows texts in several languages as a list where the rows of an inline, which names its fields, are only read."""

    model: type[models.Model]
    fields: Any = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, readable where nobody may change them."""
        if self.fields is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return super().get_fields(request, obj)
        return readable(self.model, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Count what shows a field for reading among what is only read."""
        fields = super().get_readonly_fields(request, obj)
        if self.fields is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return fields
        return [*fields, *(field for field in readable(self.model, self.fields) if callable(field))]


class DeskTabularInline(ReadableRows, ScopedMixin, DeskFields, TabularInline):
    """Rows of a form, in a table. The head of a column is no label, so its fields say by themselves what they are for."""

    extra = 0

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, with its name."""
        return named(super().formfield_for_dbfield(db_field, request, **kwargs))


class DeskStackedInline(ReadableRows, ScopedMixin, DeskFields, StackedInline):
    """Rows of a form, one under another."""

    extra = 0
