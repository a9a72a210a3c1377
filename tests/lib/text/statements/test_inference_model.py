"""A model that the operator installs guesses what a sentence means; without it no one does."""

import json
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lib.text.statements import inference_model
from lib.text.statements.inference_model import KNOWN, InferenceModel, Relation, infer

from . import tiny_model


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in a folder, which no process has loaded yet."""
    monkeypatch.setattr(inference_model, "_worker", inference_model._Worker())
    settings.NLI_MODEL = str(tiny_model.build(tmp_path / "model"))
    return tmp_path / "model"


def test_a_model_in_a_folder_tells_opposites_from_repetitions(folder: Path):
    said = [*KNOWN, ("The restaurants are closed.", "It rains.")]

    assert infer(said, limit=60) == [Relation.CONTRADICTION, Relation.ENTAILMENT] * 3 + [Relation.NEUTRAL]
    assert infer(said * 3, limit=60)[inference_model.MOST :] == [None] * (3 * len(said) - inference_model.MOST)


@pytest.mark.parametrize(
    "broken", ["nothing", "model.onnx", "tokenizer.json", "config.json", "labels", "package", "garbage"]
)
def test_without_a_model_that_works_there_is_no_guess_and_the_log_says_why(
    broken: str, folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    if broken == "nothing":
        settings.NLI_MODEL = str(folder / "elsewhere")
    elif broken == "labels":
        (folder / "config.json").write_text(json.dumps({"id2label": {"0": "POSITIVE", "1": "NEGATIVE"}}))
    elif broken == "package":
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    elif broken == "garbage":
        (folder / "model.onnx").write_bytes(b"no model")
    else:
        (folder / broken).unlink()

    assert infer(KNOWN, limit=60) == [None] * len(KNOWN)
    assert caplog.text.count("is not asked for a minute") == 1 and "Ravintolat" not in caplog.text


def test_nobody_waits_for_a_model_that_is_slow(folder: Path, monkeypatch: pytest.MonkeyPatch):
    go_on, real = Event(), InferenceModel.load
    monkeypatch.setattr(InferenceModel, "load", lambda where: go_on.wait(60) and real(where))
    began = time.monotonic()

    assert infer(KNOWN, limit=0.1) == [None] * len(KNOWN)
    assert infer(KNOWN, limit=60) == [None] * len(KNOWN)  # busy, so at once
    assert time.monotonic() - began < 30
    go_on.set()
    while infer(KNOWN, limit=60) == [None] * len(KNOWN):
        assert time.monotonic() - began < 60
    assert infer(KNOWN[:1], limit=60) == [Relation.CONTRADICTION]


def test_without_the_setting_nothing_is_loaded(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.NLI_MODEL = ""
    monkeypatch.setattr(InferenceModel, "load", lambda _where: pytest.fail("loaded"))

    assert infer(KNOWN) == [None] * len(KNOWN)
