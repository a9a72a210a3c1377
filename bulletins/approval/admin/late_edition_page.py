"""The desk's page on which a published bulletin gets one more language: written, submitted, approved by someone else."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.approval import late_editions
from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, LateEdition, NotAllowed, Parts
from lib.text.languages import spoken_languages
from lib.text.languages.languages import language_heading

WRITES, SIGNS, APPROVES = "bulletins.change_bulletin", "bulletins.sign_off_bulletin", "bulletins.approve_bulletin"
# Each step, and the permissions of which one is needed.
NEEDED = {
    "save": (WRITES,),
    "submit": (WRITES,),
    "send_back": (WRITES, SIGNS, APPROVES),
    "sign_off": (SIGNS,),
    "approve": (APPROVES,),
}


class LateEditionPage(Pane):
    """One more language of what is published."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page."""
        return [("<int:pk>/later/<slug:code>/", self.later_view, "later")]

    def later_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Show what is written in a language that follows, and take the step that someone chose."""
        bulletin = self.to_read(request, pk)
        if not any(row.code == code for row in bulletin.campaign.languages.all()):
            raise Http404
        refusal, typed = "", {}
        if request.method == "POST":
            step = request.POST.get("do", "")
            allowed = {name for name, needed in NEEDED.items() if any(map(request.user.has_perm, needed))}
            if not allowed or (step in NEEDED and step not in allowed):
                raise PermissionDenied
            if step not in NEEDED:
                return HttpResponseRedirect(request.get_full_path())
            typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
            try:
                self.take(request, bulletin, code, step, typed)
            except NotAllowed as why:
                refusal = str(why)
            else:
                return HttpResponseRedirect(request.get_full_path())
        return self.page(request, bulletin, code, refusal, typed)

    def take(self, request: HttpRequest, bulletin: Bulletin, code: str, step: str, typed: dict[str, str]) -> None:
        """Take a step, and say what came of it. Raise NotAllowed."""
        by: Any = request.user
        now, digest = timezone.now(), typed.get("digest", "")
        if step in {"save", "submit"}:
            late_editions.save(bulletin, code, typed, by=by, at=now)
            says = _("Saved.")
        if step == "submit":
            late_editions.submit(bulletin, code, by=by, at=now)
            says = _("Submitted: someone who did not write it has to approve it.")
        if step == "send_back":
            late_editions.send_back(bulletin, code, reason=typed.get("reason", ""), by=by, at=now)
            says = _("It is a draft again.")
        if step == "sign_off":
            late_editions.sign_off(bulletin, code, digest=digest, by=by, at=now)
            says = _("Signed off. It now waits for an approver.")
        if step == "approve":
            late_editions.approve(bulletin, code, digest=digest, by=by, at=now)
            says = _("Published in this language. Its readers who have nothing of it yet get it by email now.")
        self.desk.message_user(request, says, messages.SUCCESS)

    def page(
        self, request: HttpRequest, bulletin: Bulletin, code: str, refusal: str, typed: dict[str, str]
    ) -> HttpResponse:
        """Return the page; what someone typed that was refused stays."""
        parts, late, closed = Parts(bulletin), None, ""
        try:
            late = late_editions.begin(late_editions.open_version(bulletin), code, parts)
        except NotAllowed as why:
            closed = str(why)
        languages = late_editions.languages_beside(late, parts) if late else []
        beside = next((one for one in languages if one == request.GET.get("beside")), bulletin.original_language)
        rows = late_editions.places(late, parts, beside) if late else []
        user: Any = request.user
        is_read = late is not None and late.state != LateEdition.State.DRAFT
        context = {
            **self.frame(
                request,
                _("Bulletin %(number)s: %(language)s") % {"number": bulletin, "language": language_heading(code)},
            ),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "language": language_heading(code),
            "code": code,
            "beside": beside,
            "languages_beside": [(one, language_heading(one)) for one in languages],
            "direction": spoken_languages.direction(code),
            "late": late,
            "closed": closed,
            "refusal": refusal,
            "rows": [(row, typed.get(row.name, row.text)) for row in rows],
            "is_read": is_read,
            "reason": typed.get("reason", ""),
            "writers": User.objects.filter(pk__in=late.written_by) if late else [],
            "may_write": user.has_perm(WRITES),
            "may_agree": bool(late) and user.pk not in late.written_by,  # type: ignore[union-attr]  # there is one
            "wants_sign_off": late_editions.wants_sign_off(bulletin),
            "may_approve": user.has_perm(APPROVES),
            "may_send_back": any(map(user.has_perm, NEEDED["send_back"])),
            "may_sign_off": user.has_perm(SIGNS),
        }
        return TemplateResponse(
            request, "bulletins/approval/late_edition.html", context, status=409 if refusal else 200
        )
