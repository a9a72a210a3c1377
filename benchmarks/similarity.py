"""How long it takes to find the claims that a text is like, among 10,000 in three languages, on both databases."""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from typing import Any

CLAIMS = 10_000
TIMES = 200
LIMITS = {"postgresql": 50, "sqlite": 150}  # ms, 95 of 100
AROUND = {"fi": "Kuulin että", "sv": "Jag hörde att", "en": "I heard that"}

# Subjects, what they are said to do, and to whom: as much alike as claims of one crisis are.
WORDS = {
    "fi": (
        ("5G-mastot|Käsidesi|Ibuprofeeni|Valkosipuli|Kuuma vesi|Sitruunamehu|C-vitamiini|D-vitamiini|Hopeavesi|Klooridioksidi|"
        "Kasvomaskit|Kuumemittarit|Koronatesti|Rokote|Saunominen|Hiustenkuivaaja|Auringonvalo|Alkoholi|Inkivääritee|"
        "Postipaketit|Setelit|Hyttyset|Lemmikit|Uimahallien vesi|Ilmastointi|Kuparikäsine|Eukalyptusöljy|Nuuska"),
        "levittää|parantaa|estää|pahentaa|tappaa|aiheuttaa|kätkee|siirtää|vahvistaa|lyhentää|paljastaa|pitkittää|kaksinkertaistaa",
        ("koronavirusta|kuumetta|keuhkokuumetta|kuivaa yskää|hajuaistin menetystä|tartuntoja kouluissa|tautia vanhuksilla|"
        "vasta-aineita lapsilla|hengenahdistusta yöllä|virusta ilmassa tuntikausia|oireita nuorilla aikuisilla|verihyytymiä|"
        "ripulia matkustajilla|uupumusta hoitajilla|kipua raskaana olevilla|taudin uusiutumista keväällä|influenssaa armeijassa|"
        "ihottumaa vauvoilla|päänsärkyä etätyössä|tartuntaketjuja ravintoloissa|pelkoa päiväkodeissa|kuolleisuutta Uudellamaalla|"
        "viruksen muuntumista talvella|sivuoireita urheilijoilla|hoitojonoja sairaaloissa|altistumista junissa|"
        "kurkkukipua kuorolaisilla|viruksen itämisaikaa")
    ),
    "sv": (
        ("5G-master|Handsprit|Ibuprofen|Vitlök|Hett vatten|Citronsaft|C-vitamin|D-vitamin|Silvervatten|Klordioxid|"
        "Munskydd|Febertermometrar|Coronatestet|Vaccinet|Bastubad|En hårtork|Solljus|Alkohol|Ingefärste|"
        "Postpaket|Sedlar|Myggor|Husdjur|Vattnet i simhallar|Luftkonditionering|En kopparhandske|Eukalyptusolja|Snus"),
        "sprider|botar|hindrar|förvärrar|dödar|orsakar|döljer|överför|stärker|förkortar|avslöjar|förlänger|fördubblar",
        ("coronaviruset|feber|lunginflammation|torrhosta|förlorat luktsinne|smitta i skolor|sjukdomen hos äldre|"
        "antikroppar hos barn|andnöd på natten|viruset i luften i timmar|symtom hos unga vuxna|blodproppar|"
        "diarré hos resenärer|utmattning hos vårdare|smärta hos gravida|återfall i sjukdomen på våren|influensa i armén|"
        "utslag hos spädbarn|huvudvärk i distansarbete|smittkedjor på restauranger|rädsla på daghem|dödlighet i Nyland|"
        "att viruset muterar på vintern|biverkningar hos idrottare|vårdköer på sjukhus|exponering på tåg|"
        "halsont hos körsångare|virusets inkubationstid")
    ),
    "en": (
        ("5G masts|Hand sanitiser|Ibuprofen|Garlic|Hot water|Lemon juice|Vitamin C|Vitamin D|Silver water|Chlorine dioxide|"
        "Face masks|Fever thermometers|The coronavirus test|The vaccine|A sauna|A hair dryer|Sunlight|Alcohol|Ginger tea|"
        "Parcels|Banknotes|Mosquitoes|Pets|Water in swimming pools|Air conditioning|A copper glove|Eucalyptus oil|Snuff"),
        "spreads|cures|prevents|worsens|kills|causes|hides|transmits|strengthens|shortens|reveals|prolongs|doubles",
        ("the coronavirus|fever|pneumonia|a dry cough|the loss of smell|infections in schools|the disease in older people|"
        "antibodies in children|shortness of breath at night|the virus in the air for hours|symptoms in young adults|blood clots|"
        "diarrhoea in travellers|exhaustion in nurses|pain in pregnancy|a relapse of the disease in spring|influenza in the army|"
        "a rash in babies|headache when working at home|chains of infection in restaurants|fear in daycare|deaths in Uusimaa|"
        "mutations of the virus in winter|side effects in athletes|queues in hospitals|exposure on trains|"
        "a sore throat in choirs|the incubation time of the virus")
    ),
}  # fmt: skip


def alike(claims: int) -> dict[str, Any]:
    """
    Time on both databases how long it takes to find the claims most like a new report, as the desk and the public form
    ask; `limit_p95_ms` is the bare look-up of words by itself: one statement by the trigram index, or one rapidfuzz
    scan of one language's rows.
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        return {"claims": claims, "sqlite": on_this_database(claims)}
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{os.environ['DATA_DIR']}/alike.sqlite3"}
    command = [sys.executable, "-c", f"from benchmarks import similarity; similarity.on_its_own({claims})"]
    here = on_this_database(claims)
    there = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return {"claims": claims, "postgresql": here, "sqlite": json.loads(there.stdout)}


def on_its_own(claims: int) -> None:
    """Migrate the database of the environment, measure on it, and print what came of it as JSON."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps(on_this_database(claims)))


def on_this_database(claims: int) -> dict[str, Any]:
    """Build the claims and time the searches."""
    from django.db import connection

    from factcheck.matching import similar_claims
    from factcheck.models import Claim, ClaimWords
    from lib.text import similarity

    began = time.perf_counter()
    campaign, texts = build(claims)
    built = time.perf_counter() - began
    chance = random.Random(1)  # noqa: S311 the same texts in every run; nothing secret
    reports = [report(chance, texts) for _number in range(TIMES)]
    post = "\n".join(report(chance, {"fi": texts["fi"]})[1] + ", näin sanottiin." for _number in range(10))
    some = chance.sample(list(Claim.objects.all()), TIMES)
    rows = {code: ClaimWords.objects.filter(language=code) for code in texts}
    bare = timed(lambda one: similarity.closest(rows[one[0]], "text", one[1]), reports)
    found = timed(lambda one: similar_claims.closest_claims(campaign, one[1], language=one[0]), reports)
    suggested = timed(similar_claims.suggestions, some)
    posts = timed(lambda one: similar_claims.closest_claims(campaign, one, language="fi"), [post] * 10)
    return {
        "p50_ms": quantile(found, 50),
        "p95_ms": quantile(found, 95),
        "limit_p95_ms": quantile(bare, 95),
        "ratio": round(quantile(found, 95) / quantile(bare, 95), 2),
        "suggestions_p95_ms": quantile(suggested, 95),
        "post_of_10_sentences_ms": quantile(posts, 50),
        "within": quantile(found, 95) < LIMITS[connection.vendor],
        "seconds": round(built + sum(map(sum, (bare, found, suggested, posts))) / 1000, 1),
    }


def build(claims: int) -> tuple[Any, dict[str, list[str]]]:
    """Store the claims, each in three languages, with the rows that they are found by."""
    from benchmarks.mail.send import analyse
    from campaigns.models import GlossaryTerm
    from factcheck.matching import keywords
    from factcheck.models import Claim, ClaimWords
    from lib.text import similarity
    from tests.support.builders import build_campaign

    campaign = build_campaign("alike")
    GlossaryTerm.objects.bulk_create(
        GlossaryTerm(campaign=campaign, term={"fi": fi, "sv": sv, "en": en})
        for fi, sv, en in (("koronavirus", "coronavirus", "coronavirus"), ("oire", "symtom", "symptom"))
    )
    texts = {
        code: [" ".join(parts) + "." for parts in product(*(part.split("|") for part in words))][:claims]
        for code, words in WORDS.items()
    }
    Claim.objects.bulk_create(
        (
            Claim(campaign=campaign, slug=f"claim-{number}", text={code: said[number] for code, said in texts.items()})
            for number in range(claims)
        ),
        batch_size=1000,
    )
    concepts = keywords.Concepts(campaign.pk)
    ClaimWords.objects.bulk_create(
        (
            ClaimWords(
                claim=claim,
                language=code,
                text=similarity.cut(text),
                keywords=f" {' '.join(keywords.keywords_of(text, code, concepts))} ",
            )
            for claim in Claim.objects.order_by("pk")
            for code, text in claim.text.items()
        ),
        batch_size=1000,
    )
    analyse()
    return campaign, texts


def report(chance: random.Random, texts: dict[str, list[str]]) -> tuple[str, str]:
    """Return a language and a claim as someone would report it: other words around it, one left out."""
    code = chance.choice(list(texts))
    words = chance.choice(texts[code]).rstrip(".").split()
    if len(words) > 3:
        words.pop(chance.randrange(len(words)))
    return code, f"{AROUND[code]} {' '.join(words)}!"


def timed(ask: Callable[[Any], Any], questions: list[Any]) -> list[float]:
    """Return how many milliseconds each answer took, after one to warm up."""
    ask(questions[0])
    took = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        took.append((time.perf_counter() - began) * 1000)
    return took


def quantile(took: list[float], share: int) -> float:
    """Return within how many milliseconds `share` of a hundred were done."""
    return round(statistics.quantiles(took, n=100, method="inclusive")[share - 1], 1)
