"""Courses, ways to help and stories are agreed to by the one mechanism: who wrote them, how their digest is spelled, and the bytes of files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stories", "0013_how_long_a_work_may_be_used")]

    operations = [
        *(
            migrations.AddField(
                model, "digest_version", models.PositiveSmallIntegerField(db_default=0, default=1, editable=False)
            )
            for model in ("courseversion", "offerversion", "story")
        ),
        migrations.AddField(
            "story",
            "writers",
            models.JSONField(
                "worked on by", default=list, db_default=models.Value([], models.JSONField()), editable=False
            ),
        ),
        migrations.AddField(
            "coursefile", "size", models.PositiveBigIntegerField("size in bytes", default=0, db_default=0)
        ),
        migrations.AddField(
            "coursefile",
            "sha256",
            models.CharField("fingerprint", max_length=64, blank=True, default="", db_default=""),
        ),
    ]
