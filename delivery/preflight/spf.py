"""The SPF record of a domain: that there is one, that receivers can read it, and what it says of other senders."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop

from . import spf_evaluation
from .dns import NAME_IT_RIGHT, NO_SUCH_DOMAIN, Names
from .preflight_findings import Finding, Level


def check_spf(domain: str, names: Names) -> Iterator[Finding]:
    """See that `domain` has exactly one SPF record, which receivers can read within their limits."""
    records = spf_evaluation.records_of(domain, names)
    values = {"domain": domain, "number": str(len(records))}
    if not records and names.lack(domain):
        yield Finding("SPF", Level.WRONG, NO_SUCH_DOMAIN, NAME_IT_RIGHT, values)
        return
    if not records:
        yield Finding(
            "SPF",
            Level.WRONG,
            gettext_noop("%(domain)s has no SPF record."),
            gettext_noop("Add one TXT record to %(domain)s that names who sends for it: v=spf1 include:… -all"),
            values,
        )
        return
    if len(records) > 1:
        yield Finding(
            "SPF",
            Level.WRONG,
            gettext_noop("%(domain)s has %(number)s SPF records; receivers then ignore all of them."),
            gettext_noop("Join them into one: v=spf1, everything that they name, and -all at the end."),
            values,
        )
        return
    try:
        reading = spf_evaluation.read(domain, records[0], names)
    except spf_evaluation.PermError as broken:
        yield Finding(
            "SPF",
            Level.WRONG,
            broken.says,
            gettext_noop("Correct the record or remove that part: receivers treat it as broken (permerror)."),
            broken.values,
        )
        return
    yield from judge_spf(domain, reading)


def judge_spf(domain: str, reading: spf_evaluation.Reading) -> Iterator[Finding]:
    """Compare what a record comes to with what receivers accept."""
    values = {
        "domain": domain,
        "lookups": spf_evaluation.counted(reading.lookups),
        "most": f"{spf_evaluation.MOST_LOOK_UPS}",
        "breakdown": f" ({reading.breakdown})" if reading.costs else "",
        "voids": f"{reading.voids}",
        "ending": reading.ending,
    }
    yield judge_lookups(reading, values)
    if reading.ending == "+all":
        yield Finding(
            "SPF",
            Level.WARNING,
            gettext_noop("The SPF record of %(domain)s ends with +all: anyone may send in its name."),
            gettext_noop("End it with -all."),
            values,
        )
    elif reading.ending not in {"-all", "~all"}:
        yield Finding(
            "SPF",
            Level.WARNING,
            gettext_noop("The SPF record of %(domain)s does not say what to do with mail from others."),
            gettext_noop("End it with -all (or ~all while you are still finding out who sends)."),
            values,
        )
    if reading.asks_for_ptr:
        yield Finding(
            "SPF",
            Level.WARNING,
            gettext_noop("The SPF record of %(domain)s uses ptr, which many receivers ignore."),
            gettext_noop("Name the senders by include, a, mx, ip4 or ip6 instead."),
            values,
        )


def judge_lookups(reading: spf_evaluation.Reading, values: dict[str, str]) -> Finding:
    """Compare what a record asks DNS for with what receivers accept."""
    if reading.lookups > spf_evaluation.MOST_LOOK_UPS:
        return Finding(
            "SPF",
            Level.WRONG,
            gettext_noop(
                "The SPF record of %(domain)s needs too many look-ups: %(lookups)s of at most %(most)s%(breakdown)s."
            ),
            gettext_noop(
                "Remove what no longer sends, or use addresses (ip4:, ip6:) instead of the most expensive part."
            ),
            values,
        )
    if reading.voids > spf_evaluation.MOST_VOID:
        return Finding(
            "SPF",
            Level.WRONG,
            gettext_noop("The SPF record of %(domain)s asks for %(voids)s names that do not exist; two are allowed."),
            gettext_noop("Remove the terms a, mx and exists whose names no longer exist."),
            values,
        )
    return Finding(
        "SPF",
        Level.OK,
        gettext_noop("%(domain)s has one SPF record; look-ups: %(lookups)s of at most %(most)s%(breakdown)s."),
        values=values,
    )
