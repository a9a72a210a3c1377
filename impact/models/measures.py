"""Measures, their dated snapshots, and notes that stand at a date on their charts."""

from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language

DIGITS, PLACES = 15, 3  # of a value: twelve digits before the point


class Unit(models.TextChoices):
    """What is counted. Only points, such as a balance of opinions, can be below zero; per cent end at a hundred."""

    PEOPLE = "people", pgettext_lazy("unit", "people")
    TIMES = "times", pgettext_lazy("unit", "times")
    VISITS = "visits", _("visits")
    POSTS = "posts", pgettext_lazy("unit", "posts")
    ARTICLES = "articles", _("articles")
    CALLS = "calls", _("calls")
    PERCENT = "percent", _("per cent")
    POINTS = "points", _("points")


class Source(models.TextChoices):
    """Where a snapshot comes from."""

    HAND = "hand", _("by hand")
    CSV = "csv", _("from a CSV file")
    API = "api", _("over the API")
    OWN = "own", _("own count")
    FEED = "feed", _("feed of a media monitor")
    ASKED = "asked", _("asked of a service")


class Every(models.IntegerChoices):
    """How often a measure is taken, in days."""

    DAY = 1, _("daily")
    WEEK = 7, _("weekly")
    FORTNIGHT = 14, _("every two weeks")
    MONTH = 31, _("monthly")


class MeasureQuerySet(models.QuerySet["Measure"]):
    """Questions about many measures."""

    def taken(self) -> Self:
        """Return the measures that go on."""
        return self.filter(stopped_at=None)

    def with_latest(self, *, until: date) -> Self:
        """
        Return the measures with the key of their newest snapshot by a day as `latest_pk`. It is the end of an index, so it costs
        the same however many snapshots there are.
        """
        newest = Snapshot.objects.standing().filter(measure=models.OuterRef("pk"), on__lte=until).order_by("-on")
        return self.annotate(latest_pk=models.Subquery(newest.values("pk")[:1]))


class Measure(models.Model):
    """
    Something that a campaign can count: name, unit, source, how often, what it aims at. `key` is what files and the API call it.

    `is_summed` says whether its values add up over a week, as visits do, or are a level, as followers are. Measures with the same
    `family` are shown side by side, each with its `platform`. `feed_url` is the feed of a media monitor and `feed_words` what an
    article has to name; `collector` is the service that is asked (measures/collectors/) and `asked_about` about what. `fault` says why it could not be taken when that was last tried,
    in English with %(names)s that `fault_values` fill: there is a gap, never a zero. `added_on` is the day since when it can be taken, None where nobody knows.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="measures", verbose_name=_("campaign"))
    key = models.SlugField(
        _("key"), max_length=60, help_text=_("What CSV files and the API call it: followers-tiktok.")
    )
    name = TranslatedField(_("name"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    source = models.CharField(_("source"), max_length=6, choices=Source, default=Source.HAND)
    every = models.PositiveSmallIntegerField(_("how often"), choices=Every, default=Every.WEEK)
    target = models.DecimalField(_("aim"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    is_summed = models.BooleanField(
        _("adds up over a week"),
        default=False,
        help_text=_(
            "As visits and calls do. Otherwise it is a level, as followers are: the last value of a week counts."
        ),
    )
    family = models.SlugField(
        _("family"), max_length=40, blank=True, help_text=_("Measures of one family are shown side by side.")
    )
    platform = models.CharField(_("platform"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    feed_url = models.URLField(_("address of the feed"), max_length=500, blank=True)
    feed_words = models.CharField(
        _("words of an article that count"),
        max_length=300,
        blank=True,
        help_text=_("Separated by commas. An article that has none of them counts among all articles only."),
    )
    collector = models.CharField(_("service"), max_length=20, blank=True, default="", db_default="")
    asked_about = models.CharField(_("asked about"), max_length=300, blank=True, default="", db_default="")
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True, editable=False)
    fault = models.CharField(_("why it is missing"), max_length=300, blank=True, editable=False)
    fault_values = models.JSONField(null=True, blank=True, editable=False)
    added_on = models.DateField(_("added"), null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="one_measure_per_key"),
            models.CheckConstraint(
                condition=Q(target=None) | Q(unit=Unit.POINTS) | Q(target__gte=0), name="measure_aims_at_what_can_be"
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.name) or self.key

    def clean(self) -> None:
        """Refuse another unit for what has values: they would no longer be what they say."""
        if self.pk and Snapshot.objects.filter(measure=self).exclude(unit=self.unit).exists():
            raise ValidationError(
                {"unit": _("The unit stays as it is, because there are snapshots in it. Add another measure.")}
            )

    def is_overdue(self, *, latest: date | None, on: date) -> bool:
        """Return whether a value is missing that should be there on a day; one day of grace, and two for what is weekly or rarer."""
        if self.stopped_at:
            return False
        grace, since = 1 if self.every == Every.DAY else 2, latest or self.added_on
        return since is None or on - since > timedelta(days=self.every + grace)

    @property
    def is_without_feed(self) -> bool:
        """Whether it would come from a feed, and nobody has said from which."""
        return self.source == Source.FEED and not self.feed_url

    @property
    def missing_because(self) -> str:
        """Why it could not be taken, in the active language; "" where nothing is known to be wrong."""
        if self.is_without_feed:
            return gettext("It has no address of a feed yet: until then only values by hand or from a file come in.")
        return (
            gettext(self.fault) % self.fault_values if self.fault and self.fault_values else gettext(self.fault or "")
        )


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Questions about many snapshots."""

    def standing(self) -> Self:
        """Return those that no other has replaced."""
        return self.filter(replaced_at=None)

    def between(self, first: date, last: date) -> Self:
        """Return those of some days, both included, in their order."""
        return self.filter(on__gte=first, on__lte=last).order_by("on")


class Snapshot(models.Model):
    """
    What a measure was on a day. `of_all` is what the value is a part of, where there is such a number: 71 matching articles of 112.

    It is never overwritten. A correction is another snapshot that `replaces` it, and both are kept. `taken_on` is the day in the
    campaign's zone on which it was taken: no snapshot is of a day that had not come.
    """

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="snapshots", verbose_name=_("measure"))
    on = models.DateField(_("day"))
    value = models.DecimalField(_("value"), max_digits=DIGITS, decimal_places=PLACES)
    of_all = models.DecimalField(_("of all"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    source = models.CharField(_("source"), max_length=6, choices=Source)
    taken_at = models.DateTimeField(_("taken"))
    taken_on = models.DateField(_("taken on"))
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = SnapshotQuerySet.as_manager()
    of_campaign = "measure__campaign"

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "on"], condition=Q(replaced_at=None), name="one_standing_snapshot_per_day"
            ),
            models.CheckConstraint(condition=Q(unit=Unit.POINTS) | Q(value__gte=0), name="snapshot_not_below_zero"),
            models.CheckConstraint(
                condition=~Q(unit=Unit.PERCENT) | Q(value__lte=100), name="snapshot_at_most_a_hundred_per_cent"
            ),
            models.CheckConstraint(condition=Q(of_all=None) | Q(of_all__gte=F("value")), name="snapshot_part_of_all"),
            models.CheckConstraint(condition=Q(on__lte=F("taken_on")), name="snapshot_not_of_the_future"),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.on:%Y-%m-%d}"

    @property
    def audited_as(self) -> str:
        """What the audit log calls it: by its key."""
        return str(self.pk)


class ChartNote(models.Model):
    """What happened on a day that explains a chart, in each language: it stands at its date on every chart, or on one measure's."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="chart_notes", verbose_name=_("campaign"))
    measure = models.ForeignKey(
        Measure,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="chart_notes",
        verbose_name=_("only on the chart of"),
    )
    on = models.DateField(_("day"))
    words = TranslatedField(_("words"), help_text=_("A few words, as they stand on the chart: platform removed bots."))

    class Meta:
        verbose_name = _("note on charts")
        verbose_name_plural = _("notes on charts")
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return in_language(self.words)
