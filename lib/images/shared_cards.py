"""Cards in one shape, as pages show them and as people save and share them."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .picture_sizes import SIZES, Ratio

SHAPES = {Ratio.STORY: _("Story"), Ratio.FEED: _("Feed"), Ratio.SQUARE: _("Square")}  # as creators call them


@dataclass(frozen=True, slots=True)
class Picture:
    """A card in one shape: where it is, where the small one is, and what its file is called on a device."""

    ratio: str
    url: str
    small: str
    name: str

    @property
    def label(self) -> str:
        """What creators call its shape."""
        return str(SHAPES[Ratio(self.ratio)])

    @property
    def width(self) -> int:
        """Its width in pixels."""
        return SIZES[Ratio(self.ratio)][0]

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return SIZES[Ratio(self.ratio)][1]
