"""
Drafts of a translation by a model on this machine. TRANSLATION_MODELS names a folder with a folder for each direction ("fi-sv"):
a model for CTranslate2 (model.bin, config.json, its vocabulary) with source.spm and target.spm, as OPUS-MT models are converted.
Nothing is sent anywhere. For workers: a text takes seconds to a minute.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from .linguistics.sentences import sentences

MODEL, CONFIG, SOURCE, TARGET = "model.bin", "config.json", "source.spm", "target.spm"
END = "</s>"
LONGEST_SENTENCE = 1_000  # characters; what is longer is cut at a space
LONGEST_TEXT = 40_000  # characters
BATCH = 8  # sentences at a time
MOST_PIECES = 256  # of a translated sentence
THREADS = 2
_DIRECTION = re.compile(r"([a-z]{2,3})-([a-z]{2,3})")

# How a line of Markdown begins, before its words: a heading, a quotation, an item.
_BEFORE = re.compile(r"[ \t]*+(?:#{1,6}[ \t]++|>[ \t]?|[-+*][ \t]++|\d{1,9}[.)][ \t]++)?")
_LINK = re.compile(r"\[([^\[\]]*+)\]\(([^()\s]*+)\)")
_STRESS = re.compile(r"\*{1,3}|__|`")


class Unusable(Exception):
    """A folder that holds no model which can be used. The message says what is missing."""


class TooSlow(Exception):
    """The time was up before the text was translated."""


@dataclass(frozen=True)
class Model:
    """A loaded model of one direction."""

    translator: Any
    source: Any
    target: Any
    ends_sentences: bool  # whether whoever asks has to end each sentence

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read the model in a folder. Raise Unusable."""
        try:
            import ctranslate2
            import sentencepiece
        except ImportError as fault:
            raise Unusable(f"the package {fault.name} is not installed") from fault
        for name in (MODEL, SOURCE, TARGET):
            if not (folder / name).is_file():
                raise Unusable(f"{folder} has no {name}")
        try:
            config = json.loads((folder / CONFIG).read_text()) if (folder / CONFIG).is_file() else {}
            source, target = (
                sentencepiece.SentencePieceProcessor(model_file=str(folder / name)) for name in (SOURCE, TARGET)
            )
            translator = ctranslate2.Translator(str(folder), device="cpu", intra_threads=THREADS)
        except (RuntimeError, ValueError, OSError) as fault:
            raise Unusable(f"{folder} cannot be read ({str(fault).partition(chr(10))[0][:200]})") from fault
        return cls(translator, source, target, not (isinstance(config, dict) and config.get("add_source_eos")))

    def translated(self, lines: list[str]) -> list[str]:
        """Return sentences in the other language. Raise Unusable."""
        pieces = [self.source.encode(line, out_type=str) + [END] * self.ends_sentences for line in lines]
        try:
            found = self.translator.translate_batch(pieces, max_batch_size=BATCH, max_decoding_length=MOST_PIECES)
        except (RuntimeError, ValueError) as fault:
            raise Unusable(f"the model failed ({str(fault).partition(chr(10))[0][:200]})") from fault
        return [self.target.decode([one for one in row.hypotheses[0] if one != END]).strip() for row in found]


def folder_of(source: str, target: str) -> Path | None:
    """Return the folder of the model for a direction, or None. It is not opened."""
    folder = Path(settings.TRANSLATION_MODELS) / f"{source}-{target}" if settings.TRANSLATION_MODELS else None
    return folder if folder and _DIRECTION.fullmatch(folder.name) and (folder / MODEL).is_file() else None


def directions() -> list[str]:
    """Return the directions whose folders are there: "fi-sv"."""
    root = Path(settings.TRANSLATION_MODELS)
    if not settings.TRANSLATION_MODELS or not root.is_dir():
        return []
    return sorted(one.name for one in root.iterdir() if _DIRECTION.fullmatch(one.name) and one.is_dir())


@lru_cache(maxsize=2)  # each is some hundred MB
def _loaded(folder: str, _changed: float) -> Model:
    return Model.load(Path(folder))


def translator(source: str, target: str, *, until: float) -> Callable[[str], str]:
    """
    Return what translates a text in Markdown. Its line breaks, headings, lists and addresses stay. It raises TooSlow when
    `until` (of time.monotonic) has passed, and Unusable.
    """
    folder = folder_of(source, target)
    if folder is None:
        raise Unusable(f"there is no model for {source}-{target}")
    model = _loaded(str(folder), (folder / MODEL).stat().st_mtime)

    def ask(lines: list[str]) -> list[str]:
        found: list[str] = []
        for at in range(0, len(lines), BATCH):
            if time.monotonic() > until:
                raise TooSlow
            found += model.translated(lines[at : at + BATCH])
        return found

    return lambda text: in_markdown(text, ask)


def in_markdown(text: str, ask: Callable[[list[str]], list[str]]) -> str:
    """Return a text in Markdown with its sentences as `ask` gives them back, and everything else as it was."""
    lines = [_Line.of(line) for line in text[:LONGEST_TEXT].split("\n")]
    wanted = list(dict.fromkeys(part for line in lines for part in line.wanted()))
    meant = dict(zip(wanted, ask(wanted), strict=True)) if wanted else {}
    return "\n".join(line.written(meant) for line in lines)


@dataclass(frozen=True)
class _Line:
    """A line: how it begins, its sentences, and its links as (words, address), which follow the sentences."""

    before: str
    parts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    is_link: bool = False

    @classmethod
    def of(cls, line: str) -> "_Line":
        begins = _BEFORE.match(line)
        before = begins.group() if begins else ""
        rest = line[len(before) :].strip()
        links = tuple((_STRESS.sub("", words), address) for words, address in _LINK.findall(rest))
        if len(links) == 1 and _LINK.fullmatch(rest):
            return cls(before, (), links, is_link=True)
        plain = _STRESS.sub("", _LINK.sub(lambda found: found[1], rest))
        return cls(before, tuple(piece for one in sentences(plain) for piece in cut(one)), links)

    def wanted(self) -> Iterable[str]:
        return (part for part in (*self.parts, *(words for words, _address in self.links)) if has_words(part))

    def written(self, meant: dict[str, str]) -> str:
        said = " ".join(meant.get(part, part) for part in self.parts)
        links = [f"[{meant.get(words, words)}]({address})" for words, address in self.links]
        if self.is_link:
            return self.before + links[0]
        return self.before + said + (f" ({', '.join(links)})" if links else "")


def has_words(text: str) -> bool:
    """Return whether there is a letter to translate."""
    return any(one.isalpha() for one in text)


def cut(sentence: str) -> list[str]:
    """Return a sentence in pieces that a model takes, cut at spaces."""
    pieces, rest = [], sentence.strip()
    while len(rest) > LONGEST_SENTENCE:
        at = rest.rfind(" ", 1, LONGEST_SENTENCE)
        at = LONGEST_SENTENCE if at < 0 else at
        pieces.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [*pieces, rest] if rest else pieces
