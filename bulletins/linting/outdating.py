"""Corrections: what the text no longer says must not stay in a key message, a caption or a call to action."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .comparing import figures
from .finding import STOPS, Desk, Finding


def old_dates(desk: Desk) -> Iterator[Finding]:
    """Find dates that the version before had in its text and this one has not, where another text still has them."""
    gone = {}
    for earlier in desk.earlier:
        code = earlier.language
        said = figures("\n".join((earlier.title, earlier.lead, earlier.body)), code)
        now = [
            figure
            for edition in desk.editions
            if edition.language == code
            for figure in figures("\n".join((edition.title, edition.preheader, edition.body)), code)
        ]
        gone[code] = [
            figure for figure in said if figure.kind == "date" and not any(figure.matches(one) for one in now)
        ]
    if not any(gone.values()):
        return
    for code, where, place, text in desk.texts:
        for figure in figures(text, code):
            if figure.kind == "date" and any(figure.matches(old) for old in gone.get(code, ())):
                yield Finding(
                    STOPS,
                    "old-date",
                    where,
                    _("“%(date)s” is from the version before; the corrected text does not say it any more.")
                    % {"date": figure.written},
                    _("Correct it here too."),
                    place=place,
                    found=figure.written,
                    overridable=True,
                )
