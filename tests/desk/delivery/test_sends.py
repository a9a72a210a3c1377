"""What staff see of a send and do about it."""

import csv
import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from delivery.models import Delivery, MailerLimit, Recipient, Send
from delivery.sending import unknown_outcomes
from delivery.transports import failover
from tests.support import builders
from tests.support.builders import states_of

State = Delivery.State


def at(name: str, *args: Any) -> str:
    """Return the address of one of a send's pages."""
    return reverse(f"admin:delivery_send_{name}", args=args)


def said(answer: Any) -> str:
    """Return what the desk said."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def words(answer: Any) -> str:
    """Return the page, with one space where lines break."""
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def put(send: Send, first: int, last: int, **fields: Any) -> list[int]:
    """Write to the rows from the `first` to before the `last` one, and return their keys."""
    keys = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)[first:last])
    Delivery.objects.filter(pk__in=keys).update(**fields)
    return keys


@pytest.fixture
def send(campaign: Any, noon: datetime) -> Send:
    """A send under way to six people: one accepted, two in doubt, one set aside, two to go."""
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=6), at=noon - timedelta(minutes=5))
    before = noon - timedelta(seconds=30)
    put(send, 0, 1, state=State.ACCEPTED, code="250", finished_at=before)
    put(send, 1, 3, state=State.UNKNOWN, detail="<b>No reply</b>", finished_at=before, handed_off_at=before)
    put(send, 3, 4, state=State.FAILED, code=Delivery.QUARANTINED, crashes=3, finished_at=before)
    return send


# --- Looking ---------------------------------------------------------------------------------------


def test_rows_in_doubt_are_listed_with_what_can_be_done(send: Send, oskar: User, signed_in: Any) -> None:
    page = words(signed_in(oskar).get(at("change", send.pk)))

    for how in ("sent", "again", "not_sent", "retry"):
        assert at("resolve", send.pk, how) in page
    assert "&lt;b&gt;No reply&lt;/b&gt;" in page and "<b>No reply" not in page
    assert "style=" not in page.split('class="cb"', 1)[1].split("</main>")[0]


def test_who_may_not_see_people_sees_codes(send: Send, oskar: User, root: User, signed_in: Any) -> None:
    pages = [at("ledger", send.pk), at("resolve", send.pk, "again")]
    person = Recipient.objects.get(pk=Delivery.objects.of(send).filter(state=State.UNKNOWN).earliest("pk").recipient_id)

    for url in pages:
        theirs, hers = words(signed_in(oskar).get(url)), words(signed_in(root).get(url))
        assert person.name not in theirs and person.email not in theirs and person.address_hash[:12] in theirs
        assert person.name in hers


def test_who_only_reads_gets_no_buttons(send: Send, fiona: User, signed_in: Any) -> None:
    page = words(signed_in(fiona).get(at("change", send.pk)))

    assert "No reply" in page
    for name, *args in (("resolve", "again"), ("step", "pause"), ("cancel",), ("deadline",), ("record",)):
        assert at(name, send.pk, *args) not in page


def test_the_page_costs_the_same_however_many_rows_and_steps(
    send: Send, campaign: Any, root: User, signed_in: Any, noon: datetime
) -> None:
    client = signed_in(root)
    audience = builders.build_audience(campaign, "large", size=300)
    large = builders.build_fanned_out_send(
        audience, mailing=builders.build_mailing(campaign, "mailing-2"), at=noon - timedelta(minutes=5)
    )
    put(large, 0, 150, state=State.UNKNOWN, finished_at=noon)
    put(large, 150, 280, state=State.FAILED, code=Delivery.QUARANTINED, finished_at=noon)
    for number in range(280, 300):
        put(large, number, number + 1, state=State.FAILED, code=f"5{number} 5.7.1", detail=f"No {number}")
    for one, steps in ((send, 1), (large, 15)):
        for _step in range(steps):
            unknown_outcomes.resolve(one, "sent", by=root, at=noon, rows=put(one, 1, 2, state=State.UNKNOWN))

    def cost(one: Send, name: str) -> int:
        client.get(at(name, one.pk))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(at(name, one.pk)).status_code == 200
        return len(queries)

    for name in ("ledger", "change"):
        assert cost(send, name) == cost(large, name) <= 22


def test_the_page_stops_asking_when_the_send_is_over(send: Send, oskar: User, signed_in: Any, noon: datetime) -> None:
    client = signed_in(oskar)
    assert client.get(at("ledger", send.pk)).status_code == 200
    asks = f'hx-get="{at("ledger", send.pk)}"'
    assert asks in words(client.get(at("change", send.pk)))

    send.cancel()  # the window in the air has not ended
    assert client.get(at("ledger", send.pk)).status_code == 200
    Send.objects.filter(pk=send.pk).update(finished_at=noon)

    assert client.get(at("ledger", send.pk)).status_code == 286
    assert asks not in words(client.get(at("change", send.pk)))


def test_a_send_whose_first_part_is_out_says_when_the_others_follow(
    send: Send, oskar: User, signed_in: Any, noon: datetime
) -> None:
    last = Delivery.objects.of(send).order_by("pk")[3].pk
    Send.objects.filter(pk=send.pk).update(canary_up_to=last, canary_until=noon + timedelta(minutes=10))
    client = signed_in(oskar)
    assert "The first 4 people get it now. The others follow at 12:10" in words(client.get(at("ledger", send.pk)))

    Send.objects.filter(pk=send.pk).update(canary_until=noon - timedelta(minutes=1))
    assert "Only the first 4 people get it so far" in words(client.get(at("ledger", send.pk)))


def test_a_send_that_stands_still_says_so(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    assert "Nothing has been sent for a minute" not in words(client.get(at("ledger", send.pk)))

    Delivery.objects.of(send).update(finished_at=None)

    assert "Nothing has been sent for a minute" in words(client.get(at("ledger", send.pk)))


def test_a_send_that_a_person_just_let_go_on_does_not_stand_still(
    send: Send, oskar: User, root: User, signed_in: Any, noon: datetime
) -> None:
    Delivery.objects.of(send).update(finished_at=None)
    send.hold("dear")
    signed_in(root).post(at("step", send.pk, "release"))
    send.refresh_from_db()
    assert send.state == Send.State.SENDING
    client = signed_in(oskar)
    assert "Nothing has been sent for a minute" not in words(client.get(at("ledger", send.pk)))

    LogEntry.objects.update(action_time=noon - timedelta(minutes=2))

    assert "Nothing has been sent for a minute" in words(client.get(at("ledger", send.pk)))


def test_what_came_back_of_the_accepted_is_told(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    assert "Of the accepted" not in words(client.get(at("ledger", send.pk)))

    put(send, 0, 1, receipt=Delivery.Receipt.BOUNCED)

    assert "Of the accepted: 1 bounced." in words(client.get(at("ledger", send.pk)))


def test_a_cancelled_send_is_stopped_and_not_done(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    assert "66% done" in words(client.get(at("ledger", send.pk)))

    send.cancel()
    put(send, 4, 6, state=State.EXPIRED)

    page = words(client.get(at("ledger", send.pk)))
    assert "Stopped: 1 of 6 people got it." in page and "% done" not in page
    put(send, 0, 1, receipt=Delivery.Receipt.BOUNCED)
    assert "Stopped: 0 of 6 people got it." in words(client.get(at("ledger", send.pk)))


def test_the_limit_that_holds_a_send_back_is_told_while_it_is_under_way(
    send: Send, oskar: User, signed_in: Any
) -> None:
    MailerLimit.objects.create(mailer=failover.expected_mailer(send.mailing.campaign), per_second=5)
    client = signed_in(oskar)
    assert "Most messages a second: 5." in words(client.get(at("ledger", send.pk)))

    send.pause()

    assert "Most messages a second" not in words(client.get(at("ledger", send.pk)))


def test_the_forms_say_what_their_numbers_do(root: User, campaign: Any, signed_in: Any) -> None:
    client = signed_in(root)

    assert "for example 50 100 200 500" in words(client.get(reverse("admin:delivery_mailerlimit_add")))
    page = words(client.get(reverse("admin:delivery_audience_add")))
    assert "everyone at once" in page and "nobody is left out" in page and "from the start of the send" in page


@pytest.mark.slow
def test_a_phone_shows_every_number_without_scrolling_sideways(
    send: Send, root: User, browse_as: Any, live_site: str
) -> None:
    page = browse_as(root)
    for name, *args in (("change",), ("resolve", "again")):
        page.goto(live_site + reverse(f"admin:delivery_send_{name}", args=[send.pk, *args]))
        for table in page.locator(".scroller").all():
            assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
        assert page.locator(".said").first.is_visible()


def test_the_page_says_who_did_what(send: Send, oskar: User, root: User, signed_in: Any) -> None:
    signed_in(oskar).post(at("step", send.pk, "pause"))
    signed_in(root).post(at("step", send.pk, "resume"))
    signed_in(root).post(at("record", send.pk)).getvalue()

    steps = signed_in(oskar).get(at("ledger", send.pk)).context["steps"]

    assert [(entry.user, what) for entry, what in steps] == [
        (root, "Downloaded the record, with addresses"),
        (root, "Resumed"),
        (oskar, "Paused"),
    ]


def test_the_rows_of_a_send_are_found_by_their_keys(send: Send, root: User, campaign: Any, signed_in: Any) -> None:
    audience = builders.build_audience(campaign, "others", size=2)
    builders.build_fanned_out_send(audience, mailing=builders.build_mailing(campaign, "mailing-2"))
    url = f"{reverse('admin:delivery_delivery_changelist')}?send__id__exact={send.pk}"

    with CaptureQueriesContext(connection) as queries:
        answer = signed_in(root).get(url)

    assert answer.context["cl"].result_count == 6
    asked = [query["sql"] for query in queries if 'FROM "delivery_delivery"' in query["sql"]]
    assert asked and all("BETWEEN" in sql for sql in asked)
    narrowed = signed_in(root).get(f"{url}&state__exact=failed&code={Delivery.QUARANTINED}")
    assert narrowed.context["cl"].result_count == 1


# --- Cancelling ------------------------------------------------------------------------------------


def test_cancelling_is_asked_about_first(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)

    page = client.get(at("cancel", send.pk))

    assert Send.objects.get().state == "sending"
    assert "2 messages have not been sent, and never will" in words(page) and at("step", send.pk, "cancel") in words(
        page
    )
    client.post(at("step", send.pk, "cancel"))
    assert Send.objects.get().state == "cancelled"
    assert "Cancel permanently" not in words(client.get(at("cancel", send.pk)))


# --- Send by ---------------------------------------------------------------------------------------


def test_a_deadline_is_in_the_campaigns_time(send: Send, oskar: User, signed_in: Any, noon: datetime) -> None:
    client = signed_in(oskar)

    client.post(at("deadline", send.pk), {"deadline": "2026-03-25T14:30"})

    assert Send.objects.get().deadline == noon + timedelta(hours=2, minutes=30)
    page = words(client.get(at("change", send.pk)))
    assert 'value="2026-03-25T14:30"' in page and "In 2\xa0hours, 30\xa0minutes." in page
    client.post(at("deadline", send.pk), {"deadline": "2026-03-25T14:30", "clear": "1"})
    assert Send.objects.get().deadline is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2026-03-25T11:59", "that time has passed"),
        ("soon", "Not a valid day and time"),
        ("", "Choose a day and a time"),
        ("2026-03-29T03:30", "interpreted"),  # the clocks go forward over it
    ],
)
def test_a_deadline_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    typed: str, why: str, send: Send, oskar: User, signed_in: Any
) -> None:
    answer = signed_in(oskar).post(at("deadline", send.pk), {"deadline": typed})

    assert answer.status_code == 422
    assert why in words(answer) and (not typed or f'value="{typed}"' in words(answer))
    assert Send.objects.get().deadline is None


def test_a_send_that_is_over_has_no_deadline_to_set(send: Send, oskar: User, signed_in: Any) -> None:
    Send.objects.update(state="finished")
    client = signed_in(oskar)

    assert at("deadline", send.pk) not in words(client.get(at("change", send.pk)))
    for data in ({"deadline": "2026-03-25T14:30"}, {"clear": "1"}):
        answer = client.post(at("deadline", send.pk), data)
        assert "this send has ended" in said(answer)
    assert Send.objects.get().deadline is None


# --- Settling what is in doubt ---------------------------------------------------------------------


def asked(client: Any, send: Send, how: str) -> dict[str, str]:
    """Open the page that asks, and return what its form holds besides the rows."""
    return {"seen": client.get(at("resolve", send.pk, how)).context["seen"]}


def test_opening_the_page_that_asks_changes_nothing(send: Send, oskar: User, signed_in: Any) -> None:
    before = states_of(send)
    for how in ("sent", "again", "not_sent", "retry"):
        assert signed_in(oskar).get(at("resolve", send.pk, how)).status_code == 200

    assert states_of(send) == before


def test_the_ticked_rows_are_sent_again(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    chosen, other = put(send, 1, 3)
    form = asked(client, send, "again")

    answer = client.post(at("resolve", send.pk, "again"), {**form, "row": [chosen]})

    assert "1 row queued to go again" in said(answer)
    row = Delivery.objects.get(pk=chosen)
    assert (row.state, row.possible_duplicate) == (State.QUEUED, True)
    assert Delivery.objects.get(pk=other).state == State.UNKNOWN
    assert LogEntry.objects.get().change_message == "again:1"


@pytest.mark.parametrize(("how", "state"), [("sent", "accepted"), ("not_sent", "failed"), ("again", "queued")])
def test_all_unknown_rows_are_settled_at_once(how: str, state: str, send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    before = states_of(send).get(state, 0)

    client.post(at("resolve", send.pk, how), {**asked(client, send, how), "which": "all"})

    assert states_of(send).get(state, 0) == before + 2
    assert "unknown" not in states_of(send)


def test_what_nobody_has_seen_is_not_sent_again(
    send: Send, oskar: User, signed_in: Any, noon: datetime, monkeypatch: Any
) -> None:
    from django.utils import timezone

    client = signed_in(oskar)
    form = asked(client, send, "again")
    later = noon + timedelta(minutes=1)
    (unseen,) = put(send, 4, 5, state=State.UNKNOWN, finished_at=later)
    monkeypatch.setattr(timezone, "now", lambda: later)

    client.post(at("resolve", send.pk, "again"), {**form, "which": "all"})

    assert list(Delivery.objects.of(send).filter(state=State.UNKNOWN).values_list("pk", flat=True)) == [unseen]


def test_more_rows_than_a_page_holds_can_be_settled_together(
    campaign: Any, oskar: User, signed_in: Any, noon: datetime
) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=130))
    put(send, 0, 130, state=State.UNKNOWN, finished_at=noon)
    client = signed_in(oskar)
    page = client.get(at("resolve", send.pk, "sent"))

    assert len(page.context["rows"]) == 100 and "All 130, also those not shown" in words(page)
    client.post(at("resolve", send.pk, "sent"), {"seen": page.context["seen"], "which": "all"})

    assert states_of(send) == {"accepted": 130}


@pytest.mark.parametrize("data", [{}, {"row": ["x"]}, {"which": "all", "seen": "never"}, {"which": "all", "seen": ""}])
def test_nothing_changes_when_nothing_is_chosen(data: Any, send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    before = states_of(send)

    answer = client.post(at("resolve", send.pk, "again"), {**asked(client, send, "again"), **data})

    assert "Nothing changed" in said(answer)
    assert states_of(send) == before and not LogEntry.objects.exists()


def test_a_row_that_was_settled_meanwhile_is_told(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    rows = put(send, 1, 3)
    form = asked(client, send, "again")
    Delivery.objects.filter(pk=rows[0]).update(state=State.ACCEPTED, receipt=Delivery.Receipt.DELIVERED)

    answer = client.post(at("resolve", send.pk, "again"), {**form, "row": rows})

    assert "1 row queued to go again" in said(answer) and "settled in the meantime" in said(answer)
    assert Delivery.objects.get(pk=rows[0]).state == State.ACCEPTED


def test_of_a_cancelled_send_nothing_goes_again_and_the_page_says_why(send: Send, oskar: User, signed_in: Any) -> None:
    client = signed_in(oskar)
    form = asked(client, send, "again")
    send.cancel()
    before = states_of(send)

    page = words(client.get(at("resolve", send.pk, "again")))
    assert "this send is cancelled" in page and "Send them again" not in page
    answer = client.post(at("resolve", send.pk, "again"), {**form, "which": "all"})

    assert "this send is cancelled" in said(answer)
    assert states_of(send) == before


@pytest.mark.parametrize("unknown", [True, False])
def test_what_would_be_refused_is_not_offered_and_the_page_says_why_once(
    unknown: bool, send: Send, oskar: User, signed_in: Any
) -> None:
    if not unknown:
        put(send, 1, 3, state=State.ACCEPTED)
    send.cancel()

    page = words(signed_in(oskar).get(at("change", send.pk)))

    assert at("resolve", send.pk, "again") not in page and at("resolve", send.pk, "retry") not in page
    assert (at("resolve", send.pk, "sent") in page) is unknown
    assert page.count("Not sent again: this send is cancelled") == 1


def test_only_who_controls_sends_may_settle_or_steer(send: Send, fiona: User, liisa: User, signed_in: Any) -> None:
    before = states_of(send)
    for who in (fiona, liisa):
        client = signed_in(who)
        for name, *args in (("resolve", "again"), ("cancel",)):
            assert client.get(at(name, send.pk, *args)).status_code == 403
        for name, *args in (("resolve", "again"), ("deadline",), ("record",)):
            assert client.post(at(name, send.pk, *args), {"which": "all", "clear": "1"}).status_code == 403

    assert states_of(send) == before and not LogEntry.objects.exists()


def test_an_answer_that_does_not_exist_is_not_found(send: Send, oskar: User, signed_in: Any) -> None:
    assert signed_in(oskar).get(at("resolve", send.pk, "maybe")).status_code == 404
    assert signed_in(oskar).get(at("resolve", send.pk + 1, "again")).status_code == 404


# --- The record ------------------------------------------------------------------------------------


def test_the_record_is_a_file_and_it_is_written_down_who_took_it(send: Send, root: User, signed_in: Any) -> None:
    answer = signed_in(root).post(at("record", send.pk))

    assert answer.streaming
    assert answer.headers["Content-Disposition"] == f'attachment; filename="send-{send.pk}-2026-03-25.csv"'
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    lines = list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
    assert len(lines) == 6 and "@" in lines[0]["recipient"]
    assert LogEntry.objects.get().user == root


def test_the_record_is_for_those_who_steer_sends_or_may_see_rows(
    send: Send, oskar: User, fiona: User, signed_in: Any, give: Any
) -> None:
    assert signed_in(fiona).post(at("record", send.pk)).status_code == 403
    assert not LogEntry.objects.exists()

    for user in (oskar, give(fiona, "view_delivery")):
        answer = signed_in(user).post(at("record", send.pk))
        assert "@" not in answer.getvalue().decode()


@pytest.fixture
def give() -> Any:
    """Return a function that gives a user one permission more."""

    def give_to(user: User, codename: str) -> User:
        from django.contrib.auth.models import Permission

        user.user_permissions.add(Permission.objects.get(codename=codename))
        return User.objects.get(pk=user.pk)

    return give_to


def test_the_record_is_not_taken_by_following_a_link(send: Send, root: User, signed_in: Any) -> None:
    assert signed_in(root).get(at("record", send.pk)).status_code == 405
    assert not LogEntry.objects.exists()
