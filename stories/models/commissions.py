"""Paid work of creators: what is asked and for how much, who applied, what was agreed, drafts and feedback, and payments."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language


def money_field(label: Any, **options: Any) -> Any:
    """Return a column for an amount: exact, with two decimals."""
    return models.DecimalField(label, max_digits=11, decimal_places=2, **options)


class Currency(models.TextChoices):
    """Currencies by their ISO 4217 codes, which are not translated. All have two decimals."""

    EUR = "EUR", "EUR"
    SEK = "SEK", "SEK"
    NOK = "NOK", "NOK"
    DKK = "DKK", "DKK"
    GBP = "GBP", "GBP"
    CHF = "CHF", "CHF"
    USD = "USD", "USD"


class Creator(Nameless, models.Model):
    """
    Somebody who may do paid work for a campaign: an influencer who applied, or someone from elsewhere who was invited
    (`invited_by`). `name` is what they call themselves here, "" once they were erased.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="creators", verbose_name=_("campaign"))
    user = models.ForeignKey(User, models.PROTECT, related_name="creators", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        ordering = ["name", "pk"]
        permissions = [("take_commission", "Can apply for commissions and do them")]
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="one_creator_per_user")]

    def __str__(self) -> str:
        return self.name or f"{self.pk}"


class CommissionQuerySet(models.QuerySet["Commission"]):
    """Questions about many commissions."""

    def taking_applications(self, *, at: datetime) -> Self:
        """Return those for which any creator can apply."""
        may = models.Q(apply_until=None) | models.Q(apply_until__gt=at)
        return self.filter(
            may, state=Commission.State.OPEN, is_open=True, deadline__gt=at, campaign__closed_at=None
        ).order_by("deadline", "pk")

    def of_creator(self, user: Any) -> Self:
        """Return those for which somebody applied or was asked, the newest first."""
        return self.filter(applications__creator__user=user.pk).order_by("-pk")

    def done(self, campaign: Campaign, *, at: datetime) -> Self:
        """Return those whose work is published and may still be used (Commission.may_be_used), the latest first."""
        rows = self.filter(campaign=campaign, published_at__isnull=False)
        of_campaign = models.Q(term=Commission.Term.CAMPAIGN, campaign__closed_at__isnull=False)
        over = of_campaign | models.Q(rights_end_at__isnull=False, rights_end_at__lte=at)
        return rows.exclude(over).order_by("-published_at", "-pk")

    def on_ledger(self, campaign: Campaign) -> Self:
        """Return those of which a public ledger tells: from the signed agreement on, by number."""
        return self.filter(campaign=campaign, agreed_at__isnull=False).order_by("number")


class Commission(models.Model):
    """
    Paid work that is asked for, done, accepted and paid. Its states and who may take which step are in
    stories/commissions/commission_states.py. What it may be used for is as little as a campaign's website needs, unless more is chosen.
    Money is without value added tax. `owed` is what has to be paid: nothing before the work is
    accepted, then the fee; of a cancelled one the cancellation fee, if one is due. `paid` is the sum of its payments.

    Three people have a hand in it: who asked, who accepted and who paid; one of the latter two agreed to the brief before a creator saw it. The database keeps them apart, here by the first of each and in
    CommissionPart for everybody.

    A work may be used until `rights_end_at`: None where its term has no end or has not begun (stories/commissions/rights.py). Staff are told
    before that (`end_told_at`), and the tick notes that it is over (`rights_over_at`).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brief in work")
        SUBMITTED = "submitted", _("brief waiting for a second person")
        OPEN = "open", _("open")
        CHOSEN = "chosen", _("creator chosen")
        AGREED = "agreed", _("in work")
        DELIVERED = "delivered", _("waiting for acceptance")
        ACCEPTED = "accepted", _("accepted")
        PUBLISHED = "published", _("published")
        PAID = "paid", _("paid")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")

    class Use(models.TextChoices):
        CAMPAIGN = "campaign", _("in this campaign")
        CRISIS = "crisis", _("in all crisis communication")
        ANY = "any", _("in all communication of the client")

    class Term(models.TextChoices):
        CAMPAIGN = "campaign", _("as long as the campaign lasts")
        YEAR = "year", _("for one year")
        FIVE_YEARS = "five_years", _("for five years")
        ALWAYS = "always", _("without a limit in time")

    class TermFrom(models.TextChoices):
        ACCEPTED = "accepted", _("the day on which the work is accepted")
        PUBLISHED = "published", _("the day on which it is first published")

    class Territory(models.TextChoices):
        COUNTRY = "country", _("in the country of the client")
        EUROPE = "europe", _("in Europe")
        WORLD = "world", _("everywhere")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="commissions", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    title = TranslatedField(_("title"))
    what = TranslatedField(_("what is wanted"))
    formats = TranslatedField(_("formats"), blank=True)
    languages = models.JSONField(_("languages of the work"), default=list, blank=True)
    use = models.CharField(_("where it may be used"), max_length=10, choices=Use, default=Use.CAMPAIGN)
    term = models.CharField(_("how long"), max_length=10, choices=Term, default=Term.CAMPAIGN)
    term_from = models.CharField(
        _("counted from"), max_length=10, choices=TermFrom, default=TermFrom.ACCEPTED, db_default=TermFrom.ACCEPTED
    )
    territory = models.CharField(_("where in the world"), max_length=10, choices=Territory, default=Territory.WORLD)
    may_adapt = models.BooleanField(_("it may be adapted"), default=False)
    rights_text = TranslatedField(_("further on rights"), blank=True)
    fee = money_field(_("fee without VAT"))
    kill_fee = money_field(_("cancellation fee without VAT"), default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    rounds = models.PositiveSmallIntegerField(_("rounds of feedback"), default=2)
    pay_days = models.PositiveSmallIntegerField(_("days in which it is paid"), default=14)
    is_open = models.BooleanField(_("any creator can apply"), default=True)
    apply_until = models.DateTimeField(_("apply by"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    made_at = models.DateTimeField(_("made"))
    opened_at = models.DateTimeField(_("published to creators"), null=True, blank=True)
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    rights_end_at = models.DateTimeField(_("may be used until"), null=True, blank=True)
    end_told_at = models.DateTimeField(_("staff told of the end"), null=True, blank=True)
    rights_over_at = models.DateTimeField(_("rights over"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_because = models.TextField(_("why it ended"), blank=True)
    owed = money_field(_("owed"), default=Decimal(0))
    paid = money_field(_("paid"), default=Decimal(0))
    paid_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paid by")
    )
    settled_at = models.DateTimeField(_("paid in full"), null=True, blank=True)

    chosen: "list[CommissionApplication]"  # by ledger.chosen_with_agreement

    objects = CommissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        ordering = ["-number"]
        permissions = [
            ("ask_commission", "Can ask creators for paid work, choose one and sign for the client"),
            ("accept_commission", "Can accept the work of a commission that others asked for"),
            ("pay_commission", "Can record payments of commissions that others asked for and accepted"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_commission_per_number"),
            models.CheckConstraint(condition=models.Q(fee__gt=0), name="commission_is_paid_work"),
            models.CheckConstraint(
                condition=models.Q(kill_fee__gte=0, kill_fee__lte=models.F("fee")), name="kill_fee_within_fee"
            ),
            models.CheckConstraint(
                condition=models.Q(owed__gte=0, owed__lte=models.F("fee")), name="commission_owes_its_fee_at_most"
            ),
            models.CheckConstraint(
                condition=models.Q(paid__gte=0, paid__lte=models.F("owed")), name="no_commission_is_overpaid"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="paid") | (models.Q(paid=models.F("owed")) & models.Q(paid__gt=0)),
                name="paid_commission_is_paid_in_full",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["accepted", "published", "paid"])
                | models.Q(accepted_by__isnull=False, accepted_at__isnull=False),
                name="accepted_commission_was_accepted",
            ),
            models.CheckConstraint(
                condition=models.Q(paid=0) | models.Q(paid_by__isnull=False), name="paid_commission_has_its_payer"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_by=None) | ~models.Q(accepted_by=models.F("asked_by")),
                name="who_asks_does_not_accept",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_by=None) | ~models.Q(paid_by=models.F("asked_by")),
                name="who_asks_does_not_pay",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_by=None)
                | models.Q(accepted_by=None)
                | ~models.Q(paid_by=models.F("accepted_by")),
                name="who_accepts_does_not_pay",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state", "deadline"], name="commission_in_state")]

    def __str__(self) -> str:
        return f"{self.number}. {in_language(self.title)}"

    @property
    def is_taken_down(self) -> bool:
        """Whether it was published, and nobody sees it any more."""
        return self.state in {self.State.PUBLISHED, self.State.PAID} and self.published_at is None

    @property
    def state_words(self) -> str:
        """How far it is, in words; of a work that was published and that nobody sees any more, that too."""
        is_paid = self.state == self.State.PAID
        if self.is_taken_down:
            return str(_("paid, taken down") if is_paid else _("taken down"))
        if self.rights_over_at is not None:
            return str(_("paid, rights ended") if is_paid else _("rights ended"))
        return self.get_state_display()

    def may_be_used(self, *, at: datetime) -> bool:
        """Return whether the time that was agreed is not over; needs the campaign at hand."""
        if self.term == self.Term.CAMPAIGN:
            return self.campaign.closed_at is None
        return self.rights_end_at is None or self.rights_end_at > at

    def get_absolute_url(self) -> str:
        """Return the address of its creators' page in the active language."""
        return reverse("commissions:mine", args=[self.pk])

    @property
    def left(self) -> Decimal:
        """What is still to be paid."""
        return self.owed - self.paid


@defines(Scope.OWN, Commission)
def of_own_work(user: User) -> models.Q:
    """Return the condition for commissions for which someone applied or was asked."""
    return models.Q(applications__creator__user=user.pk)


class CommissionPart(models.Model):
    """That somebody has a part in a commission: nobody has two, and whoever does the work has none of the others."""

    class Part(models.TextChoices):
        ASKS = "asks", _("asks and chooses")
        ACCEPTS = "accepts", _("accepts")
        PAYS = "pays", _("pays")
        MAKES = "makes", _("does the work")

    commission = models.ForeignKey(Commission, models.CASCADE, related_name="parts", verbose_name=_("commission"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("user"))
    part = models.CharField(_("part"), max_length=8, choices=Part)
    since = models.DateTimeField(_("since"))

    of_campaign = "commission__campaign"

    class Meta:
        verbose_name = _("part in a commission")
        verbose_name_plural = _("parts in commissions")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["commission", "user"], name="one_part_in_a_commission")]

    def __str__(self) -> str:
        return f"{self.commission_id}: {self.part}"


class CommissionApplication(Nameless, models.Model):
    """That a creator applied for a commission, or was asked, and what became of it. Applications are never ranked."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        APPLIED = "applied", _("applied")
        CHOSEN = "chosen", _("chosen")
        PASSED = "passed", _("somebody else was chosen")
        DECLINED = "declined", _("declined")

    commission = models.ForeignKey(
        Commission, models.CASCADE, related_name="applications", verbose_name=_("commission")
    )
    creator = models.ForeignKey(Creator, models.CASCADE, related_name="applications", verbose_name=_("creator"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    sentence = models.CharField(_("in one sentence"), max_length=300, blank=True)
    link = models.URLField(_("link to earlier work"), max_length=500, blank=True)
    at = models.DateTimeField(_("at"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    of_campaign = "commission__campaign"

    class Meta:
        verbose_name = _("application for a commission")
        verbose_name_plural = _("applications for commissions")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["commission", "creator"], name="one_application_per_creator"),
            models.UniqueConstraint(
                fields=["commission"], condition=models.Q(state="chosen"), name="one_creator_is_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commission_id}: {self.state}"


class CommissionAgreement(Nameless, models.Model):
    """
    What both sides sign. `content` is exactly that: its lines in `language`, with the fee as data; `digest` is its fingerprint.
    `credit` is the name that the creator wants to be named by, "" for none, and `in_ledger` whether a public ledger may show it: both
    are part of what is signed. The creator signs first.
    """

    application = models.OneToOneField(
        CommissionApplication, models.CASCADE, related_name="agreement", verbose_name=_("application")
    )
    language = models.CharField(_("language"), max_length=12)
    content = models.JSONField(_("content"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    credit = models.CharField(_("named as"), max_length=150, blank=True)
    in_ledger = models.BooleanField(_("named on the public ledger"), default=False)
    made_at = models.DateTimeField(_("made"))
    creator_signed_at = models.DateTimeField(_("signed by the creator"), null=True, blank=True)
    signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed for the client by")
    )
    signed_at = models.DateTimeField(_("signed for the client"), null=True, blank=True)

    of_campaign = "application__commission__campaign"

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_at=None) | models.Q(creator_signed_at__isnull=False, signed_by__isnull=False),
                name="agreement_has_two_sides",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.digest[:8]}"


class CommissionExtension(Nameless, models.Model):
    """
    That a work may be used longer than was agreed: asked for by whoever asks for the work, and nothing until the creator has agreed to exactly
    these words. `content` and `digest` are as in the agreement that it changes; `ends_at` is the new end, None for `term` without one.
    """

    agreement = models.ForeignKey(
        CommissionAgreement, models.CASCADE, related_name="extensions", verbose_name=_("agreement")
    )
    term = models.CharField(_("how long"), max_length=10, choices=Commission.Term)
    ends_at = models.DateTimeField(_("may be used until"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12)
    content = models.JSONField(_("content"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    agreed_at = models.DateTimeField(_("agreed by the creator"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined by the creator"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    of_campaign = "agreement__application__commission__campaign"

    class Meta:
        verbose_name = _("longer use of a work")
        verbose_name_plural = _("longer uses of works")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"],
                condition=models.Q(agreed_at=None, declined_at=None, withdrawn_at=None),
                name="one_extension_waits_for_its_creator",
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_at=None) | models.Q(declined_at=None, withdrawn_at=None),
                name="agreed_extension_was_not_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.digest[:8]}"

    @property
    def waits(self) -> bool:
        """Whether the creator has not answered, and is asked still."""
        return self.agreed_at is self.declined_at is self.withdrawn_at is None


class CommissionDraft(Nameless, models.Model):
    """What the creator delivered, and what was said of it; `feedback` "" for one that nobody sent back."""

    commission = models.ForeignKey(Commission, models.CASCADE, related_name="drafts", verbose_name=_("commission"))
    number = models.PositiveSmallIntegerField(_("number"))
    note = models.TextField(_("note"), blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"))
    feedback = models.TextField(_("feedback"), blank=True)
    feedback_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("feedback by")
    )
    feedback_at = models.DateTimeField(_("feedback given"), null=True, blank=True)

    of_campaign = "commission__campaign"

    class Meta:
        verbose_name = _("draft of a commission")
        verbose_name_plural = _("drafts of commissions")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["commission", "number"], name="one_draft_per_number")]

    def __str__(self) -> str:
        return f"{self.commission_id}: {self.number}"


class CommissionFile(models.Model):
    """A picture of a draft, drawn anew: pixels and nothing else. `sha256` (hex) is of the stored file; sizes in pixels and bytes."""

    draft = models.ForeignKey(CommissionDraft, models.CASCADE, related_name="files", verbose_name=_("draft"))
    position = models.PositiveSmallIntegerField(_("position"))
    file = models.FileField(_("file"), upload_to="commissions/", max_length=200)
    alt_text = models.CharField(_("alt text"), max_length=300, blank=True)
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)

    of_campaign = "draft__commission__campaign"

    class Meta:
        verbose_name = _("file of a draft")
        verbose_name_plural = _("files of drafts")
        ordering = ["draft", "position"]
        constraints = [models.UniqueConstraint(fields=["draft", "position"], name="one_draft_file_per_position")]

    def __str__(self) -> str:
        return f"{self.draft_id}: {self.position}"


class CommissionPayment(Nameless, models.Model):
    """
    A payment that somebody made elsewhere and wrote down here. `reference` is the bank's or the books', and names one payment. One
    that was written down by mistake is taken back (`taken_back_at`), and stays.
    """

    commission = models.ForeignKey(Commission, models.CASCADE, related_name="payments", verbose_name=_("commission"))
    amount = money_field(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    reference = models.CharField(_("reference"), max_length=60)
    paid_on = models.DateField(_("paid on"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written down by"))
    at = models.DateTimeField(_("written down"))
    taken_back_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    of_campaign = "commission__campaign"

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "reference"],
                condition=models.Q(taken_back_at=None),
                name="one_payment_per_reference",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.commission_id}: {self.amount} {self.currency}"


class CommissionLedger(models.Model):
    """That a campaign shows everybody what it pays for commissioned work; nobody sees it unless somebody opened it."""

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, related_name="commission_ledger", verbose_name=_("campaign")
    )
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("public ledger")
        verbose_name_plural = _("public ledgers")

    def __str__(self) -> str:
        return str(self.campaign_id)
