"""Courses that come with the product, as files: a campaign takes one over as a draft, which a second person then checks."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from agreement.refusals import Refused
from campaigns.models import Campaign
from lib.yaml_files import Item, read_text, yaml_item
from stories.models import Course

from . import course_steps
from .course_steps import Written

FOLDER = Path(__file__).parent / "shipped"
LANGUAGES = ("fi", "sv", "en")
Texts = dict[str, str]


def names() -> list[str]:
    """Return the short names of the courses that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(slug: str) -> Written:
    """Return a course that comes with the product, in all its languages. Raise lib.yaml_files.ContentError."""
    name = f"{slug}.yaml"
    top = yaml_item(read_text(FOLDER, name), name, LANGUAGES)
    modules: list[dict[str, Any]] = []
    asked = 0
    for number, item in enumerate(top.items("modules"), start=1):
        questions = []
        for each in item.items("questions"):
            asked += 1
            questions.append(question(each, f"q{asked}"))
        modules.append(
            {
                "id": f"m{number}",
                "title": item.translated("title"),
                "text": item.translated("text"),
                "picture": None,
                "alt": {},
                "video": None,
                "subtitles": {},
                "questions": questions,
            }
        )
    return Written(
        title=top.translated("title"),
        summary=top.translated("summary"),
        minutes=top.number("minutes") or 1,
        share=top.number("share") or 0,
        modules=modules,
    )


def question(item: Item, key: str) -> dict[str, Any]:
    """Return a question with its answers."""
    options = [
        {"text": one.translated("text"), "why": one.translated("why"), "right": bool(one.data.get("right"))}
        for one in item.items("options")
    ]
    return {"id": key, "text": item.translated("text"), "must": bool(item.data.get("must")), "options": options}


def not_taken(campaign: Campaign) -> list[tuple[str, Texts]]:
    """Return (short name, title) of those that a campaign has not taken over; one query."""
    had = set(Course.objects.filter(campaign=campaign).values_list("slug", flat=True))
    return [(slug, read(slug).title) for slug in names() if slug not in had]


def take_over(campaign: Campaign, slug: str, *, by: User, at: datetime) -> Course:
    """Take a course over as a draft, in the languages that it and the campaign have. Raise Refused when it cannot be."""
    if slug not in names():
        raise Refused(_("There is no such course."))
    codes = set(campaign.language_codes())
    written = read(slug)

    def kept(value: Any) -> Any:
        if isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
            return {code: text for code, text in value.items() if code in codes}
        if isinstance(value, dict):
            return {name: kept(one) for name, one in value.items()}
        return [kept(one) for one in value] if isinstance(value, list) else value

    own = Written(kept(written.title), kept(written.summary), written.minutes, written.share, kept(written.modules))
    return course_steps.write(campaign, slug, own, by=by, at=at)
