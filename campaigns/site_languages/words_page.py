"""The desk's page on which the site's own words are translated, and their catalog goes out and comes in."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.desk_base.desk_user import user_of
from campaigns.models import SiteLanguage
from lib.text.languages import cldr_forms
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import grouped

from . import po_files, site_texts, word_checks, words
from .site_texts import AREAS, READERS, Entry
from .words import Forms

MAY = "campaigns.change_siteword"
PER_PAGE = 40
NAMED = 10  # refused texts of a file that are named


@dataclass(frozen=True)
class Field:
    """A form of a text: its plural category ("" for none), the numbers that have it, what stands there, and what is wrong with it."""

    name: str
    form: str
    numbers: str
    text: str
    fault: str


@dataclass(frozen=True)
class Row:
    """A text of the site, with its fields."""

    entry: Entry
    area: str
    fields: list[Field]


class WordsPage:
    """A ModelAdmin of campaigns, with the page of the site's words in a language."""

    admin_site: Any
    message_user: Any

    def words_urls(self) -> list[URLPattern]:
        """Return the list of languages that are translated, the page of one, its catalog, and the way back in."""
        wrap = self.admin_site.admin_view
        return [
            path("words/", wrap(require_safe(self.languages_of_words_view)), name="campaigns_words"),
            path("words/<int:pk>/", wrap(self.words_view), name="campaigns_words_of"),
            path("words/<int:pk>/catalog.po", wrap(require_safe(self.po_view)), name="campaigns_words_file"),
            path("words/<int:pk>/upload/", wrap(require_POST(self.po_in_view)), name="campaigns_words_upload"),
        ]

    def languages_of_words_view(self, request: HttpRequest) -> HttpResponse:
        """List the languages that are translated in the browser, with how far each is."""
        self._must_translate(request)
        rows = [(one, *words.progress(one)) for one in SiteLanguage.objects.order_by("own_name")]
        context = {**self.admin_site.each_context(request), "title": _("The site’s own words"), "rows": rows}
        return TemplateResponse(request, "campaigns/site_languages/words_list.html", context)

    def words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the site's words in a language, and save those that someone wrote; what may not stand is shown with its reason."""
        language = self._language(request, pk)
        outcome, typed = words.Outcome(), {}
        if request.method == "POST":
            typed = typed_words(request, language.code)
            outcome = words.save(language, typed, by=user_of(request), at=timezone.now())
            if outcome.saved:
                says = ngettext(
                    "%(n)d text saved. It is in use now.", "%(n)d texts saved. They are in use now.", outcome.saved
                )
                self.message_user(request, says % {"n": outcome.saved}, messages.SUCCESS)
            if not outcome.faults:
                return HttpResponseRedirect(f"{request.path}?{request.GET.urlencode()}")
        said = words.said(language)
        chosen = chosen_entries(request, said)
        page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
        rows = [row_of(entry, language, said, typed, outcome) for entry in page.object_list]
        kept = {name: request.GET[name] for name in ("area", "show", "q") if request.GET.get(name)}
        done, of = words.progress(language)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Translate the site’s words: %(language)s") % {"language": language_heading(language.code)},
            "language": language,
            "name": language_heading(language.code),
            "direction": "rtl" if language.is_rtl else "ltr",
            "done": done,
            "of": of,
            "rows": rows,
            "page": page,
            "query": f"{urlencode(kept)}&" if kept else "",
            "areas": AREAS.items(),
            "area": request.GET.get("area", ""),
            "show": request.GET.get("show", ""),
            "q": request.GET.get("q", "")[:100],
            "refused": len(outcome.faults),
        }
        status = 422 if outcome.faults else 200
        return TemplateResponse(request, "campaigns/site_languages/words.html", context, status=status)

    def po_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return a language's words as a gettext catalog."""
        language = self._language(request, pk)
        answer = HttpResponse(
            po_files.written(language.code, words.said(language)),
            content_type="text/x-gettext-translation; charset=utf-8",
        )
        answer["Content-Disposition"] = f'attachment; filename="site-{language.code}.po"'
        return answer

    def po_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Save the words of a gettext catalog; what may not stand is named."""
        language = self._language(request, pk)
        here = HttpResponseRedirect(reverse("admin:campaigns_words_of", args=[pk]))
        file: Any = request.FILES.get("file")
        try:
            if file is None or file.size > po_files.LARGEST:
                raise po_files.Unreadable(_("Choose a file of at most 3 MB. Nothing was saved."))
            told = po_files.read(file.read(po_files.LARGEST + 1), language.code)
        except po_files.Unreadable as why:
            self.message_user(request, str(why), messages.ERROR)
            return here
        outcome = words.save(language, told, by=user_of(request), at=timezone.now())
        says = ngettext("%(n)s text changed.", "%(n)s texts changed.", outcome.saved) % {"n": grouped(outcome.saved)}
        self.message_user(request, says, messages.SUCCESS)
        if outcome.faults:
            named = "; ".join(
                f"{key[-60:]}: {next(iter(why.values()))}" for key, why in list(outcome.faults.items())[:NAMED]
            )
            says = ngettext(
                "%(n)s text was not taken. %(which)s", "%(n)s texts were not taken. %(which)s", len(outcome.faults)
            )
            self.message_user(request, says % {"n": grouped(len(outcome.faults)), "which": named}, messages.WARNING)
        return here

    def _must_translate(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MAY):
            raise PermissionDenied

    def _language(self, request: HttpRequest, pk: int) -> SiteLanguage:
        self._must_translate(request)
        return get_object_or_404(SiteLanguage, pk=pk)


def chosen_entries(request: HttpRequest, said: dict[str, Forms]) -> list[Entry]:
    """Return the texts that someone asked for: of an area, those that are missing or there, with words in them."""
    area, show, q = (request.GET.get(name, "") for name in ("area", "show", "q"))
    q = q[:100].casefold()
    return [
        one
        for key, one in site_texts.entries().items()
        if (one.area == area if area in AREAS else one.area in READERS or q)
        and (show not in {"missing", "done"} or (key in said) == (show == "done"))
        and (not q or q in one.source.casefold() or any(q in text.casefold() for text in said.get(key, {}).values()))
    ]


def row_of(
    entry: Entry, language: SiteLanguage, said: dict[str, Forms], typed: dict[str, Forms], outcome: words.Outcome
) -> Row:
    """Return a text with its fields: as typed where that was refused, else as it is saved."""
    faults = outcome.faults.get(entry.key, {})
    forms = typed.get(entry.key, {}) if faults else said.get(entry.key, {})
    numbers = cldr_forms.plural_samples(language.code)
    fields = []
    for form in words.forms_of(entry, language.code):
        text = forms.get(form, "")
        shown = word_checks.isolated(text) if language.is_rtl and not faults else text
        fields.append(Field(field_of(entry.key, form), form, numbers.get(form, ""), shown, faults.get(form, "")))
    return Row(entry, str(AREAS[entry.area]), fields)


def field_of(key: str, form: str) -> str:
    """Return the name of a form's field."""
    return f"w-{words.sha256_of(key)[:20]}-{form}"


def typed_words(request: HttpRequest, code: str) -> dict[str, Forms]:
    """Return {key: forms} of what a form brings: of the texts that it shows."""
    sent = {name for name in request.POST if name.startswith("w-")}
    found: dict[str, Forms] = {}
    for key, entry in site_texts.entries().items():
        names = {form: field_of(key, form) for form in words.forms_of(entry, code)}
        if sent.issuperset(names.values()):
            found[key] = {form: str(request.POST[name]) for form, name in names.items()}
    return found
