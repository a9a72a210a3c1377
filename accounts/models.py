"""People who log in. Everyone logs in by e-mail address; what they may do comes from roles.py."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(DjangoUserManager["User"]):
    """Create users; an address is always stored in lower case. `with_perm()` is Django's."""

    use_in_migrations = False

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a user without a usable password unless one is given. Raise ValueError without an address."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
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


class User(AbstractBaseUser, PermissionsMixin):
    """
    A person who logs in: staff, a contributor of an authority, or an influencer.

    `language` is the code of the language that the person reads, "" for no choice yet.
    """

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_staff = models.BooleanField(_("may enter the desk"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_address"),
            # The plain one lets Django's login look an address up by its index.
            models.UniqueConstraint(fields=["email"], name="user_address_unique"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, or the address when there is none."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the first word of the name, or the address."""
        return (self.name or self.email).split()[0]

    def has_role(self, role: str) -> bool:
        """Tell whether the user has the role (one of roles.Role), directly or as superuser."""
        return self.is_superuser or self.groups.filter(name=role).exists()


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Questions about many entries, and nothing that changes one."""

    def about(self, subject: models.Model) -> "AuditEntryQuerySet":
        """Return the entries about one row, the newest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("-pk")

    def update(self, **kwargs: Any) -> int:
        """Refuse: what happened cannot be changed."""
        raise TypeError("The audit log is append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: what happened cannot be undone by forgetting it."""
        raise TypeError("The audit log is append-only.")


class AuditEntry(models.Model):
    """
    Who did what, when, to which row, and to which digest of its content. Append-only: the database refuses to
    change or delete an entry (migration 0002). `subject_type` is "app.model"; `subject` is its name at the time;
    `detail` is plain data without personal data of recipients.
    """

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(_("kind of object"), max_length=60)
    subject_id = models.CharField(_("key of object"), max_length=40)
    subject = models.CharField(_("object"), max_length=200)
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store once. Raise TypeError on any later change."""
        if self.pk:
            raise TypeError("The audit log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError("The audit log is append-only.")


class Attempt(models.Model):
    """
    That something was done once from one place, until it no longer counts (accounts.limiting). `key_hash` is a keyed
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
