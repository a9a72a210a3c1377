"""The desk's pages about what is sent, as it was frozen."""

from django.contrib import admin

from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import Mailing, Message


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """What is sent, in all its languages."""

    list_display = ["key", "queue", "created_at", "superseded_by", "campaign"]
    list_select_related = ["campaign", "superseded_by"]
    list_filter = ["queue", "campaign"]
    search_fields = ["key"]
    ordering = ["-created_at"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Frozen messages, one per mailing and language."""

    list_display = ["subject", "language", "reading_level", "mailing", "created_at"]
    list_select_related = ["mailing"]
    list_filter = ["language"]
    search_fields = ["subject", "mailing__key"]
    ordering = ["-created_at"]
    fields = ["mailing", "language", "reading_level", "subject", "text", "headers", "sha256", "created_at"]
