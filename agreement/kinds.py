"""
The kinds of text that a second person agrees to. A kind says what differs: what its content is, who may agree, what happens then;
who wrote what, revisions, digests, states and refusals are those of steps.py, for all of them alike.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

from .digests import digest_of


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table calls the columns of an agreement; "" for one that it does not have."""

    state: str = "state"
    writers: str = "writers"
    edited_by: str = "edited_by"
    edited_at: str = "edited_at"
    digest: str = "digest"
    digest_version: str = "digest_version"
    agreed_by: str = "agreed_by"
    agreed_at: str = "agreed_at"
    agreed_digest: str = ""
    remark: str = "remark"


class Kind[Row: models.Model]:
    """
    One kind of text. `covers` are the rows of docs/using/bulletins/second-person.md that go through it. `draft`, `waiting` and
    `agreed` are the values of the state's column; where `waiting` is none of its own, a draft can be agreed to at once.
    """

    name: ClassVar[str]
    covers: ClassVar[tuple[str, ...]]
    model: type[Row]
    agree_permission: ClassVar[str] = ""
    columns: ClassVar[Columns] = Columns()
    draft: ClassVar[str] = "draft"
    waiting: ClassVar[str] = "in_review"
    agreed: ClassVar[str] = "published"
    # Whether readers keep what was agreed to last, and the row who agreed to it, while another version is written.
    keeps_last_agreed: ClassVar[bool] = False
    # What the audit log calls the steps: "survey.started" for the step "agreed" of a survey.
    verbs: ClassVar[dict[str, str]] = {}
    # What stands on the button.
    agree_label: ClassVar[Any] = gettext_lazy("Approve")
    # How a refusal begins, by step.
    refusals: ClassVar[dict[str, Any]] = {
        "written": gettext_lazy("Not saved."),
        "submitted": gettext_lazy("Not submitted."),
        "agreed": gettext_lazy("Not approved."),
        "sent_back": gettext_lazy("Not sent back."),
    }

    # --- What every kind says

    def content_of(self, row: Row) -> dict[str, Any]:
        """Return all that readers get of it, to whom it goes and when, as plain data: what a second person agrees to."""
        raise NotImplementedError

    # --- What a kind may say

    def faults(self, row: Row, *, at: datetime) -> Iterator[str]:
        """Yield what is missing or must not be there before it can be submitted or agreed to."""
        yield from ()

    def old_digest(self, row: Row) -> str:
        """Return the digest in the spelling of release 1.6.1, "" for a kind that has come since."""
        return ""

    def campaign_of(self, row: Row) -> Any:
        """Return the campaign in which roles count."""
        return getattr(row, "campaign", None)

    def writers_of(self, row: Row) -> set[int]:
        """Return the keys of everybody who wrote what a row says now."""
        keys = set(self.get(row, "writers") or ())
        return {key for key in (*keys, self.get_id(row, "edited_by")) if key}

    def why_not(self, row: Row, by: User, *, at: datetime) -> str:
        """Return why somebody who did not write it may not agree to it either, as a sentence; "" when they may."""
        return ""

    def may_agree(self, row: Row, by: User) -> bool:
        """Return whether somebody has the permission to agree to a row, if it is not their own; in an exercise its players have it."""
        campaign = self.campaign_of(row)
        plays = campaign is not None and campaign.is_exercise and by.is_made_up
        return (
            plays or by.has_perm(self.agree_permission) or any(person.pk == by.pk for person in self.who_may_agree(row))
        )

    def who_may_agree(self, row: Row) -> Iterable[User]:
        """Return the colleagues who have the permission; one query."""
        campaign = self.campaign_of(row)
        return User.objects.staff_with(self.agree_permission, campaign.pk if campaign else None)

    def why_not_writable(self, row: Row) -> str:
        """Return why nobody can change a row any more, as sentences; "" while it can be changed."""
        return "" if self.is_open(row) else _("It is no draft any more. Reload the page.")

    def is_open(self, row: Row) -> bool:
        """Return whether a row can be changed or submitted."""
        return self.get(row, "state") in {self.draft, self.waiting}

    def is_waiting(self, row: Row) -> bool:
        """Return whether a second person is wanted."""
        return bool(self.get(row, "state") == self.waiting)

    def is_agreed(self, row: Row) -> bool:
        """Return whether a second person has agreed to what a row says now."""
        return self.get_id(row, "agreed_by") is not None

    def lock(self, row: Row) -> Row:
        """Return a row as it stands, for this transaction alone."""
        return self.model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)

    def agreed_rows(self) -> "models.QuerySet[Row]":
        """Return the rows that are agreed to, to be looked at by the audit."""
        return self.model._default_manager.filter(**{f"{self.columns.agreed_by}__isnull": False})

    def changes(self, row: Row) -> Collection[tuple[str, str, str]]:
        """Return what differs from what was last agreed to, each with its name, the text before and the text now."""
        return ()

    def audited(self, row: Row) -> models.Model:
        """Return the row under whose name the audit log keeps a step."""
        return row

    def noted(self, row: Row) -> dict[str, Any]:
        """Return what else the audit log keeps of a step."""
        return {}

    # --- What happens then; each inside the step's transaction

    def on_written(self, row: Row, *, by: User, at: datetime) -> None:
        """Do what follows from other words, such as taking back what was planned."""

    def on_submitted(self, row: Row, *, by: User, at: datetime) -> None:
        """Call those who may agree."""

    def on_agreed(self, row: Row, *, by: User, at: datetime) -> None:
        """
        Let it go out: set what goes with it in the row, which is stored afterwards. Raise Refused where that cannot be; then
        nothing was agreed.
        """

    def on_sent_back(self, row: Row, *, remark: str, by: User, at: datetime) -> None:
        """Tell those who wrote it."""

    # --- The mechanism's own

    def get(self, row: Row, column: str) -> Any:
        """Return the value of one of the mechanism's columns, None where the table has none."""
        name = getattr(self.columns, column)
        return getattr(row, name) if name else None

    def get_id(self, row: Row, column: str) -> int | None:
        """Return the key in a column that names a user."""
        name = getattr(self.columns, column)
        return getattr(row, f"{name}_id") if name else None

    def put(self, row: Row, **values: Any) -> None:
        """Set the mechanism's columns, those that the table has."""
        for column, value in values.items():
            if name := getattr(self.columns, column):
                setattr(row, name, value)

    def digest_of(self, row: Row) -> str:
        """Return the digest of what a row says now: what a form carries as `seen`."""
        return digest_of(self.name, self.content_of(row))

    def is_digest(self, row: Row, seen: str) -> bool:
        """Return whether somebody who has read `seen` has read what a row says now; a page of 1.6.1 shows its stored digest."""
        return bool(seen) and (
            seen == self.digest_of(row) or (seen == self.get(row, "digest") and self.is_stored_digest(row))
        )

    def is_stored_digest(self, row: Row) -> bool:
        """Return whether a row still says what it said when it was last written by a step, in either spelling."""
        stored = self.get(row, "digest") or self.get(row, "agreed_digest")
        if not self.columns.digest or stored == self.digest_of(row):
            return True
        is_old = not self.columns.digest_version or self.get(row, "digest_version") == 0
        # A table that got its digest with this app has none in rows of before.
        return is_old and (not stored or stored == self.old_digest(row))

    def is_as_written(self, row: Row) -> bool:
        """Return whether what waits was written by steps; a kind whose files are made by jobs says what that covers."""
        return self.is_stored_digest(row)

    def holds(self, row: Row) -> bool:
        """Return whether a second person has agreed to exactly what a row says now."""
        return self.is_agreed(row) and self.is_stored_digest(row)

    def verb(self, step: str) -> str:
        """Return what the audit log calls a step."""
        return self.verbs.get(step, f"{self.name}.{step}")


_kinds: dict[str, Kind[Any]] = {}


def register[K: Kind[Any]](kind: K) -> K:
    """Add a kind, when its app starts."""
    _kinds[kind.name] = kind
    return kind


def registered() -> Collection[Kind[Any]]:
    """Return all kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]
