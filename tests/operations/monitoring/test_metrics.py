"""
What Prometheus is told: only with the token, by a constant number of queries, and also while the database is away.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import AuditCheck
from campaigns.models import Campaign
from delivery.models import (
    Delivery,
    Lease,
    ProviderEvent,
    Pulse,
    Recipient,
    Send,
    SingleMessageCount,
    WhatsAppTemplate,
    WhatsAppWindow,
)
from delivery.models.processes import LANE
from delivery.reports import ledger_counts
from delivery.sending import dispatch, worker
from operations.monitoring import health, metrics
from stories import waiting_counts
from stories.models import MunicipalityInvitation, Story, StoryJob
from stories.sending import story_steps
from tests.stories.contributions.scene import build_contribution, build_prompt
from tests.stories.sending.scene import build_invitation, build_municipality, build_sender, build_story, publish
from tests.support import builders
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, build_send

State = Delivery.State
TOKEN = "a-token-of-more-than-twenty-letters"
ALIVE = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}


def numbers(text: bytes) -> dict[tuple[str, ...], float]:
    """Return the metrics by name and the values of their labels."""
    return {
        (sample.name.removeprefix("bulletins_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.mark.django_db
def test_nobody_reads_them_without_the_token(client, settings):
    assert client.get("/metrics", **ALIVE).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for header in (
        {},
        {"HTTP_AUTHORIZATION": TOKEN},
        {"HTTP_AUTHORIZATION": "Bearer ä"},
        {"HTTP_AUTHORIZATION": "Bearer "},
    ):
        refused = client.get("/metrics", **header)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
        assert b"bulletins_" not in refused.content
    answer = client.get("/metrics", **ALIVE)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"] and not answer.cookies
    assert numbers(answer.content)["up",] == 1
    assert client.head("/metrics", **ALIVE).content == b""


def test_a_lane_tells_how_much_waits_and_since_when(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=30), at=NOON)
    due = build_send(
        build_audience(campaign, "other", size=1), build_mailing(campaign, "urgent-one", queue="urgent"), slot_at=NOON
    )
    at = NOON + timedelta(seconds=90)
    lane = send.mailing.queue

    before = numbers(metrics.text(at=at))
    assert before["queue_rows", lane] == 30
    assert (before["oldest_queued_seconds", lane], before["oldest_queued_seconds", "urgent"]) == (90, 90)
    assert (before["sends", "sending"], before["sends", "planned"]) == (1, 1)

    lease = Lease.objects.create(send=send, until=NOON + timedelta(seconds=1), worker="w")
    claimed = worker.claim(send, lease=lease.pk, at=NOON, size=10, mailer="exercise")
    keys = [row.delivery_id for row in claimed]
    Delivery.objects.filter(pk__in=keys[:4]).update(state=State.ACCEPTED, handed_off_at=at, lease=None)
    Delivery.objects.filter(pk__in=keys[4:6]).update(state=State.DEFERRED, handed_off_at=at, next_attempt_at=at)
    Delivery.objects.filter(pk__in=keys[6:7]).update(state=State.UNKNOWN, handed_off_at=at)
    Delivery.objects.filter(pk__in=keys[7:8]).update(
        state=State.ACCEPTED, handed_off_at=at - timedelta(hours=1), possible_duplicate=True
    )
    Send.objects.filter(pk=due.pk).update(state=Send.State.HELD, reason=dispatch.TOO_LATE)
    ledger_counts.count(at=at)

    after = numbers(metrics.text(at=at))
    assert after["queue_rows", lane] == 20
    assert {state: after["ledger_rows", lane, state] for state in State.values if after["ledger_rows", lane, state]} == {
        "accepted": 5, "deferred": 2, "unknown": 1, "claimed": 2,
    }  # fmt: skip
    recent = {state: after["recent_rows", lane, state] for state in ledger_counts.OUTCOMES}
    assert recent == {"accepted": 4, "deferred": 2, "unknown": 1, "failed": 0}
    assert after["possible_duplicates", lane] == 1
    assert (after["leases", lane], after["leases_late", lane]) == (1, 1)
    assert (after["sends_held", "late"], after["oldest_queued_seconds", "urgent"]) == (1, 0)


def test_signs_of_life_reports_and_backups_have_an_age(campaign):
    nothing = numbers(metrics.text(at=NOON))
    assert (
        nothing["tick_age_seconds",]
        == nothing["backup_age_seconds",]
        == nothing["webhook_age_seconds",]
        == float("inf")
    )
    Pulse.beat("tick", at=NOON - timedelta(seconds=12))
    Pulse.beat(metrics.BACKUP, at=NOON - timedelta(hours=30))
    Pulse.beat(f"{LANE}urgent", at=NOON - timedelta(minutes=6))
    AuditCheck.objects.create(pk=1, checked_at=NOON - timedelta(seconds=7), fault={"kind": "changed"})
    ProviderEvent.objects.create(
        provider="mailgun", event_id="1", kind="delivered", happened_at=NOON - timedelta(seconds=50),
        received_at=NOON - timedelta(seconds=40),
    )  # fmt: skip
    seen = numbers(metrics.text(at=NOON))
    assert (seen["tick_age_seconds",], seen["backup_age_seconds",]) == (12, 30 * 3600)
    assert (seen["worker_age_seconds", "urgent"], seen["worker_age_seconds", "digest"]) == (360, float("inf"))
    assert (seen["webhook_lag_seconds",], seen["webhook_age_seconds",]) == (10, 40)
    assert (seen["audit_fault",], seen["audit_checked_age_seconds",]) == (1, 7)
    assert (seen["webhook_waiting",], seen["webhook_waiting_seconds",]) == (1, 40)


def test_the_number_of_queries_does_not_grow_with_sends_and_reports(campaign, django_assert_num_queries):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            metrics.text(at=NOON)
        return len(captured)

    build_fanned_out_send(build_audience(campaign, size=2))
    few = queries()
    for number in range(4):
        build_fanned_out_send(
            build_audience(campaign, f"more-{number}", size=3), mailing=build_mailing(campaign, f"more-{number}")
        )
        ProviderEvent.objects.create(provider="mailgun", event_id=str(number), kind="delivered", happened_at=NOON)
    assert queries() == few <= 16
    assert Send.objects.count() == 5


def test_what_others_brought_and_stands_still_is_told_in_one_query(campaign, roles):
    town, hour = build_municipality(campaign), timedelta(hours=1)
    maija = build_sender(town)
    story_steps.send(build_story(town, by=maija, at=NOON), by=maija, at=NOON)
    build_contribution(build_prompt(campaign, at=NOON), at=NOON + hour)
    shown = publish(build_story(town, by=maija, at=NOON), by=builders.editor(), at=NOON)
    Story.objects.filter(pk=shown.pk).update(kind="video", captions_due=NOON.date() - timedelta(days=1))
    for name in ("unsent", "unanswered", "failed", "expired"):
        build_invitation(town, f"{name}@town.example", at=NOON)
    invited = MunicipalityInvitation.objects
    invited.filter(email__startswith="unanswered").update(sent_at=NOON)
    invited.filter(email__startswith="failed").update(given_up_at=NOON)
    invited.filter(email__startswith="expired").update(sent_at=NOON, given_up_at=NOON)
    StoryJob.objects.create(story=shown, kind="sizes", asked_at=NOON)
    ended = builders.build_campaign("ended")
    build_contribution(build_prompt(ended, at=NOON), at=NOON)
    Campaign.objects.filter(pk=ended.pk).update(closed_at=NOON)

    with CaptureQueriesContext(connection) as captured:
        list(metrics.story_work(NOON + 2 * hour))
    assert len(captured) == 1

    seen = numbers(metrics.text(at=NOON + 2 * hour))
    waiting = {kind: seen["desk_waiting", kind] for kind in waiting_counts.FOR_THE_DESK}
    assert waiting == {"story": 1, "contribution": 1, "course": 0, "way_to_help": 0, "subtitles": 1}
    assert (seen["desk_waiting_seconds", "story"], seen["desk_waiting_seconds", "contribution"]) == (7200, 3600)
    assert [seen["municipality_invitations", state] for state in waiting_counts.INVITATIONS] == [1, 1, 1]
    assert (seen["municipality_invitations_unsent_seconds",], seen["story_jobs_waiting_seconds",]) == (7200, 7200)


@pytest.mark.django_db
def test_while_the_database_is_away_it_says_so_and_tells_what_it_knows(monkeypatch, client, settings):
    def fails(at):
        raise DatabaseError
        yield

    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(metrics, "OF_THE_DATABASE", (*metrics.OF_THE_DATABASE, fails))
    answer = client.get("/metrics", **ALIVE)
    seen = numbers(answer.content)
    assert answer.status_code == 200 and seen["up",] == 0 and seen["disk_free_bytes",] > 0
    assert ("queue_rows", "urgent") not in seen

    # A process whose thread has seen it does not even ask.
    monkeypatch.setattr(metrics, "OF_THE_DATABASE", metrics.OF_THE_DATABASE[:-1])
    with CaptureQueriesContext(connection) as captured:
        away = client.get("/metrics", **ALIVE, **{health.AWAY: True})
        late = client.get("/metrics", **ALIVE, **{health.LOOKED: 1.5})
    assert numbers(away.content)["up",] == numbers(late.content)["up",] == 0 and len(captured) == 0


def test_the_ledger_is_counted_by_the_tick(campaign):
    from config.tick import STEPS

    assert ledger_counts.count in STEPS
    build_fanned_out_send(build_audience(campaign, size=2), at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        ledger_counts.count(at=timezone.now())
    assert len(captured) <= 6


def build_one(campaign, n, *, at):
    """Return a send to two people that is under way."""
    return build_fanned_out_send(
        build_audience(campaign, f"a{n}", size=2), mailing=build_mailing(campaign, f"m{n}"), at=at
    )


def test_of_sends_that_nobody_works_on_one_is_counted_anew_each_time(campaign):
    at = timezone.now()
    sends = [build_one(campaign, n, at=at) for n in range(3)]
    for send in sends:
        Send.objects.filter(pk=send.pk).update(claimed_up_to=send.last_delivery)
    assert ledger_counts.count(at=at + timedelta(seconds=1))["bulletin"].states["queued"] == 6
    Delivery.objects.update(state="failed")

    counted = [
        ledger_counts.count(at=at + timedelta(minutes=n))["bulletin"].states["failed"] for n in (1, 61, 62, 63, 64)
    ]

    assert counted == [0, 2, 4, 6, 6]


def test_a_send_that_a_worker_took_up_is_counted_anew(campaign):
    at = timezone.now()
    idle, busy = [build_one(campaign, n, at=at) for n in range(2)]
    for send in (idle, busy):
        Send.objects.filter(pk=send.pk).update(claimed_up_to=send.last_delivery)
    ledger_counts.count(at=at + timedelta(seconds=1))
    Delivery.objects.update(state="accepted")
    Send.objects.filter(pk=busy.pk).update(served_at=at + timedelta(minutes=1))

    assert ledger_counts.count(at=at + timedelta(minutes=2))["bulletin"].states["accepted"] == 2
    Lease.objects.create(send=idle, until=at + timedelta(hours=1))
    assert ledger_counts.count(at=at + timedelta(minutes=3))["bulletin"].states["accepted"] == 4


def test_each_channel_tells_what_became_of_its_messages(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=3), at=NOON)
    Send.objects.filter(pk=send.pk).update(channel="whatsapp")
    lease = Lease.objects.create(send=send, until=NOON + timedelta(minutes=1), worker="w")
    keys = [row.delivery_id for row in worker.claim(send, lease=lease.pk, at=NOON, size=3, mailer="exercise")]
    for key, state in zip(keys, (State.ACCEPTED, State.FAILED, State.UNKNOWN), strict=True):
        Delivery.objects.filter(pk=key).update(state=state, handed_off_at=NOON)
    ledger_counts.count(at=NOON)
    for moment, is_exercise in ((NOON, False), (NOON - timedelta(hours=3), False), (NOON, True)):
        SingleMessageCount.count("sms", "staff", State.FAILED, 2, is_exercise=is_exercise, at=moment)
    for use, status in (("words", "PAUSED"), ("seen", "APPROVED")):
        WhatsAppTemplate.objects.create(use=use, language="fi", name=use, code="fi", status=status)
    WhatsAppWindow.objects.create(recipient=Recipient.objects.first(), wrote_at=NOON - timedelta(hours=23))

    seen = numbers(metrics.text(at=NOON))

    of_whatsapp = {state: seen["channel_recent_rows", "whatsapp", state] for state in ledger_counts.OUTCOMES}
    assert of_whatsapp == {State.ACCEPTED: 1, State.FAILED: 1, State.DEFERRED: 0, State.UNKNOWN: 1}
    assert seen["channel_recent_rows", "mail", "accepted"] == 0
    assert {key: value for key, value in seen.items() if key[0] == "single_messages" and value} == {
        ("single_messages", "sms", "staff", "failed"): 1
    }
    assert (seen["whatsapp_templates", "PAUSED"], seen["whatsapp_templates", "REJECTED"]) == (1, 0)
    assert seen["whatsapp_windows",] == 1
    assert numbers(metrics.text(at=NOON + timedelta(hours=2)))["whatsapp_windows",] == 0
