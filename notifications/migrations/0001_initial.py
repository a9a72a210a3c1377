import accounts.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='what')),
                ('subject_id', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='about')),
                ('path', models.CharField(blank=True, max_length=200, verbose_name='page')),
                ('text', models.TextField(blank=True, verbose_name='words')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='given up')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='campaigns.campaign', verbose_name='campaign')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('given_up_at', None), ('sent_at', None)), fields=['next_attempt_at'], name='notice_waiting'), models.Index(fields=['kind', 'subject_id'], name='notice_about')],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
    ]
