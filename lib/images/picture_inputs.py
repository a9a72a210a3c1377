"""The box for a picture in a form: a browser says what is too large or no picture before it is sent (static/js/file_limit.js), the form says it after."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .uploaded_images import NO_PICTURE

TOO_LARGE = gettext_lazy(
    "This file has %(size)s MB, and a picture may have %(most)s MB. Nothing was sent. Choose another one, or save it smaller."
)


class PictureInput(forms.FileInput):
    """A box for one picture of at most `megabytes`."""

    def __init__(self, *, megabytes: int, attrs: dict[str, Any] | None = None) -> None:
        limits = {"data-most": megabytes, "data-too-large": TOO_LARGE, "data-wrong-type": NO_PICTURE}
        super().__init__({"accept": "image/png,image/jpeg,image/webp", **limits, **(attrs or {})})
