"""The choice of easy language, as every form of readers offers it."""

from django import forms
from django.utils.translation import gettext_lazy


def easy_field() -> forms.BooleanField:
    """Return the field of whether someone wants easy language where there is one."""
    return forms.BooleanField(
        label=gettext_lazy("In easy language when it is available"),
        help_text=gettext_lazy("Otherwise it comes in standard language, so you miss nothing."),
        required=False,
    )
