"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule

from .links import confirmation_links
from .models import (
    ChannelProof,
    Delivery,
    NewAddress,
    ProviderEvent,
    QuietHours,
    Recipient,
    SeedAddress,
    SeedArrival,
    Send,
    SignUp,
    SingleMail,
    Suppression,
    WhatsAppWindow,
)
from .recipients import recipient_erasure
from .subscriptions import unconfirmed as subscriptions_unconfirmed

ROWS_AT_ONCE = 10_000  # of a send whose names are forgotten

# --- For how long ----------------------------------------------------------------------------------


def events_over(at: datetime) -> QuerySet[Any]:
    """Return what providers said long ago, and what they say of it no more."""
    return ProviderEvent.objects.filter(received_at__lte=retention.rule("provider_events").before(at))


def single_mails_over(at: datetime) -> QuerySet[Any]:
    """Return what was said long ago of single mails that did not leave."""
    return SingleMail.objects.filter(since__lte=retention.rule("single_mails").before(at), worker="")


def sends_over(at: datetime) -> QuerySet[Any]:
    """Return the sends that ended so long ago that nobody needs to know whom they went to."""
    before = retention.rule("deliveries").before(at)
    return Send.objects.filter(finished_at__lte=before, unlinked_at=None).order_by("pk")


def unlink(at: datetime) -> int:
    """
    Forget whom some of the deliveries of the oldest send went to, from where the last step ended. What
    they come to stays (reports/ledger_partitions.py). Return how many steps were taken: one, or none when nothing is due.
    """
    send = sends_over(at).first()
    if send is None:
        return 0
    last = send.last_delivery or 0
    begins = max(send.unlinked_up_to + 1, send.first_delivery or 1)
    ends = min(begins + ROWS_AT_ONCE - 1, last)
    with transaction.atomic():
        some = Delivery.objects.of(send).filter(pk__range=(begins, ends))
        some.update(recipient=None, detail="", provider_id="")
        Send.objects.filter(pk=send.pk).update(unlinked_up_to=ends, unlinked_at=at if ends >= last else None)
    return 1


def seeds_over(at: datetime) -> QuerySet[Any]:
    """Return the addresses for test sends of campaigns that ended long ago."""
    return SeedAddress.objects.filter(campaign__closed_at__lte=retention.rule("seeds").before(at))


def arrivals_over(at: datetime) -> QuerySet[Any]:
    """Return when mails reached seed addresses, of sends that ended long ago."""
    return SeedArrival.objects.filter(send__finished_at__lte=retention.rule("seed_arrivals").before(at))


def proofs_over(at: datetime) -> QuerySet[Any]:
    """Return the addresses of other channels that were entered and never proven."""
    return ChannelProof.objects.filter(asked_at__lte=retention.rule("channel_proofs").before(at))


def windows_over(at: datetime) -> QuerySet[Any]:
    """Return that people wrote to us on WhatsApp, where that lets nothing more be sent."""
    return WhatsAppWindow.objects.filter(wrote_at__lte=retention.rule("whatsapp_windows").before(at))


RULES = (
    Rule(
        "whatsapp_windows",
        DataSubject.INFLUENCERS,
        gettext_lazy("When you last wrote to us on WhatsApp, not what"),
        gettext_lazy("WhatsApp lets us write to you freely for a day from then."),
        Ground.CONSENT,
        gettext_lazy("Nobody."),
        gettext_lazy("%(days)s."),
        fixed=1,
        due=windows_over,
        forget=retention.deleting(windows_over),
        rests=DAILY,
    ),
    Rule(
        "channel_proofs",
        DataSubject.INFLUENCERS,
        gettext_lazy("A phone number or other address that you entered and did not confirm"),
        gettext_lazy("To ask by a code whether it is yours."),
        Ground.CONSENT,
        gettext_lazy("Nobody."),
        gettext_lazy("%(days)s; the code works for ten minutes."),
        fixed=1,
        due=proofs_over,
        forget=retention.deleting(proofs_over),
        rests=DAILY,
    ),
    Rule(
        "sign_ups",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("An address that was entered and not confirmed"),
        gettext_lazy("To ask by email whether you want the digest."),
        Ground.CONSENT,
        gettext_lazy("Nobody."),
        gettext_lazy("%(days)s, for as long as the link in the email works."),
        fixed=confirmation_links.LASTS.days,
        due=lambda at: subscriptions_unconfirmed.expired(SignUp, at=at),
        forget=lambda at: subscriptions_unconfirmed.purge(at=at),
    ),
    Rule(
        "new_addresses",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("A new address that you asked for and did not confirm"),
        gettext_lazy("To ask by email whether it is yours."),
        Ground.CONSENT,
        gettext_lazy("Nobody."),
        gettext_lazy("%(days)s, for as long as the link in the email works."),
        fixed=confirmation_links.LASTS.days,
        due=lambda at: subscriptions_unconfirmed.expired(NewAddress, at=at),
        forget=lambda at: subscriptions_unconfirmed.purge(at=at),
    ),
    Rule(
        "subscription",
        DataSubject.SUBSCRIBERS,
        gettext_lazy(
            "Your address, your language and whether you want easy language, how often you want mail and about which topics"
        ),
        gettext_lazy("To send what you asked for."),
        Ground.CONSENT,
        gettext_lazy("Liaisons and administrators, when they look for exactly your address because you asked."),
        gettext_lazy("For as long as you subscribe."),
    ),
    Rule(
        "consents",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("When, where and to which wording you agreed, and when you withdrew"),
        gettext_lazy("To show that you agreed. This applies to influencers too."),
        Ground.DUTY,
        gettext_lazy("Administrators."),
        gettext_lazy("For as long as your address is kept."),
    ),
    Rule(
        "deliveries",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("What was sent to your address, and whether it arrived"),
        gettext_lazy("So that you hear about it if something in it was wrong. This applies to influencers too."),
        Ground.TASK,
        gettext_lazy("Administrators; for failed messages, also those who monitor sends."),
        gettext_lazy("%(days)s after it was sent; after that, only totals are kept."),
        setting="DELIVERY_DAYS",
        due=sends_over,
        forget=unlink,
        oldest=lambda: Send.objects.filter(unlinked_at=None).aggregate(first=Min("finished_at"))["first"],
    ),
    Rule(
        "provider_events",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("Reports from mail servers that an email arrived or bounced. They contain no address."),
        gettext_lazy("To stop mail that does not arrive or is not wanted."),
        Ground.SAFETY,
        gettext_lazy("Administrators."),
        gettext_lazy("%(days)s after the report."),
        setting="EVENT_DAYS",
        due=events_over,
        forget=retention.deleting_oldest("provider_events", ProviderEvent.objects.all, "received_at"),
        oldest=retention.oldest_by_key(ProviderEvent.objects.all, "received_at"),
    ),
    Rule(
        "single_mails",
        DataSubject.EVERYBODY,
        gettext_lazy(
            "Which single emails (invitations, codes, notices, answers) did not leave, and why. It contains no address."
        ),
        gettext_lazy("So that nobody waits for an email in vain."),
        Ground.SAFETY,
        gettext_lazy("Those who monitor sends."),
        gettext_lazy("%(days)s after it was first tried."),
        fixed=30,
        due=single_mails_over,
        forget=retention.deleting(single_mails_over),
        rests=DAILY,
    ),
    Rule(
        "suppressions",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("A code made from an address that must get no email"),
        gettext_lazy("So that no list brings it back by mistake. The address cannot be read from it."),
        Ground.DUTY,
        gettext_lazy("Administrators see the code."),
        gettext_lazy("Permanently, unless you come back yourself and confirm again."),
    ),
    Rule(
        "seeds",
        DataSubject.STAFF,
        gettext_lazy("The addresses that test emails go to"),
        gettext_lazy("To check an email before it is sent."),
        Ground.TASK,
        gettext_lazy("Editors and administrators."),
        gettext_lazy("%(days)s after the campaign has ended."),
        setting="LEFT_DAYS",
        due=seeds_over,
        forget=retention.deleting(seeds_over),
        rests=DAILY,
    ),
    Rule(
        "seed_arrivals",
        DataSubject.STAFF,
        gettext_lazy("When an email reached an inbox of ours"),
        gettext_lazy("To measure how long emails take."),
        Ground.TASK,
        gettext_lazy("Everyone who works at the desk."),
        gettext_lazy("%(days)s after it was sent."),
        setting="DELIVERY_DAYS",
        due=arrivals_over,
        forget=retention.deleting(arrivals_over),
        rests=DAILY,
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def recipients_of(person: Person) -> QuerySet[Recipient]:
    """Return the recipient that has someone's address, while it is kept."""
    return Recipient.objects.filter(address_hash=person.code).exclude(state=Recipient.State.ERASED)


def every_address_of(person: Person) -> QuerySet[Recipient]:
    """Return the same with their addresses of other channels."""
    mine = recipients_of(person).values("pk")
    return Recipient.objects.filter(Q(pk__in=mine) | Q(person__in=mine))


def address(person: Person) -> Rows:
    """Return that someone is a recipient, with their wishes."""
    rows = data_subjects.plain(
        recipients_of(person),
        "pk",
        "email",
        "address_hash",
        "name",
        "language",
        "prefers_easy",
        "state",
        "created_at",
        "address_since",
    )
    for row in rows:
        recipient = Recipient(pk=row["pk"])
        row["audiences"] = data_subjects.plain(
            recipient.memberships.all(),
            *("audience__campaign__slug", "audience__slug", "joined_at", "left_at", "reason", "left_because"),
        )
        row["wishes"] = data_subjects.plain(recipient.choices.all(), "campaign__slug", "pace", "break_until")
        row["welcomes"] = data_subjects.plain(recipient.newcomings.all(), "audience__slug", "at")
        row["quiet_hours"] = data_subjects.plain(QuietHours.objects.filter(person=row["pk"]), "begins", "ends")
        row["other_channels_to_prove"] = data_subjects.plain(
            recipient.channel_proofs.all(), "channel", "address", "user_hash", "asked_at"
        )
        wrote = dict(WhatsAppWindow.objects.filter(recipient__person=row["pk"]).values_list("recipient", "wrote_at"))
        row["other_channels"] = [
            {
                "channel": other.channel,
                "address": other.address,
                "user_hash": other.user_hash,
                "since": other.created_at,
            }
            | {"wants": list(other.channel_choices.order_by("pk").values_list("wants", flat=True))}
            | {"wrote_at": wrote.get(other.pk)}
            for other in recipient.other_addresses.exclude(state=Recipient.State.ERASED).order_by("pk")
        ]
        row["resting_topics"] = data_subjects.plain(recipient.snoozes.all(), "topic__slug", "until")
    return rows


def forget_recipient(person: Person, by: User | None, at: datetime) -> None:
    """Keep only the code of an address, suppressed, whether it was a recipient's or not."""
    for recipient in recipients_of(person).select_for_update():
        recipient_erasure.forget_address(recipient, at=at)
    recipient_erasure.forget_unconfirmed(person.address)
    recipient_erasure.suppress(person.code, at=at)


def consents(person: Person) -> Rows:
    """Return what someone agreed to."""
    fields = ("purpose", "text_version", "language", "source", "given_at", "confirmed_at", "withdrawn_at")
    return [
        row for recipient in every_address_of(person) for row in data_subjects.plain(recipient.consents.all(), *fields)
    ]


def subscriptions(person: Person) -> Rows:
    """Return the digests that someone has or had."""
    fields = (
        *("campaign__slug", "audience__slug", "topics__key", "language", "prefers_easy"),
        *("subscribed_at", "paused_until", "left_at"),
    )
    return [
        row
        for recipient in recipients_of(person)
        for row in data_subjects.plain(recipient.subscriptions.all(), *fields)
    ]


def unconfirmed(person: Person) -> Rows:
    """Return what waits to be confirmed by someone's address."""
    waiting = SignUp.objects.filter(person.has("email"))
    moving = NewAddress.objects.filter(person.has("email"))
    fields = ("campaign__slug", "email", "language", "topics__key", "asked_at", "mailed_at", "text_version", "source")
    return [*data_subjects.plain(waiting, *fields), *data_subjects.plain(moving, "email", "asked_at", "mailed_at")]


def mails(person: Person) -> Rows:
    """Return the mails and other messages that went to someone."""
    rows = Delivery.objects.filter(recipient__in=every_address_of(person))
    return data_subjects.plain(
        rows, "mailing__key", "language", "is_easy", "state", "handed_off_at", "finished_at", "receipt"
    )


def seeds(person: Person) -> Rows:
    """Return that test mails go to someone."""
    return data_subjects.plain(
        SeedAddress.objects.filter(person.has("email")), "campaign__slug", "email", "name", "language"
    )


def forget_seeds(person: Person, by: User | None, at: datetime) -> None:
    """Send no more test mails to someone."""
    SeedAddress.objects.filter(person.has("email")).delete()


def suppressed(person: Person) -> Rows:
    """Return that someone gets no mail. It stays, whatever is erased."""
    return data_subjects.plain(Suppression.objects.filter(address_hash=person.code), "address_hash", "reason", "since")


def has_subscription(person: Person) -> bool:
    """Return whether someone gets a digest."""
    return any(recipient.subscriptions.filter(left_at=None).exists() for recipient in recipients_of(person))


PARTS = (
    Part("subscriptions", gettext_lazy("Digests"), subscriptions, needs=has_subscription),
    Part("consents", gettext_lazy("Consents"), consents),
    Part(
        "unconfirmed",
        gettext_lazy("Not confirmed yet"),
        unconfirmed,
        addresses=lambda: [
            *SignUp.objects.values_list("email", flat=True),
            *NewAddress.objects.values_list("email", flat=True),
        ],
    ),
    Part("mails", gettext_lazy("Emails sent"), mails),
    Part(
        "address",
        gettext_lazy("Email address"),
        address,
        forget_recipient,
        addresses=lambda: Recipient.objects.filter(~Q(email="")).values_list("email", flat=True),
    ),
    Part(
        "seeds",
        gettext_lazy("Test emails"),
        seeds,
        forget_seeds,
        addresses=lambda: SeedAddress.objects.values_list("email", flat=True),
    ),
    Part("suppressed", gettext_lazy("Gets no email"), suppressed),
)
