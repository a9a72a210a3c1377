"""Composing, starting and drawing: by two people, reproducibly, nobody too soon again, and no mail where none may go."""

import random
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from agreement.refusals import Refused
from delivery.models import Recipient, Suppression
from impact.models import Asked, SealedBox, Survey, Ticket
from impact.surveys import answers, people_drawn, question_bank, survey_mails, survey_steps
from lib.statistics import draws
from tests.support.builders import build_audience, build_digest, build_influencer, build_subscribers

from . import scene

pytestmark = pytest.mark.django_db


def test_whoever_changed_it_last_cannot_start_it(campaign, alma, oskar, noon):
    build_subscribers(30, build_digest(campaign))
    survey = scene.compose(campaign, by=alma, at=noon)

    with pytest.raises(Refused, match="worked on this text"):
        scene.start(survey, by=alma, at=noon)

    survey.refresh_from_db()
    assert survey.state == Survey.State.DRAFT
    assert not Asked.objects.exists()
    assert scene.start(survey, by=oskar, at=noon).state == Survey.State.OPEN


def test_only_what_was_read_is_started(campaign, alma, oskar, noon):
    build_subscribers(30, build_digest(campaign))
    survey = scene.compose(campaign, by=alma, at=noon)
    read = survey_steps.SURVEY.digest_of(survey)
    bank = question_bank.bank()
    scene.change(survey, questions=[question_bank.question_of("trusted", bank["trusted"]["text"])], by=alma, at=noon)

    with pytest.raises(Refused, match="has changed since you read it"):
        survey_steps.start(survey, digest=read, by=oskar, at=noon)

    assert not Ticket.objects.exists()


def test_a_survey_that_has_started_stays_as_it_is(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    with pytest.raises(Refused, match="has started"):
        scene.change(survey, name="x", size=20, by=alma, at=noon)
    with pytest.raises(Refused, match="not waiting for approval any more"):
        scene.start(survey, by=oskar, at=noon)


def test_every_language_of_the_campaign_is_asked_for(campaign, alma, noon):
    with pytest.raises(Refused, match="own language"):
        scene.compose(campaign, by=alma, at=noon, questions=[question_bank.question_of("own", {"en": "Was it good?"})])
    assert not Survey.objects.exists()


def test_too_few_people_are_not_drawn(campaign, alma, oskar, noon):
    build_subscribers(people_drawn.LEAST - 1, build_digest(campaign))
    survey = scene.compose(campaign, by=alma, at=noon)

    with pytest.raises(Refused, match="at least 20"):
        scene.start(survey, by=oskar, at=noon)

    survey.refresh_from_db()
    assert survey.state == Survey.State.DRAFT
    assert not Asked.objects.exists()
    assert not SealedBox.objects.exists()


def test_a_draw_is_repeated_from_its_seed(campaign, alma, oskar, noon):
    everybody = [row.recipient_id for row in build_subscribers(60, build_digest(campaign))]
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    drawn = set(survey.asked.values_list("recipient", flat=True))
    random.Random(1).shuffle(everybody)

    assert (survey.drawn, survey.drawn_among) == (30, 60)
    assert set(draws.draw(everybody, size=30, seed=survey.seed).drawn) == drawn
    assert people_drawn.check(survey, among=everybody).is_right
    stranger = next(key for key in everybody if key not in drawn)
    survey.asked.filter(recipient=min(drawn)).update(recipient=stranger)
    assert people_drawn.check(survey, among=everybody) == people_drawn.Checked(30, 1, 1)


def test_nobody_is_asked_again_within_the_weeks(campaign, alma, oskar, noon):
    build_subscribers(50, build_digest(campaign))
    first = scene.running(campaign, alma=alma, oskar=oskar, at=noon, size=25)
    soon, later = noon + timedelta(weeks=7) - timedelta(days=1), noon + timedelta(weeks=7)

    second = scene.start(scene.compose(campaign, by=alma, at=soon, size=50), by=oskar, at=soon)

    asked_first = set(first.asked.values_list("recipient", flat=True))
    asked_second = set(second.asked.values_list("recipient", flat=True))
    assert len(asked_first) == len(asked_second) == 25
    assert not asked_first & asked_second
    third = scene.start(scene.compose(campaign, by=alma, at=later, size=50), by=oskar, at=later)
    assert set(third.asked.values_list("recipient", flat=True)) == asked_first


def test_subscribers_get_one_mail_with_a_link_of_their_own(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    sent = scene.mailed_tokens(at=noon)

    assert survey_mails.ask_due(at=noon) == 0
    assert len(sent) == len({address for address, _token in sent}) == len({token for _address, token in sent}) == 30
    message = mail.outbox[-1]
    assert message.extra_headers["Content-Language"] in {"fi", "sv", "en"}
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert sent[-1][1] in html
    assert Ticket.objects.filter(survey=survey).count() == 30


def test_influencers_are_led_to_the_portal_and_no_mail_has_a_token(campaign, alma, oskar, noon):
    for number in range(20):
        build_influencer(campaign, f"ines{number}")
    survey = scene.start(scene.compose(campaign, by=alma, at=noon, group="influencers"), by=oskar, at=noon)

    assert survey_mails.ask_due(at=noon) == 20

    assert all(f"/portal/surveys/{survey.pk}/" in message.body for message in mail.outbox)
    assert SealedBox.objects.get(kind="hat").parts == 20
    assert not survey.asked.filter(is_taken=True).exists()


def test_a_tier_is_drawn_from_alone(campaign, alma, oskar, noon):
    close = build_audience(campaign, "close", tier=1)
    for number in range(25):
        build_influencer(campaign, f"ines{number}", audience=close if number < 21 else None)
    survey = scene.start(
        scene.compose(campaign, by=alma, at=noon, group="influencers", audience=close), by=oskar, at=noon
    )

    assert survey.drawn == survey.drawn_among == 21


def test_whoever_is_suppressed_or_has_left_since_is_not_mailed(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)
    blocked, left = [row.recipient for row in survey.asked.order_by("pk")[:2]]
    Suppression.objects.create(address_hash=blocked.address_hash, reason=Suppression.Reason.STAFF)
    Recipient.objects.filter(pk=left.pk).update(state=Recipient.State.LEFT)

    addresses = {address for address, _token in scene.mailed_tokens(at=noon)}

    assert len(addresses) == 28
    assert not addresses & {blocked.email, left.email}


def test_a_mail_that_did_not_leave_gives_its_token_back(campaign, alma, oskar, noon, monkeypatch):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    def away(_self, _messages):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        assert survey_mails.ask_due(at=noon) == 0

    assert not survey.asked.filter(is_mailed=True).exists()
    assert SealedBox.objects.get(kind="hat").parts == 30
    assert len(scene.mailed_tokens(at=noon + timedelta(minutes=1))) == 30


def test_a_survey_that_is_closed_while_mails_leave_mails_nobody_more(campaign, alma, oskar, noon, monkeypatch):
    for number in range(25):
        build_influencer(campaign, f"ines{number}")
    survey = scene.start(
        scene.compose(campaign, by=alma, at=noon, group="influencers", audience=None), by=oskar, at=noon
    )
    hand_over = survey_mails.SurveyMails.hand_over

    def hand_over_and_close(*given):
        result = hand_over(*given)
        answers.close(survey, by=oskar, at=noon)
        return result

    monkeypatch.setattr(survey_mails.SurveyMails, "hand_over", hand_over_and_close)

    assert survey_mails.ask_due(at=noon) == 1
    assert len(mail.outbox) == 1


def test_a_closed_survey_mails_nobody(campaign, alma, oskar, noon):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=noon)

    assert survey_mails.ask_due(at=survey.closes_at) == 0
    assert not mail.outbox


def test_whoever_may_start_one_closes_it_before_its_time(campaign, alma, oskar, noon, signed_in):
    survey = scene.running(campaign, alma=alma, oskar=oskar, at=timezone.now())
    tokens = scene.tokens_of(survey)
    for token in tokens[:6]:
        scene.answer(survey, token, at=timezone.now())
    page = reverse("admin:impact_survey_change", args=[survey.pk])
    editor, approver = signed_in(alma), signed_in(oskar)
    assert "Close the survey" not in editor.get(page).content.decode()
    assert editor.post(page, {"stop": "yes"}).status_code == 403
    assert "Close the survey" in approver.get(page).content.decode()

    assert approver.post(page, {"stop": "yes"}).status_code == 302

    survey.refresh_from_db()
    assert (survey.state, survey.answers) == (Survey.State.CLOSED, 6)
    assert AuditEntry.objects.get(verb="survey.closed").actor == oskar
    assert survey_mails.ask_due(at=timezone.now()) == 0
    with pytest.raises(answers.Closed):
        scene.answer(survey, tokens[6], at=timezone.now())
    again = approver.post(page, {"stop": "yes"})
    assert (again.status_code, "Not closed" in again.content.decode()) == (409, True)
