from django.db import migrations

from lib.text.similarity import trigram_index


class Migration(migrations.Migration):
    """What Django's models can't say: the indexes of what claims are like."""

    dependencies = [("factcheck", "0001_initial")]

    operations = [
        trigram_index("factcheck_claimwords", "text", "claim_words_alike"),
        trigram_index("factcheck_claimwords", "keywords", "claim_keywords_alike"),
    ]
