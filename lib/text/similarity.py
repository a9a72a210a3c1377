"""
Texts that say nearly the same. PostgreSQL finds them by trigrams (pg_trgm, with an index), SQLite by rapidfuzz over the
rows, as does PostgreSQL for many texts at once; both say how alike two texts are by the same number, 0 to 1: the trigrams that they share of all that they have.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError, connections, migrations, transaction
from django.db.models import BooleanField, F, FloatField, Func, QuerySet, Value
from rapidfuzz import fuzz, process

LONGEST = 600  # letters of a text that are compared
POST = 20_000  # characters of a post that are looked at
PIECES = 24  # of a post
WINDOW = 14  # words in a piece of a long sentence
CANDIDATES = 1_000  # rows that the trigram index may offer for a text
LOOKED_AT = 50  # of them that are compared closely
FEW = 3  # texts up to which the index is faster than one look at all the rows
LETTERS = 45  # of 100: the ratio of letters in common below which rapidfuzz needs not go on

_BETWEEN = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[.!?…:;\n\r•|]+")


def plain(text: str) -> str:
    """Return a text as it is compared: lower case, accents and everything but letters and digits gone, one space."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _BETWEEN.sub(" ", bare).strip()


def likeness(one: str, other: str) -> float:
    """Return how alike two plain texts are, 0 to 1, as similarity() of PostgreSQL's pg_trgm says it."""
    first, second = trigrams(one), trigrams(other)
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


@lru_cache(maxsize=4096)
def trigrams(words: str) -> frozenset[str]:
    """Return the threes of letters of a plain text; each word has two spaces before it and one behind."""
    return frozenset(
        padded[at : at + 3] for word in words.split() for padded in [f"  {word} "] for at in range(len(padded) - 2)
    )


def closest(
    rows: QuerySet[Any], field: str, text: str, *, limit: int = 5, least: float = 0.35
) -> list[tuple[Any, float]]:
    """
    Return the keys of the rows whose `field` (as plain() gives it) is most alike `text`, each with its likeness, the
    most alike first; none below `least`. Of a long text the first 600 letters count.
    """
    return closest_to_any(rows, field, [text], limit=limit, least=least)


def closest_to_any(
    rows: QuerySet[Any], field: str, texts: Iterable[str], *, limit: int = 5, least: float = 0.35
) -> list[tuple[Any, float]]:
    """Return the same for several texts: each row with its likeness to the one that is most alike it."""
    needles = list(dict.fromkeys(filter(None, (cut(text) for text in texts))))
    if not needles:
        return []
    indexed = connections[rows.db].vendor == "postgresql" and len(needles) <= FEW
    find = _by_trigrams if indexed else _by_letters
    near = find(rows.order_by(), field, needles, least)
    scored = [(key, max(likeness(needle, words) for needle in needles)) for key, words in near.items()]
    scored.sort(key=lambda one: (-one[1], -one[0]))  # of equals the newest
    return [one for one in scored if one[1] >= least][:limit]


def cut(text: str) -> str:
    """Return a text as it is compared, and so much of it as is compared: 600 letters."""
    return plain(text[: 2 * LONGEST])[:LONGEST]


def pieces(post: str) -> list[str]:
    """
    Return the sentences of a post, long ones in windows that overlap, before them the post itself when it is short;
    24 at most, of the first 20,000 characters.
    """
    sentences = [sentence.strip() for sentence in _SENTENCE.split(post[:POST])]
    found = dict.fromkeys(piece for sentence in sentences for piece in _windows(sentence) if plain(piece))
    whole = [post.strip()] if len(found) > 1 and len(post) <= LONGEST else []
    return [*whole, *found][:PIECES]


def _windows(sentence: str) -> Iterator[str]:
    """Return a sentence, or windows of it when it is long."""
    words = sentence.split()
    if len(words) <= WINDOW + WINDOW // 2:
        yield sentence[:LONGEST]
        return
    for start in range(0, len(words) - WINDOW // 2, WINDOW // 2):
        yield " ".join(words[start : start + WINDOW])[:LONGEST]


def _by_trigrams(rows: QuerySet[Any], field: str, needles: list[str], least: float) -> dict[Any, str]:
    """Return candidates, {key: words}, by pg_trgm and its index."""
    found: dict[Any, str] = {}
    with transaction.atomic(using=rows.db), connections[rows.db].cursor() as cursor:
        # The operator % takes its threshold from here, and only the operator uses the index. PostgreSQL believes that
        # comparing costs next to nothing, and would rather compare with every row.
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, true), set_config('enable_seqscan', 'off', true)",
            [str(least)],
        )
        for needle in needles:
            likeness_here = Func(F(field), Value(needle), function="similarity", output_field=FloatField())
            # The limit makes PostgreSQL look into the trigram index first, whatever else is asked of the rows.
            alike = rows.model._base_manager.using(rows.db).filter(_Alike(F(field), Value(needle)))
            near = rows.filter(pk__in=alike.order_by(likeness_here.desc(), "-pk").values("pk")[:CANDIDATES])
            found |= dict(near.order_by(likeness_here.desc(), "-pk").values_list("pk", field)[:LOOKED_AT])
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found


def _by_letters(rows: QuerySet[Any], field: str, needles: list[str], least: float) -> dict[Any, str]:
    """Return candidates, {key: words}, out of all the rows, by rapidfuzz."""
    words = dict(rows.values_list("pk", field))
    found: dict[Any, str] = {}
    for needle in needles:
        near = process.extract(
            needle, words, scorer=fuzz.token_sort_ratio, processor=None, limit=LOOKED_AT, score_cutoff=LETTERS
        )
        found |= {key: text for text, _ratio, key in near}
    return found


class _Alike(Func):
    """The operator % of pg_trgm: whether two texts are at least as alike as the threshold asks."""

    arg_joiner = " %% "
    template = "%(expressions)s"
    output_field = BooleanField()


def install(schema_editor: Any) -> None:
    """Install pg_trgm unless it is there. Raise CommandError, with what to do, where this user may not."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone():
            return
        try:
            cursor.execute("CREATE EXTENSION pg_trgm")
        except DatabaseError as fault:
            raise CommandError(
                "The tables were not made: PostgreSQL's extension pg_trgm is missing, and this user may not install it. "
                "Let a superuser run CREATE EXTENSION pg_trgm in this database (Debian has it in postgresql-contrib, "
                "which the package postgresql brings), then migrate again."
            ) from fault


def trigram_index(table: str, column: str, name: str) -> migrations.RunPython:
    """Return a migration step that gives a column a trigram index on PostgreSQL; other databases need none."""

    def make(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            install(schema_editor)
            schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin ({column} gin_trgm_ops)")

    def drop(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")

    return migrations.RunPython(make, drop)
