"""Comments in the editor: beside each step's texts, with the way to write one, to answer and to resolve."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Comment, NotAllowed, Parts
from lib.text.numbers.whole_numbers import whole_number

from . import mentions, passages, threads
from .passages import Passage

FARTHEST = 2_000_000  # signs from the beginning of a text


class CommentsPane(Pane):
    """The comments of a step, and what their forms and buttons call."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane, and what its forms and buttons call."""
        return [
            ("<int:pk>/comments/", require_safe(self.comments_view), "comments"),
            ("<int:pk>/comments/new/", require_POST(self.comment_view), "comment"),
            ("<int:pk>/comments/<int:thread>/answer/", require_POST(self.answer_view), "comment_answer"),
            ("<int:pk>/comments/<int:comment>/edit/", require_POST(self.edit_view), "comment_edit"),
            ("<int:pk>/comments/<int:thread>/resolve/", require_POST(self.resolve_view), "comment_resolve"),
        ]

    def comments_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the comments on the texts of a step (`step`) as they are now, with how many are open in the whole bulletin."""
        bulletin, step, user = self.to_read(request, pk), request.GET.get("step", ""), person(request)
        every = threads.threads_of(bulletin, passages.commentable(Parts(bulletin)), user)
        rows = [(one, threads.may_resolve(one.row, user)) for one in every if passages.step_of(one.row.place) == step]
        context = {
            "bulletin": bulletin,
            "step": step,
            "open_ones": [one for one in rows if one[0].row.resolved_at is None],
            "resolved": [one for one in rows if one[0].row.resolved_at is not None],
            "open_count": sum(one.row.resolved_at is None for one in every),
            "may_comment": bulletin.state in threads.OPEN,
            "longest": threads.LONGEST,
        }
        return TemplateResponse(request, "bulletins/comments/_comments.html", context)

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write a comment at the words that somebody selected."""
        bulletin, given = self.to_read(request, pk), request.POST
        place = passages.place_at(given.get("anchor", ""), passages.commentable(Parts(bulletin)))
        start = min(whole_number(given.get("start", "")), FARTHEST)
        passage = Passage(given.get("quote", ""), given.get("before", ""), given.get("after", ""), start)
        return answered(
            request,
            lambda now: threads.comment(bulletin, place, passage, given.get("text", ""), by=person(request), at=now),
        )

    def answer_view(self, request: HttpRequest, pk: int, thread: int) -> HttpResponse:
        """Answer a comment."""
        row, text = thread_of(self.to_read(request, pk), thread), request.POST.get("text", "")
        return answered(request, lambda now: threads.answer(row, text, by=person(request), at=now))

    def edit_view(self, request: HttpRequest, pk: int, comment: int) -> HttpResponse:
        """Word one's own comment or answer anew."""
        bulletin, user = self.to_read(request, pk), person(request)
        row: Comment = get_object_or_404(bulletin.comments, pk=comment)
        row.bulletin = bulletin
        return answered(request, lambda now: threads.edit(row, request.POST.get("text", ""), by=user, at=now))

    def resolve_view(self, request: HttpRequest, pk: int, thread: int) -> HttpResponse:
        """Resolve a comment, or with `to` = "open" open it again."""
        bulletin, user = self.to_read(request, pk), person(request)
        row = bulletin.comments.first_ones().filter(pk=thread).first()
        if not (threads.may_resolve(row, user) if row else threads.may_resolve_all(user)):
            raise PermissionDenied
        row = thread_of(bulletin, thread)
        if request.POST.get("to") == "open":
            return answered(request, lambda _now: threads.reopen(row))
        return answered(request, lambda now: threads.resolve(row, by=user, at=now))


def answered(request: HttpRequest, step: Callable[[datetime], Any]) -> HttpResponse:
    """Take a step; let the comments be fetched anew, or return why it was not taken."""
    try:
        step(timezone.now())
    except NotAllowed as refusal:
        return TemplateResponse(request, "bulletins/comments/_refused.html", {"says": str(refusal)}, status=422)
    return HttpResponse("", headers={"HX-Trigger": "commented"})


def thread_of(bulletin: Bulletin, pk: int) -> Comment:
    """Return a comment that begins a thread, or raise Http404."""
    row: Comment = get_object_or_404(bulletin.comments.first_ones().select_related("by"), pk=pk)
    row.bulletin = bulletin
    return row


def person(request: HttpRequest) -> User:
    """Return who is at the desk."""
    assert isinstance(request.user, User)
    return request.user


def form_of(bulletin: Bulletin) -> dict[str, Any] | None:
    """Return what the editor's form of a new comment needs, None where none can be written."""
    if bulletin.state not in threads.OPEN:
        return None
    return {"people": list(mentions.labels_of(mentions.mentionable(bulletin.campaign_id))), "longest": threads.LONGEST}
