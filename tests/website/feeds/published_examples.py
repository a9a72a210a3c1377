"""Bulletins and answers in every state, for the tests of what machines fetch."""

from datetime import datetime, timedelta
from typing import Any

from bulletins.models import Bulletin, Version
from bulletins.publication import corrections
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from tests.support import builders

SITE = "https://bulletins.example"
NOON = builders.NOON
LATER = NOON + timedelta(hours=2)
WHAT_CHANGED = builders.in_all(en="The day was wrong.")
REASON = builders.in_all(en="The decision was taken back.")


def live(**fields: Any) -> Any:
    """Return a campaign that is no exercise."""
    return builders.build_campaign("kriisi", mode="live", **fields)


def told(campaign: Any, *, at: datetime = NOON, words: str = "", topic: Any = None, **fields: Any) -> Version:
    """Publish a bulletin that says `words` everywhere, the builder's own if there are none, and return its version."""
    bulletin = builders.build_bulletin(campaign, at=at, **fields)
    if topic:
        bulletin.topics.add(topic)
    if words:
        say(bulletin, words)
    return builders.published(bulletin, at=at)


def say(bulletin: Bulletin, words: str) -> None:
    """Put words into everything that a bulletin says."""
    bulletin.editions.update(title=words, subject=words[:60], preheader=words, body=f"{words}\n\n- {words}")
    bulletin.key_messages.update(text=dict.fromkeys(builders.LANGUAGES, words))
    bulletin.calls_to_action.update(text=dict.fromkeys(builders.LANGUAGES, words))


def corrected(version: Version, *, at: datetime = LATER, words: str = "") -> Version:
    """Publish a correction and return its version."""
    bulletin = Bulletin.objects.get(pk=version.bulletin_id)
    corrections.start_correction(bulletin, by=builders.editor(), at=at, what_changed=WHAT_CHANGED)
    if words:
        say(bulletin, words)
    return builders.published(bulletin, at=at)


def withdrawn(version: Version, *, at: datetime = LATER) -> Version:
    """Publish a withdrawal and return its version."""
    bulletin = Bulletin.objects.get(pk=version.bulletin_id)
    corrections.retract(bulletin, by=builders.editor(), at=at, what_changed=REASON)
    return builders.published(bulletin, at=at)


def answered(
    campaign: Any, slug: str = "masks", *, at: datetime = NOON, words: str = "Yes.", topic: Any = None
) -> Answer:
    """Publish an answer and return it."""
    label = builders.in_all(en=f"Do {slug} help?")
    authority = builders.build_authority(f"authority-{slug}")
    group = QuestionGroup.objects.create(campaign=campaign, slug=slug, label=label, authority=authority, topic=topic)
    answer = Answer.objects.create(group=group, authority=authority, text=builders.in_all(en=words))
    answer_workflow.freeze(answer, by=builders.second_person(), at=at)
    answer.refresh_from_db()
    return answer


def answer_withdrawn(answer: Answer, *, at: datetime = LATER) -> None:
    """Withdraw an answer."""
    root = builders.build_user("root", "admin", is_superuser=True)
    builders.withdraw_answer(answer, why=REASON, by=root, at=at)
