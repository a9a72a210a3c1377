"""
Words of one person's own: a pause, a withdrawal, a refusal, an invitation. What has to be quick says a fixed sentence
at once; custom text follows when a second person has agreed to exactly them. The apps above say what happens then.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import two_administrators
from accounts.audit import trail
from accounts.models import User
from agreement import steps
from agreement.digests import old_digest_of
from agreement.kinds import Columns, Kind, register
from agreement.refusals import Refused
from lib.text.languages.languages import language_heading

from .models import Campaign, CustomText

Purpose = CustomText.Purpose
LONGEST = 2_000  # characters in each language


class CustomTextAgreement(Kind[CustomText]):
    """
    Words of one's own, each a row that waits until a second person agrees or it is dropped. Who agrees is an approver or a
    fact-checker: one administrator alone makes any other colleague.
    """

    name = "custom_text"
    covers = (
        "custom text on a paused fact-check",
        "custom text on a withdrawn answer",
        "custom text on a refusal",
        "custom text in an invitation",
        "more invitations than one may send",
    )
    model = CustomText
    columns = Columns(state="", edited_by="proposed_by", edited_at="proposed_at", remark="")
    verbs: ClassVar = {"written": "custom_text.proposed"}

    def content_of(self, row: CustomText) -> dict[str, Any]:
        """Return the words, what they are about, and how many people get them."""
        names = ("campaign_id", "purpose", "subject_id", "words", "reach")
        return {name: getattr(row, name) for name in names}

    def old_digest(self, row: CustomText) -> str:
        """Return the digest of 1.6.1, of the values without their names."""
        return old_digest_of(list(self.content_of(row).values()))

    def is_open(self, row: CustomText) -> bool:
        """Return whether it waits."""
        return row.agreed_at is None and row.dropped_at is None

    def is_waiting(self, row: CustomText) -> bool:
        """Return whether it waits."""
        return self.is_open(row)

    def may_agree(self, row: CustomText, by: User) -> bool:
        """Return whether somebody is an approver or a fact-checker."""
        return two_administrators.is_second_approver(by)

    def who_may_agree(self, row: CustomText) -> Iterable[User]:
        """Return the approvers and fact-checkers; one query."""
        return two_administrators.second_approvers()

    def noted(self, row: CustomText) -> dict[str, Any]:
        """Return what it is about."""
        return {"about": row.subject_id, "reach": row.reach}


CUSTOM_TEXT = register(CustomTextAgreement())


def fixed(campaign: Campaign, sentence: str) -> dict[str, str]:
    """Return a sentence of ours (from gettext_noop) in each language of a campaign."""
    said = {}
    for row in campaign.languages.all():
        with override(row.code):
            said[row.code] = _(sentence)
    return said


@transaction.atomic
def propose(
    campaign: Campaign,
    purpose: str,
    subject_id: int | None,
    words: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    reach: int | None = None,
    seen: str = "",
) -> CustomText:
    """
    Keep words, {language: text}, until someone else agrees to them; they change those that wait for the same subject, whose
    writers stay (`seen` is the digest of those that `by` has read). Words that are mailed to `reach` people may be in one language, or none: then only the number waits. Words
    on a page are in every language of the campaign. Raise Refused for words that are missing or too long.
    """
    kept = {code: text.replace("\r\n", "\n").strip() for code, text in words.items() if text.strip()}
    if reach is None:
        for spoken in campaign.languages.all():
            if spoken.code not in kept:
                raise Refused(
                    _("Not saved: readers see the text in their own language. Write it in %(language)s too.")
                    % {"language": language_heading(spoken.code)}
                )
    for code, text in kept.items():
        if len(text) > LONGEST:
            raise Refused(
                _("Not saved: the text in %(language)s has %(count)d characters; the limit is %(most)d. Shorten it.")
                % {"language": language_heading(code), "count": len(text), "most": LONGEST}
            )
    before = waiting(purpose, subject_id) if subject_id is not None else None
    if before is not None:

        def edit(row: CustomText) -> None:
            row.words, row.reach = kept, reach

        return steps.write(CUSTOM_TEXT, before, edit, seen=seen or CUSTOM_TEXT.digest_of(before), by=by, at=at)[0]
    row = CustomText(campaign=campaign, purpose=purpose, subject_id=subject_id, words=kept, reach=reach)
    return steps.begin(CUSTOM_TEXT, row, by=by, at=at)


def waiting(purpose: str, subject_id: int) -> CustomText | None:
    """Return the words about something that wait for a second person, with who wrote them; one query."""
    rows = CustomText.objects.filter(purpose=purpose, subject_id=subject_id, agreed_at=None, dropped_at=None)
    return rows.select_related("proposed_by").first()


def approve(row: CustomText | None, *, digest: str, by: User, at: datetime) -> CustomText:
    """Agree, as a second person, to exactly the words whose digest `by` has read, and return them. Raise Refused."""
    if row is None:
        raise Refused(_("Not approved: this text is no longer waiting for approval."), _("Reload the page."))
    return steps.agree(CUSTOM_TEXT, row, seen=digest, by=by, at=at)


@transaction.atomic
def drop(row: CustomText | None, *, by: User, at: datetime) -> bool:
    """Take words back that wait; return whether they did. They can then reach nobody."""
    waits = CustomText.objects.filter(pk=row.pk, agreed_at=None, dropped_at=None) if row else CustomText.objects.none()
    if not waits.update(dropped_at=at):
        return False
    assert row
    trail.note("custom_text.dropped", row, by=by, at=at, digest=row.digest, about=row.subject_id, reach=row.reach)
    return True
