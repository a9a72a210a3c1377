"""The mail about a moved meeting says the time that holds no more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stories", "0010_people_of_one_name")]

    operations = [
        migrations.AddField(
            "meeting", "was_at", models.DateTimeField("began before the change", null=True, blank=True)
        ),
        migrations.AddField(
            "meeting",
            "was_minutes",
            models.PositiveSmallIntegerField("length before the change", null=True, blank=True),
        ),
    ]
