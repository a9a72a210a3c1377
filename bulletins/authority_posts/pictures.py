"""The picture of a post: the card of the bulletin's first key message in its language, small enough for every network."""

import io
from collections.abc import Sequence

from PIL import Image

from bulletins.media import message_cards
from bulletins.media.message_cards import Spec
from bulletins.models import AuthorityPost, Ratio

from .networks.network import Picture

MOST_BYTES = 950_000  # Bluesky takes a million
QUALITIES = (90, 80, 65, 50)


def of_language(specs: Sequence[Spec], language: str) -> dict[str, str]:
    """Return {key, alt} of the card of the first key message in a language, {} where there is none; `specs` of message_cards."""
    first = next((spec for spec in specs if spec.language == language), None)
    return {"key": first.key, "alt": message_cards.alt_text(first)} if first else {}


def drawn(post: AuthorityPost) -> Picture | None:
    """Return the picture of a post, None where it has none, or none is drawn yet, with just these words on it. Three queries."""
    if not post.picture:
        return None
    version = post.version
    specs = message_cards.specs_published(version, post.language)
    spec = next((one for one in specs if one.key == post.picture["key"]), None)
    if spec is None or message_cards.alt_text(spec) != post.picture["alt"]:
        return None
    card = message_cards.card_of(version.bulletin, spec, ratio=Ratio.SQUARE)
    if card is None:
        return None
    try:
        with card.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError:
        return None
    data, kind = small_enough(data)
    return Picture(data, kind, post.picture["alt"], card.width, card.height)


def small_enough(data: bytes) -> tuple[bytes, str]:
    """Return a picture and its type, as a JPEG where it would be too large."""
    with Image.open(io.BytesIO(data)) as picture:
        if len(data) <= MOST_BYTES and picture.format in {"PNG", "JPEG"}:
            return data, f"image/{picture.format.lower()}"
        plain = picture.convert("RGB")
    for quality in QUALITIES:
        made = io.BytesIO()
        plain.save(made, "JPEG", quality=quality)
        if made.tell() <= MOST_BYTES:
            break
    return made.getvalue(), "image/jpeg"
