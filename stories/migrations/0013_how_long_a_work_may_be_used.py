"""
The time in which a commissioned work may be used has an end, and more of it is agreed to by its creator. Ends of works that were accepted before
are written down by the tick (stories.commissions.rights).
"""

import accounts.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0012_narrow_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    TERM = [
        ("campaign", "as long as the campaign lasts"),
        ("year", "for one year"),
        ("five_years", "for five years"),
        ("always", "without a limit in time"),
    ]
    TERM_FROM = [
        ("accepted", "the day on which the work is accepted"),
        ("published", "the day on which it is first published"),
    ]

    operations = [
        migrations.AddField(
            "commission",
            "term_from",
            models.CharField(
                "counted from", max_length=10, choices=TERM_FROM, default="accepted", db_default="accepted"
            ),
        ),
        migrations.AddField(
            "commission", "rights_end_at", models.DateTimeField("may be used until", null=True, blank=True)
        ),
        migrations.AddField(
            "commission", "end_told_at", models.DateTimeField("staff told of the end", null=True, blank=True)
        ),
        migrations.AddField(
            "commission", "rights_over_at", models.DateTimeField("rights over", null=True, blank=True)
        ),
        migrations.CreateModel(
            name="CommissionExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term", models.CharField(choices=TERM, max_length=10, verbose_name="how long")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="may be used until")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("agreed_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed by the creator")),
                ("declined_at", models.DateTimeField(blank=True, null=True, verbose_name="declined by the creator")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="extensions",
                        to="stories.commissionagreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "longer use of a work",
                "verbose_name_plural": "longer uses of works",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("agreed_at", None), ("declined_at", None), ("withdrawn_at", None)),
                        fields=("agreement",),
                        name="one_extension_waits_for_its_creator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_at", None),
                            models.Q(("declined_at", None), ("withdrawn_at", None)),
                            _connector="OR",
                        ),
                        name="agreed_extension_was_not_refused",
                    ),
                ],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
    ]
