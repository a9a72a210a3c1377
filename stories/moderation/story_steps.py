"""
The way of a story at the desk: somebody independent of those who wrote it looks at it, accepts exactly that (agreement), and publishes it
with its themes; or sends it back, or refuses it. Withdrawn, it is gone everywhere. Each step names the revision that was looked at, so that
of two people at once the second is told and nothing is lost.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.audit import trail
from accounts.models import AuditEntry, User
from agreement import steps
from agreement.digests import CURRENT, digest_of, old_digest_of
from agreement.kinds import Columns, Kind, register
from agreement.refusals import Refused, Stale
from campaigns.http import page_changes
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from notifications import notice_kinds, outbox
from stories.models import MunicipalityMember, Story, StoryConsent, StoryFile, StoryTake, StoryTheme
from stories.story_media import jobs

from . import notices, story_words

State = Story.State
CHECK = "stories.check_story"
CAPTIONS_WITHIN = timedelta(days=14)  # Finland's act 306/2019, as it is read
OPEN = (State.SENT, State.ACCEPTED, State.PUBLISHED)  # what the desk may change the words of
NOT_OVER = (State.DRAFT, State.SENT, State.RETURNED, State.ACCEPTED, State.PUBLISHED)


class StoryAgreement(Kind[Story]):
    """
    Stories: whoever sends for the municipality, or did, and whoever proposed words since it was last accepted, wrote it. It waits when it was
    sent, when words are proposed, and when it is not what was accepted any more.
    """

    name = "story"
    covers = ("story of a municipality",)
    model = Story
    agree_permission = CHECK
    columns = Columns(edited_by="words_by", edited_at="", agreed_by="checked_by", agreed_at="checked_at")
    waiting, agreed = "sent", "accepted"
    verbs: ClassVar = {"agreed": "story.accepted", "written": "story.words_proposed"}
    agree_label = gettext_lazy("Accept")
    refusals: ClassVar = Kind.refusals | {"agreed": gettext_lazy("Not accepted.")}

    def content_of(self, row: Story) -> dict[str, Any]:
        """Return what is looked at, with the words that are proposed."""
        return story_words.content_of(row, proposed=True)

    def old_digest(self, row: Story) -> str:
        """Return the digest of 1.6.1."""
        return old_digest_of(story_words.old_content_of(row, story_words.files_of(row), proposed=False))

    def writers_of(self, row: Story) -> set[int]:
        """Return who sends or sent for its municipality, and who proposed words since it was last accepted."""
        joined = AuditEntry.objects.about(row.municipality).filter(verb="municipality.joined")
        members = MunicipalityMember.objects.filter(municipality=row.municipality_id)
        keys = {row.sent_by_id, row.words_by_id, *row.writers, *members.values_list("user", flat=True)}
        return {key for key in (*keys, *joined.values_list("actor", flat=True)) if key}

    def is_open(self, row: Story) -> bool:
        """Return whether the desk may propose other words."""
        return row.state in OPEN

    def is_waiting(self, row: Story) -> bool:
        """Return whether a second person is wanted."""
        return row.state in OPEN and (row.state == State.SENT or bool(row.words) or not self.is_stored_digest(row))

    def is_agreed(self, row: Story) -> bool:
        """Return whether somebody has accepted it."""
        return row.state in {State.ACCEPTED, State.PUBLISHED}

    def agreed_rows(self) -> Any:
        """Return what was accepted, for the audit; what was refused was checked too."""
        return super().agreed_rows().filter(state__in=[State.ACCEPTED, State.PUBLISHED])

    def is_stored_digest(self, row: Story) -> bool:
        """Return whether it still says, without what is proposed, what was accepted; before that, nothing was."""
        if row.digest == digest_of(self.name, story_words.content_of(row, proposed=False)):
            return True
        return row.digest_version == 0 and row.digest == self.old_digest(row)

    def is_as_written(self, row: Story) -> bool:
        """Return whether it still says what was sent or proposed; web sizes are made afterwards, and are looked at with it."""
        if row.state != State.SENT or (row.digest_version == 0 and not row.digest):
            return True
        return row.digest == written_digest(row)

    def faults(self, row: Story, *, at: datetime) -> Iterator[str]:
        """Yield that the film is not there yet that would be published: what is looked at is what is published."""
        yield from missing_film(row)

    def on_agreed(self, row: Story, *, by: User, at: datetime) -> None:
        """Let it say what was proposed; what is published stays so."""
        story_words.put(row, story_words.files_of(row))
        row.writers = []
        row.revision += 1
        if row.published_at is not None:
            row.state = State.PUBLISHED
            page_changes.changed()

    def noted(self, row: Story) -> dict[str, Any]:
        """Return the revision."""
        return {"revision": row.revision}


STORY = register(StoryAgreement())


def written_digest(story: Story) -> str:
    """Return the digest of what was sent, with the words that are proposed for it."""
    files = story_words.files_of(story)
    return digest_of("story.sent", story_words.old_content_of(story, files, proposed=True))


def held(story: Story, *, read: int | None = None) -> Story:
    """
    Return a story as it stands, for this transaction alone. Raise Refused when it is not the revision that was `read`; None is whoever
    read none, as the sender who withdraws it.
    """
    row = Story.objects.select_for_update(of=("self",)).select_related("campaign", "municipality").get(pk=story.pk)
    if read is not None and row.revision != read:
        raise Stale(_("Not done: somebody else has changed this story since you opened it. Look at it as it is now."))
    return row


def stored(story: Story, verb: str, *, by: User, at: datetime, **detail: Any) -> None:
    """Store what a step changed, and that it was taken."""
    story.revision += 1
    if story.state == State.SENT:
        story.digest, story.digest_version = written_digest(story), CURRENT
    story.save()
    trail.note(f"story.{verb}", story, by=by, at=at, digest=story.digest, revision=story.revision, **detail)


# --- Who may, and what is missing -------------------------------------------------------------------------


def lacking(story: Story) -> list[StoryConsent]:
    """Return the people seen whose consent does not hold; one query."""
    return [one for one in story.people.all() if not one.holds]


def faults(story: Story, files: list[StoryFile]) -> Iterator[str]:
    """Yield what a story still needs before it can be published; four queries at most."""
    words = story_words.words_of(story, files, proposed=False)
    if not story.themes.exists():
        yield _("Choose at least one theme.")
    if people := lacking(story):
        names = ", ".join(str(one) for one in people)
        yield ngettext(
            "The consent of one person is missing: %(names)s.",
            "The consent of %(n)d people is missing: %(names)s.",
            len(people),
        ) % {"n": len(people), "names": names}
    if any(one.role == StoryFile.Role.PICTURE and not words["alt"].get(str(one.pk)) for one in files):
        yield _("Write an alt text for every picture.")
    if story.kind == Story.Kind.PICTURES and not any(one.role == StoryFile.Role.PICTURE for one in files):
        yield _("There is no picture in it.")
    yield from missing_film(story)


def missing_film(story: Story) -> Iterator[str]:
    """Yield that a video has no web size yet; two queries at most."""
    if story.kind == Story.Kind.VIDEO and not story.files.filter(role=StoryFile.Role.WEB).exists():
        yield jobs.trouble(story) or _("The video is still being made ready for the web.")


# --- Before it is published ----------------------------------------------------------------------------


def arrived(story: Story, *, at: datetime) -> None:
    """Tell those who may look at a story that it waits: whoever sends it calls this in their transaction."""
    writers = STORY.writers_of(story)
    tell(notices.STORY_WAITS, story, [person for person in checkers(story) if person.pk not in writers], at=at)


@transaction.atomic
def set_themes(story: Story, themes: Collection[StoryTheme], *, read: int, by: User, at: datetime) -> None:
    """Say what a story is about. Raise Refused for a theme of another campaign."""
    story = held(story, read=read)
    if story.state not in OPEN:
        raise Refused(_("Not saved: it does not wait to be looked at any more. Reload the page."))
    if any(one.campaign_id != story.campaign_id for one in themes):
        raise Refused(_("Not saved: this theme belongs to another campaign."))
    if story.state == State.PUBLISHED and not themes:
        raise Refused(_("Not saved: a published story has at least one theme."))
    story.themes.set(themes)
    stored(story, "themes", by=by, at=at, themes=sorted(one.slug for one in themes))
    if story.state == State.PUBLISHED:
        page_changes.changed()


@transaction.atomic
def propose_words(story: Story, told: Mapping[str, Mapping[str, Any]], *, read: int, by: User, at: datetime) -> None:
    """
    Propose words for a story: titles, sentences and texts in further languages, alt texts. Readers get them once somebody else has looked at
    them. Raise Refused.
    """
    story = held(story, read=read)
    if story.state not in OPEN:
        raise Refused(_("Not saved: it does not wait to be looked at any more. Reload the page."))
    files = story_words.files_of(story)
    found = story_words.changes(story, files, told)
    if found == story.words:
        return
    if story.words and story.words_by_id not in {None, by.pk}:
        raise Refused(_("Not saved: the words that a colleague proposed wait to be looked at. Look at these first."))
    now = story_words.words_of(story, files, proposed=False)
    if not (now["title"] | found.get("title", {})).get(story.original_language):
        raise Refused(_("Not saved: the title in the language of the story is missing."))
    story.words, story.words_by = found, by if found else None
    story.writers = sorted({*story.writers, by.pk})
    stored(story, "words_proposed", by=by, at=at)
    if found and story.state in {State.ACCEPTED, State.PUBLISHED}:
        tell(notices.STORY_WORDS, story, [one for one in checkers(story) if one.pk != by.pk], at=at)


@transaction.atomic
def accept(story: Story, *, digest: str, read: int, by: User, at: datetime) -> None:
    """
    Say, as a second person, that exactly what `by` has looked at may be shown: a story that waits, or words that were proposed for one that
    was accepted before. Raise Refused.
    """
    steps.agree(STORY, held(story, read=read), seen=digest, by=by, at=at)


@transaction.atomic
def drop_words(story: Story, *, read: int, by: User, at: datetime) -> None:
    """Let a story say what it said: forget the words that were proposed. Raise Refused where none were."""
    story = held(story, read=read)
    if not story.words:
        raise Refused(_("Not done: no words are proposed any more. Reload the page."))
    story.words, story.words_by = {}, None
    stored(story, "words_dropped", by=by, at=at)


@transaction.atomic
def return_to_sender(story: Story, *, remark: str, read: int, by: User, at: datetime) -> None:
    """Ask the sender to change a story, in words. Raise Refused unless it waits."""
    _end(story, State.RETURNED, notices.STORY_RETURNED, remark=remark, read=read, by=by, at=at)


@transaction.atomic
def refuse(story: Story, *, remark: str, read: int, by: User, at: datetime) -> None:
    """Say for good that a story is not shown, and why. Raise Refused unless it waits."""
    _end(story, State.REFUSED, notices.STORY_REFUSED, remark=remark, read=read, by=by, at=at)


def _end(
    story: Story, state: Story.State, kind: notice_kinds.Kind, *, remark: str, read: int, by: User, at: datetime
) -> None:
    story = held(story, read=read)
    if story.state not in {State.SENT, State.ACCEPTED}:
        raise Refused(_("Not done: it does not wait any more. Reload the page."))
    if not remark.strip():
        raise Refused(_("Not done: write why, so that the sender understands."))
    story.state, story.remark, story.words, story.words_by = state, remark.strip(), {}, None
    if state == State.REFUSED:
        story.checked_by, story.checked_at = by, at
    stored(story, state.value, by=by, at=at)
    tell(kind, story, senders(story, but=by), at=at, text=story.remark)


# --- Public -----------------------------------------------------------------------------------------------


@transaction.atomic
def publish(story: Story, *, read: int, by: User, at: datetime) -> None:
    """
    Show an accepted story to everyone. Raise Refused when it is not what was accepted any more, and with all that it still needs. A video
    has to have subtitles two weeks later.
    """
    story = held(story, read=read)
    if story.state != State.ACCEPTED:
        raise Refused(_("Not published: it is not accepted any more. Reload the page."))
    if story.campaign.closed_at is not None:
        raise Refused(_("Not published: the campaign has ended."))
    if not STORY.is_stored_digest(story):
        raise Refused(_("Not published: it has changed since it was accepted. A colleague looks at it once more."))
    if found := list(faults(story, story_words.files_of(story))):
        raise Refused(" ".join([_("Not published."), *found]))
    story.state, story.published_at = State.PUBLISHED, at
    if story.kind == Story.Kind.VIDEO:
        story.captions_due = (story.campaign.local(at) + CAPTIONS_WITHIN).date()
    stored(story, "published", by=by, at=at)
    note_shown(story.campaign)
    page_changes.changed()
    tell(notices.STORY_PUBLISHED, story, senders(story), at=at)


@transaction.atomic
def withdraw(story: Story, *, by: User, at: datetime, read: int | None = None) -> None:
    """
    Take a story away from everyone at once, for good: the desk, or whoever sends for its municipality. Whoever took it along is told.
    Raise Refused for one that is withdrawn or refused already.
    """
    story = held(story, read=read)
    if story.state not in NOT_OVER:
        raise Refused(_("Not withdrawn: it is withdrawn or refused already. Reload the page."))
    was_shown = story.published_at is not None
    story.state, story.withdrawn_at = State.WITHDRAWN, at
    stored(story, "withdrawn", by=by, at=at)
    if was_shown:
        gone([story], at=at)
    tell(notices.STORY_WITHDRAWN, story, senders(story, but=by), at=at)


@transaction.atomic
def consent_taken_back(consent: StoryConsent, *, at: datetime) -> int:
    """
    Hide every published story in which somebody is seen who has taken their consent back, and tell whoever took one along; return how many.
    Whoever stores `withdrawn_at` calls this in the same transaction.
    """
    stories = list(
        consent.stories.filter(state=State.PUBLISHED).select_related("campaign", "municipality").order_by("pk")
    )
    for story in stories:
        trail.note("story.hidden", story, by=None, at=at, digest=story.digest)
    if stories:
        gone(stories, at=at)
    return len(stories)


def gone(stories: Iterable[Story], *, at: datetime) -> None:
    """Let nobody be shown stories any more, from the next request on, and tell whoever took them along."""
    page_changes.note_retraction()
    for story in stories:
        note_shown(story.campaign)
        takes = StoryTake.objects.filter(story=story, told_at=None).select_related("user")
        people = [one.user for one in takes if one.user.is_active]
        takes.update(told_at=at)
        for person in people:
            with override(story.campaign.language_for(person)):
                path = reverse("influencers:story", args=[story.key])
                text = "\n".join([in_language(story.title), _("If you shared it, please take it down.")])
            outbox.write(notices.STORY_GONE, [person], about=story, text=text, path=path, at=at)


def note_shown(campaign: Campaign) -> None:
    """Note with the campaign whether anyone may see a story of it."""
    Campaign.objects.filter(pk=campaign.pk).update(has_stories=Story.objects.shown(campaign).exists())


# --- Who is told ------------------------------------------------------------------------------------------


def checkers(story: Story) -> list[User]:
    """Return who may look at stories of a campaign."""
    return list(User.objects.staff_with(CHECK, story.campaign_id))


def senders(story: Story, *, but: User | None = None) -> list[User]:
    """Return who sends for a story's municipality and still has a login."""
    members = User.objects.filter(municipalities__municipality=story.municipality_id, is_active=True)
    return [one for one in members.order_by("pk") if one != but]


def tell(kind: notice_kinds.Kind, story: Story, people: list[User], *, at: datetime, text: str = "") -> None:
    """Tell people of a step, each with the address of their own page of the story."""
    desk = reverse("admin:stories_story_change", args=[story.pk])
    for person in people:
        with override(story.campaign.language_for(person)):
            path = desk if person.is_staff else own_page(story)
            words = "\n".join(filter(None, [in_language(story.title), text]))
        outbox.write(kind, [person], about=story, text=words, path=path, at=at)


def own_page(story: Story) -> str:
    """Return the address of a story's page for whoever sends for its municipality."""
    return reverse("municipality:story", args=[story.key])
