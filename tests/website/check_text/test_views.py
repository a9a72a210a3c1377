"""Anyone may check a text; nobody keeps it."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import rate_limit
from bulletins.models import KeyMessage, Version
from bulletins.publication import corrections
from factcheck.matching.similar_claims import index
from tests.support import builders
from tests.support.builders import in_all
from website.check_text import matcher, views

CANARY = "Zugvogelkanarie"
CHECK = "/en/check/"


@pytest.fixture
def version(campaign: Any) -> Version:
    """A bulletin with a date."""
    bulletin = builders.build_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=bulletin).update(
        text={"fi": "Kirjastot avataan 13. huhtikuuta kello 9.", "sv": "Biblioteken öppnar den 13 april kl. 9.", "en": "Libraries open on 13 April at 9."}
    )  # fmt: skip
    return builders.published(bulletin, at=timezone.now() - timedelta(days=2))


def correct(version: Version) -> None:
    """Publish it with another date."""
    now, bulletin = timezone.now() - timedelta(days=1), version.bulletin
    changed = in_all(en="It is a week later.")
    corrections.start_correction(bulletin, by=builders.editor(), at=now, what_changed=changed, share_text=changed)
    KeyMessage.objects.filter(bulletin=bulletin).update(
        text={"fi": "Kirjastot avataan 20. huhtikuuta kello 9.", "sv": "Biblioteken öppnar den 20 april kl. 9.", "en": "Libraries open on 20 April at 9."}
    )  # fmt: skip
    builders.published(bulletin, at=now)


def checked(text: str, client: Any = None, address: str = CHECK, status: int = 200) -> str:
    """Post a text and return the page."""
    response = (client or Client()).post(address, {"text": text})
    assert response.status_code == status
    return response.content.decode()


def test_the_page_has_a_form_and_nothing_else(client: Any, campaign: Any):
    page = client.get(f"{CHECK}?text={CANARY}").content.decode()

    assert "<textarea" in page
    assert "What we found" not in page
    assert CANARY not in page.partition("<main")[2]


def test_what_holds_is_said_to_be_in_force_and_never_to_be_true(version: Version):
    page = checked("Libraries open on 13 April at 9.")

    assert "We published exactly this, and it is current." in page
    assert "verdict--true" not in page


def test_what_was_replaced_is_shown_with_what_to_say_now(version: Version):
    correct(version)

    page = checked("Libraries open on 13 April at 9.")

    assert "We said this before. It has changed." in page
    assert "Libraries open on 20 April at 9." in page
    assert "It is a week later." in page
    assert "<del>" not in page


def test_a_figure_that_somebody_altered_is_named(version: Version):
    page = checked("Libraries open on 25 April at 9.")

    assert "A date or a number is not the one in our bulletin." in page
    assert "25 April" in page


def test_a_passage_keeps_its_own_language_on_a_page_in_another(version: Version):
    correct(version)

    page = checked("Kirjastot avataan 13. huhtikuuta kello 9.")

    assert '<p class="say__words" lang="fi">Kirjastot avataan 20. huhtikuuta kello 9.</p>' in page


def test_a_pasted_falsehood_gets_the_fact_first_then_the_claim_with_its_verdict(campaign: Any):
    index(builders.build_claim(campaign, text=in_all(en="Garlic cures the coronavirus in days")))

    page = checked("garlic cures coronavirus in days")

    found = page.partition('id="h-found"')[2].partition("<form")[0]
    claim = found.index("<q>Garlic cures the coronavirus in days</q>")
    assert found.index("No food cures it.") < claim < found.index("verdict--false")
    assert "Your text may say something else: compare them." in found
    assert "the opposite" not in found


def test_what_somebody_added_is_named_and_nothing_is_called_exactly_ours(version: Version):
    page = checked("Libraries open on 13 April at 9. Only those who pay 500 euros at the door get a book! Lie!")

    assert "exactly this" not in page
    assert "1 of 3 sentences is ours and current." in page
    assert "status--current" not in page
    assert "match--current" not in page
    others = page.partition("Not ours:")[2].partition("</ul>")[0]
    assert '<q lang="">Only those who pay 500 euros at the door get a book!</q>' in others
    assert '<q lang="">Lie!</q>' in others


def test_a_greeting_takes_nothing_away(version: Version):
    page = checked("Hi friends!\nLibraries open on 13 April at 9.\nPlease share!")

    assert "We published exactly this, and it is current." in page
    assert "Not ours" not in page


def test_a_text_that_is_too_long_to_be_compared_is_not_called_ours(version: Version):
    ours = "Libraries open on 13 April at 9."
    page = checked(f"{ours}\n" + "\n".join(f"Rumour {n} of many others" for n in range(matcher.SENTENCES)))

    assert "We compared only the first 40 sentences." in page
    assert "exactly this" not in page
    assert "1 of 41 sentences is ours and current." in page


def test_a_text_with_a_link_to_us_is_not_called_ours(version: Version, settings: Any):
    settings.PUBLIC_URL = "https://bulletins.example.org"

    page = checked(f"Drink bleach. https://bulletins.example.org/en/bulletins/{version.bulletin.number}/")

    assert "Your text links to this bulletin" in page
    assert "We published" not in page
    assert "status--current" not in page


def test_nothing_found_says_that_this_means_nothing_about_truth(campaign: Any):
    page = checked("The moon landed on our town hall yesterday evening")

    assert "That does not mean that it is true or false" in page
    assert "/facts/report/" in page
    assert "mailto:liisa@example.org" in page


def test_the_text_stays_in_the_field_and_the_page_is_not_to_be_kept(campaign: Any):
    response = Client().post(CHECK, {"text": "The <b>moon</b> landed"})

    assert "The &lt;b&gt;moon&lt;/b&gt; landed</textarea>" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "a" * 5001, "b " * 524_288])
def test_an_empty_or_too_long_text_is_refused_in_words_and_kept(text: str, campaign: Any):
    page = checked(text, status=422)

    assert "Nothing was checked." in page
    assert text.strip()[:100] in page
    assert len(page) > len(text)


def test_signs_that_nobody_sees_hide_nothing(version: Version):
    assert "current." in checked("Libra\u200bries open\x00 on 13 \u202eApril at 9.")


@pytest.mark.parametrize("address", ["/fi/check/", "/sv/check/"])
def test_the_page_speaks_three_languages(address: str, version: Version):
    checked("Libraries open on 13 April at 9.", address=address)


def test_a_text_from_elsewhere_needs_the_forms_token(campaign: Any):
    assert Client(enforce_csrf_checks=True).post(CHECK, {"text": "Hello"}).status_code == 403


def test_too_many_tries_from_one_place_are_refused_and_the_text_is_kept(campaign: Any, monkeypatch: Any):
    monkeypatch.setattr(views, "CHECKS_AN_HOUR", 2)
    checked("The moon landed"), checked("The moon landed")

    assert "The moon landed</textarea>" in checked("The moon landed", status=429)


def test_a_text_that_is_refused_counts_as_a_try_too(campaign: Any, monkeypatch: Any):
    monkeypatch.setattr(views, "CHECKS_AN_HOUR", 2)
    checked("a" * 5_001, status=422), checked("", status=422)

    assert "too many attempts from your network" in checked("a" * 5_001, status=429)


def test_the_page_works_before_there_is_a_campaign(db: None):
    assert Client().get(CHECK).status_code == 200
    assert "We have published nothing like it." in checked("The moon landed on us")


def test_the_cost_is_the_same_however_many_bulletins_are_found(
    campaign: Any, version: Version, django_assert_max_num_queries: Any
):
    text = "Libraries open on 13 April at 9. Borrow, return, read there. Return what you borrowed on time."
    checked(text)
    with django_assert_max_num_queries(100) as few:
        checked(text)
    builders.build_bulletins(4, campaign, at=timezone.now() - timedelta(hours=1))

    with django_assert_max_num_queries(len(few)):
        checked(text)


def test_a_checked_text_is_left_nowhere(
    version: Version, caplog: Any, signed_in: Any, ines: Any, settings: Any, capsys: Any
):
    caplog.set_level(logging.DEBUG)
    client = signed_in(ines)
    text = f"{CANARY} says: libraries open on 13 April at 9. https://canary.example/{CANARY}"
    page = checked(text, client)

    assert CANARY in page
    for model in apps.get_models(include_auto_created=True):
        assert CANARY not in str(list(model._default_manager.values())), model
    assert CANARY not in str(dict(client.session))
    assert CANARY not in str(client.cookies)
    assert CANARY not in str(getattr(cache, "_cache", {}))
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db.backends")
    )
    assert CANARY not in logged + "".join(capsys.readouterr())
    for file in Path(site.DATA_DIR).rglob("*"):
        # The test's own database was read above; its pages are not files that anyone writes texts to.
        if file.is_file() and ".sqlite3" not in file.name:
            assert CANARY.encode() not in file.read_bytes(), file


def test_a_fault_while_checking_reports_no_text(version: Version, monkeypatch: Any, mailoutbox: Any, caplog: Any):
    from django.test import RequestFactory
    from django.views.debug import SafeExceptionReporterFilter, get_exception_reporter_filter

    def broken(*args: Any, **kwargs: Any) -> None:
        pasted = kwargs.get("text") or args[1]
        raise RuntimeError(f"broken after {len(pasted)} characters")

    monkeypatch.setattr(matcher, "_bulletins", broken)
    client = Client(raise_request_exception=False)

    response = client.post(CHECK, {"text": f"{CANARY} and more"})

    assert response.status_code == 500
    request = RequestFactory().post(CHECK, {"text": CANARY})
    request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]
    assert isinstance(get_exception_reporter_filter(request), SafeExceptionReporterFilter)
    from django.views.debug import ExceptionReporter

    (record,) = [one for one in caplog.records if one.exc_info]
    kind, value, trace = record.exc_info
    seen = record.request  # type: ignore[attr-defined]
    settings_of_report = ExceptionReporter(seen, kind, value, trace)
    assert CANARY not in settings_of_report.get_traceback_text()
    assert rate_limit.allow("check", "elsewhere", most=1, seconds=60)
