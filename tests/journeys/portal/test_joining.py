"""
Someone with a phone joins in three steps: what they get, the form, the code from their mail, the portal, and the code of ethics that they signed.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from influencers.models import Influencer
from tests.influencers.onboarding.joining_scene import TITLE, build_code, build_door, mail_at_once
from tests.journeys.page_checks import follow, wrong_with

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_open_form_to_the_portal(campaign, page, live_site, smtp_sink, roles, monkeypatch):
    language = "sv"  # test_path_of_an_influencer.py goes on from here in the others
    mail_at_once(monkeypatch)
    build_door(campaign)
    page.goto(f"{live_site}/{language}/account/login/code/")
    follow(page.locator(f"main a[href='/{language}/join/look/']"))
    assert wrong_with(page, language) == []
    follow(page.locator(f"main a.btn[href='/{language}/join/']"))
    assert (
        page.locator("main input:checked:not([type=radio])").count() == 0
        and not page.locator("[name$=_followers]").count()
    )
    assert wrong_with(page, language) == []

    page.fill("[name=email]", "elli@example.org")
    follow(page.locator("button[type=submit]").last)
    expect(page.locator(".notice--bad")).to_be_focused()
    assert wrong_with(page, language) == []
    expect(page.locator("[name=email]")).to_have_value("elli@example.org")

    page.fill("[name=name]", "Elli Esimerkki")
    page.fill("[name=handle]", "https://tiktok.com/@elli?lang=fi")
    page.check("[name=pace][value=week]")
    follow(page.locator("button[type=submit]").last)

    expect(page.locator("[name=code]")).to_be_visible()
    assert wrong_with(page, language) == []
    follow(page.locator(f".join__steps a[href='/{language}/join/']"))
    expect(page.locator("[name=name]")).to_have_value("Elli Esimerkki")
    expect(page.locator("[name=handle]")).to_have_value("elli")
    expect(page.locator("[name=platform]")).to_have_value("tiktok")
    expect(page.locator("[name=pace][value=week]")).to_be_checked()
    page.goto(f"{live_site}/{language}/join/code/")
    assert page.locator("main input:checked").count() == 0
    page.check("[name=point_all]")
    page.check("[name=bulletins]")
    (caught,) = smtp_sink.caught
    assert caught.message["Content-Language"] == language
    page.fill("[name=code]", code_in(caught))
    page.locator("main button[type=submit]").first.click()

    expect(page).to_have_url(f"{live_site}/{language}/portal/")
    expect(page.locator("main [role=status]").first).to_contain_text("Elli Esimerkki")
    person = Influencer.objects.select_related("recipient").get()
    assert person.recipient.language == language and person.accounts.get().followers is None
    assert person.recipient.choices.get().pace == "week"

    page.goto(f"{live_site}/{language}/portal/code-of-ethics/")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE[language])
    assert wrong_with(page, language) == []
    build_code(campaign, version=2, **{language: f"{TITLE[language]}\n\n1. Uusi. Ny. New.\n"})
    page.goto(f"{live_site}/{language}/portal/code-of-ethics/")
    assert wrong_with(page, language) == []
    page.locator(".join__points input").check()
    page.locator("#sign button").click()
    expect(page.locator("main .notice[role=status]")).to_be_visible()


def code_in(caught: Any) -> str:
    """Return the code in a mail."""
    found = re.search(r"^ {4}([0-9]{6})\s*$", caught.message.get_content(), re.MULTILINE)
    assert found
    return found[1]
