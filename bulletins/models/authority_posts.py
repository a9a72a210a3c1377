"""What is posted on social networks in the authority's name."""

import hashlib
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign

from .bulletins import AuthorityAccount
from .versions import Version

UNPLACED = gettext_noop("Nobody knows where it stands, so it has to be corrected or deleted there by hand.")


def digest_of(words: str) -> str:
    """Return the SHA-256 (hex) of a post's words."""
    return hashlib.sha256(words.encode()).hexdigest()


class AuthorityPostQuerySet(models.QuerySet["AuthorityPost"]):
    """Questions about many posts."""

    def free(self, *, at: datetime) -> Self:
        """Return what waits, may be tried at `at` and is nobody's."""
        nobodys = models.Q(lease_until=None) | models.Q(lease_until__lte=at)
        return self.filter(nobodys, state=AuthorityPost.State.WAITING, next_attempt_at__lte=at)

    def due(self, *, at: datetime) -> Self:
        """Return what is free, of accounts that work; a reply waits for what it is one to."""
        ready = models.Q(reply_to=None) | ~models.Q(reply_to__remote_id="") | models.Q(is_wanted=False)
        return self.free(at=at).filter(ready, account__state=AuthorityAccount.State.WORKS)

    def standing(self) -> Self:
        """Return what is to stand on its network, or stands there."""
        return self.filter(is_wanted=True)


class AuthorityPost(models.Model):
    """
    One post by an account about a version of a bulletin: what is to stand on the network (`words`, `picture`, `is_wanted`), and what
    does (`said`, the SHA-256 of the words that it has; `remote_id`, `cid`, `url`, "" where there is none). The row is the queue: a worker
    makes the one what the other is.

    `key` was chosen before the first try: Mastodon's Idempotency-Key, or the key of the record on Bluesky, so that a second try posts
    nothing twice. `in_doubt_since` a try began of which nobody knows yet what came of it. `picture` is {key, alt} of a card, {} for none. `reply_to` is the post that it answers. A post that is edited moves on
    to the version whose words it has.
    """

    class Kind(models.TextChoices):
        POST = "post", _("post")
        CORRECTION = "correction", _("what was corrected")
        WITHDRAWAL = "withdrawal", _("that it is withdrawn")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        POSTED = "posted", _("posted")
        DELETED = "deleted", _("deleted")
        STOPPED = "stopped", _("stopped")
        UNKNOWN = "unknown", _("nobody knows")

    FOR_A_PERSON = (State.STOPPED, State.UNKNOWN)

    account = models.ForeignKey(
        AuthorityAccount, models.PROTECT, related_name="posts", verbose_name=_("account of the authority")
    )
    version = models.ForeignKey(
        Version, models.PROTECT, related_name="authority_posts", verbose_name=_("published version")
    )
    language = models.CharField(_("language"), max_length=12)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.POST)
    words = models.TextField(_("words"))
    picture = models.JSONField(_("picture"), default=dict, blank=True)
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies", verbose_name=_("in reply to")
    )
    is_wanted = models.BooleanField(_("is to stand there"), default=True)
    key = models.CharField(max_length=40, unique=True, editable=False)
    said = models.CharField(max_length=64, blank=True, editable=False)
    remote_id = models.CharField(_("its name on the network"), max_length=300, blank=True)
    cid = models.CharField(max_length=100, blank=True, editable=False)
    url = models.URLField(_("address"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    planned_at = models.DateTimeField(_("planned"))
    in_doubt_since = models.DateTimeField(_("perhaps posted since"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_until = models.DateTimeField(_("in progress until"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    detail = models.CharField(_("in the network's words"), max_length=200, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = AuthorityPostQuerySet.as_manager()
    of_campaign = "account__campaign"

    class Meta:
        verbose_name = _("post of the authority")
        verbose_name_plural = _("posts of the authority")
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "version", "language", "kind"], name="one_authority_post_per_version"
            )
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="authority_post_waiting", condition=models.Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.language}"

    @property
    def why(self) -> str:
        """What went wrong, in the active language, with the network's own words."""
        if self.state == self.State.POSTED and self.is_unplaced:
            return gettext(UNPLACED)
        return " ".join(filter(None, (gettext(self.error) if self.error else "", self.detail)))

    @property
    def campaign(self) -> Campaign:
        """The campaign; needs the account with it at hand."""
        return self.account.campaign

    @property
    def has_left(self) -> bool:
        """Return whether it stands on the network, or may."""
        return bool(self.remote_id) or self.in_doubt_since is not None or self.is_unplaced

    @property
    def is_unplaced(self) -> bool:
        """
        Return whether it stands on the network, or may, where only a person can find it: nobody knows whether it was posted, or
        somebody said so to 1.5.0, which did not ask where.
        """
        return not self.remote_id and self.state in {self.State.POSTED, self.State.UNKNOWN}

    @property
    def needs_person(self) -> bool:
        """Return whether a person has something to decide about it."""
        return self.state in self.FOR_A_PERSON or self.is_unplaced

    @property
    def is_settled(self) -> bool:
        """Return whether the network has what it is to have."""
        if not self.is_wanted:
            return not self.has_left
        return bool(self.remote_id) and self.said == digest_of(self.words)
