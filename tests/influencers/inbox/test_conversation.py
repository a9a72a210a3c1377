"""What an influencer and the team say to each other, in the portal and by mail."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox_of
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from delivery.models import Suppression
from delivery.recipients import channel_addresses
from influencers.inbox import contact_person_handover, conversation_panel, thread_messages
from influencers.inbox.mail import outbound, reply_addresses
from influencers.models import HandOver, Influencer, Thread, ThreadMessage
from notifications.models import Notice
from tests.support import builders

from .mail_scene import thread_of, words_of

pytestmark = pytest.mark.django_db

Kind = ThreadMessage.Kind
CANARY = "canary-of-the-team"


@pytest.fixture
def influencer(campaign: Any, liisa: Any) -> Influencer:
    return builders.build_influencer(campaign, "ines", liaison=liisa)


def path(name: str) -> str:
    with translation.override("en"):
        return reverse(f"influencers:{name}")


@pytest.fixture
def client(influencer: Influencer, signed_in: Any) -> Client:
    return signed_in(influencer.user)


def test_what_is_said_waits_until_it_is_answered(influencer: Any, liisa: Any, noon: Any) -> None:
    thread_messages.add_from_influencer(influencer, "Saako lapsi tulla?", via="portal", at=noon)
    thread_messages.add_from_influencer(influencer, "Entä koira?", via="portal", at=noon + timedelta(hours=1))
    thread = thread_of(influencer)
    assert (thread.waiting_since, thread.last_from_them_at) == (noon, noon + timedelta(hours=1))

    thread_messages.answer(thread, "Saa.", by=liisa, at=noon + timedelta(hours=2))

    thread = thread_of(influencer)
    assert (thread.waiting_since, thread.last_from_us_at) == (None, noon + timedelta(hours=2))


@pytest.mark.parametrize(
    ("chosen", "mailed", "before", "after"),
    [
        (None, True, "It is emailed to them as from", "It will be emailed within a minute"),
        ("sms", False, "by the channel that they chose: text message", "by the channel that they chose: text message"),
        ("sms", True, "by the channel that they chose: text message", "by the channel that they chose: text message"),
        (None, False, "They get no email: it is in the portal only.", "They get no email: it is in the portal only."),
    ],
)
def test_the_desk_says_by_which_channel_an_answer_goes(
    chosen: Any, mailed: bool, before: str, after: str, influencer: Any, liisa: Any, signed_in: Any, settings: Any
) -> None:
    settings.EXERCISE_CHANNELS = ["sms"]
    asked = thread_messages.add_from_influencer(influencer, "Saako?", via="portal", at=builders.NOON)
    if chosen:
        channel_addresses.take(influencer.recipient, chosen, "+358401234567", wants=["answers"], at=builders.NOON)
    if not mailed:
        Suppression.objects.create(address_hash=influencer.recipient.address_hash, reason="complaint")
    desk, page = signed_in(liisa), f"/desk/influencers/thread/{asked.thread_id}/change/"
    said = [before, "It is emailed to them as from", "it is in the portal only", "by the channel that they chose"]

    html = " ".join(desk.get(page).content.decode().split())
    assert before in html and sum(words in html for words in said[1:]) == 1

    sent = {"text": "Saa.", "seen": asked.pk}
    answer = desk.post(f"/desk/influencers/thread/{asked.thread_id}/answer/", sent, follow=True)
    assert after in " ".join(str(one) for one in answer.context["messages"])


@pytest.mark.parametrize("text", ["", " \n ", "x" * 20_001])
def test_nothing_and_too_much_are_refused(text: str, influencer: Any, noon: Any) -> None:
    with pytest.raises(thread_messages.MessageRefused):
        thread_messages.add_from_influencer(influencer, text, via="portal", at=noon)

    assert not ThreadMessage.objects.exists()


def test_two_who_answer_at_once_do_not_both_answer_unknowingly(
    influencer: Any, liisa: Any, root: Any, noon: Any
) -> None:
    asked = thread_messages.add_from_influencer(influencer, "Saako?", via="portal", at=noon)
    thread = thread_of(influencer)
    thread_messages.answer(thread, "Saa.", by=liisa, at=noon, seen=asked.pk)

    with pytest.raises(thread_messages.AnsweredMeanwhile) as clash:
        thread_messages.answer(thread, "Kyllä.", by=root, at=noon, seen=asked.pk)

    assert [one.text for one in clash.value.answers] == ["Saa."]
    assert thread.messages.filter(kind=Kind.FROM_US).count() == 1
    thread_messages.answer(thread, "Kyllä.", by=root, at=noon, seen=asked.pk, anyway=True)
    assert thread.messages.filter(kind=Kind.FROM_US).count() == 2


def test_a_message_that_the_author_of_an_answer_had_not_read_goes_on_waiting(
    influencer: Any, liisa: Any, root: Any, noon: Any
) -> None:
    first = thread_messages.add_from_influencer(influencer, "Kiitos!", via="portal", at=noon)
    second = thread_messages.add_from_influencer(
        influencer, "Minua uhkaillaan. Mitä teen?", via="portal", at=noon + timedelta(hours=1)
    )

    thread_messages.answer(first.thread, "Ole hyvä!", by=liisa, at=noon + timedelta(hours=2), seen=first.pk)
    assert thread_of(influencer).waiting_since == second.at

    thread_messages.answer(first.thread, "Soitan.", by=root, at=noon + timedelta(hours=3), seen=second.pk, anyway=True)
    assert thread_of(influencer).waiting_since is None

    # What a colleague has answered meanwhile waits for nobody else.
    thread_messages.answer(first.thread, "Hyvä.", by=liisa, at=noon + timedelta(hours=4), seen=first.pk, anyway=True)
    assert thread_of(influencer).waiting_since is None


def test_an_answer_that_is_sent_twice_is_one(influencer: Any, liisa: Any, noon: Any) -> None:
    asked = thread_messages.add_from_influencer(influencer, "Saako?", via="portal", at=noon)

    first = thread_messages.answer(asked.thread, "Saa.", by=liisa, at=noon, seen=asked.pk)

    assert thread_messages.answer(asked.thread, "Saa.", by=liisa, at=noon, seen=asked.pk) == first


def test_no_answer_needed_ends_the_wait_but_not_when_they_wrote_again(influencer: Any, liisa: Any, noon: Any) -> None:
    first = thread_messages.add_from_influencer(influencer, "Kiitos!", via="portal", at=noon)
    thread_messages.add_from_influencer(influencer, "Ai niin: saako?", via="portal", at=noon)

    with pytest.raises(thread_messages.MessageRefused, match="written again"):
        thread_messages.mark_settled(first.thread, by=liisa, at=noon, seen=first.pk)
    assert thread_of(influencer).waiting_since

    thread_messages.mark_settled(first.thread, by=liisa, at=noon)
    assert thread_of(influencer).waiting_since is None


def test_a_contact_elsewhere_counts_as_hearing_from_us(influencer: Any, liisa: Any, noon: Any) -> None:
    thread = thread_messages.thread_of(influencer)
    with pytest.raises(thread_messages.MessageRefused, match="in the future"):
        thread_messages.log_contact(
            thread, "Soitin.", via="phone", by=liisa, at=noon, happened_at=noon + timedelta(hours=1)
        )
    assert not ThreadMessage.objects.exists()

    thread_messages.log_contact(thread, "Soitin.", via="phone", by=liisa, at=noon, happened_at=noon - timedelta(days=1))

    assert thread_of(influencer).last_from_us_at == noon - timedelta(days=1)


# --- By mail ---------------------------------------------------------------------------------------


def test_an_answer_leaves_by_mail_once_in_the_readers_language(influencer: Any, liisa: Any, noon: Any) -> None:
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa tulla.\n{% now %}", by=liisa, at=noon)

    assert outbound.send_due(at=noon) == 1
    assert outbound.send_due(at=noon + timedelta(hours=1)) == 0

    [mail] = outbox_of.outbox
    assert mail.to == ["ines@example.org"]
    assert mail.subject.startswith("[Harjoitus]")
    assert "Saa tulla.\n{% now %}" in mail.body
    assert mail.extra_headers["From"].startswith('"Liisa')
    assert reply_addresses.thread_of_address(mail.extra_headers["Reply-To"]) == said.thread_id
    assert reply_addresses.message_of_id(mail.extra_headers["Message-ID"]) == said.pk
    assert "/fi/portal/conversation/" in mail.body
    assert not [name for name in mail.extra_headers if name.startswith("List-")]
    said.refresh_from_db()
    assert said.sent_at == noon


def test_an_answer_to_a_mail_is_threaded_with_it(influencer: Any, liisa: Any, noon: Any) -> None:
    asked = thread_messages.add_from_influencer(influencer, "Saako?", via="mail", at=noon)
    ThreadMessage.objects.update(
        mail_id="<a@example.net>", in_reply_to="<b@example.org>", subject="Kirjastot", sent_at=noon
    )
    thread_messages.answer(asked.thread, "Saa.", by=liisa, at=noon)

    outbound.send_due(at=noon)

    headers = outbox_of.outbox[0].extra_headers
    assert headers["In-Reply-To"] == "<a@example.net>"
    assert headers["References"] == "<b@example.org> <a@example.net>"
    assert outbox_of.outbox[0].subject == "[Harjoitus] Re: Kirjastot"


def test_a_mail_that_did_not_leave_is_tried_again(
    influencer: Any, liisa: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa.", by=liisa, at=noon)

    def away(*args: Any) -> None:
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        assert outbound.send_due(at=noon) == 0
    assert outbound.send_due(at=noon) == 0  # it waits for its time

    assert outbound.send_due(at=noon + timedelta(minutes=2)) == 1
    said.refresh_from_db()
    assert (said.attempts, said.sent_at) == (2, noon + timedelta(minutes=2))


def test_whoever_gets_no_mail_reads_it_in_the_portal_only(influencer: Any, liisa: Any, noon: Any) -> None:
    Suppression.objects.create(address_hash=influencer.recipient.address_hash, reason="complaint", since=noon)
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa.", by=liisa, at=noon)

    assert outbound.send_due(at=noon) == 0

    said.refresh_from_db()
    assert said.given_up_at == noon
    assert outbox_of.outbox == []


def test_without_a_contact_person_every_liaison_hears_of_a_message(
    influencer: Any, liisa: Any, alma: Any, noon: Any
) -> None:
    Influencer.objects.update(liaison=None)
    other = builders.build_user("leo", "liaison")
    thread_messages.add_from_influencer(influencer, "STOP", via="portal", at=noon)

    outbound.send_due(at=noon)

    assert sorted(mail.to[0] for mail in outbox_of.outbox) == sorted([liisa.email, other.email])
    assert all("ettei postia enää tulisi" in mail.body for mail in outbox_of.outbox)


def test_one_liaison_who_refuses_a_mail_keeps_it_from_nobody_and_doubles_it_for_nobody(
    influencer: Any, liisa: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Influencer.objects.update(liaison=None)
    for name in ("bad", "third"):
        builders.build_user(name, "liaison")
    said = thread_messages.add_from_influencer(influencer, "Hei", via="portal", at=noon)
    got: list[str] = []

    def smtp(_self: Any, mails: list[Any]) -> int:
        if any(mail.to == ["bad@example.org"] for mail in mails):
            raise smtplib.SMTPRecipientsRefused({"bad@example.org": (550, b"no")})
        got.extend(mail.to[0] for mail in mails)
        return len(mails)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", smtp)
    for minute in range(0, 60 * 26, 5):
        outbound.send_due(at=noon + timedelta(minutes=minute))

    assert sorted(got) == ["liisa@example.org", "third@example.org"]
    said.refresh_from_db()
    assert (said.sent_at, said.given_up_at) == (noon, None)


def test_a_mail_that_its_only_reader_refuses_is_given_up_after_a_day(
    influencer: Any, liisa: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = thread_messages.answer(thread_messages.thread_of(influencer), "Saa.", by=liisa, at=noon)

    def refuse(*args: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert outbound.send_due(at=noon) == 0
    said.refresh_from_db()
    assert (said.sent_at, said.given_up_at) == (None, None)

    late = noon + timedelta(hours=25)
    assert outbound.send_due(at=late) == 0
    said.refresh_from_db()
    assert (said.sent_at, said.given_up_at) == (None, late)


def test_notes_and_contacts_are_never_mailed_and_never_in_the_portal(
    influencer: Any, liisa: Any, client: Client, noon: Any
) -> None:
    thread = thread_messages.thread_of(influencer)
    thread_messages.note(thread, CANARY, by=liisa, at=noon)
    thread_messages.log_contact(thread, CANARY, via="phone", by=liisa, at=noon, happened_at=noon)
    thread_messages.answer(thread, "Hei.", by=liisa, at=noon)

    outbound.send_due(at=noon)

    assert [mail.to for mail in outbox_of.outbox] == [["ines@example.org"]]
    assert all(CANARY not in words_of(mail) for mail in outbox_of.outbox)
    for name in ("conversation", "home", "harassed"):
        assert CANARY not in client.get(path(name)).content.decode()
    panel = conversation_panel.panel(influencer, influencer.campaign, language="fi", at=noon)
    assert CANARY not in repr(panel)


# --- Handing over ----------------------------------------------------------------------------------


def test_a_hand_over_is_written_down_and_both_are_told(influencer: Any, liisa: Any, root: Any, noon: Any) -> None:
    leo = builders.build_user("leo", "liaison")

    kept = contact_person_handover.hand_over(influencer, to=leo, by=root, reason="Loma", at=noon)

    assert kept is not None
    assert (kept.before, kept.after, kept.reason) == (liisa, leo, "Loma")
    assert {one.person for one in Notice.objects.all()} == {liisa, leo}
    assert contact_person_handover.hand_over(influencer, to=leo, by=root, reason="", at=noon) is None


def test_nobody_who_may_not_answer_becomes_a_contact_person(influencer: Any, alma: Any, liisa: Any, noon: Any) -> None:
    with pytest.raises(thread_messages.MessageRefused, match="may not reply"):
        contact_person_handover.hand_over(influencer, to=alma, by=liisa, reason="", at=noon)

    influencer.refresh_from_db()
    assert influencer.liaison == liisa
    assert not HandOver.objects.exists()


# --- In the portal ---------------------------------------------------------------------------------


def test_an_influencer_writes_and_reads_in_the_portal(influencer: Any, client: Client, liisa: Any, noon: Any) -> None:
    answer = client.post(path("conversation"), {"text": "Saako lapsi tulla?"})
    assert answer.status_code == 302
    thread_messages.answer(thread_of(influencer), "<b>Saa</b>", by=liisa, at=noon)

    page = client.get(path("conversation")).content.decode()

    assert "Saako lapsi tulla?" in page
    assert "&lt;b&gt;Saa&lt;/b&gt;" in page


def test_a_refused_message_keeps_what_was_typed(influencer: Any, client: Client) -> None:
    answer = client.post(path("conversation"), {"text": "  "})

    assert answer.status_code == 422
    assert not ThreadMessage.objects.exists()


def test_reading_is_noted_by_a_post_only(influencer: Any, client: Client, liisa: Any, noon: Any) -> None:
    thread_messages.answer(thread_messages.thread_of(influencer), "Hei.", by=liisa, at=noon)
    client.get(path("conversation"))
    assert conversation_panel.panel(influencer, influencer.campaign, language="fi", at=noon).unread == 1

    client.post(path("conversation_seen"))

    assert conversation_panel.panel(influencer, influencer.campaign, language="fi", at=noon).unread == 0


def test_nobody_reads_somebody_elses_conversation(influencer: Any, client: Client, campaign: Any, noon: Any) -> None:
    other = builders.build_influencer(campaign, "otto")
    thread_messages.add_from_influencer(other, CANARY, via="portal", at=noon)

    assert CANARY not in client.get(path("conversation")).content.decode()


def test_very_many_messages_have_to_wait(influencer: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("influencers.inbox.views.MOST_AN_HOUR", 1)
    client.post(path("conversation"), {"text": "Yksi"})

    answer = client.post(path("conversation"), {"text": "Kaksi"})

    assert answer.status_code == 429
    assert "Kaksi" in answer.content.decode()
    assert ThreadMessage.objects.count() == 1


def test_the_panel_and_the_page_cost_the_same_however_much_was_said(
    influencer: Any, client: Client, liisa: Any, noon: Any
) -> None:
    def queries() -> tuple[int, int]:
        client.get(path("conversation"))
        with CaptureQueriesContext(connection) as page:
            client.get(path("conversation"))
        with CaptureQueriesContext(connection) as panel:
            conversation_panel.panel(influencer, influencer.campaign, language="fi", at=noon)
        return len(page), len(panel)

    thread_messages.add_from_influencer(influencer, "Hei", via="portal", at=noon)
    thread_messages.answer(thread_of(influencer), "Hei", by=liisa, at=noon)
    few = queries()
    for number in range(5):
        thread_messages.add_from_influencer(influencer, f"Hei {number}", via="portal", at=noon)
        thread_messages.answer(thread_of(influencer), f"Hei {number}", by=liisa, at=noon)

    assert queries() == few
    assert few[1] == 2
    assert Thread.objects.count() == 1
