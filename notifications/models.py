"""What people are told at once, by mail and by the notification hook. The row is the queue."""

from datetime import datetime
from textwrap import shorten
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from delivery.models import Channel
from delivery.models.channels import Proof, end_of_quiet

from . import notice_kinds
from .notice_kinds import Kind

LONGEST_NAME = 120  # of what a notice is about, where it stands behind a headline


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about many notices."""

    def waiting(self) -> Self:
        """Return what is neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, *, at: datetime) -> Self:
        """Return what waits to be mailed or posted and may be tried at `at`; what only a newer version of the software knows waits for it."""
        return (
            self.waiting()
            .filter(by_mail=True)
            .filter(next_attempt_at__lte=at, kind__in=[kind.key for kind in notice_kinds.registered()])
        )

    def about(self, kind: Kind, subject_id: Any) -> Self:
        """Return the notices of one kind about one row, by its key or a reference to it."""
        return self.filter(kind=kind.key, subject_id=subject_id)


class Notice(Nameless, models.Model):
    """
    One thing to tell one person (`person`), or the notification hook or another address (`person` empty). Sent at least once.

    `kind` is the key of what apps register (notice_kinds.py); `subject_id` is the key of the row that it is about, of the kind's
    model, and `version` which version of it. `path` is the page of ours that it leads to, where the kind does not say it.

    Where `by_mail` is not set its person gets it by other channels only (NoticeCopy), or reads it at the desk.

    `attempts` counts tries, the next one is at `next_attempt_at`; `sent_at` ends it, `given_up_at` too. At the desk the person
    looked at it at `seen_at` (notice_list.py). It was sent by mail, or as a hint by another `channel` (delivery/sending/hints.py).
    """

    kind = models.CharField(_("what"), max_length=20)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="notices", verbose_name=_("campaign"))
    subject_id = models.PositiveBigIntegerField(_("about"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), null=True, blank=True)
    path = models.CharField(_("page"), max_length=200, blank=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person"))
    text = models.TextField(_("words"), blank=True)
    at = models.DateTimeField(_("at"))
    by_mail = models.BooleanField(_("by email"), default=True, db_default=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    channel = models.CharField(_("sent by"), max_length=10, choices=Channel, blank=True, default="", db_default="")

    objects = NoticeQuerySet.as_manager()
    planned: "list[NoticeCopy]" = []

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notice_waiting",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
            models.Index(fields=["kind", "subject_id"], name="notice_about"),
            models.Index(fields=["person", "-at", "-id"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.person or 'hook'}"

    def headline(self, subject: Any) -> str:
        """Return what it says in one line, in the active language; `subject` is what it is about."""
        kind = notice_kinds.get(self.kind)
        line = gettext(kind.says) % kind.values(subject, self.version) if kind.says else self.text.partition("\n")[0]
        return self.campaign.marked(line)

    def embargo(self, subject: Any) -> datetime | None:
        """Return until when its subject's words are under embargo, None where they were not when it was written."""
        until = notice_kinds.get(self.kind).embargo_until(subject)
        return until if until and until > self.at else None

    def named(self, subject: Any) -> str:
        """Return what its subject is called; nothing under embargo."""
        return "" if self.embargo(subject) else notice_kinds.get(self.kind).named(subject)

    def asked(self, subject: Any) -> str:
        """Return what its subject asks of people, in a line; nothing under embargo."""
        return "" if self.embargo(subject) else notice_kinds.get(self.kind).asked(subject)

    def line(self, subject: Any) -> str:
        """Return what it says in one line, with what its subject is called."""
        kind, headline = notice_kinds.get(self.kind), self.headline(subject)
        is_named = kind.says or (
            self.person is not None and self.person.is_staff
        )  # else its own text says what it is about
        named = shorten(self.named(subject), LONGEST_NAME, placeholder=" …") if is_named else ""
        return f"{headline}: {named}" if named else headline

    def subject_line(self, subject: Any) -> str:
        """Return the subject of its mail, in the active language."""
        kind = notice_kinds.get(self.kind)
        line = "" if self.embargo(subject) else kind.subject_line(subject)
        whole = self.campaign.marked(line) if line else self.line(subject)
        hour = kind.hour(subject, self.person) if self.person else ""
        return f"{whole}, {hour}" if hour else whole

    def on_screens(self, subject: Any) -> str:
        """Return the headline as a locked screen may show it, in the active language."""
        instead = notice_kinds.get(self.kind).on_screens
        return self.campaign.marked(gettext(instead)) if instead else self.headline(subject)

    def words(self, subject: Any) -> str:
        """Return the words below the headline; nothing under embargo that somebody typed."""
        if self.is_kept_back(subject):
            return ""
        return self.text if notice_kinds.get(self.kind).says else self.text.partition("\n")[2]

    def is_kept_back(self, subject: Any) -> bool:
        """Return whether its own text is not to be read before an embargo ends."""
        return bool(self.text and not notice_kinds.get(self.kind).text_is_ours and self.embargo(subject))

    def details(self, subject: Any) -> str:
        """
        Return what its mail says below these words: its subject's own, then what is said about it. Under embargo it says that instead of
        its subject's words: a locked phone shows how a mail begins.
        """
        kind = notice_kinds.get(self.kind)
        quoted = kind.quoted(subject)
        if (quoted or self.is_kept_back(subject)) and (until := self.embargo(subject)):
            ends = date_format(self.campaign.local(until), "DATETIME_FORMAT")
            quoted = gettext("It is under embargo until %(time)s, so its words are on its page only.") % {"time": ends}
        return "\n\n".join(part for part in (quoted, kind.details(subject)) if part)

    def added_for_hook(self, subject: Any) -> str:
        """Return what the notification hook adds to its headline, without its subject's own words under embargo."""
        kind = notice_kinds.get(self.kind)
        quoted = "" if self.embargo(subject) else kind.quoted_for_hook(subject)
        return ". ".join(part for part in (quoted, kind.added_for_hook(subject)) if part)

    def address(self, subject: Any) -> str:
        """Return the absolute address that it leads to, in the active language."""
        return settings.PUBLIC_URL + self.page(subject)

    def page(self, subject: Any) -> str:
        """Return the path of the page that it leads to, in the active language."""
        return self.path or notice_kinds.get(self.kind).page(subject, self.person)


# --- Where staff are told --------------------------------------------------------------------------


class StaffAddress(Nameless, models.Model):
    """
    An address of a channel but mail that a colleague has proven to be theirs. `is_practice`: the code came to the mail catcher, since
    nothing else is set up, so that it is used in exercises only. Since `broken_at` nothing arrives there any more. `user_hash` as
    Recipient.user_hash.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notice_addresses", verbose_name=_("person"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("address"), max_length=2000)
    address_hash = models.CharField(max_length=64, editable=False)
    user_hash = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    is_practice = models.BooleanField(_("for exercises only"), default=False)
    since = models.DateTimeField(_("since"))
    broken_at = models.DateTimeField(_("no longer works since"), null=True, blank=True)

    class Meta:
        verbose_name = _("address of a colleague")
        verbose_name_plural = _("addresses of colleagues")
        constraints = [
            models.UniqueConstraint(fields=["address_hash", "is_practice"], name="one_colleague_per_address"),
        ]

    def __str__(self) -> str:
        return str(Channel(self.channel).label)


class StaffProof(Proof):
    """An address that is not proven yet, of a colleague."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notice_proofs", verbose_name=_("person"))
    is_practice = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("address of a colleague to be proven")
        verbose_name_plural = _("addresses of colleagues to be proven")
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="one_proof_per_colleague_and_channel")]


class NoticeWishes(Nameless, models.Model):
    """
    By which channels a colleague is told of what is urgent or broken, of what else waits for them, and of news: lists of channels. Without
    a row, by mail. Between two times of day, by the clock of their zone ("" for the campaign's), only what is urgent goes by other channels.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="notice_wishes", verbose_name=_("person"))
    urgent = models.JSONField(_("urgent"), default=list)
    waits = models.JSONField(_("waits"), default=list)
    news = models.JSONField(_("news"), default=list)
    quiet_begins = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_ends = models.TimeField(_("quiet until"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("how a colleague is told")
        verbose_name_plural = _("how colleagues are told")

    def __str__(self) -> str:
        return f"{self.user_id}"

    def zone(self, campaign: Campaign) -> ZoneInfo:
        """Return the zone of their clock."""
        return ZoneInfo(self.time_zone) if self.time_zone else campaign.zone

    def quiet_until(self, at: datetime, campaign: Campaign) -> datetime | None:
        """Return when the quiet hours end that a moment is in, None outside of them."""
        if self.quiet_begins is None or self.quiet_ends is None:
            return None
        return end_of_quiet(self.quiet_begins, self.quiet_ends, at.astimezone(self.zone(campaign)))


class NoticeCopyQuerySet(models.QuerySet["NoticeCopy"]):
    """Questions about many copies."""

    def waiting(self) -> Self:
        """Return what is neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, *, at: datetime) -> Self:
        """Return what waits and may be tried at `at`."""
        known = [kind.key for kind in notice_kinds.registered()]
        return self.waiting().filter(next_attempt_at__lte=at, notice__kind__in=known)


class NoticeCopy(models.Model):
    """A notice on its way to one address of a channel but mail. The same notice never goes there twice."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="copies", verbose_name=_("notice"))
    to = models.ForeignKey(StaffAddress, models.CASCADE, related_name="copies", verbose_name=_("address"))
    is_urgent = models.BooleanField(_("urgent"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    objects = NoticeCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("copy of a notice")
        verbose_name_plural = _("copies of notices")
        constraints = [models.UniqueConstraint(fields=["notice", "to"], name="one_copy_per_address")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notice_copy_waiting",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.to_id}"
