"""Adding a language to a campaign and to the site, changing it, and taking it away again."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns import publication_details
from campaigns.models import Campaign, CampaignLanguage, SiteLanguage
from lib.text.languages import cldr_forms, spoken_languages
from lib.text.languages.languages import language_name

from . import process_languages

TEXTS = ("name", "sender_name", "bulletin_name", "hashtag", "summary")  # a campaign's own, in each of its languages
NEVER = {"api", "cap"}  # the site has other things at these addresses
MOST = 20  # languages of a campaign

# Whoever keeps texts in languages (apps above) says here what is written in one of a campaign, in sentences.
_uses: list[Callable[[Campaign, str], Iterable[str]]] = []
# Whoever sends mail is told in which languages a campaign has mail, and with `False` in which it has none any more; and says it.
_followers: list[Callable[[Campaign, str, bool], None]] = []
_mailers: list[Callable[[Campaign, str], bool]] = []


class NotPossible(Exception):
    """A refused change of a language. The text says why and what now, in the user's language."""


@dataclass(frozen=True)
class Choices:
    """What someone decides about a language of a campaign. `texts` are the campaign's own ones in it, by TEXTS."""

    own_name: str = ""
    is_rtl: bool = False
    fallback: str = "en"
    must_be_ready: bool = False
    has_mail: bool = True
    texts: Mapping[str, str] = field(default_factory=dict)


def register_use(*rules: Callable[[Campaign, str], Iterable[str]]) -> None:
    """Have rules asked what is written in a language before it is taken away."""
    _uses.extend(rules)


def register_follower(follow: Callable[[Campaign, str, bool], None], has_mail: Callable[[Campaign, str], bool]) -> None:
    """Have a rule told in which languages a campaign has mail; `has_mail` says whether it has."""
    _followers.append(follow)
    _mailers.append(has_mail)


def has_mail(campaign: Campaign, code: str) -> bool:
    """Return whether a campaign has mail in a language."""
    return any(rule(campaign, code) for rule in _mailers)


def uses_of(campaign: Campaign, code: str) -> Iterator[str]:
    """Yield what is written in a language of a campaign, in sentences."""
    for rule in _uses:
        yield from rule(campaign, code)


# --- Which there are ---------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def offered(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, "arabia (العربية), ar") of every language that can be added, by its name in the `language` of the page."""
    found = []
    for code, english in cldr_forms.known().items():
        if code in NEVER:
            continue
        name = cldr_forms.name_in(code, language) or english
        own = spoken_languages.OWN_NAMES.get(code) or cldr_forms.own_name(code)
        label = f"{name} ({own}), {code}" if own and own.lower() != name.lower() else f"{name}, {code}"
        found.append((name.casefold(), code, label))
    return tuple((code, label) for _name, code, label in sorted(found))


def find(typed: str, language: str) -> str:
    """
    Return the code of the language that someone wrote: as it is offered, its code, its own name or one in `language`, with or without
    its accents ("Northern Sámi" is "Northern Sami" in CLDR); "" for none.
    """
    wanted = _plain(" ".join(typed.split()))
    if wanted in cldr_forms.known() and wanted not in NEVER:
        return wanted
    for code, label in offered(language):
        if wanted in {_plain(label), _plain(label.rpartition(",")[0])}:
            return code
        if wanted in {_plain(cldr_forms.name_in(code, language)), _plain(cldr_forms.own_name(code))} - {""}:
            return code
    return next((code for code, english in cldr_forms.known().items() if wanted and wanted == _plain(english)), "")


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """Return a name without capitals and accents. Letters that are no letter with an accent stay, such as those of Arabic."""
    return "".join(sign for sign in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(sign))


# --- Changes -------------------------------------------------------------------------------------------------


@transaction.atomic
def add(campaign: Campaign, code: str, choices: Choices, *, by: User, at: datetime) -> CampaignLanguage:
    """
    Give a campaign a language, and the site where it does not speak it yet; all processes do within seconds. Raise NotPossible for
    a code that is none, a language that the campaign has, or texts that are missing.
    """
    if code not in cldr_forms.known() or code in NEVER:
        raise NotPossible(
            _("Not added: there is no language with this code. Choose one from the list. Nothing changed.")
        )
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    rows = list(held.languages.all())
    if any(row.code == code for row in rows):
        raise NotPossible(_("Not added: the campaign has this language. Nothing changed."))
    if len(rows) >= MOST:
        raise NotPossible(_("Not added: a campaign has at most %(most)d languages. Nothing changed.") % {"most": MOST})
    texts = _checked(choices)
    row = CampaignLanguage.objects.create(
        campaign=held,
        code=code,
        position=max((one.position for one in rows), default=-1) + 1,
        must_be_ready=choices.must_be_ready,
        **texts,
    )
    if code not in spoken_languages.BUILT_IN:
        _note_site_language(code, choices, at=at)
    _follow(held, row, choices.has_mail, by=by, at=at)
    trail.note("language.added", row, by=by, at=at, code=code, must_be_ready=choices.must_be_ready)
    return row


@transaction.atomic
def change(row: CampaignLanguage, choices: Choices, *, by: User, at: datetime) -> None:
    """Change a language of a campaign, and what the site knows of it. Raise NotPossible for texts that are missing."""
    held = CampaignLanguage.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=row.pk)
    for name, text in _checked(choices).items():
        setattr(held, name, text)
    held.must_be_ready = choices.must_be_ready
    held.save(update_fields=[*TEXTS, "must_be_ready"])
    if held.code not in spoken_languages.BUILT_IN:
        _note_site_language(held.code, choices, at=at)
    _follow(held.campaign, held, choices.has_mail, by=by, at=at)
    trail.note("language.changed", held, by=by, at=at, code=held.code, must_be_ready=choices.must_be_ready)


@transaction.atomic
def move(row: CampaignLanguage, steps: int, *, by: User, at: datetime) -> None:
    """Move a language up (-1) or down (1) in the order of its campaign; at the ends it stays."""
    campaign = Campaign.objects.select_for_update().get(pk=row.campaign_id)
    rows = list(campaign.languages.all())
    place = next(number for number, one in enumerate(rows) if one.pk == row.pk)
    other = place + steps
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, one in enumerate(rows):
        one.position = number
    CampaignLanguage.objects.bulk_update(rows, ["position"])
    publication_details.changed(by=by, at=at)
    trail.note("language.moved", row, by=by, at=at, code=row.code, place=other + 1)


@transaction.atomic
def remove(row: CampaignLanguage, *, by: User, at: datetime) -> None:
    """
    Take a language from a campaign. Whoever reads it keeps the choice, and gets the first language of their audience. Raise
    NotPossible with the reasons when something is written in it, or when it is the campaign's main language.

    The site goes on speaking a language that has words or another campaign: its addresses are permanent.
    """
    campaign = Campaign.objects.select_for_update().get(pk=row.campaign_id)
    name = language_name(row.code)
    if row.code == campaign.default_language:
        raise NotPossible(
            _("%(language)s stays: it is the campaign's main language. Choose another main language first.")
            % {"language": name[:1].upper() + name[1:]}
        )
    if reasons := list(uses_of(campaign, row.code)):
        raise NotPossible(
            _("%(language)s stays. %(reasons)s What has been written in it would be lost.")
            % {"language": name[:1].upper() + name[1:], "reasons": " ".join(reasons)}
        )
    trail.note("language.removed", row, by=by, at=at, code=row.code)
    for rule in _followers:
        rule(campaign, row.code, False)
    row.delete()
    publication_details.changed(by=by, at=at)
    if not CampaignLanguage.objects.filter(code=row.code).exists():
        SiteLanguage.objects.filter(code=row.code, words=None).delete()
    transaction.on_commit(process_languages.refresh, robust=True)


def _note_site_language(code: str, choices: Choices, *, at: datetime) -> None:
    """Have the site speak a language from now on, or as was chosen anew."""
    name = " ".join(choices.own_name.split())
    if not name:
        raise NotPossible(_("Not saved: write what the language calls itself."))
    known = {"own_name": name, "is_rtl": choices.is_rtl, "fallback": choices.fallback, "changed_at": at}
    SiteLanguage.objects.update_or_create(code=code, defaults=known, create_defaults=known | {"added_at": at})


def _follow(campaign: Campaign, row: CampaignLanguage, has_mail: bool, *, by: User, at: datetime) -> None:
    """Tell whoever prints and sends that a language of a campaign is another now."""
    for rule in _followers:
        rule(campaign, row.code, has_mail)
    publication_details.changed(by=by, at=at)
    transaction.on_commit(process_languages.refresh, robust=True)


def _checked(choices: Choices) -> dict[str, str]:
    """Return a campaign's own texts as they are stored. Raise NotPossible for one that is missing or too long."""
    found = {}
    for name in TEXTS:
        column: Any = CampaignLanguage._meta.get_field(name)
        text = choices.texts.get(name, "").replace("\r\n", "\n").strip()
        text = text if name == "summary" else " ".join(text.split())
        ProhibitNullCharactersValidator()(text)
        if not text and not column.blank:
            raise NotPossible(_("Not saved: “%(field)s” is empty.") % {"field": column.verbose_name})
        if column.max_length and len(text) > column.max_length:
            says = _("Not saved: “%(field)s” is longer than %(most)d characters.")
            raise NotPossible(says % {"field": column.verbose_name, "most": column.max_length})
        found[name] = text
    if choices.fallback not in spoken_languages.BUILT_IN:
        raise NotPossible(_("Not saved: choose what shows until it is translated."))
    return found
