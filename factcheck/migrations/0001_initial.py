import accounts.models
import campaigns.translated_fields
import django.db.models.deletion
import django.utils.timezone
import factcheck.models.claims
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
            name='ArchivedCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='fingerprint')),
                ('url', models.URLField(max_length=1000, verbose_name='address')),
                ('title', models.CharField(blank=True, max_length=300, verbose_name='title')),
                ('text', models.TextField(verbose_name='text')),
                ('fetched_at', models.DateTimeField(verbose_name='copied')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='copied by hand by')),
            ],
            options={
                'verbose_name': 'archived copy',
                'verbose_name_plural': 'archived copies',
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='claim, as it is said')),
                ('verdict', models.CharField(blank=True, choices=[('true', 'true'), ('false', 'false'), ('fifty_fifty', '50–50'), ('unproven', 'unproven')], max_length=12, verbose_name='verdict')),
                ('fact', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fact')),
                ('warning', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='warning')),
                ('fallacy', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fallacy')),
                ('fact_again', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fact, again')),
                ('how_checked', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='how we checked')),
                ('why_few_sources', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='why there are fewer than two independent sources')),
                ('what_changed', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='what changed since the last version')),
                ('checked_on', models.DateField(blank=True, null=True, verbose_name='checked on')),
                ('check_again_by', models.DateField(blank=True, null=True, verbose_name='to be checked again by')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('slug', models.SlugField(max_length=60, validators=[factcheck.models.claims.refuse_reserved], verbose_name='short name')),
                ('keywords', models.JSONField(blank=True, default=list, help_text="Names and words used for it in any language.", verbose_name='keywords')),
                ('status', models.CharField(choices=[('open', 'open'), ('in_review', 'in review'), ('proposed', 'verdict proposed'), ('confirmed', 'verdict confirmed'), ('published', 'published'), ('paused', 'paused'), ('withdrawn', 'withdrawn'), ('set_aside', 'set aside'), ('merged', "same as another")], default='open', max_length=10, verbose_name='status')),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, verbose_name="fingerprint of the proposal")),
                ('paused_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='paused')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='reported')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='campaigns.campaign', verbose_name='campaign')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verdict confirmed by')),
                ('duplicate_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='factcheck.claim', verbose_name='the same as')),
                ('paused_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paused by')),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verdict proposed by')),
                ('topics', models.ManyToManyField(blank=True, related_name='claims', to='campaigns.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
            },
        ),
        migrations.CreateModel(
            name='ClaimVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('printed', models.JSONField(default=dict, editable=False, verbose_name='printed with it')),
                ('text', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='claim, as it is said')),
                ('verdict', models.CharField(blank=True, choices=[('true', 'true'), ('false', 'false'), ('fifty_fifty', '50–50'), ('unproven', 'unproven')], max_length=12, verbose_name='verdict')),
                ('fact', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fact')),
                ('warning', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='warning')),
                ('fallacy', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fallacy')),
                ('fact_again', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='fact, again')),
                ('how_checked', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='how we checked')),
                ('why_few_sources', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='why there are fewer than two independent sources')),
                ('what_changed', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='what changed since the last version')),
                ('checked_on', models.DateField(blank=True, null=True, verbose_name='checked on')),
                ('check_again_by', models.DateField(blank=True, null=True, verbose_name='to be checked again by')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('kind', models.CharField(choices=[('original', 'published'), ('correction', 'corrected'), ('withdrawal', 'withdrawn')], max_length=10, verbose_name='kind')),
                ('evidence', models.JSONField(default=list, verbose_name='pieces of evidence')),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('published_at', models.DateTimeField(verbose_name='published')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='factcheck.claim', verbose_name='claim')),
                ('confirmed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verdict confirmed by')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verdict proposed by')),
            ],
            options={
                'verbose_name': 'published fact-check',
                'verbose_name_plural': 'published fact-checks',
                'ordering': ['claim', '-number'],
            },
        ),
        migrations.CreateModel(
            name='ClaimStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reported', 'reported'), ('taken_up', "checking started"), ('proposed', 'verdict proposed'), ('voided', 'changed, so the proposal no longer counts'), ('sent_back', 'sent back'), ('confirmed', 'verdict confirmed'), ('published', 'published'), ('corrected', 'corrected'), ('paused', 'paused'), ('resumed', 'shown again'), ('reopened', "reopened"), ('withdrawn', 'withdrawn'), ('set_aside', 'set aside'), ('merged', 'found to be the same as another'), ('split', "found to be different")], max_length=10, verbose_name='step')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('reader_text', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name="text for readers")),
                ('verdict', models.CharField(blank=True, choices=[('true', 'true'), ('false', 'false'), ('fifty_fifty', '50–50'), ('unproven', 'unproven')], max_length=12, verbose_name='verdict')),
                ('before', models.CharField(blank=True, choices=[('true', 'true'), ('false', 'false'), ('fifty_fifty', '50–50'), ('unproven', 'unproven')], max_length=12, verbose_name="previous verdict")),
                ('passed_on_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='factcheck.claim', verbose_name='claim')),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='factcheck.claimversion', verbose_name='version')),
            ],
            options={
                'verbose_name': "claim step",
                'verbose_name_plural': "claim steps",
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='claim',
            name='current_version',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stands_for', to='factcheck.claimversion', verbose_name="current version"),
        ),
        migrations.CreateModel(
            name='ClaimWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('text', models.TextField(verbose_name='words')),
                ('keywords', models.TextField(blank=True, verbose_name='keywords')),
                ('vector', models.BinaryField(blank=True, null=True)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='factcheck.claim', verbose_name='claim')),
            ],
            options={
                'verbose_name': "claim terms",
                'verbose_name_plural': "claim terms",
            },
        ),
        migrations.CreateModel(
            name='Distinction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='factcheck.claim', verbose_name='claim')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='factcheck.claim', verbose_name='other claim')),
            ],
            options={
                'verbose_name': 'distinction',
                'verbose_name_plural': 'distinctions',
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('publisher', models.CharField(max_length=200, verbose_name='publisher')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('url', models.URLField(max_length=500, verbose_name='address')),
                ('language', models.CharField(blank=True, max_length=12, verbose_name='language')),
                ('quote', models.TextField(blank=True, max_length=2000, verbose_name='quote')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published on')),
                ('archive_wanted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('archive_tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('archive_fault', models.CharField(blank=True, editable=False, max_length=20, verbose_name='why there is no copy')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='factcheck.claim', verbose_name='claim')),
                ('copy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='factcheck.archivedcopy', verbose_name='archived copy')),
            ],
            options={
                'verbose_name': 'evidence',
                'verbose_name_plural': 'pieces of evidence',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Narrative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='short name')),
                ('name', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='name')),
                ('description', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='description')),
                ('need_behind', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='the need behind it')),
                ('first_seen', models.DateField(blank=True, null=True, verbose_name='first seen')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='narratives', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'narrative',
                'verbose_name_plural': 'narratives',
            },
        ),
        migrations.AddField(
            model_name='claim',
            name='narrative',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claims', to='factcheck.narrative', verbose_name='narrative'),
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(choices=[('instagram', 'Instagram'), ('tiktok', 'TikTok'), ('youtube', 'YouTube'), ('facebook', 'Facebook'), ('x', 'X'), ('threads', 'Threads'), ('snapchat', 'Snapchat'), ('whatsapp', 'WhatsApp'), ('telegram', 'Telegram'), ('discord', 'Discord'), ('web', 'website'), ('press', 'press, radio or television'), ('spoken', 'word of mouth'), ('other', 'elsewhere')], max_length=12, verbose_name='platform')),
                ('channel', models.CharField(blank=True, help_text='The group, account or site.', max_length=120, verbose_name='channel')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='address')),
                ('url_key', models.CharField(blank=True, db_index=True, editable=False, max_length=500)),
                ('reach', models.PositiveIntegerField(blank=True, help_text='People, when known.', null=True, verbose_name='reach')),
                ('seen_on', models.DateField(verbose_name='seen on')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('note', models.TextField(blank=True, max_length=1000, verbose_name='note')),
                ('screenshot', models.FileField(blank=True, upload_to='sightings/', verbose_name='screenshot')),
                ('via', models.CharField(choices=[('staff', 'the desk'), ('public', 'the public form'), ('portal', 'the portal'), ('file', 'a file')], default='staff', max_length=8, verbose_name='came by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='reported')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sightings', to='factcheck.claim', verbose_name='claim')),
                ('reporter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
            ],
            options={
                'verbose_name': 'sighting',
                'verbose_name_plural': 'sightings',
                'ordering': ['-seen_on', '-pk'],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='Thresholds',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('least_sightings', models.PositiveSmallIntegerField(default=2, help_text='On one platform in one language.', verbose_name="sightings that make a channel loud")),
                ('least_reach', models.PositiveIntegerField(default=5000, help_text='People, all sightings there together.', verbose_name="or reach that makes it so")),
                ('within_days', models.PositiveSmallIntegerField(default=14, verbose_name="days counted")),
                ('rising_channels', models.PositiveSmallIntegerField(default=3, help_text='Seen there since yesterday.', verbose_name="channels that make a narrative rise")),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='thresholds', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'thresholds',
                'verbose_name_plural': 'thresholds',
            },
        ),
        migrations.AddConstraint(
            model_name='archivedcopy',
            constraint=models.UniqueConstraint(fields=('url', 'sha256'), name='one_copy_per_page_text'),
        ),
        migrations.AddConstraint(
            model_name='claimversion',
            constraint=models.UniqueConstraint(fields=('claim', 'number'), name='one_row_per_claim_version'),
        ),
        migrations.AddConstraint(
            model_name='claimversion',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_by', models.F('confirmed_by')), _negated=True), name='version_needs_two_people'),
        ),
        migrations.AddIndex(
            model_name='claimstep',
            index=models.Index(condition=models.Q(('passed_on_at__isnull', True)), fields=['at'], name='claim_step_to_pass_on'),
        ),
        migrations.AddConstraint(
            model_name='claimwords',
            constraint=models.UniqueConstraint(fields=('claim', 'language'), name='one_row_per_claim_language'),
        ),
        migrations.AddConstraint(
            model_name='distinction',
            constraint=models.UniqueConstraint(fields=('one', 'other'), name='one_distinction_per_pair'),
        ),
        migrations.AddConstraint(
            model_name='distinction',
            constraint=models.CheckConstraint(condition=models.Q(('one__lt', models.F('other'))), name='distinction_in_order'),
        ),
        migrations.AddIndex(
            model_name='evidence',
            index=models.Index(condition=models.Q(('archive_wanted_at__isnull', False)), fields=['archive_wanted_at'], name='evidence_to_archive'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(fields=('claim', 'url'), name='one_row_per_claim_source'),
        ),
        migrations.AddConstraint(
            model_name='narrative',
            constraint=models.UniqueConstraint(fields=('campaign', 'slug'), name='one_narrative_per_campaign_slug'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['campaign', 'status'], name='claim_by_status'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('campaign', 'slug'), name='one_claim_per_campaign_slug'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'published']), _negated=True), models.Q(models.Q(('verdict', ''), _negated=True), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True)), _connector='OR'), name='verdict_needs_two_people'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('duplicate_of__isnull', False), ('status', 'merged')), models.Q(models.Q(('status', 'merged'), _negated=True), ('duplicate_of', None)), _connector='OR'), name='merged_claims_name_their_main_one'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('current_version__isnull', False), _connector='OR'), name='published_claims_have_a_version'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(fields=['seen_on'], name='sighting_by_day'),
        ),
        migrations.AddConstraint(
            model_name='thresholds',
            constraint=models.CheckConstraint(condition=models.Q(('least_reach__gte', 1), ('least_sightings__gte', 1), ('rising_channels__gte', 1), ('within_days__gte', 1)), name='thresholds_are_at_least_one'),
        ),
    ]
