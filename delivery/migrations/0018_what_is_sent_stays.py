"""The database itself refuses to change a message that was frozen, and words that people agreed to."""

from django.db import migrations

from lib.frozen_rows import guard


class Migration(migrations.Migration):
    dependencies = [("delivery", "0017_health_of_channels_too")]
    operations = [
        migrations.RunPython(*guard("delivery_message")),
        migrations.RunPython(*guard("delivery_consenttext")),
    ]
