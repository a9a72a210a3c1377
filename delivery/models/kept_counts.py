"""What is counted beside the pages, because counting it takes long."""

from typing import Any

from django.db import models


class KeptCount(models.Model):
    """
    What a walk over very many rows found at a moment, for pages that must not walk themselves. `name` says of what: "send" or
    "audience" and its key; the module that counts knows what `figures` are.
    """

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    figures = models.JSONField()

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"

    @classmethod
    def keep(cls, name: str, figures: Any, *, at: Any) -> None:
        """Keep what was found; one statement."""
        KeptCount.objects.bulk_create(
            [KeptCount(name=name, at=at, figures=figures)],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at", "figures"],
        )
