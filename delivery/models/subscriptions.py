"""Who subscribes to the digests: what they chose, what has been sent to them, and who has asked and not confirmed yet."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, language_code

from .recipients import Audience, Recipient
from .sends import Mailing, Send


class TopicSet(models.Model):
    """
    A choice of topics that any number of subscribers share. `key` is the topics' keys in ascending order with dots
    between ("3.7.12"); "" is everything, topics that come later included.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="topic_sets", verbose_name=_("campaign"))
    key = models.CharField(_("topics"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("topic choice")
        verbose_name_plural = _("topic choices")
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_row_per_choice_of_topics")]

    def __str__(self) -> str:
        return self.key or "*"

    @property
    def topic_ids(self) -> frozenset[int]:
        """The keys of its topics; empty for everything."""
        return frozenset(map(int, self.key.split("."))) if self.key else frozenset()


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Questions about many subscriptions."""

    def served(self, *, at: datetime) -> Self:
        """Return the subscriptions whose reader wants mail at `at`."""
        return self.filter(models.Q(paused_until=None) | models.Q(paused_until__lte=at), left_at=None)


class Subscription(models.Model):
    """
    A reader's subscription to the digests of a campaign: the audience says how often, `topics` of what.

    Everything that is published has a number in its campaign, in the order in which it became visible
    (website.Publication). `cursor` is the number up to which this reader has been served, so nothing is lost by time:
    what comes late has a higher number. `since` is the number at which they came; `told_topics` all the topics that
    they have ever had, by which it is known of what they must hear a correction. `considered_at` is the last slot in
    which they were looked at, so that no slot serves them twice. `mailing` is the digest that moved the cursor last and
    `cursor_before` where it stood then, to take it back for people whom that digest did not leave to.

    An open Membership of the audience goes with a subscription that is served: without one nothing is handed over.

    A slot moves a million cursors, and each index has a part in that: there are as few as can be, none on a cursor.
    """

    recipient = models.ForeignKey(
        Recipient, models.CASCADE, db_index=False, related_name="subscriptions", verbose_name=_("recipient")
    )
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, db_index=False, related_name="subscriptions", verbose_name=_("campaign")
    )
    audience = models.ForeignKey(
        Audience, models.PROTECT, db_index=False, related_name="subscriptions", verbose_name=_("how often")
    )
    topics = models.ForeignKey(
        TopicSet, models.PROTECT, db_index=False, related_name="subscriptions", verbose_name=_("topics")
    )
    told_topics = models.ForeignKey(TopicSet, models.PROTECT, db_index=False, related_name="+", editable=False)
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    prefers_easy = models.BooleanField(default=False, db_default=False, editable=False)
    since = models.BigIntegerField(_("since publication"), default=0, editable=False)
    cursor = models.BigIntegerField(_("served up to publication"), default=0, editable=False)
    cursor_before = models.BigIntegerField(null=True, editable=False)
    mailing = models.ForeignKey(
        Mailing, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False, db_constraint=False
    )
    considered_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    subscribed_at = models.DateTimeField(_("subscribed"))
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "campaign"], name="one_subscription_each"),
            models.CheckConstraint(
                condition=models.Q(cursor__gte=models.F("since")), name="cursor_is_not_before_start"
            ),
        ]
        indexes = [
            models.Index(fields=["audience", "topics"], name="subscription_by_topics"),
            models.Index(fields=["paused_until"], condition=~models.Q(paused_until=None), name="subscription_paused"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.audience}"

    @property
    def audited_as(self) -> str:
        """Its key, where it is written down for ever: the reader may have to be forgotten."""
        return str(self.pk)


class Unconfirmed(models.Model):
    """
    An address whose owner has not shown yet that they read it. `secret` is in the link of each mail to it, "" while none
    has been written. `mail_due_at` is when a mail is to be written, None when none is. `place` is the code of where it was
    asked from, and `network` of the network around that ("" of IPv4), by which none has more written than its share.
    """

    email = models.EmailField(_("email address"), max_length=254)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    place = models.CharField(max_length=64, blank=True, editable=False)
    network = models.CharField(max_length=64, blank=True, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    mail_due_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}"


class SignUp(Unconfirmed):
    """
    Someone asked for the digests. One row for each address (in lower case) and campaign, so that asking a thousand
    times leaves one, with what was asked for last. It becomes a Subscription when a link from its mails is confirmed,
    and is purged when none ever is. `read_in` is the language in which the words of consent were read, "" for that of
    the digest.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sign_ups", verbose_name=_("campaign"))
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="+", verbose_name=_("how often"))
    topics = models.ForeignKey(TopicSet, models.PROTECT, related_name="+", verbose_name=_("topics"))
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    text_version = models.CharField(_("version of the text"), max_length=20)
    read_in = models.CharField(_("language of the text"), max_length=12, blank=True)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        verbose_name = _("unconfirmed subscription")
        verbose_name_plural = _("unconfirmed subscriptions")
        constraints = [models.UniqueConstraint(fields=["campaign", "email"], name="one_sign_up_per_address")]
        indexes = [
            models.Index(fields=["mail_due_at"], condition=~models.Q(mail_due_at=None), name="sign_up_to_be_mailed"),
            models.Index(fields=["place"], condition=~models.Q(mail_due_at=None), name="sign_up_from_place"),
            models.Index(
                fields=["network"],
                condition=~models.Q(mail_due_at=None) & ~models.Q(network=""),
                name="sign_up_from_network",
            ),
        ]


class NewAddress(Unconfirmed):
    """
    The address that a subscription is to have as soon as a link from the mail to it is confirmed; the old one stays until
    then. Asking for another one takes its place.

    Once that has happened (`moved_at`) the row is the mail that tells the address before, and `email` is that one.
    """

    subscription = models.OneToOneField(
        Subscription, models.CASCADE, related_name="new_address", verbose_name=_("subscription")
    )
    moved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("unconfirmed new address")
        verbose_name_plural = _("unconfirmed new addresses")
        indexes = [
            models.Index(
                fields=["mail_due_at"], condition=~models.Q(mail_due_at=None), name="new_address_to_be_mailed"
            ),
        ]


class DigestShare(models.Model):
    """
    Which subscribers of its audience a digest's send is for: those with these topics whose cursor is at `cursor` and who
    came at `since_from` or later and before `since_until` (None: no end). At fan-out their cursors move to `upto`.
    """

    send = models.ForeignKey(Send, models.CASCADE, related_name="shares", verbose_name=_("send"))
    topics = models.ForeignKey(TopicSet, models.PROTECT, related_name="+", verbose_name=_("topics"))
    told_topics = models.ForeignKey(TopicSet, models.PROTECT, related_name="+")
    cursor = models.BigIntegerField()
    since_from = models.BigIntegerField(default=0)
    since_until = models.BigIntegerField(null=True)
    upto = models.BigIntegerField()
    size = models.PositiveIntegerField(_("people"), default=0)

    class Meta:
        verbose_name = _("share of a digest")
        verbose_name_plural = _("shares of a digest")
        constraints = [
            models.UniqueConstraint(
                fields=["send", "topics", "told_topics", "cursor", "since_from"], name="one_share_per_kind_of_reader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.send_id}: {self.topics}, {self.cursor}"
