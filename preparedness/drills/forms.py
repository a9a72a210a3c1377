"""The forms of a drill: what to play and with whom, and what the team will do afterwards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import User
from campaigns.models import Campaign
from lib.form_choices import offer_choices

from . import made_up_people, parts, scenario_files

BOX = {"class": "input"}
SPEEDS = (1, 2, 5, 10, 30, 60)
MOST_LESSONS = 12
USUAL_INFLUENCERS = 300


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

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shelf = scenario_files.shelf()
        self.fields["influencers"] = field_of_influencers(made_up_people.influencers(campaign).count())
        choices: dict[str, list[Any]] = {
            "scenario": [(slug, one.named()) for slug, one in self.shelf.usable.items()],
            "speed": [
                (speed, _("real time") if speed == 1 else _("%(speed)d times as fast") % {"speed": speed})
                for speed in SPEEDS
            ],
            "made_up": [(key, name) for key, (name, _parts) in parts.CAST.items()],
        }
        for name, offered in choices.items():
            offer_choices(self, name, offered)


def field_of_influencers(there: int) -> forms.IntegerField:
    """Return the field for how many made-up influencers take part in an exercise that has some already."""
    said = str(_("As many are added to the exercise as it lacks. Nobody has their addresses."))
    if there:
        said = ngettext(
            "This exercise has %(n)d already, who gets its mail in any case. Write more to have the missing ones added.",
            "This exercise has %(n)d already, who get its mail in any case. Write more to have the missing ones added.",
            there,
        ) % {"n": there}
    return forms.IntegerField(
        label=_("Made-up influencers"),
        min_value=there,
        max_value=max(there, made_up_people.MOST),
        widget=forms.NumberInput(attrs=BOX),
        initial=max(there, USUAL_INFLUENCERS),
        help_text=said,
        error_messages={
            "min_value": _(
                "This exercise has %(limit_value)s already, and a drill takes nobody away. For fewer, start a new exercise."
            )
        },
    )


class LessonForm(forms.Form):
    """What the team will do after a drill, who sees to it, and by when. Emptied, it goes; a proposal that nobody takes on is none."""

    what = forms.CharField(
        label=_("What to change"), required=False, max_length=300, widget=forms.Textarea(attrs=BOX | {"rows": 2})
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who sees to it"),
        required=False,
        empty_label=_("choose"),
        widget=forms.Select(attrs=BOX),
    )
    by = forms.DateField(
        label=pgettext_lazy("deadline", "By"),
        required=False,
        widget=forms.DateInput(attrs=BOX | {"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]  # a choice of rows

    def clean(self) -> None:
        """Refuse a lesson without an owner or a day, and an owner or a day without a lesson."""
        told = self.cleaned_data
        told["what"] = " ".join(told.get("what", "").split())
        is_proposal = "what" not in self.changed_data and not self.initial.get("owner")
        if is_proposal and not told.get("owner") and not told.get("by"):
            told["what"] = ""
        elif told.get("what"):
            for name, says in (("owner", _("Say who sees to it.")), ("by", _("Say by when."))):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, says)
        elif "what" not in self.errors and self.has_changed() and not self.initial.get("what"):
            self.add_error("what", _("Say what is to be changed."))


def lesson_forms(campaign: Campaign, actions: list[dict[str, Any]], proposals: list[str], data: Any = None) -> Any:
    """Return the forms of what a team will do: what is kept, else what the report proposes, and two more."""
    initial = [{"what": one["what"], "owner": one["owner"], "by": one["by"]} for one in actions]
    rows = forms.formset_factory(LessonForm, extra=2, max_num=MOST_LESSONS, absolute_max=MOST_LESSONS)
    people = User.objects.staff_with("preparedness.view_drill", campaign.pk).order_by("name", "email")
    return rows(
        data,
        initial=initial or [{"what": words} for words in proposals],
        prefix="lessons",
        form_kwargs={"people": people},
    )
