"""Drafts by a model on this machine: its folder is read by the real libraries, and the marks of a text stay what they are."""

import time
from pathlib import Path
from typing import Any

import pytest

from lib.text import machine_translation
from lib.text.machine_translation import Model, TooSlow, Unusable, in_markdown, translator

from . import tiny_translation_model


def loud(lines: list[str]) -> list[str]:
    return [line.upper() for line in lines]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("One. Two here.", "ONE. TWO HERE."),
        ("## Open\n\n- one\n- two\n\n1. **three**", "## OPEN\n\n- ONE\n- TWO\n\n1. THREE"),
        ("> said *she*\n---\n123", "> SAID SHE\n---\n123"),
        ("Read [the advice](https://a.example/x) now.", "READ THE ADVICE NOW. ([THE ADVICE](https://a.example/x))"),
        ("- [the advice](https://a.example/x)", "- [THE ADVICE](https://a.example/x)"),
        ("", ""),
    ],
)
def test_headings_lists_and_addresses_stay(text: str, meant: str):
    assert in_markdown(text, loud) == meant


def test_a_sentence_that_no_model_takes_is_cut():
    pieces = machine_translation.cut("word " * 1_000)

    assert max(map(len, pieces)) <= machine_translation.LONGEST_SENTENCE
    assert " ".join(pieces).split() == ["word"] * 1_000
    assert len(machine_translation.cut("x" * 2_500)) == 3


def test_a_model_in_a_folder_is_loaded_and_answers_for_each_sentence(tmp_path: Path, settings: Any):
    settings.TRANSLATION_MODELS = str(tmp_path)
    tiny_translation_model.build(tmp_path / "fi-sv")
    (tmp_path / "old").mkdir()

    assert machine_translation.directions() == ["fi-sv"]
    assert machine_translation.folder_of("sv", "fi") is None
    assert machine_translation.folder_of("..", "fi") is None
    translate = translator("fi", "sv", until=time.monotonic() + 60)
    said = translate("## ravintolat ovat kiinni\n\n- koulu")
    assert said == translate("## ravintolat ovat kiinni\n\n- koulu")
    assert [line[:3] for line in said.split("\n")][1] == ""
    assert said.startswith("## ") and "\n- " in said
    with pytest.raises(TooSlow):
        translator("fi", "sv", until=time.monotonic() - 1)("koulu")


@pytest.mark.parametrize("broken", ["model.bin", "source.spm", "target.spm", "rubbish", "rubbish.spm", "nothing"])
def test_what_is_wrong_with_a_folder_is_said(broken: str, tmp_path: Path, settings: Any):
    settings.TRANSLATION_MODELS = str(tmp_path)
    folder = tiny_translation_model.build(tmp_path / "fi-sv")
    if broken == "nothing":
        with pytest.raises(Unusable, match="no model for fi-en"):
            translator("fi", "en", until=time.monotonic() + 60)
        return
    if broken == "rubbish":
        (folder / "model.bin").write_bytes(b"no model")
    elif broken == "rubbish.spm":
        (folder / "source.spm").write_bytes(b"no vocabulary")
    else:
        (folder / broken).unlink()
    with pytest.raises(Unusable, match="cannot be read" if "rubbish" in broken else f"has no {broken}"):
        Model.load(folder)
