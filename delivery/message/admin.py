"""The desk's pages about what is sent, as it was frozen."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.base_admin import CampaignFilter, ReadOnlyAdmin
from campaigns.translated_fields import in_language
from delivery.models import Mailing, Message

from .personal_fields import filled, sample_values
from .titles import titles_of

QUEUE_COLOURS = {"urgent": "danger", "bulletin": "default", "digest": "default"}


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """What is sent, in all its languages."""

    list_display = ["title", "shown_queue", "languages", "created_at", "is_replaced"]
    list_filter = ["queue", CampaignFilter]
    search_fields = ["messages__subject", "key"]
    search_help_text = gettext_lazy("Title")
    ordering = ["-created_at"]

    def complete(self, request: HttpRequest, rows: list[Mailing]) -> None:
        """Give the mailings of a page their titles, which no model declares: columns get them by the row only; one query."""
        titles = titles_of({row.pk for row in rows})
        for row in rows:
            row.titles = titles[row.pk]  # type: ignore[attr-defined]

    @display(description=gettext_lazy("title"))
    def title(self, mailing: Mailing) -> str:
        """Return what it says, in the reader's language."""
        return in_language(mailing.titles) or mailing.key  # type: ignore[attr-defined]

    @display(description=gettext_lazy("languages"))
    def languages(self, mailing: Mailing) -> str:
        """Return the languages that it is in."""
        return ", ".join(mailing.titles)  # type: ignore[attr-defined]

    @display(description=gettext_lazy("urgency"), ordering="queue", label=QUEUE_COLOURS)
    def shown_queue(self, mailing: Mailing) -> tuple[str, str]:
        """Return the queue that it runs on as a label."""
        return mailing.queue, mailing.get_queue_display()

    @display(description=gettext_lazy("newer version"), label={"newer": "warning"})
    def is_replaced(self, mailing: Mailing) -> tuple[str, Any] | None:
        """Return whether a newer version has replaced it."""
        return ("newer", _("replaced")) if mailing.superseded_by_id else None


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Frozen messages, one per mailing and language. The page of one shows it as its readers see it."""

    list_display = ["subject", "language", "reading_level", "shown_queue", "created_at"]
    list_select_related = ["mailing"]
    list_filter = ["language", "mailing__queue"]
    search_fields = ["subject"]
    ordering = ["-created_at"]

    @display(description=gettext_lazy("urgency"), ordering="mailing__queue", label=QUEUE_COLOURS)
    def shown_queue(self, message: Message) -> tuple[str, str]:
        """Return the queue that it runs on as a label."""
        return message.mailing.queue, message.mailing.get_queue_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the message as its readers see it; three queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = self.get_object(request, object_id)
        if message is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        others = Message.objects.filter(mailing=message.mailing_id).order_by("pk")
        context = {
            **self.admin_site.each_context(request),
            "title": message.subject,
            "opts": self.opts,
            "message": message,
            "text": filled(message.text, sample_values(), in_html=False),
            "others": others.only("pk", "language", "reading_level", "mailing"),
            "sends": message.mailing.sends.select_related("audience").order_by("slot_at", "pk"),
        }
        return TemplateResponse(request, "delivery/admin/message.html", context)
