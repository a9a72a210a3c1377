"""Who has a bulletin open, and what others wrote meanwhile: asked for every few seconds by each open page."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bulletins.comments import threads
from bulletins.editing import editions
from bulletins.editing.conflicts import token
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, EditionRevision, Presence
from lib.text.languages.languages import language_name

GONE_AFTER = timedelta(seconds=35)  # an open page is heard of every ten seconds


class Presences(Pane):
    """Says who else is here."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """What open pages ask."""
        return [("<int:pk>/here/", require_POST(self.here_view), "here")]

    def here_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Note that someone has the bulletin open, in `part`, and answer who else has, and every text whose token is
        another than what the page has read (`read_<edition>_<field>`), and what changes when a comment comes.
        """
        self.must_see(request)
        bulletin = get_object_or_404(Bulletin, pk=pk)
        now = timezone.now()
        Presence.objects.update_or_create(
            bulletin=bulletin,
            user=request.user,
            defaults={"part": request.POST.get("part", "")[:60], "seen_at": now},
        )
        others = bulletin.presences.filter(seen_at__gt=now - GONE_AFTER).exclude(user=request.user)
        changed: dict[str, dict[str, dict[str, Any]]] = {}
        for edition in bulletin.editions.all():
            for name, text in editions.text_of(edition).items():
                read = request.POST.get(f"read_{edition.pk}_{name}")
                if read and read != token(text):
                    changed.setdefault(str(edition.pk), {})[name] = {"text": text, "token": token(text)}
        own = own_writing(bulletin, request.user.pk) if changed else set()
        for edition_key, fields in changed.items():
            for one in fields.values():
                one["mine"] = int(edition_key) in own
        return JsonResponse(
            {
                "here": sentences(others.select_related("user").order_by("user__name", "pk")),
                "state": bulletin.state,
                "version": bulletin.version,
                "changed": changed,
                "comments": threads.mark_of(bulletin),
            }
        )


def own_writing(bulletin: Bulletin, user: int) -> set[int]:
    """Return the keys of the editions that a user was the last to change: they know of it."""
    last = EditionRevision.objects.filter(edition__bulletin=bulletin, revision=F("edition__revision"), edited_by=user)
    return set(last.values_list("edition_id", flat=True))


def sentences(presences: Iterable[Any]) -> list[str]:
    """Return who is here and where, a sentence each."""
    said = []
    for one in presences:
        kind, _colon, language = one.part.partition(":")
        words = _("%(who)s is here, in %(language)s") if kind == "edition" and language else _("%(who)s is here")
        said.append(words % {"who": one.user, "language": language_name(language) if language else ""})
    return said
