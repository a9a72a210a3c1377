"""That a fact-check is paused or shown again is noted as what it is, no longer as withdrawn or corrected."""

from django.db import migrations, models


def sort_anew(apps, schema_editor):
    """Give the publications of pauses, and of what was shown again, their own kind of change."""
    publications = apps.get_model("bulletins", "Publication").objects
    for kind in ("paused", "resumed"):
        publications.filter(claim_step__kind=kind).update(change=kind)


class Migration(migrations.Migration):
    """Two more kinds of change."""

    dependencies = [("bulletins", "0002_versions_keep_what_is_printed_with_them")]

    operations = [
        migrations.AlterField(
            model_name="publication",
            name="change",
            field=models.CharField(
                choices=[
                    ("new", "new"),
                    ("corrected", "corrected"),
                    ("paused", "paused"),
                    ("resumed", "shown again"),
                    ("withdrawn", "withdrawn"),
                ],
                max_length=10,
                verbose_name="change",
            ),
        ),
        migrations.RunPython(sort_anew, migrations.RunPython.noop),
    ]
