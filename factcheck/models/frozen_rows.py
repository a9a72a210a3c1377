"""Rows that are written once: what was published, and what was copied."""

from typing import Any

from django.db import models

REFUSAL = "This is kept as it was written: store another row instead."


class FrozenQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Questions about rows that never change. They go only with what they belong to."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        raise TypeError(REFUSAL)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError(REFUSAL)


class Frozen(models.Model):
    """A row that is stored once and never changed or deleted by itself."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it once. Raise TypeError on any later change."""
        if not self._state.adding:
            raise TypeError(REFUSAL)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError(REFUSAL)
