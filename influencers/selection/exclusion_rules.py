"""The rules that a choice is made under: whom each of them keeps out is counted, and said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Every rule, in the order in which they are looked at: someone whom two keep out is counted by the first.
RULES: dict[str, str | Promise] = {
    "state": _("do not take part: invited and not joined yet, or left"),
    "kept_out": _("are not for close contact, with a reason in their profile"),
    "left_out": _("were left out by hand"),
    "mail": _("cannot get bulletins by email: no confirmed consent, or an address that does not work"),
    "signature": _("have not signed the code of ethics, or have withdrawn their signature"),
    "break": _("are on a break"),
    "harassed": _("have an open harassment report"),
    "values": _("gave a lower answer to a values question than is required"),
    "values_unknown": _("have not answered a required values question"),
    "followers": _("have fewer followers than required, or have not said how many"),
}
# The same of one person whose name stands before it, for the rules that a pin does not overrule.
OF_ONE: dict[str, str | Promise] = {
    "state": _("does not take part: invited and not joined yet, or left"),
    "kept_out": _("is not for close contact, with a reason in their profile"),
    "mail": _("cannot get bulletins by email: no confirmed consent, or an address that does not work"),
    "signature": _("has not signed the code of ethics, or has withdrawn their signature"),
}
# What a pin does not overrule: nobody is brought into close contact against their will or their safety.
HARD = tuple(OF_ONE)
# Whom these keep out is counted and never kept by name: not everyone may know, and it is nobody's business once it is over.
UNNAMED = ("harassed",)


@dataclass(frozen=True)
class Rules:
    """
    Least answers to values questions, and what staff chose: whether people with an open report of harassment are left in
    peace (they are only marked otherwise), and the least number of followers (0: none is asked for).
    """

    values: Mapping[str, int] = field(default_factory=dict)
    leave_harassed: bool = False
    followers: int = 0

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the rules that a selection keeps."""
        return cls(
            values={key: int(least) for key, least in sorted(stored.get("values", {}).items()) if int(least) > 1},
            leave_harassed=bool(stored.get("leave_harassed", False)),
            followers=int(stored.get("followers", 0)),
        )

    def stored(self) -> dict[str, Any]:
        """Return the rules as a selection keeps them."""
        return {"values": dict(self.values), "leave_harassed": self.leave_harassed, "followers": self.followers}
