"""How long readers wait for what they search for, when there are very many bulletins."""

import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from .facts import analyse, copy_of

BULLETINS = 10_000
LANGUAGES = ("fi", "sv", "en")
TEXTS = Path(__file__).resolve().parents[2] / "demo" / "content" / "bulletins"
SENTENCES = 14  # of a bulletin's text
BATCH = 500
WARM, ROUNDS = 1, 5

# What people look for: a word that most bulletins have, rarer ones, forms, several words, a phrase, one word less, a place
# that a few bulletins name, a mistyped word.
QUERIES = {
    "fi": (
        "koronavirus", "kädet", "käsien pesu", "maskit kouluissa", "rajoitukset Uusimaa", "isovanhemmat",
        "lähiopetus alkaa", '"pese kädet"', "matkustaminen pääsiäisenä", "yli 70-vuotiaat", "etäisyys -koulut", "apua",
        "kunta 417", "ministeriö päätös", "sovellus", "testiin pääsy", "koronaviruz", "saako tavata ystäviä",
    ),
    "sv": (
        "coronavirus", "händerna", "tvätta händerna", "munskydd i skolor", "begränsningar Nyland", "mor- och farföräldrar",
        "närundervisning", '"tvätta händerna"', "resa påsken", "över 70 år", "avstånd -skolor", "hjälp",
        "kommun 417", "ministeriet beslut", "app", "test", "koronaviruz", "får man träffa vänner",
    ),
    "en": (
        "coronavirus", "hands", "washing hands", "masks in schools", "restrictions Uusimaa", "grandparents",
        "contact teaching", '"wash your hands"', "travelling at Easter", "over 70", "distance -schools", "help",
        "municipality 417", "ministry decision", "app", "getting tested", "coronaviruz", "may I meet friends",
    ),
}  # fmt: skip


def search(bulletins: int) -> dict[str, Any]:
    """
    Time what people look for in so many bulletins in three languages: what the page asks for (`p50_ms`, `p95_ms`), the page
    (`page_…`), and the bare statement that finds the twenty best by the same index, whether or not they may be shown
    (`limit_…`), in turn in the same run. `api` is the list of 100 bulletins by the API. `desk_…` is the field that finds everything at
    the desk.
    """
    from django.db import connection
    from django.test import Client
    from django.utils import timezone, translation

    from website.search import query_syntax, results

    campaign, seconds = build(bulletins)
    client = Client(SERVER_NAME="localhost")

    def domain(language: str, words: str) -> int:
        now = timezone.now()
        with translation.override(language):
            question = query_syntax.read(words)
            keys = results.keys(question, campaign, language=language, at=now)
            results.hits(keys[:20], question, at=now)
        return len(keys)

    def page(language: str, words: str) -> None:
        answer = client.get(f"/{language}/bulletins/", {"q": words})
        assert answer.status_code == 200, answer.status_code

    def bare(language: str, words: str) -> None:
        statement, parameters = bare_statement(connection.vendor, language, words)
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            cursor.fetchall()

    ways: dict[str, Callable[[str, str], Any]] = {"": domain, "page_": page, "limit_": bare, "desk_": desk_of(campaign)}
    asked = [(language, words) for language in LANGUAGES for words in QUERIES[language]]
    taken: dict[str, list[float]] = {name: [] for name in ways}
    slowest: dict[str, float] = {}
    for turn in range(WARM + ROUNDS):
        for language, words in asked:
            for name, way in ways.items():
                passed = timed(lambda way=way, language=language, words=words: way(language, words))
                if turn >= WARM:
                    taken[name].append(passed)
                    if not name:
                        slowest[f"{language}: {words}"] = max(slowest.get(f"{language}: {words}", 0), round(passed, 1))
    listed = [timed(lambda: client.get("/api/v1/bulletins?per_page=100")) for _turn in range(20)]
    found = {f"{name}{key}": value for name in ways for key, value in percentiles(taken[name]).items()}
    return {
        "bulletins": bulletins,
        "queries": len(asked),
        "hits": sum(domain(*one) for one in asked) // len(asked),
        **found,
        "ratio": round(found["p95_ms"] / found["limit_p95_ms"], 1),
        "slowest": dict(sorted(slowest.items(), key=lambda one: -one[1])[:5]),
        "api": percentiles(listed[2:]),
        "index_seconds": seconds,
    }


def desk_of(campaign: Any) -> Callable[[str, str], None]:
    """Return what looks for words at the desk, for someone who may open everything."""
    from django.utils import translation

    from accounts.models import User
    from config.desk.search import Asked, find

    boss = User.objects.create_superuser("boss@example.org", name="Boss")

    def ask(language: str, words: str) -> None:
        with translation.override(language):
            find(Asked(words, boss, campaign))

    return ask


def timed(act: Callable[[], Any]) -> float:
    """Return how many milliseconds something takes."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return the middle and the 95th percentile."""
    ordered = sorted(times)
    return {
        "p50_ms": round(ordered[len(ordered) // 2], 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95) - 1], 1),
    }


def bare_statement(vendor: str, language: str, words: str) -> tuple[str, list[Any]]:
    """Return the shortest statement that finds the twenty best by the index of a database."""
    from website.search.db_indexes import CONFIGURATIONS
    from website.search.query_syntax import stems_of

    if vendor == "postgresql":
        query = f"websearch_to_tsquery('{CONFIGURATIONS[language]}', %s)"
        found = f"SELECT id FROM website_searchtext WHERE language = %s AND vector @@ {query}"  # noqa: S608  a constant of ours
        return f"{found} ORDER BY ts_rank(vector, {query}) DESC LIMIT 20", [language, words, words]
    stems = " ".join(f'"{stem}"' for stem in stems_of(words, language).split())
    return (
        "SELECT rowid FROM website_searchtext_words WHERE website_searchtext_words MATCH %s ORDER BY rank LIMIT 20",
        [f"{{title lead messages body}} : ({stems})"],
    )


# --- What there is to find ------------------------------------------------------------------------------


def build(bulletins: int) -> tuple[Any, float]:
    """Publish so many bulletins by copying rows; return their campaign, and how many seconds writing them down took."""
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from bulletins.models import Bulletin, PublishedEdition, Version
    from delivery.models import Mailing
    from tests.support import builders
    from website.models import SearchText
    from website.search import index

    call_command("collectstatic", interactive=False, verbosity=0)
    chance, sentences = random.Random(1), read_sentences()  # noqa: S311
    campaign, now = builders.build_campaign(), timezone.now()
    version = builders.build_published_version(campaign, at=now - timedelta(hours=bulletins, days=1))
    editions = list(version.editions.all())
    for start in range(2, bulletins + 1, BATCH):
        numbers = range(start, min(start + BATCH, bulletins + 1))
        ats = {number: now - timedelta(hours=bulletins - number) for number in numbers}
        issues = Bulletin.objects.bulk_create(copy_of(version.bulletin, number=number) for number in numbers)
        mailings = Mailing.objects.bulk_create(copy_of(version.mailing, key=f"copy-{number}") for number in numbers)
        versions = Version.objects.bulk_create(
            copy_of(
                version,
                bulletin=issue,
                mailing=mailing,
                published_at=ats[issue.number],
                first_published_at=ats[issue.number],
            )
            for issue, mailing in zip(issues, mailings, strict=True)
        )
        PublishedEdition.objects.bulk_create(
            copy_of(edition, version=one, **words(chance, sentences[edition.language], one.bulletin.number))
            for one in versions
            for edition in editions
        )
    began = time.perf_counter()
    SearchText.objects.all().delete()
    with transaction.atomic():
        index.index_all(at=now)
    seconds = time.perf_counter() - began
    analyse()
    return campaign, round(seconds, 1)


def read_sentences() -> dict[str, list[str]]:
    """Return the sentences of the demo's bulletins, in each language."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        texts = [path.read_text() for path in sorted(TEXTS.glob(f"*/{language}.md"))]
        plain = [re.sub(r"[#*>\[\]()|`-]+", " ", text) for text in texts]
        found[language] = [one for text in plain for one in re.split(r"(?<=[.!?])\s+", text) if len(one.split()) > 3]
    return found


def words(chance: random.Random, sentences: list[str], number: int) -> dict[str, Any]:
    """Return the texts of an edition: sentences by chance, some more often than others, and a place of its own."""
    weights = [1 / (1 + at) ** 0.5 for at in range(len(sentences))]
    chosen = chance.choices(sentences, weights, k=SENTENCES)
    place = f"kunta kommun municipality {number % 900}"
    return {
        "title": chosen[0][:150],
        "lead": chosen[1][:280],
        "body": "\n\n".join([*chosen[2:], place]),
        "html": "".join(f"<p>{one}</p>" for one in chosen[2:]),
        "content": {"key_messages": [{"key": "one", "text": chosen[2]}], "calls_to_action": [chosen[3]]},
    }
