"""Who gets mail: recipients, their consents, the audiences that they belong to, and who gets none."""

import hashlib
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from campaigns.models import Campaign, Topic, language_code
from campaigns.translated_fields import TranslatedField, in_language
from lib.frozen_rows import Frozen, FrozenQuerySet
from lib.mail_addresses import canonical, code_of

from .channels import Channel


def address_hash(address: str) -> str:
    """
    Return the HMAC-SHA256 (hex) of the address in its one form (lib.mail_addresses), under SUPPRESSION_KEY.

    All that is kept of an address that must never be written to again.
    """
    return code_of(address)


def address_form(channel: str, address: str) -> str:
    """Return an address in the form of which the code is made: one of another channel than mail is no address of mail."""
    return address if channel == Channel.MAIL else f"{channel}:{address}"


class RecipientQuerySet(models.QuerySet["Recipient"]):
    """Questions about many recipients."""

    def deliverable(self) -> Self:
        """Return the active recipients whose address is not suppressed."""
        suppressed = Suppression.objects.filter(address_hash=models.OuterRef("address_hash"))
        return self.filter(~models.Exists(suppressed), state=Recipient.State.ACTIVE)

    def wanting_bulletins(self) -> Self:
        """Return the deliverable recipients whose confirmed yes to bulletins stands."""
        said_yes = Consent.objects.in_force(Consent.Purpose.BULLETINS).filter(recipient=models.OuterRef("pk"))
        return self.deliverable().filter(models.Exists(said_yes))


class Recipient(Nameless, models.Model):
    """
    An address that messages may go to, and the language that its reader wants, in easy language where there is such a message.
    Most are of mail, and a person is theirs. One of another `channel` has its `address` as that channel knows it and belongs to
    the `person` who has proven it: language, audiences and wishes are theirs, consent and suppression its own. A chat room is
    nobody's: all of this is its own.

    `address_hash` is the HMAC of the address (see `address_hash()`); an erased recipient keeps only that.
    `address_since` is when the address took the place of another one, None when it never did: mail before then was read
    by someone else. `user_hash` is the code of the id by which a channel knows who has the address, "" until it said one: WhatsApp
    names people by it who hide their number.
    """

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("not confirmed")
        ACTIVE = "active", _("active")
        LEFT = "left", _("left")
        ERASED = "erased", _("erased")

    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, default=Channel.MAIL, db_default=Channel.MAIL.value
    )
    email = models.EmailField(_("email address"), max_length=254, blank=True)
    address = models.CharField(_("address of another channel"), max_length=2000, blank=True, default="", db_default="")
    person = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="other_addresses", verbose_name=_("person")
    )
    address_hash = models.CharField(_("address code"), max_length=64, unique=True, editable=False)
    user_hash = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    name = models.CharField(_("name"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    prefers_easy = models.BooleanField(default=False, db_default=False, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    address_since = models.DateTimeField(null=True, editable=False)

    objects = RecipientQuerySet.as_manager()
    of_campaign = "memberships__audience__campaign"

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        indexes = [
            models.Index(fields=["user_hash"], condition=~models.Q(user_hash=""), name="recipient_user_hash"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="one_recipient_per_address"),
            models.CheckConstraint(
                condition=~models.Q(state="erased") | models.Q(email="", name=""),
                name="erased_recipient_has_no_address",
            ),
            models.CheckConstraint(
                condition=models.Q(channel=Channel.MAIL, address="", person=None)
                | ~models.Q(channel=Channel.MAIL)
                & models.Q(email="")
                & models.Q(models.Q(channel=Channel.ROOM, person=None) | models.Q(person__isnull=False))
                & (models.Q(address="") | ~models.Q(state="erased")),
                name="an_address_is_of_one_channel",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.address or self.address_hash[:8]

    def save(self, *args: object, **kwargs: object) -> None:
        """
        Store the address in its one form (lib.mail_addresses), with its code. Raise TypeError for another address than the
        stored one: `take_address` is for that, so that no yes to mail comes along with an address that nobody has proven.
        """
        if self.email:
            self.email = canonical(self.email)
        if self.email or self.address:
            code = address_hash(address_form(self.channel, self.email or self.address))
            self._refuse_another(code)
            self.address_hash = code
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def _refuse_another(self, code: str) -> None:
        """Raise TypeError when the stored row has another address than the one of `code`; one query where that may be."""
        if self.pk is None or self.address_hash == code:
            return
        if Recipient.objects.filter(pk=self.pk).exclude(address_hash=code).exists():
            raise TypeError("An address changes by take_address, when it is proven.")

    def take_address(self, email: str, *, at: datetime) -> None:
        """
        Take another address, whose owner has just proven it. Whatever was agreed to before `at` was for the address before:
        it does not stand for this one until it is written down anew (Consent.objects.in_force).
        """
        self.email, self.address_hash, self.address_since = canonical(email), address_hash(email), at
        super().save(update_fields=["email", "address_hash", "address_since"])

    def had_address_at(self, moment: datetime) -> bool:
        """Return whether mail of a moment went to the address that the recipient has now."""
        return self.address_since is None or self.address_since <= moment


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Questions about many consents."""

    def in_force(self, purpose: str) -> Self:
        """
        Return the consents to a purpose by which mail may go: confirmed, not withdrawn, and given or confirmed anew for
        the address that the recipient has now. What was only imported was never agreed to. delivery.sending.handoff
        asks the same in SQL.
        """
        for_this_address = models.Q(recipient__address_since=None) | models.Q(
            confirmed_at__gte=models.F("recipient__address_since")
        )
        return self.filter(for_this_address, purpose=purpose, confirmed_at__isnull=False, withdrawn_at=None)


class Consent(Nameless, models.Model):
    """
    What a person agreed to: which text, when, in what language, where from. Withdrawn, and deleted only with the
    person. `language` is the one in which the text was read; its words are in ConsentText.
    """

    class Purpose(models.TextChoices):
        BULLETINS = "bulletins", _("bulletins")
        DIGEST = "digest", _("digest")
        OPEN_TRACKING = "open_tracking", _("open tracking")
        ANOTHER_CRISIS = "another_crisis", _("another crisis")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="consents", verbose_name=_("recipient"))
    purpose = models.CharField(_("purpose"), max_length=14, choices=Purpose)
    text_version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=12)
    source = models.CharField(_("source"), max_length=60)
    given_at = models.DateTimeField(_("given"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()
    of_campaign = "recipient__memberships__audience__campaign"

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="one_standing_consent_per_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.get_purpose_display()}"


class ConsentText(Frozen):
    """
    The exact words of one version in one language, as they stood on the page when the first person agreed to them. Written
    once (delivery/recipients/consents.py), never changed: with them a consent can be shown years later.
    """

    purpose = models.CharField(_("purpose"), max_length=14, choices=Consent.Purpose)
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=12)
    words = models.TextField(_("words"))
    first_at = models.DateTimeField(_("first agreed to"))

    objects = FrozenQuerySet["ConsentText"].as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["purpose", "-version", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="one_text_per_purpose_version_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version} {self.language}"

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of the words."""
        return hashlib.sha256(self.words.encode()).hexdigest()


class AudienceQuerySet(models.QuerySet["Audience"]):
    """Questions about many audiences."""

    def of_people(self) -> Self:
        """Return those of which staff choose who gets what, and when. Chat rooms get what is urgent, or what they want, by themselves."""
        return self.exclude(kind=Audience.Kind.ROOMS)


class Audience(models.Model):
    """
    Who a send goes to. `languages` are the codes it is served in, the first for readers of other languages;
    `tier` is how close the contact is (1 the closest), empty for digests; `max_size` in people. Of a send that
    is not urgent, `canary_size` people get it first (0: all at once), and the others `canary_minutes` later when
    nothing went wrong. What is not urgent and goes at a chosen time, or as soon as it is approved, goes
    `stagger_minutes` later to this audience (its slots are its cadence's own).
    """

    class Kind(models.TextChoices):
        INFLUENCERS = "influencers", _("influencers")
        DIGEST = "digest", _("digest")
        ROOMS = "rooms", _("chat rooms")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="audiences", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INFLUENCERS)
    name = TranslatedField(_("name"))
    description = TranslatedField(_("description"), blank=True)
    tier = models.PositiveSmallIntegerField(_("tier"), null=True, blank=True)
    languages = models.JSONField(_("languages"), default=list)
    max_size = models.PositiveIntegerField(_("maximum size"), null=True, blank=True)
    canary_size = models.PositiveIntegerField(_("people in the first part"), default=0)
    canary_minutes = models.PositiveSmallIntegerField(_("minutes until the others follow"), default=10)
    stagger_minutes = models.PositiveSmallIntegerField(_("minutes after the first audience"), default=0)

    objects = AudienceQuerySet.as_manager()

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["campaign", models.F("tier").asc(nulls_last=True), "slug"]
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_audience_per_campaign_slug")]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug

    @property
    def purpose(self) -> Consent.Purpose:
        """What its members have to have agreed to, for a mail to be handed over to them."""
        return Consent.Purpose.DIGEST if self.kind == self.Kind.DIGEST else Consent.Purpose.BULLETINS


class AudienceSize(models.Model):
    """How many people an audience had on a date, and how that is known (counted, reported)."""

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="sizes", verbose_name=_("audience"))
    date = models.DateField(_("date"))
    size = models.PositiveIntegerField(_("people"))
    basis = models.CharField(_("how it is known"), max_length=40)

    class Meta:
        verbose_name = _("size on a date")
        verbose_name_plural = _("sizes on dates")
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["audience", "date"], name="one_size_per_audience_date")]

    def __str__(self) -> str:
        return f"{self.audience} {self.date}: {self.size}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Questions about many memberships."""

    def open(self, *, at: datetime) -> Self:
        """Return the memberships that hold at `at`."""
        return self.filter(models.Q(left_at=None) | models.Q(left_at__gt=at), joined_at__lte=at)


class Membership(Nameless, models.Model):
    """
    A recipient in an audience, from when and until when. Moving between tiers closes one and opens another. `reason` is
    why they came, `left_because` what ended it, "" when they moved on. One begins and ends by verbs only that keep consent:
    joining, subscribing and moving (which ask for a standing one), leaving, complaining and erasing (which end it).
    """

    ENDED_BY_THEM = ("unsubscribed", "complained", "left")

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="memberships", verbose_name=_("audience"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="memberships", verbose_name=_("recipient"))
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    left_because = models.CharField(_("reason for leaving"), max_length=200, blank=True)
    moved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("moved by")
    )

    objects = MembershipQuerySet.as_manager()
    of_campaign = "audience__campaign"

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "recipient"], condition=models.Q(left_at=None), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=models.Q(left_at=None) | models.Q(left_at__gte=models.F("joined_at")),
                name="membership_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.audience}"


@defines(Scope.INFLUENCERS, Membership)
def in_audiences_of_influencers(user: User) -> models.Q:
    """Return the condition for memberships of audiences of influencers, not of digests."""
    return models.Q(audience__kind=Audience.Kind.INFLUENCERS)


class MailChoice(Nameless, models.Model):
    """
    How a recipient wants the mail of a campaign's audiences: each mail in its slot, gathered daily or weekly, or only
    what is urgent. During a break, until `break_until`, nothing but what is urgent comes. Corrections of what someone
    got come always. Without a row, each mail comes. What had been put off under `pace_before` until `changed_at` still
    comes in the next gathered mail.
    """

    class Pace(models.TextChoices):
        EACH = "each", _("each bulletin when it is published")
        DAY = "day", _("once a day, gathered")
        WEEK = "week", _("once a week, gathered")
        URGENT = "urgent", _("only what is urgent")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="choices", verbose_name=_("recipient"))
    pace = models.CharField(_("how often"), max_length=8, choices=Pace, default=Pace.EACH)
    break_until = models.DateTimeField(_("on a break until"), null=True, blank=True)
    pace_before = models.CharField(max_length=8, choices=Pace, blank=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("email preference")
        verbose_name_plural = _("email preferences")
        constraints = [models.UniqueConstraint(fields=["campaign", "recipient"], name="one_mail_choice_each")]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.get_pace_display()}"


class Snooze(Nameless, models.Model):
    """
    A topic of which a recipient wants no mail for a while. Their audiences stay; what is urgent, and corrections of what
    they got, come all the same.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="snoozes", verbose_name=_("recipient"))
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+", verbose_name=_("topic"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("muted topic")
        verbose_name_plural = _("muted topics")
        constraints = [models.UniqueConstraint(fields=["recipient", "topic"], name="one_snooze_per_topic")]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.topic}"


class Suppression(models.Model):
    """An address that gets nothing any more: it does not exist, it complained, or its owner was erased."""

    class Reason(models.TextChoices):
        NO_SUCH_ADDRESS = "no_such_address", _("no such address")
        COMPLAINT = "complaint", _("complaint")
        ERASED = "erased", _("erased")
        STAFF = "staff", _("by staff")

    address_hash = models.CharField(_("address code"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    since = models.DateTimeField(_("since"), default=timezone.now)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return f"{self.address_hash[:8]}: {self.get_reason_display()}"

    @property
    def audited_as(self) -> str:
        """The address code, by which someone who knows the address finds the entry again."""
        return self.address_hash


class SeedAddressQuerySet(models.QuerySet["SeedAddress"]):
    """Questions about many seed addresses."""

    def proven(self) -> Self:
        """
        Return those that a draft may be mailed to: staff with an open account who have logged in by a code from this
        very mailbox, for an account is made for any address; and whoever agreed by the link.
        """
        staff = User.objects.filter(
            is_staff=True, is_active=True, mailbox_proven_at__isnull=False, email__iexact=models.OuterRef("email")
        )
        return self.filter(models.Q(confirmed_at__isnull=False) | models.Exists(staff))


class SeedAddress(Nameless, models.Model):
    """
    An address of a campaign's own people that test sends go to, in a language. Never part of a ledger. Drafts go to staff
    who have logged in by a code from it, and to who agreed (`confirmed_at`) by the link of the mail that asks them
    (`asked_at`); see seed_list.py. One that is measured gets no drafts but every send, as readers get it (SeedArrival).
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="seeds", verbose_name=_("campaign"))
    email = models.EmailField(_("email address"), max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    is_measured = models.BooleanField(
        _("measures the time to inbox"),
        default=False,
        help_text=_(
            "It gets each send instead of test emails. It must be an inbox of your own that forwards what it gets."
        ),
    )
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_("has agreed"), null=True, blank=True, editable=False)

    objects = SeedAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("seed address")
        verbose_name_plural = _("seed list")
        ordering = ["email", "language"]
        constraints = [models.UniqueConstraint("campaign", Lower("email"), "language", name="one_seed_per_address")]

    def __str__(self) -> str:
        return self.name or self.email
