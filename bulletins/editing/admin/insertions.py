"""What can be put into a text without writing it, asked for when someone opens the list at the caret."""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bulletins.editing import insertions
from bulletins.editor_panes import Pane, View
from bulletins.facts import fact_list, updates
from bulletins.models import Bulletin, Parts, Snippet
from campaigns.translated_fields import in_language


class InsertionList(Pane):
    """The list, in the language of one edition."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """What the list asks for."""
        return [("<int:pk>/insertions/<int:edition>/", require_safe(self.insertions_view), "insertions")]

    def insertions_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Return (kind, name, Markdown) of each: facts, ready phrases, and published answers that no bulletin has used."""
        row = self.edition_to_write(request, pk, edition)
        offered = [
            {"kind": kind, "name": name, "text": text} for kind, name, text in listed(row.bulletin, row.language)
        ]
        return JsonResponse({"insertions": offered})


def listed(bulletin: Bulletin, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, name, Markdown) of what can be put into a text in a language."""
    now = timezone.now()
    today = now.astimezone(bulletin.campaign.zone).date()
    parts = Parts(bulletin)
    rows = fact_list.facts_of(parts, at=now)
    for new in updates.additions(parts):
        yield _("New in the update"), new.text, new.text
    for fact in rows:
        if not fact.is_small:
            words = fact_list.said_in(fact, language, today)
            yield _("Fact"), words, words
    for snippet in Snippet.objects.filter(campaign=bulletin.campaign_id):
        if text := in_language(snippet.text, language):
            is_help = snippet.kind == Snippet.Kind.WAY_TO_HELP
            yield _("Way to help") if is_help else _("Ready phrase"), snippet.name, text
    for name, text in insertions.offered(bulletin, at=now)(language):
        yield _("Answer"), name, text
