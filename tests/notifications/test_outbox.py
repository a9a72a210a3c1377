"""Notices: who is told of what, in which language, and that each is told once or tried again."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bulletins.intake import submissions
from campaigns.models import AuthorityMember
from notifications import outbox
from notifications.models import Notice
from tests.support import builders
from tests.support.http_recorder import Hearer, hearing

pytestmark = pytest.mark.django_db
NOON = builders.NOON
MINUTE = timedelta(minutes=1)
Kind = Notice.Kind


@pytest.fixture
def hook(settings: Any) -> Iterator[Hearer]:
    """A hook that the settings name."""
    with hearing("/hooks/a?b=c") as hook:
        settings.NOTIFY_URL, settings.NOTIFY_SECRET = hook.url, "a secret of twenty letters"
        yield hook


def test_an_urgent_input_is_told_to_every_editor_in_their_language(campaign, alma, veikko, oskar, minna, smtp_sink):
    alma.language, veikko.language = "fi", "en"
    alma.save()
    veikko.save()
    row = builders.build_input(campaign, urgency="urgent", title="Vesi ei ole juotavaa")

    assert outbox.deliver_notices(at=NOON) == 2

    mails = {one.recipient: one.message for one in smtp_sink.caught}
    assert set(mails) == {alma.email, veikko.email}
    english = mails[veikko.email]
    assert english["Subject"].startswith("[Exercise] Submission in-001 has arrived from Ministry")
    assert english["Auto-Submitted"] == "auto-generated"
    assert f"/desk/bulletins/messageinput/{row.pk}/change/" in english.get_content()
    assert "Vesi ei ole juotavaa" in english.get_content()
    assert "Ministeriö" in mails[alma.email]["Subject"]
    assert outbox.deliver_notices(at=NOON + timedelta(days=1)) == 0


@pytest.mark.parametrize(("urgency", "people", "hooks"), [("routine", 0, 0), ("elevated", 0, 1), ("urgent", 1, 1)])
def test_who_is_told_of_an_input_depends_on_its_urgency(campaign, alma, hook, urgency, people, hooks):
    builders.build_input(campaign, urgency=urgency)
    assert Notice.objects.exclude(person=None).count() == people
    assert Notice.objects.filter(person=None).count() == hooks


def test_without_a_hook_nothing_is_noted_for_it(campaign, alma):
    builders.build_input(campaign, urgency="elevated")
    assert not Notice.objects.exists()


def test_a_question_goes_to_who_sent_it_and_to_the_contact_and_the_answer_to_who_asked(
    campaign, alma, veikko, minna, authority, smtp_sink, hook
):
    minna.language = "en"
    minna.save()
    row = builders.build_input(campaign, authority=authority, by=minna, contact="press@ministry.example.org")
    submissions.return_with_question(row, by=alma, at=NOON, question="Since when?")
    outbox.deliver_notices(at=NOON)

    mails = {one.recipient: one.message for one in smtp_sink.caught}
    assert set(mails) == {minna.email, "press@ministry.example.org"} and hook.got == []
    assert "Since when?" in mails[minna.email].get_content()
    assert f"/en/inputs/{row.pk}/" in mails[minna.email].get_content()
    assert f"/fi/inputs/{row.pk}/" in mails["press@ministry.example.org"].get_content()

    submissions.answer_question(row, by=minna, at=NOON, answer="Since Monday.")
    outbox.deliver_notices(at=NOON)
    assert smtp_sink.caught[-1].recipient == alma.email and len(smtp_sink.caught) == 3
    assert "Since Monday." in smtp_sink.caught[-1].message.get_content()


def test_a_question_about_what_a_system_sent_goes_to_the_authoritys_contributors(campaign, alma, minna, authority):
    other = builders.build_user("other", "contributor")
    AuthorityMember.objects.create(authority=builders.build_authority("agency"), user=other)
    row, _new = submissions.take(
        campaign=campaign, authority=authority, by=None, at=NOON, title="T", body="B", language="fi"
    )
    submissions.return_with_question(row, by=alma, at=NOON, question="Since when?")
    assert [notice.person for notice in Notice.objects.all()] == [minna]


def test_a_mail_that_does_not_leave_is_tried_again_and_the_others_wait_untried(campaign, alma, veikko, smtp_sink):
    builders.build_input(campaign, urgency="urgent")
    smtp_sink.reply("mail", "451 4.3.0 Later", times=1)
    assert outbox.deliver_notices(at=NOON) == 0
    assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 1]
    assert outbox.deliver_notices(at=NOON + MINUTE / 2) == 1  # the one that was not tried
    assert outbox.deliver_notices(at=NOON + MINUTE) == 1


def test_the_hook_gets_one_signed_sentence_and_no_words_of_the_input(campaign, alma, minna, authority, hook):
    row = builders.build_input(campaign, authority=authority, by=minna, urgency="elevated", title="Salainen")
    assert outbox.deliver_notices(at=NOON) == 1

    [(headers, body)] = hook.got
    said = json.loads(body)
    assert set(said) == {"text", "kind", "urgency", "url", "campaign", "at"}
    assert (said["kind"], said["urgency"], said["campaign"]) == ("input_arrived", "elevated", campaign.slug)
    assert row.reference in said["text"] and said["url"] in said["text"] and said["text"].startswith("[")
    assert "Salainen" not in body.decode() and "minna" not in body.decode().lower()
    signed = f"{headers['X-Timestamp']}.".encode() + body
    assert headers["X-Timestamp"] == str(int(NOON.timestamp()))
    expected = hmac.new(b"a secret of twenty letters", signed, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_hook_that_says_no_is_tried_again_after_longer_and_longer_waits(campaign, alma, hook, status):
    builders.build_input(campaign, urgency="elevated")
    hook.answers = [status] * 5
    at = NOON
    for minutes in (1, 5, 15, 60, 60):
        assert outbox.deliver_notices(at=at) == 0
        assert outbox.deliver_notices(at=at + MINUTE * minutes - timedelta(seconds=1)) == 0
        at += MINUTE * minutes
    assert len(hook.got) == 5
    assert outbox.deliver_notices(at=at) == 1 and len(hook.got) == 6


def test_after_a_day_a_hook_is_given_up(campaign, alma, hook):
    builders.build_input(campaign, urgency="elevated")
    hook.answers = [500, 500]
    outbox.deliver_notices(at=NOON)
    outbox.deliver_notices(at=NOON + timedelta(hours=24))
    assert Notice.objects.get().given_up_at == NOON + timedelta(hours=24)
    assert outbox.deliver_notices(at=NOON + timedelta(hours=48)) == 0 and len(hook.got) == 2


def test_a_notice_is_claimed_by_one(campaign, alma, hook):
    builders.build_input(campaign, urgency="elevated")
    seen_by_two = [Notice.objects.get(), Notice.objects.get()]
    assert [outbox.claim(notice, at=NOON) for notice in seen_by_two] == [True, False]


ABOUT_BULLETINS = [Kind.APPROVAL_WANTED, Kind.SIGN_OFF_WANTED, Kind.SENT_BACK, Kind.APPROVED, Kind.NOT_PUBLISHED]


@pytest.mark.parametrize("kind", ABOUT_BULLETINS)
def test_every_kind_about_a_bulletin_has_its_words_and_leads_to_the_desk(campaign, alma, smtp_sink, kind):
    bulletin = builders.build_bulletin(campaign, by=alma)
    alma.language = "en"
    alma.save()
    outbox.tell(kind, [alma, alma], bulletin=bulletin, text="Because.", at=NOON)
    assert outbox.deliver_notices(at=NOON) == 1
    content = smtp_sink.caught[-1].message.get_content()
    assert "Bulletin 1" in content and "Because." in content
    assert f"/desk/bulletins/bulletin/{bulletin.pk}/change/" in content


def test_staff_are_told_but_for_those_who_know(campaign, alma, oskar, root):
    second = builders.build_user("second", "approver")
    bulletin = builders.build_bulletin(campaign, by=alma)
    outbox.tell_staff(Kind.APPROVAL_WANTED, "bulletins.approve_bulletin", but=[oskar], bulletin=bulletin, at=NOON)
    assert [notice.person for notice in Notice.objects.all()] == [second]


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_right_after_the_transaction_and_only_then(campaign, alma, monkeypatch):
    woken = []
    monkeypatch.setattr(outbox, "wake", lambda: woken.append(Notice.objects.count()))
    builders.build_input(campaign, urgency="urgent")
    assert woken == [1]


def test_the_cost_of_looking_does_not_grow(campaign, alma, django_assert_num_queries):
    with django_assert_num_queries(1):
        outbox.deliver_notices(at=NOON)


def test_whoever_is_not_staff_is_told_by_the_campaign_under_its_name_and_can_answer(campaign, alma, smtp_sink):
    ines = builders.build_influencer(campaign, language="sv")
    campaign.sender_email, campaign.reply_to = "news@mail.example.net", "answers@example.net"
    campaign.save()
    text = campaign.languages.get(code="sv")
    text.sender_name = "Krisfakta"
    text.save()
    outbox.write_down(Kind.THANKS, [ines.user, alma], campaign, at=NOON, text="Hej\nTack", path="/sv/portal/")
    assert outbox.deliver_notices(at=NOON) == 2

    mails = {one.recipient: one for one in smtp_sink.caught}
    to_her = mails[ines.user.email]
    assert to_her.message["From"] == "Krisfakta <news@mail.example.net>"
    assert to_her.message["Reply-To"] == "answers@example.net"
    assert to_her.message["Message-ID"].endswith("@mail.example.net>")
    assert to_her.sender == "bounces@mail.example.net"
    to_staff = mails[alma.email].message
    assert to_staff["From"] == "bulletins@example.org" and to_staff["Reply-To"] is None
    assert to_staff["Message-ID"].endswith("@example.org>")
