"""The form of signing the code of ethics."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext

from influencers.models import CodeOfEthics

from . import signatures


class PointsForm(forms.Form):
    """
    The code of ethics with a tick for each of its points. `text` names the text that was read: when it has changed since,
    nothing is signed. `at_once` has one tick for all of them.
    """

    at_once = False

    def __init__(self, text: CodeOfEthics | None, data: Any = None, **kwargs: Any) -> None:
        self.code_of_ethics = text
        self.points = signatures.points_of(text) if text else []
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(data, **kwargs)
        version = signatures.fingerprint(text) if text else ""
        self.fields["text"] = forms.CharField(widget=forms.HiddenInput, initial=version, required=False)
        for name, label in self.labels().items():
            self.fields[name] = forms.BooleanField(
                label=label, error_messages={"required": gettext_lazy("Tick this point too, if you agree.")}
            )
        self.is_stale = self.is_bound and bool(text) and self.data.get("text") != version
        if self.is_stale:
            # The ticks were for other words, so they are not shown again under the new ones.
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            for name in [name for name in typed if name.startswith("point_")]:
                del typed[name]
            typed["text"] = version
            self.data = typed

    def labels(self) -> dict[str, str]:
        """Return {name of a tick: what is signed by it}, in the order of the points."""
        if self.at_once and self.points:
            said = ngettext("I follow this point.", "I follow these %(count)d points.", len(self.points))
            return {"point_all": said % {"count": len(self.points)}}
        return {f"point_{number}": point for number, point in enumerate(self.points, start=1)}

    @property
    def ticks(self) -> list[forms.BoundField]:
        """The ticks, in the order of the points."""
        return [self[name] for name in self.labels()]

    def clean(self) -> None:
        """Refuse ticks for a text that has changed since."""
        if self.is_stale:
            self.add_error(
                None,
                gettext(
                    "The code of ethics has changed since you opened this page. Read it again and tick each point."
                ),
            )
