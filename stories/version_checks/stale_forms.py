"""A form that was begun with another version than the one that stands: both texts are shown, and nothing is lost."""

from typing import Any

from django import forms


def stored_beside(form: Any, stored: forms.Form) -> list[tuple[str, Any]]:
    """Return (label, what is stored) of each field that was sent otherwise, and let the form go on from what is stored."""
    form.data = form.data.copy()
    form.data["read"] = stored["read"].value()
    return [
        (str(field.label), field.value())
        for field in stored.visible_fields()
        if field.name in form.fields and field.field.has_changed(field.value(), form[field.name].data)
    ]
