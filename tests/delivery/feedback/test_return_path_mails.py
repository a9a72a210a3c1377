"""Mail that comes back: reports and complaints find their row by marks of ours only; people leave by mail."""

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as settings_of_django
from django.core.management import call_command
from django.db import OperationalError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from delivery.feedback import receipts, return_path_mails
from delivery.feedback.return_path_mails import Taken
from delivery.holds import circuit_breaker
from delivery.links import unsubscribe
from delivery.message import verp
from delivery.models import Delivery, Membership, ProviderEvent, Recipient, Send, Suppression
from tests.delivery.feedback.report_scene import bounce, complaint, return_path
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]

State = Delivery.State
Receipt = Delivery.Receipt


def taken(raw: bytes, *to: str) -> str:
    """Take a mail and apply what waits."""
    what = return_path_mails.take(raw, to=to, at=NOON)
    receipts.apply(at=NOON)
    return what


# --- Delivery reports ---------------------------------------------------------------------------------


def test_a_bounce_is_found_by_the_return_path_it_came_to(row):
    assert taken(bounce(), return_path(row)) == Taken.REPORT

    row.refresh_from_db()
    assert (row.receipt, row.state) == (Receipt.BOUNCED, State.ACCEPTED)
    event = ProviderEvent.objects.get()
    assert (event.kind, event.code, event.provider) == ("bounced", "550 5.1.1", "mail")
    assert event.happened_at.isoformat() == "2026-03-25T10:00:05+00:00"
    assert "@" not in event.event_id + event.message_id


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To"])
def test_the_return_path_may_stand_in_a_header(row, header):
    raw = bounce(to="bounces@example.org") if header != "To" else bounce(to=return_path(row).upper())
    if header != "To":
        raw = f"{header}: {return_path(row)}\n".encode() + raw
    assert taken(raw) == Taken.REPORT
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED


def test_a_bounce_to_another_address_is_found_by_the_return_path_that_it_quotes(row):
    raw = bounce(message_id="<any@example.org>").replace(
        b"Subject: Libraries", f"Return-Path: <{return_path(row)}>\nSubject: Libraries".encode()
    )
    assert taken(raw) == Taken.REPORT
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED


def forgeries(row: Delivery) -> dict[str, tuple[bytes, str]]:
    """
    Return what someone can write who holds a bulletin that its reader forwarded: {name: (the mail, its envelope)}.
    """
    name = verp.message_id(row.pk, "example.org")
    mark = name.strip("<>").partition("@")[0]
    path = f"bounces+{mark}@example.org"
    return {
        "a bounce that quotes it": (bounce(message_id=name), "bounces@example.org"),
        "a bounce that answers it": (bounce(more=f"In-Reply-To: {name}\nReferences: {name}\n"), "bounces@example.org"),
        "its mark as a return path": (bounce(to=path), path),
        "its mark as what is quoted": (complaint(more=f"Original-Mail-From: <{path}>\n"), "abuse@example.org"),
        "a complaint that quotes it": (complaint(quoted=name), "abuse@example.org"),
        "an opt-out that quotes it": (complaint("opt-out", quoted=name), "abuse@example.org"),
    }


@pytest.mark.parametrize("how", range(6))
def test_who_holds_a_forwarded_bulletin_cannot_silence_its_reader(row, how):
    name, (raw, path) = list(forgeries(row).items())[how]
    Delivery.objects.filter(pk=row.pk).update(provider_id=verp.message_id(row.pk, "example.org"))
    before = list(Membership.objects.order_by("pk").values())

    assert taken(raw, path) == Taken.UNPROVEN, name

    row.refresh_from_db()
    assert row.receipt == Receipt.NONE
    assert not Suppression.objects.exists() and not ProviderEvent.objects.exists()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert Recipient.objects.wanting_bulletins().filter(pk=row.recipient_id).exists()


def test_a_mark_that_is_not_ours_finds_nothing(row):
    forged = f"bounces+{row.pk}.0123456789abcdef@example.org"
    raw = bounce(to=forged, message_id=f"<{row.pk}.0123456789abcdef@example.org>")

    taken(raw, forged)

    row.refresh_from_db()
    assert row.receipt == Receipt.NONE
    assert not Suppression.objects.exists()
    assert not ProviderEvent.objects.exclude(delivery=None).exists()


def test_a_bounce_that_names_no_mail_is_forgotten(row):
    assert taken(bounce()) == Taken.UNPROVEN
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "receipt", "code", "denies"),
    [
        ("failed", "5.0.0", "smtp; 550 5.1.10 no such user", Receipt.BOUNCED, "550 5.1.10", True),
        ("failed", "5.1.1", "x-unix; user unknown", Receipt.BOUNCED, "5.1.1", True),
        ("failed", "5.1.1", "smtp; 550 user unknown", Receipt.BOUNCED, "550 5.1.1", True),
        ("failed", "5.7.1", "smtp; 554 5.7.1 refused by policy", Receipt.BOUNCED, "554 5.7.1", False),
        ("failed", "4.4.7", "smtp; 451 4.4.7 timed out", Receipt.BOUNCED, "451 4.4.7", False),
        ("Failed (gave up)", "5.2.2", "smtp; 552 5.2.2 mailbox full", Receipt.BOUNCED, "552 5.2.2", False),
        ("delayed", "4.2.2", "smtp; 452 4.2.2 mailbox full", Receipt.NONE, "452 4.2.2", False),
        ("delivered", "2.1.5", "smtp; 250 2.1.5 OK", Receipt.DELIVERED, "250 2.1.5", False),
    ],
)
def test_each_kind_of_report_does_what_it_says(row, action, status, diagnostic, receipt, code, denies):
    raw = bounce(action, status, diagnostic, reader=row.recipient.email)
    assert taken(raw, return_path(row)) == Taken.REPORT

    row.refresh_from_db()
    assert row.receipt == receipt
    event = ProviderEvent.objects.get()
    assert (event.code, event.denies_address) == (code, denies)


@pytest.mark.parametrize("action", ["relayed", "expanded", "", "dropped"])
def test_a_report_that_says_nothing_of_the_end_changes_nothing(row, action):
    assert taken(bounce(action), return_path(row)) == Taken.NOTHING
    assert not ProviderEvent.objects.exists()


def test_a_report_on_several_members_of_a_list_does_not_suppress_the_list(row):
    assert taken(bounce(recipients=2), return_path(row)) == Taken.REPORT
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED
    assert not Suppression.objects.exists()


def test_many_forged_refusals_of_one_mail_do_not_hold_the_send(row):
    for number in range(circuit_breaker.REFUSALS + 1):
        raw = bounce("failed", "5.7.1", "smtp; 554 5.7.1 refused by policy").replace(b"<report-1@", b"<r%d@" % number)
        assert taken(raw, return_path(row)) == Taken.REPORT

    row.send.refresh_from_db()
    assert row.send.state == Send.State.SENDING


def test_the_same_bounce_again_is_one_event(row):
    for _time in range(3):
        taken(bounce(), return_path(row))
    taken(b"Received: by another way\n" + bounce(), return_path(row))
    assert ProviderEvent.objects.count() == 1


def test_a_bounce_of_an_unknown_row_settles_it(row):
    Delivery.objects.filter(pk=row.pk).update(state=State.UNKNOWN)
    taken(bounce("failed", "5.7.1", "smtp; 550 5.7.1 no"), return_path(row))
    row.refresh_from_db()
    assert (row.state, row.receipt) == (State.ACCEPTED, Receipt.BOUNCED)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: reader@example.net\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on Monday.\n",
        b"From: reader@example.net\nSubject: Re: Libraries\n\nThank you!\n",
    ],
    ids=["a machine's answer", "a person's answer"],
)
def test_an_answer_is_no_bounce(row, raw):
    assert taken(raw, return_path(row)) == Taken.NOTHING
    assert not ProviderEvent.objects.exists()


def test_a_report_that_is_quoted_in_a_mail_is_not_the_mails_own(row):
    raw = b"From: reader@example.net\nContent-Type: message/rfc822\n\n" + bounce()
    assert taken(raw, return_path(row)) == Taken.NOTHING


# --- Complaints ---------------------------------------------------------------------------------------------


def quoting_the_return_path(row: Delivery, kind: str = "abuse") -> bytes:
    """Return a complaint that knows the envelope of a row's mail."""
    return complaint(kind, more=f"Original-Mail-From: <{return_path(row)}>\n")


def test_a_complaint_by_mail_changes_nothing_before_a_person_believes_it(row, root):
    assert taken(quoting_the_return_path(row)) == Taken.REPORT
    receipts.apply(at=NOON + timedelta(days=8))

    row.refresh_from_db()
    event = ProviderEvent.objects.for_a_person().get()
    assert (event.delivery_id, row.receipt) == (row.pk, Receipt.NONE)
    assert not Suppression.objects.exists() and not Membership.objects.exclude(left_at=None).exists()

    assert receipts.decide(event, believed=True, by=root, at=NOON)
    assert not receipts.decide(event, believed=False, by=root, at=NOON)

    row.refresh_from_db()
    event.refresh_from_db()
    assert (event.decision, event.processed_at, row.receipt) == ("believed", NOON, Receipt.COMPLAINED)
    assert Suppression.objects.get().reason == Suppression.Reason.COMPLAINT
    assert not Membership.objects.filter(recipient=row.recipient, left_at=None).exists()
    assert not Recipient.objects.wanting_bulletins().filter(pk=row.recipient_id).exists()
    assert AuditEntry.objects.get(verb="complaint.believed").actor == root


def test_a_complaint_that_a_person_dismisses_changes_nothing_however_often_it_comes(row, root):
    taken(quoting_the_return_path(row))
    assert receipts.decide(ProviderEvent.objects.get(), believed=False, by=root, at=NOON)
    assert taken(quoting_the_return_path(row)) == Taken.REPORT

    row.refresh_from_db()
    assert row.receipt == Receipt.NONE and not Suppression.objects.exists()
    assert not ProviderEvent.objects.for_a_person().exists()
    assert not Membership.objects.exclude(left_at=None).exists()


def test_a_complaint_about_mail_whose_reader_is_forgotten_is_decided_too(row, root):
    taken(quoting_the_return_path(row))
    Delivery.objects.filter(pk=row.pk).update(recipient=None)
    assert receipts.decide(ProviderEvent.objects.get(), believed=True, by=root, at=NOON)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("kind", ["opt-out", "opt-out-list"])
def test_opting_out_by_mail_waits_for_a_person_and_then_takes_off_without_suppressing(row, root, kind):
    assert taken(quoting_the_return_path(row, kind)) == Taken.REPORT
    receipts.apply(at=NOON + timedelta(days=8))

    event = ProviderEvent.objects.for_a_person().get()
    assert not Membership.objects.exclude(left_at=None).exists(), "anybody can write such a mail"

    assert receipts.decide(event, believed=True, by=root, at=NOON)
    assert not Membership.objects.filter(recipient=row.recipient, left_at=None).exists()
    assert not Suppression.objects.exists()


def test_feedback_that_it_was_no_spam_changes_nothing(row):
    assert taken(quoting_the_return_path(row, "not-spam")) == Taken.NOTHING
    assert not Suppression.objects.exists()


# --- Leaving by mail ------------------------------------------------------------------------------------------


def leave_address(row: Delivery) -> str:
    """Return the address in the List-Unsubscribe header of a row's mail."""
    return unsubscribe.unsubscribe_address(
        row.recipient_id, row.mailing_id, email=row.recipient.email, bounces="bounces@example.org"
    )


@pytest.mark.parametrize("where", ["envelope", "header"])
def test_a_mail_to_the_leave_address_takes_off(row, where):
    address = leave_address(row)
    raw = f"From: anybody@example.com\nTo: {address}\nSubject: unsubscribe\n\n".encode()
    if where == "envelope":
        raw = raw.replace(address.encode(), b"undisclosed-recipients:;")

    assert return_path_mails.take(raw, to=[address] if where == "envelope" else [], at=NOON) == Taken.LEFT

    assert Membership.objects.get(recipient=row.recipient).left_at == NOON
    assert Membership.objects.filter(left_at=None).count() == 1


def test_a_leave_address_that_is_not_ours_takes_nobody_off(row):
    address = leave_address(row).replace("leave-", "leave-9")
    assert return_path_mails.take(b"Subject: unsubscribe\n\n", to=[address], at=NOON) == Taken.NOTHING
    assert not Membership.objects.exclude(left_at=None).exists()


# --- What cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", b"no header here", b"x" * (return_path_mails.LARGEST + 1)],
    ids=["empty", "blank", "words", "too long"],
)
def test_what_is_no_mail_is_refused(raw, campaign):
    with pytest.raises(return_path_mails.Unreadable):
        return_path_mails.take(raw, at=NOON)


WHOLE = bounce(to="bounces+1.abc@example.org", message_id="<1.abc@example.org>") + complaint()
DEEP = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))


def spoilt(cuts: list[tuple[int, int, bytes]]) -> bytes:
    """Return WHOLE with some octets at each place exchanged for others."""
    raw = bytearray(WHOLE)
    for place, length, noise in cuts:
        raw[place : place + length] = noise
    return bytes(raw)


CUTS = st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=6)), max_size=8)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=600), CUTS.map(spoilt)))
@example(DEEP)
@example(WHOLE.replace(b"Status: 5", b"Status: \xff\x00\xed\xa0\x80"))
@example(WHOLE.replace(b"<1.abc@", b"<1.\x00\xff@"))
@example(b"Content-Type: multipart/report; boundary=\n\n--\n")
@example(WHOLE.replace(b"2026", b"99999999999"))
def test_no_mail_breaks_it(campaign, raw):
    try:
        assert return_path_mails.take(raw, at=NOON) in set(Taken)
    except return_path_mails.Unreadable:
        pass
    assert not ProviderEvent.objects.exclude(delivery=None).exists()


# --- The pipe ------------------------------------------------------------------------------------------------------


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes, *to: str) -> int:
    """Run the command on `raw`; return its exit status."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    try:
        call_command("receive_bounce", *to, stderr=io.StringIO())
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_pipe_takes_a_bounce(row, monkeypatch):
    assert pipe(monkeypatch, bounce("failed", "5.7.1", "smtp; 550 5.7.1 no"), return_path(row)) == 0
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED


def test_the_pipe_sends_back_what_cannot_be_read(campaign, monkeypatch):
    assert pipe(monkeypatch, b"") == 65


def test_the_pipe_asks_for_another_try_when_the_database_is_away(row, monkeypatch):
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(receipts, "take", away)
    assert pipe(monkeypatch, bounce(), return_path(row)) == 75


@pytest.mark.slow
def test_the_real_command_without_a_database_ends_with_75(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "SUPPRESSION_KEY": settings_of_django.SUPPRESSION_KEY,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    mark = verp.return_path(1, "bounces@example.org")
    ended = subprocess.run(
        [sys.executable, "manage.py", "receive_bounce", mark],
        input=bounce(message_id="<somebody@example.com>"),
        env=environment,
        capture_output=True,
    )
    assert ended.returncode == 75, ended.stderr.decode()


# --- The recipe in the documents ----------------------------------------------------------------------------------


def test_the_recipe_for_the_demo_bounces_the_mail_of_its_return_path_though_it_names_another_address(row, monkeypatch):
    recipe = (ROOT / "docs/operating/mail/bounces.md").read_text().partition("<<END\n")[2].partition("\nEND\n")[0]
    raw = recipe.replace("$path", return_path(row)).encode()

    assert b"Final-Recipient: rfc822; somebody@example.net" in raw
    assert pipe(monkeypatch, raw, return_path(row)) == 0
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED
    assert not Suppression.objects.exists()
