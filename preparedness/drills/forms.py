"""The forms of a drill: what to play and with whom, and what the team says afterwards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign

from . import made_up_people, parts, scenario_files

BOX = {"class": "input"}
SPEEDS = (1, 2, 5, 10, 30, 60)


class DrillForm(forms.Form):
    """A scenario, how fast, and who is made up."""

    scenario = forms.ChoiceField(label=_("Scenario"))
    speed = forms.TypedChoiceField(
        label=_("Speed"),
        coerce=int,
        widget=forms.Select(attrs=BOX),
        initial=1,
        help_text=_("With people, play in real time. Faster is for trying a scenario out."),
    )
    made_up = forms.MultipleChoiceField(
        label=_("Who is made up"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=parts.WITH_PEOPLE,
        help_text=_("They act by themselves, after a delay that the scenario’s seed draws. The rest is yours."),
    )
    influencers = forms.IntegerField(
        label=_("Made-up influencers"),
        min_value=0,
        max_value=made_up_people.MOST,
        widget=forms.NumberInput(attrs=BOX),
        initial=300,
        help_text=_("As many are added to the exercise as it lacks. Nobody has their addresses."),
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shelf = scenario_files.shelf()
        choices = {
            "scenario": [(slug, one.named()) for slug, one in self.shelf.usable.items()],
            "speed": [
                (speed, _("real time") if speed == 1 else _("%(speed)d times as fast") % {"speed": speed})
                for speed in SPEEDS
            ],
            "made_up": [(key, name) for key, (name, _parts) in parts.CAST.items()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]  # each is a field of choices


class LessonsForm(forms.Form):
    """What the team says after a drill."""

    lessons = forms.CharField(
        label=_("What the team says"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs=BOX | {"rows": 4}),
        help_text=_("One lesson a line: what to change, who does it, by when. It stands in the report."),
    )
