"""How long a pasted text takes to be recognised, among 2,000 bulletins and 10,000 claims in three languages."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

BULLETINS = 2_000
CLAIMS = 10_000
TIMES = 60
MONTHS = {
    "fi": ("maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta"),
    "sv": ("mars", "april", "maj", "juni"),
    "en": ("March", "April", "May", "June"),
}
# Places, what is decided of them, and until when: as much alike as bulletins of one crisis are.
PLACES = {
    "fi": "Kirjastot|Uimahallit|Museot|Koulut|Päiväkodit|Ravintolat|Leikkipuistot|Jäähallit|Teatterit|Kauppakeskukset".split("|"),
    "sv": "Biblioteken|Simhallarna|Museerna|Skolorna|Daghemmen|Restaurangerna|Lekparkerna|Ishallarna|Teatrarna|Köpcentren".split("|"),
    "en": "Libraries|Swimming pools|Museums|Schools|Day-care centres|Restaurants|Playgrounds|Ice rinks|Theatres|Shopping centres".split("|"),
}  # fmt: skip
SAYS = {
    "fi": (
        "{place} ovat kiinni {day}. {month} asti koko maakunnassa.",
        "{place} avataan uudelleen {day}. {month} kello {hour}.",
        "Enintään {number} henkilöä saa olla tiloissa yhtä aikaa.",
        "Varaa aika numerosta 09 2525 {code} ennen kuin tulet.",
        "Pidä kahden metrin väli muihin, myös jonossa ja ulkona.",
        "Palvelut toimivat verkossa myös silloin, kun ovet ovat kiinni ({code}).",
        "Päätöksen teki aluehallintovirasto kokouksessaan {day}. {month}.",
        "Henkilökunta auttaa puhelimessa arkisin kello {hour} alkaen.",
    ),
    "sv": (
        "{place} är stängda till och med den {day} {month} i hela landskapet.",
        "{place} öppnar igen den {day} {month} kl. {hour}.",
        "Högst {number} personer får vistas i lokalerna samtidigt.",
        "Boka tid på numret 09 2525 {code} innan du kommer.",
        "Håll två meters avstånd till andra, också i kön och utomhus.",
        "Tjänsterna fungerar på nätet också när dörrarna är stängda ({code}).",
        "Beslutet fattades av regionförvaltningsverket den {day} {month}.",
        "Personalen hjälper per telefon på vardagar från kl. {hour}.",
    ),
    "en": (
        "{place} are closed until {day} {month} in the whole region.",
        "{place} open again on {day} {month} at {hour}:00.",
        "At most {number} people may be inside at the same time.",
        "Book a time on 09 2525 {code} before you come.",
        "Keep two metres from others, also in queues and outdoors.",
        "Services work online also while the doors are closed ({code}).",
        "The regional state administrative agency decided this on {day} {month}.",
        "Staff help by phone on working days from {hour}:00.",
    ),
}


def check() -> dict[str, Any]:
    """Return the milliseconds that a short caption and a whole post take (p50, p95), and how much there was."""
    from factcheck.models import ClaimWords
    from website.check_text.matcher import recognise
    from website.models import Passage

    at = datetime(2026, 6, 1, tzinfo=UTC)
    campaign = build(at)
    texts = {
        "caption": [" ".join(sentences(n, "fi")[:2]) + " 💙" for n in range(TIMES)],
        "post": ["Hei!\n" + "\n".join(sentences(n, "sv")) + "\nDela gärna vidare!" for n in range(TIMES)],
    }
    result: dict[str, Any] = {"passages": Passage.objects.count(), "claims": ClaimWords.objects.count()}
    for name, many in texts.items():
        took, hits = [], 0
        for text in many:
            began = time.perf_counter()
            hits += bool(recognise(campaign, text, at=at).bulletins)
            took.append((time.perf_counter() - began) * 1000)
        result[name] = {
            "p50_ms": round(statistics.median(took), 1),
            "p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
            "recognised": f"{hits}/{len(many)}",
        }
    return result


def sentences(number: int, code: str) -> list[str]:
    """Return what bulletin `number` says in a language."""
    values = {
        "place": PLACES[code][number % 10],
        "day": number % 27 + 1,
        "month": MONTHS[code][number // 27 % 4],
        "hour": number % 12 + 8,
        "number": number % 90 + 10,
        "code": f"{number:04}",
    }
    return [text.format(**values) for text in SAYS[code]]


def build(at: datetime) -> Any:
    """Return a campaign with published bulletins, their passages, and published claims with the words they go by."""
    from django.db import connection

    from bulletins.models import Bulletin, PublishedEdition, Version
    from campaigns.publication_details import PrintedWords
    from delivery.models import Mailing
    from factcheck.models import Claim, ClaimVersion, ClaimWords
    from lib.text import similarity
    from tests.support import builders
    from website.check_text.passages import passages_of
    from website.models import Passage

    campaign = builders.build_campaign()
    printed = PrintedWords.of(campaign).plain()
    first, second = builders.editor(), builders.second_person()
    numbers = range(1, BULLETINS + 1)
    Bulletin.objects.bulk_create(
        (Bulletin(campaign=campaign, number=n, state="published", version=1, created_by=first) for n in numbers),
        batch_size=500,
    )
    Mailing.objects.bulk_create(
        (Mailing(campaign=campaign, key=f"bulletin-{n}-v1", created_at=at) for n in numbers), batch_size=500
    )
    mailings = dict(Mailing.objects.values_list("key", "pk"))
    Version.objects.bulk_create(
        (
            Version(
                bulletin_id=pk, number=1, kind="original", urgency="routine", digest="", approved_by=second, printed=printed,
                mailing_id=mailings[f"bulletin-{n}-v1"], published_at=at - timedelta(hours=n),
                first_published_at=at - timedelta(hours=n),
            )
            for pk, n in Bulletin.objects.values_list("pk", "number")
        ),
        batch_size=500,
    )  # fmt: skip
    PublishedEdition.objects.bulk_create(
        (
            PublishedEdition(
                version_id=pk, language=code, title=f"{PLACES[code][n % 10]} {n}", html="",
                body="\n".join(f"- {one}" for one in sentences(n, code)), content={"key_messages": []},
            )
            for pk, n in Version.objects.values_list("pk", "bulletin__number")
            for code in SAYS
        ),
        batch_size=500,
    )  # fmt: skip
    for edition in PublishedEdition.objects.iterator(chunk_size=500):
        Passage.objects.bulk_create(passages_of(edition))
    subjects, things = PLACES["fi"], [f"{a}{b}" for a, b in product("aeiouyäö", range(1300))]
    words = [f"{subjects[n % 10]} levittävät {things[n % len(things)]} tautia salaa yöllä" for n in range(CLAIMS)]
    Claim.objects.bulk_create(
        (Claim(campaign=campaign, slug=f"claim-{n}", text={"fi": text}) for n, text in enumerate(words)), batch_size=500
    )
    keys = list(Claim.objects.order_by("pk").values_list("pk", flat=True))
    ClaimVersion.objects.bulk_create(
        (
            ClaimVersion(
                claim_id=key, number=1, kind="original", sha256="", published_at=at, proposed_by=first,
                confirmed_by=second, verdict="false", text={"fi": text}, fact={"fi": text}, printed=printed,
            )
            for key, text in zip(keys, words, strict=True)
        ),
        batch_size=500,
    )  # fmt: skip
    standing = dict(ClaimVersion.objects.values_list("claim", "pk"))
    Claim.objects.bulk_update(
        [
            Claim(pk=key, current_version_id=standing[key], status="published", verdict="false", proposed_by=first, confirmed_by=second)
            for key in keys
        ],
        ["current_version", "status", "verdict", "proposed_by", "confirmed_by"],
        batch_size=300,
    )  # fmt: skip
    ClaimWords.objects.bulk_create(
        (
            ClaimWords(claim_id=key, language=code, text=similarity.plain(text), keywords="")
            for key, text in zip(keys, words, strict=True)
            for code in ("fi", "sv", "en")
        ),
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign
