"""What stays on record, to read: revisions, reviews, versions, published editions."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bulletins.models import EditionRevision, PublishedEdition, Review, Version
from campaigns.base_admin import ReadOnlyAdmin


@admin.register(EditionRevision)
class EditionRevisionAdmin(ReadOnlyAdmin):
    """Every saved change of a text, to read."""

    list_display = ["title", "edition_language", "revision", "version", "edited_by", "edited_at"]
    list_select_related = ["edition", "edited_by"]
    list_filter = ["edition__language"]
    search_fields = ["title"]
    ordering = ["-edited_at", "-pk"]

    @display(description=gettext_lazy("language"))
    def edition_language(self, revision: EditionRevision) -> str:
        """Return the language of the edition."""
        return revision.edition.language


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """Who decided what on which exact content, to read."""

    list_display = ["bulletin", "version", "decision", "by", "at", "reason"]
    list_select_related = ["bulletin", "by"]
    list_filter = ["decision"]


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """What readers see, version by version."""

    list_display = ["__str__", "kind", "published_at", "approved_by", "mailing"]
    list_select_related = ["bulletin", "approved_by", "mailing"]
    list_filter = ["kind"]


@admin.register(PublishedEdition)
class PublishedEditionAdmin(ReadOnlyAdmin):
    """Published versions in each language, frozen."""

    list_display = ["title", "language", "reading_level", "version"]
    list_select_related = ["version__bulletin"]
    list_filter = ["language"]
    search_fields = ["title"]
    ordering = ["-pk"]
    fields = ["version", "language", "reading_level", "title", "lead", "body"]
