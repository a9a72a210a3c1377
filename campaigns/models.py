"""A campaign is one crisis. Its languages, topics and words are data; fi, sv and en are the first."""

import zoneinfo
from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any, ClassVar, Protocol, Self, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.access.roles import IN_CAMPAIGNS, Role, roles_of
from accounts.models import Nameless, User
from agreement.models import Agreeable
from lib.text.languages.languages import site_language
from lib.text.languages.spoken_languages import read_by

from .drill_clock import DrillClock
from .translated_fields import TranslatedField, in_language

language_code = RegexValidator(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", _("A language code such as fi, sv or en."))


def validate_time_zone(value: str) -> None:
    """Refuse what is no IANA time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Not a time zone. Enter it like Europe/Helsinki."))


class ReadingLevel(models.TextChoices):
    """An edition is a language and a reading level."""

    STANDARD = "standard", _("standard")
    EASY = "easy", _("easy language")


class Reader(Protocol):
    """A user, a recipient: whoever reads in a language, "" for no choice yet."""

    language: Any


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Questions about many campaigns."""

    def open(self) -> Self:
        """Return the campaigns that have not been closed, the newest first."""
        return self.filter(closed_at=None).order_by("-starts_on", "-pk")

    def published(self) -> Self:
        """Return the campaigns that readers have or had: their addresses are answered, also when another one is shown."""
        return self.exclude(published_at=None)

    def ended(self) -> Self:
        """Return the campaigns that readers had and that are closed, a live one before an exercise, the latest first."""
        return self.published().exclude(closed_at=None).order_by("-mode", "-closed_at", "-pk")

    def for_desk(self, user: Any, held: Collection[int], chosen: int | None = None) -> Self:
        """
        Return the campaigns that someone may work in who has roles in those with the keys `held`: the one with the key that they
        chose first, then the one that the site shows, the newest, and those that are closed. Whoever has a role of the site may
        work in all; others where they have one, and where they have none in the published ones. A query or two about the person.
        """
        order = models.Case(
            models.When(pk=chosen, then=0),
            models.When(closed_at__isnull=False, then=3),
            models.When(published_at__isnull=False, then=1),
            default=2,
        )
        rows = self
        if not (user.is_superuser or IN_CAMPAIGNS.intersection(roles_of(user)) or user.user_permissions.exists()):
            rows = rows.filter(pk__in=held) if held else rows.published()
        return rows.order_by(order, "-mode", "-published_at", "-starts_on", "-pk")


class CampaignManager(models.Manager["Campaign"]):
    """The question that every page asks: it is put together once, which takes as long as asking it."""

    def current(self) -> "Campaign | None":
        """
        Return the campaign that the site shows: of the open ones the one that was published last, a live one before an exercise;
        with `has_others`, whether there are more campaigns.
        """
        return self._shown.first()

    @cached_property
    def _shown(self) -> CampaignQuerySet:
        others = Campaign.objects.exclude(pk=models.OuterRef("pk"))
        rows = cast("CampaignQuerySet", self.get_queryset()).published().open()
        # "live" comes after "exercise"
        return rows.annotate(has_others=models.Exists(others)).order_by("-mode", "-published_at", "-starts_on", "-pk")


class Campaign(models.Model):
    """
    One crisis, with its languages, audiences and cadences.

    An exercise never reaches a real inbox: its sends leave through the "exercise" mailer only, which
    settings refuse unless it is a catcher on this machine. The mode of a campaign cannot be changed.

    `published_at` is since when readers have it (publication.py); before, it is prepared and sends nothing.

    `alert_category` is what machines that read its bulletins as CAP alerts take the crisis for. `drill` is the clock of the drill
    that runs in it (drill_clock.py), {} while none does.
    """

    class Mode(models.TextChoices):
        LIVE = "live", _("live")
        EXERCISE = "exercise", _("exercise")

    class AlertCategory(models.TextChoices):
        """What a crisis is about, as CAP 1.2 names it."""

        GEO = "Geo", _("earthquake, landslide")
        MET = "Met", _("weather, flood")
        SAFETY = "Safety", _("public safety")
        SECURITY = "Security", _("security")
        RESCUE = "Rescue", _("rescue")
        FIRE = "Fire", _("fire")
        HEALTH = "Health", _("health")
        ENV = "Env", _("environment")
        TRANSPORT = "Transport", _("transport")
        INFRA = "Infra", _("infrastructure")
        CBRNE = "CBRNE", _("chemical, biological, radiological, nuclear or explosive danger")
        OTHER = "Other", _("other")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.EXERCISE)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="Europe/Helsinki", validators=[validate_time_zone]
    )
    default_language = models.CharField(_("main language"), max_length=12, validators=[language_code])
    starts_on = models.DateField(_("starts on"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    sender_email = models.EmailField(_("sender's address"))
    reply_to = models.EmailField(_("reply address"))
    liaison_name = models.CharField(_("contact person"), max_length=150, blank=True)
    liaison_email = models.EmailField(_("contact person's address"), blank=True)
    note = TranslatedField(_("note on every page of an exercise"), blank=True)
    privacy_note = TranslatedField(_("text added to the privacy page"), blank=True)
    authority = models.ForeignKey(
        "Authority",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("lead authority"),
    )
    alert_category = models.CharField(
        _("category in alerts"), max_length=10, choices=AlertCategory, default=AlertCategory.OTHER
    )
    has_status_page = models.BooleanField(
        _("public status page"),
        default=False,
        db_default=False,
        help_text=_(
            "Shows everyone, with a link in the footer: whether all works, incidents, how long emails take to an inbox, and "
            "uptime. While it is off there is no such page."
        ),
    )

    card_look = models.JSONField(
        _("look of the cards"),
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        editable=False,
    )
    card_logo = models.FileField(_("logo"), upload_to="looks/", default="", db_default="", blank=True, editable=False)
    issuer_mark = models.FileField(
        _("issuer’s mark"), upload_to="looks/", default="", db_default="", blank=True, editable=False
    )

    drill = models.JSONField(
        _("drill"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True, editable=False
    )

    # Whether anyone may see a story (stories/moderation/story_steps.py), so that no page has to ask.
    has_stories = models.BooleanField(_("has stories"), default=False, db_default=False, editable=False)

    objects = CampaignManager.from_queryset(CampaignQuerySet)()
    of_campaign = "pk"

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=["live", "exercise"]), name="campaign_mode_known"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_exercise(self) -> bool:
        """Return whether nothing of this campaign may reach a real inbox."""
        return self.mode == self.Mode.EXERCISE

    def marked(self, line: str) -> str:
        """Return a subject or headline with the mark that none of an exercise goes without, in the active language."""
        return f"[{_('Exercise')}] {line}" if self.is_exercise else line

    @property
    def drill_clock(self) -> DrillClock | None:
        """The clock of the drill that runs in it."""
        return DrillClock.of(self.drill)

    @property
    def look(self) -> dict[str, str]:
        """How its cards look, as far as that is not the house's: colours, font, first theme, logo and issuer's mark."""
        pictures = {"logo": self.card_logo.name or "", "mark": self.issuer_mark.name or ""}
        return {**self.card_look, **{name: stored for name, stored in pictures.items() if stored}}

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The campaign's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def begins_at(self) -> datetime:
        """The first midnight of the campaign, in its zone."""
        return datetime.combine(self.starts_on, time(0), tzinfo=self.zone)

    def local(self, moment: datetime) -> datetime:
        """Return an aware moment in the campaign's zone."""
        return moment.astimezone(self.zone)

    def language_for(self, reader: "Reader | None" = None) -> str:
        """Return the language in which the site speaks to a reader: theirs, else the campaign's main one."""
        return site_language(reader.language if reader else "", self.default_language)

    def by_language[R: Reader | None](self, readers: Iterable[R]) -> dict[str, list[R]]:
        """Return readers by the language in which the site speaks to them, so that each text is written once."""
        found: dict[str, list[R]] = {}
        for reader in readers:
            found.setdefault(self.language_for(reader), []).append(reader)
        return found

    @property
    def issues_actual_alerts(self) -> bool:
        """Return whether its alerts are actual ones; needs `authority` at hand."""
        return not self.is_exercise and self.authority is not None and self.authority.may_issue_alerts

    def clean(self) -> None:
        """Refuse to turn an exercise into the real thing, or back: start a campaign instead."""
        if self.pk and Campaign.objects.filter(pk=self.pk).exclude(mode=self.mode).exists():
            raise ValidationError({"mode": _("The mode is fixed when a campaign starts. Start another campaign.")})

    def named(self) -> str:
        """Return what it is called in the active language, its short name without any."""
        names = {row.code: row.name for row in self.languages.all()}
        shown = read_by(get_language() or "", self.default_language)
        return next(filter(None, map(names.get, shown)), self.slug)

    def language_codes(self) -> list[str]:
        """Return the codes of its languages, in order."""
        return [row.code for row in self.languages.all()] or [self.default_language]

    def languages_that_follow(self) -> list[str]:
        """Return the codes of the languages that nothing waits for: what is published without them follows in them when ready."""
        return [row.code for row in self.languages.all() if not row.must_be_ready and row.code != self.default_language]


class CampaignLanguage(models.Model):
    """A language of a campaign, with the campaign's own texts in it. The lowest position comes first."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="languages", verbose_name=_("campaign"))
    code = models.CharField(_("language"), max_length=12, validators=[language_code])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = models.CharField(_("campaign's name"), max_length=120)
    hashtag = models.CharField(_("hashtag"), max_length=60, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=120)
    bulletin_name = models.CharField(_("word for a bulletin"), max_length=40, default="bulletin")
    must_be_ready = models.BooleanField(
        _("must be ready before a bulletin goes out"),
        default=True,
        db_default=True,
        help_text=_(
            "If not, a bulletin goes out without it, says that it is also coming in it, and follows when it is ready."
        ),
    )

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "code"], name="one_row_per_campaign_language")]

    def __str__(self) -> str:
        return self.code

    @property
    def run_by(self) -> str:
        """Who is responsible for the campaign, in this language: the authority that leads it, else its sender."""
        authority = self.campaign.authority
        return (in_language(authority.name, self.code) if authority else "") or self.sender_name


class SiteLanguage(models.Model):
    """
    A language that people added to those whose words are in the code: the site has pages, mails and cards in it.

    `fallback` is the one of these in which it shows what nobody has put into it yet. `changed_at` tells every process
    that it, or its words, are others (site_languages.process_languages).
    """

    class Fallback(models.TextChoices):
        FI = "fi", _("Finnish")
        SV = "sv", _("Swedish")
        EN = "en", _("English")

    code = models.CharField(_("code"), max_length=3, unique=True, validators=[RegexValidator(r"^[a-z]{2,3}\Z")])
    own_name = models.CharField(_("its own name"), max_length=60)
    is_rtl = models.BooleanField(_("right to left"), default=False)
    fallback = models.CharField(_("until translated, show"), max_length=2, choices=Fallback, default=Fallback.EN)
    added_at = models.DateTimeField(_("added"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("language of the site")
        verbose_name_plural = _("languages of the site")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.own_name


class SiteWord(models.Model):
    """
    One of the site's own texts in a language that people added. `source` is the text in English after its context and \x04 where
    it has one; `forms` are {"": words}, or of a text with a number {CLDR's plural category: words}.
    """

    language = models.ForeignKey(SiteLanguage, models.CASCADE, related_name="words", verbose_name=_("language"))
    source = models.TextField(_("text in English"))
    source_sha256 = models.CharField(max_length=64, editable=False)
    forms = models.JSONField(_("words"), default=dict)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("word of the site")
        verbose_name_plural = _("words of the site")
        constraints = [models.UniqueConstraint(fields=["language", "source_sha256"], name="one_row_per_site_word")]

    def __str__(self) -> str:
        return f"{self.language.code}: {self.source[:60]}"


class CampaignRole(Nameless, models.Model):
    """
    A role that someone has in one campaign only (accounts.access.campaign_roles), beside the roles that hold for the whole
    site. Who gave it, and when, is in the audit log.
    """

    ROLES: ClassVar[list[tuple[str, Any]]] = [(role.value, role.label) for role in Role if role in IN_CAMPAIGNS]

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="roles", verbose_name=_("campaign"))
    user = models.ForeignKey(User, models.CASCADE, related_name="campaign_roles", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=ROLES)

    class Meta:
        verbose_name = _("role in a campaign")
        verbose_name_plural = _("roles in campaigns")
        ordering = ["campaign", "user", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "campaign", "role"], name="one_row_per_role_in_a_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Authority(models.Model):
    """
    A ministry, agency or municipality that gives message input. Shared by all campaigns.

    `may_issue_alerts`: the law lets it warn the public, so the alerts (CAP) of a live campaign that it leads are actual
    ones. All others say that they are an exercise.
    """

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("ministry")
        AGENCY = "agency", _("agency")
        MUNICIPALITY = "municipality", _("municipality")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = TranslatedField(_("name"))
    short_name = TranslatedField(_("short name for bylines"), blank=True)
    url = models.URLField(_("website"), blank=True)
    contact = models.EmailField(_("contact address"), blank=True)
    may_issue_alerts = models.BooleanField(
        _("may issue actual alerts"),
        default=False,
        help_text=_("Only for an authority named in law. Alerts from all others are marked as an exercise."),
    )

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        ordering = ["slug"]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug


class AuthorityMember(Nameless, models.Model):
    """A contributor: a user who may give message input for one authority."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="members", verbose_name=_("authority"))
    user = models.ForeignKey(User, models.CASCADE, related_name="authority_memberships", verbose_name=_("user"))

    class Meta:
        verbose_name = _("contributor")
        verbose_name_plural = _("contributors")
        constraints = [models.UniqueConstraint(fields=["authority", "user"], name="one_membership_per_authority")]

    def __str__(self) -> str:
        return f"{self.user} ({self.authority})"


class AuthorityToken(models.Model):
    """
    A secret with which an authority's own systems give message input. Only its SHA-256 (hex) is kept; `start` is
    its first characters, by which people tell tokens apart.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="tokens", verbose_name=_("authority"))
    name = models.CharField(_("purpose"), max_length=80)
    start = models.CharField(_("begins with"), max_length=12, editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.authority}: {self.name}"


class Topic(models.Model):
    """What bulletins, claims and questions of a campaign are about."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="topics", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=40)
    name = TranslatedField(_("name"))

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_topic_per_campaign_slug")]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug


class Region(models.Model):
    """
    A region of the country. `code` is the statistics office's code with letters in front, such as MK01. On maps of one square a region
    it stands in a column and a row from 1, north at the top; without these it follows those that have them.
    """

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = TranslatedField(_("name"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    tile_column = models.PositiveSmallIntegerField(
        _("column on maps of squares"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    tile_row = models.PositiveSmallIntegerField(
        _("row on maps of squares"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(16)]
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class GlossaryTerm(models.Model):
    """A term that each language says in one way only."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="glossary", verbose_name=_("campaign"))
    term = TranslatedField(_("term"))
    definition = models.TextField(_("definition"), blank=True)

    class Meta:
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary")

    def __str__(self) -> str:
        return in_language(self.term)


class BannedTerm(models.Model):
    """A word that is not used, and what to say instead. `*` at the end of a word stands for any ending."""

    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    term = models.CharField(_("term"), max_length=80)
    say_instead = models.CharField(_("say instead"), max_length=200)
    why = models.CharField(_("why"), max_length=300)

    class Meta:
        verbose_name = _("banned term")
        verbose_name_plural = _("banned terms")
        ordering = ["language", "term"]
        constraints = [models.UniqueConstraint(fields=["language", "term"], name="one_row_per_banned_term")]

    def __str__(self) -> str:
        return f"{self.language}: {self.term}"


class PlatformLimit(models.Model):
    """How long a text may be on a platform, as seen on a date at a source. `counted_in` says how it counts."""

    class CountedIn(models.TextChoices):
        CODE_POINTS = "code_points", _("characters")
        UTF16_UNITS = "utf16_units", _("UTF-16 units")
        UTF8_BYTES = "utf8_bytes", _("bytes")
        UTF8_EMOJI = "utf8_emoji", _("characters, emoji in bytes")
        X_WEIGHTED = "x_weighted", _("characters as X counts them")
        GRAPHEMES = "graphemes", _("characters, each emoji as one")
        MASTODON = "mastodon", _("characters as Mastodon counts them")
        SMS_PARTS = "sms_parts", _("parts of a text message")
        ITEMS = "items", _("items")
        SECONDS = "seconds", _("seconds")
        MINUTES = "minutes", _("minutes")

    platform = models.CharField(_("platform"), max_length=30)
    field = models.CharField(_("field"), max_length=30)
    limit = models.PositiveIntegerField(_("limit"))
    counted_in = models.CharField(_("counted in"), max_length=12, choices=CountedIn)
    seen_on = models.DateField(_("seen on"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("platform limit")
        verbose_name_plural = _("platform limits")
        ordering = ["platform", "field", "-seen_on"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "field", "seen_on"], name="one_limit_per_platform_field_date")
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.field}: {self.limit}"


class PageChange(models.Model):
    """
    A change of what public pages show (campaigns/http/page_changes.py). `takes_back`: of words that nobody is to be shown any more.
    `noted_at` is by the database's clock.
    """

    takes_back = models.BooleanField(default=False)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("page change")
        verbose_name_plural = _("page changes")

    def __str__(self) -> str:
        return str(self.pk)


class CustomText(Agreeable, models.Model):
    """
    Words that one person wrote for others to read, outside of any text that has its own approval. They reach nobody before
    a second person has agreed to exactly these (`digest`; see custom_texts.py). `subject_id` is the key of what they are about,
    in the table that the purpose implies; `reach` how many people they are mailed to, None for whoever reads the page.
    """

    class Purpose(models.TextChoices):
        CLAIM_ENDED = "claim_ended", _("a fact-check that is paused or withdrawn")
        ANSWER_WITHDRAWN = "answer_withdrawn", _("an answer that is withdrawn")
        QUESTION_DECLINED = "question_declined", _("a question that will not be answered")
        INVITATION = "invitation", _("invitations")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="custom_texts", verbose_name=_("campaign"))
    purpose = models.CharField(_("for"), max_length=20, choices=Purpose)
    subject_id = models.PositiveBigIntegerField(null=True, blank=True)
    words = TranslatedField(_("words"), blank=True)
    reach = models.PositiveIntegerField(_("people"), null=True, blank=True)
    digest = models.CharField(_("fingerprint"), max_length=64)  # as it was, so that nothing is altered
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    proposed_at = models.DateTimeField(_("written"))
    agreed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreed by")
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)

    class Meta:
        verbose_name = _("custom text")
        verbose_name_plural = _("custom text")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("agreed_by")), name="custom_text_needs_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_at=None, agreed_by=None)
                | models.Q(agreed_at__isnull=False, agreed_by__isnull=False),
                name="custom_text_agreed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["purpose", "subject_id"],
                condition=models.Q(agreed_at=None, dropped_at=None),
                name="one_proposal_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {in_language(self.words)[:60]}"

    @property
    def audited_as(self) -> str:
        """What it is called on the audit log, for ever: without its words, which may name someone."""
        return self.purpose


class SavedView(Nameless, models.Model):
    """
    What one of the desk's lists shows, kept under a name: `list` is the list ("bulletins.bulletin"), `query` what its address says
    (saved_views.list_views). With `is_shared` colleagues have it too; the list opens with its owner's `is_default`.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("owner"))
    list = models.CharField(_("list"), max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("what it shows"), max_length=500)
    is_shared = models.BooleanField(_("shared"), default=False)
    is_default = models.BooleanField(_("shown first"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "campaign", "list", "name"], name="one_view_per_name"),
            models.UniqueConstraint(
                fields=["owner", "campaign", "list"],
                condition=models.Q(is_default=True),
                name="a_list_opens_with_one_view",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list} {self.pk}"


class CheckCode(models.Model):
    """
    The short code of a statement (check_codes.py). `subject` is the key of what says it, by `kind`; `statement` is the
    SHA-256 (hex) of what is said, of a video with those of the messages in it as its `parts`. It is never changed and never given again.
    """

    class Kind(models.TextChoices):
        BULLETIN = "bulletin", _("bulletin")
        FACT = "fact", _("fact-check")
        ANSWER = "answer", _("answer")

    code = models.CharField(_("code"), max_length=8, unique=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    subject = models.BigIntegerField(_("key of what says it"))
    statement = models.CharField(_("fingerprint"), max_length=64)
    parts = models.JSONField(_("what it is made of"), null=True, blank=True, editable=False)
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("check code")
        verbose_name_plural = _("check codes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "statement"], name="one_code_per_statement"),
        ]

    def __str__(self) -> str:
        return self.code
