import accounts.models
import campaigns.translated_fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bulletins', '0001_initial'),
        ('campaigns', '0001_initial'),
        ('delivery', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('in_review', 'in review'), ('published', 'published'), ('withdrawn', 'withdrawn')], default='draft', editable=False, max_length=10, verbose_name='stage')),
                ('text', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='answer')),
                ('source_name', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='source')),
                ('source_url', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name="source's address")),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('what_changed', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='what changed')),
                ('video', models.FileField(blank=True, max_length=200, upload_to='answers/', verbose_name='video file')),
                ('video_url', models.URLField(blank=True, verbose_name="video's address")),
                ('video_language', models.CharField(blank=True, max_length=12, verbose_name='spoken language')),
                ('video_seconds', models.PositiveIntegerField(blank=True, null=True, verbose_name='length in seconds')),
                ('subtitles', models.JSONField(blank=True, default=dict, verbose_name='subtitles')),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, verbose_name='fingerprint in review')),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='submitted')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='campaigns.authority', verbose_name='authority')),
                ('fact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='bulletins.inputfact', verbose_name="based on")),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='submitted by')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
                'permissions': [('approve_answer', 'Can approve an answer that others wrote')],
            },
        ),
        migrations.CreateModel(
            name='AnswerStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('edited', 'edited'), ('submitted', 'submitted'), ('sent_back', 'sent back'), ('approved', 'approved'), ('correcting', "correction started"), ('withdrawn', 'withdrawn')], max_length=12, verbose_name='what')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('words', models.TextField(blank=True, verbose_name='words')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='questions.answer', verbose_name='answer')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': "answer step",
                'verbose_name_plural': "answer steps",
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AnswerVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('printed', models.JSONField(default=dict, editable=False, verbose_name='printed with it')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('kind', models.CharField(choices=[('original', 'original'), ('correction', 'correction'), ('withdrawal', 'withdrawal')], default='original', max_length=10, verbose_name='kind')),
                ('question', campaigns.translated_fields.TranslatedField(default=dict, verbose_name="short form of the question")),
                ('text', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='answer')),
                ('what_changed', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name='what changed')),
                ('content', models.JSONField(default=dict, verbose_name='content')),
                ('credits', models.JSONField(default=list, verbose_name="name shown with it")),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('published_at', models.DateTimeField(verbose_name='published')),
                ('digest', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='questions.answer', verbose_name='answer')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
            ],
            options={
                'verbose_name': 'published answer',
                'verbose_name_plural': 'published answers',
                'ordering': ['-published_at'],
            },
        ),
        migrations.AddField(
            model_name='answer',
            name='current_version',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='questions.answerversion', verbose_name="current version"),
        ),
        migrations.CreateModel(
            name='QuestionGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='short name')),
                ('label', campaigns.translated_fields.TranslatedField(default=dict, verbose_name="short form of the question")),
                ('state', models.CharField(choices=[('open', 'open'), ('asked', 'with the authority'), ('answered', 'answered'), ('declined', "will not be answered")], default='open', max_length=10, verbose_name='state')),
                ('answer_by', models.DateTimeField(blank=True, null=True, verbose_name='answer by')),
                ('asked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='sent to the authority')),
                ('reminded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='reminded')),
                ('declined_why', campaigns.translated_fields.TranslatedField(blank=True, default=dict, verbose_name="why it will not be answered")),
                ('declined_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='declined at')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('asked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent by')),
                ('authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='question_groups', to='campaigns.authority', verbose_name="authority to answer")),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='question_groups', to='campaigns.campaign', verbose_name='campaign')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='question_groups', to='campaigns.topic', verbose_name='topic')),
            ],
            options={
                'verbose_name': 'question group',
                'verbose_name_plural': 'question groups',
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('text', models.TextField(verbose_name='question')),
                ('channel', models.CharField(blank=True, max_length=40, verbose_name='where it was asked')),
                ('times', models.PositiveIntegerField(default=1, verbose_name='how many asked')),
                ('via', models.CharField(choices=[('portal', 'portal'), ('mail', "email"), ('staff', 'staff')], default='portal', max_length=8, verbose_name='how it came')),
                ('may_credit', models.BooleanField(default=False, verbose_name="the relayer can be named")),
                ('credit', models.CharField(blank=True, max_length=120, verbose_name='named as')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('grouped_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='grouped')),
                ('set_aside_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='set aside')),
                ('set_aside_why', models.CharField(blank=True, max_length=300, verbose_name='why it was set aside')),
                ('bulletin', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='bulletins.bulletin', verbose_name='about')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='campaigns.campaign', verbose_name='campaign')),
                ('entered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('grouped_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='grouped by')),
                ('relayed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='delivery.recipient', verbose_name='relayed by')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='campaigns.topic', verbose_name='topic')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='questions.questiongroup', verbose_name='group')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['-asked_at'],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.AddField(
            model_name='answer',
            name='group',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='answer', to='questions.questiongroup', verbose_name='group'),
        ),
        migrations.CreateModel(
            name='SameQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='others', to='questions.questiongroup', verbose_name='group')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.recipient', verbose_name='who')),
            ],
            options={
                'verbose_name': 'same question',
                'verbose_name_plural': 'same questions',
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
        migrations.AddConstraint(
            model_name='answerversion',
            constraint=models.UniqueConstraint(fields=('answer', 'number'), name='one_row_per_answer_version'),
        ),
        migrations.AddConstraint(
            model_name='questiongroup',
            constraint=models.UniqueConstraint(fields=('campaign', 'slug'), name='one_group_per_campaign_slug'),
        ),
        migrations.AddConstraint(
            model_name='questiongroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'asked'), _negated=True), models.Q(('answer_by__isnull', False), ('authority__isnull', False)), _connector='OR'), name='asked_group_names_who_and_when'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('current_version__isnull', False), _connector='OR'), name='published_answer_has_version'),
        ),
        migrations.AddConstraint(
            model_name='samequestion',
            constraint=models.UniqueConstraint(fields=('group', 'recipient'), name='one_same_question_each'),
        ),
    ]
