"""
How a campaign's cards look, as the desk saves it: colours that can be read on each other, a font and a first theme, a logo and
the issuer's mark. A published version keeps the look that it was approved with (publication_details); the files of old looks
stay, for old cards are drawn with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.audit import trail
from accounts.models import User
from lib.images import card_look as looks
from lib.images import uploaded_images
from lib.images.card_look import COLOURS, FONTS, READY, THEMES, Look

from .. import publication_details
from ..models import Campaign

LARGEST_PICTURE = 2_000_000  # octets
READY_NAMES: dict[str, Any] = {
    "lake": gettext_lazy("Lake and cloudberry"),
    "water": gettext_lazy("Cobalt and lime"),
    "storm": gettext_lazy("Violet and coral"),
}
FONT_NAMES = {"inter": "Inter", "manrope": "Manrope"}
THEME_NAMES: dict[str, Any] = {
    "plain": pgettext_lazy("theme", "Plain"),
    "bold": pgettext_lazy("theme", "Bold"),
    "photo": pgettext_lazy("theme", "Photo"),
    "quiet": pgettext_lazy("theme", "Quiet"),
}
COLOUR_NAMES: dict[str, Any] = {
    "ground": gettext_lazy("Plain: ground"),
    "ink": gettext_lazy("Words on light grounds"),
    "pop": gettext_lazy("Marker, stickers and marks"),
    "soft": gettext_lazy("Plain: hills in a story"),
    "bold": gettext_lazy("Bold: ground"),
    "bold2": gettext_lazy("Bold: rings"),
    "onbold": gettext_lazy("Bold: words"),
    "onbold2": gettext_lazy("Bold: figure"),
    "night": gettext_lazy("Quiet: ground"),
    "onnight": gettext_lazy("Quiet: words"),
    "onnight2": gettext_lazy("Quiet: small words"),
    "glow": gettext_lazy("Quiet: glow above"),
    "glow2": gettext_lazy("Quiet: glow below"),
    "white": gettext_lazy("White"),
}


class Unreadable(ValueError):
    """A look that is refused. `reasons` say why, one sentence for each pair of colours or file."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Pictures:
    """New pictures of a look; None leaves what is there, "" takes it away."""

    logo: File | str | None = None
    mark: File | str | None = None


def chosen(values: Mapping[str, str]) -> Look:
    """
    Return the look that a form asks for: a ready one by its name in `ready`, else the colours in it. Raise Unreadable for
    what is no colour, and for every pair whose contrast is too low.
    """
    look = READY.get(values.get("ready", ""))
    if look is None:
        colours = {name: values.get(name, "").strip().lower() for name in COLOURS}
        if wrong := [name for name, value in colours.items() if not looks.is_colour(value)]:
            says = _("%(colour)s: enter a colour as # and six digits.")
            raise Unreadable([says % {"colour": COLOUR_NAMES[name]} for name in wrong])
        look = Look(**colours)
    font, theme = values.get("font", ""), values.get("theme", "")
    look = replace(look, font=font if font in FONTS else "inter", theme=theme if theme in THEMES else "bold")
    if faults := looks.faults(look):
        raise Unreadable([sentence_of(fault) for fault in faults])
    return look


def sentence_of(fault: looks.Fault) -> str:
    """Return what is wrong with two colours, for people."""
    ground, _space, over = fault.ground.partition(" ")
    return _(
        "“%(words)s” on “%(ground)s” has a contrast of %(contrast)s; at least 4.5 can be read. Change one of them."
    ) % {
        "words": COLOUR_NAMES[fault.words],
        "ground": COLOUR_NAMES[over or ground],
        "contrast": f"{fault.contrast:.1f}",
    }


def save_look(campaign: Campaign, look: Look, pictures: Pictures, *, by: User, at: datetime) -> int:
    """
    Store a look, and return how many bulletins in review or approved have to be submitted again. Raise Unreadable, with nothing
    changed, for a picture that cannot be taken.
    """
    files = {
        "card_logo": _stored(pictures.logo, campaign.card_logo.name or ""),
        "issuer_mark": _stored(pictures.mark, campaign.issuer_mark.name or ""),
    }
    with transaction.atomic():
        held = Campaign.objects.select_for_update().get(pk=campaign.pk)
        held.card_look = look.plain()
        for name, stored in files.items():
            setattr(held, name, stored)
        held.save(update_fields=["card_look", *files])
        trail.note("campaign.look_saved", held, by=by, at=at, look=held.look)
        taken_back = publication_details.changed(by=by, at=at)
    campaign.refresh_from_db()
    return taken_back


def _stored(picture: File | str | None, before: str) -> str:
    """Return the stored name of a picture, drawn anew; the old file stays, for old cards."""
    if picture is None:
        return before
    if isinstance(picture, str):
        return ""
    if (picture.size or 0) > LARGEST_PICTURE:
        raise Unreadable([_("The picture is larger than 2 MB. Save it smaller.")])
    try:
        drawn = uploaded_images.picture(picture.read())
    except uploaded_images.Unusable as fault:
        raise Unreadable([str(fault)]) from fault
    return default_storage.save(f"looks/{token_hex(8)}{drawn.suffix}", ContentFile(drawn.data))
