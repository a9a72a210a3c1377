"""The inbox and the pages of conversations at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from influencers.inbox import harassment, thread_messages
from influencers.models import HandOver, Harassment, Influencer, Thread, ThreadMessage, UnmatchedMail
from questions.models import Question
from tests.support import builders

pytestmark = pytest.mark.django_db

Kind = ThreadMessage.Kind


@pytest.fixture
def influencer(campaign: Any, liisa: Any) -> Influencer:
    return builders.build_influencer(campaign, "ines", liaison=liisa)


@pytest.fixture
def asked(influencer: Influencer, noon: Any) -> ThreadMessage:
    return thread_messages.add_from_influencer(
        influencer, "Saako lapsi tulla?", via="portal", at=noon - timedelta(hours=3)
    )


@pytest.fixture
def client(liisa: Any, signed_in: Any) -> Client:
    return signed_in(liisa)


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:influencers_{name}", args=args)


def inbox(client: Client, **query: str) -> str:
    return client.get(at("thread_changelist"), query).content.decode()


def test_whoever_has_waited_longest_is_first(asked: Any, campaign: Any, client: Client, noon: Any) -> None:
    first = builders.build_influencer(campaign, "otto")
    thread_messages.add_from_influencer(first, "Hei", via="portal", at=noon - timedelta(hours=9))

    page = inbox(client)

    assert page.index("Otto") < page.index("Ines")
    assert "Otto" not in inbox(client, whose="mine")
    assert "Ines" not in inbox(client, whose="unassigned")


def test_the_inbox_finds_names_and_words(asked: Any, campaign: Any, client: Client) -> None:
    builders.build_influencer(campaign, "silja")

    assert "Ines" in inbox(client, q="lapsi")
    assert "Ines" not in inbox(client, q="kissa")
    assert "Write to them" in inbox(client, q="silja")


def test_the_inbox_costs_the_same_however_many_wait(asked: Any, campaign: Any, client: Client, noon: Any) -> None:
    def queries() -> int:
        inbox(client)
        with CaptureQueriesContext(connection) as captured:
            inbox(client)
        return len(captured)

    few = queries()
    for name in ("otto", "silja", "tuomo"):
        other = builders.build_influencer(campaign, name)
        thread_messages.add_from_influencer(other, "Hei", via="portal", at=noon)
        harassment.report(other, at=noon)

    assert queries() == few


@pytest.mark.parametrize("who", ["alma", "oskar", "fiona", "minna"])
def test_only_liaisons_and_administrators_read_conversations(
    who: str, asked: Any, request: Any, signed_in: Any, noon: Any
) -> None:
    report = harassment.report(asked.thread.influencer, at=noon)
    client = signed_in(request.getfixturevalue(who))

    for where in (
        at("thread_changelist"),
        at("thread_change", asked.thread_id),
        at("harassment_change", report.pk),
        at("unmatchedmail_changelist"),
    ):
        assert client.get(where).status_code in {302, 403}
    for name in ("answer", "note", "settle", "hand-over"):
        assert client.post(at(f"thread_{name}", asked.thread_id), {"text": "x"}).status_code in {302, 403}
    assert ThreadMessage.objects.count() == 1


def test_a_liaison_answers_at_the_desk(asked: Any, liisa: Any, client: Client) -> None:
    page = client.get(at("thread_change", asked.thread_id)).content.decode()
    assert "Saako lapsi tulla?" in page

    answer = client.post(at("thread_answer", asked.thread_id), {"text": "Saa.", "seen": asked.pk})

    assert answer.status_code == 302
    said = ThreadMessage.objects.get(kind=Kind.FROM_US)
    assert (said.author, said.text) == (liisa, "Saa.")


def test_an_answer_after_somebody_elses_shows_both_and_loses_nothing(
    asked: Any, root: Any, client: Client, noon: Any
) -> None:
    thread_messages.answer(asked.thread, "Saa, mutta pitäkää maskia.", by=root, at=noon, seen=asked.pk)

    answer = client.post(at("thread_answer", asked.thread_id), {"text": "Kyllä saa.", "seen": asked.pk})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Saa, mutta pitäkää maskia." in page
    assert "Kyllä saa.</textarea>" in page
    assert ThreadMessage.objects.filter(kind=Kind.FROM_US).count() == 1
    client.post(at("thread_answer", asked.thread_id), {"text": "Kyllä saa.", "seen": asked.pk, "anyway": "1"})
    assert ThreadMessage.objects.filter(kind=Kind.FROM_US).count() == 2


def test_an_empty_answer_is_refused(asked: Any, client: Client) -> None:
    assert client.post(at("thread_answer", asked.thread_id), {"text": " ", "seen": asked.pk}).status_code == 422
    assert not ThreadMessage.objects.filter(kind=Kind.FROM_US).exists()


def test_notes_contacts_settling_and_handing_over(asked: Any, client: Client, liisa: Any) -> None:
    leo = builders.build_user("leo", "liaison")
    pk = asked.thread_id
    client.post(at("thread_note", pk), {"text": "Muista kiittää."})
    client.post(at("thread_contact", pk), {"text": "Soitin.", "via": "phone", "when": "2026-03-24 14:00"})
    client.post(at("thread_hand-over", pk), {"to": leo.pk, "reason": "Loma"})
    client.post(at("thread_settle", pk), {"seen": asked.pk})

    kinds = set(ThreadMessage.objects.values_list("kind", flat=True))
    assert kinds == {Kind.FROM_THEM, Kind.NOTE, Kind.CONTACT}
    assert ThreadMessage.objects.get(kind=Kind.CONTACT).at.isoformat() == "2026-03-24T12:00:00+00:00"
    assert HandOver.objects.get().after == leo
    assert Thread.objects.get().waiting_since is None
    assert "Loma" in client.get(at("thread_change", pk)).content.decode()


@pytest.mark.parametrize("sent", [{"via": "mail"}, {"when": "soon"}, {"text": ""}])
def test_a_contact_that_is_wrong_is_not_noted_and_kept_on_the_page(sent: Any, asked: Any, client: Client) -> None:
    fields = {"text": "Soitin eilen.", "via": "phone", "when": "2026-03-24 14:00"} | sent

    assert client.post(at("thread_contact", asked.thread_id), fields).status_code == 422
    assert not ThreadMessage.objects.filter(kind=Kind.CONTACT).exists()


def test_a_message_is_passed_on_as_a_question_once_and_says_so(
    asked: Any, influencer: Any, client: Client, liisa: Any
) -> None:
    client.post(at("thread_question", asked.thread_id), {"message": asked.pk, "text": "Saako lapsi tulla kirjastoon?"})

    question = Question.objects.get()
    assert (question.text, question.relayed_by) == ("Saako lapsi tulla kirjastoon?", influencer.recipient)
    shown = client.get(at("thread_change", asked.thread_id)).content.decode()
    assert at("thread_question", asked.thread_id) not in shown
    assert reverse("admin:questions_question_change", args=[question.pk]) in shown
    client.post(at("thread_question", asked.thread_id), {"message": asked.pk, "text": "And another?"})
    assert Question.objects.count() == 1


def test_another_campaigns_conversation_does_not_exist(client: Client, noon: Any, liisa: Any, campaign: Any) -> None:
    other = builders.build_influencer(builders.build_campaign("older", starts_on="2020-01-01"), "otto")
    said = thread_messages.add_from_influencer(other, "Hei", via="portal", at=noon)
    answer = client.get(at("thread_change", said.thread_id))
    assert answer.status_code == 404
    assert client.post(at("thread_answer", said.thread_id), {"text": "x"}).status_code == 404


def test_harassment_is_on_top_until_it_is_closed(influencer: Any, client: Client, noon: Any, liisa: Any) -> None:
    report = harassment.report(influencer, at=noon, words="Uhkailtu")
    assert "Most urgent" in inbox(client)

    client.post(at("harassment_take", report.pk))
    assert client.post(at("harassment_close", report.pk), {"outcome": ""}).status_code == 422
    client.post(at("harassment_close", report.pk), {"outcome": "Soitettu."})

    row = Harassment.objects.get()
    assert (row.taken_by, row.outcome) == (liisa, "Soitettu.")
    assert "Most urgent" not in inbox(client)
    assert "Soitettu." in client.get(at("harassment_change", report.pk)).content.decode()


def test_a_mail_from_somebody_unknown_is_sorted_or_set_aside(influencer: Any, client: Client, noon: Any) -> None:
    rows = [
        UnmatchedMail.objects.create(
            campaign=influencer.campaign, from_name="Ines", text=f"Hei {n}", mail_id=f"<{n}@x>", at=noon
        )
        for n in (1, 2)
    ]
    assert "Put it in their conversation" in client.get(at("unmatchedmail_change", rows[0].pk)).content.decode()

    client.post(at("unmatchedmail_sort", rows[0].pk), {"influencer": influencer.pk})
    client.post(at("unmatchedmail_set-aside", rows[1].pk))

    assert ThreadMessage.objects.get().text == "Hei 1"
    assert not UnmatchedMail.objects.filter(sorted_at=None).exists()
    assert client.post(at("unmatchedmail_sort", rows[1].pk), {"influencer": influencer.pk}).status_code == 409
    assert ThreadMessage.objects.count() == 1


def test_people_of_one_name_are_told_apart_and_more_than_ten_are_said(
    influencer: Any, client: Client, noon: Any
) -> None:
    stray = UnmatchedMail.objects.create(
        campaign=influencer.campaign, from_name="Ines", text="Hei", mail_id="<1@x>", at=noon
    )
    shown = client.get(at("unmatchedmail_change", stray.pk)).content.decode()
    assert influencer.reference in shown and influencer.recipient.email in shown
    assert "more than ten" not in shown
    for number in range(10):
        builders.build_influencer(influencer.campaign, f"ines{number}")
    assert "more than ten" in client.get(at("unmatchedmail_change", stray.pk)).content.decode()


def test_today_says_how_many_wait_for_a_reply_and_are_harassed_to_whoever_reads_conversations(
    asked: Any, campaign: Any, client: Client, alma: Any, signed_in: Any, noon: Any
) -> None:
    today = reverse("admin:today")
    shown = client.get(today).content.decode()
    assert "1 influencer is waiting for a reply." in shown and "harassment" not in shown
    harassment.report(asked.thread.influencer, at=noon)
    harassment.report(builders.build_influencer(campaign, "otto"), at=noon)
    shown = client.get(today).content.decode()
    assert "2 harassment reports are open." in shown and at("harassment_changelist") + "?closed_at__isempty=1" in shown
    assert client.get(at("harassment_changelist"), {"closed_at__isempty": "1"}).status_code == 200
    other = signed_in(alma).get(today).content.decode()
    assert "is waiting for a reply" not in other and "harassment" not in other


def test_a_very_long_message_is_folded_after_some_lines(influencer: Any, client: Client, noon: Any) -> None:
    said = thread_messages.add_from_influencer(
        influencer, "\n".join(f"Rivi {n}." for n in range(60)), via="portal", at=noon
    )
    shown = client.get(at("thread_change", said.thread_id)).content.decode()
    first, _summary, rest = shown.partition("The rest of this long message")
    assert "Rivi 39." in first and "Rivi 40." not in first and "Rivi 59." in rest
    short = thread_messages.add_from_influencer(
        builders.build_influencer(influencer.campaign, "otto"), "Hei", via="portal", at=noon
    )
    assert "The rest of" not in client.get(at("thread_change", short.thread_id)).content.decode()
