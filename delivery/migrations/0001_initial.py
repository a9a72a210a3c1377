import accounts.models
import campaigns.translated_fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
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
            name='Bucket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300, unique=True, verbose_name='name')),
                ('taken', models.FloatField(default=0, verbose_name="tokens used")),
                ('at', models.DateTimeField(verbose_name='counted')),
            ],
            options={
                'verbose_name': 'token bucket',
                'verbose_name_plural': 'token buckets',
            },
        ),
        migrations.CreateModel(
            name='MailerHealth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailer', models.CharField(choices=[('default', 'live campaigns'), ('backup', "live campaigns (fallback)"), ('exercise', 'exercises')], max_length=40, unique=True, verbose_name="mail server")),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='failures in a row')),
                ('down_until', models.DateTimeField(blank=True, null=True, verbose_name="on hold until")),
                ('trial_until', models.DateTimeField(blank=True, null=True, verbose_name="being retried until")),
                ('wait_until', models.DateTimeField(blank=True, null=True, verbose_name='asked to wait until')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed')),
            ],
            options={
                'verbose_name': "mail server health",
                'verbose_name_plural': "mail server health",
            },
        ),
        migrations.CreateModel(
            name='HostProcess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=80, verbose_name='host')),
                ('name', models.CharField(max_length=60, verbose_name='process')),
                ('queues', models.CharField(blank=True, max_length=200, verbose_name='queues')),
                ('processes', models.PositiveSmallIntegerField(default=1, verbose_name='processes')),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('seen_at', models.DateTimeField(verbose_name='last heartbeat')),
                ('clock_ahead', models.FloatField(default=0, verbose_name='clock ahead')),
                ('release', models.CharField(max_length=120, verbose_name='version')),
                ('marks', models.JSONField(default=dict, editable=False)),
            ],
            options={
                'verbose_name': 'host',
                'verbose_name_plural': 'hosts',
                'ordering': ['host', 'name'],
                'constraints': [models.UniqueConstraint(fields=('host', 'name'), name='one_row_per_process_of_a_host')],
            },
        ),
        migrations.CreateModel(
            name='MailerLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailer', models.CharField(choices=[('default', 'live campaigns'), ('backup', "live campaigns (fallback)"), ('exercise', 'exercises')], max_length=40, unique=True, verbose_name="mail server")),
                ('connections', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='connections at once')),
                ('per_second', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='messages per second')),
                ('warm_up_from', models.DateField(blank=True, null=True, verbose_name='warms up from')),
                ('warm_up_steps', models.JSONField(blank=True, default=list, verbose_name="messages per day")),
            ],
            options={
                'verbose_name': "sending limit",
                'verbose_name_plural': "sending limits",
            },
        ),
        migrations.CreateModel(
            name='Preflight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=253, verbose_name='domain')),
                ('at', models.DateTimeField(verbose_name="checked at")),
                ('passed', models.BooleanField(verbose_name='passed')),
                ('findings', models.JSONField(default=list, verbose_name='findings')),
            ],
            options={
                'verbose_name': 'preflight',
                'verbose_name_plural': 'preflights',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='KeptCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('at', models.DateTimeField()),
                ('figures', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='process')),
                ('at', models.DateTimeField(verbose_name="last heartbeat")),
                ('detail', models.CharField(blank=True, max_length=200, verbose_name='detail')),
            ],
            options={
                'verbose_name': "heartbeat",
                'verbose_name_plural': "heartbeats",
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_hash', models.CharField(max_length=64, unique=True, verbose_name='address code')),
                ('reason', models.CharField(choices=[('no_such_address', 'no such address'), ('complaint', 'complaint'), ('erased', 'erased'), ('staff', 'by staff')], max_length=20, verbose_name='reason')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'verbose_name': 'suppressed address',
                'verbose_name_plural': 'suppressed addresses',
            },
        ),
        migrations.CreateModel(
            name='Audience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, verbose_name='short name')),
                ('kind', models.CharField(choices=[('influencers', 'influencers'), ('digest', 'digest')], default='influencers', max_length=12, verbose_name='kind')),
                ('name', campaigns.translated_fields.TranslatedField(default=dict, verbose_name='name')),
                ('description', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='description')),
                ('tier', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='tier')),
                ('languages', models.JSONField(default=list, verbose_name='languages')),
                ('max_size', models.PositiveIntegerField(blank=True, null=True, verbose_name="maximum size")),
                ('canary_size', models.PositiveIntegerField(default=0, verbose_name="people in the first part")),
                ('canary_minutes', models.PositiveSmallIntegerField(default=10, verbose_name='minutes until the others follow')),
                ('stagger_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='minutes after the first audience')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='audiences', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'audience',
                'verbose_name_plural': 'audiences',
                'ordering': ['campaign', models.OrderBy(models.F('tier'), nulls_last=True), 'slug'],
            },
        ),
        migrations.CreateModel(
            name='AudienceSize',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(verbose_name='date')),
                ('size', models.PositiveIntegerField(verbose_name='people')),
                ('basis', models.CharField(max_length=40, verbose_name='how it is known')),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sizes', to='delivery.audience', verbose_name='audience')),
            ],
            options={
                'verbose_name': 'size on a date',
                'verbose_name_plural': 'sizes on dates',
                'ordering': ['date'],
            },
        ),
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('bulletins', 'bulletins'), ('digest', 'digest'), ('open_tracking', 'open tracking')], max_length=14, verbose_name='purpose')),
                ('version', models.CharField(max_length=20, verbose_name='version of the text')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('words', models.TextField(verbose_name='words')),
                ('first_at', models.DateTimeField(verbose_name='first agreed to')),
            ],
            options={
                'verbose_name': "consent text",
                'verbose_name_plural': "consent texts",
                'ordering': ['purpose', '-version', 'language'],
                'constraints': [models.UniqueConstraint(fields=('purpose', 'version', 'language'), name='one_text_per_purpose_version_language')],
            },
        ),
        migrations.CreateModel(
            name='DomainLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=253, verbose_name='domain')),
                ('per_minute', models.FloatField(validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='messages per minute')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('learnt', models.BooleanField(default=False, editable=False, verbose_name="requested by the domain")),
            ],
            options={
                'verbose_name': "domain limit",
                'verbose_name_plural': "domain limits",
                'constraints': [models.UniqueConstraint(fields=('domain', 'learnt'), name='one_limit_per_domain_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, verbose_name='key')),
                ('queue', models.CharField(choices=[('urgent', 'urgent'), ('bulletin', 'bulletin'), ('digest', 'digest')], default='bulletin', max_length=10, verbose_name='queue')),
                ('is_digest', models.BooleanField(default=False, verbose_name='for subscribers of digests')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='campaigns.campaign', verbose_name='campaign')),
                ('parts', models.ManyToManyField(blank=True, related_name='roundups', to='delivery.mailing', verbose_name='mailings in this roundup')),
                ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='delivery.mailing', verbose_name='superseded by')),
                ('thread', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.mailing', verbose_name='first of its thread')),
                ('topics', models.ManyToManyField(blank=True, related_name='+', to='campaigns.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'mailing',
                'verbose_name_plural': 'mailings',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('state', models.CharField(choices=[('queued', 'queued'), ('claimed', 'claimed'), ('handing_off', 'being handed over'), ('accepted', 'accepted'), ('deferred', 'deferred'), ('failed', 'failed'), ('suppressed', 'suppressed'), ('superseded', 'superseded'), ('expired', 'expired'), ('unknown', 'unknown')], default='queued', max_length=12, verbose_name='state')),
                ('lease', models.BigIntegerField(blank=True, null=True, verbose_name='lease')),
                ('attempts', models.SmallIntegerField(default=0, verbose_name='attempts')),
                ('crashes', models.SmallIntegerField(default=0, verbose_name='crashes')),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True, verbose_name='next attempt')),
                ('handed_off_at', models.DateTimeField(blank=True, null=True, verbose_name='handed over')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('code', models.CharField(blank=True, default='', max_length=20, verbose_name='status code')),
                ('detail', models.CharField(blank=True, default='', max_length=200, verbose_name="server's reply")),
                ('provider_id', models.CharField(blank=True, default='', max_length=200, verbose_name="provider's message id")),
                ('possible_duplicate', models.BooleanField(default=False, verbose_name='possibly sent twice')),
                ('receipt', models.SmallIntegerField(choices=[(0, 'none'), (1, 'delivered'), (2, 'bounced'), (3, 'complained')], default=0, verbose_name='receipt')),
                ('mailing', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.mailing', verbose_name='mailing')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('reading_level', models.CharField(choices=[('standard', 'standard'), ('easy', 'easy language')], default='standard', max_length=10, verbose_name='reading level')),
                ('sender_name', models.CharField(blank=True, max_length=120, verbose_name="sender's name")),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('html', models.TextField(verbose_name='HTML')),
                ('text', models.TextField(verbose_name='text')),
                ('headers', models.JSONField(blank=True, default=dict, verbose_name='headers')),
                ('sha256', models.CharField(editable=False, max_length=64, verbose_name='fingerprint')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='frozen')),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='delivery.mailing', verbose_name='mailing')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=40, verbose_name='provider')),
                ('event_id', models.CharField(max_length=200, verbose_name='event')),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('bounced', 'bounced'), ('complained', 'complained'), ('deferred', 'deferred'), ('unsubscribed', 'unsubscribed')], max_length=12, verbose_name='kind')),
                ('message_id', models.CharField(blank=True, max_length=200, verbose_name='message id')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='status code')),
                ('happened_at', models.DateTimeField(verbose_name='happened')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('processed_at', models.DateTimeField(blank=True, null=True, verbose_name='processed')),
                ('decision', models.CharField(blank=True, choices=[('believed', 'believed'), ('dismissed', 'dismissed')], default='', max_length=10, verbose_name='decision')),
                ('denies_address', models.BooleanField(default=False, verbose_name='says that the address does not exist')),
                ('delivery', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='delivery.delivery', verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'provider event',
                'verbose_name_plural': 'provider events',
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                ('address_hash', models.CharField(editable=False, max_length=64, unique=True, verbose_name='address code')),
                ('name', models.CharField(blank=True, max_length=300, verbose_name='name')),
                ('language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('state', models.CharField(choices=[('unconfirmed', 'not confirmed'), ('active', 'active'), ('left', 'left'), ('erased', 'erased')], default='active', max_length=12, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('address_since', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'recipient',
                'verbose_name_plural': 'recipients',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='one_recipient_per_address'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'erased'), _negated=True), models.Q(('email', ''), ('name', '')), _connector='OR'), name='erased_recipient_has_no_address')],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='joined')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('left_because', models.CharField(blank=True, max_length=200, verbose_name="reason for leaving")),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='delivery.audience', verbose_name='audience')),
                ('moved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='moved by')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='delivery.recipient', verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pace', models.CharField(choices=[('each', 'each bulletin when it is published'), ('day', 'once a day, gathered'), ('week', 'once a week, gathered'), ('urgent', 'only what is urgent')], default='each', max_length=8, verbose_name='how often')),
                ('break_until', models.DateTimeField(blank=True, null=True, verbose_name='on a break until')),
                ('pace_before', models.CharField(blank=True, choices=[('each', 'each bulletin when it is published'), ('day', 'once a day, gathered'), ('week', 'once a week, gathered'), ('urgent', 'only what is urgent')], editable=False, max_length=8)),
                ('changed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='changed')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.campaign', verbose_name='campaign')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='delivery.recipient', verbose_name='recipient')),
            ],
            options={
                'verbose_name': "email preference",
                'verbose_name_plural': "email preferences",
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.AddField(
            model_name='delivery',
            name='recipient',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.recipient', verbose_name='recipient'),
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('bulletins', 'bulletins'), ('digest', 'digest'), ('open_tracking', 'open tracking')], max_length=14, verbose_name='purpose')),
                ('text_version', models.CharField(max_length=20, verbose_name='version of the text')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('source', models.CharField(max_length=60, verbose_name='source')),
                ('given_at', models.DateTimeField(verbose_name='given')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='delivery.recipient', verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='SeedAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name="email address")),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                ('language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('asked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='asked')),
                ('confirmed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name="has agreed")),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seeds', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'seed address',
                'verbose_name_plural': 'seed list',
                'ordering': ['email', 'language'],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='Send',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot_key', models.CharField(max_length=120, verbose_name='slot key')),
                ('slot_at', models.DateTimeField(verbose_name='slot')),
                ('channel', models.CharField(choices=[('mail', "email")], default='mail', max_length=10, verbose_name='channel')),
                ('state', models.CharField(choices=[('planned', 'planned'), ('sending', 'sending'), ('paused', 'paused'), ('held', "held for review"), ('cancelled', 'cancelled'), ('finished', 'finished')], default='planned', max_length=10, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name="reason it is held")),
                ('deadline', models.DateTimeField(blank=True, null=True, verbose_name='send by')),
                ('hold_after', models.DateTimeField(blank=True, null=True, verbose_name="needs review after")),
                ('exposed_only', models.BooleanField(default=False, verbose_name="only those who got an earlier version")),
                ('pace', models.CharField(blank=True, choices=[('each', 'each bulletin when it is published'), ('day', 'once a day, gathered'), ('week', 'once a week, gathered'), ('urgent', 'only what is urgent')], max_length=8, verbose_name='gathered for')),
                ('since', models.DateTimeField(blank=True, null=True, verbose_name='gathered since')),
                ('candidates', models.PositiveIntegerField(blank=True, null=True, verbose_name='candidates')),
                ('fanned_out_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('first_delivery', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='first row')),
                ('last_delivery', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='last row')),
                ('claimed_up_to', models.BigIntegerField(default=0, editable=False, verbose_name='claimed up to')),
                ('canary_up_to', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='first part, up to row')),
                ('canary_until', models.DateTimeField(blank=True, null=True, verbose_name='first part, until')),
                ('waived', models.BooleanField(default=False, verbose_name="released by a person")),
                ('holds', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='times held')),
                ('served_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last worked on')),
                ('counted_at', models.DateTimeField(editable=False, null=True)),
                ('counts', models.CharField(blank=True, editable=False, max_length=200)),
                ('settled_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='settled')),
                ('unlinked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name="names erased")),
                ('unlinked_up_to', models.BigIntegerField(default=0, editable=False)),
                ('summed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='only totals kept since')),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sends', to='delivery.audience', verbose_name='audience')),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sends', to='delivery.mailing', verbose_name='mailing')),
            ],
            options={
                'verbose_name': 'send',
                'verbose_name_plural': 'sends',
                'permissions': [('control_send', 'Can pause, resume and cancel a send')],
            },
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailer', models.CharField(editable=False, max_length=40)),
                ('connections', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('until', models.DateTimeField(verbose_name='until')),
                ('silent_since', models.DateTimeField(editable=False, null=True)),
                ('released_at', models.DateTimeField(editable=False, null=True)),
                ('worker', models.CharField(blank=True, max_length=100, verbose_name='worker')),
                ('window', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('journal', models.CharField(blank=True, editable=False, max_length=60)),
                ('first_row', models.BigIntegerField(editable=False, null=True)),
                ('last_row', models.BigIntegerField(editable=False, null=True)),
                ('send', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leases', to='delivery.send', verbose_name='send')),
            ],
            options={
                'verbose_name': 'lease',
                'verbose_name_plural': 'leases',
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='send',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.send', verbose_name='send'),
        ),
        migrations.CreateModel(
            name='Snooze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='snoozes', to='delivery.recipient', verbose_name='recipient')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.topic', verbose_name='topic')),
            ],
            options={
                'verbose_name': "muted topic",
                'verbose_name_plural': "muted topics",
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('since', models.BigIntegerField(default=0, editable=False, verbose_name='since publication')),
                ('cursor', models.BigIntegerField(default=0, editable=False, verbose_name='served up to publication')),
                ('cursor_before', models.BigIntegerField(editable=False, null=True)),
                ('considered_at', models.DateTimeField(editable=False, null=True, verbose_name='last looked at')),
                ('subscribed_at', models.DateTimeField(verbose_name='subscribed')),
                ('paused_until', models.DateTimeField(blank=True, null=True, verbose_name='paused until')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left')),
                ('audience', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='delivery.audience', verbose_name='how often')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='campaigns.campaign', verbose_name='campaign')),
                ('mailing', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='delivery.mailing')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='delivery.recipient', verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
            },
        ),
        migrations.CreateModel(
            name='NewAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name="email address")),
                ('secret', models.CharField(blank=True, editable=False, max_length=64)),
                ('place', models.CharField(blank=True, editable=False, max_length=64)),
                ('network', models.CharField(blank=True, editable=False, max_length=64)),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('mail_due_at', models.DateTimeField(editable=False, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='mailed')),
                ('moved_at', models.DateTimeField(editable=False, null=True)),
                ('subscription', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='new_address', to='delivery.subscription', verbose_name='subscription')),
            ],
            options={
                'verbose_name': 'unconfirmed new address',
                'verbose_name_plural': 'unconfirmed new addresses',
            },
        ),
        migrations.CreateModel(
            name='TopicSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=400, verbose_name='topics')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topic_sets', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': "topic choice",
                'verbose_name_plural': "topic choices",
            },
        ),
        migrations.AddField(
            model_name='subscription',
            name='told_topics',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.topicset'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='topics',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='delivery.topicset', verbose_name='topics'),
        ),
        migrations.CreateModel(
            name='SignUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name="email address")),
                ('secret', models.CharField(blank=True, editable=False, max_length=64)),
                ('place', models.CharField(blank=True, editable=False, max_length=64)),
                ('network', models.CharField(blank=True, editable=False, max_length=64)),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('mail_due_at', models.DateTimeField(editable=False, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='mailed')),
                ('language', models.CharField(max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z', 'A language code such as fi, sv or en.')], verbose_name='language')),
                ('text_version', models.CharField(max_length=20, verbose_name='version of the text')),
                ('read_in', models.CharField(blank=True, max_length=12, verbose_name='language of the text')),
                ('source', models.CharField(max_length=60, verbose_name='source')),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.audience', verbose_name='how often')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ups', to='campaigns.campaign', verbose_name='campaign')),
                ('topics', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.topicset', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'unconfirmed subscription',
                'verbose_name_plural': 'unconfirmed subscriptions',
            },
        ),
        migrations.CreateModel(
            name='DigestShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.BigIntegerField()),
                ('since_from', models.BigIntegerField(default=0)),
                ('since_until', models.BigIntegerField(null=True)),
                ('upto', models.BigIntegerField()),
                ('size', models.PositiveIntegerField(default=0, verbose_name='people')),
                ('send', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='delivery.send', verbose_name='send')),
                ('told_topics', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.topicset')),
                ('topics', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.topicset', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'share of a digest',
                'verbose_name_plural': 'shares of a digest',
            },
        ),
        migrations.AddConstraint(
            model_name='audience',
            constraint=models.UniqueConstraint(fields=('campaign', 'slug'), name='one_audience_per_campaign_slug'),
        ),
        migrations.AddConstraint(
            model_name='audiencesize',
            constraint=models.UniqueConstraint(fields=('audience', 'date'), name='one_size_per_audience_date'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(fields=('campaign', 'key'), name='one_mailing_per_key'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('mailing', 'language', 'reading_level'), name='one_message_per_language'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='message_says_something'),
        ),
        migrations.AddIndex(
            model_name='providerevent',
            index=models.Index(condition=models.Q(('processed_at', None)), fields=['received_at'], name='event_waiting'),
        ),
        migrations.AddIndex(
            model_name='providerevent',
            index=models.Index(condition=models.Q(('denies_address', True)), fields=['received_at'], name='event_denial'),
        ),
        migrations.AddConstraint(
            model_name='providerevent',
            constraint=models.UniqueConstraint(fields=('provider', 'event_id'), name='one_row_per_provider_event'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('audience', 'recipient'), name='one_open_membership'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('joined_at')), _connector='OR'), name='membership_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='mailchoice',
            constraint=models.UniqueConstraint(fields=('campaign', 'recipient'), name='one_mail_choice_each'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('recipient', 'purpose'), name='one_standing_consent_per_purpose'),
        ),
        migrations.AddConstraint(
            model_name='seedaddress',
            constraint=models.UniqueConstraint(models.F('campaign'), django.db.models.functions.text.Lower('email'), models.F('language'), name='one_seed_per_address'),
        ),
        migrations.AddIndex(
            model_name='send',
            index=models.Index(fields=['state', 'slot_at'], name='send_by_state'),
        ),
        migrations.AddConstraint(
            model_name='send',
            constraint=models.UniqueConstraint(fields=('audience', 'slot_key'), name='one_send_per_audience_slot'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['send', 'next_attempt_at'], name='delivery_waiting'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='delivery_by_provider_id'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('mailing', 'recipient'), name='one_delivery_per_mailing_recipient'),
        ),
        migrations.AddConstraint(
            model_name='snooze',
            constraint=models.UniqueConstraint(fields=('recipient', 'topic'), name='one_snooze_per_topic'),
        ),
        migrations.AddIndex(
            model_name='newaddress',
            index=models.Index(condition=models.Q(('mail_due_at', None), _negated=True), fields=['mail_due_at'], name='new_address_to_be_mailed'),
        ),
        migrations.AddConstraint(
            model_name='topicset',
            constraint=models.UniqueConstraint(fields=('campaign', 'key'), name='one_row_per_choice_of_topics'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['audience', 'topics'], name='subscription_by_topics'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('paused_until', None), _negated=True), fields=['paused_until'], name='subscription_paused'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(fields=('recipient', 'campaign'), name='one_subscription_each'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('cursor__gte', models.F('since'))), name='cursor_is_not_before_start'),
        ),
        migrations.AddIndex(
            model_name='signup',
            index=models.Index(condition=models.Q(('mail_due_at', None), _negated=True), fields=['mail_due_at'], name='sign_up_to_be_mailed'),
        ),
        migrations.AddIndex(
            model_name='signup',
            index=models.Index(condition=models.Q(('mail_due_at', None), _negated=True), fields=['place'], name='sign_up_from_place'),
        ),
        migrations.AddIndex(
            model_name='signup',
            index=models.Index(condition=models.Q(models.Q(('mail_due_at', None), _negated=True), models.Q(('network', ''), _negated=True)), fields=['network'], name='sign_up_from_network'),
        ),
        migrations.AddConstraint(
            model_name='signup',
            constraint=models.UniqueConstraint(fields=('campaign', 'email'), name='one_sign_up_per_address'),
        ),
        migrations.AddConstraint(
            model_name='digestshare',
            constraint=models.UniqueConstraint(fields=('send', 'topics', 'told_topics', 'cursor', 'since_from'), name='one_share_per_kind_of_reader'),
        ),
        migrations.CreateModel(
            name='SendTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('state', models.CharField(choices=[('queued', 'queued'), ('claimed', 'claimed'), ('handing_off', 'being handed over'), ('accepted', 'accepted'), ('deferred', 'deferred'), ('failed', 'failed'), ('suppressed', 'suppressed'), ('superseded', 'superseded'), ('expired', 'expired'), ('unknown', 'unknown')], max_length=12, verbose_name='state')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='status code')),
                ('receipt', models.SmallIntegerField(choices=[(0, 'none'), (1, 'delivered'), (2, 'bounced'), (3, 'complained')], verbose_name='receipt')),
                ('possible_duplicate', models.BooleanField(verbose_name='possibly sent twice')),
                ('people', models.PositiveIntegerField(verbose_name='people')),
                ('send', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='totals', to='delivery.send', verbose_name='send')),
            ],
            options={
                'verbose_name': 'total of a send',
                'verbose_name_plural': 'totals of sends',
                'constraints': [models.UniqueConstraint(fields=('send', 'language', 'state', 'code', 'receipt', 'possible_duplicate'), name='one_total_per_kind_of_row')],
            },
        ),
    ]
