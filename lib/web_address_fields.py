"""Which web addresses people can give in forms."""

from django import forms
from django.core.validators import URLValidator


class WebAddressField(forms.URLField):
    """An address of a page on the web: http or https, https when nothing is said."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **options: object) -> None:
        super().__init__(**{"max_length": 500, "assume_scheme": "https", **options})  # type: ignore[arg-type]
