"""The database itself refuses to change what was published."""

from django.db import migrations

from lib.frozen_rows import guard


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0025_authority_posts")]
    operations = [migrations.RunPython(*guard("bulletins_publishededition", "replaced"))]
