"""Measured seed addresses get each send, outside the ledger, and what they forward says how long it took."""

from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bulletins.mail import test_sends
from bulletins.models import NotAllowed
from campaigns.models import Campaign
from delivery import tasks
from delivery.feedback import provider_mail, return_path_mails
from delivery.feedback.return_path_mails import Taken
from delivery.message import verp
from delivery.models import Mailing, SeedAddress, SeedArrival, Send, Suppression, address_hash
from delivery.reports import inbox_times
from delivery.seeds import seed_mails
from delivery.seeds.seed_forwarding import forwarding_address
from delivery.sending import worker
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    build_fanned_out_send,
    build_mailing,
)

pytestmark = pytest.mark.django_db

Folder = SeedArrival.Folder


@pytest.fixture
def live(db: None) -> Campaign:
    return build_campaign("live", mode="live")


def seed_of(campaign: Campaign, email: str = "inbox@mail.example", **fields: Any) -> SeedAddress:
    values = {"language": "fi", "is_measured": True, "confirmed_at": NOON} | fields
    return SeedAddress.objects.create(campaign=campaign, email=email, **values)


def send_of(campaign: Campaign, **fields: Any) -> Send:
    return build_fanned_out_send(build_audience(campaign, size=4), **fields)


def forwarded(arrival: SeedArrival, *, received: datetime | None = None, to: str = "", name: str = "") -> bytes:
    """Return a mail as its inbox forwards it; `received` is when the inbox says it had it."""
    lines = [f"Delivered-To: {to}"] if to else []
    lines += ["Received: from mail.example by mx.example.org; Wed, 25 Mar 2026 23:00:00 +0200"]
    if received:
        lines += ["Delivered-To: Inbox@mail.example", f"Received: by mail.example; {received:%a, %d %b %Y %H:%M:%S %z}"]
        lines += ["Received: from us by relay.example; Wed, 25 Mar 2026 01:00:00 +0200"]
    lines += [f"Message-ID: {name or verp.message_id(-arrival.pk, 'example.org')}", "Subject: Kirjastot", "", "Hei", ""]
    return "\r\n".join(lines).encode()


def arrival_of(campaign: Campaign, **fields: Any) -> SeedArrival:
    send = send_of(campaign)
    values = {"after_row": send.first_delivery, "handed_over_at": NOON + timedelta(seconds=5)} | fields
    return SeedArrival.objects.create(send=send, seed=seed_of(campaign), **values)


def take(arrival: SeedArrival, raw: bytes, *, folder: Folder = Folder.INBOX, after: float = 60) -> SeedArrival:
    at = NOON + timedelta(seconds=after)
    assert return_path_mails.take(raw, to=[forwarding_address(arrival.seed, folder)], at=at) == Taken.ARRIVED
    arrival.refresh_from_db()
    return arrival


# --- On the way there ---------------------------------------------------------------------------------


def test_each_send_goes_to_measured_addresses_that_agreed_once_and_beside_the_ledger(
    live: Campaign, smtp_sink: Any
) -> None:
    seed = seed_of(live)
    seed_of(live, "test@example.org", is_measured=False)
    seed_of(live, "asked@example.org", confirmed_at=None)
    gone = seed_of(live, "gone@example.org")
    Suppression.objects.create(address_hash=address_hash(gone.email), reason="complaint")
    send = send_of(live)

    assert seed_mails.mail_due(send.pk, at=NOON) == 0  # nobody has it yet
    worker.work(send.pk, clock=lambda: NOON)
    assert seed_mails.mail_due(send.pk, at=NOON) == 1
    assert seed_mails.mail_due(send.pk, at=NOON) == 0 and seed_mails.mail_waiting(at=NOON) == 0

    (arrival,) = SeedArrival.objects.all()
    assert (arrival.seed, arrival.handed_over_at) == (seed, NOON)
    assert smtp_sink.count["inbox@mail.example"] == 1 and len(smtp_sink.count) == 5
    assert send.deliveries.count() == 4


def test_the_task_that_delivers_a_send_hands_them_over(live: Campaign, smtp_sink: Any) -> None:
    seed_of(live)
    tasks.deliver(send_of(live).pk)
    assert smtp_sink.count["inbox@mail.example"] == 1


def test_their_mails_are_spread_over_the_length_of_a_send(live: Campaign, smtp_sink: Any) -> None:
    for number in range(2):
        seed_of(live, f"inbox-{number}@mail.example")
    send = send_of(live)
    assert send.first_delivery and send.last_delivery
    Send.objects.update(claimed_up_to=send.first_delivery)
    assert seed_mails.mail_due(send.pk, at=NOON) == 1

    Send.objects.update(claimed_up_to=send.last_delivery)
    assert seed_mails.mail_due(send.pk, at=NOON) == 1


@pytest.mark.parametrize("why", ["exercise", "paused", "replaced", "too late"])
def test_nothing_leaves_of_what_readers_do_not_get(
    live: Campaign, campaign: Campaign, smtp_sink: Any, why: str
) -> None:
    chosen = campaign if why == "exercise" else live
    seed_of(chosen)
    send = send_of(chosen)
    Send.objects.update(claimed_up_to=send.last_delivery)
    if why == "paused":
        Send.objects.update(state="paused")
    elif why == "replaced":
        Mailing.objects.update(superseded_by=build_mailing(chosen, "newer"))
    elif why == "too late":
        Send.objects.update(deadline=NOON - timedelta(minutes=1))

    assert seed_mails.mail_due(send.pk, at=NOON) == 0
    assert not SeedArrival.objects.exists() and not smtp_sink.count


def test_a_mail_that_did_not_leave_is_tried_again_some_times(live: Campaign, smtp_sink: Any) -> None:
    smtp_sink.reply("rcpt", "451 4.7.1 Later")
    seed_of(live)
    send = send_of(live)
    Send.objects.update(claimed_up_to=send.last_delivery)

    for _attempt in range(SeedArrival.MOST_ATTEMPTS + 1):
        assert seed_mails.mail_due(send.pk, at=NOON) == 0
    arrival = SeedArrival.objects.get()
    assert (arrival.attempts, arrival.handed_over_at) == (SeedArrival.MOST_ATTEMPTS, None)


def test_drafts_do_not_go_to_an_address_that_is_measured(campaign: Campaign, alma: User, smtp_sink: Any) -> None:
    seed_of(campaign)
    bulletin = build_bulletin(campaign, audiences=[build_audience(campaign, size=1)])
    with pytest.raises(NotAllowed):
        test_sends.to_seeds(bulletin, by=alma, at=NOON)
    assert not smtp_sink.count


# --- And back ---------------------------------------------------------------------------------------------


def test_the_server_of_the_inbox_says_when_it_had_the_mail(live: Campaign) -> None:
    arrival = arrival_of(live)
    had = NOON + timedelta(seconds=9)
    assert take(arrival, forwarded(arrival, received=had)).arrived_at == had
    assert arrival.folder == Folder.INBOX

    take(arrival, forwarded(arrival), folder=Folder.SPAM, after=600)  # again: the first counts
    assert (arrival.arrived_at, arrival.folder) == (had, Folder.INBOX)


@pytest.mark.parametrize("wrong", [-3600, -30, 3600])
def test_a_clock_that_disagrees_is_not_believed(live: Campaign, wrong: int) -> None:
    arrival = arrival_of(live)
    had = NOON + timedelta(seconds=9 + wrong)
    assert take(arrival, forwarded(arrival, received=had)).arrived_at == NOON + timedelta(seconds=60)


def test_no_mail_arrives_before_it_left(live: Campaign) -> None:
    arrival = arrival_of(live, handed_over_at=NOON + timedelta(seconds=5, milliseconds=700))
    assert take(arrival, forwarded(arrival, received=NOON + timedelta(seconds=5))).arrived_at == arrival.handed_over_at


def test_without_such_a_header_it_counts_when_it_came_to_us_and_the_address_says_from_which_folder(
    live: Campaign,
) -> None:
    arrival = take(one := arrival_of(live), forwarded(one), folder=Folder.SPAM)
    assert (arrival.arrived_at, arrival.folder) == (NOON + timedelta(seconds=60), Folder.SPAM)


def test_a_provider_that_writes_its_own_message_id_is_measured_by_the_feedback_id(live: Campaign) -> None:
    arrival = arrival_of(live)
    raw = forwarded(arrival, name="<0102@ses.example>")
    assert take(arrival, raw).arrived_at is None
    raw = f"Feedback-ID: {arrival.send.mailing_id}:live:bulletin:example.org\r\n".encode() + raw
    assert take(arrival, raw).arrived_at is not None


@pytest.mark.parametrize("fault", ["address", "message id", "another inbox"])
def test_only_the_inbox_itself_says_what_arrived(live: Campaign, fault: str) -> None:
    arrival = arrival_of(live)
    raw, address = forwarded(arrival), forwarding_address(arrival.seed, Folder.INBOX)
    if fault == "address":
        address = address.replace("@", "0@").replace("seed-", "seed-1")
        assert return_path_mails.take(raw, to=[address], at=NOON) == Taken.NOTHING
    elif fault == "message id":
        take(arrival, forwarded(arrival, name=f"<-{arrival.pk}.0123456789abcdef@example.org>"))
    else:
        take_from = seed_of(live, "other@mail.example")
        return_path_mails.take(raw, to=[forwarding_address(take_from, Folder.INBOX)], at=NOON)
    arrival.refresh_from_db()
    assert arrival.arrived_at is None


def test_a_provider_may_post_it_too(live: Campaign) -> None:
    arrival = arrival_of(live)
    mail = message_from_bytes(forwarded(arrival))
    assert provider_mail.take_own_mail(mail, [forwarding_address(arrival.seed, Folder.INBOX)], at=NOON)
    arrival.refresh_from_db()
    assert arrival.arrived_at == arrival.handed_over_at  # not before it left


# --- What is shown ---------------------------------------------------------------------------------------


def test_times_count_from_the_slot_by_provider_and_what_does_not_come_is_missing(live: Campaign) -> None:
    send = send_of(live)

    def arrival(email: str, seconds: int | None, folder: Folder = Folder.INBOX) -> None:
        came = None if seconds is None else NOON + timedelta(seconds=seconds)
        SeedArrival.objects.create(
            send=send, seed=seed_of(live, email), after_row=1, handed_over_at=NOON, arrived_at=came, folder=folder
        )

    for number, seconds in enumerate([30, 10, 20]):
        arrival(f"inbox-{number}@a.example", seconds)
    arrival("spam@b.example", 90, Folder.SPAM)
    arrival("lost@b.example", None)

    first, second = inbox_times.by_provider([send], at=NOON + timedelta(minutes=14))
    assert (first.provider, first.median, first.worst, first.missing) == ("a.example", 20, 30, 0)
    assert (second.spam, second.on_the_way, second.missing) == (1, 1, 0)
    assert inbox_times.by_provider([send], at=NOON + timedelta(minutes=16))[1].missing == 1


def test_the_page_of_a_send_shows_them_with_the_same_queries_however_many(
    live: Campaign, oskar: User, signed_in: Any, django_assert_num_queries: Any
) -> None:
    arrival = arrival_of(live)
    client, page = signed_in(oskar), reverse("admin:delivery_send_ledger", args=[arrival.send_id])
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        assert "mail.example" in client.get(page).content.decode()
    for number in range(9):
        seed = seed_of(live, f"inbox-{number}@other.example")
        SeedArrival.objects.create(send=arrival.send, seed=seed, after_row=1, handed_over_at=NOON)
    with django_assert_num_queries(len(few)):
        assert "other.example" in client.get(page).content.decode()


def test_today_shows_them_of_the_last_send(live: Campaign, oskar: User, signed_in: Any) -> None:
    arrival = arrival_of(live)
    client = signed_in(oskar)
    page = client.get(reverse("admin:index")).content.decode()
    assert "mail.example" in page and 'id="h-inboxes"' in page

    arrival.delete()
    assert 'id="h-inboxes"' not in client.get(reverse("admin:index")).content.decode()


def test_whoever_keeps_the_seed_list_reads_where_an_inbox_forwards_to(
    live: Campaign, root: User, signed_in: Any
) -> None:
    seed = seed_of(live)
    page = signed_in(root).get(reverse("admin:delivery_seedaddress_change", args=[seed.pk])).content.decode()
    for folder in (Folder.INBOX, Folder.SPAM):
        assert forwarding_address(seed, folder) in page
