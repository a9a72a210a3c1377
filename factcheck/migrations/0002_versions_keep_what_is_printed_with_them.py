"""Published fact-checks keep the words that are printed with them; those that are out already, today's."""

from typing import Any

from django.db import migrations, models

from campaigns.migrations._printed import printed


def write_down(apps: Any, _editor: Any) -> None:
    versions = apps.get_model("factcheck", "ClaimVersion").objects.select_related("claim__campaign__authority")
    for version in versions.prefetch_related("claim__topics").iterator(chunk_size=200):
        version.printed = printed(version.claim.campaign, topics=version.claim.topics.all())
        version.save(update_fields=["printed"])


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0001_initial"), ("campaigns", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="claimversion",
            name="printed",
            field=models.JSONField(default=dict, editable=False, verbose_name="printed with it"),
        ),
        migrations.RunPython(write_down, migrations.RunPython.noop),
    ]
