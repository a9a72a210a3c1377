from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bulletins', '0009_how_cards_look'),
    ]

    operations = [
        migrations.AddField(
            model_name='editionrevision',
            name='source_revision',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='based on revision'),
        ),
    ]
