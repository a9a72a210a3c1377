"""What a reader gets: published words only, in the reader's language where there is an edition in it."""

from .answers import (
    AnswerReading,
    answer_versions,
    answers_of,
    is_gone,
    is_playable,
    listed_answers,
    read_answer,
    read_version,
    transcript,
)
from .corrections import Change, latest_corrections
from .facts import Fact, claims_with, facts_of, latest_facts, moved_since
from .files import asset_is_public, packages_of
from .front import FrontPage, front_page
from .inputs import inputs_of, steps_of
from .topics import topics_of
from .versions import (
    Choice,
    KeyMessage,
    Reading,
    Source,
    asking,
    choose,
    choose_among,
    choose_from_archive,
    chosen,
    key_messages,
    listed,
    read,
    read_all,
    versions_of,
)

__all__ = [
    "AnswerReading",
    "Change",
    "Choice",
    "Fact",
    "FrontPage",
    "KeyMessage",
    "Reading",
    "Source",
    "answer_versions",
    "answers_of",
    "asking",
    "asset_is_public",
    "choose",
    "choose_among",
    "choose_from_archive",
    "chosen",
    "claims_with",
    "facts_of",
    "front_page",
    "inputs_of",
    "is_gone",
    "is_playable",
    "key_messages",
    "latest_corrections",
    "latest_facts",
    "listed",
    "listed_answers",
    "moved_since",
    "packages_of",
    "read",
    "read_all",
    "read_answer",
    "read_version",
    "steps_of",
    "topics_of",
    "transcript",
    "versions_of",
]
