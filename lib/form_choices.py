"""Choices of a form's field that are known when the form is made."""

from collections.abc import Iterable
from typing import Any

from django import forms


def offer_choices(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let a form's field that has choices offer these."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
