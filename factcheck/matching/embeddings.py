"""What claims mean, in numbers: asked of the installation's embedder, when it has one, and compared."""

import logging
import math
from array import array
from collections.abc import Iterable
from queue import Empty, Queue
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from factcheck.models import Claim, ClaimWords

logger = logging.getLogger(__name__)

MEANING_FROM = 0.75  # of 1: how alike what two claims mean has to be
EMBEDDER_SECONDS = 3
EMBEDDED_AT_ONCE = 100
REST_SECONDS = 60
RESTS = "factcheck.matching.embeddings.rests"


def embed_missing(rows: QuerySet[ClaimWords]) -> int:
    """
    Have the embedder make the numbers that these rows lack, and return how many it made. One that fails or is slow
    stops nobody: it rests for a minute, and is asked again when the rows are made anew.
    """
    lacking = list(rows.filter(vector=None).order_by("pk").only("pk", "text")[:EMBEDDED_AT_ONCE])
    if not lacking or not settings.EMBEDDER or cache.get(RESTS):
        return 0
    try:
        vectors = answer_of([row.text for row in lacking])
        for row, vector in zip(lacking, vectors, strict=True):
            row.vector = packed(vector)
    except Exception as fault:  # a stranger's code may raise anything
        # Not its words: they may quote the text.
        logger.warning("The embedder failed (%s) on %d texts.", type(fault).__name__, len(lacking))
        cache.set(RESTS, True, REST_SECONDS)
        return 0
    ClaimWords.objects.bulk_update(lacking, ["vector"])
    return len(lacking)


def answer_of(texts: list[str]) -> list[list[float]]:
    """Return what the embedder answers within a few seconds, or raise."""
    answer: Queue[Any] = Queue()

    def ask() -> None:
        try:
            answer.put(import_string(settings.EMBEDDER)(texts))
        except Exception as fault:  # handed to whoever waits
            answer.put(fault)

    Thread(target=ask, daemon=True).start()
    try:
        vectors = answer.get(timeout=EMBEDDER_SECONDS)
    except Empty as none:
        raise TimeoutError from none
    if isinstance(vectors, Exception):
        raise vectors
    return list(vectors)


def packed(vector: Iterable[float]) -> bytes:
    """Return numbers as float32 of length 1. Raise ValueError when there is no such thing."""
    numbers = [float(number) for number in vector]
    length = math.hypot(*numbers)
    if not length or not math.isfinite(length):
        raise ValueError
    return array("f", [number / length for number in numbers]).tobytes()


def nearest(rows: QuerySet[ClaimWords], claim: Claim, *, limit: int) -> list[tuple[int, float]]:
    """Return the claims whose meaning is nearest to this one's, {claim: cosine}: one language of each is compared."""
    main = claim.campaign.default_language
    own = {one.language: one.vector for one in claim.words.exclude(vector=None)}
    if not own:
        return []
    needle = array("f", bytes(own.get(main) or next(iter(own.values()))))  # type: ignore[arg-type]
    near: dict[int, float] = {}
    stored = rows.exclude(vector=None).filter(Q(language=main) | ~Q(claim__words__language=main)).order_by()
    for claim_id, vector in stored.values_list("claim", "vector").iterator(chunk_size=2000):
        other = array("f", bytes(vector))  # type: ignore[arg-type]
        if len(other) == len(needle) and (cosine := math.sumprod(needle, other)) >= MEANING_FROM:
            near[claim_id] = max(near.get(claim_id, 0.0), min(1.0, cosine))
    return sorted(near.items(), key=lambda one: -one[1])[:limit]
