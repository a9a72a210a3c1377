"""
Corrections: something has to be different, and what the text no longer says must not stay in a key message, a caption or a
call to action.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from bulletins.editing import situation
from bulletins.mail import printed_editions
from bulletins.mail.bulletin_mail import is_sent_subject
from bulletins.models import Edition, PublishedEdition
from lib.text.characters.visible_text import seen, seen_in
from lib.text.facts.fact import Fact
from lib.text.markup import html_to_text, to_html

from ..findings import STOPS, Finding, Workspace, at_edition
from .figures_match import figures

# What a published edition's `content` holds of a bulletin's own words and pictures.
CUT = frozenset({"renditions"})
OF_FILE = CUT | {"file", "srt"}  # of an asset, which its fingerprint says as well
OWN = ("key_messages", "calls_to_action", "hashtags", "variants", "assets", "claims", "regions")


def unchanged_correction(desk: Workspace) -> Iterator[Finding]:
    """Find a correction that gives readers, in page and mail of every language, what they have already."""
    before = {(one.language, one.reading_level): one for one in desk.earlier}
    now = {(one.language, one.reading_level): one for one in desk.editions}
    if not before or before.keys() != now.keys() or any(differs(desk, now[key], before[key]) for key in now):
        return
    if desk.parts.printed.plain() != desk.earlier[0].version.printed:  # a new name reaches readers by a correction
        return
    yield Finding(
        STOPS,
        "nothing-new",
        _("Correction"),
        _("It is identical to the previous version."),
        _("Correct what was wrong, in every language. Until then readers see the previous version."),
        place=at_edition(desk.original or desk.editions[0], "body"),
    )


def differs(desk: Workspace, edition: Edition, before: PublishedEdition) -> bool:
    """
    Return whether readers of this language would get anything else than they have; words first, as they cost least.
    """
    lines = zip((edition.title, edition.preheader), (before.title, before.lead), strict=True)
    if any(seen(now) != seen(was) for now, was in lines):
        return True
    body = situation.whole_text(desk.bulletin, edition)
    html: str = to_html(body)
    was_html = before.html
    if body == before.body:  # the same words may be shown otherwise now: "31. joulukuuta" was a list
        html, was_html = html_to_text(html), html_to_text(was_html)
    if seen(html).split() != seen(was_html).split():
        return True
    sent = desk.earlier_subjects.get((edition.language, edition.reading_level), "")
    if not is_sent_subject(sent, edition.subject, edition.language):
        return True
    page, _words = printed_editions.print_edition(desk.bulletin, edition, at=desk.at, parts=desk.parts)
    return any(own(page.content, name) != own(before.content, name) for name in OWN)


def own(content: Mapping[str, Any], name: str) -> Any:
    """
    Return a part of what is printed as readers see it, without what a machine cuts out of a picture, which may come days later,
    and by what is in a file, not by its name.
    """
    part = content.get(name)
    if name == "assets":
        part = [
            {key: value for key, value in asset.items() if key not in (OF_FILE if asset.get("sha256") else CUT)}
            for asset in part or []
        ]
    return seen_in(part)


def old_dates(desk: Workspace) -> Iterator[Finding]:
    """
    Find dates that the version before had in its text and this one has not, where another text still has them: once for all
    places of a date.
    """
    gone = dates_gone(desk)
    if not any(gone.values()):
        return
    changed = {one.was[-5:] for one in desk.changes if one.kind == "date"}  # of these changed_facts tells
    left: dict[str, list[tuple[str, str, str]]] = {}
    for code, where, place, text in desk.texts:
        for figure in figures(text, code):
            is_old = figure.kind == "date" and any(figure.matches(old) for old in gone.get(code, ()))
            if is_old and not changed & figure.dates:
                left.setdefault(min(figure.dates), []).append((where, place, figure.written))
    yield from (old_date(day, places) for day, places in left.items())


def dates_gone(desk: Workspace) -> dict[str, list[Fact]]:
    """Return {language: the dates that its text said in the version before and does not say any more}."""
    gone = {}
    for earlier in desk.earlier:
        code = earlier.language
        said = figures("\n".join((earlier.title, earlier.lead, earlier.body)), code)
        now = [
            figure
            for edition in desk.editions
            if edition.language == code
            for figure in figures(
                "\n".join((edition.title, edition.preheader, *edition.situation.values(), edition.body)), code
            )
        ]
        gone[code] = [
            figure for figure in said if figure.kind == "date" and not any(figure.matches(one) for one in now)
        ]
    return gone


def old_date(day: str, places: list[tuple[str, str, str]]) -> Finding:
    """Return the finding of an old date in (where, place, as written)."""
    names = list(dict.fromkeys(where for where, _place, _written in places))
    says = _("“%(date)s” is from the previous version; the corrected text no longer says it.") % {"date": places[0][2]}
    if len(names) > 1:
        says = f"{says} " + _("It stands in: %(places)s.") % {"places": "; ".join(names)}
    return Finding(
        STOPS,
        "old-date",
        names[0] if len(names) == 1 else _("Facts"),
        says,
        _("Correct it here too."),
        place=places[0][1],
        found="|".join([day, *(place for _where, place, _written in places)]),
        overridable=True,
    )
