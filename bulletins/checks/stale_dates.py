"""
Corrections: something has to be different, and what the text no longer says must not stay in a key message, a caption or a
call to action.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from bulletins.mail import printed_editions
from bulletins.mail.bulletin_mail import is_sent_subject
from bulletins.models import Edition, PublishedEdition
from lib.text.markup import to_html

from .figures_match import figures
from .findings import STOPS, Finding, Workspace, at_edition

# What a published edition's `content` holds of a bulletin's own words and pictures.
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
    if any(now.split() != was.split() for now, was in lines):
        return True
    if edition.body != before.body and to_html(edition.body).split() != before.html.split():  # spaces are no change
        return True
    sent = desk.earlier_subjects.get((edition.language, edition.reading_level), "")
    if not is_sent_subject(sent, edition.subject, edition.language):
        return True
    page, _words = printed_editions.print_edition(desk.bulletin, edition, at=desk.at, parts=desk.parts)
    return any(page.content.get(name) != before.content.get(name) for name in OWN)


def old_dates(desk: Workspace) -> Iterator[Finding]:
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
                    _("“%(date)s” is from the previous version; the corrected text no longer says it.")
                    % {"date": figure.written},
                    _("Correct it here too."),
                    place=place,
                    found=figure.written,
                    overridable=True,
                )
