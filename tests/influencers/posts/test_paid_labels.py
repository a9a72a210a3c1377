"""Posts about paid work say that they are paid, or their poster and the contact person hear of it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from influencers.models import Influencer, Post
from influencers.posts import paid_labels, reports
from notifications.models import Notice
from stories.commissions import briefs, disclosure
from tests.stories.commissions import scene
from tests.support import builders


@pytest.mark.parametrize(
    ("words", "platform", "language", "lacks"),
    [
        ("Mainos: pese kädet", "tiktok", "fi", None),
        ("#KaupallinenYhteistyö Pese kädet", "instagram", "fi", None),
        ("I koMmersiellt  samarbete med myndigheterna", "instagram", "sv", None),
        ("Pese kädet. #ad", "x", "fi", None),
        ("Pese kädet. " * 12 + "mainos", "tiktok", "fi", "mainos"),  # after “more”
        ("Mainostoimisto kertoo: pese kädet", "instagram", "fi", "kaupallinen yhteistyö"),
        ("Tämä ei ole mainos. Pese kädet", "tiktok", "fi", "mainos"),
        ("This isn’t an ad! Wash your hands", "x", "en", "ad"),
        ("Ei unohdeta: kädet pestään. Mainos", "tiktok", "fi", None),
        ("Tvätta händerna", "youtube", "sv", "kommersiellt samarbete"),
        ("Wash your hands. Read more", "youtube", "en", "includes paid promotion"),
        ("اغسل يديك", "instagram", "ar", "paid partnership"),
    ],
)
def test_a_label_stands_where_readers_see_it(words, platform, language, lacks):
    found = disclosure.missing_label(words, platform=platform, language=language)
    assert (found.says if found else None) == lacks


@pytest.mark.django_db
def test_a_post_without_its_label_is_told_to_the_poster_and_the_contact_person(campaign, ines, liisa, client):
    now = timezone.now()
    version = builders.build_published_version(campaign, at=now)
    Influencer.objects.filter(user=ines).update(liaison=liisa)
    influencer = Influencer.objects.select_related("campaign", "user", "liaison").get(user=ines)
    assert paid_labels.paid_work(influencer) == []
    creator = briefs.creator_of(ines, campaign, at=now)
    work = scene.build_published(campaign, creator, at=now)
    client.force_login(ines)
    new = reverse("influencers:post_new")
    assert "work that you were paid for" in client.get(new, {"bulletin": version.bulletin.number}).text
    sent = {"bulletin": version.bulletin.number, "platform": "instagram", "language": "en", "commission": work.pk}
    assert client.post(new, sent | {"words": "Wash your hands"}).status_code == 302
    post = Post.objects.get()
    told = Notice.objects.filter(kind="label_missing").values_list("person", flat=True)
    assert sorted(told) == sorted([ines.pk, liisa.pk])
    page = reverse("influencers:post", args=[post.pk])
    assert "paid partnership" in client.get(page).text
    reports.rewrite(post, "Paid partnership. Wash your hands")
    assert paid_labels.missing(post) is None and "paid partnership" not in client.get(page).text


@pytest.mark.django_db
def test_the_portal_shows_paid_work_while_there_is_some(campaign, ines, client):
    client.force_login(ines)
    home = reverse("influencers:home")
    assert "Three illustrations" not in client.get(home).text
    scene.build_open(campaign, at=timezone.now())
    assert "Three illustrations" in client.get(home).text
