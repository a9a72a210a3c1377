"""The database itself refuses to change an answer that was published."""

from django.db import migrations

from lib.frozen_rows import guard


class Migration(migrations.Migration):
    dependencies = [("questions", "0004_municipalities_ask")]
    operations = [migrations.RunPython(*guard("questions_answerversion", "credits"))]
