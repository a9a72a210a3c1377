"""The desk's pages about the preflight of sending domains, to read."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from unfold.decorators import display

from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import Preflight

from .examination import Finding, Level

LEVELS = {
    Level.OK: gettext_lazy("in order"),
    Level.SKIPPED: gettext_lazy("not needed"),
    Level.WARNING: gettext_lazy("could be better"),
    Level.UNSEEN: gettext_lazy("could not be checked"),
    Level.WRONG: gettext_lazy("wrong"),
}


@admin.register(Preflight)
class PreflightAdmin(ReadOnlyAdmin):
    """What was found when sending domains were looked at."""

    list_display = ["domain", "at", "passed", "troubles"]
    list_filter = ["passed"]
    search_fields = ["domain"]
    ordering = ["-at", "-pk"]
    fields = ["domain", "at", "passed", "found"]

    @display(description=gettext_lazy("what blocks live sends"))
    def troubles(self, preflight: Preflight) -> str:
        """Return what was wrong or could not be looked at, in a line."""
        return " ".join(finding.summary for finding in findings_of(preflight) if not finding.ok) or "–"

    @display(description=gettext_lazy("findings"))
    def found(self, preflight: Preflight) -> SafeString:
        """Return everything that was found and what to do about it, as a list."""
        rows = (
            (translated(finding.check), LEVELS[finding.level], finding.summary, finding.to_do)
            for finding in findings_of(preflight)
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li><strong>{}</strong>, {}: {} {}</li>", rows))


def findings_of(preflight: Preflight) -> list[Finding]:
    """Return the findings that a stored result holds."""
    return [Finding.from_stored(row) for row in preflight.findings]


def translated(check: str) -> str:
    """Return the name of a check; but for this one they are the same in every language."""
    return gettext("reverse DNS") if check == "reverse DNS" else check
