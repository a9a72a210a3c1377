"""What the desk's pages take when years of mail lie behind them, and what a tenth of that takes."""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from .desk import addresses, client_of, measured

ROWS = 2_000_000
SENDS = 10  # of each filling; the last is under way
ROUNDS = 6
RETENTION_SECONDS = 5
# Per row of the ledger: events of providers and entries of the audit log; there is a recipient for each send's row.
FILLS = (
    """
    INSERT INTO delivery_recipient (email, address_hash, name, language, state, created_at)
    SELECT 'reader' || n || '@example.net', md5(n::text) || md5('b' || n::text), '', (array['fi', 'sv', 'en'])[n %% 3 + 1], 'active', %(at)s
    FROM generate_series(%(first)s, %(last)s) AS n
    """,
    """
    INSERT INTO delivery_consent (recipient_id, purpose, text_version, language, source, given_at, confirmed_at)
    SELECT id, 'digest', 'v1', language, 'page', %(at)s, %(at)s FROM delivery_recipient WHERE id > %(recipients)s
    """,
    """
    INSERT INTO delivery_membership (audience_id, recipient_id, joined_at, reason, left_because)
    SELECT %(audience)s, id, %(at)s, 'subscribed', '' FROM delivery_recipient WHERE id > %(recipients)s
    """,
    """
    INSERT INTO delivery_subscription (recipient_id, campaign_id, audience_id, topics_id, told_topics_id, language, since, cursor,
                                       subscribed_at)
    SELECT id, %(campaign)s, %(audience)s, %(topics)s, %(topics)s, language, 0, 0, %(at)s
    FROM delivery_recipient WHERE id > %(recipients)s
    """,
    """
    INSERT INTO delivery_suppression (address_hash, reason, since, note)
    SELECT md5('s' || n::text) || md5(n::text), 'complaint', %(at)s, '' FROM generate_series(%(first)s, %(last)s, 20) AS n
    """,
    """
    INSERT INTO delivery_providerevent (provider, event_id, kind, message_id, code, happened_at, received_at, processed_at,
                                        decision, denies_address)
    SELECT 'mailgun', 'event-' || n, 'delivered', 'message-' || n, '250', %(at)s, %(at)s, %(at)s, '', FALSE
    FROM generate_series(%(first)s::bigint * 5, %(last)s::bigint * 5 + 4) AS n
    """,
    """
    INSERT INTO accounts_auditentry (at, verb, subject_type, subject_id, subject, digest, detail)
    SELECT %(at)s - (%(last)s - n) * interval '1 second', 'subscription.stopped', 'delivery.subscription', n::text, n::text, '', '{}'
    FROM generate_series(%(first)s, %(last)s, 2) AS n
    """,
    """
    INSERT INTO accounts_auditseal (number, entry_id, sealed_at, digest, mac, key_id)
    SELECT coalesce((SELECT max(number) FROM accounts_auditseal), 0) + row_number() OVER (ORDER BY id), id, at, '', '', ''
    FROM accounts_auditentry WHERE id NOT IN (SELECT entry_id FROM accounts_auditseal)
    """,
    """
    INSERT INTO notifications_notice (kind, campaign_id, path, text, at, attempts, next_attempt_at, sent_at)
    SELECT 'sign_up', %(campaign)s, '', '', %(at)s, 1, %(at)s, %(at)s FROM generate_series(%(first)s, %(last)s, 10) AS n
    """,
)
# Of these there is one more, like the first, for each hundredth send's row.
COPIED = ("questions.Question", "influencers.ThreadMessage")
LEDGER = """
INSERT INTO delivery_delivery (send_id, mailing_id, recipient_id, language, state, attempts, crashes, code, detail, provider_id,
                               possible_duplicate, receipt, handed_off_at, finished_at)
SELECT %(send)s, %(mailing)s, id, language,
       CASE WHEN %(under_way)s AND id %% 2 = 0 THEN 'queued' WHEN id %% 500 = 0 THEN 'failed' ELSE 'accepted' END,
       1, 0, '250', '', '', FALSE, 0, %(at)s, %(at)s
FROM delivery_recipient WHERE id > %(recipients)s ORDER BY id
"""


def growth(rows: int) -> dict[str, Any]:
    """
    Time every list and page of the desk, and Today, beside a tenth of `rows` in the ledger and beside all of them, with
    subscribers, consents, reports of providers and audit entries in proportion.

    `worst_p95_ms` is the slowest page's 95th percentile, `ratio` what the slowest took against a tenth of the rows. `today_p95_ms`
    is the part of Today that its viewers ask for every five seconds. `count_s` is what the counting beside it took, once.
    `retention` says how many rows a second its two large rules let go, and how long their longest step took.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        raise SystemExit("Not measured: this bench fills PostgreSQL; leave out --embedded.")
    desk = Desk()
    desk.fill(rows // 10)
    few = desk.times()
    began = time.monotonic()
    desk.fill(rows - rows // 10)
    filled = time.monotonic() - began
    many = desk.times()
    worst = max(many, key=lambda name: many[name]["p95_ms"])
    before = max(page["p95_ms"] for page in few.values())
    order = sorted(many, key=lambda name: -many[name]["p95_ms"])
    return {
        "rows": rows,
        "pages": len(many),
        "worst": worst,
        "worst_p95_ms": many[worst]["p95_ms"],
        "today_p95_ms": many["today's part"]["p95_ms"],
        "ratio": round(many[worst]["p95_ms"] / before, 2),
        "count_s": desk.count_s,
        "retention": desk.retention(),
        "fill_s": round(filled),
        "slowest": {name: [few[name]["p95_ms"], many[name]["p95_ms"]] for name in order[:8]},
        "grown": {
            name: [few[name]["p50_ms"], many[name]["p50_ms"]]
            for name in order
            if many[name]["p50_ms"] > 1.3 * few[name]["p50_ms"] + 5
        },
    }


class Desk:
    """A desk with a row of everything, and someone who may see all of it."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.utils import timezone

        from accounts.access import permissions
        from accounts.models import User
        from delivery.models import TopicSet
        from tests.desk.scene import fill
        from tests.support import builders

        call_command("collectstatic", interactive=False, verbosity=0)
        permissions.sync()
        self.at = timezone.now()
        self.campaign = builders.build_campaign()
        fill(self.campaign, 1, noon=self.at)
        fill(self.campaign, 2, noon=self.at)
        builders.build_recipients(1, prefix="somebody-")
        self.audience = builders.build_audience(self.campaign, "everybody", kind="digest", cadence="day", tier=None)
        self.topics = TopicSet.objects.get_or_create(key="")[0]
        self.boss = User.objects.create_superuser("boss@example.org", name="Boss")
        self.client = client_of(self.boss)
        self.filled = 0
        self.count_s = 0.0

    def fill(self, rows: int) -> None:
        """Add `rows` to the ledger, and what goes with them to the other tables."""
        from django.db import connection
        from django.db.models import Max

        from delivery.models import Recipient

        number = rows // SENDS
        key = {
            "at": self.at,
            "first": self.filled + 1,
            "last": self.filled + number,
            "recipients": Recipient.objects.aggregate(last=Max("pk"))["last"],
            "campaign": self.campaign.pk,
            "audience": self.audience.pk,
            "topics": self.topics.pk,
        }
        self.filled += number
        with connection.cursor() as cursor:
            cursor.execute(
                "SET session_replication_role = replica"
            )  # what is written here need not be checked row by row
            for statement in FILLS:
                cursor.execute(statement, key)
            for label in COPIED:
                self.copy(cursor, label, number // 100)
            for one in range(SENDS):
                self.write_send(cursor, key, one)
                print(f"{one + 1} of {SENDS} sends written", file=sys.stderr, flush=True)
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")

    def copy(self, cursor: Any, label: str, number: int) -> None:
        """Add `number` rows like the first of a model."""
        from django.apps import apps

        model = apps.get_model(label)
        columns = ", ".join(field.column for field in model._meta.concrete_fields if not field.primary_key)
        table = model._meta.db_table
        first = f"(SELECT min(id) FROM {table})"  # noqa: S608  names of ours
        rows = f"SELECT {columns} FROM {table}, generate_series(1, %s) WHERE id = {first}"  # noqa: S608
        cursor.execute(f"INSERT INTO {table} ({columns}) {rows}", [number])

    def write_send(self, cursor: Any, key: dict[str, Any], number: int) -> None:
        """Write a send to everybody: most of the sends ended days ago, two today, and the last is half done."""
        from django.db.models import Max

        from delivery.models import Delivery, Mailing, Send

        under_way = number == SENDS - 1
        at = self.at - timedelta(days=SENDS - number if number < SENDS - 3 else 0, minutes=SENDS - number)
        mailing = Mailing.objects.create(campaign=self.campaign, key=f"digest-{key['first']}-{number}", is_digest=True)
        before = Delivery.objects.aggregate(last=Max("pk"))["last"] or 0
        send = Send.objects.create(
            mailing=mailing,
            audience=self.audience,
            slot_key=f"{key['first']}-{number}",
            slot_at=at,
            state="sending" if under_way else "finished",
            fanned_out_at=at,
            served_at=at,
            finished_at=None if under_way else at + timedelta(minutes=1),
        )
        cursor.execute(LEDGER, {**key, "at": at, "send": send.pk, "mailing": mailing.pk, "under_way": under_way})
        last = Delivery.objects.aggregate(last=Max("pk"))["last"]
        Send.objects.filter(pk=send.pk).update(
            first_delivery=before + 1, last_delivery=last, claimed_up_to=last, candidates=last - before
        )

    def times(self) -> dict[str, dict[str, float]]:
        """Return what each page takes, when what is counted beside the pages has been."""
        from django.utils import timezone

        from delivery.reports import kept_counts

        began = time.monotonic()
        while kept_counts.count_large(at=timezone.now()):
            pass
        self.count_s = round(time.monotonic() - began, 1)
        return {name: measured(self.client, url, rounds=ROUNDS) for name, url in self.pages()}

    def retention(self) -> dict[str, float]:
        """Let the two large rules work for some seconds on what is old enough, years from now."""
        from accounts.privacy import retention
        from delivery import personal_data

        later = self.at + timedelta(days=3000)
        found = {}
        for kind, rows in (("provider_events", 1), ("deliveries", personal_data.ROWS_AT_ONCE)):
            forget = retention.rule(kind).forget
            assert forget is not None
            done, longest, began = 0, 0.0, time.monotonic()
            while time.monotonic() - began < RETENTION_SECONDS:
                step = time.monotonic()
                done += rows * forget(later)
                longest = max(longest, time.monotonic() - step)
            found[f"{kind}_a_second"] = round(done / (time.monotonic() - began))
            found[f"{kind}_longest_s"] = round(longest, 2)
        return found

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield (name, address) of what a bench of the desk asks for, the newest row of every list, and searches in long ones."""
        from django.contrib import admin
        from django.test import RequestFactory
        from django.urls import reverse

        from bulletins.models import Bulletin

        request = RequestFactory().get("/")
        request.user, request.campaign = self.boss, self.campaign  # type: ignore[attr-defined]  # as the middleware
        yield from addresses(Bulletin.objects.latest("pk"))
        lists = {}
        for model, pages in admin.site._registry.items():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            lists[model._meta.label_lower] = reverse(f"{name}_changelist")
            row = pages.get_queryset(request).order_by("pk").last()  # a story's draft, for one, is its writer's alone
            yield f"{model._meta.label_lower}: newest", reverse(f"{name}_change", args=[row.pk])
        for label, query in (
            ("delivery.delivery", "state__exact=unknown"),
            ("delivery.delivery", "q=somebody-1%40example.net"),
            ("delivery.providerevent", "kind__exact=bounced"),
            ("delivery.providerevent", "to_decide=yes"),
            ("delivery.recipient", "q=somebody-1%40example.net"),
            ("delivery.consent", "language=fi"),
            ("accounts.auditentry", "verb=nothing.happened"),
        ):
            yield f"{label} ?{query}", f"{lists[label]}?{query}"
