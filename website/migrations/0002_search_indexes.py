from django.db import migrations

from lib.text.similarity import trigram_index
from website.search.db_indexes import search_index


class Migration(migrations.Migration):
    """What Django's models can't say: the indexes of words, and of what texts are like."""

    dependencies = [("website", "0001_initial")]

    operations = [
        trigram_index("website_passage", "words", "passage_alike"),
        search_index(),
    ]
