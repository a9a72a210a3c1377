"""
Words of one person's own: a pause, a withdrawal, a refusal, an invitation. What has to be quick says a fixed sentence
at once; custom text follows when a second person has agreed to exactly them. The apps above say what happens then.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import two_administrators
from accounts.audit import trail
from accounts.models import User
from lib.text.languages.languages import language_heading

from .models import Campaign, CustomText

Purpose = CustomText.Purpose
LONGEST = 2_000  # characters in each language


class NotAgreed(Exception):
    """Words that were not kept, or not agreed to. The text says why and what to do; nothing changed."""


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
) -> CustomText:
    """
    Keep words, {language: text}, until someone else agrees to them; they take the place of those that wait for the same
    subject. Words that are mailed to `reach` people may be in one language, or none: then only the number waits. Words
    on a page are in every language of the campaign. Raise NotAgreed for words that are missing or too long.
    """
    kept = {code: text.replace("\r\n", "\n").strip() for code, text in words.items() if text.strip()}
    if reach is None:
        for spoken in campaign.languages.all():
            if spoken.code not in kept:
                raise NotAgreed(
                    _("Not saved: readers see the text in their own language. Write it in %(language)s too.")
                    % {"language": language_heading(spoken.code)}
                )
    for code, text in kept.items():
        if len(text) > LONGEST:
            raise NotAgreed(
                _("Not saved: the text in %(language)s has %(count)d characters; the limit is %(most)d. Shorten it.")
                % {"language": language_heading(code), "count": len(text), "most": LONGEST}
            )
    if subject_id is not None:
        drop(waiting(purpose, subject_id), by=by, at=at)
    row = CustomText(
        campaign=campaign,
        purpose=purpose,
        subject_id=subject_id,
        words=kept,
        reach=reach,
        proposed_by=by,
        proposed_at=at,
    )
    row.digest = fingerprint(row)
    row.save()
    trail.note("custom_text.proposed", row, by=by, at=at, digest=row.digest, about=subject_id, reach=reach)
    return row


def waiting(purpose: str, subject_id: int) -> CustomText | None:
    """Return the words about something that wait for a second person, with who wrote them; one query."""
    rows = CustomText.objects.filter(purpose=purpose, subject_id=subject_id, agreed_at=None, dropped_at=None)
    return rows.select_related("proposed_by").first()


@transaction.atomic
def approve(row: CustomText | None, *, digest: str, by: User, at: datetime) -> CustomText:
    """
    Agree, as a second person, to exactly the words whose fingerprint `by` has read, and return them. Raise NotAgreed
    for whoever wrote them, for whoever is no approver or fact-checker (one administrator alone makes any other
    colleague, so that yes could be the writer's own), for other words than those that were read, and when they wait no
    more.
    """
    held = CustomText.objects.select_for_update().filter(pk=row.pk).first() if row else None
    if held is None or held.agreed_at or held.dropped_at:
        raise NotAgreed(_("Not approved: this text is no longer waiting for approval. Reload the page."))
    if held.proposed_by_id == by.pk:
        raise NotAgreed(_("Not approved: the person who wrote the text cannot approve it. Ask a colleague."))
    if not two_administrators.is_second_approver(by):
        raise NotAgreed(_("Not approved: this needs an approver or a fact-checker. Ask one of them to read the text."))
    if not digest or digest != held.digest or fingerprint(held) != held.digest:
        raise NotAgreed(_("Not approved: the text has changed since you read it. Read it again."))
    held.agreed_by, held.agreed_at = by, at
    held.save(update_fields=["agreed_by", "agreed_at"])
    trail.note("custom_text.agreed", held, by=by, at=at, digest=held.digest, about=held.subject_id, reach=held.reach)
    return held


@transaction.atomic
def drop(row: CustomText | None, *, by: User, at: datetime) -> bool:
    """Take words back that wait; return whether they did. They can then reach nobody."""
    waits = CustomText.objects.filter(pk=row.pk, agreed_at=None, dropped_at=None) if row else CustomText.objects.none()
    if not waits.update(dropped_at=at):
        return False
    assert row
    trail.note("custom_text.dropped", row, by=by, at=at, digest=row.digest, about=row.subject_id, reach=row.reach)
    return True


def fingerprint(row: CustomText) -> str:
    """Return the SHA-256 (hex) of all that a second person approves."""
    content = [row.campaign_id, row.purpose, row.subject_id, row.words, row.reach]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
