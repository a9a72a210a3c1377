"""
What a version of a course contains, as plain data. A module is {"id", "title", "text", "picture", "alt", "video", "subtitles",
"questions"}, a question {"id", "text", "must", "options"}, an option {"text", "why", "right"}. Texts are {language: text}; `picture` and
`video` are keys of files of the course or None; `subtitles` are WebVTT; of a question with several right options all have to be chosen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lib.text.languages.languages import language_heading
from stories.models import CourseVersion

MOST_MODULES = 20
MOST_QUESTIONS = 6  # in a module
FEWEST_OPTIONS, MOST_OPTIONS = 2, 6
KEY = re.compile(r"^[mq][0-9]{1,4}$")

Module = dict[str, Any]
Question = dict[str, Any]


def new_key(letter: str, taken: Iterable[str]) -> str:
    """Return the next key of a module ("m") or a question ("q"), beside those that are taken."""
    return f"{letter}{max((int(key[1:]) for key in taken), default=0) + 1}"


def questions_of(modules: Sequence[Module]) -> Iterator[Question]:
    """Yield every question, in order."""
    for module in modules:
        yield from module["questions"]


def find(rows: Iterable[dict[str, Any]], key: str) -> dict[str, Any] | None:
    """Return the module or question with a key, or None."""
    return next((one for one in rows if one["id"] == key), None)


def right_places(question: Question) -> list[int]:
    """Return the places of the right options, from 0."""
    return [place for place, option in enumerate(question["options"]) if option["right"]]


def takes_several(question: Question) -> bool:
    """Return whether more than one option is right."""
    return len(right_places(question)) > 1


def rule_of(version: CourseVersion) -> dict[str, Any]:
    """Return what has to be right for a version to be finished, as an attempt keeps it."""
    must = [question["id"] for question in questions_of(version.modules) if question["must"]]
    return {"share": version.share, "must": must}


def texts(version: CourseVersion) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (where it stands, {language: text}) of each text that every language of a version needs."""
    yield _("Title"), version.title
    yield _("Summary"), version.summary
    for number, module in enumerate(version.modules, start=1):
        place = _("Module %(n)d") % {"n": number}
        yield place, module["title"]
        yield place, module["text"]
        if module["picture"]:
            yield _("%(place)s, alt text") % {"place": place}, module["alt"]
        if module["video"]:
            yield _("%(place)s, subtitles") % {"place": place}, module["subtitles"]
        for question in module["questions"]:
            yield _("%(place)s, question") % {"place": place}, question["text"]
            for option in question["options"]:
                yield _("%(place)s, answer") % {"place": place}, option["text"]
                yield _("%(place)s, explanation") % {"place": place}, option["why"]


def lacking(version: CourseVersion, code: str) -> list[str]:
    """Return where the text of a language is missing, each place once."""
    return list(dict.fromkeys(place for place, written in texts(version) if not written.get(code)))


def faults(version: CourseVersion, codes: Iterable[str], later: Iterable[str]) -> Iterator[str]:
    """Yield what keeps a version from being checked; `codes` are the campaign's languages, `later` those that may follow."""
    if not version.modules:
        yield _("It has no module yet.")
    for code in codes:
        missing = lacking(version, code)
        is_begun = any(written.get(code) for _place, written in texts(version))
        if missing and (is_begun or code not in later):
            yield _("%(language)s is not complete: %(places)s.") % {
                "language": language_heading(code),
                "places": "; ".join(missing),
            }
    asked = list(questions_of(version.modules))
    for question in asked:
        right = len(right_places(question))
        if not right or len(question["options"]) < FEWEST_OPTIONS or right == len(question["options"]):
            yield _("A question needs at least two answers, one of them right and one of them wrong: %(question)s") % {
                "question": next(iter(question["text"].values()), "")
            }
    if version.modules and not asked:
        yield _("It asks nothing yet. Add at least one question.")


def language_of(version: CourseVersion, wanted: Sequence[str]) -> str:
    """Return the first of the languages wanted in which a version is complete, else the one with the most of it."""
    for code in wanted:
        if version.title.get(code) and not lacking(version, code):
            return code
    return min(version.title, key=lambda code: len(lacking(version, code)), default="")


def file_keys(modules: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the keys of the pictures and videos that modules show."""
    return {module[name] for module in modules for name in ("picture", "video") if module[name]}
