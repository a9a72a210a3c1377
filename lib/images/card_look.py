"""
How a campaign's cards look, as data: its colours, font, logo and issuer's mark, and the theme that comes first.

Every pair of words and ground that a theme sets has a contrast of LEAST at least, whatever colours somebody chooses:
`faults` names each pair that has less, and a look with one is refused where it is saved.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

LEAST = 4.5  # WCAG 2.2 AA
COLOUR = re.compile(r"#[0-9a-f]{6}")
WHITE = "#ffffff"
THEMES = ("plain", "bold", "photo", "quiet")
FONTS = ("inter", "manrope")
GLOW = 0.3  # how much of a glow's colour shines through the night where it is brightest


@dataclass(frozen=True, slots=True)
class Look:
    """
    The colours (#rrggbb) of a campaign's cards. `ground`, `ink`, `pop` and `soft` make the plain theme, and ink stands on
    pop and on white in all; `bold`… the bold one, `night`… the quiet one with its two glows. `logo` and `mark` (the
    issuer's) are the names of stored pictures, "" for none; `theme` is the one that comes first.
    """

    ground: str = "#fdf4e3"
    ink: str = "#06303d"
    pop: str = "#ffb43c"
    soft: str = "#d3ebf0"
    bold: str = "#0b4f60"
    bold2: str = "#0a4554"
    onbold: str = "#ffffff"
    onbold2: str = "#ffd084"
    night: str = "#061d25"
    onnight: str = "#eef6f8"
    onnight2: str = "#a9c6ce"
    glow: str = "#1590ad"
    glow2: str = "#d98a1f"
    font: str = "inter"
    theme: str = "bold"
    logo: str = ""
    mark: str = ""

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the look that `plain` has written; what it does not say is the house's."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in plain.items() if name in known})

    def plain(self) -> dict[str, str]:
        """Return what differs from the house's look, as plain data; {} for the house's look itself."""
        house = asdict(HOUSE)
        return {name: value for name, value in asdict(self).items() if value != house[name]}


COLOURS = tuple(field.name for field in fields(Look) if field.name not in {"font", "theme", "logo", "mark"})
HOUSE = Look()
# Looks to begin with, by name.
READY: dict[str, Look] = {
    "lake": HOUSE,
    "water": Look(
        ground="#f4f1e9",
        ink="#0f1b2d",
        pop="#c8f04b",
        soft="#d9e6ff",
        bold="#1f3bff",
        bold2="#142fe0",
        onbold="#ffffff",
        onbold2="#c8f04b",
        night="#0a1120",
        onnight="#eef3fb",
        onnight2="#a9bad3",
        glow="#2f6bff",
        glow2="#12c9b7",
    ),
    "storm": Look(
        ground="#f6f2f8",
        ink="#23113f",
        pop="#ffb199",
        soft="#e6dcfa",
        bold="#4a22b4",
        bold2="#401ba3",
        onbold="#ffffff",
        onbold2="#ffb199",
        night="#140b26",
        onnight="#f4effc",
        onnight2="#bfb0d9",
        glow="#7a45ff",
        glow2="#ff7a59",
    ),
}
# What stands on what: (words, ground). A ground of two parts is a glow over the night.
PAIRS: tuple[tuple[str, str], ...] = (
    ("ink", "ground"),
    ("ink", "pop"),
    ("ink", "soft"),
    ("ink", "white"),
    ("onbold", "bold"),
    ("onbold", "bold2"),
    ("onbold2", "bold"),
    ("onbold2", "bold2"),
    ("ink", "onbold2"),
    ("onnight", "night"),
    ("onnight2", "night"),
    ("onnight", "night glow"),
    ("onnight", "night glow2"),
    ("onnight2", "night glow"),
    ("onnight2", "night glow2"),
    ("night", "onnight"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Two colours that are too alike, by name, and their contrast."""

    words: str
    ground: str
    contrast: float


def is_colour(text: str) -> bool:
    """Return whether a text is a colour as #rrggbb."""
    return bool(COLOUR.fullmatch(text))


def mixed(ground: str, over: str, share: float) -> str:
    """Return the colour that comes of `share` (0 to 1) of one over another."""
    one, other = _rgb(ground), _rgb(over)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(one, other, strict=True))


def colour_of(look: Look, name: str) -> str:
    """Return the colour that a pair names: one of the look's, white, or a glow over the night."""
    if name == "white":
        return WHITE
    ground, _space, over = name.partition(" ")
    colour: str = getattr(look, ground)
    return mixed(colour, getattr(look, over), GLOW) if over else colour


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faults(look: Look, pairs: Iterable[tuple[str, str]] = PAIRS) -> list[Fault]:
    """Return the pairs of a look whose contrast is too low, the worst first."""
    found = [Fault(words, ground, contrast(colour_of(look, words), colour_of(look, ground))) for words, ground in pairs]
    return sorted((one for one in found if one.contrast < LEAST), key=lambda one: one.contrast)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
