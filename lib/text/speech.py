"""
Drafts of subtitles by a speech model on this machine. SPEECH_MODELS names a folder with Whisper models in whisper.cpp's format
(ggml): fi.bin for one language, any.bin for all others. The package pywhispercpp runs them, in a process of its own that others go before and that is stopped when it takes too long. Nothing is
sent anywhere.

This module is that process, too: `python -m lib.text.speech MODEL SOUND LANGUAGE` prints a line of JSON for each piece of speech.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from .subtitles import Cue

CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", re.IGNORECASE)
ANY = "any.bin"
THREADS = 2
NICE = 10
HEARTBEAT = 10  # seconds between signs of life
MOST_SAID = 4_000_000  # octets
LONGEST = 84  # characters of one subtitle: two lines
SHORTEST = 900  # milliseconds


class Unusable(Exception):
    """The model cannot be used. The message says why."""


class TooSlow(Exception):
    """The time was up before all was heard."""


def model_for(language: str) -> Path | None:
    """Return the file of the model that hears a language, or None. It is not opened."""
    if not settings.SPEECH_MODELS or not CODE.fullmatch(language):
        return None
    folder = Path(settings.SPEECH_MODELS)
    return next((one for one in (folder / f"{language}.bin", folder / ANY) if one.is_file()), None)


def models() -> list[Path]:
    """Return the models that are there."""
    return sorted(Path(settings.SPEECH_MODELS).glob("*.bin")) if settings.SPEECH_MODELS else []


def listen(model: Path, sound: Path, language: str, *, seconds: float) -> Iterator[list[Cue]]:
    """
    Hear a sound file (WAV, 16 kHz, one channel), giving nothing ([]) as a sign of life now and then, and what was said at the end. Raise
    Unusable, TooSlow.
    """
    command = [sys.executable, "-m", "lib.text.speech", str(model), str(sound), language]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
        root = Path(__file__).resolve().parents[2]
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=told, cwd=root)
        except OSError as fault:
            raise Unusable(f"it cannot be started ({fault})") from fault
        with contextlib.suppress(OSError, AttributeError):  # it has ended already, or this is no Unix
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        end = time.monotonic() + seconds
        try:
            while process.poll() is None:
                if time.monotonic() > end:
                    raise TooSlow
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(min(HEARTBEAT, max(0.1, end - time.monotonic())))
                yield []
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            told.seek(0)
            last = told.read(4000).decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Unusable(f"it ended with {process.returncode} ({last[:200]})")
        said.seek(0)
        yield cues_of(said.read(MOST_SAID).decode("utf-8", "replace"))


def cues_of(said: str) -> list[Cue]:
    """Return subtitles of what the process printed: in order, never at the same time, no longer than two lines. Raise Unusable."""
    cues: list[Cue] = []
    for line in said.splitlines():
        try:
            start, end, text = json.loads(line)
            start, end, text = int(start), int(end), " ".join(str(text).split())
        except (ValueError, TypeError) as fault:
            raise Unusable("what it says cannot be read") from fault
        if not text or (text[0] in "[(" and text[-1] in "])"):  # [music]
            continue
        start = max(start, cues[-1].end if cues else 0)
        parts = parted(text)
        length = max(end - start, SHORTEST * len(parts)) / len(parts)
        for number, part in enumerate(parts):
            begins = start + round(number * length)
            shown = part.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "→")
            cues.append(Cue(begins, start + round((number + 1) * length), shown))
    return cues


def parted(text: str) -> list[str]:
    """Return words in parts of at most LONGEST characters, cut at spaces."""
    parts = [""]
    for word in text.split():
        if parts[-1] and len(parts[-1]) + 1 + len(word) > LONGEST:
            parts.append("")
        parts[-1] = f"{parts[-1]} {word}".strip()
    return parts


def main(model: str, sound: str, language: str) -> None:
    """Print what is said in a sound file: [start, end, words] a line, in milliseconds."""
    from pywhispercpp.model import Model

    loaded = Model(
        model,
        redirect_whispercpp_logs_to=None,
        n_threads=THREADS,
        language=language.partition("-")[0],
        print_progress=False,
        print_realtime=False,
    )
    for one in loaded.transcribe(sound):
        print(json.dumps([one.t0 * 10, one.t1 * 10, one.text]))


if __name__ == "__main__":
    main(*sys.argv[1:4])
