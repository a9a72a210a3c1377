"""
The way of a story as its senders go it: begun, saved, sent to be looked at, withdrawn. What comes after sending are steps of whoever looks
at it (stories.moderation). Nothing of it is seen by anyone else before that.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import rate_limit
from accounts.audit import trail
from accounts.models import User
from agreement.digests import CURRENT
from stories.models import Municipality, Story, StoryFile, StoryJob
from stories.moderation import story_steps as moderation
from stories.story_media import jobs

from . import stored_files

State = Story.State
EDITABLE = (State.DRAFT, State.RETURNED)
ENDED = (State.WITHDRAWN, State.REFUSED)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of a key in an address, none like another
MOST_DRAFTS = 20  # of one municipality
A_DAY = rate_limit.Limit("stories sent", most=30, seconds=24 * 3600)


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


class ChangedMeanwhile(NotDone):
    """What was written began with another state of the story than the stored one: `stored`. Whoever saves again has read both."""

    def __init__(self, stored: Story) -> None:
        super().__init__(
            _(
                "Not saved: it was changed elsewhere since you opened it, perhaps in another window. Your text is in the fields, and the stored one is below each that differs. Bring them together, and save again."
            )
        )
        self.stored = stored


def held(story: Story) -> Story:
    """Return a story as it stands, for this transaction alone."""
    return Story.objects.select_for_update(of=("self",)).select_related("campaign", "municipality").get(pk=story.pk)


@transaction.atomic
def begin(municipality: Municipality, kind: str, *, language: str, by: User, at: datetime) -> Story:
    """Begin a story of a municipality that `by` sends for, as a draft. Raise NotDone for too many drafts, or a closed campaign."""
    if municipality.campaign.closed_at is not None:
        raise NotDone(_("The campaign has ended, so no stories are taken any more."))
    if municipality.stories.filter(state=State.DRAFT).count() >= MOST_DRAFTS:
        raise NotDone(_("There are %(n)d drafts already. Go on with one, or delete one.") % {"n": MOST_DRAFTS})
    story: Story = municipality.stories.create(
        campaign=municipality.campaign,
        key=get_random_string(10, LETTERS),
        kind=kind,
        original_language=language,
        sent_by=by,
        made_at=at,
    )
    trail.note("story.begun", story, by=by, at=at)
    return story


@transaction.atomic
def save(story: Story, content: Mapping[str, Any], *, revision: int, by: User, at: datetime) -> Story:
    """
    Store what was written: `language`, `title`, `speaker`, `sentence`, `text`, and `people`, the consents of whoever is seen. `revision`
    is the one that `by` started from. Raise NotDone once it is sent, and ChangedMeanwhile when it is another one by now.
    """
    story = held(story)
    if story.state not in EDITABLE:
        raise NotDone(_("Not saved: the story is with the bulletin desk now. Reload the page."))
    if story.revision != revision:
        raise ChangedMeanwhile(story)
    before, code = story.original_language, content["language"]
    for name in ("title", "sentence", "text"):
        words = {key: text for key, text in getattr(story, name).items() if key not in {before, code}}
        setattr(story, name, {**({code: content[name]} if content[name] else {}), **words})
    story.original_language, story.speaker, story.sent_by = code, content["speaker"], by
    story.writers = sorted({*story.writers, by.pk})
    story.revision += 1
    story.save()
    story.people.set(content["people"])
    return story


def faults(story: Story) -> Iterator[str]:
    """Yield what is missing before a story can be sent; three queries."""
    code = story.original_language
    if not story.title.get(code):
        yield _("Give it a title.")
    if story.kind == Story.Kind.TEXT and not story.text.get(code):
        yield _("Write the story.")
    if story.kind == Story.Kind.VIDEO and not story.files.filter(role=StoryFile.Role.ORIGINAL).exists():
        yield unfinished(story) or _("Record a video, or choose one.")
    if story.kind == Story.Kind.PICTURES:
        pictures = story.files.filter(role=StoryFile.Role.PICTURE)
        if not pictures.exists():
            yield unfinished(story) or _("Choose a picture.")
        elif any(not one.alt_text.get(code) for one in pictures):
            yield _("Say in words what each picture shows, for those who can’t see it.")


def unfinished(story: Story) -> str:
    """Return that a file is on its way, "" when none is; one query."""
    if story.uploads.exists():
        return _("The file has not arrived yet. Choose it again, and it goes on where it stopped.")
    return ""


@transaction.atomic
def send(story: Story, *, by: User, at: datetime) -> Story:
    """
    Hand a story to whoever looks at it. Consents may follow: it is published only when everybody seen has signed. Raise NotDone with
    what is missing.
    """
    story = held(story)
    if story.state not in EDITABLE:
        raise NotDone(_("Not sent: the story is with the bulletin desk already."))
    if found := list(faults(story)):
        raise NotDone(" ".join([_("Not sent yet."), *found]))
    if not A_DAY.allow(f"municipality-{story.municipality_id}", at=at):
        raise NotDone(_("Not sent: that is enough for one day. Your draft is kept; send it tomorrow."))
    story.state, story.sent_by, story.sent_at, story.remark = State.SENT, by, at, ""
    story.checked_by = story.checked_at = None
    story.digest, story.digest_version = moderation.written_digest(story), CURRENT
    story.writers = sorted({*story.writers, by.pk})
    story.revision += 1
    story.save()
    trail.note("story.sent", story, by=by, at=at, revision=story.revision)
    if story.kind == Story.Kind.VIDEO:
        jobs.enqueue(story, StoryJob.Kind.SIZES, at=at)
    moderation.arrived(story, at=at)
    return story


@transaction.atomic
def withdraw_by_sender(story: Story, *, by: User, at: datetime) -> None:
    """
    Take a story away: a draft that was never sent is deleted, a sent one withdrawn, and a published one off everywhere at once. Raise
    NotDone for one that has ended.
    """
    story = held(story)
    if story.state in ENDED:
        raise NotDone(_("Not withdrawn: it is not published, and nobody is looking at it. Reload the page."))
    if story.sent_at is None:
        discard(story, by=by, at=at)
        return
    moderation.withdraw(story, by=by, at=at)


def discard(story: Story, *, by: User | None, at: datetime) -> None:
    """Delete a draft with its files. Inside a transaction."""
    trail.note("story.discarded", story, by=by, at=at)
    stored_files.forget_files_of(story)
    story.delete()
