"""
What the words of a ready bulletin rest on: terms of the glossary, and who leads the campaign. It is noted when somebody agrees to
the words or looks at them again, and compared with what it is today.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bulletins.editing.conflicts import token
from bulletins.editing.translation import glossary
from campaigns.models import Authority, Campaign, GlossaryTerm
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_heading
from preparedness.models import ReadyBulletin

from . import contents

Terms = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Ground:
    """What words of a campaign rest on now."""

    terms: Terms
    authority: Authority | None


def of_campaign(campaign: Campaign) -> Ground:
    """Return what words of a campaign rest on; two queries at most."""
    return Ground(
        dict(GlossaryTerm.objects.filter(campaign=campaign).values_list("pk", "term")),
        campaign.authority,
    )


def noted(content: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """Return what a content rests on as it is noted: the terms that it says, and marks of the authority's name, site and contact."""
    texts: dict[str, list[str]] = {}
    for place, text in contents.texts_of(content).items():
        texts.setdefault(place[1] if place[0] == "variant" else place[-1], []).append(text)
    said = glossary.said_in({code: "\n".join(some) for code, some in texts.items()}, ground.terms)
    return {"terms": {str(key): ground.terms[key] for key in said}, "authority": marks_of(ground.authority)}


def marks_of(authority: Authority | None) -> dict[str, Any]:
    """Return what tells that an authority has changed, without its words."""
    if authority is None:
        return {}
    names = {"name": str(sorted(authority.name.items())), "url": authority.url, "contact": authority.contact}
    return {"key": authority.pk, **{name: token(text) for name, text in names.items()}}


def moved(ready: ReadyBulletin, ground: Ground) -> list[str]:
    """Return in sentences what has changed since somebody last looked at the words; [] where nobody has noted what they rest on."""
    if not ready.known:
        return []
    return [*_of_terms(ready.known.get("terms", {}), ground.terms), *_of_authority(ready.known, ground.authority)]


def _of_terms(before: Mapping[str, Mapping[str, str]], now: Terms) -> Iterator[str]:
    for key, term in before.items():
        is_now = now.get(int(key))
        if is_now is None:
            yield _("The glossary no longer has “%(term)s”.") % {"term": in_language(dict(term))}
            continue
        for code, word in term.items():
            if is_now.get(code) and is_now[code] != word:
                says = _("%(language)s: the glossary says “%(now)s” now, it said “%(before)s”.")
                yield says % {"language": language_heading(code), "now": is_now[code], "before": word}


def _of_authority(known: Mapping[str, Any], authority: Authority | None) -> Iterable[str]:
    before, now = known.get("authority", {}), marks_of(authority)
    if before == now:
        return []
    if authority is None:
        return [_("No authority leads the campaign any more.")]
    if before.get("key") != authority.pk:
        return [_("%(authority)s leads the campaign now.") % {"authority": authority}]
    names = {"name": _("name"), "url": _("website"), "contact": _("contact address")}
    changed = ", ".join(str(label) for name, label in names.items() if before.get(name) != now[name])
    return [_("%(authority)s has changed: %(what)s.") % {"authority": authority, "what": changed}]
