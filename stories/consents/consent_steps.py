"""
Consents of people seen: asked for, signed on a phone or by a link, taken back. One holds for all stories of its municipality. What is
signed is kept word by word. Taken back, it takes every story with that person off everywhere at once (StoryQuerySet.shown).
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.translated_fields import in_language
from delivery.links.signing import LinkSigner
from lib.text.characters import visible_text
from notifications import outbox
from stories.models import Municipality, Story, StoryConsent
from stories.moderation import story_steps as moderation

from . import notices

PURPOSE = "stories.consent"
MOST_PEOPLE = 200  # whom one municipality may ask
LONGEST_NAME, LONGEST_MARK = 120, 60


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


class NameTaken(NotDone):
    """Somebody of this name was asked before: `people` are those who may be meant. A person says whether it is one of them."""

    def __init__(self, people: list[StoryConsent]) -> None:
        super().__init__(
            _("%(name)s was asked before. Say whether this is the same person.") % {"name": people[0].name}
        )
        self.people = people


class DeadLink(Exception):
    """A link that names no consent. The text says so."""


def in_one_line(typed: str) -> str:
    """Return what was typed without what nobody sees, and with single spaces."""
    return " ".join(visible_text.seen(typed).split())


def name_of(typed: str) -> str:
    """Return a name as it is kept. Raise NotDone for none, or one that is too long."""
    name = in_one_line(typed)
    if not name or len(name) > LONGEST_NAME:
        raise NotDone(_("Write the name of the person who is seen."))
    return name


@transaction.atomic
def ask(
    municipality: Municipality, name: str, *, is_minor: bool, known_as: str = "", by: User, at: datetime
) -> StoryConsent:
    """
    Note somebody who is seen, to be asked. A consent is one person's, so a second one of a name needs `known_as`, by which the two
    are told apart. Raise NameTaken without it, and for what another of that name is known as; NotDone.
    """
    name, known_as = name_of(name), in_one_line(known_as)[:LONGEST_MARK]
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # two phones at once
    rows = municipality.consents.filter(withdrawn_at=None)
    if len(rows) >= MOST_PEOPLE:
        raise NotDone(_("Not added: %(n)d people are enough. Take those off whom no story shows.") % {"n": MOST_PEOPLE})
    people = [one for one in rows if one.is_minor == is_minor and one.name.casefold() == name.casefold()]
    if people and known_as.casefold() in {"", *(one.known_as.casefold() for one in people)}:
        raise NameTaken(people)
    row: StoryConsent = municipality.consents.create(
        name=name, is_minor=is_minor, known_as=known_as if people else "", asked_by=by, asked_at=at
    )
    trail.note("story.consent_asked", municipality, by=by, at=at, consent=row.pk)
    return row


def text_of(consent: StoryConsent, language: str) -> str:
    """Return what is signed, in a language: whole, as it will be kept."""
    campaign = consent.municipality.campaign
    with override(language):
        text = next((row for row in campaign.languages.all() if row.code == language), None)
        places = {
            "municipality": in_language(consent.municipality.name, language),
            "campaign": text.name if text else campaign.slug,
        }
        who = (
            _(
                "I am the guardian, and I agree that the child may be seen and heard in videos and pictures that %(municipality)s sends to %(campaign)s."
            )
            if consent.is_minor
            else _(
                "I agree that I may be seen and heard in videos and pictures that %(municipality)s sends to %(campaign)s."
            )
        )
        return "\n".join(
            [
                who % places,
                _("They are published on its website, and others may show and share them."),
                _("This holds for all stories of the municipality, until I take it back. I can do that at any time by the same link, without a reason: then they disappear from the website at once, and whoever took them along is asked to remove them."),
            ]
        )  # fmt: skip


@transaction.atomic
def sign(consent: StoryConsent, *, language: str, guardian: str = "", by: User | None = None, at: datetime) -> None:
    """
    Sign a consent in a language; for a minor the guardian does, by name. `by` is on whose phone it was, None for the link that its person
    has. Raise NotDone without a guardian's name, and for one that was taken back, which is given anew by its link alone.
    """
    row = held(consent)
    if row.holds:
        return
    if by is not None and row.withdrawn_at is not None:
        raise NotDone(_("Not agreed: it was taken back. Only its person can agree anew, by the link that they have."))
    if row.is_minor:
        row.guardian = name_of(guardian)
    row.language, row.agreed_to, row.signed_at, row.withdrawn_at = language, text_of(row, language), at, None
    row.save()
    trail.note("story.consent_signed", row.municipality, by=by, at=at, consent=row.pk, language=language)
    if is_shown(row):  # perhaps nobody else’s is missing any more
        moderation.note_shown(row.municipality.campaign)
        page_changes.changed()


@transaction.atomic
def take_back(consent: StoryConsent, *, by: User | None, at: datetime) -> None:
    """Take a consent back: every story with this person is off everywhere at once. Twice changes nothing more."""
    row = held(consent)
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    trail.note("story.consent_withdrawn", row.municipality, by=by, at=at, consent=row.pk)
    if moderation.consent_taken_back(row, at=at):
        tell_checkers(row, at=at)


def tell_checkers(consent: StoryConsent, *, at: datetime) -> None:
    """Tell whoever looks at stories which published ones are off; nobody’s name is in it."""
    for story in consent.stories.filter(state=Story.State.PUBLISHED).select_related("campaign"):
        path = reverse("admin:stories_story_change", args=[story.pk])
        outbox.write(notices.CONSENT_GONE, moderation.checkers(story), about=story, text=str(story), path=path, at=at)


def held(consent: StoryConsent) -> StoryConsent:
    """Return a consent as it stands, for this transaction alone."""
    rows = StoryConsent.objects.select_for_update(of=("self",)).select_related("municipality__campaign")
    return rows.get(pk=consent.pk)


def is_shown(consent: StoryConsent) -> bool:
    """Return whether somebody is in a published story; one query."""
    return consent.stories.filter(state=Story.State.PUBLISHED).exists()


# --- The link ----------------------------------------------------------------------------------------


def token_of(consent: StoryConsent) -> str:
    """Return what stands in the link of a consent."""
    return LinkSigner(PURPOSE).sign(str(consent.pk))


def address_of(consent: StoryConsent) -> str:
    """Return the link by which somebody signs and takes back, in the active language."""
    return settings.PUBLIC_URL + reverse("consents:consent", args=[token_of(consent)])


def keeper_of(consent: StoryConsent, user: User | AnonymousUser) -> User | None:
    """Return who has opened a link, if they send for its municipality: they asked, so the link is on their pages too; None for anyone else."""
    if not isinstance(user, User) or not consent.municipality.members.filter(user=user).exists():
        return None
    return user


def named_by(token: str) -> StoryConsent:
    """Return the consent that a link names. Raise DeadLink."""
    try:
        key = int(LinkSigner(PURPOSE).unsign(token))
    except (BadSignature, ValueError) as fault:
        raise DeadLink(_("This link is incomplete. Open it once more from the message that you got.")) from fault
    found = StoryConsent.objects.select_related("municipality__campaign").filter(pk=key).first()
    if found is None:
        raise DeadLink(_("What this link asked for is no longer needed, and was deleted."))
    return found
