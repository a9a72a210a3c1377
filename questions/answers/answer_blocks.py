"""Published answers, offered to whoever writes a bulletin as ready blocks of text."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Bulletin, Edition
from lib.text.languages.languages import site_language
from questions.models import Answer

from . import published_answers

MOST_ANSWERS = 20


def offer(bulletin: Bulletin, *, at: datetime) -> Callable[[str], list[tuple[str, str]]]:
    """Return what gives the blocks that a bulletin is offered in a language (bulletins.editing.insertions)."""
    answers = answers_to_offer(bulletin, at=at)
    return lambda language: blocks(answers, language)


def answers_to_offer(bulletin: Bulletin, *, at: datetime) -> list[Answer]:
    """
    Return the published answers that hold and that no bulletin of the campaign leads to yet, the newest first; two
    queries. An answer counts as used when a text links to its page.
    """
    found = list(published_answers.answers_of(bulletin.campaign, at=at)[: 5 * MOST_ANSWERS])
    holding = [
        one
        for one in found
        if one.current_version and not (one.current_version.valid_until and one.current_version.valid_until <= at)
    ]
    linking = Edition.objects.filter(bulletin__campaign=bulletin.campaign_id, body__contains="/answers/")
    bodies = list(linking.values_list("body", flat=True)) if holding else []
    return [one for one in holding if not any(f"/answers/{one.group.slug}/" in body for body in bodies)][:MOST_ANSWERS]


def blocks(answers: list[Answer], language: str) -> list[tuple[str, str]]:
    """Return (name, Markdown) of answers in one language, ready to be put in; those without words in it are left out."""
    return [
        (label, block(one, label, text, language))
        for one in answers
        for label, text in [text_of(one, language)]
        if text
    ]


def text_of(answer: Answer, language: str) -> tuple[str, str]:
    """Return the question and the answer that stand, in one language or ""."""
    version = answer.current_version
    return (version.question.get(language, ""), version.text.get(language, "")) if version else ("", "")


def block(answer: Answer, label: str, text: str, language: str) -> str:
    """Return a question with its answer and where it can be read, as Markdown."""
    code = site_language(language)
    by = answer.current_version.words.authority if answer.current_version else None
    with override(code):
        url = settings.PUBLIC_URL + reverse("website:answer", args=[answer.group.slug])
        more = _("Answered by: %(authority)s.") % {"authority": by.in_language(language) if by else ""}
        link = _("The whole answer")
    return f"**{label}**\n\n{text}\n\n{more} [{link}]({url})\n"
