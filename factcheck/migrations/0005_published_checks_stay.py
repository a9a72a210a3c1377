"""The database itself refuses to change a fact-check that was published, and copies of pages."""

from django.db import migrations

from lib.frozen_rows import guard


class Migration(migrations.Migration):
    dependencies = [("factcheck", "0004_checks_that_add_a_language")]
    operations = [
        migrations.RunPython(*guard("factcheck_claimversion")),
        migrations.RunPython(*guard("factcheck_archivedcopy")),
    ]
