from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_sign_ups_know_their_network")]

    operations = [
        migrations.AddField(
            model_name="providerevent",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[("believed", "believed"), ("dismissed", "dismissed")],
                default="",
                max_length=10,
                verbose_name="decision",
            ),
        ),
    ]
