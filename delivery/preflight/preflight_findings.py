"""What one check of the preflight found, as it is shown, and as it is stored."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext


class Level(StrEnum):
    """How bad it is. WRONG stops live sends; UNSEEN does, unless the domain passed not long ago. SKIPPED: no need."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    UNSEEN = "unseen"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """
    What one check found, and what to do about it ("" for nothing).

    `says` and `do` are English from gettext_noop with %(names)s that `values` fill; `said` and `to_do` are them in
    the reader's language.
    """

    check: str
    level: Level
    says: str
    do: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Return whether mail may go as far as this is concerned."""
        return self.level in {Level.OK, Level.SKIPPED, Level.WARNING}

    @property
    def summary(self) -> str:
        """What was found, in the active language."""
        return gettext(self.says) % self.values

    @property
    def to_do(self) -> str:
        """What to do, in the active language."""
        return gettext(self.do) % self.values if self.do else ""

    def as_stored(self) -> dict[str, Any]:
        """Return it as Preflight.findings holds it."""
        return asdict(self) | {"level": self.level.value, "ok": self.ok}

    @classmethod
    def from_stored(cls, row: dict[str, Any]) -> Self:
        """Return what `as_stored` wrote."""
        return cls(row["check"], Level(row["level"]), row["says"], row["do"], row["values"])
