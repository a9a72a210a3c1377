"""
Pictures of an answer: the question, what was answered, who answered, until when it holds, and the code to check it
(campaigns/cards/statement_cards.py).
"""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.cards import check_codes, statement_cards
from campaigns.translated_fields import in_language
from lib.images.card import Spec, TooLong, draw, lay_out, thumbnail
from lib.images.picture_sizes import Ratio
from questions.models import AnswerVersion

FOLDER = "answer-cards"


def languages_of(version: AnswerVersion) -> list[str]:
    """Return the languages in which an answer has both question and answer."""
    return [code for code, text in version.text.items() if text.strip() and version.question.get(code, "").strip()]


def fits(version: AnswerVersion, language: str) -> bool:
    """Return whether question and answer are there in a language, and have room on every picture, whole."""
    if language not in languages_of(version):
        return False
    try:
        for ratio in Ratio:
            lay_out(spec_of(version, language), ratio)
    except TooLong:
        return False
    return True


def spec_of(version: AnswerVersion, language: str) -> Spec:
    """Return what is on the picture of an answer: only what was printed with it. Needs `answer` and its group at hand."""
    with override(language):
        return statement_cards.spec_of(
            version,
            language,
            key=version.answer.group.slug,
            words=words_of(version, language),
            source=_("Answer: %(authority)s") % {"authority": authority_of(version, language)},
            label=_("Question and answer"),
            is_corrected=version.kind == AnswerVersion.Kind.CORRECTION,
        )


def words_of(version: AnswerVersion, language: str) -> str:
    """Return question and answer in one line."""
    question = " ".join(version.question[language].split())
    mark = "" if question[-1:] in "?!." else ":"  # its short form need be no sentence
    return f"{question}{mark} {' '.join(version.text[language].split())}"


def authority_of(version: AnswerVersion, language: str) -> str:
    """Return the name of who answers, in a language."""
    authority = version.words.authority
    return in_language(authority.name, language) if authority else ""


def shared_words(version: AnswerVersion, language: str) -> str:
    """Return what is shared beside such a picture: the words, until when they hold, and who answers."""
    spec = spec_of(version, language)
    return f"{spec.words}\n{spec.validity}\n{spec.source}"


def alt_text(version: AnswerVersion, language: str) -> str:
    """Return the text alternative of such a picture, in its language."""
    spec = spec_of(version, language)
    parts = [spec.words, f"{spec.validity}.", f"{spec.source}."]
    return " ".join(part for part in (f"{spec.corrected}:" if spec.corrected else "", *parts) if part)


def mark(version: AnswerVersion, language: str, ratio: str) -> str:
    """Return what tells a picture from every other one."""
    return statement_cards.mark(spec_of(version, language), ratio)


def give_codes(version: AnswerVersion, *, at: datetime) -> dict[str, str]:
    """Return {statement: code} of an answer in its languages; those without a code get theirs now."""
    said = [version.statement_in(language) for language in languages_of(version)]
    campaign = version.answer.group.campaign
    return check_codes.give(campaign, check_codes.Kind.ANSWER, version.answer_id, said, at=at)


def code_of(version: AnswerVersion, language: str) -> str:
    """Return the code of an answer in a language, "" where none was given yet; one query."""
    given = check_codes.codes_of(check_codes.Kind.ANSWER, version.answer_id)
    return given.get(version.statement_in(language), "")


def cached_card(version: AnswerVersion, language: str, ratio: str, *, at: datetime) -> bytes:
    """Return a picture (PNG), from where it is kept or drawn and kept now. Raise TooLong."""
    spec = spec_of(version, language)

    def drawn() -> bytes:
        return draw(spec, ratio, check_codes.address(give_codes(version, at=at)[spec.statement]))

    return statement_cards.kept(f"{FOLDER}/{statement_cards.mark(spec, ratio)}.png", drawn)


def small_card(version: AnswerVersion, language: str, ratio: str, *, at: datetime) -> bytes:
    """Return the same as a small WebP picture, kept beside it. Raise TooLong."""
    name = f"{FOLDER}/{mark(version, language, ratio)}.webp"
    return statement_cards.kept(name, lambda: thumbnail(cached_card(version, language, ratio, at=at)))
