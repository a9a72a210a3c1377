"""What a bounce by mail says of the address is kept, so that a second one can agree; of those before nothing is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0006_messages_keep_their_sender_s_name")]

    operations = [
        migrations.AddField(
            model_name="providerevent",
            name="denies_address",
            field=models.BooleanField(default=False, verbose_name="says that the address does not exist"),
        ),
        migrations.AddIndex(
            model_name="providerevent",
            index=models.Index(condition=models.Q(("denies_address", True)), fields=["received_at"], name="event_denial"),
        ),
    ]
