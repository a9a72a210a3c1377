from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0016_whom_a_channel_names"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="mailerhealth",
            options={
                "verbose_name": "health of servers and channels",
                "verbose_name_plural": "health of servers and channels",
            },
        ),
    ]
