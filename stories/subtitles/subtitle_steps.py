"""
The way of subtitles: uploaded, written or drafted by a model; changed beside the video; confirmed by a person. Readers get what was
confirmed; what is changed afterwards is a draft until it is confirmed as well.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from lib.text import subtitles
from lib.text.subtitles import Cue
from stories.models import Story, StoryFile, StoryJob, StorySubtitles
from stories.story_media import files, jobs

Origin = StorySubtitles.Origin
MOST_CHARACTERS = 400_000
# What would be a program, a picture or another page on a web page; subtitles have none, and players show it as words at best.
ACTIVE = re.compile(
    r"<[\s/]{0,9}(script|style|iframe|object|embed|svg|math|img|image|link|meta|html|body|form|input|button|base|video|audio|template)\b"
    r"|\bjavascript:",
    re.IGNORECASE,
)
SOON = timedelta(days=3)
LONGER = 5  # seconds by which the last subtitle may outlast the video: models hear the end later than it is


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


class Changed(NotDone):
    """Somebody else has saved in the meantime: `now` is what stands."""

    def __init__(self, says: str, now: StorySubtitles) -> None:
        super().__init__(says)
        self.now = now


def read(data: bytes | str) -> list[Cue]:
    """Return the cues of an SRT or WebVTT file. Raise NotDone, with the number of the line, for what players cannot show or must not."""
    text = subtitles.decode(data) if isinstance(data, bytes) else data.replace("\r\n", "\n")
    if len(text) > MOST_CHARACTERS:
        raise NotDone(_("There is more text in it than a story can have."))
    for number, line in enumerate(text.split("\n"), start=1):
        if ACTIVE.search(line):
            raise NotDone(
                _("Line %(line)d: there is code in the subtitle. Remove it; subtitles are words only.")
                % {"line": number}
            )
    try:
        return subtitles.parse(text)
    except subtitles.Unreadable as fault:
        raise NotDone(str(fault)) from fault


def of_language(story: Story, language: str) -> StorySubtitles | None:
    """Return a story's subtitles in a language; one query."""
    return story.subtitles.filter(language=language).select_related("edited_by", "confirmed_by").first()


def save(
    story: Story, language: str, data: bytes | str, *, origin: str, seen: int, by: User | None, at: datetime
) -> StorySubtitles:
    """
    Keep subtitles as a draft and return their row. `seen` is the revision that they were made from, 0 for none. Raise NotDone for what
    cannot be read, Changed when another revision stands by now.
    """
    words = subtitles.to_vtt(read(data))
    with transaction.atomic():
        held(story)
        row = of_language(story, language)
        if row is None and seen == 0:
            row = StorySubtitles.objects.create(
                story=story, language=language, origin=origin, revision=1, draft=words, edited_by=by, edited_at=at
            )
        elif row is None:
            raise NotDone(
                _(
                    "Not saved: these subtitles were removed in the meantime. Your words are still here; save them as new ones."
                )
            )
        elif row.revision != seen:
            raise Changed(_("Not saved: somebody else has saved in the meantime. Your words are still here."), row)
        elif row.draft == words:
            return row
        else:
            row.draft, row.origin = words, origin if by is None or origin == Origin.UPLOADED else row.origin
            row.edited_by, row.edited_at, row.revision = by, at, seen + 1
            row.save()
        detail = {"language": language, "origin": row.origin, "revision": row.revision}
        trail.note("story.subtitles_saved", story, by=by, at=at, digest=digest_of(words), **detail)
    return row


def held(story: Story) -> Story:
    """Return a story as it stands, for this transaction alone, so that two editors of one language meet."""
    return Story.objects.select_for_update().get(pk=story.pk)


def digest_of(words: str) -> str:
    """Return the SHA-256 (hex) of subtitles."""
    return hashlib.sha256(words.encode()).hexdigest()


def confirm(story: Story, language: str, *, seen: int, by: User, at: datetime) -> StorySubtitles:
    """
    Have readers get a draft as somebody has just seen it; its upright cut is made anew. Raise NotDone when there is nothing to confirm,
    Changed when another revision stands by now.
    """
    with transaction.atomic():
        held(story)
        row = of_language(story, language)
        if row is None:
            raise NotDone(_("Not confirmed: there are no subtitles in this language."))
        if row.revision != seen:
            raise Changed(
                _("Not confirmed: somebody else has saved in the meantime. Look at the subtitles again."), row
            )
        refuse_beyond(story, read(row.draft))
        row.vtt, row.confirmed_by, row.confirmed_at = row.draft, by, at
        row.save()
        trail.note(
            "story.subtitles_confirmed",
            story,
            by=by,
            at=at,
            digest=digest_of(row.vtt),
            language=language,
            revision=seen,
        )
        page_changes.changed()
        if story.kind == Story.Kind.VIDEO:
            jobs.enqueue(story, StoryJob.Kind.CUT, language, at=at)
    return row


def refuse_beyond(story: Story, cues: list[Cue]) -> None:
    """Raise NotDone for subtitles that begin when the video is over, or end long after it: they are of another one. One query."""
    rows = story.files.filter(role__in=[StoryFile.Role.WEB, StoryFile.Role.ORIGINAL], seconds__isnull=False)
    length = max((row.seconds or 0 for row in rows), default=0)
    for cue in cues:
        if length and cue.start >= 1000 * length:
            raise NotDone(
                _("Not confirmed: the subtitle “%(words)s” begins after the video has ended. Correct its times.")
                % {"words": cue.text.replace("\n", " ")[:60]}
            )
        if length and cue.end > 1000 * (length + LONGER):
            raise NotDone(
                _("Not confirmed: the subtitle “%(words)s” ends long after the video has ended. Correct its times.")
                % {"words": cue.text.replace("\n", " ")[:60]}
            )


@transaction.atomic
def remove(story: Story, language: str, *, seen: int, by: User, at: datetime) -> None:
    """Take subtitles away, with the cut that has them burnt in. Raise NotDone, Changed."""
    held(story)
    row = of_language(story, language)
    if row is None:
        raise NotDone(_("Nothing changed: there are no subtitles in this language."))
    if row.revision != seen:
        raise Changed(_("Not removed: somebody else has saved in the meantime."), row)
    row.delete()
    files.remove(story.files.filter(role=StoryFile.Role.CUT, label=language))
    trail.note("story.subtitles_removed", story, by=by, at=at, language=language)
    page_changes.changed()
    page_changes.note_retraction()


def due_state(story: Story, rows: Iterable[StorySubtitles], *, today: date) -> str:
    """
    Return how a story stands to the day by which the law wants its subtitles: "" (no day, or no video), "there", "waiting", "overdue". No
    query: `rows` are its subtitles.
    """
    if story.captions_due is None or story.kind != Story.Kind.VIDEO:
        return ""
    if any(row.confirmed_at for row in rows):
        return "there"
    return "overdue" if story.captions_due < today else "waiting"


def due_soon(campaign: Campaign, *, at: datetime) -> QuerySet[Story]:
    """Return the shown videos of a campaign that have no confirmed subtitles, and are to have them in three days at most, the longest due first."""
    day = campaign.local(at + SOON).date()
    lacking = Story.objects.shown(campaign).filter(kind=Story.Kind.VIDEO, captions_due__lte=day)
    return lacking.exclude(subtitles__confirmed_at__isnull=False).order_by("captions_due", "pk")
