"""Whether every language of a bulletin says the same: the table of its parts, and what each translation lacks."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import diff, editions
from bulletins.editing.edition_labels import edition_label, original_among
from bulletins.editing.translation import missing_parts
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, NotAllowed
from lib.text.languages.languages import language_name
from lib.text.numbers.whole_numbers import whole_number


class ParityPane(Pane):
    """The table, and the button that says that a translation follows the original again."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The table and its button."""
        return [
            ("<int:pk>/parity/", require_safe(self.parity_view), "parity"),
            ("<int:pk>/follow/<int:edition>/", require_POST(self.follow_view), "follow"),
        ]

    def parity_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show whether every language says the same."""
        return self.parity(request, self.to_read(request, pk))

    def parity(self, request: HttpRequest, bulletin: Bulletin, fault: str = "") -> HttpResponse:
        """Return the table of parts, and what each translation lacks."""
        bulletin = self.to_read(request, bulletin.pk)
        editions = list(bulletin.editions.all())
        original = original_among(editions, bulletin)
        codes = [language.code for language in bulletin.campaign.languages.all()]
        behind = [
            (one, edition_label(one), one.behind(original), diff.since_followed(one, original))
            for one in editions
            if original and one.body and one.behind(original)
        ]
        may_write = request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE
        context = {
            "bulletin": bulletin,
            "languages": [(code, language_name(code)) for code in codes],
            "source": language_name(bulletin.original_language),
            "table": missing_parts.parity(bulletin, codes),
            "behind": behind,
            "marks": [
                (one.pk, one.behind(original), one.body.strip())
                for one in editions
                if original and one.pk != original.pk
            ],
            "original": original,
            "may_write": may_write,
            "today": timezone.localdate(),
            "fault": fault,
        }
        return TemplateResponse(
            request, "bulletins/editing/translation/_parity.html", context, status=409 if fault else 200
        )

    def follow_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Note that a translation says the same as the original again."""
        row = self.edition_to_write(request, pk, edition)
        asked = request.POST.get("revision", "")
        try:
            revision = whole_number(asked) or None
            editions.follow(row, by=request.user, at=timezone.now(), revision=revision)
        except NotAllowed as refusal:
            return self.parity(request, row.bulletin, str(refusal))
        answer = self.parity(request, row.bulletin)
        answer.headers["HX-Trigger"] = "saved"
        return answer
