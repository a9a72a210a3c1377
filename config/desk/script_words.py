"""Words of the scripts of the desk's forms that Django has in English only, from the site's own catalogs."""

from typing import Any

from django.utils.translation import ngettext, pgettext
from django.views.i18n import JavaScriptCatalog


class ScriptWords(JavaScriptCatalog):
    """Django's catalog for its scripts, and what it lacks in the active language."""

    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        """Return {words: their translation, or one for each number}."""
        found: dict[str, Any] = super().get_catalog()
        ahead = [
            ngettext(
                "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)",
                "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours ahead.)",
                number,
            )
            for number in (1, 2)
        ]
        behind = [
            ngettext(
                "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)",
                "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours behind.)",
                number,
            )
            for number in (1, 2)
        ]
        if self._num_plurals != len(ahead):  # type: ignore[attr-defined]  # of JavaScriptCatalog, not in its types
            return found
        return {
            "server": pgettext("zone of time", "server"),
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)": ahead,
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)": behind,
            **found,
        }
