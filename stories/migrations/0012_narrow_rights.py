"""A brief asks for no wider rights to use a work than its campaign's website needs, unless more is chosen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stories", "0011_time_before_a_change")]
    USE = [
        ("campaign", "in this campaign"),
        ("crisis", "in all crisis communication"),
        ("any", "in all communication of the client"),
    ]
    TERM = [
        ("campaign", "as long as the campaign lasts"),
        ("year", "for one year"),
        ("five_years", "for five years"),
        ("always", "without a limit in time"),
    ]

    operations = [
        migrations.AlterField(
            "commission",
            "use",
            models.CharField("where it may be used", max_length=10, choices=USE, default="campaign"),
        ),
        migrations.AlterField(
            "commission", "term", models.CharField("how long", max_length=10, choices=TERM, default="campaign")
        ),
        migrations.AlterField("commission", "may_adapt", models.BooleanField("it may be adapted", default=False)),
    ]
