"""What goes out and what became of it: frozen messages, sends, and one delivery per recipient."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from campaigns.models import Campaign, ReadingLevel, Topic
from lib.frozen_rows import Frozen, FrozenQuerySet
from lib.text.languages.languages import easy_tag

from .channels import Channel
from .recipients import Audience, MailChoice, Recipient

# A header of messages of other channels than mail: the key of the mailing of which they ask whether it was seen.
ASKS_SEEN = "X-Asks-Seen"


class NotPossible(Exception):
    """A refused change of a send. The text says why and what now, in the user's language."""


class Mailing(models.Model):
    """
    One thing to be sent, in all its languages: a bulletin's version, a correction, a digest.

    `key` names it within the campaign ("bulletin-3-v2") and is what makes a repeated plan harmless.
    `superseded_by` stops what has not left yet. `thread` is the first of the mailings that say the same thing in
    newer and newer versions, empty for the first itself: mail is threaded by it, and corrections find by it
    whom the earlier versions reached. A roundup says what several mailings say (`parts`) in one mail: who gets it
    has got each of them. Readers of a language that it `awaits` get it when it has a message in theirs. `is_digest` marks what goes to subscribers of the digests, whichever queue it is in.
    """

    class Queue(models.TextChoices):
        URGENT = "urgent", _("urgent")
        BULLETIN = "bulletin", _("bulletin")
        DIGEST = "digest", _("digest")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="mailings", verbose_name=_("campaign"))
    key = models.CharField(_("key"), max_length=80)
    queue = models.CharField(_("queue"), max_length=10, choices=Queue, default=Queue.BULLETIN)
    is_digest = models.BooleanField(_("for subscribers of digests"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    thread = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("first of its thread")
    )
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    parts = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="roundups", verbose_name=_("mailings in this roundup")
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    awaits = models.JSONField(
        _("languages that follow"), default=list, db_default=models.Value([], models.JSONField()), editable=False
    )

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_mailing_per_key")]

    def __str__(self) -> str:
        return self.key

    def earlier_ids(self) -> list[int]:
        """
        Return the keys of the earlier mailings of its thread and of the roundups with them, the latest first; one
        query.
        """
        if self.thread_id is None:
            return []
        same = Mailing.objects.filter(models.Q(thread=self.thread_id) | models.Q(pk=self.thread_id), pk__lt=self.pk)
        with_them = Mailing.objects.filter(models.Q(pk__in=same) | models.Q(parts__in=same), pk__lt=self.pk)
        return list(with_them.distinct().order_by("-pk").values_list("pk", flat=True))

    def saying_the_same(self) -> dict[int, bool]:
        """
        Return the other mailings that say something of what this one says, {key: whether it was superseded}: the
        roundups that it is in; of a roundup its parts, their other versions, and the roundups with any of these. Two
        queries.
        """
        parts = list(self.parts.values_list("pk", "thread"))
        if parts:
            threads = {thread or pk for pk, thread in parts}
            said = Mailing.objects.filter(models.Q(thread__in=threads) | models.Q(pk__in=threads)).values("pk")
        else:
            said = Mailing.objects.filter(pk=self.pk).values("pk")
        same = Mailing.objects.filter(models.Q(pk__in=said) | models.Q(parts__in=said)).exclude(pk=self.pk)
        return {pk: newer is not None for pk, newer in same.values_list("pk", "superseded_by").distinct()}


class MessageQuerySet(FrozenQuerySet["Message"]):
    """Questions about many messages."""

    def settling(self, channel: str) -> Self:
        """
        Return those by which it is settled in which language somebody gets a mailing by a channel: in each one. Who prefers
        easy language gets the one that stands beside it, if there is any.
        """
        return self.filter(channel=channel, reading_level=ReadingLevel.STANDARD)

    def mailed(self) -> Self:
        """Return those that settle it for mail."""
        return self.settling(Channel.MAIL)

    def freeze(self, messages: "Sequence[Message]") -> None:
        """Store new messages, each with its fingerprint."""
        for message in messages:
            message.sha256 = message.fingerprint()
        Message.objects.bulk_create(messages)


class Message(Frozen):
    """
    What is said to everyone in one language by one channel, frozen: `sha256` covers every field that a reader sees.

    `html` and `text` may hold the personal fields of delivery.message.personal_fields between U+E000 and U+E001.
    """

    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="messages", verbose_name=_("mailing"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, default=Channel.MAIL, db_default=Channel.MAIL.value
    )
    language = models.CharField(_("language"), max_length=12)
    reading_level = models.CharField(
        _("reading level"), max_length=10, choices=ReadingLevel, default=ReadingLevel.STANDARD
    )
    sender_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    html = models.TextField(_("HTML"))
    text = models.TextField(_("text"))
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    sha256 = models.CharField(_("fingerprint"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("frozen"), default=timezone.now)

    objects = MessageQuerySet.as_manager()
    may_go = True
    of_campaign = "mailing__campaign"

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "channel", "language", "reading_level"], name="one_message_per_channel_and_language"
            ),
            models.CheckConstraint(condition=~models.Q(subject="") & ~models.Q(text=""), name="message_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.subject}"

    @property
    def language_tag(self) -> str:
        """The tag of the language that it is written in: "fi", or "fi-simple" for easy language."""
        return easy_tag(self.language) if self.reading_level == ReadingLevel.EASY else self.language

    def fingerprint(self) -> str:
        """Return the SHA-256 (hex) of language, level, sender's name, subject, HTML, text and headers, and of a channel but mail."""
        digest = hashlib.sha256()
        for part in (
            *([] if self.channel == Channel.MAIL else [self.channel]),
            self.language,
            self.reading_level,
            self.sender_name,
            self.subject,
            self.html,
            self.text,
            repr(sorted(self.headers.items())),
        ):
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it once, with its fingerprint."""
        self.sha256 = self.fingerprint()
        super().save(*args, **kwargs)


def audience_by(audience: object, channel: str, *, instead: bool = False) -> str:
    """Return an audience with the channel by which it is sent to, where that is not mail or stands in for another."""
    if instead:
        return gettext("%(audience)s, by %(channel)s instead") % {
            "audience": audience,
            "channel": Channel(channel).label,
        }
    if channel == Channel.MAIL:
        return str(audience)
    return gettext("%(audience)s, by %(channel)s") % {"audience": audience, "channel": Channel(channel).label}


class SendQuerySet(models.QuerySet["Send"]):
    """Questions about many sends."""

    def due(self, *, at: datetime) -> Self:
        """Return the planned sends whose slot is at or before `at`, the most urgent and oldest first."""
        return self.filter(state=Send.State.PLANNED, slot_at__lte=at).most_urgent_first("slot_at", "pk")

    def most_urgent_first(self, *then: str) -> Self:
        """Return the sends ordered by their queues, and `then` by these fields."""
        ranks = (models.When(mailing__queue=queue, then=rank) for rank, queue in enumerate(Mailing.Queue.values))
        return self.order_by(models.Case(*ranks), *then)

    def chosen(self) -> Self:
        """Return the sends but those that began by a channel that nobody chose: there is nothing to tell of them."""
        return self.exclude(~models.Q(channel=Channel.MAIL), candidates=0, fanned_out_at__isnull=False)

    def open(self) -> Self:
        """Return the sends that have rows and are not over."""
        return self.filter(state__in=[Send.State.SENDING, Send.State.PAUSED, Send.State.HELD])


class Send(models.Model):
    """
    A mailing on its way to an audience in a slot by one channel. Unique per audience and slot key.

    `slot_at` is when it is due, `deadline` when it is too late for it to leave; one that would start after
    `hold_after` is held for a person. `exposed_only` limits it to the people who got, or may have got, an
    earlier mailing of its thread (corrections), `newcomers_only` to its Newcomers (welcome mails). With a `pace`, it goes to people who want their mail gathered so
    (MailChoice), with what came `since` then. With a `language`, only its readers get it. `instead_of` is the send by another
    channel that failed for people who get it by this one (delivery/fanout/stand_ins.py). `candidates` is counted at fan-out.

    All its deliveries have keys from `first_delivery` to `last_delivery`, so that they are found without an index
    of their own (docs/developing/decisions/delivery/0004-ledger-indexes.md); those up to `claimed_up_to` have been
    claimed at least once, which is a hint and no more. Until `canary_until` only those up to `canary_up_to` may leave.
    `waived` says that a person let it go although something had stopped it, `holds` how often that was; `served_at` is
    when a worker last began with it, and `counts` what its rows were at `counted_at` (reports/ledger_counts.py).
    `settled_at` is when a digest that is over had given back the cursors of those
    whom it did not leave to; `unlinked_at` when it was forgotten whom its deliveries went to, of which those up to
    `unlinked_up_to` name nobody any more; `summed_at` when what they come to was kept as SendTotals, which stand for them since.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        HELD = "held", _("held for review")
        CANCELLED = "cancelled", _("cancelled")
        FINISHED = "finished", _("finished")

    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="sends", verbose_name=_("mailing"))
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="sends", verbose_name=_("audience"))
    slot_key = models.CharField(_("slot key"), max_length=120)
    slot_at = models.DateTimeField(_("slot"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.MAIL)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(_("reason it is held"), max_length=300, blank=True)
    deadline = models.DateTimeField(_("send by"), null=True, blank=True)
    hold_after = models.DateTimeField(_("needs review after"), null=True, blank=True)
    exposed_only = models.BooleanField(_("only those who got an earlier version"), default=False)
    newcomers_only = models.BooleanField(_("only those who have just come"), default=False, db_default=False)
    pace = models.CharField(_("gathered for"), max_length=8, choices=MailChoice.Pace, blank=True)
    since = models.DateTimeField(_("gathered since"), null=True, blank=True)
    language = models.CharField(_("only readers of"), max_length=12, blank=True, default="", db_default="")
    instead_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stand_ins", verbose_name=_("in place of")
    )
    candidates = models.PositiveIntegerField(_("candidates"), null=True, blank=True)
    fanned_out_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    first_delivery = models.BigIntegerField(_("first row"), null=True, blank=True, editable=False)
    last_delivery = models.BigIntegerField(_("last row"), null=True, blank=True, editable=False)
    claimed_up_to = models.BigIntegerField(_("claimed up to"), default=0, editable=False)
    canary_up_to = models.BigIntegerField(_("first part, up to row"), null=True, blank=True, editable=False)
    canary_until = models.DateTimeField(_("first part, until"), null=True, blank=True)
    waived = models.BooleanField(_("released by a person"), default=False)
    holds = models.PositiveSmallIntegerField(_("times held"), default=0, editable=False)
    served_at = models.DateTimeField(_("last worked on"), null=True, blank=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    counts = models.CharField(max_length=200, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    unlinked_at = models.DateTimeField(_("names erased"), null=True, blank=True, editable=False)
    unlinked_up_to = models.BigIntegerField(default=0, editable=False)
    summed_at = models.DateTimeField(_("only totals kept since"), null=True, blank=True, editable=False)

    objects = SendQuerySet.as_manager()
    of_campaign = "mailing__campaign"

    class Meta:
        verbose_name = _("send")
        verbose_name_plural = _("sends")
        permissions = [("control_send", "Can pause, resume and cancel a send")]
        constraints = [models.UniqueConstraint(fields=["audience", "slot_key"], name="one_send_per_audience_slot")]
        indexes = [models.Index(fields=["state", "slot_at"], name="send_by_state")]

    def __str__(self) -> str:
        return f"{self.mailing} → {self.whom}"

    @property
    def whom(self) -> str:
        """Its audience, and by which channel where that is not mail, as staff read it."""
        return audience_by(self.audience, self.channel, instead=self.instead_of_id is not None)

    def waits(self) -> bool:
        """Return whether it is still to begin: it has no rows, and may have them one day."""
        return self.state in {self.State.PLANNED, self.State.HELD} and self.fanned_out_at is None

    def _move(self, to: "Send.State", allowed: set["Send.State"], refusal: object, **fields: Any) -> None:
        moved = Send.objects.filter(pk=self.pk, state__in=allowed).update(state=to, **fields)
        self.refresh_from_db()
        if not moved:
            raise NotPossible(refusal)

    def pause(self) -> None:
        """Stop handing over within one window. Raise NotPossible unless it is sending."""
        self._move(
            self.State.PAUSED, {self.State.SENDING}, _("Not paused: this send is not in progress. Nothing changed.")
        )

    def resume(self) -> None:
        """
        Go on with the rows that have not left. Releasing a held send is a person's word that all of it may go,
        whatever held it. Raise NotPossible when it is neither paused nor held.
        """
        was_held = self.state == self.State.HELD
        to = self.State.SENDING if self.fanned_out_at else self.State.PLANNED
        self._move(
            to,
            {self.State.PAUSED, self.State.HELD},
            _("Not resumed: this send is neither paused nor held. Nothing changed."),
            reason="",
            hold_after=None,
            **({"canary_up_to": None, "canary_until": None, "waived": True} if was_held else {}),
        )

    def hold(self, reason: str) -> None:
        """
        Stop it until a person has looked, and say why (in English, from gettext_noop: it is translated where it
        is shown). Raise NotPossible when it is over.
        """
        self._move(
            self.State.HELD,
            {self.State.PLANNED, self.State.SENDING, self.State.PAUSED},
            _("Not held: this send has ended. Nothing changed."),
            reason=reason,
            holds=models.F("holds") + 1,
        )

    def cancel(self) -> None:
        """Send nothing more of it. Raise NotPossible when it is over."""
        self._move(
            self.State.CANCELLED,
            {self.State.PLANNED, self.State.SENDING, self.State.PAUSED, self.State.HELD},
            _("Not cancelled: this send has already ended. Nothing changed."),
        )


class Lease(models.Model):
    """
    One run of a worker over a send: the rows that carry its key are that run's until `until`, which it puts off
    while it lives. Of a worker that is silent (`silent_since`) others get what it has not handed over (`released_at`), and
    the sweeper removes the lease of one that is gone, and with it the right to change those rows.

    The rows that it claimed last are within `first_row` and `last_row`; it prepares at most `window` of them at a time, in
    their order. It may have so many `connections` to its mailer (delivery/throttle/connection_shares.py). `journal` names the
    file where it notes each mail, "" where it has none (delivery/sending/journal.py).
    """

    send = models.ForeignKey(Send, models.CASCADE, related_name="leases", verbose_name=_("send"))
    mailer = models.CharField(max_length=40, editable=False)
    connections = models.PositiveSmallIntegerField(default=1, editable=False)
    since = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(_("until"))
    silent_since = models.DateTimeField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    window = models.PositiveSmallIntegerField(default=1, editable=False)
    journal = models.CharField(max_length=60, blank=True, editable=False)
    first_row = models.BigIntegerField(null=True, editable=False)
    last_row = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return f"{self.worker}: {self.send_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions about many deliveries."""

    def of(self, *sends: Send) -> Self:
        """
        Return the rows of these sends, found by their ranges of keys; ranges that touch are asked for as one. The mailings
        say in which partitions they are.
        """
        chosen = models.Q(pk__in=())
        ranges: list[tuple[int, int, list[Send]]] = []
        with_rows = [send for send in sends if send.first_delivery is not None and send.summed_at is None]
        for send in sorted(with_rows, key=lambda one: one.first_delivery or 0):
            first, last = send.first_delivery or 0, send.last_delivery or 0
            if ranges and first <= ranges[-1][1] + 1:
                begins, ends, together = ranges[-1]
                ranges[-1] = (begins, max(ends, last), [*together, send])
            else:
                ranges.append((first, last, [send]))
        for first, last, together in ranges:
            if len(together) == 1:
                of_sends = models.Q(send=together[0].pk, mailing=together[0].mailing_id)
            else:
                mailings = sorted({send.mailing_id for send in together})
                of_sends = models.Q(send__in=[send.pk for send in together], mailing__in=mailings)
            chosen |= of_sends & models.Q(pk__range=(first, last))
        return self.filter(chosen)

    def fresh(self, send: Send) -> Self:
        """Return the rows of a send that nobody has claimed yet and that may leave now; those before are not read."""
        last = min(send.last_delivery or 0, send.canary_up_to or send.last_delivery or 0)
        mine = self.filter(send=send, mailing=send.mailing_id, pk__range=(send.claimed_up_to + 1, last))
        return mine.filter(state=Delivery.State.QUEUED, next_attempt_at=None)

    def due_again(self, send: Send, *, at: datetime) -> Self:
        """Return the rows of a send whose time has come again; only those that wait for a time are read."""
        waiting = self.filter(send=send, mailing=send.mailing_id, next_attempt_at__lte=at)
        return waiting.filter(state__in=[Delivery.State.QUEUED, Delivery.State.DEFERRED])

    def held_by(self, lease: Lease) -> Self:
        """Return the rows that a worker has claimed or hands over under a lease; only those that it claimed last are read."""
        return self.filter(pk__range=(lease.first_row or 0, lease.last_row or 0), lease=lease.pk)

    def to_go(self) -> Self:
        """Return the rows that have no final state yet."""
        return self.filter(state__in=Delivery.TO_GO)


class Delivery(models.Model):
    """
    One message to one recipient: the ledger. No recipient gets the same mailing twice, whichever of its
    audiences they are in.

    `recipient` is None once it is forgotten whom it went to (delivery/personal_data.py): the row still counts.

    `language` and `is_easy` (it is in easy language) are frozen at fan-out. `lease` is the key of the Lease whose worker holds the row.
    `attempts` counts hand-overs, `crashes` how often a worker died while it prepared the row. `code` is the
    server's status ("250", "550 5.1.1"), `detail` its words without addresses, `provider_id` the provider's own
    name for the message. `next_attempt_at` is set on rows that wait for a time. `possible_duplicate` marks a row
    that was sent again after its outcome was unknown. `receipt` is what the provider said later; it never moves
    backwards.

    Keys and indexes are few on purpose: docs/developing/decisions/delivery/0004-ledger-indexes.md. On PostgreSQL the table
    is partitioned by ranges of `mailing` (delivery/reports/ledger_partitions.py): whoever names the mailing reads one month.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        CLAIMED = "claimed", _("claimed")
        HANDING_OFF = "handing_off", _("being handed over")
        ACCEPTED = "accepted", _("accepted")
        DEFERRED = "deferred", _("deferred")
        FAILED = "failed", _("failed")
        SUPPRESSED = "suppressed", _("suppressed")
        SUPERSEDED = "superseded", _("superseded")
        EXPIRED = "expired", _("expired")
        UNKNOWN = "unknown", _("unknown")

    TO_GO = (State.QUEUED, State.CLAIMED, State.HANDING_OFF, State.DEFERRED)
    WITHHELD = (State.SUPPRESSED, State.SUPERSEDED, State.EXPIRED)
    # Codes of ours beside those of servers.
    QUARANTINED = "quarantined"  # set aside, because workers died of it
    BY_STAFF = "staff"  # a person told us what became of it

    class Receipt(models.IntegerChoices):
        NONE = 0, pgettext_lazy("receipt of an email", "none")
        DELIVERED = 1, _("delivered")
        BOUNCED = 2, _("bounced")
        COMPLAINED = 3, _("complained")

    send = models.ForeignKey(
        Send, models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False, verbose_name=_("send")
    )
    mailing = models.ForeignKey(
        Mailing,
        models.PROTECT,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
        verbose_name=_("mailing"),
    )
    recipient = models.ForeignKey(
        Recipient,
        models.PROTECT,
        null=True,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
        verbose_name=_("recipient"),
    )
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    lease = models.BigIntegerField(_("lease"), null=True, blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    crashes = models.SmallIntegerField(_("crashes"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    handed_off_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    code = models.CharField(_("status code"), max_length=20, blank=True, default="")
    detail = models.CharField(_("server's reply"), max_length=200, blank=True, default="")
    provider_id = models.CharField(_("provider's message id"), max_length=200, blank=True, default="")
    possible_duplicate = models.BooleanField(_("possibly sent twice"), default=False)
    receipt = models.SmallIntegerField(_("receipt"), choices=Receipt, default=Receipt.NONE)
    is_easy = models.BooleanField(default=False, db_default=False, editable=False)

    objects = DeliveryQuerySet.as_manager()
    of_campaign = "mailing__campaign"

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["mailing", "recipient"], name="one_delivery_per_mailing_recipient")
        ]
        indexes = [
            models.Index(
                fields=["send", "next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="delivery_waiting",
            ),
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="delivery_by_provider_id"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_state_display()}"


class Newcomer(Nameless, models.Model):
    """
    Someone who has just come to an audience and gets a welcome mail: the row is the queue. `send` is the one that takes it to
    them, and when that is over the row goes.
    """

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="newcomers", verbose_name=_("audience"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="newcomings", verbose_name=_("recipient"))
    at = models.DateTimeField(_("came"))
    send = models.ForeignKey(
        Send, models.SET_NULL, null=True, blank=True, related_name="newcomers", verbose_name=_("send")
    )

    class Meta:
        verbose_name = _("newcomer")
        verbose_name_plural = _("newcomers")
        constraints = [models.UniqueConstraint(fields=["audience", "recipient"], name="one_welcome_per_audience")]

    def __str__(self) -> str:
        return f"{self.audience}: {self.at}"


class SendTotal(models.Model):
    """How many rows of a send came to the same: what is kept of its deliveries when they are old."""

    send = models.ForeignKey(Send, models.CASCADE, related_name="totals", verbose_name=_("send"))
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=12, choices=Delivery.State)
    code = models.CharField(_("status code"), max_length=20, blank=True)
    receipt = models.SmallIntegerField(_("receipt"), choices=Delivery.Receipt)
    possible_duplicate = models.BooleanField(_("possibly sent twice"))
    people = models.PositiveIntegerField(_("people"))

    class Meta:
        verbose_name = _("total of a send")
        verbose_name_plural = _("totals of sends")
        constraints = [
            models.UniqueConstraint(
                fields=["send", "language", "state", "code", "receipt", "possible_duplicate"],
                name="one_total_per_kind_of_row",
            )
        ]

    def __str__(self) -> str:
        return f"{self.send_id} {self.language} {self.get_state_display()}: {self.people}"
