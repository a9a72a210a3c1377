"""Published bulletins and answers keep the words that are printed with them; those that are out already, today's."""

from typing import Any

from django.db import migrations, models

from campaigns.migrations._printed import printed


def write_down(apps: Any, _editor: Any) -> None:
    regions = {one.code: one for one in apps.get_model("campaigns", "Region").objects.all()}
    bulletins = apps.get_model("bulletins", "Version").objects.select_related("bulletin__campaign__authority")
    for version in bulletins.prefetch_related("mailing__topics", "editions").iterator(chunk_size=200):
        codes = {code for edition in version.editions.all() for code in edition.content.get("regions", [])}
        version.printed = printed(
            version.bulletin.campaign,
            topics=version.mailing.topics.all(),
            regions=[regions[code] for code in codes if code in regions],
        )
        version.save(update_fields=["printed"])
    answers = apps.get_model("bulletins", "AnswerVersion").objects.select_related(
        "answer__group__campaign__authority", "answer__group__topic", "answer__authority"
    )
    for version in answers.iterator(chunk_size=200):
        answer = version.answer
        topics = [answer.group.topic] if answer.group.topic else []
        version.printed = printed(answer.group.campaign, topics=topics, authority=answer.authority)
        version.save(update_fields=["printed"])


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0001_initial"), ("campaigns", "0001_initial"), ("delivery", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="printed",
            field=models.JSONField(default=dict, editable=False, verbose_name="printed with it"),
        )
        for name in ("version", "answerversion")
    ] + [migrations.RunPython(write_down, migrations.RunPython.noop)]
