from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from factcheck.matching import embeddings, similar_claims
from factcheck.models import Claim, ClaimWords


class Command(BaseCommand):
    help = "Make the rows that claims are found by anew, and ask the embedder for its numbers when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        number = 0
        for claim in Claim.objects.order_by("pk").iterator(chunk_size=500):
            similar_claims.index(claim)
            number += 1
        self.stdout.write(f"{number} claims indexed.")
        if settings.EMBEDDER:
            embedded = 0
            while some := embeddings.embed_missing(ClaimWords.objects.all()):
                embedded += some
            lacking = ClaimWords.objects.filter(vector=None).count()
            self.stdout.write(f"{embedded} texts embedded, {lacking} without.")
