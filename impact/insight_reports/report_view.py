"""A report as its readers see it, in the active language: the same lines for its page, its PDF and its data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from bulletins.models import Bulletin
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from factcheck.models import Claim, Sighting
from impact.charts import week_charts
from impact.charts.week_charts import WeekChart
from impact.weeks import Week
from lib.statistics.small_groups import FEWEST

from . import risk
from .public_part import Content
from .report_words import MOST_ADVICE

MOST_PLATFORMS = 3  # named of one claim


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation: what, who, and by when in words."""

    what: str
    taken: str


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim with its risk. `heading` is the fact where there is one, so that the falsehood is not what is read first."""

    heading: str
    text: str
    verdict: str
    slug: str
    seen: str
    where: str
    reach: str
    harm: str
    doubt: str
    level: int | None
    risk: str
    product: int
    abcde: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was published: when, what, and how fast; `url_name` and `key` lead to its page."""

    when: str
    kind: str
    title: str
    note: str
    url_name: str
    key: str


@dataclass(slots=True)
class ReportView:
    """A report in one language. `language` is that of the words that people wrote, where it is not the active one."""

    title: str
    lead: str
    language: str
    week: str
    code: str
    meta: list[tuple[str, str]]
    advice: list[Advice]
    claims: list[ClaimLine]
    other_claims: str
    narratives: list[tuple[str, str, str]]
    platforms: list[tuple[str, str]]
    platforms_note: str
    questions: list[tuple[str, str, str, str]]
    other_questions: str
    charts: list[WeekChart]
    done: list[Done]
    speed: list[str]
    limits: list[str]
    is_public: bool
    described: list[ClaimLine] = field(default_factory=list)


def view_of(content: Content, campaign: Campaign, *, gone: int = 0) -> ReportView:
    """Return a report in the active language; `gone` is how many things in it were withdrawn since."""
    language = get_language() or campaign.default_language
    written = language_with_words(content["words"], language, campaign.default_language)
    words = content["words"].get(written, {})
    figures, week = content["figures"], Week.read(content["week"])
    assert week is not None
    claims = [claim_line(one, content["judged"].get(str(one["pk"]), {}), words) for one in figures["claims"]]
    claims.sort(key=lambda one: -one.product)
    questions = figures["questions"]
    return ReportView(
        title=words.get("title", ""),
        lead=words.get("lead", ""),
        language=written,
        week=week_name(week),
        code=week.code,
        meta=meta_of(content, campaign, week),
        advice=advice_of(words, content["days"]),
        claims=claims,
        other_claims=other_claims(figures["other_claims"], is_public=content["is_public"]),
        narratives=[narrative_line(one, figures["claims"]) for one in figures["narratives"]],
        platforms=[
            (platforms_named(names), number_format(number, force_grouping=True))
            for names, number in figures["sightings"]["platforms"]
        ],
        platforms_note=reach_of(figures["sightings"]),
        questions=[question_line(one) for one in questions["rows"]],
        other_questions=other_questions(questions["other_groups"]),
        charts=charts_of(figures, week, campaign),
        done=done_lines(figures["done"], campaign),
        speed=speed_of(figures["done"]),
        limits=limits_of(gone),
        is_public=content["is_public"],
        described=[one for one in claims if one.abcde],
    )


def language_with_words(words: Mapping[str, Any], language: str, main: str) -> str:
    """Return the language whose words are shown: the one asked for, else the campaign's main one, else any."""
    return next((code for code in (language, main, *words) if words.get(code, {}).get("title")), language)


def week_name(week: Week) -> str:
    """Return a week in words: its number and its days."""
    days = f"{date_format(week.first, 'MONTH_DAY_FORMAT')} – {date_format(week.last, 'SHORT_DATE_FORMAT')}"
    return _("Week %(number)d, %(days)s") % {"number": week.number, "days": days}


def told(number: int | None) -> str:
    """Return a number of people or sightings; one below five in words."""
    return _("fewer than %(n)d") % {"n": FEWEST} if number is None else number_format(number, force_grouping=True)


def meta_of(content: Content, campaign: Campaign, week: Week) -> list[tuple[str, str]]:
    """Return what stands under the title: the week, and from how much the report is made."""
    figures = content["figures"]
    return [
        (_("Report of"), week_name(week)),
        (_("Sightings of claims"), told(figures["sightings"]["all"])),
        (_("Questions asked"), told(figures["questions"]["all"])),
        (_("Counted"), date_format(campaign.local(datetime.fromisoformat(content["figures_at"])), "DATETIME_FORMAT")),
    ]


def advice_of(words: Mapping[str, str], days: list[str]) -> list[Advice]:
    """Return the recommendations that are written."""
    found = []
    for number in range(1, MOST_ADVICE + 1):
        if what := words.get(f"what{number}"):
            day = days[number - 1] if number <= len(days) else ""
            by = _("by %(day)s") % {"day": date_format(date.fromisoformat(day), "DATE_FORMAT")} if day else ""
            found.append(Advice(what, ", ".join(filter(None, [words.get(f"who{number}", ""), by]))))
    return found


# --- Claims -----------------------------------------------------------------------------------------------


def claim_line(claim: Content, judged: Mapping[str, Any], words: Mapping[str, str]) -> ClaimLine:
    """Return a claim with what is judged and written of it."""
    key, level = claim["pk"], risk.level_of(judged)
    verdict = str(Claim.Verdict(claim["verdict"]).label) if claim["verdict"] else _("being checked")
    text, fact = in_language(claim["text"]), in_language(claim["fact"])
    abcde = [(str(label), words.get(f"{key}_{name}", "")) for name, label in risk.ABCDE_NAMES.items()]
    factors = {name: str(risk.CHOICES[name].get(judged.get(name) or 0, _("not judged"))) for name in risk.FACTORS}
    reach = factors["reach"]
    if claim["reach"] is not None:
        reach = _("%(words)s (seen by %(people)s so far as is known)") % {
            "words": reach,
            "people": number_format(claim["reach"], force_grouping=True),
        }
    return ClaimLine(
        heading=fact or text,
        text=text,
        verdict=verdict,
        slug=claim["slug"] if claim["is_public"] else "",
        seen=seen_in_words(claim),
        where=platforms_named([name for names in claim["platforms"] for name in names][:MOST_PLATFORMS]),
        reach=reach,
        harm=". ".join(filter(None, [factors["harm"], words.get(f"{key}_harm", "")])),
        doubt=factors["doubt"],
        level=level,
        risk=str(risk.LEVELS[level]) if level else _("not judged"),
        product=risk.product_of(judged),
        abcde=[pair for pair in abcde if pair[1]],
    )


def seen_in_words(claim: Content) -> str:
    """Return how often a claim was seen in the week, and in the one before."""
    words = {"now": told(claim["seen"]), "before": told(claim["before"])}
    day = date_format(date.fromisoformat(claim["first"]), "SHORT_DATE_FORMAT")
    return _("%(now)s times, the week before %(before)s; first on %(day)s") % {**words, "day": day}


def other_claims(number: int, *, is_public: bool) -> str:
    """Return a line about the claims that the report does not tell one by one."""
    if not number:
        return ""
    if is_public:
        return ngettext(
            "%(n)d more claim is being checked or was seen less often, and is not repeated here.",
            "%(n)d more claims are being checked or were seen less often, and are not repeated here.",
            number,
        ) % {"n": number}
    return ngettext("%(n)d more claim was seen less often.", "%(n)d more claims were seen less often.", number) % {
        "n": number
    }


def narrative_line(narrative: Content, claims: Iterable[Content]) -> tuple[str, str, str]:
    """Return a story, the need behind it, and how many of the week's claims serve it."""
    number = len(narrative["claims"])
    serves = ngettext("%(n)d claim", "%(n)d claims", number) % {"n": number}
    return in_language(narrative["name"]), in_language(narrative["need"]), serves


# --- Where, and what was asked ----------------------------------------------------------------------------


def platforms_named(names: Iterable[str]) -> str:
    """Return platforms by their names."""
    labels = dict(Sighting.Platform.choices)
    return ", ".join(str(labels.get(name, name)) for name in names)


def reach_of(sightings: Content) -> str:
    """Return before how many people claims were seen, or that nobody knows."""
    if sightings["reach"] is None:
        return _("How many people saw them is not known: fewer than %(n)d sightings say so.") % {"n": FEWEST}
    return _("Seen by %(people)s people so far as is known: %(known)s of %(all)s sightings say before how many.") % {
        "people": number_format(sightings["reach"], force_grouping=True),
        "known": told(sightings["reach_known"]),
        "all": told(sightings["all"]),
    }


def question_line(question: Content) -> tuple[str, str, str, str]:
    """Return a question, how many asked it, what became of it, and its state."""
    states = {
        "answered": _("answered %(day)s"),
        "declined": _("will not be answered"),
        "void": _("no answer yet: a void"),
    }
    said = states[question["state"]]
    if question["answered_at"]:
        said = said % {"day": date_format(datetime.fromisoformat(question["answered_at"]), "DATE_FORMAT")}
    authority = in_language(question["authority"])
    if question["state"] == "void" and authority:
        said = f"{said} ({authority})"
    return in_language(question["label"]), told(question["asked"]), said, question["state"]


def other_questions(number: int) -> str:
    """Return a line about the questions that are not told one by one."""
    if not number:
        return ""
    return ngettext(
        "%(n)d more question was asked by few people, and is not shown one by one.",
        "%(n)d more questions were asked by few people, and are not shown one by one.",
        number,
    ) % {"n": number}


def charts_of(figures: Content, week: Week, campaign: Campaign) -> list[WeekChart]:
    """Return the charts of sightings and of questions; a week of fewer than FEWEST is a gap."""
    found = []
    after = week.after()
    for key, name, unit in (
        ("sightings", _("Claims seen"), pgettext("unit", "sightings")),
        ("questions", _("Questions"), pgettext("unit", "asked")),
    ):
        kept = figures[key]["weeks"]
        weeks = sorted(filter(None, map(Week.read, kept)))
        values = {one: Decimal(kept[one.code]) for one in weeks if kept[one.code] is not None}
        chart = week_charts.build(f"{campaign.pk}-{key}", name, values, weeks=weeks, now=after, unit=unit)
        say_hidden(chart, name)
        found.append(chart)
    return found


def say_hidden(chart: WeekChart, name: str) -> None:
    """Say of the weeks that are not drawn that they had fewer than FEWEST: that is known, and no gap in what is."""
    hidden = [row.week.number for row in chart.rows if row.value is None]
    if not hidden:
        return
    known = [row for row in chart.rows if row.value is not None]
    last = chart.rows[-1]
    if last.value is None:
        title = _("%(name)s: fewer than %(n)d, week %(week)s")
        chart.title = title % {"name": name, "n": FEWEST, "week": last.week.number}
    change = week_charts.change_of(known[0], known[-1]) if last.value is not None and len(known) > 1 else ""
    few = _("Fewer than %(n)d in week %(weeks)s: not drawn.") % {"n": FEWEST, "weeks": week_charts.ranges_of(hidden)}
    chart.finding = " ".join(filter(None, [change, few]))


# --- What was done ----------------------------------------------------------------------------------------


def done_lines(done: Content, campaign: Campaign) -> list[Done]:
    """Return what was published, in the order of its moments."""
    lines: list[tuple[str, Done]] = []
    for one in done["bulletins"]:
        kind = {
            Bulletin.Kind.CORRECTION: _("Correction of bulletin %(number)d"),
            Bulletin.Kind.RETRACTION: _("Bulletin %(number)d withdrawn"),
        }
        name = kind.get(one["kind"], _("Bulletin %(number)d")) % {"number": one["number"]}
        line = Done(moment(one, campaign), name, in_language(one["title"]), "", "website:bulletin", str(one["number"]))
        lines.append((one["at"], line))
    for one in done["checks"]:
        verdict = Claim.Verdict(one["verdict"]).label if one["verdict"] else "–"
        found = _("Claim: %(verdict)s") % {"verdict": verdict}
        kind_name = _("Fact-check corrected") if one["kind"] == "correction" else _("Fact-check")
        note = after_hours(one["hours"], _("%(time)s after the claim was reported"))
        line = Done(
            moment(one, campaign),
            kind_name,
            in_language(one["fact"]),
            ", ".join(filter(None, [found, note])),
            "factcheck:claim",
            one["slug"],
        )
        lines.append((one["at"], line))
    for one in done["answers"]:
        kind_name = _("Answer corrected") if one["kind"] == "correction" else _("Answer")
        note = after_hours(one["hours"], _("%(time)s after it was first asked"))
        line = Done(moment(one, campaign), kind_name, in_language(one["question"]), note, "website:answer", one["slug"])
        lines.append((one["at"], line))
    return [line for _at, line in sorted(lines, key=lambda pair: pair[0])]


def moment(one: Content, campaign: Campaign) -> str:
    """Return when something was published, in the campaign's zone."""
    return date_format(campaign.local(datetime.fromisoformat(one["at"])), "DATETIME_FORMAT")


def after_hours(hours: float | None, sentence: str) -> str:
    """Return how fast something was, "" where nobody knows."""
    return "" if hours is None else sentence % {"time": time_of(hours)}


def time_of(hours: float) -> str:
    """Return hours in words, days where they are many."""
    if hours >= 48:
        days = round(hours / 24)
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    whole = max(1, round(hours))
    return ngettext("%(n)d hour", "%(n)d hours", whole) % {"n": whole}


def speed_of(done: Content) -> list[str]:
    """Return how fast the week's fact-checks and answers were, by the median."""
    found = []
    if done["check_hours"] is not None:
        found.append(
            _("Half of the fact-checks were there within %(time)s of the claim being reported.")
            % {"time": time_of(done["check_hours"])}
        )
    if done["answer_hours"] is not None:
        found.append(
            _("Half of the answers were there within %(time)s of being asked first.")
            % {"time": time_of(done["answer_hours"])}
        )
    return found


def limits_of(gone: int) -> list[str]:
    """Return how it is known, and what is not."""
    found = [
        _(
            "Sightings are what influencers, partners, the public and our team reported; closed groups are not read. More sightings may mean more reporting."
        ),
        _(
            "Reach is what a platform shows on a post, where somebody wrote it down. Where nobody did, it is a gap and no zero."
        ),
        _(
            "Numbers below five, and those that would give one away, are left out. No person and no account is named, and claims are not linked."
        ),
        _("What people search for is not recorded: a void is what was asked and has no answer from us."),
        _(
            "Risk is reach × harm × doubt, each from 1 to 3, judged by people: from 6 on medium, from 12 on high. Actor to effect: after RESIST."
        ),
    ]
    if gone:
        found.insert(
            0,
            ngettext(
                "%(n)d thing in this report has been withdrawn or paused since, and is not shown any more.",
                "%(n)d things in this report have been withdrawn or paused since, and are not shown any more.",
                gone,
            )
            % {"n": gone},
        )
    return found
