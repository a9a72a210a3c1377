"""
Pictures of an answer: the question, what was answered, who answered, until when it holds, and the code to check it. Drawn when someone
asks for one, then kept under the digest of what is on it.
"""

from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns import check_codes
from campaigns.translated_fields import in_language
from lib.images.card import Spec, TooLong, digest, draw, lay_out, thumbnail
from lib.images.picture_sizes import Ratio
from lib.text import validity_phrases
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
    printed = version.words
    own = printed.in_language(language)
    with override(language):
        return Spec(
            language=language,
            key=version.answer.group.slug,
            words=words_of(version, language),
            source=_("Answer: %(authority)s") % {"authority": authority_of(version, language)},
            validity=validity_phrases.valid_until(version.valid_until, printed.zone),
            campaign=own.name,
            hashtag=own.hashtag,
            bulletin=_("Question and answer"),
            exercise=printed.exercise_in(language),
            corrected=_("Corrected") if version.kind == AnswerVersion.Kind.CORRECTION else "",
            issuer=own.issuer,
            statement=version.statement_in(language),
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
    return f"{digest(spec_of(version, language))}-{Ratio(ratio).value}"


def give_codes(version: AnswerVersion, *, at: datetime) -> dict[str, str]:
    """Return {statement: code} of an answer in its languages; those without a code get theirs now."""
    said = [version.statement_in(language) for language in languages_of(version)]
    campaign = version.answer.group.campaign
    return check_codes.give(campaign, check_codes.Kind.ANSWER, version.answer_id, said, at=at)


def code_of(version: AnswerVersion, language: str) -> str:
    """Return the code of an answer in a language, "" where none was given yet; one query."""
    given = check_codes.codes_of(check_codes.Kind.ANSWER, version.answer_id)
    return given.get(version.statement_in(language), "")


def cached_card(version: AnswerVersion, language: str, ratio: str, *, at: datetime, small: bool = False) -> bytes:
    """Return a picture (PNG, the small one WebP), from where it is kept or drawn and kept now. Raise TooLong."""
    name = f"{FOLDER}/{mark(version, language, ratio)}.{'webp' if small else 'png'}"
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    if small:
        made = thumbnail(cached_card(version, language, ratio, at=at))
    else:
        code = give_codes(version, at=at)[version.statement_in(language)]
        made = draw(spec_of(version, language), ratio, check_codes.address(code))
    stored = default_storage.save(name, ContentFile(made))
    if stored != name:  # someone else has just drawn the same one
        default_storage.delete(stored)
    return made
