"""A bulletin's way: started, read by a second person, published, corrected. Each step is one domain call."""

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.login import reauthentication
from accounts.models import AuditEntry, User
from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import drafts
from bulletins.editing.admin.diff import differences
from bulletins.editing.admin.forms import DatesForm, StartForm, WhatChangedForm
from bulletins.editing.translation_status import marks_of, title_of
from bulletins.models import Bulletin, Edition, MessageInput, NotAllowed
from bulletins.publication import corrections, publish
from delivery.reports.audience_sizes import heads_of
from lib.text.languages import language_name
from lib.text.markup import to_html

from .approval_pane import ApprovalPane, approval_of

AUDIT_SHOWN = 100
PERSONAL = re.compile("[\ue000\ue001]")  # around what each person's mail has of its own (delivery.message.fields)

# The steps after which words are public or mail leaves: whoever takes one has just proved who they are.
FRESH = {"approve", "approve_and_send", "publish"}


class BulletinSteps(ApprovalPane):
    """The bar that says where a bulletin stands, and the pages and buttons that take it further."""

    def bar(self, request: HttpRequest, bulletin: Bulletin) -> dict[str, Any]:
        """Return where a bulletin stands, who has a say, and which steps the user may take with it."""
        return {
            **approval_of(request, bulletin),
            "bulletin_title": title_of(bulletin),
            "marks": marks_of(bulletin, [language.code for language in bulletin.campaign.languages.all()]),
        }

    # Starting

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Start a bulletin: the next number, an edition in every language, from message inputs or from nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = getattr(request, "campaign", None)
        form = StartForm(request.POST or None)
        if campaign is not None:
            waiting = MessageInput.objects.waiting().filter(campaign=campaign).select_related("authority")
            form.fields["inputs"].queryset = waiting  # type: ignore[attr-defined]
            if request.method == "POST" and form.is_valid():
                try:
                    bulletin = drafts.start(
                        campaign,
                        by=request.user,
                        at=timezone.now(),
                        inputs=form.cleaned_data["inputs"],
                        urgency=form.cleaned_data["urgency"] or None,
                    )
                except NotAllowed as refusal:
                    self.message_user(request, str(refusal), messages.ERROR)
                    return HttpResponseRedirect(request.path)
                self.message_user(
                    request,
                    _("Bulletin %(number)s has been started. Write it here.") % {"number": bulletin.number},
                    messages.SUCCESS,
                )
                return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start a bulletin"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "bulletins/approval/start.html", context)

    # Steps

    def get_urls(self) -> list[URLPattern]:
        """Add the page for reading, the steps and the two forms that say what changed."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/read/", wrap(require_safe(self.read_view)), name="bulletins_bulletin_read"),
            path("<int:pk>/step/<str:verb>/", wrap(require_POST(self.step_view)), name="bulletins_bulletin_step"),
            path("<int:pk>/correct/", wrap(self.correct_view), name="bulletins_bulletin_correct"),
            path("<int:pk>/withdraw/", wrap(self.withdraw_view), name="bulletins_bulletin_withdraw"),
            *super().get_urls(),
        ]

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that an approval covers, side by side, with the buttons to approve it or send it back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        # The digest is read first: should anything change while the rest is read, it no longer fits, and approving refuses.
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign", "submitted_by", "approved_by").prefetch_related(
                "campaign__languages"
            ),
            pk=pk,
        )
        targets = list(bulletin.targets.select_related("audience").order_by("slot_at", "audience__tier"))
        heads = heads_of([target.audience for target in targets], at=timezone.now())
        reached = corrections.reached_by(bulletin) if bulletin.version > 1 else []
        context = {
            **self.admin_site.each_context(request),
            **self.bar(request, bulletin),
            "title": _("Read %(bulletin)s") % {"bulletin": bulletin},
            "opts": self.opts,
            "original": bulletin,
            "editions": [self.shown_edition(edition) for edition in bulletin.editions.prefetch_related("variants")],
            "differences": differences(bulletin) if bulletin.kind == Bulletin.Kind.CORRECTION else [],
            "key_messages": bulletin.key_messages.select_related("owner", "fact__input"),
            "calls_to_action": bulletin.calls_to_action.all(),
            "claims": bulletin.claims.all(),
            "assets": bulletin.assets.prefetch_related("renditions"),
            "cards": bulletin.cards.all() if hasattr(bulletin, "cards") else [],
            "overrides": bulletin.overrides.filter(version=bulletin.version).select_related("by"),
            "targets": [(target, heads[target.audience_id]) for target in targets],
            "people": sum(one.total for one in heads.values()),
            "reached": sum(one.total for one in reached if one.audience),
            "by_digest": sum(one.total for one in reached if not one.audience),
            "reviews": bulletin.reviews.select_related("by"),
            "entries": AuditEntry.objects.about(bulletin).select_related("actor")[:AUDIT_SHOWN],
        }
        return TemplateResponse(request, "bulletins/approval/read.html", context)

    def shown_edition(self, edition: Edition) -> dict[str, Any]:
        """Return an edition with its text as readers will see it."""
        try:
            html: str = to_html(edition.body)
        except ValueError as fault:
            html = str(fault)
        return {
            "edition": edition,
            "html": html,
            "name": language_name(edition.language),
            "variants": edition.variants.all(),
        }

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for, by one domain call, and say what came of it."""
        rights = {
            "submit": {"bulletins.change_bulletin"},
            "sign_off": {"bulletins.sign_off_bulletin"},
            "approve": {"bulletins.approve_bulletin"},
            "approve_and_send": {"bulletins.approve_bulletin"},
            "send_back": {
                "bulletins.approve_bulletin",
                "bulletins.change_bulletin",
                "bulletins.sign_off_bulletin",
            },
            "publish": {"bulletins.publish_bulletin"},
        }
        user = request.user
        if not any(user.has_perm(right) for right in rights.get(verb, ())):
            raise PermissionDenied
        if verb == "approve_and_send" and not user.has_perm("bulletins.publish_bulletin"):
            raise PermissionDenied
        if verb in FRESH and (again := reauthentication.ask_again(request)):
            return again
        assert isinstance(user, User)
        bulletin = get_object_or_404(Bulletin, pk=pk)
        now = timezone.now()
        try:
            if verb == "submit":
                approval_workflow.submit(bulletin, by=user, at=now)
                says = _("Submitted. Someone who did not write it must read and approve it.")
                if eligibility.of_one(bulletin).wants_sign_off:
                    says = _("Submitted. A fact-checker signs off its claims first, then someone else approves it.")
            elif verb == "sign_off":
                approval_workflow.sign_off(bulletin, digest=request.POST.get("digest", ""), by=user, at=now)
                says = _("Signed off. Someone else must approve it now.")
            elif verb == "approve_and_send":
                approval_workflow.approve_and_publish(bulletin, digest=request.POST.get("digest", ""), by=user, at=now)
                says = _("Approved and published. The emails are being sent now.")
            elif verb == "approve":
                approval_workflow.approve(bulletin, digest=request.POST.get("digest", ""), by=user, at=now)
                says = _("Approved. It will be sent in its slots.")
            elif verb == "send_back":
                approval_workflow.send_back(bulletin, by=user, at=now, reason=request.POST.get("reason", ""))
                says = _("Sent back. It is a draft again, with your reason.")
            else:
                publish.publish(bulletin, at=now, by=user)
                says = _("Published. Readers can see it now; emails go out in its slots.")
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            came_from_reading = verb in {"approve", "approve_and_send", "send_back", "sign_off"}
            name = "admin:bulletins_bulletin_read" if came_from_reading else "admin:bulletins_bulletin_change"
            return HttpResponseRedirect(reverse(name, args=[pk]))
        self.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))

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
        now = timezone.now()
        dates = DatesForm(request.GET if "was" in request.GET else None)
        chosen = (dates.cleaned_data["was"], dates.cleaned_data["is_now"]) if dates.is_valid() else None
        words = corrections.first_words(bulletin, languages, withdraw=withdraw, dates=chosen)
        form = WhatChangedForm(request.POST or None, languages=languages, reason=withdraw, initial=words)
        wants_preview = request.POST.get("then") == "preview"
        status, previews = 200, []
        if request.method == "POST":
            valid = form.is_valid()
            if valid and not wants_preview:
                try:
                    verb(bulletin, by=request.user, at=now, **form.cleaned_data)
                except NotAllowed as refusal:
                    self.message_user(request, str(refusal), messages.ERROR)
                else:
                    says = (
                        _(
                            "The withdrawal is open. Submit it; once it is approved, the text is "
                            "removed and everyone who received it is notified."
                        )
                        if withdraw
                        else _(
                            "The correction is open. Readers see the published version until the "
                            "correction is approved."
                        )
                    )
                    self.message_user(request, says, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))
            if wants_preview:
                words = form.data_of_languages()
            status = 200 if valid else 422
        kind = Bulletin.Kind.RETRACTION if withdraw else Bulletin.Kind.CORRECTION
        if bulletin.state == Bulletin.State.PUBLISHED and (wants_preview or chosen):
            previews = previews_of(bulletin, languages, kind, words, at=now)
        reached = corrections.reached_by(bulletin)
        context = {
            **self.admin_site.each_context(request),
            "title": (_("Withdraw bulletin %(number)s") if withdraw else _("Correct bulletin %(number)s"))
            % {"number": bulletin.number},
            "opts": self.opts,
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin),
            "form": form,
            "dates": dates,
            "withdraw": withdraw,
            "languages": languages,
            "reached": reached,
            "accepted": sum(one.accepted for one in reached),
            "unknown": sum(one.unknown for one in reached),
            "by_digest": any(not one.audience for one in reached),
            "previews": previews,
            "can_start": bulletin.state == Bulletin.State.PUBLISHED,
        }
        return TemplateResponse(request, "bulletins/approval/what_changed.html", context, status=status)


def previews_of(
    bulletin: Bulletin, languages: list[str], kind: str, words: dict[str, dict[str, str]], *, at: datetime
) -> list[tuple[str, str, str, str]]:
    """Return code, name, subject and text of the mail in each language that has an edition."""
    shown = []
    for code in languages:
        mail = corrections.mail_preview(
            bulletin,
            code,
            kind,
            at=at,
            what_changed=words["what_changed"].get(code, ""),
            share_text=words["share_text"].get(code, ""),
        )
        if mail is not None:
            shown.append((code, language_name(code), mail.subject, PERSONAL.sub("", mail.text)))
    return shown
