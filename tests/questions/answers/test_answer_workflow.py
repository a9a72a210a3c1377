"""
An answer is completed in every language, approved by someone who did not write it, and published in frozen versions.
"""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from bulletins.models import NotAllowed
from campaigns.models import BannedTerm, CampaignLanguage
from notifications.models import Notice
from questions import question_groups
from questions.answers import answer_checks, answer_workflow, published_answers, videos
from questions.models import Answer, AnswerVersion, QuestionGroup
from tests.influencers.portal import questions_scene
from tests.lib.images.test_uploaded_images import mp4
from tests.support import builders
from website.digests import publication_order


@pytest.fixture
def found(campaign, authority, noon, liisa):
    """A group that was sent to an authority."""
    return questions_scene.asked(campaign, authority, at=noon, staff=liisa)


@pytest.fixture
def answer(found, minna, noon):
    """Its answer, complete, in the making."""
    return questions_scene.written(found, by=minna, at=noon)


def stops(answer, noon):
    return [one.place for one in answer_checks.stops(answer, at=noon)]


def film(name="film.mp4", data=None):
    return ContentFile(data or mp4(), name)


# --- What stops ---------------------------------------------------------------------------------------


def test_a_complete_answer_has_nothing_that_stops_it(answer, noon):
    assert stops(answer, noon) == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"text": {"sv": ""}}, "id_text__sv"),
        ({"source_name": {"en": ""}}, "id_source_name__en"),
        ({"source_url": {"en": "javascript:alert(1)"}}, "id_source_url__en"),
        ({"text": {"en": "Closed until 14 April."}}, "id_text__sv"),
        ({"video_url": "https://video.example.com/1", "video_language": "fi"}, "id_subtitles__fi"),
        ({"video_url": "https://video.example.com/1", "subtitles": questions_scene.SUBTITLES}, "id_video_language"),
    ],
)
def test_what_is_missing_or_differs_between_languages_stops_it(answer, minna, noon, fields, place):
    changed = answer_workflow.save(answer, by=minna, at=noon, **fields)
    assert place in stops(changed, noon)
    with pytest.raises(NotAllowed):
        answer_workflow.submit(changed, by=minna, at=noon)
    answer.refresh_from_db()
    assert answer.state == "draft"


def test_what_is_over_a_word_that_is_not_used_and_a_missing_label_stop_it(answer, minna, noon, found):
    BannedTerm.objects.create(language="en", term="closed", say_instead="shut", why="because")
    answer_workflow.save(answer, by=minna, at=noon, valid_until=noon)
    answer_workflow.rename(found, {"fi": "Auki?"}, by=minna, at=noon)
    fresh = Answer.objects.get()
    assert {"id_valid_until", "id_text__en", ""} <= set(stops(fresh, noon))


# --- Two pairs of eyes ---------------------------------------------------------------------------------


def test_it_is_published_by_somebody_who_did_not_write_it(answer, found, alma, oskar, noon):
    answer_workflow.submit(answer, by=alma, at=noon)
    assert (answer.state, bool(answer.digest)) == ("in_review", True)
    assert Notice.objects.filter(kind="answer_wanted", person=oskar).count() == 1
    version = answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)
    found.refresh_from_db()
    assert (version.number, version.kind, version.text, version.approved_by) == (
        1,
        "original",
        questions_scene.TEXT,
        oskar,
    )
    assert (answer.state, answer.current_version, found.state) == ("published", version, "answered")
    with pytest.raises(NotAllowed):
        answer_workflow.approve(answer, digest=version.digest, by=oskar, at=noon)
    assert AnswerVersion.objects.count() == 1


@pytest.mark.parametrize("how", ["edited", "submitted", "renamed", "no permission", "another digest", "edited by hand"])
def test_approval_is_refused_and_nothing_is_published(how, answer, found, alma, oskar, noon):
    boss = builders.build_user("boss", is_staff=True, is_superuser=True)
    if how == "edited":
        answer_workflow.save(answer, by=boss, at=noon, text={"en": "Shut until 13.4."})
    if how == "renamed":
        answer_workflow.rename(found, {**questions_scene.LABEL, "en": "Open?"}, by=boss, at=noon)
    answer = Answer.objects.get()
    answer_workflow.submit(answer, by=boss if how == "submitted" else alma, at=noon)
    digest = answer.digest
    if how == "edited by hand":
        QuestionGroup.objects.update(label={**questions_scene.LABEL, "en": "Something else?"})
    by = {"no permission": alma, "another digest": oskar, "edited by hand": oskar}.get(how, boss)
    with pytest.raises(NotAllowed):
        answer_workflow.approve(answer, digest="0" * 64 if how == "another digest" else digest, by=by, at=noon)
    assert not AnswerVersion.objects.exists()
    answer.refresh_from_db()
    assert answer.state == "in_review"


def test_an_edit_takes_it_out_of_review_and_the_one_who_read_it_cannot_approve(answer, alma, oskar, noon):
    answer_workflow.submit(answer, by=alma, at=noon)
    digest = answer.digest
    answer_workflow.save(answer, by=alma, at=noon, text={"en": "Shut until 13.4."})
    with pytest.raises(NotAllowed):
        answer_workflow.approve(answer, digest=digest, by=oskar, at=noon)
    answer.refresh_from_db()
    assert (answer.state, answer.digest, answer.submitted_by) == ("draft", "", None)


def test_renaming_a_group_takes_its_answer_out_of_review(answer, found, alma, noon):
    answer_workflow.submit(answer, by=alma, at=noon)
    answer_workflow.rename(found, {**questions_scene.LABEL, "en": "Open?"}, by=alma, at=noon)
    answer.refresh_from_db()
    assert answer.state == "draft"


def test_a_name_that_comes_while_it_is_in_review_is_approved_by_nobody_until_it_is_submitted_again(
    campaign, answer, found, alma, oskar, liisa, noon
):
    found.questions.update(may_credit=True, credit="Ines I")
    answer_workflow.submit(answer, by=alma, at=noon)
    digest = answer.digest
    late = questions_scene.question(campaign, "Auki?", at=noon, may_credit=True, credit="Otto O")
    question_groups.add_to_group(late, found, by=liisa, at=noon)
    with pytest.raises(answer_workflow.Changed):
        answer_workflow.approve(answer, digest=digest, by=oskar, at=noon)
    assert not AnswerVersion.objects.exists()
    answer_workflow.submit(answer, by=alma, at=noon)
    assert answer.digest != digest
    with pytest.raises(NotAllowed):
        answer_workflow.submit(answer, by=alma, at=noon)
    version = answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)
    assert version.credits == ["Ines I", "Otto O"]
    assert "Otto O" not in str(version.content), "a name is kept in one place, where it can be erased"


def test_sending_back_needs_words_and_tells_those_who_wrote(answer, alma, minna, oskar, noon):
    answer_workflow.submit(answer, by=alma, at=noon)
    with pytest.raises(NotAllowed):
        answer_workflow.send_back(answer, words=" ", by=oskar, at=noon)
    answer_workflow.send_back(answer, words="Which day?", by=oskar, at=noon)
    told = Notice.objects.filter(kind="answer_sent_back")
    assert {one.person for one in told} == {alma, minna}
    assert {one.path for one in told if one.person == minna} == {f"/fi/questions-to-answer/{answer.group_id}/"}
    assert answer.state == "draft"


def test_what_somebody_else_changed_meanwhile_is_not_written_over(answer, alma, minna, noon):
    read = answer_workflow.fingerprint(answer)
    answer_workflow.save(answer, by=minna, at=noon, text={"en": "Shut until 13.4."}, read=read)
    with pytest.raises(answer_workflow.Changed):
        answer_workflow.save(answer, by=alma, at=noon, text={"en": "Locked until 13.4."}, read=read)
    assert Answer.objects.get().text["en"] == "Shut until 13.4."


# --- What stands ---------------------------------------------------------------------------------------


def test_a_correction_that_says_the_same_goes_nowhere(found, alma, oskar, noon):
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    answer_workflow.correct(answer, by=alma, at=noon)
    answer_workflow.save(answer, by=alma, at=noon, what_changed=questions_scene.CHANGED)
    with pytest.raises(NotAllowed, match="is identical to the previous version"):
        answer_workflow.submit(answer, by=alma, at=noon)
    answer.refresh_from_db()
    assert (answer.state, answer.versions.count()) == ("draft", 1)

    answer_workflow.save(answer, by=alma, at=noon, source_url={"en": "https://ministry.example.org/other"})
    answer_workflow.submit(answer, by=alma, at=noon)


def test_a_correction_says_what_changed_and_the_old_version_stands_until_then(
    campaign, found, alma, oskar, minna, noon
):
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    with pytest.raises(NotAllowed):
        answer_workflow.save(answer, by=alma, at=noon, text={"en": "No"})
    later = noon + timedelta(hours=2)
    answer_workflow.correct(answer, by=alma, at=later)
    answer_workflow.save(answer, by=alma, at=later, text={"en": "Shut until 13.4."})
    assert Answer.objects.published(at=later).get().current_version.number == 1
    assert published_answers.answers_of(campaign, at=later).get().current_version.text == questions_scene.TEXT
    with pytest.raises(NotAllowed):
        answer_workflow.submit(answer, by=alma, at=later)
    answer_workflow.save(answer, by=alma, at=later, what_changed=questions_scene.CHANGED)
    answer_workflow.submit(answer, by=alma, at=later)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=later)
    version = Answer.objects.published(at=later).get().current_version
    assert (version.number, version.kind, version.what_changed) == (2, "correction", questions_scene.CHANGED)
    assert AnswerVersion.objects.get(number=1).text == questions_scene.TEXT


def test_a_withdrawal_is_an_approvers_and_the_question_is_unanswered_again(campaign, found, alma, oskar, noon):
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    with pytest.raises(NotAllowed):
        answer_workflow.withdraw(answer, by=alma, at=noon)
    assert Answer.objects.published(at=noon).exists()
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=noon)
    found.refresh_from_db()
    assert (answer.state, answer.current_version.kind, found.state) == ("withdrawn", "withdrawal", "open")
    assert not Answer.objects.published(at=noon).exists()
    assert QuestionGroup.objects.voids().get() == found


def test_everybody_reads_a_new_answer_after_those_who_asked_but_a_correction_at_once(
    campaign, found, alma, oskar, noon, settings
):
    settings.ANSWER_HEAD_START_MINUTES = 15
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    soon = noon + timedelta(minutes=14)
    assert not published_answers.answers_of(campaign, at=soon).exists()
    assert not published_answers.listed_answers(campaign, at=soon).exists()
    assert published_answers.answers_of(campaign, at=noon + timedelta(minutes=15)).get() == answer
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=soon)
    assert published_answers.listed_answers(campaign, at=soon).get() == answer


# --- Pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def out(found, alma, oskar, noon):
    """An answer with subtitles and a name, published long ago."""
    found.questions.update(may_credit=True, credit="Ines I")
    return questions_scene.published(
        found,
        by=alma,
        approver=oskar,
        at=noon,
        video_url="https://video.test/1",
        video_language="fi",
        subtitles=questions_scene.SUBTITLES,
    )


def test_the_page_shows_the_answer_its_source_and_who_brought_it(client, out):
    page = client.get(reverse("website:answer", args=[out.group.slug]))
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("Are the libraries open?", "Closed until 13.4.", "Ministry", "Thank you for the question: Ines I."):
        assert words in text
    track = client.get(reverse("website:answer_subtitles", args=[out.group.slug, 1, "fi"]))
    assert (track["Content-Type"], track.content.decode()) == (
        "text/vtt; charset=utf-8",
        questions_scene.SUBTITLES["fi"].strip(),
    )


def test_what_is_said_in_the_video_stands_only_where_there_is_one(client, out):
    version = AnswerVersion.objects.get(answer=out)
    urls = (("https://video.thl.fi/1", True), ("https://video.test/1", False), ("", False))
    for number, (url, is_said) in enumerate(urls, start=2):
        version.pk, version._state.adding, version.number = None, True, number
        version.content = version.content | {"video_url": url}
        version.save()
        type(out).objects.filter(pk=out.pk).update(current_version=version)
        page = client.get(reverse("website:answer", args=[out.group.slug])).content.decode()
        assert ("What is said in the video" in page) is is_said


def test_a_withdrawn_answers_words_are_gone_in_every_version_and_its_page_says_why(client, out, oskar, noon):
    builders.withdraw_answer(out, why=questions_scene.CHANGED, by=oskar, at=noon + timedelta(hours=1))
    page = client.get(reverse("website:answer", args=[out.group.slug])).content.decode()
    assert "The day was wrong." in page
    assert "Closed until" not in page
    old = client.get(reverse("website:answer_version", args=[out.group.slug, 1]))
    assert old.status_code == 302
    assert client.get(reverse("website:answer_subtitles", args=[out.group.slug, 1, "fi"])).status_code == 404
    assert "The day was wrong." in client.get(reverse("website:answers")).content.decode()
    assert "The day was wrong." not in client.get(reverse("home")).content.decode()


def test_what_was_withdrawn_stays_gone_after_a_new_version_is_published(
    client, answer, alma, oskar, noon, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    slug, later = answer.group.slug, noon + timedelta(hours=1)
    name = videos.store_video(answer, film(), by=alma, at=noon).video.name
    answer_workflow.save(answer, by=alma, at=noon, video_language="fi", subtitles=questions_scene.SUBTITLES)
    answer_workflow.submit(answer, by=alma, at=noon)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)
    answer_workflow.withdraw(answer, by=oskar, at=later)
    answer_workflow.correct(answer, by=alma, at=later)
    videos.remove(answer, by=alma, at=later)
    again = {"fi": "Kirjastot ovat auki.", "sv": "Biblioteken är öppna.", "en": "The libraries are open."}
    fresh = {"fi": "Uusi vastaus.", "sv": "Nytt svar.", "en": "A new answer."}
    answer_workflow.save(answer, by=alma, at=later, text=again, what_changed=fresh)
    answer_workflow.submit(answer, by=alma, at=later)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=later)
    assert client.get(reverse("media", args=[name])).status_code == 404
    old = client.get(reverse("website:answer_version", args=[slug, 1]))
    assert (old.status_code, old.url) == (302, reverse("website:answer", args=[slug]))
    assert client.get(reverse("website:answer_subtitles", args=[slug, 1, "fi"])).status_code == 404
    withdrawal = client.get(reverse("website:answer_version", args=[slug, 2])).content.decode()
    assert "This answer has been withdrawn" in withdrawal
    page = client.get(reverse("website:answer", args=[slug])).content.decode()
    assert "The libraries are open." in page
    assert f"/answers/{slug}/versions/1/" not in page
    # Versions that were published since are corrected as before: their words stay to be read.
    answer_workflow.correct(answer, by=alma, at=later)
    answer_workflow.save(
        answer, by=alma, at=later, text={"en": "The libraries open."}, what_changed=questions_scene.CHANGED
    )
    answer_workflow.submit(answer, by=alma, at=later)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=later)
    old = client.get(reverse("website:answer_version", args=[slug, 3]))
    assert "The libraries are open." in old.content.decode()


def test_pages_of_what_is_not_published_are_not_there(client, answer):
    assert client.get(reverse("website:answer", args=[answer.group.slug])).status_code == 404
    assert client.get(reverse("website:answer", args=["none"])).status_code == 404


def test_the_list_costs_the_same_however_long_it_is(
    client, campaign, authority, out, noon, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("website:answers")).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for number in range(3):
        more = QuestionGroup.objects.create(campaign=campaign, slug=f"g{number}", label=questions_scene.LABEL)
        answer_workflow.freeze(
            Answer.objects.create(group=more, authority=authority, text=questions_scene.TEXT), by=None, at=noon
        )
    assert cost() == before


# --- Videos --------------------------------------------------------------------------------------------


def test_a_video_is_what_its_content_says(answer, minna, noon):
    for upload in (film("film.mp4", b"<html>"), film("film.mp4", b"\x89PNG\r\n\x1a\n" + bytes(60))):
        with pytest.raises(NotAllowed):
            videos.store_video(answer, upload, by=minna, at=noon)
    assert not Answer.objects.get().video
    saved = videos.store_video(answer, film("evil.html"), by=minna, at=noon)
    assert saved.video.name.startswith(f"answers/a{answer.pk}/")
    assert saved.video.name.endswith(".mp4")
    assert saved.video_seconds == 25


def test_a_video_that_is_too_large_is_refused(answer, minna, noon, settings):
    settings.ASSET_MAX_MB = 0
    with pytest.raises(NotAllowed):
        videos.store_video(answer, film(), by=minna, at=noon)
    assert not Answer.objects.get().video


def test_the_video_of_an_answer_in_the_making_is_nobodys_but_its_authoritys_and_the_desks(
    answer, minna, alma, oskar, noon, signed_in, client, django_capture_on_commit_callbacks
):
    saved = videos.store_video(answer, film(), by=minna, at=noon)
    url, own = reverse("media", args=[saved.video.name]), reverse("questions:to_answer_video", args=[answer.group_id])
    stranger = builders.build_user("stranger", "contributor")
    assert client.get(url).status_code == 404
    assert signed_in(minna).get(url).status_code == 404
    assert signed_in(minna).get(own).status_code == 200
    assert signed_in(stranger).get(own).status_code == 404
    assert signed_in(alma).get(url).status_code == 200
    answer_workflow.save(answer, by=minna, at=noon, video_language="fi", subtitles=questions_scene.SUBTITLES)
    answer_workflow.submit(answer, by=alma, at=noon)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)
    whole = client.get(url)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    data = b"".join(whole.streaming_content)
    piece = client.get(url, headers={"Range": "bytes=4-7"})
    assert (piece.status_code, b"".join(piece.streaming_content)) == (206, data[4:8])
    assert piece["Content-Range"] == f"bytes 4-7/{len(data)}"
    assert client.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    # A correction with another video keeps the file of the version that was published.
    answer_workflow.correct(answer, by=alma, at=noon)
    with django_capture_on_commit_callbacks(execute=True):
        videos.store_video(answer, film(), by=alma, at=noon)
    assert default_storage.exists(saved.video.name)
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=noon)
    assert client.get(url).status_code == 404


def test_a_replaced_video_that_nobody_saw_is_deleted(answer, minna, noon, django_capture_on_commit_callbacks):
    first = videos.store_video(answer, film(), by=minna, at=noon).video.name
    with django_capture_on_commit_callbacks(execute=True):
        videos.remove(answer, by=minna, at=noon)
    assert not default_storage.exists(first)
    assert not Answer.objects.get().video


# --- The authority's own pages ---------------------------------------------------------------------------


def test_an_authority_answers_in_its_own_language_and_hands_over(found, minna, alma, signed_in):
    url = reverse("questions:to_answer", args=[found.pk])
    client = signed_in(minna)
    page = client.get(url).content.decode()
    assert "Onko kirjasto auki pääsiäisenä?" in page
    assert not Answer.objects.exists(), "reading begins nothing"
    bad = client.post(url, {"text__fi": "Ei.", "valid_until": "2020-01-01T10:00", "subtitles__fi": "not valid times"})
    assert bad.status_code == 422
    assert "Ei." in bad.content.decode()
    assert not Answer.objects.exists()
    sent = client.post(url, {"text__fi": "Ei.", "source_name": "Ministeriö", "send": "1"})
    assert sent.status_code == 302
    answer = Answer.objects.get()
    assert (answer.text, answer.state) == ({"fi": "Ei."}, "draft")
    assert Notice.objects.filter(kind="question_waits", person=alma, path__contains="/answer/").count() == 1


def test_a_page_that_was_empty_writes_over_nothing_that_was_begun_meanwhile(found, minna, alma, noon, signed_in):
    url, client = reverse("questions:to_answer", args=[found.pk]), signed_in(minna)
    assert client.get(url).status_code == 200
    answer = answer_workflow.begin(found, by=alma, at=noon)
    sent = {"text__fi": "Omat sanat", "text__sv": "Egna ord", "read": ""}
    assert client.post(url, {"text__en": "x"}).status_code == 302, "begun, and nothing written: nothing can be lost"
    answer_workflow.save(answer, by=alma, at=noon, text={"fi": "Deskin sanat", "en": ""}, source_name={"fi": "Laki"})

    clash = client.post(url, sent)

    assert clash.status_code == 409
    assert Answer.objects.get().text == {"fi": "Deskin sanat"}
    page = clash.content.decode()
    for words in ("Omat sanat</textarea>", "Deskin sanat", "Laki", "someone else has changed this answer"):
        assert words in page
    again = client.post(url, sent | {"read": clash.context["form"]["read"].value()})
    assert again.status_code == 302
    assert Answer.objects.get().text == {"fi": "Omat sanat", "sv": "Egna ord"}


def test_an_empty_answer_is_not_handed_over(found, minna, signed_in):
    url = reverse("questions:to_answer", args=[found.pk])
    assert signed_in(minna).post(url, {"send": "1"}).status_code == 422
    assert not Answer.objects.exists()


def test_other_authorities_questions_are_not_there(found, signed_in, campaign, noon, liisa):
    stranger = signed_in(builders.build_user("stranger", "contributor"))
    assert stranger.get(reverse("questions:to_answer", args=[found.pk])).status_code == 404
    assert stranger.post(reverse("questions:to_answer", args=[found.pk]), {"text__fi": "x"}).status_code == 404
    assert "libraries" not in stranger.get(reverse("questions:questions_to_answer")).content.decode()
    assert not Answer.objects.exists()


def test_the_list_of_an_authority_costs_the_same_however_long_it_is(found, minna, signed_in, campaign, authority, noon):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, url = signed_in(minna), reverse("questions:questions_to_answer")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for number in range(3):
        QuestionGroup.objects.create(
            campaign=campaign,
            slug=f"g{number}",
            label=questions_scene.LABEL,
            authority=authority,
            state="asked",
            answer_by=noon,
            asked_at=noon,
        )
    assert cost() == before


# --- Languages that follow -------------------------------------------------------------------------------


@pytest.fixture
def follows(campaign):
    """A language that nothing waits for."""
    return CampaignLanguage.objects.create(
        campaign=campaign, code="se", position=9, name="Hárjehallan", sender_name="Joavku", must_be_ready=False
    )


def approved(alma, oskar, noon):
    answer = Answer.objects.get()
    answer_workflow.submit(answer, by=alma, at=noon)
    return answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)


def test_an_answer_waits_only_for_languages_that_must_be_ready(answer, follows, alma, oskar, noon):
    assert stops(Answer.objects.get(), noon) == []
    says = [one.says for one in answer_checks.findings(Answer.objects.get(), at=noon) if one.place == "id_text__se"]
    assert len(says) == 1 and "also coming" in says[0]
    assert approved(alma, oskar, noon).text == questions_scene.TEXT


def test_a_language_that_follows_is_whole_or_left_out(answer, follows, minna, noon):
    answer_workflow.save(answer, by=minna, at=noon, text={"se": "Giddejuvvon 13.4. rádjai."})
    assert {"id_source_name__se", ""} <= set(stops(Answer.objects.get(), noon))


def test_a_language_that_must_be_ready_stops_an_answer(answer, follows, noon):
    CampaignLanguage.objects.update(must_be_ready=True)
    assert "id_text__se" in stops(Answer.objects.get(), noon)


def test_a_language_is_added_to_a_published_answer_and_nobody_is_told_anew(
    answer, found, follows, minna, alma, oskar, noon, campaign, client
):
    first = approved(alma, oskar, noon)
    later = noon + timedelta(hours=2)
    publication_order.note_waiting(at=later)
    page = client.get(reverse("website:answer", args=[found.slug])).content.decode()
    assert "Davvisámegiella" in page or "davvisámegiella" in page
    answer_workflow.correct(Answer.objects.get(), by=minna, at=later)
    label = {**questions_scene.LABEL, "se": "Leago rabas?"}
    answer_workflow.rename(found, label, by=minna, at=later)
    answer_workflow.save(
        Answer.objects.get(),
        by=minna,
        at=later,
        text={"se": Answer.objects.get().text["fi"]},
        source_name={"se": "THL"},
    )
    assert stops(Answer.objects.get(), later) == []
    second = approved(alma, oskar, later)
    assert (second.kind, second.adds_language, second.number) == (first.kind, True, 2)
    assert published_answers.answers_of(campaign, at=later).count() == 1  # no second head start
    assert publication_order.note_waiting(at=later + timedelta(hours=2)) == 0


def test_what_changes_more_than_a_language_is_a_correction(answer, found, follows, minna, alma, oskar, noon):
    approved(alma, oskar, noon)
    answer_workflow.correct(Answer.objects.get(), by=minna, at=noon)
    answer_workflow.rename(found, {**questions_scene.LABEL, "se": "Leago rabas?"}, by=minna, at=noon)
    text = Answer.objects.get().text
    changed = {"se": text["fi"], "en": text["en"] + " Thank you."}
    answer_workflow.save(Answer.objects.get(), by=minna, at=noon, text=changed, source_name={"se": "THL"})
    assert "id_what_changed__en" in stops(Answer.objects.get(), noon)
