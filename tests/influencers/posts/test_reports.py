"""What influencers tell of their posts: which version it was, the same post told once, and figures that come later."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django.asserts import assertRedirects

from bulletins.models import Platform
from influencers.models import KitUse, Post, PostFigures, PostMessage
from influencers.posts import post_urls, queries, reports
from influencers.posts.forms import FiguresForm
from tests.support import builders

from . import posts_scene

pytestmark = pytest.mark.django_db

URL = "https://www.instagram.com/p/Cabc12345/"


@pytest.fixture
def ina(ines, campaign):
    return ines.influencers.get()


@pytest.fixture
def version(campaign):
    return posts_scene.build_version(campaign)


@pytest.fixture
def client(ines, signed_in):
    return signed_in(ines)


def at(name, *arguments):
    with translation.override("en"):
        return reverse(f"influencers:{name}", args=arguments)


# --- Addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "platform", "key"),
    [
        ("https://www.instagram.com/p/Cabc/?igsh=abc", "instagram", "instagram.com/p/Cabc"),
        (" instagram.com/reel/Cabc ", "instagram", "instagram.com/p/Cabc"),
        ("https://youtu.be/abcdefghijk?si=zz", "youtube", "youtube.com/video/abcdefghijk"),
        ("https://m.youtube.com/watch?v=abcdefghijk&feature=share", "youtube", "youtube.com/video/abcdefghijk"),
        ("https://twitter.com/ines/status/123?utm_source=x", "x", "x.com/status/123"),
        ("https://t.co/AbC", "x", "t.co/AbC"),
        ("https://vm.tiktok.com/ZM1", "tiktok", "vm.tiktok.com/ZM1"),
        ("https://fb.watch/abc/", "facebook", "fb.watch/abc"),
        ("https://www.threads.net/@ines/post/C1", "threads", "threads.com/post/C1"),
    ],
)
def test_an_address_is_compared_without_what_only_tells_who_shared_it(typed, platform, key):
    assert post_urls.checked(typed, platform)[1] == key


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("http://x.com/a/status/1", "begin with https"),
        ("javascript:alert(1)", "begin with https"),
        ("https://2130706433/a", "private network"),
        ("https://0x7f.1/a", "private network"),
        ("https://[::ffff:127.0.0.1]/a", "private network"),
        ("https://[fe80::1]/a", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://10.0.0.1/a", "private network"),
        ("https://localhost/a", "private network"),
        ("https://me:secret@x.com/a", "user name or a password"),
        ("https://x.com:8443/a", "port number"),
        ("https://x.com.evil.org/a", "not an address on X"),
        ("https://evil-x.com/a", "not an address on X"),
        ("https://x.com@evil.org/a", "user name or a password"),
        ("https://tiktok.com/@a/video/1", "on TikTok, and you chose X"),
        ("https://x.com/", "front page"),
        ("https://x.com/" + "a" * 600, "too long"),
        ("https://äöüåéèíóúñ.x.com/".ljust(500, "a"), "too long"),  # as it would be kept, xn--…
    ],
)
def test_an_address_that_is_none_of_a_post_is_refused_in_words(typed, says):
    with pytest.raises(post_urls.BadPostAddress, match=says):
        post_urls.checked(typed, "x")


@pytest.mark.parametrize(
    "typed",
    [
        "Katso tämä! https://www.instagram.com/p/Cabc/?igsh=x",
        "Katso tämä:\nhttps://www.instagram.com/p/Cabc/.",
        "https://www.instagram.com/p/Cabc/ Katso!",
    ],
)
def test_the_one_address_is_taken_out_of_what_an_app_shares(typed):
    assert post_urls.checked(typed, "instagram")[1] == "instagram.com/p/Cabc"


@pytest.mark.parametrize(
    ("typed", "platform"),
    [
        ("instagram.com/aija.testi/", "instagram"),
        ("https://www.instagram.com/aija.testi?igsh=abc", "instagram"),
        ("https://www.tiktok.com/@aija", "tiktok"),
        ("https://youtube.com/@aija/videos", "youtube"),
        ("https://m.facebook.com/aija.testi", "facebook"),
        ("https://www.facebook.com/profile.php?id=1000", "facebook"),
        ("https://x.com/aija", "x"),
        ("https://www.threads.net/@aija", "threads"),
        ("https://www.snapchat.com/add/aija", "snapchat"),
    ],
)
def test_the_address_of_a_profile_is_refused_in_words(typed, platform):
    with pytest.raises(post_urls.BadPostAddress, match="address of a profile"):
        post_urls.checked(typed, platform)


@pytest.mark.parametrize(
    ("typed", "platform"),
    [
        ("https://www.facebook.com/watch?v=1", "facebook"),
        ("https://www.facebook.com/permalink.php?story_fbid=1&id=2", "facebook"),
        ("https://www.facebook.com/share/p/abc/", "facebook"),
        ("https://www.tiktok.com/t/ZM1/", "tiktok"),
        ("https://youtube.com/shorts/abcdefghijk", "youtube"),
        ("https://www.instagram.com/aija/reel/Cabc/", "instagram"),
        ("https://www.snapchat.com/@aija/spotlight/W7", "snapchat"),
    ],
)
def test_no_post_is_taken_for_a_profile(typed, platform):
    assert post_urls.checked(typed, platform)[0]


# --- Telling --------------------------------------------------------------------------------------------


def test_a_post_is_of_the_version_that_its_writer_knew_then(ina, campaign, version):
    now = timezone.now()
    posts_scene.reads(ina, version, at=now - timedelta(hours=40))
    second = posts_scene.correct(version)

    assert queries.version_posted(ina, campaign, 1, posted_at=now, at=now) == version
    posts_scene.reads(ina, second, at=now - timedelta(hours=2))
    assert queries.version_posted(ina, campaign, 1, posted_at=now, at=now) == second
    assert queries.version_posted(ina, campaign, 1, posted_at=now - timedelta(hours=30), at=now) == version
    assert queries.version_posted(ina, campaign, 1, posted_at=now - timedelta(days=9), at=now) is None


def test_a_post_told_twice_is_one_and_keeps_what_is_new(ina, version):
    first = posts_scene.told(ina, version, url=URL)
    again = reports.report(
        ina,
        version,
        platform="instagram",
        url=URL + "?igsh=zzz",
        posted_at=timezone.now(),
        words="Hello",
        language="en",
        figures={"reach": 1200},
        by=ina.user,
        at=timezone.now(),
    )

    assert not again.is_new
    assert again.post.pk == first.pk
    first.refresh_from_db()
    assert first.words == "Hello"
    assert first.figures.get().reach == 1200


def test_a_story_without_an_address_that_is_told_by_two_presses_is_one(ina, version):
    posts_scene.told(ina, version)
    posts_scene.told(ina, version)

    assert Post.objects.count() == 1


def test_a_post_that_somebody_else_told_of_is_refused_and_nothing_changes(ina, campaign, version):
    posts_scene.told(ina, version, url=URL, words="Mine")
    other = builders.build_influencer(campaign, "otto")

    with pytest.raises(reports.PostRefused, match="write to your contact person"):
        posts_scene.told(other, version, url=URL, words="Taken")

    assert Post.objects.get().words == "Mine"
    assert Post.objects.get().influencer == ina


def test_what_staff_found_merges_with_what_its_writer_tells_later(ina, version, liisa):
    now = timezone.now()
    found = reports.report(
        ina, version, platform="instagram", url=URL, posted_at=now, words="As seen", by=liisa, at=now
    ).post
    assert found.found_by == liisa

    told = posts_scene.told(ina, version, url=URL, words="As written")

    assert told.pk == found.pk
    told.refresh_from_db()
    assert (told.words, told.found_by) == ("As written", liisa)


def found_by(liisa, ina, version, *, posted_at):
    """Return a post that staff found."""
    seen = {"platform": "instagram", "url": URL, "posted_at": posted_at}
    return reports.report(ina, version, **seen, by=liisa, at=timezone.now()).post


def test_what_staff_found_keeps_its_time_and_version_while_its_writer_says_no_other(client, ina, version, liisa):
    long_ago = timezone.now() - timedelta(hours=40)
    post = found_by(liisa, ina, version, posted_at=long_ago)
    posts_scene.correct(version)

    client.post(at("post_new"), {"bulletin": "1", "platform": "instagram", "url": URL, "words": "Mine"})

    post.refresh_from_db()
    assert (post.posted_at, post.version, post.words) == (long_ago, version, "Mine")


def test_what_staff_found_gets_the_time_that_its_writer_says(client, ina, version, liisa):
    post = found_by(liisa, ina, version, posted_at=timezone.now() - timedelta(hours=40))
    second = posts_scene.correct(version)
    told = {"bulletin": "1", "platform": "instagram", "url": URL}
    moment = ina.campaign.local(timezone.now() - timedelta(hours=3)).replace(second=0, microsecond=0)

    client.post(at("post_new"), {**told, "posted_at": moment.strftime("%Y-%m-%dT%H:%M")})

    post.refresh_from_db()
    assert (post.posted_at, post.version) == (moment, second)


def test_a_wrong_version_is_put_right_by_telling_again(client, ina, version):
    second = posts_scene.correct(version)
    told = {"bulletin": "1", "platform": "instagram", "url": URL}
    client.post(at("post_new"), {**told, "version": "1"})
    post = Post.objects.get()
    assert post.version == version

    client.post(at("post_new"), {**told, "version": "2"})
    post.refresh_from_db()
    assert post.version == second

    client.post(at("post_new"), {**told, "version": "1"})
    client.post(at("post_new"), told)  # says nothing of the version
    post.refresh_from_db()
    assert post.version == version


def test_a_later_text_than_the_known_post_could_have_is_of_now(client, ina, version, liisa):
    post, before = found_by(liisa, ina, version, posted_at=timezone.now() - timedelta(hours=40)), timezone.now()
    second = posts_scene.correct(version)

    client.post(at("post_new"), {"bulletin": "1", "platform": "instagram", "url": URL, "version": "2"})

    post.refresh_from_db()
    assert post.version == second
    assert post.posted_at >= before


def test_a_post_that_is_told_of_as_one_about_something_else_is_refused_and_stays(client, ina, campaign, version):
    post = posts_scene.told(ina, version, url=URL, words="Mine")
    posts_scene.build_version(campaign)
    builders.build_claim(campaign, "plant", at=timezone.now() - timedelta(days=1))

    for about in ({"bulletin": "2"}, {"fact": "plant"}):
        answer = client.post(at("post_new"), {**about, "platform": "instagram", "url": URL, "words": "Other"})
        assert answer.status_code == 422
        assert "as one about bulletin 1." in answer.content.decode()

    assert Post.objects.get() == post
    post.refresh_from_db()
    assert (post.version, post.words) == (version, "Mine")


def test_its_writer_puts_right_what_staff_took_a_post_to_be_about(client, ina, campaign, version, liisa):
    post = found_by(liisa, ina, version, posted_at=timezone.now() - timedelta(hours=40))
    other = posts_scene.build_version(campaign)

    client.post(at("post_new"), {"bulletin": "2", "platform": "instagram", "url": URL})

    post.refresh_from_db()
    assert post.version == other


def test_a_post_of_a_moment_to_come_or_before_the_bulletin_is_refused(ina, version):
    now = timezone.now()
    for moment, says in ((now + timedelta(days=1), "in the future"), (now - timedelta(days=9), "cannot have been")):
        with pytest.raises(reports.PostRefused, match=says):
            posts_scene.told(ina, version, posted_at=moment, at=now)
    assert not Post.objects.exists()


def test_later_figures_are_further_rows_and_the_same_again_is_none(ina, version, ines):
    post = posts_scene.told(ina, version, figures={"reach": 100})
    now = timezone.now()

    reports.add_figures(post, {"reach": 250, "reactions": 9}, by=ines, at=now)
    reports.add_figures(post, {"reach": 250, "reactions": 9}, by=ines, at=now)
    reports.add_figures(post, {}, by=ines, at=now)

    assert sorted(PostFigures.objects.values_list("reach", flat=True)) == [100, 250]


@pytest.mark.parametrize(
    ("typed", "count"),
    [("1200", 1200), ("1 200", 1200), ("1,200", 1200), ("1.2k", 1200), ("", None)],
)
def test_figures_are_read_as_people_write_them(typed, count):
    form = FiguresForm({"reach": typed, "comments": "3"})

    assert form.is_valid()
    assert form.cleaned_data["reach"] == count


@pytest.mark.parametrize("typed", ["many", "-5", "1e9999", "9" * 29, "٣x", "99999999999"])
def test_what_is_no_figure_is_refused(typed):
    form = FiguresForm({"reach": typed})

    assert not form.is_valid()
    assert "reach" in form.errors


def test_a_figure_that_is_too_large_says_the_largest():
    with translation.override("en"):
        form = FiguresForm({"reach": "3000000000"})
        assert form.errors["reach"] == ["The largest number that can be entered here is 2,000,000,000."]


# --- Pages ----------------------------------------------------------------------------------------------


def test_a_post_is_told_from_the_bulletins_short_form(client, ina, version):
    answer = client.post(at("post_new"), {"bulletin": "1", "platform": "instagram", "language": "en", "url": URL})

    post = Post.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].startswith(at("post", post.pk))
    assert (post.version, post.influencer, post.found_by) == (version, ina, None)
    page = client.get(answer["Location"]).content.decode()
    assert "Thank you for telling us." in page


def test_a_wrong_form_comes_back_with_everything_typed(client, version):
    answer = client.post(
        at("post_new"), {"bulletin": "1", "platform": "instagram", "url": "https://10.0.0.1/p", "words": "My words"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "private network" in page
    assert "https://10.0.0.1/p" in page
    assert "My words" in page
    assert not Post.objects.exists()


def test_the_text_from_before_a_correction_can_be_chosen(client, version):
    second = posts_scene.correct(version)
    page = client.get(at("post_new"), {"bulletin": "1"}).content.decode()
    assert "The text from before the correction" in page

    client.post(at("post_new"), {"bulletin": "1", "platform": "x", "version": "1"})
    client.post(at("post_new"), {"bulletin": "1", "platform": "tiktok", "version": "2"})
    client.post(at("post_new"), {"bulletin": "1", "platform": "snapchat"})

    found = dict(Post.objects.values_list("platform", "version"))
    assert found == {"x": version.pk, "tiktok": second.pk, "snapchat": second.pk}


def test_a_post_about_a_fact_check_is_of_the_version_that_was_used(client, ina, campaign):
    claim = builders.build_claim(campaign, "plant", at=timezone.now() - timedelta(days=1))
    KitUse.objects.create(
        influencer=ina, version=claim.current_version, language="fi", opened_at=timezone.now() - timedelta(hours=1)
    )

    answer = client.post(at("post_new"), {"fact": "plant", "platform": "x"})

    assert answer.status_code == 302
    assert Post.objects.get().claim_version == claim.current_version


def test_a_bulletin_or_fact_that_is_not_public_is_not_there(client, campaign):
    for query in ({"bulletin": "7"}, {"fact": "nothing"}, {"bulletin": "9" * 6}):
        assert client.get(at("post_new"), query).status_code == 404
        assert client.post(at("post_new"), {**query, "platform": "x"}).status_code == 404
    assert not Post.objects.exists()


def test_somebody_elses_post_is_not_there(client, campaign, version):
    theirs = posts_scene.told(builders.build_influencer(campaign, "otto"), version)

    assert client.get(at("post", theirs.pk)).status_code == 404
    for name in ("post_figures", "post_words", "post_corrected", "post_removed"):
        assert client.post(at(name, theirs.pk), {"reach": "1", "words": "x", "language": "en"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.corrected_at, theirs.removed_at, theirs.words) == (None, None, "")
    assert not PostFigures.objects.exists()


def test_a_post_whose_bulletin_was_corrected_asks_to_be_corrected_first(client, ina, version):
    post = posts_scene.told(ina, version, posted_at=timezone.now() - timedelta(hours=40))
    posts_scene.correct(version)

    panel = queries.panel(ina, version.bulletin.campaign, language="en", at=timezone.now())
    assert [row.has_changed for row in panel.rows] == [True]
    assert "Changed since you posted" in client.get(at("posts")).content.decode()

    client.post(at("post_corrected", post.pk))

    post.refresh_from_db()
    assert post.corrected_at is not None
    assert "Changed since you posted" not in client.get(at("posts")).content.decode()


def test_figures_and_words_are_added_later_on_the_posts_page(client, ina, version):
    post = posts_scene.told(ina, version)
    client.post(at("post_figures", post.pk), {"reach": "1.2k", "reactions": ""})
    client.post(at("post_words", post.pk), {"words": posts_scene.FIRST, "language": "en"})

    assert post.figures.get().reach == 1200
    assert PostMessage.objects.get(post=post, key="opening").fate == "kept"
    page = client.get(at("post", post.pk)).content.decode()
    assert "Reached 1,200 people." in page
    assert "In our words" in page


@pytest.mark.parametrize("name", ["post_figures", "post_words"])
def test_who_reads_a_refused_form_anew_comes_to_the_posts_page(client, ina, version, name):
    post = posts_scene.told(ina, version)
    assert client.post(at(name, post.pk), {"reach": "many", "words": ""}).status_code == 422

    assertRedirects(client.get(at(name, post.pk)), at("post", post.pk))


def test_ones_own_list_says_what_each_post_had_reached_last(client, ina, ines, version):
    post = posts_scene.told(ina, version, figures={"reach": 100})
    reports.add_figures(post, {"reach": 1200, "comments": 3}, by=ines, at=timezone.now())
    posts_scene.told(ina, version, platform="x")

    page = client.get(at("posts")).content.decode()

    assert "Reached 1,200 people." in page
    assert "3 comments." in page
    assert "Reached 100" not in page
    assert page.count("Reached") == 1


def test_the_list_and_the_panels_cost_the_same_however_many_posts(client, ina, version, django_assert_num_queries):
    def cost():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client.get(at("posts"))
        with CaptureQueriesContext(connection) as captured:
            client.get(at("posts"))
        return len(captured)

    posts_scene.told(ina, version, url="https://x.com/a/status/1", platform="x")
    few = cost()
    for number in range(2, 12):
        posts_scene.told(ina, version, url=f"https://x.com/a/status/{number}", platform="x")

    assert cost() == few
    told = {"language": "en", "at": timezone.now()}
    with django_assert_num_queries(2):
        queries.panel(ina, version.bulletin.campaign, **told)
    with django_assert_num_queries(3):
        queries.bulletin_panel(ina, version, **told)


def test_ones_own_platforms_come_first(ina):
    posts_scene.publishes_on(ina, "tiktok", "x")

    choices, chosen = queries.platforms_of(ina)

    assert [slug for slug, _name in choices][:2] == ["tiktok", "x"]
    assert chosen == "tiktok"
    assert len(choices) == len(Platform.choices)
