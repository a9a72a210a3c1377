import accounts.models
import campaigns.models
import campaigns.translated_fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='short name')),
                ('kind', models.CharField(choices=[('ministry', 'ministry'), ('agency', 'agency'), ('municipality', 'municipality')], max_length=12, verbose_name='kind')),
                ('name', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='name')),
                ('short_name', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='short name for bylines')),
                ('url', models.URLField(blank=True, verbose_name='website')),
                ('contact', models.EmailField(blank=True, max_length=254, verbose_name='contact address')),
                ('may_issue_alerts', models.BooleanField(default=False, help_text="Only for an authority named in law. Alerts from all others are marked as an exercise.", verbose_name='may issue actual alerts')),
            ],
            options={
                'verbose_name': 'authority',
                'verbose_name_plural': 'authorities',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='PageChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('takes_back', models.BooleanField(default=False)),
                ('noted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': "page change",
                'verbose_name_plural': "page changes",
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=10, unique=True, verbose_name='code')),
                ('name', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='name')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
            ],
            options={
                'verbose_name': 'region',
                'verbose_name_plural': 'regions',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='AuthorityToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name="purpose")),
                ('start', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                ('sha256', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='campaigns.authority', verbose_name='authority')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='BannedTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('term', models.CharField(max_length=80, verbose_name='term')),
                ('say_instead', models.CharField(max_length=200, verbose_name='say instead')),
                ('why', models.CharField(max_length=300, verbose_name='why')),
            ],
            options={
                'verbose_name': 'banned term',
                'verbose_name_plural': 'banned terms',
                'ordering': ['language', 'term'],
                'constraints': [models.UniqueConstraint(fields=('language', 'term'), name='one_row_per_banned_term')],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='short name')),
                ('mode', models.CharField(choices=[('live', 'live'), ('exercise', 'exercise')], default='exercise', max_length=10, verbose_name='mode')),
                ('time_zone', models.CharField(default='Europe/Helsinki', max_length=60, validators=[campaigns.models.validate_time_zone], verbose_name='time zone')),
                ('default_language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='main language')),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='published')),
                ('sender_email', models.EmailField(max_length=254, verbose_name="sender's address")),
                ('reply_to', models.EmailField(max_length=254, verbose_name="reply address")),
                ('liaison_name', models.CharField(blank=True, max_length=150, verbose_name='contact person')),
                ('liaison_email', models.EmailField(blank=True, max_length=254, verbose_name="contact person's address")),
                ('note', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='note on every page of an exercise')),
                ('privacy_note', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name="text added to the privacy page")),
                ('alert_category', models.CharField(choices=[('Geo', 'earthquake, landslide'), ('Met', 'weather, flood'), ('Safety', 'public safety'), ('Security', 'security'), ('Rescue', 'rescue'), ('Fire', 'fire'), ('Health', 'health'), ('Env', 'environment'), ('Transport', 'transport'), ('Infra', 'infrastructure'), ('CBRNE', 'chemical, biological, radiological, nuclear or explosive danger'), ('Other', 'other')], default='Other', max_length=10, verbose_name='category in alerts')),
                ('authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='campaigns.authority', verbose_name="lead authority")),
            ],
            options={
                'verbose_name': 'campaign',
                'verbose_name_plural': 'campaigns',
            },
        ),
        migrations.CreateModel(
            name='CampaignLanguage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('name', models.CharField(max_length=120, verbose_name="campaign's name")),
                ('hashtag', models.CharField(blank=True, max_length=60, verbose_name='hashtag')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('sender_name', models.CharField(max_length=120, verbose_name="sender's name")),
                ('bulletin_name', models.CharField(default='bulletin', max_length=40, verbose_name='word for a bulletin')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='languages', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'language',
                'verbose_name_plural': 'languages',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='GlossaryTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='term')),
                ('definition', models.TextField(blank=True, verbose_name='definition')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='glossary', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'glossary term',
                'verbose_name_plural': 'glossary',
            },
        ),
        migrations.CreateModel(
            name='CustomText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('claim_ended', 'a fact-check that is paused or withdrawn'), ('answer_withdrawn', 'an answer that is withdrawn'), ('question_declined', "a question that will not be answered"), ('invitation', 'invitations')], max_length=20, verbose_name='for')),
                ('subject_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('words', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='words')),
                ('reach', models.PositiveIntegerField(blank=True, null=True, verbose_name='people')),
                ('digest', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('proposed_at', models.DateTimeField(verbose_name='written')),
                ('agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='agreed')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='dropped')),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agreed by')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='custom_texts', to='campaigns.campaign', verbose_name='campaign')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
            ],
            options={
                'verbose_name': "custom text",
                'verbose_name_plural': "custom text",
                'ordering': ['-proposed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PlatformLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=30, verbose_name='platform')),
                ('field', models.CharField(max_length=30, verbose_name='field')),
                ('limit', models.PositiveIntegerField(verbose_name='limit')),
                ('counted_in', models.CharField(choices=[('code_points', 'characters'), ('utf16_units', 'UTF-16 units'), ('utf8_bytes', 'bytes'), ('utf8_emoji', 'characters, emoji in bytes'), ('x_weighted', "characters as X counts them"), ('items', 'items'), ('seconds', 'seconds'), ('minutes', 'minutes')], max_length=12, verbose_name='counted in')),
                ('seen_on', models.DateField(verbose_name='seen on')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
            ],
            options={
                'verbose_name': 'platform limit',
                'verbose_name_plural': 'platform limits',
                'ordering': ['platform', 'field', '-seen_on'],
                'constraints': [models.UniqueConstraint(fields=('platform', 'field', 'seen_on'), name='one_limit_per_platform_field_date')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, verbose_name='short name')),
                ('name', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='name')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'topic',
                'verbose_name_plural': 'topics',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='AuthorityMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='campaigns.authority', verbose_name='authority')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='authority_memberships', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'contributor',
                'verbose_name_plural': 'contributors',
                'constraints': [models.UniqueConstraint(fields=('authority', 'user'), name='one_membership_per_authority')],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('mode__in', ['live', 'exercise'])), name='campaign_mode_known'),
        ),
        migrations.AddConstraint(
            model_name='campaignlanguage',
            constraint=models.UniqueConstraint(fields=('campaign', 'code'), name='one_row_per_campaign_language'),
        ),
        migrations.AddConstraint(
            model_name='customtext',
            constraint=models.CheckConstraint(condition=models.Q(('proposed_by', models.F('agreed_by')), _negated=True), name='custom_text_needs_two_people'),
        ),
        migrations.AddConstraint(
            model_name='customtext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), _connector='OR'), name='custom_text_agreed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='customtext',
            constraint=models.UniqueConstraint(condition=models.Q(('agreed_at', None), ('dropped_at', None)), fields=('purpose', 'subject_id'), name='one_proposal_waits'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.UniqueConstraint(fields=('campaign', 'slug'), name='one_topic_per_campaign_slug'),
        ),
    ]
