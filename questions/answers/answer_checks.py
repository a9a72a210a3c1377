"""What is still wrong with an answer, by the rules that bulletins have: complete in every language that must be ready, and the same in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from campaigns.models import BannedTerm
from lib.http import url_parts
from lib.text import subtitles
from lib.text.dates import validity_phrases
from lib.text.facts.detection import figures_in
from lib.text.facts.fact import differences
from lib.text.languages.languages import language_name
from lib.text.linguistics import banned_terms, readability
from questions.models import Answer, AnswerVersion

STOPS, ADVICE = "stops", "advice"
# What a version's `content` holds besides the words themselves.
BY_LANGUAGE = ("source_name", "source_url", "subtitles")
OWN = ("authority", "fact", "source_name", "source_url", "video", "video_url", "video_language", "subtitles")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to fix, `place` being the id of its box on the desk. `level` "stops" approval or is "advice"."""

    level: str
    says: str
    mend: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.says} {self.mend}"


def findings(answer: Answer, *, at: datetime) -> list[Finding]:
    """Return what is to be fixed, what stops approval first; two queries."""
    later = coming_later(answer)
    codes = [code for code in answer.group.campaign.language_codes() if code not in later]
    banned = list(BannedTerm.objects.filter(language__in=codes))
    found = [
        *follows_later(later),
        *missing(answer, codes),
        *addresses(answer, codes),
        *heading(answer, codes),
        *unchanged_correction(answer),
        *timing(answer, at=at),
        *video(answer, codes),
        *parity(answer, codes),
        *wording(answer, codes, banned),
    ]
    return sorted(found, key=lambda one: one.level != STOPS)


def stops(answer: Answer, *, at: datetime) -> list[Finding]:
    """Return what stops approval."""
    return [one for one in findings(answer, at=at) if one.level == STOPS]


def coming_later(answer: Answer) -> list[str]:
    """Return the languages that answers don't wait for, and in which this one is not written: it goes out without them."""
    later = answer.group.campaign.languages_that_follow()
    return [code for code in later if not (answer.text.get(code) or "").strip()]


def adds_language(answer: Answer) -> bool:
    """Return whether the version in the making says what stands, and nothing else, in more languages than before."""
    before = answer.current_version
    if before is None or before.kind == AnswerVersion.Kind.WITHDRAWAL:
        return False
    now = answer.content()
    texts = [(before.question, answer.group.label), (before.text, answer.text)]
    texts += [(before.content.get(name) or {}, now[name] or {}) for name in BY_LANGUAGE]
    is_same = all(now[name] == before.content.get(name) for name in (*OWN, "valid_until") if name not in BY_LANGUAGE)
    new = {code for code, text in answer.text.items() if text.strip()} - set(before.text)
    return (
        is_same
        and bool(new)
        and all(
            was.get(code, "") == text
            for was, text_now in texts
            for code, text in {**dict.fromkeys(was, ""), **text_now}.items()
            if code not in new
        )
    )


def follows_later(later: list[str]) -> Iterator[Finding]:
    """Say which languages nothing waits for."""
    for code in later:
        yield Finding(
            ADVICE,
            _("It is not written in %(language)s: it goes out without it, and says that it is also coming in it.")
            % {"language": language_name(code)},
            _("Write it now, or when it is published: “Add a language”."),
            f"id_text__{code}",
        )


def unchanged_correction(answer: Answer) -> Iterator[Finding]:
    """Find a correction that gives readers what they have already. A withdrawn answer may come back as it was."""
    before = answer.current_version
    if before is None or before.kind == AnswerVersion.Kind.WITHDRAWAL:
        return
    same = (before.question, before.text, before.valid_until) == (answer.group.label, answer.text, answer.valid_until)
    now = answer.content()
    if same and all(now[name] == before.content.get(name) for name in OWN):
        yield Finding(
            STOPS,
            _("It is identical to the previous version."),
            _("Correct what was wrong, in every language. Until then readers see the previous version."),
        )


def missing(answer: Answer, codes: list[str]) -> Iterator[Finding]:
    """Find texts that are not there in one of these languages."""
    is_correction = answer.current_version_id is not None and not adds_language(answer)
    for code in codes:
        name = language_name(code)
        if not (answer.group.label.get(code) or "").strip():
            yield Finding(
                STOPS,
                _("The short form of the question is missing (%(language)s).") % {"language": name},
                _("Write it on the question's page."),
            )
        if not (answer.text.get(code) or "").strip():
            yield Finding(
                STOPS,
                _("The answer is missing (%(language)s).") % {"language": name},
                _("Write or translate it."),
                f"id_text__{code}",
            )
        if not (answer.source_name.get(code) or "").strip() and answer.fact_id is None:
            yield Finding(
                STOPS,
                _("The source is missing (%(language)s).") % {"language": name},
                _("Say where it can be read, or name the authority."),
                f"id_source_name__{code}",
            )
        if is_correction and not (answer.what_changed.get(code) or "").strip():
            yield Finding(
                STOPS,
                _("What changed is missing (%(language)s).") % {"language": name},
                _("Readers see it with the correction."),
                f"id_what_changed__{code}",
            )


def addresses(answer: Answer, codes: list[str]) -> Iterator[Finding]:
    """Find addresses of sources that are none."""
    for code in codes:
        url = answer.source_url.get(code) or ""
        if url and not is_address(url):
            yield Finding(
                STOPS,
                _("The source's address is not a valid link (%(language)s).") % {"language": language_name(code)},
                _("Enter the full address, for example https://www.example.org/page."),
                f"id_source_url__{code}",
            )


def heading(answer: Answer, codes: list[str]) -> Iterator[Finding]:
    """Find a heading that asks nothing: it is what people share, so it has to be the question."""
    for code in codes:
        text = (answer.group.label.get(code) or "").strip()
        if text and not text.endswith("?"):
            yield Finding(
                ADVICE,
                _("The heading is not a question (%(language)s): “%(heading)s”")
                % {"language": language_name(code), "heading": text[:80]},
                _(
                    "Write it on the question’s page as a follower asks it: “May I go to my cottage?” It is shared with the answer."
                ),
            )


def is_address(url: str) -> bool:
    """Return whether an address can be a link."""
    parts = url_parts.parts_of(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def timing(answer: Answer, *, at: datetime) -> Iterator[Finding]:
    """Find an answer that is over before it is read."""
    if answer.valid_until and answer.valid_until <= at:
        until = validity_phrases.describe_end(answer.group.campaign.local(answer.valid_until))
        yield Finding(
            STOPS,
            _("It was valid until %(until)s, which has passed.") % {"until": until},
            _("Enter a later time, or none."),
            "id_valid_until",
        )


def video(answer: Answer, codes: list[str]) -> Iterator[Finding]:
    """Find a video without its language, or without subtitles in a language of the campaign."""
    if not answer.video and not answer.video_url:
        return
    if not answer.video_language:
        yield Finding(
            STOPS,
            _("The spoken language of the video is missing."),
            _("Choose it."),
            "id_video_language",
        )
    if answer.video_url and not is_address(answer.video_url):
        yield Finding(
            STOPS,
            _("The video's address is not a valid link."),
            _("Enter the full address, for example https://www.example.org/page."),
            "id_video_url",
        )
    for code in codes:
        text = answer.subtitles.get(code) or ""
        place = f"id_subtitles__{code}"
        if not text.strip():
            yield Finding(
                STOPS,
                _("The video has no subtitles (%(language)s).") % {"language": language_name(code)},
                _("Upload or write them: many people watch without sound."),
                place,
            )
            continue
        try:
            subtitles.parse(text)
        except subtitles.Unreadable as fault:
            yield Finding(STOPS, f"{language_name(code)}: {fault}", "", place)


def parity(answer: Answer, codes: list[str]) -> Iterator[Finding]:
    """Find figures and dates that differ between the languages."""
    written = [code for code in codes if answer.text.get(code)]
    figures = {code: figures_in(answer.text[code], code) for code in written}
    for one, other in pairwise(written):
        lacking, extra = differences(figures[one], figures[other])
        for figure, has, lacks in [(each, one, other) for each in lacking] + [(each, other, one) for each in extra]:
            yield Finding(
                STOPS,
                _("%(translation)s says “%(theirs)s”, %(original)s does not.")
                % {"translation": language_name(has), "theirs": figure.written, "original": language_name(lacks)},
                _("Make both say the same."),
                f"id_text__{lacks}",
            )


def wording(answer: Answer, codes: list[str], banned: list[BannedTerm]) -> Iterator[Finding]:
    """Find words that are not used, and sentences that are hard to read."""
    for code in codes:
        text = answer.text.get(code) or ""
        for term in banned:
            if term.language != code:
                continue
            for written in banned_terms.written(term.term, f"{answer.group.label.get(code, '')}\n{text}"):
                yield Finding(
                    STOPS,
                    _("“%(term)s” is not used.") % {"term": written},
                    _("Say: %(instead)s.") % {"instead": term.say_instead},
                    f"id_text__{code}",
                )
        if readability.is_long_enough(text) and readability.lix(text) > readability.threshold(code):
            yield Finding(
                ADVICE,
                _("The answer is hard to read (%(language)s).") % {"language": language_name(code)},
                _("Shorten this sentence: “%(sentence)s”") % {"sentence": readability.hardest(text)[:160]},
                f"id_text__{code}",
            )
