"""On a phone: an influencer tells of a post, reads the advice, corrects it, and finds the thanks and the certificate."""

import os
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from influencers.models import Handbook, Post
from influencers.recognition import certificates, thanks
from tests.influencers.posts import posts_scene

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("POST_SHOTS")


def shoot(page: Any, name: str) -> None:
    """Keep a picture of a page when someone wants to look."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_from_a_post_to_thanks(live_site: str, page: Any, browse_as: Any, campaign: Any, ines: Any, liisa: Any) -> None:
    ina = ines.influencers.select_related("recipient", "campaign", "user").get()
    version = posts_scene.build_version(campaign, day=19)
    Handbook.objects.create(
        campaign=campaign, language="en", title="Handbook", body="## Check\n\nOne.\n\n## Rest\n\nTwo."
    )
    browse_as(ines)

    page.goto(f"{live_site}/en/portal/bulletins/{version.bulletin.number}/#posted")
    page.get_by_role("radio", name="Instagram").check()
    page.get_by_label("Address of the post").fill("https://10.0.0.1/p/Cabc12345/")
    page.get_by_role("button", name="Report a post").click()
    expect(page.locator("main")).to_contain_text("private network")
    shoot(page, "post-refused")
    page.get_by_label("Address of the post").fill("https://www.instagram.com/p/Cabc12345/?igsh=x")
    page.get_by_text("More, if you know it").click()
    page.get_by_label("What did you write or say?").fill("Libraries open on 13 April. See you there.")
    page.get_by_role("button", name="Report a post").click()

    page.get_by_text("Thank you for telling us.").wait_for()
    assert "You wrote 13 April; we wrote 19 April." in page.inner_text("#advice")
    shoot(page, "post")
    page.get_by_role("button", name="I corrected it").click()
    page.get_by_text("Thank you for correcting it.").wait_for()
    post = Post.objects.get()
    assert post.corrected_at is not None

    thanks.thank(ina, key=f"post:{post.pk}", text="Kiitos.", by=liisa, at=timezone.now(), post=post)
    certificates.issue([ina], campaign, by=liisa, at=timezone.now())
    page.goto(f"{live_site}/en/portal/posts/")
    assert "Kiitos." in page.inner_text("main")
    shoot(page, "posts")
    page.goto(f"{live_site}/en/portal/handbook/1/")
    page.get_by_role("button", name="I have read this").click()
    page.get_by_role("heading", name="Rest").wait_for()
    shoot(page, "lesson")
    page.goto(f"{live_site}/en/portal/certificate/")
    page.get_by_role("link", name="/certificates/").click()
    page.get_by_text("Valid certificate").wait_for()
    shoot(page, "certificate")
