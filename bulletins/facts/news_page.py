"""The last step through an authority's update: what it says that is new, to be worded in each language or left out."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.checks import findings
from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, MessageInput, NotAllowed, Parts

from . import news, updates, walk


class NewsPage(Pane):
    """The page, and what its buttons do."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page takes what it shows."""
        return [("<int:pk>/facts/new/", self.news_view, "fact_news")]

    def news_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what an update says that is new; put one of it into the texts, or leave it out."""
        bulletin = self.to_write(request, pk)
        given = request.POST if request.method == "POST" else request.GET
        update = updates.update_of(Parts(bulletin), given.get("update", ""))
        may_add = bulletin.state in {*Bulletin.EDITABLE, Bulletin.State.PUBLISHED}
        if not may_add or bulletin.kind == Bulletin.Kind.RETRACTION:
            raise Http404
        if update is None:  # it is of the bulletin no more: the facts say what is
            return HttpResponseRedirect(reverse("admin:bulletins_bulletin_facts", args=[pk]))
        step = walk.read(given.get("of", ""))
        if request.method != "POST":
            return self.page(request, bulletin, update, step)
        key, now = request.POST.get("new", ""), timezone.now()
        by: Any = request.user
        try:
            if "leave" in request.POST:
                news.leave_out(bulletin, update, key, by=by, at=now)
                says = _("Left out. Approvers read that it is.")
            else:
                words = {one.pk: request.POST.get(f"words_{one.pk}", "") for one in news.editions_of(bulletin)}
                news.put_in(bulletin, update, key, words, by=by, at=now)
                says = _("Put at the end of each text, as a paragraph of its own.")
        except NotAllowed as refusal:
            return self.page(request, self.to_read(request, pk), update, step, fault=str(refusal), about=key)
        self.desk.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(walk.following(bulletin.pk, update, step, at=now) or self.end(bulletin.pk))

    def end(self, pk: int) -> str:
        """Return where a walk through an update ends: it needs only to be submitted."""
        return reverse("admin:bulletins_bulletin_change", args=[pk]) + "#check"

    def page(
        self,
        request: HttpRequest,
        bulletin: Bulletin,
        update: MessageInput,
        of: int,
        *,
        fault: str = "",
        about: str = "",
    ) -> HttpResponse:
        """Return the page; words that were refused stay in their fields."""
        found = news.news_of(bulletin, update)
        if not found and not fault:
            self.desk.message_user(request, _("Everything of this update is decided on."), messages.INFO)
            return HttpResponseRedirect(self.end(bulletin.pk))
        editions = news.editions_of(bulletin)
        context = {
            **self.frame(request, _("New in this update")),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "update": update,
            "of": of,
            "step": walk.place(bulletin.pk, update, of, at=timezone.now()),
            "news": [
                {
                    "new": one,
                    "fault": fault if one.key == about else "",
                    "fields": [
                        {
                            "edition": edition,
                            "where": findings.in_edition(edition),
                            "words": request.POST.get(f"words_{edition.pk}", "")
                            if one.key == about
                            else (one.text if edition.language == update.language else ""),
                        }
                        for edition in editions
                    ],
                }
                for one in found
            ],
            "fault": fault if about not in {one.key for one in found} else "",
            "is_published": bulletin.state == Bulletin.State.PUBLISHED,
        }
        return TemplateResponse(request, "bulletins/facts/news.html", context, status=409 if fault else 200)
