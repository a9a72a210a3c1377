"""The desk's pages of a campaign's languages: which there are and in which order, and one to add or change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.access import permissions
from accounts.desk_base.desk_user import user_of
from campaigns.models import Campaign, CampaignLanguage, SiteLanguage
from lib.images import typesetting
from lib.text.languages import cldr_forms, site_words, spoken_languages
from lib.text.languages.languages import language_heading
from lib.text.languages.spoken_languages import BUILT_IN

from . import languages, words, words_page
from .languages import TEXTS, Choices, NotPossible

SHOWN_LETTERS = 12


@dataclass(frozen=True)
class Line:
    """A language in the list: its row, what the site knows of it, and the letters of it that no card can show."""

    row: CampaignLanguage
    site: SiteLanguage | None
    missing: str
    is_main: bool

    @property
    def own_name(self) -> str:
        """Its own name for itself."""
        return spoken_languages.own_name(self.row.code)

    @property
    def is_rtl(self) -> bool:
        """Whether it is written from right to left."""
        return self.site.is_rtl if self.site else spoken_languages.is_rtl(self.row.code)

    @property
    def is_built_in(self) -> bool:
        """Whether its words are in the code."""
        return self.row.code in BUILT_IN

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the texts that readers meet are in it, and of how many; one query."""
        return words.progress(self.site) if self.site else (0, 0)

    @property
    def letters(self) -> str:
        """The first letters that no card can show."""
        return " ".join(self.missing[:SHOWN_LETTERS])


def letters_missing(code: str) -> str:
    """Return the letters of a language, as far as CLDR writes anything in it, that no font of the cards has."""
    locale = cldr_forms.locale_of(code)
    said = [*cldr_forms.calendar_words(code).values(), cldr_forms.own_name(code)]
    return typesetting.undrawable(" ".join([*said, *(locale.languages.values() if locale else ())]))


def forms_of(code: str, fallback: str, at: datetime) -> list[tuple[str, str]]:
    """Return how a language writes a day, an hour, a number and plurals: (what, example)."""
    if code in BUILT_IN or cldr_forms.locale_of(code) is None:
        shown = code if code in BUILT_IN else fallback
        with override(shown):
            told = [
                formats.date_format(at, "DATE_FORMAT"),
                formats.date_format(at, "TIME_FORMAT"),
                formats.number_format(12480.5, decimal_pos=1, force_grouping=True),
            ]
    else:
        with site_words.speaking(code, fallback):
            told = cldr_forms.examples(code, at) or []
    names = [_("Day"), _("Time"), _("Number"), _("Plural forms")]
    plurals = cldr_forms.plural_samples(code)
    told.append("; ".join(f"{name}: {plurals[name]}" for name in cldr_forms.plural_categories(code) if name in plurals))
    return list(zip(names, told, strict=True))


class LanguagesPage:
    """A ModelAdmin of campaigns, with the pages of their languages."""

    admin_site: Any
    message_user: Any

    def language_urls(self) -> list[URLPattern]:
        """Return the list, and the page of one language."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/languages/", wrap(self.languages_view), name="campaigns_campaign_languages"),
            path("<int:pk>/languages/add/", wrap(self.language_add_view), name="campaigns_campaign_language_add"),
            path("<int:pk>/languages/<slug:code>/", wrap(self.language_view), name="campaigns_campaign_language"),
        ]

    def languages_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a campaign's languages; move one, say whether bulletins wait for it, or take it away."""
        campaign = self._campaign(request, pk)
        refusal = ""
        if request.method == "POST":
            try:
                self._change_list(request, campaign)
            except NotPossible as why:
                refusal = str(why)
            else:
                return HttpResponseRedirect(reverse("admin:campaigns_campaign_languages", args=[pk]))
        rows = list(campaign.languages.all())
        site = {one.code: one for one in SiteLanguage.objects.filter(code__in=[row.code for row in rows])}
        lines = [
            Line(row, site.get(row.code), letters_missing(row.code), row.code == campaign.default_language)
            for row in rows
        ]
        context = self._frame(request, campaign, _("Languages")) | {
            "lines": lines,
            "refusal": refusal,
            "may_translate": request.user.has_perm(words_page.MAY),
        }
        return TemplateResponse(
            request, "campaigns/site_languages/languages.html", context, status=409 if refusal else 200
        )

    def _change_list(self, request: HttpRequest, campaign: Campaign) -> None:
        by: Any = request.user
        row = get_object_or_404(campaign.languages, code=request.POST.get("code", ""))
        match request.POST.get("do"):
            case "up":
                languages.move(row, -1, by=by, at=timezone.now())
            case "down":
                languages.move(row, 1, by=by, at=timezone.now())
            case "remove":
                name = language_heading(row.code)
                languages.remove(row, by=by, at=timezone.now())
                says = _("%(language)s is no longer a language of this campaign.")
                self.message_user(request, says % {"language": name}, messages.SUCCESS)
            case _:
                raise Http404

    def language_add_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask which language, then what is decided about it, and add it."""
        campaign = self._campaign(request, pk)
        frame = self._frame(request, campaign, _("Add a language"))
        typed = request.POST.get("code", "") or request.GET.get("language", "")
        here = get_language() or "en"
        code = languages.find(typed, here) if typed else ""
        refusal = ""
        if code and campaign.languages.filter(code=code).exists():
            refusal = _("The campaign has this language.")
        elif typed and not code:
            refusal = _("No language is called “%(name)s”. Choose one from the list, or write its code, such as ar.")
            refusal %= {"name": typed[:60]}
        if not code or refusal:
            context = frame | {"offered": languages.offered(here), "typed": typed[:60], "refusal": refusal}
            return TemplateResponse(
                request, "campaigns/site_languages/language_choice.html", context, status=422 if refusal else 200
            )
        if request.method == "POST":
            choices = choices_of(request)
            try:
                languages.add(campaign, code, choices, by=user_of(request), at=timezone.now())
            except NotPossible as why:
                return self._form(request, frame, code, choices, refusal=str(why))
            self.message_user(
                request, _("Added: %(language)s.") % {"language": language_heading(code)}, messages.SUCCESS
            )
            return HttpResponseRedirect(reverse("admin:campaigns_campaign_languages", args=[pk]))
        return self._form(request, frame, code, proposal(campaign, code))

    def language_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Show what is decided about a language, and change it."""
        campaign = self._campaign(request, pk)
        row = get_object_or_404(campaign.languages, code=code)
        frame = self._frame(request, campaign, language_heading(code)) | {"row": row}
        if request.method == "POST":
            choices = choices_of(request)
            try:
                languages.change(row, choices, by=user_of(request), at=timezone.now())
            except NotPossible as why:
                return self._form(request, frame, code, choices, refusal=str(why))
            self.message_user(
                request, _("Saved: %(language)s.") % {"language": language_heading(code)}, messages.SUCCESS
            )
            return HttpResponseRedirect(reverse("admin:campaigns_campaign_languages", args=[pk]))
        return self._form(request, frame, code, decided(row))

    def _form(
        self, request: HttpRequest, frame: dict[str, Any], code: str, choices: Choices, *, refusal: str = ""
    ) -> HttpResponse:
        missing = letters_missing(code)
        texts = [(name, CampaignLanguage._meta.get_field(name), choices.texts.get(name, "")) for name in TEXTS]
        context = frame | {
            "code": code,
            "language": language_heading(code),
            "choices": choices,
            "direction": "rtl" if choices.is_rtl else "ltr",
            "is_built_in": code in BUILT_IN,
            "fallbacks": SiteLanguage.Fallback.choices,
            "texts": texts,
            "forms": forms_of(code, choices.fallback, timezone.localtime()),
            "is_known": cldr_forms.locale_of(code) is not None,
            "missing": " ".join(missing[:SHOWN_LETTERS]),
            "refusal": refusal,
        }
        return TemplateResponse(
            request, "campaigns/site_languages/language.html", context, status=422 if refusal else 200
        )

    def _campaign(self, request: HttpRequest, pk: int) -> Campaign:
        # A language is the site's, whichever campaign it is added to.
        if not permissions.is_held_for_site(request.user, "campaigns.change_campaign"):
            raise PermissionDenied
        return get_object_or_404(Campaign.objects.prefetch_related("languages"), pk=pk)

    def _frame(self, request: HttpRequest, campaign: Campaign, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "about": campaign}


def choices_of(request: HttpRequest) -> Choices:
    """Return what a form decides."""
    told = request.POST
    return Choices(
        own_name=told.get("own_name", "")[:60],
        is_rtl=told.get("direction") == "rtl",
        fallback=told.get("fallback", "en"),
        must_be_ready=told.get("ready") == "must",
        has_mail=bool(told.get("mail")),
        texts={name: told.get(name, "") for name in TEXTS},
    )


def proposal(campaign: Campaign, code: str) -> Choices:
    """
    Return what a language begins with: what is known of it already, else CLDR's word; the texts of the language that stands in for it,
    else of the main one.
    """
    known = SiteLanguage.objects.filter(code=code).first()
    fallback = known.fallback if known else ("fi" if code in {"se", "smn", "sms", "et"} else "en")
    rows = {row.code: row for row in campaign.languages.all()}
    begins = rows.get(fallback) or rows.get(campaign.default_language) or next(iter(rows.values()), None)
    texts = {name: getattr(begins, name) for name in TEXTS} if begins else {}
    return Choices(
        own_name=known.own_name if known else spoken_languages.own_name(code),
        is_rtl=known.is_rtl if known else spoken_languages.is_rtl(code),
        fallback=fallback,
        texts=texts | {"summary": ""},
    )


def decided(row: CampaignLanguage) -> Choices:
    """Return what is decided about a language of a campaign."""
    known = SiteLanguage.objects.filter(code=row.code).first()
    return Choices(
        own_name=known.own_name if known else spoken_languages.own_name(row.code),
        is_rtl=known.is_rtl if known else spoken_languages.is_rtl(row.code),
        fallback=known.fallback if known else "en",
        must_be_ready=row.must_be_ready,
        has_mail=languages.has_mail(row.campaign, row.code),
        texts={name: getattr(row, name) for name in TEXTS},
    )
