"""A message keeps the name that it comes from, and its fingerprint covers it; those that are frozen already, today's."""

import hashlib
from typing import Any

from django.db import migrations, models


def write_down(apps: Any, _editor: Any) -> None:
    names: dict[int, dict[str, str]] = {}
    for campaign in apps.get_model("campaigns", "Campaign").objects.prefetch_related("languages"):
        rows = {row.code: row.sender_name for row in campaign.languages.all()}
        names[campaign.pk] = rows | {"": rows.get(campaign.default_language, "")}
    messages = apps.get_model("delivery", "Message").objects.select_related("mailing")
    for message in messages.iterator(chunk_size=50):
        known = names[message.mailing.campaign_id]
        message.sender_name = known.get(message.language) or known[""]
        message.sha256 = fingerprint(message)
        message.save(update_fields=["sender_name", "sha256"])


def fingerprint(message: Any) -> str:
    digest = hashlib.sha256()
    for part in (
        message.language,
        message.reading_level,
        message.sender_name,
        message.subject,
        message.html,
        message.text,
        repr(sorted(message.headers.items())),
    ):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_the_old_address_is_told"), ("campaigns", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="sender_name",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="sender's name"),
            preserve_default=False,
        ),
        migrations.RunPython(write_down, migrations.RunPython.noop),
    ]
