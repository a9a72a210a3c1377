"""What the page of a selection shows, in figures and words that need no explanation."""

from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from influencers.models import Choice, CoverageTarget, Harassment, Influencer, Selection, ValuesQuestion
from lib.text.languages.languages import language_name

from . import comparison, labels, tier_moves
from .exclusion_rules import RULES, Rules
from .labels import Labels
from .new_selection import LISTED

OTHERS = 30  # selections that one can be compared with
WHY = 6  # kinds of cells that are shown of those someone is in it for; of the others the number
EXCHANGED = 2  # and of those that an exchange loses or wins


def per_cent(share: float) -> str:
    """Return a part of one in per cent with one decimal, as the reader's language writes it."""
    return f"{number_format(100 * share, decimal_pos=1)}\u00a0%"


def points(change: float) -> str:
    """Return a change of a part of one in per cent, always with its sign."""
    sign = "+" if change > 0.0005 else "−" if change < -0.0005 else "±"
    return f"{sign}{number_format(abs(100 * change), decimal_pos=1)}\u00a0%"


def change(old: dict[str, Any], new: dict[str, Any], key: str) -> tuple[str, str, str]:
    """Return a figure before and after, and its change."""
    before, after = old.get(key, 0.0), new.get(key, 0.0)
    return per_cent(before), per_cent(after), points(after - before)


def page_context(selection: Selection, *, sees_harassment: bool, at: datetime) -> dict[str, Any]:
    """Return what the page shows of a selection; a constant number of queries."""
    result = selection.result
    says = Labels(selection.campaign)
    rows = list(selection.choices.select_related("influencer__recipient"))
    chosen = [row for row in rows if row.decision != Choice.Decision.LEFT_OUT]
    others = Selection.objects.filter(campaign=selection.campaign_id).exclude(pk=selection.pk)
    offered = list(others.only("pk", "name", "state", "made_at")[:OTHERS])
    earlier = others.filter(pk=result.get("before") or 0).first()
    reported = reported_in(selection.campaign_id) if sees_harassment else []
    harassed = {row.influencer_id for row in chosen} & {one.pk for one in reported}
    left_in_peace = [one for one in reported if one.pk not in harassed]
    return {
        "covered": per_cent(result.get("covered", 0.0)),
        "twice": per_cent(result.get("twice", 0.0)),
        "possible": per_cent(result.get("possible", {}).get("covered", 0.0)),
        "method": labels.method(result) if result else "",
        "equation": equation(result),
        "named": named(selection, left_in_peace),
        "rules": rules_of(selection),
        "unknown": unknown(result),
        "tables": tables(result, says),
        "misses": [(says.miss(row), says.remedy(row), per_cent(row["weight"])) for row in result.get("misses", [])],
        "people": people(chosen, says, harassed),
        "left_out": [row for row in rows if row.decision == Choice.Decision.LEFT_OUT],
        "fewer": fewer(selection),
        "unserved": unserved(selection, chosen),
        "harassed": len(harassed),
        "others": offered,
        **change_from(earlier, selection),
        "moves": tier_moves.moves(selection, at=at) if selection.state == Selection.State.DRAFT else None,
    }


def change_from(earlier: Selection | None, selection: Selection) -> dict[str, Any]:
    """Return how a selection differs from the one that it was made from."""
    if earlier is None:
        return {"comparison": None, "comparison_points": None}
    return {
        "comparison": comparison.compare(earlier, selection),
        "comparison_points": points_of(earlier, selection),
    }


def points_of(old: Selection, new: Selection) -> tuple[str, str]:
    """Return how the two figures change from one selection to another."""
    return tuple(change(old.result, new.result, key)[2] for key in ("covered", "twice"))  # type: ignore[return-value]


def reported_in(campaign: int) -> list[Influencer]:
    """Return people who take part and have an open report of harassment now; never kept with a selection."""
    reports = Harassment.objects.filter(closed_at=None).values("influencer")
    return list(Influencer.objects.filter(pk__in=reports, campaign=campaign, state=Influencer.State.ACTIVE))


def equation(result: dict[str, Any]) -> list[tuple[int, str]]:
    """Return how many people there are, how many may be chosen, and how many each rule keeps out: it adds up."""
    if not result:
        return []
    kept = result["kept_out"]
    return [
        (result["people"], _("people in total")),
        (result["eligible"], _("can be chosen")),
        *((kept[rule]["count"], str(text)) for rule, text in RULES.items() if rule in kept),
    ]


def named(selection: Selection, left_in_peace: list[Influencer]) -> list[tuple[str, int, list[Influencer], int]]:
    """
    Return for each rule whom it kept out: how many, some of the people, and how many more there are. Who is left in
    peace is named by the reports that are open now, to people who may read them.
    """
    kept = selection.result.get("kept_out", {})
    references = [reference for row in kept.values() for reference in row["people"]]
    people = Influencer.objects.filter(campaign=selection.campaign_id, reference__in=references)
    found = {one.reference: one for one in people}
    rows = []
    for rule, text in RULES.items():
        if rule not in kept:
            continue
        count = kept[rule]["count"]
        some = [found[reference] for reference in kept[rule]["people"] if reference in found]
        more = count - len(some)
        if rule == "harassed":
            some, more = left_in_peace[:LISTED], max(0, len(left_in_peace) - LISTED)
        rows.append((capfirst(str(text)), count, some, more))
    return rows


def rules_of(selection: Selection) -> list[str]:
    """Return the rules that staff chose, in words."""
    rules = Rules.of(selection.rules)
    lines = []
    if rules.values:
        texts = {row.key: str(row) for row in ValuesQuestion.objects.filter(campaign=selection.campaign_id)}
        lines += [f"“{texts.get(key, key)}” ≥ {least}" for key, least in rules.values.items()]
    if rules.followers:
        lines.append(
            ngettext("at least %(count)d follower", "at least %(count)d followers", rules.followers)
            % {"count": rules.followers}
        )
    if rules.leave_harassed:
        lines.append(_("people with an open harassment report are left out"))
    return lines


def unknown(result: dict[str, Any]) -> list[str]:
    """Return of how many people something is not known, so that they cover nothing."""
    says = {
        "age": _("People whose followers' ages are not known: %(count)d."),
        "region": _("People whose region is not known: %(count)d."),
        "topic": _("People who named no topic: %(count)d."),
    }
    return [says[name] % {"count": count} for name, count in result.get("unknown", {}).items()]


def tables(result: dict[str, Any], says: Labels) -> list[dict[str, Any]]:
    """Return a table for each dimension, with bars of whole and tenths of per cent of each value."""
    names = dict(CoverageTarget.Dimension.choices)
    found = []
    for dimension, rows in result.get("dimensions", {}).items():
        lines = [
            {
                "name": says.name(dimension, row["key"]),
                "share": per_cent(row["share"]),
                "covered": per_cent(row["covered"]),
                "twice": per_cent(row["twice"]),
                "of_it": f"{number_format(100 * row['covered'] / row['share'], decimal_pos=0)}\u00a0%",
                "once_width": f"{100 * row['covered'] / row['share']:.1f}",
                "twice_width": f"{100 * row['twice'] / row['share']:.1f}",
                "possible_at": f"{min(99.0, 100 * row['possible'] / row['share']):.1f}",
            }
            for row in rows
        ]
        sums = {key: per_cent(sum(row[key] for row in rows)) for key in ("share", "covered", "twice")}
        found.append({"name": capfirst(str(names[dimension])), "rows": lines, "sums": sums})
    return found


def people(chosen: list[Choice], says: Labels, harassed: set[int]) -> list[dict[str, Any]]:
    """Return everyone chosen: why, what would be lost without them, and what the best exchange would change."""
    references = {row.swap.get("reference") for row in chosen} - {None, ""}
    campaign = chosen[0].influencer.campaign_id if chosen else 0
    found = Influencer.objects.filter(campaign=campaign, reference__in=references) if references else []
    others = {one.reference: one for one in found}
    places = {1: _("the only one"), 2: _("one of two")}
    return [
        {
            "choice": row,
            "person": row.influencer,
            "is_pinned": row.decision == Choice.Decision.PINNED,
            "is_harassed": row.influencer_id in harassed,
            "gain": per_cent(row.gain),
            "why": [(places.get(one["place"], ""), says.cells(one), per_cent(one["weight"])) for one in row.why[:WHY]],
            "more": max(0, len(row.why) - WHY),
            "swap": swap_of(row, others, says) if row.swap else None,
        }
        for row in chosen
    ]


def swap_of(row: Choice, others: dict[str, Influencer], says: Labels) -> dict[str, Any]:
    """Return the best exchange for someone in words."""
    swap = row.swap
    return {
        "other": others.get(swap["reference"]),
        "covered": points(swap["covered"]),
        "twice": points(swap["twice"]),
        "lost": in_short(swap["lost"], says),
        "won": in_short(swap["won"], says),
    }


def in_short(rows: list[dict[str, Any]], says: Labels) -> list[str]:
    """Return the heaviest of some kinds of cells in words, and the number of the others."""
    lines = [says.cells(one) for one in rows[:EXCHANGED]]
    return lines if len(rows) <= EXCHANGED else [*lines, f"+{len(rows) - EXCHANGED}"]


def fewer(selection: Selection) -> str:
    """Return why fewer were chosen than asked for, or ""."""
    count = selection.result.get("chosen", selection.size)
    if count >= selection.size:
        return ""
    return ngettext(
        "%(count)d person is chosen, not %(size)d: nobody else who can be chosen would add anything.",
        "%(count)d people are chosen, not %(size)d: nobody else who can be chosen would add anything.",
        count,
    ) % {"count": count, "size": selection.size}


def unserved(selection: Selection, chosen: list[Choice]) -> str:
    """Return how many of the chosen read a language that the tier is not served in, or ""."""
    served = selection.audience.languages
    count = sum(row.influencer.recipient.language not in served for row in chosen)
    if not count or not served:
        return ""
    return ngettext(
        "%(count)d chosen person reads a language in which this tier gets no bulletins, and would get "
        "its emails in another one: %(language)s. Add the language to the tier first.",
        "%(count)d chosen people read a language in which this tier gets no bulletins, and would get "
        "its emails in another one: %(language)s. Add the language to the tier first.",
        count,
    ) % {"count": count, "language": language_name(served[0])}


def compared(comparison: comparison.Comparison, says: Labels) -> list[dict[str, Any]]:
    """Return a table for each dimension of what two selections cover."""
    names = dict(CoverageTarget.Dimension.choices)
    return [
        {
            "name": capfirst(str(names[dimension])),
            "rows": [
                {
                    "name": says.name(dimension, row["key"]),
                    "share": per_cent(row["share"]),
                    "before": per_cent(row["before"]),
                    "after": per_cent(row["after"]),
                    "change": points(row["change"]),
                }
                for row in rows
            ],
        }
        for dimension, rows in comparison.dimensions.items()
    ]
