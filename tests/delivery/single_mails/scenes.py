"""One row of each kind of single mail that is due at NOON, by the shortest way to it. Each returns the address that its mail goes to."""

from collections.abc import Callable
from typing import Any

from campaigns.models import Campaign
from delivery.models import NewAddress, SeedAddress, SignUp
from impact.models import Asked
from influencers.inbox import thread_messages
from influencers.models import Application
from influencers.notices import THANKS
from influencers.onboarding import invitations
from notifications import outbox
from notifications.models import NoticeCopy, StaffAddress
from stories.municipalities import invitations as municipality_invitations
from tests.impact.pretests import scene as pretest_scene
from tests.impact.surveys import scene as survey_scene
from tests.influencers.onboarding.joining_scene import build_door, build_invited
from tests.stories.sending.scene import build_municipality
from tests.support import builders
from tests.support.builders import NOON
from website.models import HubPing, Publication

type Scene = Callable[[Campaign], str]


def invitation(campaign: Campaign) -> str:
    build_door(campaign)
    person = build_invited(campaign)
    invitations.invite([person], by=builders.build_user("liisa", "liaison"), at=NOON)
    return person.recipient.email


def municipality_invitation(campaign: Campaign) -> str:
    town = build_municipality(campaign)
    municipality_invitations.invite(town, "mayor@town.example", language="en", by=builders.editor(), at=NOON)
    return "mayor@town.example"


def conversation(campaign: Campaign) -> str:
    ines = builders.build_influencer(campaign, "ines")
    liisa = builders.build_user("liisa", "liaison")
    thread_messages.answer(thread_messages.thread_of(ines), "Saa tulla.", by=liisa, at=NOON)
    return ines.recipient.email


def notice(campaign: Campaign) -> str:
    reader = builders.build_user("ines", "influencer")
    outbox.write(THANKS, [reader], campaign=campaign, text="Thanks", path="/", at=NOON)
    return reader.email


def seed_question(campaign: Campaign) -> str:
    return SeedAddress.objects.create(campaign=campaign, email="press@example.org", language="en").email


def sign_up(campaign: Campaign) -> str:
    audience = builders.build_digest(campaign)
    topics = builders.build_subscription(audience).topics
    row = {"campaign": campaign, "audience": audience, "topics": topics, "language": "en", "text_version": "1"}
    return SignUp.objects.create(**row, email="elli@example.net", place="a", asked_at=NOON, mail_due_at=NOON).email


def new_address(campaign: Campaign) -> str:
    subscription = builders.build_subscription(builders.build_digest(campaign))
    row = {"subscription": subscription, "place": "a", "asked_at": NOON, "mail_due_at": NOON}
    return NewAddress.objects.create(**row, email="new@example.net").email


def join_code(campaign: Campaign) -> str:
    build_door(campaign)
    row = {"language": "en", "browser": "x", "code_sent_at": NOON, "mail_due_at": NOON, "created_at": NOON}
    return Application.objects.create(campaign=campaign, email="elli@example.org", **row).email


def survey(campaign: Campaign) -> str:
    alma, oskar = builders.editor(), builders.second_person()
    running = survey_scene.running(campaign, alma=alma, oskar=oskar, at=NOON, language="en")
    person = running.asked.select_related("recipient").order_by("pk")[0]
    Asked.objects.exclude(pk=person.pk).update(is_mailed=True)
    return person.recipient.email


def pretest(campaign: Campaign) -> str:
    ines = builders.build_influencer(campaign, "ines")
    draft = builders.build_bulletin(campaign, by=builders.editor())
    people = [ines.recipient_id]
    pretest_scene.show(draft, by=builders.second_person(), at=NOON, way="chosen", people=people, hours=72)
    return ines.recipient.email


MAILS: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        *(invitation, municipality_invitation, conversation, notice, seed_question),
        *(sign_up, new_address, join_code, survey, pretest),
    )
}


def hub_ping(campaign: Campaign) -> str:
    version = builders.build_published_version(campaign)
    publication = Publication.objects.filter(campaign=campaign).first() or Publication.objects.create(
        campaign=campaign, version=version, at=NOON
    )
    HubPing.objects.create(publication=publication, next_attempt_at=NOON)
    return ""


def notice_copy(campaign: Campaign) -> str:
    colleague = builders.build_user("oskar", "approver")
    [row] = outbox.write(THANKS, [colleague], campaign=campaign, text="Thanks", path="/", at=NOON)
    to = StaffAddress.objects.create(user=colleague, channel="sms", address="+358401234567", since=NOON)
    NoticeCopy.objects.create(notice=row, to=to, next_attempt_at=NOON, is_urgent=True)
    return ""


OTHERS: dict[str, Scene] = {"hub_ping": hub_ping, "notice_copy": notice_copy}
SCENES: dict[str, Scene] = MAILS | OTHERS


def row_of(kind: Any) -> Any:
    """Return the one row of a kind that is in the queue."""
    return kind(at=NOON).due().get()
