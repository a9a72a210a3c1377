"""An authority is asked in the followers' words; that no answer will come is said in a sentence of ours."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bulletins.models import NotAllowed
from campaigns.models import Authority
from notifications import email, sending
from notifications.models import Notice
from questions import authority_requests
from questions.answers import answer_workflow
from questions.models import QuestionGroup
from tests.influencers.portal import questions_scene
from tests.support import builders


def notices(person=None):
    found = Notice.objects.filter(kind="question_waits")
    return found.filter(person=person) if person else found


def test_sending_tells_the_authority_in_the_followers_words_and_never_who_asked(
    campaign, authority, minna, noon, liisa
):
    ines = builders.build_influencer(campaign)
    found = questions_scene.asked(
        campaign,
        authority,
        at=noon,
        staff=liisa,
        relayed_by=ines.recipient,
        channel="@ines",
        may_credit=True,
        credit="Ines I",
    )
    assert (found.state, found.authority, found.asked_by) == ("asked", authority, liisa)
    notice = notices().get()
    assert (notice.person, notice.path) == (minna, f"/fi/questions-to-answer/{found.pk}/")
    assert "Onko kirjasto auki pääsiäisenä?" in notice.text
    assert "ines" not in notice.text.lower()


def test_an_authority_without_contributors_is_told_at_its_contact_address(campaign, noon, liisa, mailoutbox):
    agency = builders.build_authority("agency", contact="press@example.org")
    found = questions_scene.asked(campaign, agency, at=noon, staff=liisa)
    notice = notices().get()
    assert notice.person is None
    assert not sending.is_for_hook(notice, found)
    mail = email.compose(notice, found)
    assert mail.to == ["press@example.org"]
    assert campaign.reply_to in mail.body


@pytest.mark.parametrize("state", ["answered", "declined"])
def test_what_waits_no_more_is_not_sent(campaign, authority, noon, liisa, state):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    QuestionGroup.objects.filter(pk=found.pk).update(state=state)
    with pytest.raises(NotAllowed):
        authority_requests.send(found, authority, answer_by=noon + timedelta(days=1), by=liisa, at=noon)
    with pytest.raises(NotAllowed):
        authority_requests.send(found, authority, answer_by=noon, by=liisa, at=noon)
    found.refresh_from_db()
    assert (found.state, found.authority) == (state, None)
    assert not notices().exists()


def test_a_deadline_that_moves_is_no_news_but_another_authority_hears(campaign, authority, minna, noon, liisa):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    authority_requests.send(found, authority, answer_by=noon + timedelta(days=9), by=liisa, at=noon)
    assert notices().count() == 1
    agency = Authority.objects.create(slug="agency", kind="agency", name={"en": "Agency"}, contact="a@example.org")
    answer = answer_workflow.begin(found, by=minna, at=noon)
    authority_requests.send(found, agency, answer_by=noon + timedelta(days=9), by=liisa, at=noon)
    answer.refresh_from_db()
    assert answer.authority == agency
    assert notices().filter(person=None).count() == 1


def test_an_authoritys_draft_is_handed_on_to_no_other(campaign, authority, minna, noon, liisa, alma, oskar, signed_in):
    agency = builders.build_authority("agency")
    other = builders.build_user("other", "contributor")
    agency.members.create(user=other)
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    until = noon + timedelta(days=9000)
    answer = questions_scene.written(found, by=minna, at=noon)
    with pytest.raises(NotAllowed, match="has started an answer"):
        authority_requests.send(found, agency, answer_by=until, by=liisa, at=noon)
    found.refresh_from_db()
    answer.refresh_from_db()
    assert (found.authority, answer.authority, answer.text) == (authority, authority, questions_scene.TEXT)
    page = reverse("questions:to_answer", args=[found.pk])
    assert signed_in(other).get(page).status_code == 404

    answer_workflow.submit(answer, by=alma, at=noon)
    answer_workflow.send_back(answer, words="Too long, says Oskar", by=oskar, at=noon)
    empty = dict.fromkeys(questions_scene.TEXT, "")
    answer_workflow.save(answer, by=alma, at=noon, text=empty, source_name=empty)
    authority_requests.send(found, agency, answer_by=until, by=liisa, at=noon)
    answer.refresh_from_db()
    assert (found.authority, answer.authority) == (agency, agency)
    shown = signed_in(other).get(page).content.decode()
    assert 'name="text__fi"' in shown
    assert "says Oskar" not in shown


def test_after_a_withdrawal_the_authority_can_answer_again_and_another_begins_with_an_empty_page(
    campaign, authority, minna, noon, liisa, alma, oskar, signed_in
):
    agency = builders.build_authority("agency")
    other = builders.build_user("other", "contributor")
    agency.members.create(user=other)
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer = questions_scene.published(found, by=alma, approver=oskar, at=noon)
    page, until = reverse("questions:to_answer", args=[found.pk]), noon + timedelta(days=9000)
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=noon)
    authority_requests.send(found, authority, answer_by=until, by=liisa, at=noon)
    answer.refresh_from_db()
    assert (answer.state, answer.text) == ("draft", questions_scene.TEXT)
    assert questions_scene.TEXT["fi"] in signed_in(minna).get(page).content.decode()

    answer_workflow.save(answer, by=minna, at=noon, what_changed=questions_scene.CHANGED)
    answer_workflow.submit(answer, by=alma, at=noon)
    answer_workflow.approve(answer, digest=answer.digest, by=oskar, at=noon)
    builders.withdraw_answer(answer, why=questions_scene.CHANGED, by=oskar, at=noon)
    authority_requests.send(found, agency, answer_by=until, by=liisa, at=noon)
    answer.refresh_from_db()
    assert (answer.state, answer.authority, answer.text, answer.source_name) == ("draft", agency, {}, {})
    shown = signed_in(other).get(page).content.decode()
    assert 'name="text__fi"' in shown
    assert questions_scene.TEXT["fi"] not in shown
    assert answer.versions.get(number=1).text == questions_scene.TEXT


def test_declining_is_said_once_in_own_words_only_by_two_and_can_be_undone(campaign, noon, liisa):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    with pytest.raises(NotAllowed):
        authority_requests.propose_custom_text(found, questions_scene.CHANGED, by=liisa, at=noon)
    assert authority_requests.waiting_custom_text(found) is None
    builders.decline_group(found, why=questions_scene.CHANGED, by=liisa, at=noon)
    assert (found.state, found.declined_why) == ("declined", questions_scene.CHANGED)
    with pytest.raises(NotAllowed):
        authority_requests.decline(found, by=liisa, at=noon)
    authority_requests.propose_custom_text(found, questions_scene.CHANGED, by=liisa, at=noon)
    authority_requests.reopen(found, by=liisa, at=noon)
    assert (found.state, found.declined_why, authority_requests.waiting_custom_text(found)) == ("open", {}, None)
