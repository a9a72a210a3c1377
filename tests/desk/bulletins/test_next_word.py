"""When we say more: chosen at the desk, promised on the page, and said to be late there, in the portal and on Today."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from bulletins.models import Bulletin
from campaigns.models import Campaign
from influencers.portal import bulletin_page
from tests.support import builders

pytestmark = pytest.mark.django_db


def test_it_is_chosen_with_the_details_and_the_parts_are_folded_until_they_are_used(
    campaign: Campaign, alma: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    client = signed_in(alma)
    about = reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])
    form = client.get(about).context["form"]
    assert 'id="at-next_word_at"' in client.get(about).content.decode()
    sent = {form.add_prefix(name): form[name].value() or "" for name in ("urgency", "original_language")}
    sent |= {f"initial-{name}": value for name, value in sent.items()}
    assert client.post(about, sent | {form.add_prefix("next_word_at"): "2026-03-25T18:00"}).status_code in {200, 302}
    bulletin.refresh_from_db()
    assert bulletin.next_word_at and campaign.local(bulletin.next_word_at).hour == 18
    # A page that was open before does not take it back.
    assert client.post(about, sent).status_code in {200, 302}
    bulletin.refresh_from_db()
    assert bulletin.next_word_at

    page = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    html = client.get(page).content.decode()
    assert html.count('<details class="situation">') == 3 and html.count('data-field="not_known"') == 3
    edition = bulletin.editions.get(language="en")
    words = reverse("admin:bulletins_bulletin_words", args=[bulletin.pk, edition.pk])
    saved = client.post(words, {"not_known": "When it ends."}, headers={"Accept": "application/json"})
    assert saved.json()["fields"]["not_known"]["text"] == "When it ends."
    html = client.get(page).content.decode()
    assert html.count('<details class="situation" open>') == 1
    preview = reverse("admin:bulletins_bulletin_preview", args=[bulletin.pk])
    shown = client.post(preview, {"language": "en", "not_known": "Nobody knows yet."}).content.decode()
    assert "Nobody knows yet." in shown and "What we do not know yet" in shown and "We will say more by" in shown


def test_page_portal_and_today_say_that_it_is_late_until_something_newer_is_out(
    campaign: Campaign, alma: User, oskar: User, client: Any, signed_in: Any
) -> None:
    now = timezone.now()
    version = builders.build_published_version(
        campaign, by=alma, approver=oskar, at=now - timedelta(hours=2), next_word_at=now + timedelta(hours=1)
    )
    with override("en"):
        page = reverse("website:bulletin", args=[version.bulletin.number])
    says, promise = "We are late.", "We will say more by"

    def shown() -> tuple[bool, bool, bool]:
        version.refresh_from_db()
        edition = version.editions.get(language="en")
        portal = bulletin_page.preview(version, edition, campaign, at=timezone.now())
        desk = signed_in(alma).get(reverse("admin:index")).content.decode()
        return (
            says in client.get(page).content.decode(),
            bool(portal.next_word and portal.next_word.is_late),
            "Readers were told that more comes." in desk,
        )

    assert promise in client.get(page).content.decode() and shown() == (False, False, False)
    version.next_word_at = now - timedelta(minutes=1)
    version.save(update_fields=["next_word_at"])
    assert shown() == (True, True, True)
    builders.build_published_version(campaign, by=alma, approver=oskar, at=now - timedelta(hours=1))
    assert shown() == (False, False, False)
    assert Bulletin.objects.count() == 2
