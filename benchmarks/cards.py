"""
How long a bulletin's message cards take: 4 themes × 3 sizes × 3 languages × 5 messages, from rows to stored files; and, after
that, its stickers, backgrounds and slides; and its moving cards, each for itself.
"""

import io
import resource
import time
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

LIMIT = 15  # seconds on two cores, for the themes
LIMIT_MOVING = 6  # seconds on two cores, for a moving card
THEMES = 180  # pictures: 4 themes × 3 sizes × 3 languages × 5 messages
WORDS = {
    "fi": [
        "Liikkumisrajoitukset ovat voimassa 19. huhtikuuta 2020 asti.",
        "Jokainen saa palata kotiin.",
        "Rajan saa ylittää, kun se on välttämätöntä esimerkiksi työn, läheisen hoidon tai lapsen tapaamisen takia.",
        "Valmiuslakitoimivaltuudet otetaan käyttöön epidemiologisesti perustelluissa poikkeusolosuhteissa klo 9.15.",
        "Pidä muihin kahden metrin väli. Pese kädet vedellä ja saippualla vähintään 20 sekuntia. " * 4,
    ],
    "sv": [
        "Begränsningarna i rörelsefriheten gäller till och med den 19 april 2020.",
        "Alla får åka hem.",
        "Du får passera gränsen när det är nödvändigt, till exempel för att arbeta eller vårda en närstående.",
        "Befogenheterna enligt beredskapslagen tas i bruk under undantagsförhållandena kl. 9.15.",
        "Håll två meters avstånd till andra. Tvätta händerna med tvål och vatten i minst 20 sekunder. " * 4,
    ],
    "en": [
        "The restrictions on movement are in force until 19 April 2020.",
        "Everyone may return home.",
        "You may cross the border when you have to: for work, to care for somebody, or to meet your child.",
        "The powers under the Emergency Powers Act are taken into use at 9.15.",
        "Keep two metres away from others. Wash your hands with soap and water for 20 seconds. " * 4,
    ],
}


def build() -> tuple[Any, str]:
    """Return a bulletin with five messages in three languages and a photo, and the photo's stored name."""
    from accounts.access import permissions
    from bulletins.models import Asset, KeyMessage
    from tests.support import builders

    permissions.sync()
    bulletin = builders.build_bulletin(builders.build_campaign("cards"))
    bulletin.key_messages.all().delete()
    for number in range(5):
        KeyMessage.objects.create(
            bulletin=bulletin, key=f"km-{number}", text={code: words[number] for code, words in WORDS.items()}
        )
    stored = default_storage.save("assets/bench.jpg", ContentFile(photograph()))
    Asset.objects.create(bulletin=bulletin, kind=Asset.Kind.IMAGE, title={"en": "A bench"}, file=stored)
    return bulletin, stored


def moving() -> dict[str, Any]:
    """Time each moving card of a bulletin in every theme, from rows to stored files, and how large the largest file is (octets)."""
    from dataclasses import replace

    from bulletins.media import message_cards, moving_cards
    from lib.images.card_look import THEMES
    from tests.support import builders

    bulletin, stored = build()
    films = moving_cards.films_of(message_cards.specs_of(bulletin))
    took: list[float] = []
    before = processor_seconds()
    for number, film in enumerate(films):
        theme = THEMES[number % len(THEMES)]
        themed = replace(film, scenes=tuple(replace(spec, theme=theme) for spec in film.scenes))
        began = time.monotonic()
        for _sign in moving_cards.make_moving_card(bulletin, themed, "7K2F9QTD", at=builders.NOON):
            pass
        took.append(time.monotonic() - began)
    cost = (processor_seconds() - before) / len(took)
    made = list(bulletin.moving_cards.values_list("size", "seconds"))
    default_storage.delete(stored)
    return {
        "moving_cards": len(made),
        "seconds_max": round(max(took), 2),
        "seconds_mean": round(sum(took) / len(took), 2),
        "processor_seconds_mean": round(cost, 2),
        "limit_seconds": LIMIT_MOVING,
        "ratio": round(max(took) / LIMIT_MOVING, 2),
        "plays_seconds": [min(seconds for _size, seconds in made), max(seconds for _size, seconds in made)],
        "bytes_max": max(size for size, _seconds in made),
        "bytes_limit": moving_cards.MOST,
    }


def processor_seconds() -> float:
    """Return what this process and the programs that it ran have taken of the processor."""
    whose = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in whose)


def cards() -> dict[str, Any]:
    """Time the drawing and keeping of all cards of a bulletin, and how large the largest file is (octets)."""
    from bulletins.media import message_cards
    from tests.support import builders

    bulletin, stored = build()
    began = time.monotonic()
    seconds = 0.0
    for done, _total in message_cards.make_cards(bulletin, builders.NOON):
        if done == THEMES:
            seconds = time.monotonic() - began
    whole = time.monotonic() - began
    sizes = list(bulletin.cards.values_list("size", flat=True))
    default_storage.delete(stored)
    return {
        "cards": THEMES,
        "seconds": round(seconds, 2),
        "limit_seconds": LIMIT,
        "ratio": round(seconds / LIMIT, 2),
        "per_card_ms": round(1000 * seconds / THEMES),
        "with_overlays_cards": len(sizes),
        "with_overlays_seconds": round(whole, 2),
        "bytes_max": max(sizes),
        "bytes_all": sum(sizes),
    }


def photograph() -> bytes:
    """Return a picture of 6 megapixels, as a phone takes it."""
    out = io.BytesIO()
    Image.effect_noise((750, 500), 60).resize((3000, 2000)).convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()
