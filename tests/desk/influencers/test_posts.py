"""Posts at the desk: what staff find is added once, with figures, and nobody is ranked."""

import pytest
from django.urls import reverse

from influencers.models import PlatformAccount, Post, PostFigures
from tests.influencers.posts import posts_scene

pytestmark = pytest.mark.django_db

ADD = "admin:influencers_post_add"


@pytest.fixture
def ina(ines, campaign):
    ina = ines.influencers.get()
    posts_scene.publishes_on(ina, "instagram")
    PlatformAccount.objects.create(influencer=ina, platform="tiktok", handle="@inesmaki")
    posts_scene.build_version(campaign)
    return ina


@pytest.mark.parametrize(
    "who", ["ref-ines", "@ref-ines", "@Ref-INES", "inesmaki", "@InesMaki", "Ines", "ines@example.org"]
)
def test_a_liaison_adds_a_post_by_reference_handle_name_or_address(who, ina, liisa, signed_in):
    told = {"who": who, "bulletin": "1", "platform": "x", "url": "https://x.com/ines/status/12", "reach": "1.2k"}

    answer = signed_in(liisa).post(reverse(ADD), told)

    post = Post.objects.get()
    assert answer["Location"] == reverse("admin:influencers_post_change", args=[post.pk])
    assert (post.influencer, post.found_by, post.figures.get().reach) == (ina, liisa, 1200)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"who": "nobody"}, "Nobody in this campaign matches."),
        ({"url": "https://127.0.0.1/x"}, "private network"),
        ({"bulletin": ""}, "Enter the number of the bulletin"),
        ({"bulletin": "99"}, "None of this was public then."),
        ({"url": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_with_everything_kept_and_nothing_added(told, says, ina, liisa, signed_in):
    right = {"who": "ref-ines", "bulletin": "1", "platform": "x", "url": "https://x.com/a/status/1", "words": "Seen so"}

    answer = signed_in(liisa).post(reverse(ADD), right | told)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "Seen so" in page
    assert not Post.objects.exists()


def test_a_post_that_is_known_is_completed_and_figures_are_added(ina, liisa, signed_in):
    post = posts_scene.told(
        ina, ina.campaign.bulletins.get().versions.get(), platform="x", url="https://x.com/a/status/1"
    )
    client = signed_in(liisa)
    told = {"who": "ref-ines", "bulletin": "1", "platform": "x", "url": "https://twitter.com/a/status/1?s=20"}
    client.post(reverse(ADD), told)
    client.post(reverse("admin:influencers_post_figures", args=[post.pk]), {"reach": "900"})
    wrong = client.post(reverse("admin:influencers_post_figures", args=[post.pk]), {"reach": "lots"})

    assert Post.objects.get().found_by is None
    assert wrong.status_code == 422
    assert PostFigures.objects.get().reach == 900
    assert PostFigures.objects.get().by == liisa


@pytest.mark.parametrize("who", ["alma", "fiona", "oskar"])
def test_other_staff_neither_see_nor_add_posts(who, ina, request, signed_in):
    client = signed_in(request.getfixturevalue(who))

    assert client.get(reverse("admin:influencers_post_changelist")).status_code == 403
    assert client.post(reverse(ADD), {"who": "ref-ines"}).status_code == 403
    assert not Post.objects.exists()
