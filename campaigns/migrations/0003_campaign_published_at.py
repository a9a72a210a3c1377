"""Which campaigns readers have: until now, each from the day it starts."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import migrations, models


def say_that_all_are_published(apps, schema_editor):
    """The site showed the newest of them, without anybody's word."""
    campaigns = apps.get_model("campaigns", "Campaign").objects
    for campaign in campaigns.filter(published_at=None):
        campaign.published_at = datetime.combine(campaign.starts_on, time(0), tzinfo=ZoneInfo(campaign.time_zone))
        campaign.save(update_fields=["published_at"])


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_own_words")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="published_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="published"),
        ),
        migrations.RunPython(say_that_all_are_published, migrations.RunPython.noop),
    ]
