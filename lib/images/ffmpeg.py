"""
FFmpeg, a program of the operating system: it packs frames that we drew into a video. Where it is missing, nothing but videos is.

It gets words of ours only, each as an argument of its own: no shell reads them, and no filter has a text in it. What it may
take of time, memory and threads is limited, and whatever else runs on the machine goes before it.
"""

import contextlib
import logging
import os
import resource
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)

PROGRAM = "ffmpeg"
SECONDS = 600  # for one video of ours, which takes some five of them where nothing else runs; after that it is stopped
MEMORY = 4 * 1024**3  # octets of address space, of which it uses a tenth
THREADS = 2
PROGRESS = ("-progress", "pipe:1", "-stats_period", "5")  # seconds between signs of life
STILL_SECONDS = 60
# Before a video that somebody uploaded: it is read from its file alone, and no picture in it may be of more pixels than in 8K.
FOREIGN = ("-protocol_whitelist", "file", "-max_pixels", "35389440", "-threads", str(THREADS))
NICE = 10
# What all phones and platforms play: a colour space that is named, no sound, and its index first, so that it starts at once.
PACKED = (
    *("-an", "-c:v", "libx264", "-profile:v", "high", "-preset", "superfast", "-pix_fmt", "yuv420p"),
    *("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-g", "50", "-maxrate", "1800k", "-bufsize", "3600k"),
    *("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
)


class Failed(Exception):
    """FFmpeg made no video. The text is what it said last, for the log."""


class TooSlow(Failed):
    """FFmpeg was stopped, as its time was over: that says nothing of the video."""


def is_installed() -> bool:
    """Return whether there is an FFmpeg."""
    return shutil.which(PROGRAM) is not None


def encode(
    frames: Iterable[bytes | bytearray | memoryview],
    target: Path,
    *,
    size: tuple[int, int],
    per_second: int,
    quality: int = 20,
    comment: str = "",
) -> Iterator[None]:
    """
    Pack frames of `size` (pixels; raw, yuv420p, BT.709) into an MP4 without sound, giving a sign of life after each second of
    it. A smaller `quality` is a better one and a larger file; `comment` is what the file says of itself. Raise Failed.
    """
    width, height = size
    words = [
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(per_second), "-i", "pipe:0"),
        *(*PACKED, "-crf", str(quality), "-threads", str(THREADS)),
        *(("-metadata", f"comment={comment}") if comment else ()),
        str(target),
    ]
    with started(words, seconds=SECONDS) as process:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has stopped, and its end says so
            for number, frame in enumerate(frames, start=1):
                process.stdin.write(frame)
                if number % per_second == 0:
                    yield
            process.stdin.close()
    if not target.exists():
        raise Failed("It wrote no file.")


def run(words: list[str], *, seconds: float) -> Iterator[float]:
    """Have FFmpeg do something, giving every few seconds how many seconds of what it makes are done. Raise Failed, TooSlow."""
    with started([*PROGRESS, *words], seconds=seconds) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        for line in process.stdout:
            name, _equals, microseconds = line.strip().partition(b"=")
            if name == b"out_time_us":
                yield int(microseconds) / 1_000_000 if microseconds.isdigit() else 0.0


def still(source: Path, target: Path, *, at: float, width: int) -> None:
    """Write a picture (PNG, `width` pixels wide) of a video as it is at `at` seconds, or at its beginning. Raise Failed."""
    for moment in (at, 0.0):
        words = ["-ss", f"{moment:.2f}", *FOREIGN, "-i", str(source), "-frames:v", "1", "-vf", f"scale={width}:-2"]
        for _sign in run([*words, "-f", "image2", "-update", "1", str(target)], seconds=STILL_SECONDS):
            pass
        if target.exists():
            return
    raise Failed("It wrote no picture.")


@contextlib.contextmanager
def started(words: list[str], *, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """
    Give a running FFmpeg with its input open, and wait for its end. Raise Failed when it cannot, TooSlow when it takes too long. It starts no
    other program, and stays in its worker's process group: whoever ends that ends it too.
    """
    with tempfile.TemporaryFile() as said:
        command = [PROGRAM, "-v", "error", "-y", *words]
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        except OSError as fault:
            raise Failed(f"It cannot be started: {fault}") from fault
        limit(process.pid)
        limit_cpu(process.pid, seconds)
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        clock = threading.Timer(seconds, stop)
        clock.start()
        try:
            with process:
                yield process
        finally:
            clock.cancel()
            if process.poll() is None:
                process.kill()
                process.wait()
        if stopped.is_set():
            raise TooSlow(f"It was stopped after {seconds:.0f} s.")
        if process.returncode:
            said.seek(0)
            last = said.read(4000).decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Failed(f"It ended with {process.returncode}: {last[:200]}")


def limit_cpu(pid: int, seconds: float) -> None:
    """Let a process whose worker was killed, so that nobody stops it, end by itself; where the system can."""
    most = int(4 * THREADS * seconds) + 1  # decoder, filters and encoder have threads of their own
    with contextlib.suppress(OSError, ValueError, AttributeError):
        resource.prlimit(pid, resource.RLIMIT_CPU, (most, most))


def limit(pid: int) -> None:
    """Hold a process to its memory, and let others go before it; where the system can."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # it has ended already, or this is no Linux
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
