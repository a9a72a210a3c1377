"""The desk's page of templates: which are used, and what Meta says about them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import User
from campaigns.base_admin import DeskAdmin
from delivery.models import WhatsAppTemplate
from lib.http.safe_fetch import FetchFault
from lib.text.languages import spoken_languages
from lib.text.languages.languages import language_heading

from . import templates


@admin.register(WhatsAppTemplate)
class WhatsAppTemplateAdmin(DeskAdmin):
    """The templates, by language and what they are for."""

    list_display = ["__str__", "name", "in_language", "status", "checked_at"]
    list_filter = ["status", "use"]
    ordering = ["language", "use"]
    readonly_fields = ["body", "checked_at"]
    actions = ["ask_meta"]
    list_note = gettext_lazy(
        "Templates are written and approved in WhatsApp Manager. Enter here which of them to use; without an approved one in each "
        "language of a bulletin, nothing leaves by WhatsApp."
    )

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, the places with how to write them."""
        if db_field.name == "language":
            choices = [(code, language_heading(code)) for code in spoken_languages.codes()]
            return forms.ChoiceField(
                label=capfirst(db_field.verbose_name), choices=choices, widget=UnfoldAdminSelectWidget
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "places":
            field.help_text = gettext_lazy("In their order: text, title, sender or code, for example: title text")
        return field

    @display(description=gettext_lazy("language"), ordering="language")
    def in_language(self, template: WhatsAppTemplate) -> str:
        """Return the language by its name."""
        return language_heading(template.language)

    def has_ask_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may have Meta asked: whoever may state the status."""
        return request.user.has_perm("delivery.change_whatsapptemplate")

    @admin.action(description=gettext_lazy("Ask Meta for the status of all"), permissions=["ask"])
    def ask_meta(self, request: HttpRequest, queryset: QuerySet[WhatsAppTemplate]) -> None:
        """Ask Meta, and say how many may be sent."""
        try:
            assert isinstance(request.user, User)
            fault = templates.refresh(by=request.user, at=timezone.now())
        except FetchFault as away:
            fault = away.code
        if fault:
            says = _("Meta did not say what became of the templates (%(fault)s). Nothing was changed.") % {
                "fault": fault
            }
            self.message_user(request, says, messages.ERROR)
            return
        usable, known = WhatsAppTemplate.objects.usable().count(), WhatsAppTemplate.objects.count()
        says = _("Meta lets %(usable)d of %(known)d templates be sent.") % {"usable": usable, "known": known}
        self.message_user(request, says, messages.SUCCESS if usable == known else messages.WARNING)
