"""What the words of a correction say is right and the text does not: "We wrote 4 January. It should say 5 January", above a text with the 4th."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from bulletins.models import Bulletin, Edition, PublishedEdition
from lib.text.facts.fact import Fact

from ..findings import STOPS, Finding, Workspace, at_edition, language_name
from .changed_facts import says
from .figures_match import COMPARED, figures

type Pair = tuple[str, str]  # a value that the text still has, and the one that is said to be right, both as written


def unkept(desk: Workspace) -> Iterator[Finding]:
    """
    Find a value that the words of a correction give in place of one that readers had, while the text of that language has the one
    before and no text of it the new one: once for all languages that say so alike.
    """
    if desk.bulletin.kind != Bulletin.Kind.CORRECTION:
        return
    found: dict[str, tuple[Pair, list[tuple[str, str]]]] = {}
    for edition in desk.standard:
        for key, *pair in promises(desk, edition):
            _first, places = found.setdefault(key, ((pair[0], pair[1]), []))
            places.append((language_name(edition.language), at_edition(edition, "body")))
    for (old, new), places in found.values():
        yield Finding(
            STOPS,
            "unkept-words",
            _("What changed"),
            _("It says “%(new)s”, but the text still says “%(old)s” and nowhere “%(new)s”: %(places)s.")
            % {"new": new, "old": old, "places": "; ".join(dict.fromkeys(where for where, _place in places))},
            _("Change it in the text too, or say why it differs."),
            place=places[0][1],
            found="|".join([old, new, *dict.fromkeys(place for _where, place in places)]),
            overridable=True,
        )


def promises(desk: Workspace, edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Yield (what names both in every language, the value that the text keeps, the one that no text says) of a correction's words, once each."""
    code, told = edition.language, set[str]()
    kept = kept_in(desk, edition)
    anywhere = [fact for its, _where, _place, text in desk.texts if its == code for fact in figures(text, code)]
    for words in (desk.bulletin.what_changed.get(code, ""), desk.bulletin.share_text.get(code, "")):
        said = figures(words, code)
        for old in (fact for fact in said if is_said(fact, kept)):
            for new in said:
                key = f"{new.kind}|{old.value[-5:]}|{new.value[-5:]}"
                if new.kind == old.kind and key not in told and not is_said(new, [old, *kept, *anywhere]):
                    told.add(key)
                    yield key, old.written, new.written


def kept_in(desk: Workspace, edition: Edition) -> list[Fact]:
    """Return what readers of an edition were told and its text still says."""
    has = [fact for name in COMPARED for fact in figures(getattr(edition, name), edition.language)]
    earlier = (before for before in desk.earlier if before.language == edition.language)
    return [fact for before in earlier for fact in said_before(before) if is_said(fact, has)]


def said_before(edition: PublishedEdition) -> list[Fact]:
    """Return what readers of a published edition were told."""
    return [fact for text in (edition.title, edition.lead, edition.body) for fact in figures(text, edition.language)]


def is_said(fact: Fact, among: list[Fact]) -> bool:
    """Return whether one of some facts has the kind and the value of another."""
    return any(says(one, fact.kind, fact.value) for one in among)
