"""Single mails in place of which a hint goes, once, by the channel that somebody chose; whatever is tried again goes by mail."""

from datetime import datetime
from typing import Any

from django.db import models

from delivery.single_mails.hand_over import LEFT, End, HandOver
from delivery.single_mails.queue import Queue

from . import hints

HINT = "hint"


class HintedMails[Row: models.Model](Queue[Row]):
    """A kind of single mail whose rows have a `channel`: that of the hint that left, empty for mail."""

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.ways: dict[int, hints.Way] = {}

    def way_of(self, row: Row) -> hints.Way | None:
        """Return by which channel a person who was not tried yet wants a hint, None where the mail goes."""
        raise NotImplementedError

    def page_of(self, row: Row) -> str:
        """Return the address of the page that the hint leads to, in its reader's language."""
        raise NotImplementedError

    def route(self, row: Row) -> str | None:
        """Return HINT, or the mailer; None in somebody's quiet hours."""
        way = self.way_of(row)
        if way is None:
            return super().route(row)
        if way.waits_until is not None:
            untried = self.model._default_manager.filter(pk=row.pk, **self.marks.unclaimed(row))
            untried.update(**self.marks.waits(way.waits_until))
            return None
        self.ways[row.pk] = way
        return HINT

    def hand_over(self, row: Row, route: str, connection: Any) -> HandOver:
        """Send its hint, or hand over its mail; where a hint does not leave, the mail is due at once."""
        if route != HINT:
            return super().hand_over(row, route, connection)
        has_left = hints.send(self.ways[row.pk], self.page_of(row), campaign=self.campaign_of(row), at=self.at)
        return LEFT if has_left else HandOver(End.NOT_NOW, again_at=self.at)

    def concluded(self, row: Row, result: HandOver, *, ended: bool) -> None:
        """Note by which channel a hint left."""
        if row.pk in self.ways and result.end is End.LEFT:
            self.model._default_manager.filter(pk=row.pk).update(channel=self.ways[row.pk].channel)
