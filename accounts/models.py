"""People who log in. Everyone logs in by email address; what they may do comes from access/permissions.py."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lib.frozen_rows import Frozen, FrozenQuerySet


class UserManager(DjangoUserManager["User"]):
    """Create users, whose address is always stored in lower case, and find them."""

    use_in_migrations = False

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a user without a usable password unless one is given. Raise ValueError without an address."""
        if not email:
            raise ValueError("A user needs an email address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a user who may do everything in the desk except approve their own words."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())

    def staff_with(self, permission: str, campaign: int | None = None) -> models.QuerySet["User"]:
        """
        Return who works at the desk and holds a permission ("bulletins.approve_bulletin") for the whole site, or by a role
        in the campaign with a key; in the order of their keys.
        """
        backend = "django.contrib.auth.backends.ModelBackend"
        people = self.with_perm(permission, backend=backend)
        if campaign is not None:
            app, _dot, codename = permission.partition(".")
            roles = Group.objects.filter(permissions__codename=codename, permissions__content_type__app_label=app)
            there = self.filter(
                is_active=True, campaign_roles__campaign=campaign, campaign_roles__role__in=roles.values("name")
            )
            people = self.filter(models.Q(pk__in=people.values("pk")) | models.Q(pk__in=there.values("pk")))
        return people.filter(is_staff=True).order_by("pk")


class Nameless:
    """
    A row of someone's: where it is written down for ever, it goes by its kind and key, for people may have to be
    forgotten.
    """

    _meta: Any
    pk: Any

    @property
    def audited_as(self) -> str:
        """What the audit log and the desk's history call the row."""
        return f"{self._meta.model_name} {self.pk}"


MADE_UP = ".invalid"  # how the address of somebody ends who exists in exercises only: no such domain exists (RFC 2606)


def new_stamp() -> str:
    """Return a random text that no session has been made with yet."""
    return get_random_string(22)


class User(Nameless, AbstractBaseUser, PermissionsMixin):
    """
    A person who logs in: staff, a contributor of an authority, or an influencer.

    `language` is the code of the language that the person reads, "" for no choice yet. A session holds as long as
    `session_stamp` and the password are what they were when it began (accounts.sessions.activity). `mailbox_proven_at` is when they
    logged in by a code that was mailed to the address that they have now; None: whose mailbox it is was never shown.
    """

    email = models.EmailField(_("email address"), max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_staff = models.BooleanField(_("can use the desk"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    session_stamp = models.CharField(max_length=22, default=new_stamp, editable=False)
    mailbox_proven_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("erase_person", "Can see, hand out and erase all that is held about a person")]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_address"),
            # The plain one lets Django's login look an address up by its index.
            models.UniqueConstraint(fields=["email"], name="user_address_unique"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_made_up(self) -> bool:
        """Whether it is nobody: a player of an exercise, who can neither log in nor get mail."""
        return not self.is_active and self.email.endswith(MADE_UP)

    def get_full_name(self) -> str:
        """Return the name, or the address when there is none."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the first word of the name, or the address."""
        return (self.name or self.email).split()[0]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session is compared with, by SECRET_KEY or one of its fallbacks: an HMAC-SHA256 (hex)."""
        held = f"{self.password}\n{self.session_stamp}"
        return salted_hmac("accounts.sessions.activity", held, secret=secret, algorithm="sha256").hexdigest()


class AuditEntryQuerySet(FrozenQuerySet["AuditEntry"]):
    """Questions about many entries."""

    def about(self, subject: models.Model) -> "AuditEntryQuerySet":
        """Return the entries about one row, the newest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("-pk")


class AuditEntry(Frozen):
    """
    Who did what, when, to which row, and to which digest of its content. Append-only: the database refuses to
    change or delete an entry (migration 0002). `subject_type` is "app.model"; `subject` is its name at the time;
    `detail` is plain data without personal data of recipients.
    """

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(_("object type"), max_length=60)
    subject_id = models.CharField(_("object key"), max_length=40)
    subject = models.CharField(_("object"), max_length=200)
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.verb}: {self.subject}"


class AuditSeal(Frozen):
    """
    One link of the chain over the audit log (accounts/audit/chain.py). `number` counts from 1 without gaps, in the order in
    which entries were first seen; `digest` is SHA-256 over the digest before it and the whole entry; `mac` is an HMAC
    that nobody can make without SUPPRESSION_KEY, and `key_id` tells which key that was. Append-only, like the entries.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal", verbose_name=_("audit entry"))
    sealed_at = models.DateTimeField(_("sealed at"))
    digest = models.CharField(_("chain digest"), max_length=64)
    mac = models.CharField(_("keyed digest"), max_length=64)
    key_id = models.CharField(_("key"), max_length=16)

    objects = FrozenQuerySet["AuditSeal"].as_manager()

    class Meta:
        verbose_name = _("seal of the audit log")
        verbose_name_plural = _("seals of the audit log")
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.digest[:12]}"


class AuditCheck(models.Model):
    """
    How far the tick has got with verifying the chain, round after round; one row. It is a note, no proof: whoever can
    change the log can change it too, so the verify command starts from the first seal.

    The present round has looked at the seals up to `upto`, and `found` something or not; `head` and `head_digest` are the
    newest seal that was seen, and `head_noted_on` when one was last written into the program's log; `fault` is what is wrong
    (accounts.audit.chain.Finding as data), {} when the chain holds.
    """

    upto = models.PositiveBigIntegerField(default=0)
    found = models.BooleanField(default=False)
    head = models.PositiveBigIntegerField(default=0)
    head_digest = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True)
    whole_at = models.DateTimeField(null=True)
    fault = models.JSONField(default=dict, blank=True)
    head_noted_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.upto} of {self.head}"


class Attempt(models.Model):
    """
    That something was done once from one place, until it no longer counts (accounts.rate_limit). `key_hash` is a keyed
    hash: the place itself is kept nowhere.
    """

    bucket = models.CharField(max_length=40)
    key_hash = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["bucket", "key_hash", "until"], name="attempts_of_one"),
            models.Index(fields=["until"], name="attempts_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.until}"


class Session(AbstractBaseSession):
    """
    A browser's session (accounts.sessions.activity). Of one in which someone is logged in, it is known whose it is,
    since when, with which device and from which IP address; what the browser calls itself is kept as it came.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=45, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return what reads and writes these rows."""
        from accounts.sessions.store import SessionStore

        return SessionStore


class EntryLink(models.Model):
    """
    A link that logs someone in once, until then (accounts.login.first_administrator). Only a hash of its token is kept.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="entry_link")
    token_hash = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.until}"


class HeldChange(models.Model):
    """
    A change of someone's powers, or of the way into an account that has some, which one administrator alone may not
    make (accounts.access.two_administrators). It takes effect when another one agrees, or at `due_at`; then, or when it
    is stopped, the row is deleted, and the audit log knows.

    Of `rights` it holds what is given: {"roles": ["approver"], "is_active": true}, and in "taken" what another
    administrator loses, likewise; roles in campaigns as "campaign_roles": ["12:approver"], and "campaign": 12 where it is about
    that campaign alone, whose administrators then decide on it too; `email` is the new address, and `password` a hash of the new password.
    """

    class Kind(models.TextChoices):
        RIGHTS = "rights", _("permissions")
        FACTOR = "factor", _("reset of the second factor")
        ADDRESS = "address", _("change of email address")
        PASSWORD = "password", _("change of password")

    user = models.ForeignKey(User, models.CASCADE, related_name="held_changes", verbose_name=_("person"))
    kind = models.CharField(_("change"), max_length=10, choices=Kind)
    rights = models.JSONField(default=dict, blank=True)
    email = models.EmailField(_("new address"), max_length=254, blank=True)
    password = models.CharField(max_length=128, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("takes effect automatically"))
    told_at = models.DateTimeField(null=True)

    of_campaign = "rights__campaign"
    is_of_site = True

    class Meta:
        verbose_name = _("pending change")
        verbose_name_plural = _("pending changes")
        ordering = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"

    @property
    def audited_as(self) -> str:
        """What the audit log and the desk's history call the row."""
        return f"heldchange {self.pk}"

    def description(self) -> str:
        """Return what would change, in the reader's language."""
        if self.kind != self.Kind.RIGHTS:
            return f"{self.get_kind_display()}: {self.email}" if self.email else str(self.get_kind_display())
        taken = self.right_names(self.rights.get("taken", {}))
        loses = [gettext("removed: %(rights)s") % {"rights": ", ".join(taken)}] if taken else []
        return ", ".join([*self.right_names(self.rights), *loses])

    @staticmethod
    def right_names(rights: dict[str, Any]) -> list[str]:
        """Return what rights are called."""
        names = {"is_active": _("active"), "is_staff": _("can use the desk"), "is_superuser": _("Full access")}
        marks = [str(words) for name, words in names.items() if name in rights]
        there = [
            gettext("%(role)s in the campaign") % {"role": one.partition(":")[2]}
            for one in rights.get("campaign_roles", ())
        ]
        return [*rights.get("roles", ()), *rights.get("permissions", ()), *there, *marks]


class CodeMail(models.Model):
    """
    A mail with a login code that has been asked for and not sent yet (accounts.login.code_mails); an empty one for an address that
    is not known. `code` is the code and the token of the link, encrypted (accounts.crypto.encryption); the row is deleted once the mail has left.
    """

    email = models.EmailField(max_length=254, blank=True)
    code = models.CharField(max_length=255)
    language = models.CharField(max_length=12, blank=True)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.asked_at}"
