"""
The kinds of notices: what each says and where it leads. Each app registers its own when it starts (apps.py), so that this
one knows nothing of the apps above it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any, ClassVar

from django.db import models
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from delivery.models import Wanted


@dataclass(frozen=True)
class CalendarPart:
    """
    An event that a mail puts into its reader's calendar: `method` is what the calendar is to do (iTIP, RFC 5546: REQUEST, CANCEL),
    `text` the file.
    """

    method: str
    text: str


class Matter(models.TextChoices):
    """
    Why somebody is told. What is broken reaches them at once, what waits for them by the channels that they chose for it; news of what
    is done rings nowhere.
    """

    BROKEN = "broken", _("something is broken")
    WAITS = "waits", _("something waits for you")
    NEWS = "news", _("something is done")


@dataclass(frozen=True)
class Kind:
    """
    One kind of notice. `says` is its headline (English, from gettext_noop) with places for `values`: it names references and
    numbers, never words that may be under embargo. Without it the headline is the first line of the notice's own text; where
    that names people, `on_screens` (likewise) is what a locked screen shows instead.

    A kind about rows of a `model` is a subclass; they are read with what is `related` at hand, and each is the `subject` of
    these methods. Texts and addresses are in the active language. What has the subject's own words (`named`, `asked`, `subject_line`,
    `quoted`, `quoted_for_hook`) is read through the methods of Notice, which keep them back until its embargo ends; so they do with the
    notice's own text, unless `text_is_ours`.
    """

    key: str
    says: str = ""
    comes_first: bool = False  # no notice of another kind is sent before one of these
    has_own_rule: bool = False  # its own app says how long it is kept
    wants: Wanted | None = None  # as what people who are no staff choose a channel for it; None goes by mail always
    listed_at: str = (
        ""  # the name of the page to which a hint by another channel leads, where the address of its own tells too much
    )
    matter: Matter = Matter.WAITS
    on_screens: str = ""
    only_mail: bool = False  # whatever its person chose
    text_is_ours: bool = False  # its own text never has what somebody typed, so that it leaves under embargo, too

    model: ClassVar[type[Model] | None] = None
    related: ClassVar[tuple[str, ...]] = ()
    named_by: ClassVar[tuple[str, ...]] = ()  # relations that `named` reads

    def values(self, subject: Any, version: int | None = None) -> dict[str, Any]:
        """Return what stands in the places of `says`, for a notice about this `version` of its subject; None is not known."""
        return {}

    def embargo_until(self, subject: Any) -> datetime | None:
        """Return the moment before which nobody may read the subject's words, None where there is none."""
        return None

    def named(self, subject: Any) -> str:
        """
        Return what the subject is called, which stands behind the headline in subjects of mails and on locked screens; nothing
        where it is somebody's private matter. No query but for `named_by`.
        """
        return ""

    def hour(self, subject: Any, person: User) -> str:
        """Return when what is asked for takes effect, in a few words for a person's clock, and nothing where it has no hour."""
        return ""

    def effect(self, subject: Any) -> str:
        """Return what happens as soon as it is done, in a few words, where that has no hour."""
        return ""

    def asked(self, subject: Any) -> str:
        """Return what the subject asks of people, in a line."""
        return ""

    def still_waits(self, subject: Any) -> bool:
        """Return whether what a notice asks for is not done meanwhile; else an alert that is not out yet stays."""
        return True

    def version_of(self, subject: Any) -> int | None:
        """Return which version of the subject a notice is about that is written now; None where there are no versions."""
        return None

    def subject_line(self, subject: Any) -> str:
        """Return the subject of a mail, where that is not the headline."""
        return ""

    def quoted_for_hook(self, subject: Any) -> str:
        """Return a sentence of the subject's own words that the notification hook adds to the headline."""
        return ""

    def added_for_hook(self, subject: Any) -> str:
        """Return a sentence about the subject, without its words, that the notification hook adds to the headline."""
        return ""

    def briefs(self, subjects: Collection[Any]) -> dict[Any, str]:
        """Return {key of a subject: words that the desk's list shows below the headline}; at most one query, however many there are."""
        return {}

    def quoted(self, subject: Any) -> str:
        """Return the subject's own words that a mail says below the text."""
        return ""

    def details(self, subject: Any) -> str:
        """Return what a mail says about the subject below that, without its words, which the notification hook must not know."""
        return ""

    def lead_in(self) -> str:
        """Return what stands above the address in a mail, where that is not what email.py says of every other kind."""
        return ""

    def calendar(self, subject: Any, *, at: datetime) -> CalendarPart | None:
        """Return the event that a mail written at `at` brings along, None for none."""
        return None

    def page(self, subject: Any, person: User | None) -> str:
        """Return the path of the page that a notice leads to, where the notice itself names none."""
        raise NotImplementedError(f"A notice of the kind {self.key} names its page.")

    def contact(self, subject: Any) -> str | None:
        """Return the address to which one without a person is mailed; None for the notification hook."""
        return None

    def language(self, subject: Any) -> str:
        """Return the language of a mail without a person, "" for the campaign's."""
        return ""

    def urgency(self, subject: Any) -> str:
        """Return how urgent the subject is, for the notification hook."""
        return ""

    def is_about(self, subject: Any) -> bool:
        """Return whether a row is what notices of this kind are about; None is, where that is nothing."""
        return isinstance(subject, self.model or NoneType)

    def subjects(self, keys: Collection[int | None]) -> dict[Any, Any]:
        """Return what notices are about, by key, with what is `related` at hand; one query, or none, and one for each of `named_by`."""
        if self.model is None:
            return {}
        rows = self.model._default_manager.all()
        rows = rows.select_related(*self.related) if self.related else rows
        return (rows.prefetch_related(*self.named_by) if self.named_by else rows).in_bulk(keys)


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Add an app's kinds. Raise ValueError when another kind has the key already."""
    for kind in kinds:
        if _kinds.setdefault(kind.key, kind) is not kind:
            raise ValueError(f"There are two kinds of notices with the key {kind.key}.")


def registered() -> list[Kind]:
    """Return every kind, as registered."""
    return list(_kinds.values())


def get(key: str) -> Kind:
    """Return a kind by its key. Raise KeyError."""
    return _kinds[key]
