"""The picture of a day: how long mail took to the inbox, by the minute in which it arrived; what happened as lines."""

import math
from collections import defaultdict
from html import escape

from benchmarks.mail.urgent import quantile

from .record import Times

WIDTH, HEIGHT = 960, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 160, 60
COLOURS = {"bulletin": "#1f5fa8", "urgent update": "#b3261e", "correction": "#2e7d32", "recall": "#7b1fa2"}
SECONDS = (0.1, 1, 10, 100, 1000)
MOST_BUCKETS = 60


def draw(times: Times, events: list[tuple[float, str]]) -> str:
    """Return an SVG with the median (line) and the 95th of a hundred (dots) of each kind. Seconds grow by powers of ten."""
    began, ended = events[0][0], events[-1][0]
    step = max(1, math.ceil((ended - began) / MOST_BUCKETS))  # seconds of a bucket

    def x(at: float) -> float:
        return round(LEFT + (at - began) / (ended - began) * (WIDTH - LEFT - RIGHT), 1)

    def y(seconds: float) -> float:
        share = math.log10(min(max(seconds, SECONDS[0]), SECONDS[-1]) / SECONDS[0]) / math.log10(
            SECONDS[-1] / SECONDS[0]
        )
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        text(LEFT, 20, "Seconds from approval to inbox, by the moment of arrival: median (line), 95 of 100 (dots)")
    ]
    for seconds in SECONDS:
        parts += [line(LEFT, y(seconds), WIDTH - RIGHT, y(seconds), "#ddd")]
        parts += [text(LEFT - 8, y(seconds) + 4, f"{seconds:g} s", "end")]
    minute = 60 if ended - began > 240 else 15
    for second in range(0, int(ended - began) + 1, minute):
        parts.append(text(x(began + second), HEIGHT - BOTTOM + 18, f"{second // 60}:{second % 60:02} min", "middle"))
    for number, (at, words) in enumerate(events):
        height = 40 + number % 7 * 16  # so that neighbours stay readable
        anchor = "end" if x(at) > WIDTH * 0.7 else "start"
        parts += [
            line(x(at), height + 4, x(at), HEIGHT - BOTTOM, "#999", dashed=True),
            text(x(at), height, words, anchor),
        ]
    for number, (kind, colour) in enumerate(COLOURS.items()):
        buckets: dict[int, list[float]] = defaultdict(list)
        for at, took in times.get(kind, []):
            buckets[int((at - began) / step)].append(took)
        points = [
            (x(began + (place + 0.5) * step), y(quantile(sorted(some), 50)), y(quantile(sorted(some), 95)))
            for place, some in sorted(buckets.items())
        ]
        joined = " ".join(f"{at},{half}" for at, half, _most in points)
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{at}" cy="{most}" r="2.5" fill="{colour}"/>' for at, _half, most in points]
        parts.append(text(LEFT + number * 170, HEIGHT - 12, f"● {kind}", colour=colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""])


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    """Return a line."""
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"{dashes}/>'


def text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#222") -> str:
    """Return words."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
