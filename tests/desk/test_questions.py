"""The desk's pages for questions: grouped, sent, answered, approved by another, each by one press that can be refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins.models import Edition
from delivery.models import Recipient
from influencers.models import Influencer
from questions import authority_requests, question_groups
from questions.answers import answer_blocks, answer_workflow
from questions.models import Answer, AnswerVersion, Question, QuestionGroup
from tests.influencers.portal import questions_scene
from tests.lib.images.test_uploaded_images import mp4
from tests.support import builders

WAITING = "admin:questions_question_waiting"


def step(model, row, verb):
    return reverse(f"admin:questions_{model}_step", args=[row.pk, verb])


def page_of(row):
    return reverse(f"admin:questions_{row._meta.model_name}_change", args=[row.pk])


def typed(name, texts):
    return {f"{name}__{code}": text for code, text in texts.items()}


def cost(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- Grouping -----------------------------------------------------------------------------------------


def test_a_suggestion_is_confirmed_with_one_press_and_undone_with_another(campaign, noon, liisa, signed_in):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    one = questions_scene.question(campaign, "Onko kirjasto auki pääsiäisenäkin?", at=noon)
    client = signed_in(liisa)
    page = client.get(reverse(WAITING)).content.decode()
    assert "May mean the same" in page
    assert str(found) in page
    assert client.post(step("question", one, "put"), {"group": found.pk}).status_code == 302
    one.refresh_from_db()
    assert one.group == found
    assert client.post(step("questiongroup", found, "take-out"), {"question": one.pk}).status_code == 302
    one.refresh_from_db()
    assert one.group is None


def test_a_new_group_takes_another_waiting_question_along(campaign, noon, liisa, signed_in):
    one, other = (questions_scene.question(campaign, text, at=noon) for text in ("Onko auki?", "Onko auki nyt?"))
    sent = signed_in(liisa).post(
        step("question", one, "new"), typed("label", questions_scene.LABEL) | {"with": other.pk}
    )
    assert sent.status_code == 302
    assert QuestionGroup.objects.get().questions.count() == 2


@pytest.mark.parametrize(
    ("verb", "data"), [("new", {"label__fi": " "}), ("aside", {"why": " "}), ("put", {"group": ""})]
)
def test_a_refusal_keeps_what_was_typed_and_changes_nothing(campaign, noon, liisa, signed_in, verb, data):
    one = questions_scene.question(campaign, "Auki?", at=noon)
    assert signed_in(liisa).post(step("question", one, verb), data).status_code == 422
    one.refresh_from_db()
    assert (one.group, one.set_aside_at) == (None, None)


def test_the_page_of_what_waits_costs_the_same_however_much_waits(campaign, noon, liisa, signed_in):
    questions_scene.group(campaign, at=noon, staff=liisa)
    questions_scene.question(campaign, "Auki?", at=noon)
    client = signed_in(liisa)
    before = cost(client, reverse(WAITING))
    for number in range(4):
        questions_scene.question(campaign, f"Onko kirjasto {number} auki?", at=noon)
    assert cost(client, reverse(WAITING)) == before


def test_staff_enter_a_question_for_somebody_and_never_change_one(campaign, noon, liisa, signed_in):
    ines = builders.build_influencer(campaign)
    client = signed_in(liisa)
    data = {"text": "Saako uida?", "language": "fi", "times": "5", "relayed_by": "INES@example.org"}
    assert client.post(reverse("admin:questions_question_add"), data).status_code == 302
    one = Question.objects.get()
    assert (one.via, one.entered_by, one.relayed_by, one.campaign) == ("staff", liisa, ines.recipient, campaign)
    client.post(page_of(one), data | {"text": "Something else"})
    assert Question.objects.get().text == "Saako uida?"
    bad = client.post(reverse("admin:questions_question_add"), data | {"text": "Muu?", "may_credit": "on"})
    assert bad.status_code == 200
    assert Question.objects.count() == 1


@pytest.mark.parametrize("times", ["0", "-1", "1000001", "2147483647", str(10**18)])
def test_a_number_of_askers_that_nobody_can_mean_is_refused_in_the_form_and_nothing_typed_is_lost(
    times, campaign, liisa, signed_in
):
    data = {"text": "Saako uida järvessä?", "language": "fi", "times": times, "channel": "comments on TikTok"}
    page = signed_in(liisa).post(reverse("admin:questions_question_add"), data)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["times"]
    for kept in data.values():
        assert kept in page.content.decode()
    assert not Question.objects.exists()


def test_who_relayed_a_question_is_found_by_name_and_refused_in_words_when_nobody_or_two_have_it(
    campaign, liisa, signed_in
):
    ines = builders.build_influencer(campaign)
    client = signed_in(liisa)
    data = {"text": "Saako uida?", "language": "fi", "times": "5"}
    url = reverse("admin:questions_question_add")
    assert client.post(url, data | {"relayed_by": "Nobody Known"}).context["adminform"].form.errors["relayed_by"]
    client.post(url, data | {"relayed_by": ines.recipient.name.lower()})
    assert Question.objects.get().relayed_by == ines.recipient
    other = Recipient.objects.create(email="other@example.org", name=ines.recipient.name, language="fi")
    # Someone who only reads a digest has relayed nothing, and is not told to be known here.
    assert client.post(url, data | {"relayed_by": other.email}).context["adminform"].form.errors["relayed_by"]
    Influencer.objects.create(campaign=campaign, recipient=other, reference="other", name="Ines", state="invited")
    assert client.post(url, data | {"relayed_by": ines.name}).context["adminform"].form.errors["relayed_by"]
    assert Question.objects.count() == 1


@pytest.mark.parametrize("named", [{"may_credit": "on", "credit": "Ines"}, {"credit": "Ines"}])
def test_nobody_is_named_for_a_question_that_nobody_relayed(named, campaign, liisa, signed_in):
    data = {"text": "Saako uida?", "language": "fi", "times": "5"} | named
    page = signed_in(liisa).post(reverse("admin:questions_question_add"), data)
    assert page.context["adminform"].form.errors["relayed_by"]
    assert not Question.objects.exists()


# --- Voids --------------------------------------------------------------------------------------------


def test_a_group_is_sent_to_an_authority_with_a_deadline_in_the_campaigns_zone(
    campaign, authority, noon, liisa, signed_in
):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    url = step("questiongroup", found, "send")
    client = signed_in(liisa)
    for wrong in ({}, {"authority": authority.pk}, {"authority": authority.pk, "answer_by": "2020-01-01T10:00"}):
        assert client.post(url, wrong).status_code == 422
    found.refresh_from_db()
    assert found.state == "open"
    assert client.post(url, {"authority": authority.pk, "answer_by": "2099-07-01T16:00"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.authority) == ("asked", authority)
    assert campaign.local(found.answer_by).strftime("%H:%M") == "16:00"


def test_the_list_shows_the_nearest_deadline_first_then_the_most_asked(campaign, authority, noon, liisa, signed_in):
    rows = {}
    for name, times, days in (("few", 1, None), ("many", 9, None), ("later", 1, 9), ("soon", 1, -1)):
        one = questions_scene.question(campaign, f"{name}?", at=noon, times=times)
        rows[name] = question_groups.start([one], {"en": name}, by=liisa, at=noon)
        if days:
            authority_requests.send(
                rows[name], authority, answer_by=noon + timedelta(days=days), by=liisa, at=noon - timedelta(days=5)
            )
    done = question_groups.start(
        [questions_scene.question(campaign, "done?", at=noon)], {"en": "done"}, by=liisa, at=noon
    )
    builders.decline_group(done, why=questions_scene.CHANGED, by=liisa, at=noon)
    client = signed_in(liisa)
    listed = client.get(reverse("admin:questions_questiongroup_changelist"))
    assert [str(one) for one in listed.context["cl"].result_list] == ["soon", "later", "many", "few"]
    late = client.get(reverse("admin:questions_questiongroup_changelist"), {"stage": "late"})
    assert {str(one) for one in late.context["cl"].result_list} == {"soon"}
    today = client.get(reverse("admin:today")).content.decode()
    assert "1 is past its deadline." in today


def test_declining_says_a_fixed_sentence_and_own_words_wait_for_a_colleague(campaign, noon, liisa, alma, signed_in):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    client, colleague, approver = signed_in(liisa), signed_in(alma), signed_in(builders.second_person())
    client.post(step("questiongroup", found, "decline"), typed("why", questions_scene.CHANGED))
    found.refresh_from_db()
    assert found.state == "declined" and found.declined_why["en"] == "The authorities cannot answer this question."

    bad = client.post(step("questiongroup", found, "propose-words"), {"why__fi": "Ei tiedetä"})
    assert bad.status_code == 422 and "Ei tiedetä" in bad.content.decode()
    client.post(step("questiongroup", found, "propose-words"), typed("why", questions_scene.CHANGED))
    digest = {"digest": authority_requests.waiting_custom_text(found).digest}
    assert client.post(step("questiongroup", found, "agree-words"), digest).status_code == 422
    assert "show this text" not in colleague.get(page_of(found)).content.decode()
    assert colleague.post(step("questiongroup", found, "agree-words"), digest).status_code == 422, "an editor"
    found.refresh_from_db()
    assert questions_scene.CHANGED["fi"] not in found.declined_why.values()

    page = approver.get(page_of(found)).content.decode()
    assert "show this text" in page and "Write a different text" not in page and "Reopen the question" not in page
    assert approver.post(step("questiongroup", found, "propose-words"), digest).status_code == 403
    assert approver.post(step("questiongroup", found, "agree-words"), digest).status_code == 302
    found.refresh_from_db()
    assert found.declined_why == questions_scene.CHANGED
    client.post(step("questiongroup", found, "reopen"))
    found.refresh_from_db()
    assert found.state == "open"


def test_rows_of_another_campaign_are_not_there(campaign, authority, noon, liisa, alma, signed_in):
    other = builders.build_campaign("other", closed_at=noon)
    found = questions_scene.asked(other, authority, at=noon, staff=liisa)
    answer = questions_scene.written(found, by=alma, at=noon)
    one = Question.objects.get()
    client = signed_in(alma)
    assert client.get(page_of(found)).status_code == 404
    assert client.get(page_of(answer)).status_code == 404
    assert client.post(step("answer", answer, "submit")).status_code == 404
    assert client.post(step("question", one, "out")).status_code == 404
    assert (
        client.post(step("questiongroup", found, "decline"), typed("why", questions_scene.CHANGED)).status_code == 404
    )
    found.refresh_from_db()
    assert found.state == "asked"


# --- Answers ------------------------------------------------------------------------------------------


def test_an_editor_completes_and_submits_and_an_approver_publishes(
    campaign, authority, noon, liisa, alma, oskar, minna, signed_in
):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer = answer_workflow.save(
        answer_workflow.begin(found, by=minna, at=noon), by=minna, at=noon, text={"fi": questions_scene.TEXT["fi"]}
    )
    editor, approver = signed_in(alma), signed_in(oskar)
    assert editor.post(step("answer", answer, "submit")).status_code == 422
    data = (
        typed("text", questions_scene.TEXT)
        | typed("source_name", questions_scene.SOURCE)
        | {"read": answer_workflow.fingerprint(answer)}
    )
    assert editor.post(page_of(answer), data).status_code == 302
    assert editor.post(step("answer", answer, "submit")).status_code == 302
    answer.refresh_from_db()
    assert editor.post(step("answer", answer, "approve"), {"digest": answer.digest}).status_code == 403
    assert approver.post(page_of(answer), data).status_code == 403
    assert approver.post(step("answer", answer, "approve"), {"digest": "old"}).status_code == 422
    assert "Approve and publish" in approver.get(page_of(answer)).content.decode()
    assert approver.post(step("answer", answer, "approve"), {"digest": answer.digest}).status_code == 302
    assert AnswerVersion.objects.get().approved_by == oskar
    assert editor.post(page_of(answer), data).status_code == 422
    assert editor.post(step("answer", answer, "correct")).status_code == 302
    assert "What changed" in editor.get(page_of(answer)).content.decode()
    assert approver.post(step("answer", answer, "withdraw"), typed("why", questions_scene.CHANGED)).status_code == 302
    answer.refresh_from_db()
    assert (
        answer.state == "withdrawn"
        and answer.current_version.what_changed["en"] == "We no longer stand by this answer."
    )


def test_why_an_answer_was_withdrawn_is_said_by_two(campaign, authority, noon, liisa, alma, oskar, signed_in):
    answer = questions_scene.published(
        questions_scene.asked(campaign, authority, at=noon, staff=liisa), by=alma, approver=oskar, at=noon
    )
    third = builders.build_user("third", "approver")
    one, other = signed_in(oskar), signed_in(third)
    one.post(step("answer", answer, "withdraw"))
    assert one.post(step("answer", answer, "propose-words"), {"why__fi": "Virhe"}).status_code == 422
    one.post(step("answer", answer, "propose-words"), typed("why", questions_scene.CHANGED))
    answer.refresh_from_db()
    digest = {"digest": answer_workflow.waiting_custom_text(answer).digest}
    assert one.post(step("answer", answer, "agree-words"), digest).status_code == 422
    assert signed_in(alma).post(step("answer", answer, "agree-words"), digest).status_code == 403
    assert other.post(step("answer", answer, "agree-words"), {"digest": "old"}).status_code == 422
    answer.refresh_from_db()
    assert (
        answer.current_version.number == 2
        and questions_scene.CHANGED["fi"] not in answer.current_version.what_changed.values()
    )

    assert other.post(step("answer", answer, "agree-words"), digest).status_code == 302
    answer.refresh_from_db()
    assert (answer.state, answer.current_version.number, answer.current_version.kind) == ("withdrawn", 3, "withdrawal")
    assert (answer.current_version.what_changed, answer.current_version.approved_by) == (questions_scene.CHANGED, third)


def test_what_somebody_else_wrote_meanwhile_is_not_lost(campaign, authority, noon, liisa, alma, minna, signed_in):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer = questions_scene.written(found, by=minna, at=noon)
    read = answer_workflow.fingerprint(answer)
    answer_workflow.save(answer, by=minna, at=noon, text={"en": "Shut until 13.4."})
    clash = signed_in(alma).post(
        page_of(answer), typed("text", {**questions_scene.TEXT, "en": "Mine until 13.4."}) | {"read": read}
    )
    assert clash.status_code == 409
    page = clash.content.decode()
    assert "Mine until 13.4.</textarea>" in page
    assert "Shut until 13.4." in page
    assert questions_scene.SOURCE["fi"] in page, "a box that was sent empty shows what is stored, too"
    assert Answer.objects.get().text["en"] == "Shut until 13.4."
    fresh = clash.context["form"]["read"].value()
    assert fresh == answer_workflow.fingerprint(Answer.objects.get())
    data = typed("text", {**questions_scene.TEXT, "en": "Mine until 13.4."}) | typed(
        "source_name", questions_scene.SOURCE
    )
    assert signed_in(alma).post(page_of(answer), data | {"read": fresh}).status_code == 302
    assert Answer.objects.get().text["en"] == "Mine until 13.4."


def test_the_approver_reads_the_names_and_approves_none_that_came_later(
    campaign, authority, noon, liisa, alma, oskar, signed_in
):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa, may_credit=True, credit="Ines I")
    answer = questions_scene.written(found, by=alma, at=noon)
    answer_workflow.submit(answer, by=alma, at=noon)
    editor, approver = signed_in(alma), signed_in(oskar)
    page = approver.get(page_of(answer)).content.decode()
    assert page.index("Ines I") < page.index("Approve and publish")
    late = questions_scene.question(campaign, "Auki?", at=noon, may_credit=True, credit="Otto O")
    question_groups.add_to_group(late, found, by=liisa, at=noon)
    page = approver.get(page_of(answer)).content.decode()
    assert "Submit it again." in page
    assert "Approve and publish" not in page
    assert "Send back" in page
    assert editor.post(step("answer", answer, "submit")).status_code == 302
    page = approver.get(page_of(answer)).content.decode()
    assert page.index("Ines I, Otto O") < page.index("Approve and publish")


def test_video_and_subtitles_are_uploaded_and_checked(campaign, authority, noon, liisa, alma, signed_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer = questions_scene.written(found, by=alma, at=noon)
    client, whole = signed_in(alma), typed("text", questions_scene.TEXT) | typed("source_name", questions_scene.SOURCE)
    bad = client.post(page_of(answer), whole | {"subtitles_file__fi": SimpleUploadedFile("a.vtt", b"not valid times")})
    assert bad.status_code == 422
    good = {
        "video": SimpleUploadedFile("a.mp4", mp4()),
        "video_language": "fi",
        "subtitles_file__fi": SimpleUploadedFile("a.srt", b"1\n00:00:00,000 --> 00:00:02,000\nKiinni 13.4. asti\n"),
    }
    assert client.post(page_of(answer), whole | good).status_code == 302
    answer = Answer.objects.get()
    assert answer.video.name.endswith(".mp4")
    assert answer.subtitles["fi"].startswith("WEBVTT")
    assert client.post(step("answer", answer, "submit")).status_code == 422
    assert (
        client.post(
            page_of(answer), whole | typed("subtitles", questions_scene.SUBTITLES) | {"video_language": "fi"}
        ).status_code
        == 302
    )
    assert client.post(step("answer", answer, "submit")).status_code == 302


def test_nobody_adds_or_deletes_answers_and_groups_by_hand(campaign, authority, noon, liisa, alma, oskar, signed_in):
    boss = builders.build_user("boss", is_staff=True, is_superuser=True)
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    client = signed_in(boss)
    for row in (found, answer, Question.objects.get()):
        name = f"admin:questions_{row._meta.model_name}"
        assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    for model in ("questiongroup", "answer"):
        assert client.get(reverse(f"admin:questions_{model}_add")).status_code == 403
    assert (QuestionGroup.objects.count(), Answer.objects.count(), Question.objects.count()) == (1, 1, 1)


# --- Offered to the next bulletin -----------------------------------------------------------------------


def test_an_answer_is_offered_until_a_bulletin_leads_to_it(campaign, authority, noon, liisa, alma, oskar, signed_in):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    questions_scene.published(found, by=alma, approver=oskar, at=noon - timedelta(hours=1))
    bulletin = builders.build_bulletin(campaign, by=alma)
    offered = answer_blocks.answers_to_offer(bulletin, at=noon + timedelta(hours=1))
    name, text = answer_blocks.blocks(offered, "fi")[0]
    assert name == questions_scene.LABEL["fi"]
    assert questions_scene.TEXT["fi"] in text
    assert f"/fi/answers/{found.slug}/" in text
    finnish = bulletin.editions.get(language="fi")
    asked = signed_in(alma).get(reverse("admin:bulletins_bulletin_insertions", args=[bulletin.pk, finnish.pk]))
    assert ("Answer", name, text) in [
        tuple(one[key] for key in ("kind", "name", "text")) for one in asked.json()["insertions"]
    ]
    Edition.objects.filter(bulletin=bulletin, language="fi").update(body=text)
    assert answer_blocks.answers_to_offer(bulletin, at=noon + timedelta(hours=1)) == []
