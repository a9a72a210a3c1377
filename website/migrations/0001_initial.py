import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bulletins', '0001_initial'),
        ('campaigns', '0001_initial'),
        ('delivery', '0001_initial'),
        ('factcheck', '0001_initial'),
        ('questions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DigestRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot_at', models.DateTimeField(verbose_name='slot')),
                ('again', models.PositiveSmallIntegerField(default=0, verbose_name='once more')),
                ('upto', models.BigIntegerField(verbose_name='up to publication')),
                ('planned_at', models.DateTimeField(verbose_name='planned')),
                ('readers', models.PositiveIntegerField(default=0, verbose_name='readers')),
                ('silent', models.PositiveIntegerField(default=0, verbose_name="readers with nothing new")),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='digest_runs', to='delivery.audience', verbose_name='audience')),
            ],
            options={
                'verbose_name': 'digest slot',
                'verbose_name_plural': 'digest slots',
                'ordering': ['-slot_at', '-again'],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='digest', to='delivery.mailing', verbose_name='mailing')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='digests', to='website.digestrun', verbose_name='slot')),
            ],
            options={
                'verbose_name': 'digest',
                'verbose_name_plural': 'digests',
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=60, verbose_name='place')),
                ('text', models.TextField(verbose_name='text')),
                ('words', models.TextField(verbose_name='words')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passages', to='bulletins.publishededition', verbose_name='edition')),
            ],
            options={
                'verbose_name': 'passage',
                'verbose_name_plural': 'passages',
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(blank=True, null=True, verbose_name='number')),
                ('about', models.CharField(max_length=40, verbose_name='about')),
                ('change', models.CharField(choices=[('new', 'new'), ('corrected', 'corrected'), ('paused', 'paused'), ('resumed', 'shown again'), ('withdrawn', 'withdrawn')], max_length=10, verbose_name='change')),
                ('topics', models.JSONField(default=list, verbose_name='topics')),
                ('at', models.DateTimeField(verbose_name='published')),
                ('answer_version', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='questions.answerversion', verbose_name="answer's version")),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='campaigns.campaign', verbose_name='campaign')),
                ('claim_step', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='factcheck.claimstep', verbose_name="fact-check update")),
                ('version', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='bulletins.version', verbose_name="bulletin's version")),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publications',
                'ordering': ['number', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HubPing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='given up')),
                ('publication', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='hub_ping', to='website.publication', verbose_name='publication')),
            ],
            options={
                'verbose_name': "hub notification",
                'verbose_name_plural': "hub notifications",
            },
        ),
        migrations.CreateModel(
            name='DigestItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('is_correction', models.BooleanField(default=False, verbose_name='corrects what its readers were told')),
                ('digest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='website.digest', verbose_name='digest')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='website.publication', verbose_name='publication')),
            ],
            options={
                'verbose_name': "digest item",
                'verbose_name_plural': "digest items",
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='PublicationCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last', models.BigIntegerField(default=0)),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='publication_count', to='campaigns.campaign')),
            ],
            options={
                'verbose_name': "publication count",
                'verbose_name_plural': "publication counts",
            },
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('written_in', models.CharField(max_length=12, verbose_name='written in')),
                ('published_at', models.DateTimeField(verbose_name='published')),
                ('title', models.TextField(verbose_name='title')),
                ('lead', models.TextField(blank=True, verbose_name='lead')),
                ('messages', models.TextField(blank=True, verbose_name='key messages')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('answer_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='search_texts', to='questions.answerversion')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.campaign', verbose_name='campaign')),
                ('claim_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='factcheck.claimversion')),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='search_texts', to='bulletins.version')),
            ],
            options={
                'verbose_name': "search text",
                'verbose_name_plural': "search texts",
            },
        ),
        migrations.AddConstraint(
            model_name='digestrun',
            constraint=models.UniqueConstraint(fields=('audience', 'slot_at', 'again'), name='one_run_per_audience_slot'),
        ),
        migrations.AddConstraint(
            model_name='passage',
            constraint=models.UniqueConstraint(fields=('edition', 'place'), name='one_passage_per_place'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('number', None)), fields=['campaign'], name='publication_without_number'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(fields=('campaign', 'number'), name='one_publication_per_number'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer_version', None), ('claim_step', None), ('version__isnull', False)), models.Q(('answer_version__isnull', False), ('claim_step', None), ('version', None)), models.Q(('answer_version', None), ('claim_step__isnull', False), ('version', None)), _connector='OR'), name='publication_is_of_one_thing'),
        ),
        migrations.AddIndex(
            model_name='hubping',
            index=models.Index(condition=models.Q(('given_up_at', None), ('told_at', None)), fields=['next_attempt_at'], name='hub_ping_to_tell'),
        ),
        migrations.AddConstraint(
            model_name='digestitem',
            constraint=models.UniqueConstraint(fields=('digest', 'publication'), name='one_item_per_publication'),
        ),
        migrations.AddIndex(
            model_name='searchtext',
            index=models.Index(fields=['campaign', 'language', 'published_at', 'id'], name='search_text_newest'),
        ),
        migrations.AddConstraint(
            model_name='searchtext',
            constraint=models.UniqueConstraint(condition=models.Q(('version__isnull', False)), fields=('version', 'language'), name='one_search_text_per_version'),
        ),
        migrations.AddConstraint(
            model_name='searchtext',
            constraint=models.UniqueConstraint(condition=models.Q(('answer_version__isnull', False)), fields=('answer_version', 'language'), name='one_search_text_per_answer'),
        ),
        migrations.AddConstraint(
            model_name='searchtext',
            constraint=models.UniqueConstraint(condition=models.Q(('claim_version__isnull', False)), fields=('claim_version', 'language'), name='one_search_text_per_claim'),
        ),
        migrations.AddConstraint(
            model_name='searchtext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer_version', None), ('claim_version', None), ('version__isnull', False)), models.Q(('answer_version__isnull', False), ('claim_version', None), ('version', None)), models.Q(('answer_version', None), ('claim_version__isnull', False), ('version', None)), _connector='OR'), name='search_text_is_of_one_thing'),
        ),
    ]
