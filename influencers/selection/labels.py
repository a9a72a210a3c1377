"""What is kept of a selection as keys and figures, in words of the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, Region
from campaigns.translated_fields import in_language
from influencers.models import Interest
from lib.text.languages.languages import language_name

from .optimizer import GAP


class Labels:
    """The names of a campaign's regions and topics, read at once; two queries."""

    def __init__(self, campaign: Campaign) -> None:
        self.regions = {row.code: in_language(row.name) or row.code for row in Region.objects.all()}
        topics = Interest.objects.filter(campaign=campaign)
        self.topics = {row.slug: in_language(row.name) or row.slug for row in topics}

    def name(self, dimension: str, key: str) -> str:
        """Return what a value of a dimension is called."""
        if dimension == "age":
            return age(key)
        if dimension == "language":
            return language_name(key)
        return (self.regions if dimension == "region" else self.topics).get(key, key)

    def names(self, dimension: str, keys: Iterable[str]) -> str:
        """Return what several values are called, with commas between."""
        return ", ".join(self.name(dimension, key) for key in keys if key)

    def cells(self, row: Mapping[str, Any]) -> str:
        """Return cells that are alike in words: topics, ages, language, region."""
        parts = [
            self.names("topic", row["topics"]),
            self.names("age", row["ages"]),
            self.names("language", [row["language"]]),
            self.names("region", [row["region"]]),
        ]
        return " · ".join(part for part in parts if part)

    def whom(self, row: Mapping[str, Any]) -> str:
        """Return whom a missed group of cells is about."""
        parts = [(name, row[name]) for name in ("age", "language", "region")]
        return ", ".join(self.name(name, key) for name, key in parts if key) or _("Everyone")

    def miss(self, row: Mapping[str, Any]) -> str:
        """Return a missed group of cells as a sentence."""
        whom = self.whom(row)
        if row["nobody"] or row["topics"] == [""]:
            return _("%(whom)s: nobody chosen reaches them.") % {"whom": whom}
        return _("%(whom)s: nobody chosen makes content about %(topics)s.") % {
            "whom": whom,
            "topics": self.names("topic", row["topics"]),
        }

    def remedy(self, row: Mapping[str, Any]) -> str:
        """Return what could be done about a missed group of cells."""
        if not row["could"]:
            return _("Nobody who can be chosen does either: invite someone.")
        return ngettext(
            "%(count)d person who can be chosen does, but others add more.",
            "%(count)d people who can be chosen do, but others add more.",
            row["could"],
        ) % {"count": row["could"]}


def age(key: str) -> str:
    """Return an age group as it is written: "13_17" is 13–17, "45_plus" is 45+."""
    first, _under, last = key.partition("_")
    return f"{first}–{last}" if last.isdigit() else f"{first}+"


def method(result: Mapping[str, Any]) -> str:
    """Return in a sentence how a selection was found, and what is proven about it."""
    gap = number_format(100 * result["gap"], decimal_pos=2)
    if result["method"] == "bounded" and result["gap"] < 0.00005:
        return _("Found by a greedy method and proven: no other choice under these rules is better.")
    if result["method"] == "bounded":
        return _(
            "Found by a greedy method and proven: no other choice under these rules is better by more "
            "than %(gap)s per cent."
        ) % {"gap": gap}
    if result["method"] == "exact" and result["gap"] < 0.00005:
        return _("Found by an exact method (integer programming): no other choice under these rules is better.")
    if result["method"] == "exact" and result["gap"] <= GAP:
        return _(
            "Found by an exact method (integer programming): no other choice under these rules is better by more than "
            "%(gap)s per cent."
        ) % {"gap": gap}
    if result["method"] != "greedy":
        return _(
            "Found by an exact method (integer programming) that ran out of time: no other choice "
            "under these rules is better by more than %(gap)s per cent."
        ) % {"gap": gap}
    return _(
        "Found by a greedy method: at least 63 per cent of the best by proof, and no other choice "
        "under these rules is better by more than %(gap)s per cent, as measured."
    ) % {"gap": gap}
