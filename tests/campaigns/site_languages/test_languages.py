"""A language is added by clicking: pages, dates and mail are in it at once, in its direction; one that has texts stays."""

import re
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import formats, translation

from accounts.models import AuditEntry
from bulletins.checks.consistency import figures_match
from bulletins.models import PublishedEdition
from bulletins.reader_view import published_versions
from campaigns.models import Campaign, CampaignLanguage, SiteLanguage
from campaigns.site_languages import languages
from campaigns.site_languages.languages import Choices, NotPossible
from campaigns.translated_fields import in_language
from lib.text.languages import cldr_forms, spoken_languages
from lib.text.languages.spoken_languages import SpokenLanguage
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

TEXTS = {"name": "ماء نظيف", "sender_name": "ماء نظيف", "bulletin_name": "نشرة", "hashtag": "", "summary": "ما تقرر"}
FORM = {"own_name": "العربية", "direction": "rtl", "fallback": "en", "ready": "later", "mail": "1", **TEXTS}


def at_desk(name: str, campaign: Campaign, *more: str) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk, *more])


def test_a_language_is_added_and_ordered_by_clicking_and_its_pages_are_right_to_left(
    campaign, root, signed_in, client, refresh
):
    audience = builders.build_audience(campaign)
    assert client.get("/ar/").status_code == 404
    desk = signed_in(root)
    asked = desk.get(at_desk("language_add", campaign), {"language": "Arabic"}).content.decode()
    assert 'value="rtl" checked' in asked and "العربية" in asked and "few: 3–10" in asked
    english, finnish = (campaign.languages.get(code=code).name for code in ("en", "fi"))
    assert f'value="{english}"' in asked and f'value="{finnish}"' not in asked  # what stands in for it
    assert desk.post(at_desk("language_add", campaign), FORM | {"code": "ar", "name": " "}).status_code == 422
    assert not SiteLanguage.objects.exists() and not CampaignLanguage.objects.filter(code="ar").exists()

    assert desk.post(at_desk("language_add", campaign), FORM | {"code": "ar"}).status_code == 302
    row = CampaignLanguage.objects.get(campaign=campaign, code="ar")
    assert (row.position, row.must_be_ready, row.name) == (3, False, "ماء نظيف")
    audience.refresh_from_db()
    assert audience.languages[-1] == "ar" and audience.languages[0] != "ar"
    assert AuditEntry.objects.get(verb="language.added").detail == {"code": "ar", "must_be_ready": False}
    assert refresh() and not refresh()

    page = client.get("/ar/")
    told = page.content.decode()
    assert page.status_code == 200 and '<html class="cb" lang="ar" dir="rtl">' in told
    assert page["Content-Language"] == "ar" and 'hreflang="ar"' in told and "العربية" in told
    assert 'hreflang="ar"' in client.get("/fi/").content.decode()
    assert client.get("/", headers={"Accept-Language": "ar-EG,fi;q=0.5"})["Location"] == "/ar/"
    assert '<html class="cb" lang="ar" dir="rtl">' in client.get("/ar/nowhere/").content.decode()

    for _time in range(5):
        desk.post(at_desk("languages", campaign), {"code": "ar", "do": "up"})
    assert campaign.languages.values_list("code", flat=True)[0] == "ar"
    listed = desk.get(at_desk("languages", campaign)).content.decode()
    assert "right to left" in listed and "follows when ready" in listed and "every letter is in the fonts" in listed
    desk.post(at_desk("language", campaign, "ar"), FORM | {"ready": "must", "mail": ""})
    row.refresh_from_db()
    audience.refresh_from_db()
    assert row.must_be_ready and "ar" not in audience.languages


def test_what_is_written_from_right_to_left_is_written_so_at_the_desk(campaign, root, alma, signed_in, refresh):
    signed_in(root).post(at_desk("language_add", campaign), FORM | {"code": "ar"})
    refresh()
    bulletin = builders.build_bulletin(campaign, by=alma)
    arabic = bulletin.editions.get(language="ar").pk

    desk = signed_in(alma).get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])).content.decode()

    fields = re.findall(rf'<textarea[^>]* id="f-{arabic}-[^>]*>', desk)
    assert fields and all('lang="ar" dir="rtl"' in field for field in fields)


def test_a_language_in_which_something_is_written_stays_and_so_does_the_main_one(campaign, root, signed_in, refresh):
    builders.build_bulletin(campaign)
    desk = signed_in(root)
    for code, why in (("sv", "1 bulletin has an edition in it."), (campaign.default_language, "main language")):
        answer = desk.post(at_desk("languages", campaign), {"code": code, "do": "remove"})
        assert answer.status_code == 409 and why in answer.content.decode()
    assert campaign.languages.count() == 3 and not AuditEntry.objects.filter(verb="language.removed").exists()

    languages.add(campaign, "se", Choices(own_name="davvisámegiella", texts=TEXTS), by=root, at=NOON)
    assert refresh() and spoken_languages.is_spoken("se")
    assert desk.post(at_desk("languages", campaign), {"code": "se", "do": "remove"}).status_code == 302
    assert refresh() and not spoken_languages.is_spoken("se") and not SiteLanguage.objects.exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Northern Sami", "se"),
        ("northern  sámi", "se"),
        ("Davvisamegiella", "se"),
        ("se", "se"),
        ("Espanol", "es"),
        ("x", ""),
    ],
)
def test_a_language_is_found_with_or_without_its_accents(typed, code):
    assert languages.find(typed, "en") == code


def test_a_text_that_nobody_has_put_into_a_language_is_in_the_one_that_stands_in_for_it(refresh):
    spoken_languages.install(
        [SpokenLanguage("se", "davvisámegiella", False, "fi"), SpokenLanguage("uk", "uk", False, "en")]
    )
    texts = {"en": "Boil it.", "sv": "Koka det.", "fi": "Keitä se."}
    assert [in_language(texts, code) for code in ("se", "uk", "sv", "de")] == [
        "Keitä se.",
        "Boil it.",
        "Koka det.",
        "Boil it.",
    ]
    assert in_language(texts | {"se": "Duolddat dan."}, "se") == "Duolddat dan."
    assert in_language({"sv": "Koka det."}, "se") == "Koka det."


@pytest.mark.parametrize("code", ["fi", "api", "xx", "ar-EG", "../", "", "e" * 500, "und", "AR"])
def test_what_is_no_language_or_there_already_is_refused(campaign, root, code):
    with pytest.raises(NotPossible, match="Nothing changed"):
        languages.add(campaign, code, Choices(own_name="x", texts=TEXTS), by=root, at=NOON)
    assert campaign.languages.count() == 3 and not SiteLanguage.objects.exists()


def test_only_who_may_change_a_campaign_adds_a_language(campaign, alma, signed_in):
    desk = signed_in(alma)
    for name, more in (("languages", ()), ("language_add", ()), ("language", ("fi",))):
        assert desk.get(at_desk(name, campaign, *more)).status_code in {403, 404}
        assert desk.post(at_desk(name, campaign, *more), FORM | {"code": "ar"}).status_code in {403, 404}
    assert campaign.languages.count() == 3


def test_days_and_numbers_are_as_cldr_has_them_and_in_a_language_that_it_does_not_know_as_in_its_fallback(refresh):
    spoken_languages.install(
        [
            SpokenLanguage(code, code, cldr_forms.is_rtl(code), fallback)
            for code, fallback in {"ar": "en", "se": "fi", "uk": "en", "rom": "sv"}.items()
        ]
    )
    moment = datetime(2026, 11, 24, 14, 5)
    found = {}
    for code in ("ar", "se", "uk", "rom", "fi"):
        with translation.override(code):
            found[code] = (
                formats.date_format(moment, "DATE_FORMAT"),
                formats.date_format(moment, "MONTH_DAY_FORMAT"),
                formats.number_format(12480.5, decimal_pos=1, force_grouping=True),
            )
    assert found == {
        "ar": ("الثلاثاء، 24 نوفمبر 2026", "24 نوفمبر", "12,480.5"),
        "se": ("di 24 skáb 2026", "24 skábmamánnu", "12\xa0480,5"),
        "uk": ("вт, 24 лист. 2026\u202fр.", "24 листопада", "12\xa0480,5"),
        "rom": ("tis 24.11.2026", "24.11", "12\xa0480,5"),
        "fi": ("ti 24.11.2026", "24.11.", "12\xa0480,5"),
    }
    assert cldr_forms.plural_samples("ar")["few"] == "3–10, 103–110"
    assert spoken_languages.direction("ar") == "rtl" and spoken_languages.variant("uk-UA") == "uk"


def test_a_date_is_the_same_date_in_a_language_that_was_added():
    said = {
        "ar": "تفتح في 1 يونيو 2026",
        "uk": "1 червня 2026 р.",
        "so": "Juun 1, 2026",
        "fi": "1. kesäkuuta 2026",
    }
    found = {code: [one.value for one in figures_match.figures(text, code)] for code, text in said.items()}
    assert found["ar"] == found["uk"] == found["so"] == found["fi"] != []
    (other,) = figures_match.figures("تفتح في 2 يونيو 2026", "ar")
    assert not other.matches(figures_match.figures(said["fi"], "fi")[0])


def test_a_bulletin_that_an_added_language_lacks_is_shown_in_the_one_that_stands_in_for_it(
    campaign, root, signed_in, refresh
):
    signed_in(root).post(at_desk("language_add", campaign), FORM | {"code": "ar", "fallback": "en"})
    refresh()
    editions = [PublishedEdition(language=code) for code in ("fi", "sv", "en")]
    shown = published_versions.choose_among(editions, language="ar", fallback="fi")
    assert shown is not None and shown.language == "en"
    only_finnish = published_versions.choose_among(editions[:1], language="ar", fallback="fi")
    assert only_finnish is not None and only_finnish.language == "fi"
