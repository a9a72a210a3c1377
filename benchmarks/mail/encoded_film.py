"""What urgent bulletins lose to a film that is encoded beside them: the same approvals in turn, with its worker at work and without."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import environment, programs

from .send import warm_up
from .sinks import Sink
from .urgent import PROCESSES, approve, beat, prepare, quantile, say, wait_until

ROUNDS = 4  # of each, in turn, so that whatever else the machine does meets both
FILM_SECONDS = 240  # as long as a story may be


def urgent_beside_transcoding(recipients: int, sink: Sink) -> dict[str, Any]:
    """
    Approve urgent bulletins to `recipients` alone and while the web sizes of a film are made: seconds from the approval until mails
    were accepted, medians of the rounds, and their ratios.
    """
    programs.ensure("FFmpeg")
    waiting = prepare(recipients, bulletins=2 * ROUNDS + 1)
    story = build_story()
    seconds: dict[str, list[list[float]]] = {"alone": [], "beside": []}
    with environment.workers(**{"urgent-planning": 1, "tick": 1, "urgent": PROCESSES, "bulletin": PROCESSES}), beat():
        warm_up(PROCESSES)
        approve(waiting.pop())  # the workers of what is urgent have run then, too
        for number in range(ROUNDS):
            for name in ("alone", "beside") if number % 2 else ("beside", "alone"):
                with encoding(story) if name == "beside" else contextlib.nullcontext():
                    seconds[name].append(approve(waiting.pop()))
            said = ", ".join(
                f"{name} {rounds[-1][0]:.2f} to {rounds[-1][-1]:.2f} s" for name, rounds in seconds.items()
            )
            say(f"Round {number + 1} of {ROUNDS}: {said}")
    return figures(seconds) | {"rounds": ROUNDS, "film_s": FILM_SECONDS, "arrived_in_all": sink.messages()}


def figures(seconds: dict[str, list[list[float]]]) -> dict[str, Any]:
    """Return the medians of the rounds, and how much longer it took beside the film."""
    shares = {"first": lambda one: one[0], "p95": lambda one: quantile(one, 95), "last": lambda one: one[-1]}
    found = {
        f"{name}_{share}_s": median(of(one) for one in rounds)
        for name, rounds in seconds.items()
        for share, of in shares.items()
    }
    ratios = {f"ratio_{share}": found[f"beside_{share}_s"] / found[f"alone_{share}_s"] for share in shares}
    return {name: round(value, 2) for name, value in (found | ratios).items()}


# --- The film ----------------------------------------------------------------------------------------------


def build_story() -> Any:
    """Return a story whose video nothing has been made of yet: moving pictures and noise, 1280 by 720, as long as a story may be."""
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from campaigns.models import Campaign
    from stories.models import StoryFile
    from stories.story_media import files
    from tests.stories.story_media import scene

    story = scene.build_story(Campaign.objects.get())
    with tempfile.TemporaryDirectory(prefix="film-") as folder:
        short, whole = Path(folder) / "short.mp4", Path(folder) / "whole.mp4"
        source = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t", "-t", "5")
        for words in (
            (*source, "-preset", "ultrafast", "-pix_fmt", "yuv420p", short),
            ("-stream_loop", str(FILM_SECONDS // 5 - 1), "-i", short, "-c", "copy", whole),
        ):
            subprocess.run(["ffmpeg", "-v", "error", *words], check=True)
        files.keep(story, StoryFile.Role.ORIGINAL, "", ContentFile(whole.read_bytes()), ".mp4", at=timezone.now())
    return story


@contextlib.contextmanager
def encoding(story: Any) -> Iterator[None]:
    """Have a worker of films encode the story's film meanwhile. Stop with a sentence when that is done too soon."""
    from django.utils import timezone

    from stories.models import StoryFile, StoryJob
    from stories.story_media import jobs

    story.files.exclude(role=StoryFile.Role.ORIGINAL).delete()
    with environment.workers(films=1) as workers:
        (parent,) = workers.pids

        def encodes() -> bool:
            return any(environment.children(child) for child in environment.children(parent))

        row = jobs.enqueue(story, StoryJob.Kind.SIZES, at=timezone.now())
        wait_until(encodes)
        yield
        still = encodes()
        os.killpg(parent, signal.SIGKILL)  # with what it runs
        StoryJob.objects.filter(pk=row.pk).delete()
    if not still:
        raise SystemExit("Not measured: the film was done before the mails were.")
