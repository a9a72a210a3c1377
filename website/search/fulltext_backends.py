"""How each database finds words: PostgreSQL by its own rules for a language, SQLite by stems that are written here."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction

from lib.text.linguistics.stemming import stem
from website.models import SearchText

from .db_indexes import CONFIGURATIONS, OTHERS
from .query_syntax import Part, Question, stems_of

MOST = 300  # rows that have the words, the newest, of which the best are looked for

# Rows that are looked at one by one before the index of words is asked, and how many where so many will have 300 that match.
LATEST, EARLIER = 400, 3_500

# Most of what people look for is in many texts, and 300 of the latest have it. The index of words finds all that have it, and
# each is read to see how new it is: with a hundred thousand bulletins that is slower than to go back from the latest.
_LATEST = """
    WITH newest AS MATERIALIZED (
        SELECT id, vector, written_in FROM (
            SELECT id, written_in, vector FROM website_searchtext WHERE campaign_id = %s AND language = %s
            ORDER BY published_at DESC, id DESC LIMIT {rows} OFFSET {after}
        ) AS latest WHERE {found} LIMIT {most}
    )
    SELECT id, CASE {rank} END FROM newest
"""
_POSTGRESQL = """
    WITH found AS ({found}), newest AS MATERIALIZED (
        SELECT id, vector, written_in FROM found ORDER BY published_at DESC, id DESC LIMIT {most}
    )
    SELECT id, CASE {rank} END FROM newest
"""
_FOUND = """
    SELECT id, written_in, published_at, vector FROM website_searchtext
    WHERE vector @@ (%s::tsquery && {query})
"""
# Whether the words by PostgreSQL's rules are among the forms, none of them left out as too common to count.
_SAME = "numnode({by_rules}) = %s AND {by_rules} <@ {by_forms}"
_BY_INDEX = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "max_parallel_workers_per_gather": "0",
}
_SQLITE = """
    SELECT rowid, -bm25(website_searchtext_words, 10.0, 4.0, 4.0, 1.0, 0.0) FROM website_searchtext_words
    WHERE website_searchtext_words MATCH %s ORDER BY rowid DESC LIMIT %s
"""


def find(question: Question, *, campaign: int, language: str, written_in: Iterable[str]) -> dict[int, float]:
    """
    Return the rows for readers of `language` that have the words, {key: how well}: of more than 300 the newest.
    `written_in` are the languages that such rows may be in. One query, on PostgreSQL two for what is rarer, seldom three.
    """
    find_here = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    return find_here(question, campaign, language, sorted(set(written_in)))


@contextmanager
def by_index() -> Iterator[None]:
    """
    Have what is asked within answered by indexes, row by row. PostgreSQL believes that looking into each row's words
    costs next to nothing, and would rather read all of them, and all versions for a few hundred, and start workers for it.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} TO {value}" for name, value in _BY_INDEX.items()))
        yield
        cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _BY_INDEX))


def write_down(rows: Sequence[SearchText]) -> None:
    """Enter saved rows into SQLite's index; PostgreSQL keeps its own by itself."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO website_searchtext_words (rowid, title, lead, messages, body, rules) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (
                    row.pk,
                    *(stems_of(text, row.written_in) for text in (row.title, row.lead, row.messages, row.body)),
                    reader_key(row.campaign_id, row.language, row.written_in),
                )
                for row in rows
            ],
        )


def reader_key(campaign: int, language: str, written_in: str) -> str:
    """Return whose words a row has: "7 sv fi" is of campaign 7, for readers of Swedish, in Finnish."""
    return f"{campaign} {language} {written_in}"


# --- PostgreSQL ----------------------------------------------------------------------------------------


def _on_postgresql(question: Question, campaign: int, language: str, written_in: list[str]) -> dict[int, float]:
    exact = " or ".join(" ".join(map(_quoted, choice)) for choice in question.choices)
    longer = _any(question, _with_longer)
    # Each word more that is asked for costs, and by plain words the first finds no more than the second: it only ranks.
    parts = [part for choice in question.choices for part in choice]
    is_plain = all(part.wanted and part.words == (part.text,) for part in parts)
    nodes = 2 * sum(len(part.spellings) for part in parts) - 1  # words and what joins them
    found, latest, ranks = [], [], []
    found_by: list[str | int] = []
    latest_by: list[str | int] = []
    ranked_by: list[str | int] = []
    for code in written_in:
        rules = CONFIGURATIONS.get(code.partition("-")[0], OTHERS)
        by_rules, by_forms = f"to_tsquery('{rules}', %s)", f"to_tsquery('{OTHERS}', %s)"
        ranking = f"(websearch_to_tsquery('{rules}', %s) || {by_rules} || {by_forms})"
        forms = _any(question, partial(_forms, language=code))
        fewest = _any(question, partial(_fewest_forms, language=code))
        query = ranking
        sought: list[str | int] = [exact, longer, fewest]
        if is_plain:
            query = f"CASE WHEN {_SAME} THEN {by_forms} ELSE {by_rules} || {by_forms} END".format(
                by_rules=by_rules, by_forms=by_forms
            )
            sought = [longer, nodes, longer, fewest, fewest, longer, fewest]
        found.append(_FOUND.format(query=query))
        latest.append(f"(written_in = %s AND vector @@ {query})")
        ranks.append(f"WHEN written_in = %s THEN ts_rank(vector, {ranking}, 1)")
        found_by += [f"'={reader_key(campaign, language, code)}'", *sought]
        latest_by += [code, *sought]
        ranked_by += [code, exact, longer, forms]
    rank = " ".join(ranks)
    ranked: dict[int, float] = {}
    with connection.cursor() as cursor:
        for after, upto in itertools.pairwise((0, LATEST, EARLIER)):
            looked = _LATEST.format(
                found=" OR ".join(latest), rank=rank, rows=upto - after, after=after, most=MOST - len(ranked)
            )
            cursor.execute(looked, [campaign, language, *latest_by, *ranked_by])
            ranked |= dict(cursor.fetchall())
            if len(ranked) == MOST or len(ranked) * EARLIER < MOST * upto:
                break
        if len(ranked) < MOST:
            statement = _POSTGRESQL.format(found=" UNION ALL ".join(found), rank=rank, most=MOST)
            cursor.execute(statement, [*found_by, *ranked_by])
            ranked = dict(cursor.fetchall())
        return {key: round(rank, 2) for key, rank in ranked.items()}


def _quoted(part: Part) -> str:
    """Return a part as websearch_to_tsquery reads it."""
    return f'{"" if part.wanted else "-"}"{part.text}"'


def _any(question: Question, written: Callable[[Part], str]) -> str:
    """Return a question as to_tsquery reads it, each part as it is to be `written`."""
    return " | ".join(" & ".join(map(written, choice)) for choice in question.choices)


def _with_longer(part: Part) -> str:
    """Return a part with the words that begin like it, where these will do."""
    return _openings(part.spellings) if part.is_open else _in_order(part.words, part.wanted)


def _forms(part: Part, language: str) -> str:
    """Return a part as stems; of an open one with the other stems that its forms have."""
    if not part.is_open:
        return _in_order([stem(word, language) for word in part.words], part.wanted)
    return _openings(part.stems(language), part.others(language))


def _fewest_forms(part: Part, language: str) -> str:
    """Return a part so that it finds the same with less to look for: without what begins like another."""
    if not part.is_open:
        return _forms(part, language)
    openings = part.stems(language)
    shortest = [one for one in openings if not any(one != other and one.startswith(other) for other in openings)]
    return _openings(shortest, [one for one in part.others(language) if not one.startswith(tuple(openings))])


def _openings(openings: Sequence[str], others: Sequence[str] = ()) -> str:
    """Return what finds words that begin like one of `openings`, or are one of `others`."""
    return f"({' | '.join([*(f"'{one}':*" for one in openings), *(f"'{one}'" for one in others)])})"


def _in_order(words: Sequence[str], wanted: bool) -> str:
    return f"{'' if wanted else '!'}({' <-> '.join(f"'{word}'" for word in words)})"


# --- SQLite --------------------------------------------------------------------------------------------


def _on_sqlite(question: Question, campaign: int, language: str, written_in: list[str]) -> dict[int, float]:
    asked = " OR ".join(
        f'(rules : "{reader_key(campaign, language, code)}" AND ({_expression(question, code)}))' for code in written_in
    )
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE, [asked, MOST])
        return dict(cursor.fetchall())


def _expression(question: Question, language: str) -> str:
    """Return a question as FTS5 reads it, by the stems of a language."""
    return " OR ".join(_choice(choice, language) for choice in question.choices)


def _choice(choice: tuple[Part, ...], language: str) -> str:
    wanted = [_stemmed(part, language) for part in choice if part.wanted]
    unwanted = [_stemmed(part, language) for part in choice if not part.wanted]
    return f"(({' AND '.join(wanted)}){''.join(f' NOT {one}' for one in unwanted)})"


def _stemmed(part: Part, language: str) -> str:
    if part.is_open:
        found = [*(f'"{one}"*' for one in part.stems(language)), *(f'"{one}"' for one in part.others(language))]
    else:
        found = [f'"{" ".join(stem(word, language) for word in part.words)}"']
    return f"({' OR '.join(f'{{title lead messages body}} : {one}' for one in found)})"
