"""What every page needs: the language switch, and text that carries its own language when it isn't the page's."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html
from django.utils.http import escape_leading_slashes
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from campaigns.drill_clock import DrillClock
from campaigns.platforms import character_counts
from campaigns.translated_fields import language_shown
from impact.dashboard.public_page import open_page
from impact.page_views import kinds as page_kinds
from lib.text.dates import durations, validity_phrases
from lib.text.languages import fallback_marks, languages, site_words, spoken_languages
from lib.text.numbers.unbroken import unbroken_html

register = template.Library()

# What makes another page of the same address; everything else in a query is noise to a search engine.
PAGE_PARAMETERS = {"page", "level", "topic", "month", "verdict", "campaign"}

# The locales that a page's preview is told to be in; Open Graph wants a territory with each language.
LOCALES = {"fi": "fi_FI", "sv": "sv_SE", "en": "en_GB"}


@register.simple_tag(takes_context=True)
def results_address(context: template.Context) -> str:
    """Return where everybody can read what the campaign achieved, "" where that is not public; one query."""
    campaign = getattr(context.get("request"), "campaign", None)
    return reverse("results:page") if campaign is not None and open_page(campaign) else ""


@register.simple_tag(takes_context=True)
def view_dot(context: template.Context) -> SafeString | str:
    """Return the dot by which a public page counts as shown (impact/page_views), "" for other pages and for whoever is logged in."""
    request = context.get("request")
    at, campaign = getattr(request, "resolver_match", None), getattr(request, "campaign", None)
    if at is None or campaign is None or getattr(context.get("user"), "is_authenticated", False):
        return ""
    row = context.get("row")
    subject = getattr(row, "answer", None) or getattr(row, "story", None)
    address = page_kinds.address_of(campaign.pk, at.view_name, getattr(subject, "pk", 0))
    return format_html('<img class="vh" src="{}" alt="" width="1" height="1">', address) if address else ""


class LanguageLink(NamedTuple):
    """One entry of the language switch: `url` is this very page in that language, `name` its own name for itself."""

    code: str
    name: str
    url: str
    is_current: bool


def page_in(path: str, code: str) -> str:
    """
    Return the address `path` (with its query) in the language `code`.

    An address that leads nowhere, as on an error page, changes its prefix all the same.
    """
    translated = translate_url(path, code)
    if translated != path:
        return translated
    first, slash, rest = path.lstrip("/").partition("/")
    if spoken_languages.is_spoken(first):
        return f"/{code}{slash}{rest}"
    return f"/{code}/"


@register.simple_tag(takes_context=True)
def language_links(context: dict[str, Any]) -> list[LanguageLink]:
    """Return the languages of the campaign that the site speaks (all of them without a campaign), for the switch."""
    current = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    request = context.get("request")
    path = escape_leading_slashes(request.get_full_path() if request is not None else context.get("path", "/"))
    codes = [row.code for row in context.get("campaign_languages") or [] if spoken_languages.is_spoken(row.code)]
    if not codes:
        codes = spoken_languages.codes()
    elif current not in codes:
        codes.append(current)
    reads_easy = bool(context.get("reads_easy"))
    here = in_standard_language(path) if reads_easy else path
    return [
        LanguageLink(
            code,
            spoken_languages.own_name(code),
            here if code == current else page_in(path, code),
            code == current and not reads_easy,
        )
        for code in codes
    ]


def in_standard_language(path: str) -> str:
    """Return the address of a page, with its query, without the choice of a reading level."""
    parts = urlsplit(path)
    return parts._replace(query=urlencode([one for one in parse_qsl(parts.query) if one[0] != "level"])).geturl()


def in_easy_language(path: str) -> str:
    """Return the address of a bulletin's page in easy language; its query is gone."""
    return f"{urlsplit(path).path}?level=easy"


@register.simple_tag(takes_context=True)
def easy_link(context: dict[str, Any]) -> LanguageLink | None:
    """
    Return the entry of easy language beside the language switch, None where the page has none in its language. A view says in which
    languages it has it as `easy_languages`, and `reads_easy` when that is what it shows.
    """
    current, request = (get_language() or settings.LANGUAGE_CODE).partition("-")[0], context.get("request")
    if request is None or current not in (context.get("easy_languages") or ()):
        return None
    name, address = easy_name(current), in_easy_language(escape_leading_slashes(request.path))
    return LanguageLink(languages.easy_tag(current), name, address, bool(context.get("reads_easy")))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a page is: `canonical`, and `alternates` as (hreflang, address), x-default last; `locales` of the same."""

    canonical: str
    alternates: list[tuple[str, str]]
    locale: str
    other_locales: list[str]


@register.inclusion_tag("shared/_drill_clock.html", takes_context=True)
def drill_clock(context: dict[str, Any]) -> dict[str, Any]:
    """
    Show the clock of the drill that runs in the page's campaign. A page of the site says nothing that is not the same for
    everyone, for it is kept; the desk tells who is out, and leads to the drill. No query.
    """
    campaign, request = context.get("campaign"), context.get("request")
    clock = campaign.drill_clock if campaign else None
    if clock is None:
        return {"bar": None}
    user = request.user if request is not None and request.path.startswith("/desk/") else None
    return {"bar": bar_of(clock, user=user)}


def bar_of(clock: DrillClock, *, user: Any) -> dict[str, Any]:
    """Return what the bar with a drill's clock shows; `user` is who is at the desk."""
    ended = [(begin, end) for begin, end in clock.pauses if end]
    plain = {
        "began": round(clock.began.timestamp() * 1000),
        "still": round(1000 * sum((end - begin).total_seconds() for begin, end in ended)),
        "paused": round(clock.pauses[-1][0].timestamp() * 1000) if clock.is_paused else 0,
        "speed": clock.speed,
        "begins": 60 * clock.begins.hour + clock.begins.minute,
        "seconds": clock.seconds,
    }
    return {
        "data": json.dumps(plain),
        "name": clock.named(),
        "speed": clock.speed,
        "begins": clock.begins,
        "is_paused": clock.is_paused,
        "is_away": user is not None and clock.is_away(user.pk, at=timezone.now()),
        "page": reverse("admin:preparedness_drill_changelist")
        if user and user.has_perm("preparedness.view_drill")
        else "",
    }


@register.simple_tag(takes_context=True)
def addresses(context: dict[str, Any]) -> Addresses:
    """
    Return the absolute addresses of this page. A view names another page that this one is a form of as `canonical` (its
    path), and the languages that the page is really in as `page_languages`; the others are no alternates. In those of
    `easy_languages` it has an alternate in easy language too.
    """
    path = context.get("canonical")
    request = context.get("request")
    here = path or escape_leading_slashes(request.get_full_path() if request is not None else "/")
    current = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    only = context.get("page_languages")
    codes = [link.code for link in language_links(context) if only is None or link.code in only]
    alternates, easy = alternates_of(here, codes, context.get("easy_languages") or ())
    if codes:
        main = "en" if "en" in codes else codes[0]
        is_front = urlsplit(here).path.strip("/") == current
        everybody = ("x-default", on_site("/") if is_front else dict(alternates)[main])
        alternates += [*easy, everybody]
    locales = {code: LOCALES.get(code, code) for code in (current, *codes)}
    return Addresses(
        canonical=on_site(here),
        alternates=alternates,
        locale=locales.pop(current),
        other_locales=list(locales.values()),
    )


def alternates_of(
    here: str, codes: list[str], easy: Collection[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return a page's (hreflang, address) in standard language, and in easy language where it has that."""
    standard = in_standard_language(here) if easy else here
    return (
        [(code, on_site(page_in(standard, code))) for code in codes],
        [(languages.easy_tag(code), on_site(page_in(in_easy_language(here), code))) for code in codes if code in easy],
    )


@register.simple_tag
def on_site(path: str) -> str:
    """Return `path` as an absolute address on the site's public name, its query cut to what makes another page."""
    parts = urlsplit(path)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in PAGE_PARAMETERS])
    return settings.PUBLIC_URL + parts.path + (f"?{query}" if query else "")


def shown(texts: dict[str, str] | None) -> tuple[str, str]:
    """Return the text that a reader sees of {language code: text}, after the code of its language ("" for none)."""
    code = language_shown(texts or {})
    return code, (texts or {}).get(code, "")


@register.filter
def language_of(texts: dict[str, str] | None) -> str:
    """Return the code of the language that `words` shows of {language code: text}."""
    return shown(texts)[0]


@register.filter
def words(texts: dict[str, str] | None) -> str | SafeString:
    """Return the text in the reader's language out of {language code: text}; another language's is marked as such."""
    code, text = shown(texts)
    return text if not code or code == get_language() else format_html("<span{}>{}</span>", lang_attr(code), text)


@register.filter
def plain_words(texts: dict[str, str] | None) -> str:
    """Return the same text as `words` without a mark, for titles and labels."""
    return shown(texts)[1]


@register.filter
def unbroken(text: str) -> SafeString:
    """Return words, or HTML, in which no hour, date or phone number breaks over two lines."""
    return mark_safe(unbroken_html(conditional_escape(text), '<span class="whole">'))  # noqa: S308  spans in what is escaped


@register.filter
def lang_attr(code: str) -> str | SafeString:
    """
    Return ` lang="sv"` when `code` is not the page's language, "" when it is; with its direction where that is another. It is for what
    is there in the page's language too or is to be: what is shown in the one that stands in counts as that (fallback_note). What is
    in a language of its own, as its name for itself or a source, has `lang_always`.
    """
    here = get_language()
    if not code or code == here:
        return mark_safe("")
    sign = fallback_marks.SHOWN if site_words.is_marking() and code == spoken_languages.fallback_of(here or "") else ""
    direction = spoken_languages.direction(code)
    if direction == spoken_languages.direction(here):
        return format_html(' lang="{}"{}', code, sign)
    return format_html(' lang="{}" dir="{}"{}', code, direction, sign)


@register.filter
def lang_always(code: str) -> SafeString:
    """Return ` lang="sv"`, also for the page's own language; with its direction where anything here runs from right to left."""
    if spoken_languages.is_rtl(code) or spoken_languages.is_rtl(get_language()):
        return format_html(' lang="{}" dir="{}"', code, spoken_languages.direction(code))
    return format_html(' lang="{}"', code)


@register.simple_tag
def page_direction() -> SafeString:
    """Return ` dir="rtl"` for a page in a language that is written so, "" for all others."""
    return mark_safe(' dir="rtl"') if spoken_languages.is_rtl(get_language()) else mark_safe("")


@register.simple_tag
def counting_script() -> SafeString:
    """Return the script that counts as someone types, with what it has to know of links."""
    return format_html(
        '<script src="{}" data-counting="{}" defer></script>',
        static("js/count.js"),
        json.dumps(character_counts.FOR_THE_PAGE),
    )


@register.filter(expects_localtime=True)
def machine(moment: datetime | None) -> str:
    """Return a moment as `<time datetime>` takes it, "" for none: HTML knows no more than thousandths of a second."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter
def until(moment: datetime) -> SafeString:
    """Return the end of a validity in the campaign's zone, marked up as a time; the last minute of a day is that day."""
    local = timezone.localtime(moment)
    return format_html('<time datetime="{}">{}</time>', machine(local), validity_phrases.describe_end(local))


@register.filter
def duration(seconds: int) -> str:
    """Return a time in words."""
    return durations.duration(seconds)


@register.simple_tag(takes_context=True)
def coming_in(context: dict[str, Any], version: Any) -> list[str]:
    """Return the languages of the campaign in which a published version, with its editions at hand, is to follow."""
    if version.pk is None:
        return []  # a preview
    written = {one.language for one in version.editions.all()}
    rows = context.get("campaign_languages") or []
    return [row.code for row in rows if not row.must_be_ready and row.code not in written]


@register.simple_tag(takes_context=True)
def texts_coming_in(context: dict[str, Any], texts: dict[str, str]) -> list[str]:
    """Return the languages of the campaign in which a published answer or fact-check, {language: text}, is to follow."""
    rows = context.get("campaign_languages") or []
    return [row.code for row in rows if not row.must_be_ready and not (texts.get(row.code) or "").strip()]


NOTES = {
    "page": '<p class="wrap fallback__why">{}</p>',
    "mail": '<p style="margin:0 0 12px;font-size:15px;line-height:1.5">{}</p>',
    "text": "{}\n\n",
}


@register.simple_tag
def fallback_note(kind: str = "page") -> SafeString:
    """
    Return the sentence that says in which language a page, or a mail, shows what it has not in its own; marked, so that it goes where
    there is no such thing.
    """
    here = get_language() or ""
    other = spoken_languages.fallback_of(here)
    if other == here or not site_words.is_marking():
        return mark_safe("")
    says = _("What is not in %(language)s yet is in another language: %(other)s.")
    told = says % {"language": spoken_languages.own_name(here), "other": spoken_languages.own_name(other)}
    inside = format_html(NOTES[kind], told)
    return mark_safe(f"{fallback_marks.NOTE}{inside}{fallback_marks.END_OF_NOTE}")  # noqa: S308  signs around what is safe


@register.filter
def own_name(code: str) -> str:
    """Return a language's own name for itself, or the code of one that nobody knows."""
    return spoken_languages.own_name(code)


@register.filter
def easy_name(code: str) -> str:
    """Return what easy language is called in a language itself, as a line begins with it."""
    name = languages.easy_name(code)
    return name[:1].upper() + name[1:]


@register.filter
def easy_tag(code: str) -> str:
    """Return the tag of easy language in a language, for `lang` and `hreflang`."""
    return languages.easy_tag(code)


@register.simple_tag
def language_name(code: str, language: str | None = None) -> str:
    """Return the name of the language `code` in `language` (default: the reader's), or the code itself."""
    with override(language or get_language()):
        return languages.language_name(code)


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """Return the icon of this name from the page's sprite; it says nothing that the words beside it don't."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def file_size(octets: int) -> str:
    """Return the size of a file as people in the active language write it, in one line: "64 kt", "1,3 Mt" in Finnish."""
    mega = octets / 1_000_000
    if octets < 1000:
        written = ngettext("%(size)s byte", "%(size)s bytes", octets) % {"size": octets}
    elif octets < 999_500:
        written = _("%(size)s kB") % {"size": round(octets / 1000)}
    else:
        written = _("%(size)s MB") % {"size": number_format(mega, decimal_pos=1 if mega < 9.95 else 0)}
    return written.replace(" ", "\u00a0")


@register.filter
def followed_by(title: str, name: str | None) -> str:
    """Return a page's title, with the campaign's name as the next sentence."""
    words = " ".join(title.split())
    if not name:
        return words
    return f"{words}{'' if words.endswith(('.', '?', '!', '…')) else '.'} {conditional_escape(name)}"
