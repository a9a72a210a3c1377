"""
How long a bulletin's message cards take: 4 themes × 3 sizes × 3 languages × 5 messages, from rows to stored files; and, after
that, its stickers, backgrounds and slides.
"""

import io
import time
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

LIMIT = 15  # seconds on two cores, for the themes
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


def cards() -> dict[str, Any]:
    """Time the drawing and keeping of all cards of a bulletin, and how large the largest file is (octets)."""
    from accounts.access import permissions
    from bulletins.media import message_cards
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
