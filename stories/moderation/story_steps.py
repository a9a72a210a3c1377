"""
The way of a story at the desk: somebody else than the sender looks at it, accepts exactly that, and publishes it with its themes; or
sends it back, or refuses it. Withdrawn, it is gone everywhere. Each step names the revision that was looked at, so that of two people
at once the second is told and nothing is lost.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.notice_kinds import Kind
from stories.models import MunicipalityMember, Story, StoryConsent, StoryFile, StoryTake, StoryTheme
from stories.story_media import jobs

from . import notices, story_words

State = Story.State
CHECK = "stories.check_story"
CAPTIONS_WITHIN = timedelta(days=14)  # Finland's act 306/2019, as it is read
OPEN = (State.SENT, State.ACCEPTED, State.PUBLISHED)  # what the desk may change the words of
NOT_OVER = (State.DRAFT, State.SENT, State.RETURNED, State.ACCEPTED, State.PUBLISHED)


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


def held(story: Story, *, read: int | None = None) -> Story:
    """
    Return a story as it stands, for this transaction alone. Raise NotDone when it is not the revision that was `read`; None is whoever
    read none, as the sender who withdraws it.
    """
    row = Story.objects.select_for_update(of=("self",)).select_related("campaign", "municipality").get(pk=story.pk)
    if read is not None and row.revision != read:
        raise NotDone(_("Not done: somebody else has changed this story since you opened it. Look at it as it is now."))
    return row


def stored(story: Story, verb: str, *, by: User, at: datetime, **detail: Any) -> None:
    """Store what a step changed, and that it was taken."""
    story.revision += 1
    story.save()
    trail.note(f"story.{verb}", story, by=by, at=at, digest=story.digest, revision=story.revision, **detail)


# --- Who may, and what is missing -------------------------------------------------------------------------


def why_not(story: Story, by: User) -> str:
    """Return why somebody cannot be the second person for a story as it is proposed, "" if they can; a query."""
    if story.sent_by_id == by.pk:
        return _("You sent it, so a colleague looks at it.")
    if story.words_by_id == by.pk:
        return _("You changed its words, so a colleague looks at it.")
    if MunicipalityMember.objects.filter(municipality=story.municipality_id, user=by).exists():
        return _("You send stories for this municipality, so a colleague looks at it.")
    return ""


def waits(story: Story, files: list[StoryFile]) -> bool:
    """Return whether a second person is wanted for a story: it was sent, its words are to change, or it is not what was accepted."""
    if story.state not in OPEN:
        return False
    is_as_accepted = story.digest == story_words.fingerprint(story, files, proposed=False)
    return story.state == State.SENT or bool(story.words) or not is_as_accepted


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
    if story.kind == Story.Kind.VIDEO and not story.files.filter(role=StoryFile.Role.WEB).exists():
        yield jobs.trouble(story) or _("The video is still being made ready for the web.")


# --- Before it is published ----------------------------------------------------------------------------


def arrived(story: Story, *, at: datetime) -> None:
    """Tell those who may look at a story that it waits: whoever sends it calls this in their transaction."""
    out = {
        story.sent_by_id,
        *MunicipalityMember.objects.filter(municipality=story.municipality_id).values_list("user", flat=True),
    }
    tell(notices.STORY_WAITS, story, [one for one in checkers(story) if one.pk not in out], at=at)


@transaction.atomic
def set_themes(story: Story, themes: Collection[StoryTheme], *, read: int, by: User, at: datetime) -> None:
    """Say what a story is about. Raise NotDone for a theme of another campaign."""
    story = held(story, read=read)
    if story.state not in OPEN:
        raise NotDone(_("Not saved: it does not wait to be looked at any more. Reload the page."))
    if any(one.campaign_id != story.campaign_id for one in themes):
        raise NotDone(_("Not saved: this theme belongs to another campaign."))
    if story.state == State.PUBLISHED and not themes:
        raise NotDone(_("Not saved: a published story has at least one theme."))
    story.themes.set(themes)
    stored(story, "themes", by=by, at=at, themes=sorted(one.slug for one in themes))
    if story.state == State.PUBLISHED:
        page_changes.changed()


@transaction.atomic
def propose_words(story: Story, told: Mapping[str, Mapping[str, Any]], *, read: int, by: User, at: datetime) -> None:
    """
    Propose words for a story: titles, sentences and texts in further languages, alt texts. Readers get them once somebody else has looked at
    them. Raise NotDone.
    """
    story = held(story, read=read)
    if story.state not in OPEN:
        raise NotDone(_("Not saved: it does not wait to be looked at any more. Reload the page."))
    files = story_words.files_of(story)
    found = story_words.changes(story, files, told)
    if story.words and story.words_by_id not in {None, by.pk} and found != story.words:
        raise NotDone(_("Not saved: the words that a colleague proposed wait to be looked at. Look at these first."))
    now = story_words.words_of(story, files, proposed=False)
    if not (now["title"] | found.get("title", {})).get(story.original_language):
        raise NotDone(_("Not saved: the title in the language of the story is missing."))
    story.words, story.words_by = found, by if found else None
    stored(story, "words_proposed", by=by, at=at)
    if found and story.state in {State.ACCEPTED, State.PUBLISHED}:
        tell(notices.STORY_WORDS, story, [one for one in checkers(story) if one.pk != by.pk], at=at)


@transaction.atomic
def accept(story: Story, *, digest: str, read: int, by: User, at: datetime) -> None:
    """
    Say, as a second person, that exactly what `by` has looked at may be shown: a story that waits, or words that were proposed for one that
    was accepted before. Raise NotDone for its sender, for whoever sends for its municipality or changed its words, and for anything else
    than was looked at.
    """
    story = held(story, read=read)
    files = story_words.files_of(story)
    if not waits(story, files):
        raise NotDone(_("Not accepted: it does not wait to be looked at any more. Reload the page."))
    if reason := why_not(story, by):
        raise NotDone(" ".join([_("Not accepted."), reason]))
    if not digest or digest != story_words.fingerprint(story, files):
        raise NotDone(_("Not accepted: it has changed since you looked at it. Look at it again."))
    story_words.put(story, files)
    story.digest, story.checked_by, story.checked_at, story.remark = digest, by, at, ""
    if story.state == State.SENT:
        story.state = State.ACCEPTED
    stored(story, "accepted", by=by, at=at)
    if story.state == State.PUBLISHED:
        page_changes.changed()


@transaction.atomic
def drop_words(story: Story, *, read: int, by: User, at: datetime) -> None:
    """Let a story say what it said: forget the words that were proposed. Raise NotDone where none were."""
    story = held(story, read=read)
    if not story.words:
        raise NotDone(_("Not done: no words are proposed any more. Reload the page."))
    story.words, story.words_by = {}, None
    stored(story, "words_dropped", by=by, at=at)


@transaction.atomic
def return_to_sender(story: Story, *, remark: str, read: int, by: User, at: datetime) -> None:
    """Ask the sender to change a story, in words. Raise NotDone unless it waits."""
    _end(story, State.RETURNED, notices.STORY_RETURNED, remark=remark, read=read, by=by, at=at)


@transaction.atomic
def refuse(story: Story, *, remark: str, read: int, by: User, at: datetime) -> None:
    """Say for good that a story is not shown, and why. Raise NotDone unless it waits."""
    _end(story, State.REFUSED, notices.STORY_REFUSED, remark=remark, read=read, by=by, at=at)


def _end(story: Story, state: Story.State, kind: Kind, *, remark: str, read: int, by: User, at: datetime) -> None:
    story = held(story, read=read)
    if story.state not in {State.SENT, State.ACCEPTED}:
        raise NotDone(_("Not done: it does not wait any more. Reload the page."))
    if not remark.strip():
        raise NotDone(_("Not done: write why, so that the sender understands."))
    story.state, story.remark, story.words, story.words_by = state, remark.strip(), {}, None
    if state == State.REFUSED:
        story.checked_by, story.checked_at = by, at
    stored(story, state.value, by=by, at=at)
    tell(kind, story, senders(story, but=by), at=at, text=story.remark)


# --- Public -----------------------------------------------------------------------------------------------


@transaction.atomic
def publish(story: Story, *, read: int, by: User, at: datetime) -> None:
    """
    Show an accepted story to everyone. Raise NotDone when it is not what was accepted any more, and with all that it still needs. A video
    has to have subtitles two weeks later.
    """
    story = held(story, read=read)
    if story.state != State.ACCEPTED:
        raise NotDone(_("Not published: it is not accepted any more. Reload the page."))
    if story.campaign.closed_at is not None:
        raise NotDone(_("Not published: the campaign has ended."))
    files = story_words.files_of(story)
    if story_words.fingerprint(story, files, proposed=False) != story.digest:
        raise NotDone(_("Not published: it has changed since it was accepted. A colleague looks at it once more."))
    if found := list(faults(story, files)):
        raise NotDone(" ".join([_("Not published."), *found]))
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
    Raise NotDone for one that is withdrawn or refused already.
    """
    story = held(story, read=read)
    if story.state not in NOT_OVER:
        raise NotDone(_("Not withdrawn: it is withdrawn or refused already. Reload the page."))
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


def tell(kind: Kind, story: Story, people: list[User], *, at: datetime, text: str = "") -> None:
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
