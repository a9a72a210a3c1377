"""The way of a contribution: sent, let be shown or not by a person, taken down, withdrawn by its sender."""

import secrets
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.crypto import keyed_hashes
from accounts.models import User
from campaigns.http import page_changes
from lib.images.uploaded_images import Picture
from notifications import outbox
from notifications.models import Notice
from stories.models import Contribution, Prompt

from . import notices

State = Contribution.State
MODERATE = "stories.moderate_contribution"
SALT = "stories.contributions.sending"


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


def send(prompt: Prompt, told: dict[str, Any], picture: Picture | None, *, token: str, at: datetime) -> Contribution:
    """
    Keep what somebody sent, for nobody to see but who looks at it. The same `token` sent twice, also at the same moment, is kept once.
    Raise NotDone when the prompt is not open.
    """
    if not prompt.is_open(at):
        raise NotDone(_("Nothing was sent: nothing is taken any more."))
    key = key_of(prompt, token)
    if known := sent_as(key):
        return known
    row = Contribution(prompt=prompt, key=key, sent_at=at, **told)
    if picture is not None:
        row.width, row.height = picture.width, picture.height
        row.picture.save(f"{secrets.token_hex(12)}{picture.suffix}", ContentFile(picture.data), save=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        if row.picture:
            row.picture.delete(save=False)
        if known := sent_as(key):  # pressed twice, and the other was quicker
            return known
        raise
    return row


def key_of(prompt: Prompt, token: str) -> str:
    """
    Return the key of what is sent with a token: the same one for the same token. It stands in the address of a picture, and nobody finds
    the token by it, with which its sender alone comes to what they sent.
    """
    return keyed_hashes.mark(SALT, f"{prompt.pk}:{token}")[:32]


def sent_as(key: str) -> Contribution | None:
    """Return what was sent already with the token of a key."""
    return Contribution.objects.filter(key=key).first()


def decide(contribution: Contribution, state: str, *, by: User, at: datetime) -> None:
    """Let one that waits be shown, or not. Raise NotDone when somebody else has decided meanwhile."""
    with transaction.atomic():
        rows = Contribution.objects.filter(pk=contribution.pk, state=State.WAITING)
        if not rows.update(state=state, decided_by=by, decided_at=at):
            raise NotDone(_("Nothing changed: somebody else has decided, or it was withdrawn. Reload the page."))
        contribution.refresh_from_db()
        trail.note(f"contribution.{state}", contribution, by=by, at=at)
        if state == State.SHOWN:
            page_changes.changed()
            if contribution.email:
                campaign = contribution.prompt.campaign
                outbox.write(notices.CONTRIBUTION_THANKS, [None], about=contribution, campaign=campaign, at=at)


def remove(contribution: Contribution, *, by: User, at: datetime) -> None:
    """Take one that is shown down for good. Raise NotDone when it is not shown."""
    clear(contribution, State.REMOVED, {State.SHOWN}, by=by, at=at)


def withdraw(contribution: Contribution, *, at: datetime) -> None:
    """Take one back for its sender, whatever became of it. Raise NotDone when it is gone."""
    clear(contribution, State.WITHDRAWN, {State.WAITING, State.SHOWN, State.REFUSED}, by=None, at=at)


def clear(contribution: Contribution, state: str, before: set[State], *, by: User | None, at: datetime) -> None:
    """Delete the words, the picture, the name and the address of a contribution. Raise NotDone when it is none of `before`."""
    with transaction.atomic():
        row = Contribution.objects.select_for_update().filter(pk=contribution.pk, state__in=before).first()
        if row is None:
            raise NotDone(_("Nothing changed: it is not there any more. Reload the page."))
        was_shown, file = row.state == State.SHOWN, row.picture.name
        row.state, row.text, row.name, row.email, row.picture = state, "", "", "", ""
        row.decided_at, row.decided_by = at, by
        row.save()
        Notice.objects.waiting().filter(kind=notices.CONTRIBUTION_THANKS.key, subject_id=row.pk).delete()
        trail.note(f"contribution.{state}", row, by=by, at=at)
        if was_shown:
            page_changes.note_retraction()
        if file:
            transaction.on_commit(lambda: row.picture.storage.delete(file))
