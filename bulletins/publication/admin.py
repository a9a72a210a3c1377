"""The two forms that open the next version of what is published: a correction, or a withdrawal."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.editing.admin.forms import DatesForm, WhatChangedForm
from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, NotAllowed, Parts
from lib.text.languages.languages import language_name

from . import corrections

# Around what each person's mail has of its own (delivery.message.personal_fields).
PERSONAL = re.compile("[\ue000\ue001]")


class CorrectionForms(Pane):
    """Ask what changed, or for the reason, in every language; show whom it goes to and how the mail looks."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The two forms."""
        return [
            ("<int:pk>/correct/", self.correct_view, "correct"),
            ("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
        ]

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what changed, and open the next version."""
        return self.what_changed(request, pk, corrections.start_correction, withdraw=False)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, and open a withdrawal."""
        return self.what_changed(request, pk, corrections.retract, withdraw=True)

    def what_changed(self, request: HttpRequest, pk: int, verb: Any, *, withdraw: bool) -> HttpResponse:
        """
        Ask for words in every language, then make the domain call. Show whom it goes to and how the mail looks; two
        dates in the address fill in the words of a wrong date.
        """
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
        languages = [language.code for language in bulletin.campaign.languages.all()]
        dates = DatesForm(request.GET if "was" in request.GET else None)
        chosen = (dates.cleaned_data["was"], dates.cleaned_data["is_now"]) if dates.is_valid() else None
        words = corrections.draft_texts(bulletin, languages, withdraw=withdraw, dates=chosen)
        form = WhatChangedForm(request.POST or None, needed=languages_needed(bulletin), reason=withdraw, initial=words)
        wants_preview = request.POST.get("then") == "preview"
        valid = form.is_valid()
        if valid and not wants_preview:
            return self.open(request, bulletin, verb, form, withdraw=withdraw)
        if wants_preview:
            words = form.data_of_languages()
        can_start = bulletin.state == Bulletin.State.PUBLISHED
        title = _("Withdraw bulletin %(number)s") if withdraw else _("Correct bulletin %(number)s")
        context = {
            **self.frame(request, title % {"number": bulletin.number}),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "form": form,
            "dates": dates,
            "withdraw": withdraw,
            "languages": languages,
            **recipients_reached(bulletin),
            "previews": previews_of(bulletin, languages, words, withdraw=withdraw)
            if can_start and (wants_preview or chosen)
            else [],
            "can_start": can_start,
        }
        status = 422 if request.method == "POST" and not valid else 200
        return TemplateResponse(request, "bulletins/approval/what_changed.html", context, status=status)

    def open(
        self, request: HttpRequest, bulletin: Bulletin, verb: Any, form: WhatChangedForm, *, withdraw: bool
    ) -> HttpResponse:
        """Make the domain call, say what came of it, and go to the bulletin."""
        try:
            verb(bulletin, by=request.user, at=timezone.now(), **form.cleaned_data)
        except NotAllowed as refusal:
            self.desk.message_user(request, str(refusal), messages.ERROR)
        else:
            says = (
                _(
                    "The withdrawal is open. Submit it; once it is approved, the text is removed and everyone who received it is notified."
                )
                if withdraw
                else _("The correction is open. Readers see the published version until the correction is approved.")
            )
            self.desk.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))


def languages_needed(bulletin: Bulletin) -> list[str]:
    """Return the languages that a bulletin waits for."""
    parts = Parts(bulletin)
    return [row.code for row in parts.languages if row.code not in parts.that_follow]


def recipients_reached(bulletin: Bulletin) -> dict[str, Any]:
    """Return whom the published versions went to, and how many of them certainly have it or may have it."""
    reached = corrections.audiences_reached(bulletin)
    return {
        "reached": reached,
        "accepted": sum(one.accepted for one in reached),
        "unknown": sum(one.unknown for one in reached),
        "by_digest": any(not one.audience for one in reached),
    }


def previews_of(
    bulletin: Bulletin, languages: list[str], words: dict[str, dict[str, str]], *, withdraw: bool
) -> list[tuple[str, str, str, str]]:
    """Return code, name, subject and text of the mail in each language that has an edition."""
    shown, now = [], timezone.now()
    kind = Bulletin.Kind.RETRACTION if withdraw else Bulletin.Kind.CORRECTION
    for code in languages:
        mail = corrections.mail_preview(
            bulletin,
            code,
            kind,
            at=now,
            what_changed=words["what_changed"].get(code, ""),
            share_text=words["share_text"].get(code, ""),
        )
        if mail is not None:
            shown.append((code, language_name(code), mail.subject, PERSONAL.sub("", mail.text)))
    return shown
