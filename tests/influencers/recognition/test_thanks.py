"""Thanks are sentences that a colleague signs: never sent by themselves, never twice for the same."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from influencers.models import CannedThanks, Influencer, Thanks
from influencers.recognition import milestones, thanks
from notifications.models import Notice
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup
from tests.influencers.kits import kits_scene
from tests.influencers.posts import posts_scene
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ina(ines, campaign, liisa):
    ina = ines.influencers.select_related("recipient", "campaign", "user").get()
    ina.name, ina.liaison = "Ines Mäki", liisa
    ina.save()
    return ina


@pytest.fixture
def canned(campaign):
    return CannedThanks.objects.create(
        campaign=campaign,
        key="first-post",
        text={"fi": "Kiitos {name}.", "sv": "Tack {name}.", "en": "Thank you {name}."},
    )


def give(influencer):
    return reverse("admin:influencers_thanks_give", args=[influencer.pk])


def test_thanks_reach_the_portal_and_the_mail_in_the_readers_language(ina, liisa, signed_in):
    thanks.thank(ina, key="spring", text="Kiitos keväästä, Ines.", by=liisa, at=timezone.now())

    notice = Notice.objects.get(kind="thanks")
    assert notice.person == ina.user
    assert "Kiitos keväästä, Ines." in notice.text
    assert notice.path == "/fi/portal/thanks/"
    page = signed_in(ina.user).get("/fi/portal/thanks/").content.decode()
    assert "Kiitos keväästä, Ines." in page
    assert "Liisa" in page
    assert AuditEntry.objects.filter(verb="thanks.sent", actor=liisa).count() == 1


def test_the_second_of_two_colleagues_hears_who_thanked_already(ina, liisa, root):
    now = timezone.now()
    thanks.thank(ina, key="first-post", text="Kiitos.", by=liisa, at=now)

    with pytest.raises(thanks.AlreadyThanked, match="Liisa already thanked them for this on"):
        thanks.thank(ina, key="first-post", text="Kiitos myös.", by=root, at=now)

    assert Thanks.objects.count() == 1
    assert Notice.objects.filter(kind="thanks").count() == 1


def test_the_same_words_are_never_sent_twice(ina, liisa):
    thanks.thank(ina, text="Kiitos  paljon", by=liisa, at=timezone.now())

    with pytest.raises(thanks.AlreadyThanked):
        thanks.thank(ina, text="kiitos paljon", by=liisa, at=timezone.now())


def test_ready_words_are_not_sent_twice_under_two_names(ina, canned, liisa, root, campaign, signed_in):
    version = posts_scene.build_version(campaign)
    one, other = posts_scene.told(ina, version, platform="x"), posts_scene.told(ina, version, platform="tiktok")
    words = thanks.text_for(canned, ina, "fi")
    assert signed_in(liisa).post(give(ina), {"post": one.pk, "text": words}).status_code == 302

    again = signed_in(root).post(give(ina), {"post": other.pk, "text": words}, headers={"accept-language": "en"})

    assert again.status_code == 409
    assert "Liisa sent this same text on" in again.content.decode()
    assert Thanks.objects.count() == Notice.objects.filter(kind="thanks").count() == 1
    assert signed_in(root).post(give(ina), {"post": other.pk, "text": "Kiitos tästäkin."}).status_code == 302


def test_one_post_is_thanked_for_once_whatever_it_is_called_and_once_more_for_correcting_it(ina, liisa, campaign):
    post, now = posts_scene.told(ina, posts_scene.build_version(campaign)), timezone.now()
    thanks.thank(ina, key=f"post:{post.pk}", text="Kiitos.", post=post, by=liisa, at=now)

    with pytest.raises(thanks.AlreadyThanked, match="Liisa already thanked them for this on"):
        thanks.thank(ina, key="first-post", text="Kiitos ensimmäisestä.", post=post, by=liisa, at=now)
    assert Thanks.objects.count() == 1

    thanks.thank(ina, key=f"corrected:{post.pk}", text="Kiitos, kun korjasit.", post=post, by=liisa, at=now)
    assert Thanks.objects.count() == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_colleagues_at_once_one_thanks(ina, liisa, root):
    gate = threading.Barrier(2)

    def send(who, key):
        try:
            gate.wait(10)
            thanks.thank(ina, key=key, text="Kiitos.", by=who, at=timezone.now())
        except thanks.AlreadyThanked:
            return "refused"
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(send, who, key) for who, key in ((liisa, "spring"), (root, "summer"))]
        assert sorted(one.result(30) for one in done) == ["refused", "sent"]
    assert Thanks.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "says"), [("  ", "no text"), ("Kiitos {name}", "gap in braces"), ("x" * 2001, "too long")]
)
def test_words_that_are_not_ready_are_refused(ina, liisa, text, says):
    with pytest.raises(thanks.NotThankable, match=says):
        thanks.thank(ina, text=text, by=liisa, at=timezone.now())
    assert not Thanks.objects.exists()
    assert not Notice.objects.filter(kind="thanks").exists()


def test_who_has_left_is_not_thanked(ina, liisa):
    ina.state = Influencer.State.LEFT

    with pytest.raises(thanks.NotThankable, match="does not currently take part"):
        thanks.thank(ina, text="Kiitos", by=liisa, at=timezone.now())


def test_ready_words_have_the_first_name_in_them_and_no_gap_without_one(ina, canned):
    assert thanks.text_for(canned, ina, "sv") == "Tack Ines."
    ina.name = ""
    assert thanks.text_for(canned, ina, "sv") == "Tack."


def test_ready_words_are_put_in_to_be_changed_before_they_are_sent(ina, canned, liisa, signed_in):
    client = signed_in(liisa)
    page = client.get(give(ina), {"canned": "first-post", "key": "first-post"}).content.decode()
    assert "Kiitos Ines." in page
    assert not Thanks.objects.exists()

    answer = client.post(give(ina), {"key": "first-post", "text": "Kiitos Ines, hieno video."})

    assert answer.status_code == 302
    assert Thanks.objects.get().text == "Kiitos Ines, hieno video."
    again = client.post(give(ina), {"key": "first-post", "text": "Vielä kerran."})
    assert again.status_code == 409
    assert "Vielä kerran." in again.content.decode()
    assert Thanks.objects.count() == 1


def test_a_post_is_thanked_for_once_and_shown_with_it(ina, liisa, campaign, signed_in):
    post = posts_scene.told(ina, posts_scene.build_version(campaign))
    client = signed_in(liisa)
    assert client.post(give(ina), {"post": post.pk, "text": "Kiitos."}).status_code == 302
    assert client.post(give(ina), {"post": post.pk, "text": "Toiset kiitokset."}).status_code == 409

    assert Thanks.objects.get().key == f"post:{post.pk}"
    page = signed_in(ina.user).get(reverse("influencers:post", args=[post.pk])).content.decode()
    assert "Kiitos." in page


def test_another_campaigns_person_or_somebody_elses_post_is_not_there(ina, liisa, campaign, signed_in):
    other = builders.build_campaign("other", starts_on=date(2020, 1, 1))
    stranger = builders.build_influencer(other, "otto")
    theirs = posts_scene.told(builders.build_influencer(campaign, "olli"), posts_scene.build_version(campaign))
    client = signed_in(liisa)

    assert client.post(give(stranger), {"text": "Kiitos"}).status_code == 404
    assert client.post(give(ina), {"post": theirs.pk, "text": "Kiitos"}).status_code == 404
    assert not Thanks.objects.exists()


@pytest.mark.parametrize("who", ["alma", "fiona", "oskar"])
def test_other_staff_do_not_thank(who, ina, request, signed_in):
    client = signed_in(request.getfixturevalue(who))

    assert client.post(give(ina), {"text": "Kiitos"}).status_code == 403
    assert client.get(reverse("admin:influencers_thanks_mine")).status_code == 403
    assert not Thanks.objects.exists()


# --- What there is to thank for ---------------------------------------------------------------------------


def answered(campaign, ina, authority, *, video):
    """Publish an answer to a question that someone brought."""
    group = QuestionGroup.objects.create(campaign=campaign, slug="g", label=builders.in_all(en="May I?"))
    Question.objects.create(campaign=campaign, group=group, language="fi", text="Saako?", relayed_by=ina.recipient)
    answer = Answer.objects.create(
        group=group,
        authority=authority,
        text={"fi": "Kyllä"},
        video_url="https://video.example.org/1.mp4" if video else "",
    )
    answer_workflow.freeze(answer, by=None, at=timezone.now() - timedelta(minutes=5))


def test_there_is_a_sentence_for_each_thing_and_none_for_what_was_thanked_for(ina, liisa, campaign, authority):
    now = timezone.now()
    version = posts_scene.build_version(campaign)
    post = posts_scene.told(ina, version, posted_at=now - timedelta(hours=40))
    posts_scene.correct(version)
    post.corrected_at = now - timedelta(hours=3)
    post.save()
    answered(campaign, ina, authority, video=True)
    Influencer.objects.filter(pk=ina.pk).update(joined_at=now - timedelta(days=190))

    found = {one.key: one for one in milestones.to_thank(liisa, campaign, at=now)}

    assert set(found) >= {"first-post", f"corrected:{post.pk}", "half-year"}
    asked = next(one for key, one in found.items() if key.startswith("answered:"))
    assert "answered on video" in asked.sentence
    thanks.thank(ina, key="first-post", text="Kiitos.", by=liisa, at=now)
    assert "first-post" not in {one.key for one in milestones.to_thank(liisa, campaign, at=now)}
    assert Thanks.objects.count() == 1  # nothing else was sent by itself


def test_it_is_about_ones_own_people_and_what_is_recent(ina, liisa, campaign, root):
    now = timezone.now()
    posts_scene.told(ina, posts_scene.build_version(campaign))
    late = now + timedelta(days=90)

    assert milestones.to_thank(root, campaign, at=now) == []
    assert "first-post" not in {one.key for one in milestones.to_thank(liisa, campaign, at=late)}


def test_whom_nobody_is_the_contact_person_of_anyone_may_thank(ina, liisa, campaign, signed_in):
    alone = builders.build_influencer(campaign, "otto")
    version = posts_scene.build_version(campaign)
    posts_scene.told(ina, version)
    posts_scene.told(alone, version)
    lassi = builders.build_user("lassi", "liaison")
    page = signed_in(lassi).get(reverse("admin:influencers_thanks_mine"), headers={"accept-language": "en"})

    assert {one.influencer for one in page.context["mine"]} == set()
    assert {one.influencer for one in page.context["nobodys"]} == {alone}
    assert "Without a contact person" in page.content.decode()
    assert {one.influencer for one in milestones.to_thank(liisa, campaign, at=timezone.now())} == {ina}
    signed_in(lassi).post(give(alone), {"key": "first-post", "text": "Kiitos."})
    assert milestones.to_thank(None, campaign, at=timezone.now()) == []


def test_a_post_about_a_fact_check_that_was_put_right_quickly_is_one_to_thank_for(ina, liisa, campaign):
    now = timezone.now()
    claim = builders.build_claim(campaign, "plant", at=now - timedelta(days=9))
    post = posts_scene.told(ina, claim.current_version, posted_at=now - timedelta(days=8))
    kits_scene.correct(claim, at=now - timedelta(days=3))
    post.corrected_at = now - timedelta(days=1)
    post.save()

    def keys():
        return {one.key for one in milestones.to_thank(liisa, campaign, at=now)}

    assert f"corrected:{post.pk}" not in keys()  # it took two days
    post.corrected_at = now - timedelta(days=2, hours=1)
    post.save()
    assert f"corrected:{post.pk}" in keys()


def test_the_first_post_is_none_to_thank_for_when_it_was_thanked_for_as_a_post(ina, liisa, campaign):
    post = posts_scene.told(ina, posts_scene.build_version(campaign))
    thanks.thank(ina, key=f"post:{post.pk}", text="Kiitos.", post=post, by=liisa, at=timezone.now())

    assert "first-post" not in {one.key for one in milestones.to_thank(liisa, campaign, at=timezone.now())}


def test_the_list_costs_the_same_however_many_people(ina, liisa, campaign, django_assert_num_queries):
    version = posts_scene.build_version(campaign)
    posts_scene.told(ina, version)
    for number in range(4):
        other = builders.build_influencer(campaign, f"otto{number}", liaison=liisa)
        posts_scene.told(other, version)

    with django_assert_num_queries(6):
        found = milestones.to_thank(liisa, campaign, at=timezone.now())

    assert len([one for one in found if one.key == "first-post"]) == 5


def test_the_panel_is_one_query_and_nothing_without_thanks(ina, liisa, campaign, django_assert_num_queries):
    told = {"language": "fi", "at": timezone.now()}
    assert thanks.panel(ina, campaign, **told) is None
    for number in range(5):
        thanks.thank(ina, key=f"k{number}", text=f"Kiitos {number}.", by=liisa, at=timezone.now())

    with django_assert_num_queries(1):
        rows = thanks.panel(ina, campaign, **told).rows
        assert [row.by.get_full_name() for row in rows] == ["Liisa"] * 3
