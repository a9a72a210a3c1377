"""
The working copy of a bulletin: what editors write and approvers read.

What readers see is never this: publishing freezes it into a Version (versions.py).
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign, ReadingLevel, Topic, language_code
from campaigns.translated_fields import TranslatedField
from delivery.models import Audience, Channel
from factcheck.models import Claim

from .inputs import InputFact, MessageInput, Urgency
from .parts import Parts
from .seen_rules import have_partners


class NotAllowed(Exception):
    """A refused step of a bulletin. The text says why and what now, in the user's language."""


# What is known, what is not known yet, and what is being done: parts of an edition beside its text.
SITUATION = ("known", "not_known", "being_done")


def iso(moment: datetime | None) -> str | None:
    """Return an aware moment in UTC as ISO 8601, so that the same moment always gives the same digest."""
    return moment.astimezone(UTC).isoformat() if moment else None


class Platform(models.TextChoices):
    """Where an influencer publishes. Names are the platforms' own and are not translated."""

    INSTAGRAM = "instagram", "Instagram"
    TIKTOK = "tiktok", "TikTok"
    YOUTUBE = "youtube", "YouTube"
    FACEBOOK = "facebook", "Facebook"
    X = "x", "X"
    THREADS = "threads", "Threads"
    SNAPCHAT = "snapchat", "Snapchat"


class Network(models.TextChoices):
    """Where the authority itself posts. Names are the networks' own and are not translated."""

    MASTODON = "mastodon", "Mastodon"
    BLUESKY = "bluesky", "Bluesky"


# Where an edition has words of its own: on the platforms of influencers, where the authority posts, and by the channels by which we
# send it beside mail.
PLACES = [*Platform.choices, *Network.choices, *((one.value, one.label) for one in Channel if one != Channel.MAIL)]


class AuthorityAccount(models.Model):
    """
    An account of the authority's on a network, for one campaign. `secret` (a token of access, or an app password) and `session` are
    encrypted (accounts.crypto.encryption); nobody is shown them. It posts in `languages`, [] for all. `why` says why it was refused.
    """

    class State(models.TextChoices):
        NEW = "new", _("not tried yet")
        WORKS = "works", _("works")
        REFUSED = "refused", _("refused")
        OFF = "off", _("not in use")

    class OnCorrection(models.TextChoices):
        EDIT = "edit", _("edit the post, and reply to it with what changed")
        REPLACE = "replace", _("delete the post, post the corrected words, and reply with what changed")
        REPLY = "reply", _("leave the post, and reply to it with what changed")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="authority_accounts", editable=False, verbose_name=_("campaign")
    )
    network = models.CharField(_("network"), max_length=12, choices=Network)
    server = models.CharField(_("server"), max_length=200)
    handle = models.CharField(_("account"), max_length=200)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    on_correction = models.CharField(_("when a bulletin is corrected"), max_length=10, choices=OnCorrection)
    with_card = models.BooleanField(_("with the card of the first key message"), default=True)
    secret = models.TextField(blank=True, editable=False)
    session = models.TextField(blank=True, editable=False)
    did = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    why = models.CharField(_("what went wrong"), max_length=300, blank=True)
    detail = models.CharField(_("in the network's words"), max_length=200, blank=True)
    checked_at = models.DateTimeField(_("tried"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next attempt"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("account of the authority")
        verbose_name_plural = _("accounts of the authority")
        ordering = ["network", "handle", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "network", "handle"], name="one_authority_account_per_handle"),
            models.CheckConstraint(
                condition=~models.Q(network="bluesky", on_correction="edit"), name="bluesky_posts_are_not_edited"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_network_display()} {self.handle}"

    @property
    def reason(self) -> str:
        """What went wrong, in the active language, with the network's own words."""
        return " ".join(filter(None, (gettext(self.why) if self.why else "", self.detail)))

    def speaks(self, language: str) -> bool:
        """Return whether it posts in a language."""
        return not self.languages or language in self.languages

    def content(self) -> list[Any]:
        """Return as plain data where a bulletin is posted, as an approval covers it."""
        return [self.pk, self.network, self.handle]


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Questions about many bulletins."""

    def with_first_slot(self, *, at: datetime) -> Self:
        """
        Annotate `at_once`, that a bulletin in review leaves, or a part of it, as soon as it is approved, and `slot`, the first
        moment that is known: a slot that is fixed, or the end of an embargo that such a part waits for.
        """
        Target = apps.get_model("bulletins", "Target")
        unfixed = Target.objects.filter(bulletin=models.OuterRef("pk"), timing="at_once", slot_at=None)
        hasty = models.Q(models.Exists(unfixed), state=Bulletin.State.IN_REVIEW)
        fixed, embargo = models.Min("targets__slot_at"), models.F("embargo_until")
        return self.annotate(
            at_once=models.Case(
                models.When(hasty & ~models.Q(embargo_until__gt=at), then=True),
                default=False,
                output_field=models.BooleanField(),
            ),
            slot=models.Case(
                models.When(hasty & models.Q(embargo_until__gt=at), then=Least(Coalesce(fixed, embargo), embargo)),
                default=fixed,
            ),
        )

    def due(self, *, at: datetime) -> Self:
        """
        Return the approved bulletins whose first slot is at or before `at`, the earliest first. A later version
        follows the sends of the earlier ones, so it is due even where no audience is named any more. Of a campaign that is
        closed, only what takes back or mends what people were told.
        """
        later_version = models.Q(version__gt=1, first_slot=None, approved_at__lte=at)
        return (
            self.filter(models.Q(campaign__closed_at=None) | ~models.Q(kind=Bulletin.Kind.ORIGINAL))
            .filter(state=Bulletin.State.APPROVED)
            .annotate(first_slot=models.Min("targets__slot_at"))
            .filter(models.Q(first_slot__lte=at) | later_version)
            .order_by("first_slot", "number")
        )


class Bulletin(models.Model):
    """
    One numbered issue of a campaign, in the making of its `version`.

    `digest` is the SHA-256 of everything that was submitted for approval: every language, the audiences and
    the times. An approval is of that digest and no other; any edit clears it. `kind` and `what_changed` are
    about this version: an original, a correction or a retraction. `checklist` holds the points that someone ticked, of
    CERC's six, the campaign's own, and easy language's (checks/checklist.py); it is a reminder and no part of what is approved.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Kind(models.TextChoices):
        ORIGINAL = "original", _("original")
        CORRECTION = "correction", _("correction")
        RETRACTION = "retraction", _("retraction")

    REVIEWED = (State.IN_REVIEW, State.APPROVED)
    EDITABLE = (State.DRAFT, *REVIEWED)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="bulletins", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ORIGINAL)
    what_changed = TranslatedField(_("what changed"), blank=True)
    share_text = TranslatedField(_("text for people who have already posted"), blank=True)
    state = models.CharField(_("stage"), max_length=10, choices=State, default=State.DRAFT)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    original_language = models.CharField(_("written in"), max_length=12, validators=[language_code])
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)
    inputs = models.ManyToManyField(MessageInput, blank=True, related_name="bulletins", verbose_name=_("submissions"))
    topics = models.ManyToManyField(Topic, blank=True, related_name="bulletins", verbose_name=_("topics"))
    claims = models.ManyToManyField(Claim, blank=True, related_name="bulletins", verbose_name=_("fact-checks"))
    next_word_at = models.DateTimeField(
        _("when we say more"),
        null=True,
        blank=True,
        help_text=_(
            "Readers are told. If nothing new is published by then, the page says that it is late, and you are reminded."
        ),
    )
    asks_seen = models.BooleanField(_("asks partners to say that they have seen it"), default=False, db_default=False)
    seen_at_night = models.BooleanField(_("reaches partners at night too"), default=False, db_default=False)
    seen_next = models.ForeignKey(
        "delivery.Audience", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("next group")
    )
    seen_rule = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)
    posts_to = models.ManyToManyField(
        AuthorityAccount, blank=True, related_name="bulletins", verbose_name=_("posted as the authority by")
    )
    checklist = models.JSONField(_("before you submit"), default=list, blank=True)
    digest = models.CharField(_("fingerprint in review"), max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("assigned to")
    )
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        ordering = ["-number"]
        permissions = [
            ("approve_bulletin", "Can approve a bulletin that others wrote"),
            ("publish_bulletin", "Can publish an approved bulletin"),
            ("sign_off_bulletin", "Can sign off the fact-checks of a bulletin"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_bulletin_per_number"),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (~models.Q(digest="") & models.Q(approved_by__isnull=False, approved_at__isnull=False)),
                name="approval_has_digest_and_approver",
            ),
        ]

    def __str__(self) -> str:
        return self.named(self.version)

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody reads it or has approved it: a change takes that back."""
        return self.state in self.REVIEWED

    @property
    def asks_for_seen(self) -> bool:
        """Whether its partners are asked to say that they have seen it: only of what is urgent, and says something."""
        return self.asks_seen and self.urgency == Urgency.URGENT and self.kind != self.Kind.RETRACTION

    def asks_nobody(self, *, at: datetime) -> bool:
        """Return whether it asks, and none of the groups that it goes to has a partner; one query where it asks."""
        if not self.asks_for_seen:
            return False
        of_this = {"targets__bulletin": self} if self.version == 1 else {"sends__mailing__version__bulletin": self}
        groups = Audience.objects.filter(**of_this, kind=Audience.Kind.INFLUENCERS)
        return not have_partners(groups, at=at)

    def seen_plan(self) -> dict[str, Any]:
        """
        Return what follows where partners have not seen it, as plain data: the campaign's `rule` as it was when the bulletin was
        submitted, whether it holds `at_night` too, and the key of the `next` audience, None for none; {} unless it asks.
        """
        if not self.asks_for_seen:
            return {}
        return {"rule": self.seen_rule, "at_night": self.seen_at_night, "next": self.seen_next_id}

    def named(self, version: int | None) -> str:
        """Return its number, with a version after the first: "7, v2"."""
        return f"{self.number}, v{version}" if version and version > 1 else f"{self.number}"

    def title(self) -> str:
        """Return its title in the active language, or in the one that it is written in; "" while there is none. One query."""
        titles = {edition.language: edition.title for edition in self.editions.all() if edition.title}
        code = (get_language() or "").partition("-")[0]
        return titles.get(code) or titles.get(self.original_language) or next(iter(titles.values()), "")

    def get_absolute_url(self) -> str:
        """Return the address of the public page in the active language."""
        return reverse("website:bulletin", args=[self.number])

    def content(self, parts: Parts | None = None) -> dict[str, Any]:
        """
        Return all that an approval covers as plain data: editions with their variants, key messages, calls to
        action, assets, claims with what stands of each, audiences with their times, embargo, urgency, what changed, and
        the words that are printed with it (campaigns.publication_details).

        It is read from the database, unless whoever holds the bulletin has read its `parts`.
        """
        parts = parts or Parts(self)
        return {
            "number": self.number,
            "version": self.version,
            "kind": self.kind,
            "what_changed": self.what_changed,
            "share_text": self.share_text,
            "urgency": self.urgency,
            "embargo_until": iso(self.embargo_until),
            "editions": [edition.content() for edition in parts.editions],
            "key_messages": [message.content() for message in parts.key_messages],
            "calls_to_action": [[action.key, action.text] for action in parts.calls_to_action],
            "assets": [asset.content() for asset in parts.assets],
            "claims": [[claim.pk, claim.basis] for claim in parts.claims],
            "targets": [target.content() for target in parts.targets],
            "overrides": [one.content() for one in parts.overrides],
            "printed": parts.printed.plain(),
            **({"next_word_at": iso(self.next_word_at)} if self.next_word_at else {}),
            **({"asks_seen": plan} if (plan := self.seen_plan()) else {}),
            **({"posts_to": [one.content() for one in accounts]} if (accounts := parts.accounts) else {}),
        }

    def content_digest(self, parts: Parts | None = None) -> str:
        """Return the SHA-256 (hex) of `content()` as canonical JSON."""
        canonical = json.dumps(self.content(parts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class Edition(models.Model):
    """
    A bulletin in one language at one reading level. `body` is Markdown, and so are the parts beside it (SITUATION).

    `revision` counts saved changes of the text. A translation notes in `source_revision` which revision of the
    original it follows, so it knows when the original has moved on.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="editions", verbose_name=_("bulletin"))
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    reading_level = models.CharField(
        _("reading level"), max_length=10, choices=ReadingLevel, default=ReadingLevel.STANDARD
    )
    title = models.CharField(_("title"), max_length=160)
    subject = models.CharField(_("subject"), max_length=60)
    preheader = models.CharField(_("preheader"), max_length=90, blank=True)
    body = models.TextField(_("text (Markdown)"))
    known = models.TextField(_("what is known"), blank=True, default="", db_default="")
    not_known = models.TextField(_("what is not known yet"), blank=True, default="", db_default="")
    being_done = models.TextField(_("what is being done"), blank=True, default="", db_default="")
    hashtags = models.JSONField(_("hashtags"), default=list, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    source_revision = models.PositiveIntegerField(_("based on revision"), default=0)

    of_campaign = "bulletin__campaign"

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "language", "reading_level"], name="one_edition_per_language"),
            models.CheckConstraint(
                condition=~models.Q(subject__contains="\n") & ~models.Q(subject__contains="\r"),
                name="subject_is_one_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.title}"

    def behind(self, original: "Edition") -> int:
        """
        Return by how many revisions this translation is behind `original`; 0 for the original itself, and for one that is not
        written yet. A list that leaves texts out knows it by `has_text` (translation_status.editions_in_short).
        """
        known: bool | None = getattr(self, "has_text", None)
        written = bool(self.body.strip()) if known is None else known
        return 0 if original.pk == self.pk or not written else max(0, original.revision - self.source_revision)

    @property
    def situation(self) -> dict[str, str]:
        """Its parts beside the text, {name: Markdown}, those that have words."""
        return {name: text for name in SITUATION if (text := getattr(self, name)).strip()}

    @property
    def whole(self) -> str:
        """Its text with the parts beside it (Markdown), without the headings that readers get."""
        return "\n\n".join((*self.situation.values(), self.body))

    def variants_to_post(self) -> "list[Variant]":
        """Return its variants that influencers post; the others we send."""
        return [variant for variant in self.variants.all() if variant.platform in Platform.values]

    def channels_with_words(self, channels: Iterable[str]) -> set[str]:
        """Return those of these channels for which it has words."""
        return {one.platform for one in self.variants.all() if one.platform in channels and one.caption.strip()}

    def content(self) -> dict[str, Any]:
        """Return what a reader of this language gets, as plain data; without other parts as before there were any."""
        return {
            "language": self.language,
            "reading_level": self.reading_level,
            "title": self.title,
            "subject": self.subject,
            "preheader": self.preheader,
            "body": self.body,
            "hashtags": self.hashtags,
            "variants": [variant.content() for variant in self.variants.all()],
            **self.situation,
        }


class EditionRevision(models.Model):
    """
    One change of an edition: the text after it, who made it and when. Never deleted; it grows only while the same
    person writes on and nobody has built on it (drafts.save_edition). Of a translation that says what the original says,
    `source_revision` is which revision of the original that is; else 0.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="revisions", verbose_name=_("edition"))
    revision = models.PositiveIntegerField(_("revision"))
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=160)
    subject = models.CharField(_("subject"), max_length=60)
    preheader = models.CharField(_("preheader"), max_length=90, blank=True)
    body = models.TextField(_("text (Markdown)"))
    known = models.TextField(_("what is known"), blank=True, default="", db_default="")
    not_known = models.TextField(_("what is not known yet"), blank=True, default="", db_default="")
    being_done = models.TextField(_("what is being done"), blank=True, default="", db_default="")
    hashtags = models.JSONField(_("hashtags"), default=list, blank=True)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("edited by"))
    edited_at = models.DateTimeField(_("edited"))
    source_revision = models.PositiveIntegerField(_("based on revision"), default=0, db_default=0)

    of_campaign = "edition__bulletin__campaign"

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["edition", "revision"], name="one_row_per_edition_revision")]

    def __str__(self) -> str:
        return f"{self.edition.language} {self.revision}"


class Tone(models.TextChoices):
    """How a key message is said: in its plain words, or in others that say the same."""

    PLAIN = "plain", _("plain")
    WARM = "warm", _("warm")
    SHORT = "short", _("short")


class KeyMessage(models.Model):
    """
    One fact or request meant to be repeated, in every language, with its owner, source and validity. `warm` and `short`
    are the same in another tone, for cards; no language needs them. `replaces` names the key message of an earlier bulletin
    that no longer holds once this one is published, as "number:key".
    """

    TONES = (Tone.WARM, Tone.SHORT)
    number = 0  # its place among those of its bulletin, from 1, where Parts has read them

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="key_messages", verbose_name=_("bulletin"))
    key = models.CharField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = TranslatedField(_("words"))
    warm = TranslatedField(_("warm words"), blank=True, db_default=models.Value({}, models.JSONField()))
    short = TranslatedField(_("short words"), blank=True, db_default=models.Value({}, models.JSONField()))
    fact = models.ForeignKey(
        InputFact, models.PROTECT, null=True, blank=True, related_name="key_messages", verbose_name=_("based on")
    )
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    source_name = TranslatedField(_("source"), blank=True)
    source_url = TranslatedField(_("source's address"), blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    replaces = models.CharField(_("replaces"), max_length=60, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("key message")
        verbose_name_plural = _("key messages")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "key"], name="one_key_message_per_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def tones(self) -> dict[str, dict[str, str]]:
        """Its other tones, {tone: {language: words}}, those that have words."""
        written = {
            tone.value: {code: text for code, text in getattr(self, tone).items() if text.strip()}
            for tone in self.TONES
        }
        return {tone: texts for tone, texts in written.items() if texts}

    @property
    def named_tones(self) -> list[tuple[str, dict[str, str]]]:
        """Its other tones by name, for people."""
        return [(str(Tone(tone).label), texts) for tone, texts in self.tones.items()]

    def content(self) -> dict[str, Any]:
        """Return the message as plain data; without other tones, and without one that it replaces, as before there were any."""
        plain = {
            "key": self.key,
            "text": self.text,
            "source_name": self.source_name,
            "source_url": self.source_url,
            "valid_until": iso(self.valid_until),
        }
        replaces = {"replaces": self.replaces} if self.replaces else {}
        return plain | ({"tones": tones} if (tones := self.tones) else {}) | replaces


class CallToAction(models.Model):
    """What to do, or a way to help, in every language."""

    number = 0  # its place, as a key message's

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="calls_to_action", verbose_name=_("bulletin"))
    key = models.CharField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = TranslatedField(_("words"))

    class Meta:
        verbose_name = _("call to action")
        verbose_name_plural = _("calls to action")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "key"], name="one_call_to_action_per_key")]

    def __str__(self) -> str:
        return self.key


class Variant(models.Model):
    """An edition made for one platform, or for one channel beside mail. Lengths are checked against campaigns.PlatformLimit."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="variants", verbose_name=_("edition"))
    platform = models.CharField(_("platform"), max_length=12, choices=PLACES)
    title = models.CharField(_("title"), max_length=200, blank=True)
    caption = models.TextField(_("caption or description"), blank=True)
    script = models.TextField(_("script"), blank=True)
    hashtags = models.JSONField(_("hashtags"), default=list, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    alt_text = models.TextField(_("alt text for the picture"), blank=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "platform"], name="one_variant_per_platform")]

    def __str__(self) -> str:
        return f"{self.edition.language} {self.get_platform_display()}"

    def content(self) -> dict[str, Any]:
        """Return the variant as plain data."""
        return {
            "platform": self.platform,
            "title": self.title,
            "caption": self.caption,
            "script": self.script,
            "hashtags": self.hashtags,
            "tags": self.tags,
            "alt_text": self.alt_text,
        }
