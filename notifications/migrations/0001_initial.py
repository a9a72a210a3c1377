import accounts.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bulletins', '0001_initial'),
        ('campaigns', '0001_initial'),
        ('factcheck', '0001_initial'),
        ('questions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('input_arrived', "a submission has arrived"), ('question_asked', "an editor asks about a submission"), ('question_answered', "a question about a submission is answered"), ('approval_wanted', "a bulletin needs approval"), ('sign_off_wanted', "a bulletin needs fact-check sign-off"), ('sent_back', 'a bulletin was sent back'), ('approved', "a bulletin has been approved"), ('not_published', 'a bulletin was due and could not be published'), ('verdict_proposed', "a verdict needs a second person"), ('claim_changed', 'a fact-check that was used has changed'), ('report_checked', "a reported claim has been checked"), ('question_waits', "a question is waiting for an authority"), ('answer_wanted', "an answer needs approval"), ('answer_sent_back', 'an answer was sent back'), ('question_settled', "a question that was passed on has been answered"), ('recall', 'something that was read or shared has changed'), ('waiting', "an influencer is waiting for a reply"), ('quiet', 'an influencer has not heard from us'), ('harassment', "an influencer is being harassed"), ('thanks', 'thanks'), ('gathered', 'bulletins gathered for one person'), ('tampered', "the audit log check failed")], max_length=20, verbose_name='what')),
                ('path', models.CharField(blank=True, max_length=200, verbose_name='page')),
                ('text', models.TextField(blank=True, verbose_name='words')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='given up')),
                ('bulletin', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='bulletins.bulletin', verbose_name='bulletin')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='campaigns.campaign', verbose_name='campaign')),
                ('claim', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='factcheck.claim', verbose_name='claim')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='questions.questiongroup', verbose_name='question group')),
                ('input', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='bulletins.messageinput', verbose_name="submission")),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('given_up_at', None), ('told_at', None)), fields=['next_attempt_at'], name='notice_to_tell')],
            },
            bases=(accounts.models.Nameless, models.Model),
        ),
    ]
