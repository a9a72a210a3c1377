"""Approval on the desk: who edited, who can agree and is here, what it covers, and why a button does not work."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from bulletins.approval import eligibility
from bulletins.assignment import assignments
from bulletins.checks import findings, registry
from bulletins.comments import threads
from bulletins.editing.edition_labels import title_of
from bulletins.editing.translation.translation_status import marks_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Presence, Review, Target, Urgency
from bulletins.publication.distribution import distribution_of

HERE = timedelta(seconds=60)  # heard of within this, someone is in the bulletin
ONLINE = timedelta(minutes=10)


class ApprovalPane(Pane):
    """The pane beside the text that says what an approval takes, and takes the first step of it."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane."""
        return [("<int:pk>/approval/", require_safe(self.approval_view), "approval")]

    def approval_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the pane as it is now."""
        self.must_see(request)
        bulletin = get_object_or_404(
            Bulletin.objects.select_related("campaign", "submitted_by", "approved_by").prefetch_related(
                "campaign__languages"
            ),
            pk=pk,
        )
        context = {**approval_of(request, bulletin), "in_pane": True}
        if context["may_submit"]:
            context["goes"] = distribution_of(bulletin, at=timezone.now()).headline()
        return TemplateResponse(request, "bulletins/approval/_approval_pane.html", context)


def bar_of(request: HttpRequest, bulletin: Bulletin) -> dict[str, Any]:
    """Return where a bulletin stands, who has a say, and which steps the user may take with it."""
    return {
        **approval_of(request, bulletin),
        "bulletin_title": title_of(bulletin),
        "marks": marks_of(bulletin, [language.code for language in bulletin.campaign.languages.all()]),
    }


def approval_of(request: HttpRequest, bulletin: Bulletin) -> dict[str, Any]:
    """Return who did what, whose turn it is, which steps the user may take and why not the others."""
    user = request.user
    assert isinstance(user, User)
    who = eligibility.of_one(bulletin)
    open_ = bulletin.state in Bulletin.EDITABLE
    desk = registry.load_workspace(bulletin, at=timezone.now()) if open_ else None
    found = registry.findings_on(desk) if desk else []
    wants_sign_off = open_ and who.wants_sign_off
    here, online = presences(bulletin, user)
    targets = list(bulletin.targets.all())
    open_comments = list(threads.open_threads(bulletin)) if open_ else []
    return {
        "bulletin": bulletin,
        "desk": desk,
        "findings": found,
        "stops": sum(finding.level == findings.STOPS for finding in found),
        "editors": User.objects.filter(pk__in=who.editor_ids).order_by("name", "email"),
        "approvers": who.approvers() if open_ else [],
        "checkers": who.checkers() if wants_sign_off else [],
        "here": {presence.user_id for presence in here},
        "online": online,
        "in_it_now": here,
        "wants_sign_off": wants_sign_off,
        "signed": who.sign_offs if wants_sign_off else (),
        "urgent": bulletin.urgency == Urgency.URGENT,
        "digest_groups": grouped_digest(bulletin.digest),
        "covers": covers(bulletin, len(targets)) if open_ else "",
        "assignment": assignments.panel_of(user, bulletin) if open_ else None,
        "has_results": bulletin.version > 1 or not open_,
        "open_comments": open_comments,
        "open_count": len(open_comments),
        "last_return": last_return(bulletin) if bulletin.state == Bulletin.State.DRAFT else None,
        **writing_steps(bulletin, user),
        **approving_steps(bulletin, user, who, targets),
    }


def writing_steps(bulletin: Bulletin, user: User) -> dict[str, bool]:
    """Return which steps of a writer the user may take."""
    state = Bulletin.State
    edits = user.has_perm("bulletins.change_bulletin")
    return {
        "may_submit": edits and bulletin.state == state.DRAFT,
        "may_correct": edits and bulletin.state == state.PUBLISHED,
        "may_edit": edits and bulletin.state in Bulletin.EDITABLE,
    }


def approving_steps(
    bulletin: Bulletin, user: User, who: eligibility.Eligibility, targets: list[Target]
) -> dict[str, Any]:
    """Return which steps of a second person the user may take, and why they may not approve."""
    state = Bulletin.State
    approves = user.has_perm("bulletins.approve_bulletin")
    checks = user.has_perm("bulletins.sign_off_bulletin")
    publishes = user.has_perm("bulletins.publish_bulletin")
    reads = approves or checks or user.has_perm("bulletins.change_bulletin")
    in_review = bulletin.state == state.IN_REVIEW
    why_not = who.why_no_approval(user) if approves and in_review else ""
    may_approve = approves and in_review and not why_not
    sends_now = may_approve and publishes and is_sent_immediately(bulletin, targets)
    return {
        "why_not": why_not,
        "may_sign_off": checks and in_review and not who.why_no_sign_off(user),
        "may_approve": may_approve,
        "approving_verb": "approve_and_send" if sends_now else "approve",
        "may_send_back": reads and bulletin.state in {state.IN_REVIEW, state.APPROVED},
        "may_publish": publishes and bulletin.state == state.APPROVED,
    }


def is_sent_immediately(bulletin: Bulletin, targets: list[Target]) -> bool:
    """Return whether an urgent bulletin, or a part of it, leaves as soon as it is published."""
    at_once = bulletin.version > 1 or any(target.timing == Target.Timing.AT_ONCE for target in targets)
    embargoed = bool(bulletin.embargo_until and bulletin.embargo_until > timezone.now())
    return bulletin.urgency == Urgency.URGENT and at_once and not embargoed


def last_return(bulletin: Bulletin) -> Review | None:
    """Return who sent this version back last, and why; one query."""
    returned = bulletin.reviews.filter(version=bulletin.version, decision=Review.Decision.RETURNED)
    return returned.select_related("by").first()


def presences(bulletin: Bulletin, user: User) -> tuple[list[Presence], set[int]]:
    """Return who else has the bulletin open now, and the keys of everyone who was at the desk lately; one query."""
    now = timezone.now()
    heard = list(Presence.objects.filter(seen_at__gte=now - ONLINE).select_related("user"))
    here = [
        one for one in heard if one.bulletin_id == bulletin.pk and one.user_id != user.pk and one.seen_at >= now - HERE
    ]
    return here, {one.user_id for one in heard}


def grouped_digest(digest: str) -> str:
    """Return the first sixteen digits of a digest in fours, as people compare them."""
    return " ".join(digest[start : start + 4] for start in range(0, min(16, len(digest)), 4))


def covers(bulletin: Bulletin, audiences: int) -> str:
    """Return in words how much an approval would approve."""
    editions = bulletin.editions.prefetch_related("variants")
    languages = len(editions)
    variants = sum(len(edition.variants.all()) for edition in editions)
    assets = bulletin.assets.count()
    return ", ".join(
        (
            ngettext("%(n)d language", "%(n)d languages", languages) % {"n": languages},
            ngettext("%(n)d variant", "%(n)d variants", variants) % {"n": variants},
            ngettext("%(n)d asset", "%(n)d assets", assets) % {"n": assets},
            ngettext("%(n)d audience", "%(n)d audiences", audiences) % {"n": audiences},
        )
    )
