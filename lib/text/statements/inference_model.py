"""
A model of natural language inference that the operator may install: whether one sentence contradicts another, says it again, or
neither. It is read from a folder (NLI_MODEL) with model.onnx, tokenizer.json and config.json, as ONNX exports of such models have them.

It is loaded once in a process, when it is first asked, and works in a thread of its own. Whoever asks waits no longer than LIMIT: while
it is being loaded, busy, slow or broken there is no answer, and the rules stand alone.
"""

import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

LIMIT = 2.0  # seconds that whoever asks waits
LONGEST = 256  # tokens of two sentences together
MOST = 16  # pairs at once
SURE = 0.9  # of 1: how probable an answer has to be
REST = 60.0  # seconds after a failure in which it is not asked
MODEL, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "config.json"

# What every such model knows, in each language: the opposite, and the same again.
KNOWN = (
    ("Ravintolat ovat kiinni.", "Ravintolat ovat auki."),
    ("Ravintolat ovat kiinni.", "Ravintolat eivät ole auki."),
    ("Restaurangerna är stängda.", "Restaurangerna är öppna."),
    ("Restaurangerna är stängda.", "Restaurangerna är inte öppna."),
    ("The restaurants are closed.", "The restaurants are open."),
    ("The restaurants are closed.", "The restaurants are not open."),
)


class Relation(StrEnum):
    """What a sentence (the hypothesis) is to another (the premise), as models call it."""

    CONTRADICTION = "contradiction"
    ENTAILMENT = "entailment"
    NEUTRAL = "neutral"


class Unusable(Exception):
    """A folder that holds no model which can be used. The message says what is missing."""


@dataclass(frozen=True)
class InferenceModel:
    """A loaded model: its session, its tokenizer, and which relation each of its outputs stands for."""

    session: Any
    tokenizer: Any
    relations: tuple[Relation, ...]
    inputs: frozenset[str]

    @classmethod
    def load(cls, folder: Path) -> "InferenceModel":
        """Read the model in a folder. Raise Unusable."""
        try:
            import onnxruntime
            import tokenizers
        except ImportError as fault:
            raise Unusable(f"the package {fault.name} is not installed") from fault
        for name in (MODEL, TOKENIZER, CONFIG):
            if not (folder / name).is_file():
                raise Unusable(f"{folder} has no {name}")
        relations = relations_of(folder / CONFIG)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a page is one of several that are being made
        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
            session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])
        except Exception as fault:  # both raise what their own languages throw
            raise Unusable(f"{folder} cannot be read ({type(fault).__name__})") from fault
        tokenizer.enable_truncation(LONGEST)
        tokenizer.enable_padding(**padding_of(tokenizer))
        return cls(session, tokenizer, relations, frozenset(one.name for one in session.get_inputs()))

    def answer(self, pairs: Sequence[tuple[str, str]]) -> list[Relation | None]:
        """Return what each second sentence is to the first one, None where the model is not sure."""
        import numpy

        read = self.tokenizer.encode_batch(list(pairs))
        columns = {
            "input_ids": [one.ids for one in read],
            "attention_mask": [one.attention_mask for one in read],
            "token_type_ids": [one.type_ids for one in read],
        }
        feed = {name: numpy.array(rows, dtype=numpy.int64) for name, rows in columns.items() if name in self.inputs}
        scores = self.session.run(None, feed)[0].astype(numpy.float64)
        powers = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        return [self.relations[int(row.argmax())] if row.max() >= SURE else None for row in shares]


def relations_of(config: Path) -> tuple[Relation, ...]:
    """Return which relation each output of a model stands for, by the id2label of its configuration. Raise Unusable."""
    try:
        labels = json.loads(config.read_text("utf-8"))["id2label"]
        return tuple(Relation(labels[str(at)].lower()) for at in range(len(Relation)))
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as fault:
        raise Unusable(f"{config} does not name contradiction, entailment and neutral under id2label") from fault


def padding_of(tokenizer: Any) -> dict[str, Any]:
    """Return the padding that a model was made with; BERT's and RoBERTa's differ."""
    known = tokenizer.padding or {}
    name = next((one for one in ("[PAD]", "<pad>") if tokenizer.token_to_id(one) is not None), "[PAD]")
    usual = {"pad_token": name, "pad_id": tokenizer.token_to_id(name) or 0}
    return usual | {key: known[key] for key in ("pad_token", "pad_id", "pad_type_id", "direction") if key in known}


# --- The one of this process --------------------------------------------------------------------------------


class _Worker:
    """Loads the model and asks it, one call at a time, in a thread that nobody has to wait for."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.pool = ThreadPoolExecutor(1, "inference")
        self.busy: Future[list[Relation | None] | None] | None = None
        self.model: InferenceModel | None = None
        self.folder = ""
        self.rests_until = 0.0

    def ask(self, folder: str, pairs: Sequence[tuple[str, str]], limit: float) -> list[Relation | None] | None:
        """Return its answers, None where there are none in time."""
        with self.lock:
            if time.monotonic() < self.rests_until or (self.busy and not self.busy.done()):
                return None
            mine = self.busy = self.pool.submit(self.work, folder, pairs)
        try:
            return mine.result(limit)
        except TimeoutError:
            return None

    def work(self, folder: str, pairs: Sequence[tuple[str, str]]) -> list[Relation | None] | None:
        try:
            if self.model is None or self.folder != folder:
                self.model, self.folder = InferenceModel.load(Path(folder)), folder
            return self.model.answer(pairs)
        except Exception as fault:  # a stranger's model may do anything
            # Not the sentences: they may be anyone's.
            says = str(fault) if isinstance(fault, Unusable) else type(fault).__name__
            logger.warning("The model in NLI_MODEL is not asked for a minute: %s.", says)
            self.rests_until = time.monotonic() + REST
            return None


_worker = _Worker()


def infer(pairs: Sequence[tuple[str, str]], *, limit: float = LIMIT) -> list[Relation | None]:
    """
    Return what each second sentence of the first 16 pairs is to the first one, None where that is not sure; nothing but None without a
    model, and while it is being loaded, busy, slow or broken.
    """
    folder = settings.NLI_MODEL
    asked = list(pairs[:MOST])
    answers = _worker.ask(folder, asked, limit) if folder and asked else None
    return [*(answers or [None] * len(asked)), *[None] * (len(pairs) - len(asked))]
