"""The forms of those who give message input. Times are entered in the campaign's zone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Authority, Campaign, Region, Topic

from .models import Urgency

MOST_SOURCES = 3
LONGEST_TEXT = 20_000  # characters; some ten printed pages


class AnyMoment(forms.DateTimeInput):
    """A date and time as browsers ask for it."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MessageInputForm(forms.Form):
    """
    Official text from an authority. Its cleaned data is what `receiving.submit` takes, without the sources.

    Language, topics and regions are the campaign's; the authority is one that `user` contributes for.
    """

    authority = forms.ModelChoiceField(Authority.objects.none(), label=gettext_lazy("Authority"), empty_label=None)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("What was decided, who it concerns, from when, until when. Official wording is fine."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the text"), widget=forms.RadioSelect)
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"), choices=Urgency.choices, initial=Urgency.ROUTINE, widget=forms.RadioSelect
    )
    embargo_until = forms.DateTimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=AnyMoment,
        help_text=gettext_lazy("Leave it empty when it may go out at once."),
    )
    valid_until = forms.DateTimeField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=AnyMoment,
        help_text=gettext_lazy("Leave it empty when it holds until further notice."),
    )
    regions = forms.ModelMultipleChoiceField(
        Region.objects.all(),
        label=gettext_lazy("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None means the whole country."),
    )
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(), label=gettext_lazy("Topics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    contact = forms.EmailField(
        label=gettext_lazy("Contact for questions"),
        required=False,
        help_text=gettext_lazy("Only editors see it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, campaign: Campaign, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authorities = list(Authority.objects.filter(members__user=user).distinct())
        self.has_authority = bool(authorities)
        self.fields["authority"].queryset = Authority.objects.filter(pk__in=[row.pk for row in authorities])  # type: ignore[attr-defined]
        if len(authorities) == 1:
            self.fields["authority"].widget = forms.HiddenInput()
            self.fields["authority"].initial = authorities[0].pk
        self.fields["topics"].queryset = Topic.objects.filter(campaign=campaign)  # type: ignore[attr-defined]
        codes = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        self.fields["language"].choices = [(code, own_name(code)) for code in codes]  # type: ignore[attr-defined]
        reading = get_language() or ""
        self.fields["language"].initial = reading if reading in codes else campaign.default_language
        for name in ("title", "body"):
            self.fields[name].error_messages["required"] = _("This is missing. Write it here.")
        for name in ("embargo_until", "valid_until"):
            self.fields[name].error_messages["invalid"] = _("Write a date and a time, for example 2021-03-26 09:15.")
        dress(self)

    def clean_valid_until(self) -> Any:
        """Refuse what is over already: nobody could be told."""
        moment = self.cleaned_data["valid_until"]
        if moment and moment <= timezone.now():
            raise ValidationError(_("This time is over already. Give a later one, or leave it empty."))
        return moment

    def clean(self) -> dict[str, Any]:
        """Refuse a text that would end before it may begin."""
        data = super().clean() or self.cleaned_data
        embargo, end = data.get("embargo_until"), data.get("valid_until")
        if embargo and end and end <= embargo:
            self.add_error("valid_until", _("It would end before it may go out. Check both times."))
        return data


class SourceForm(forms.Form):
    """One source: all three parts, or none of them."""

    use_required_attribute = False

    publisher = forms.CharField(label=gettext_lazy("Publisher"), max_length=200, required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300, required=False)
    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": gettext_lazy("Write the whole address, for example https://www.example.org/page.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Ask for what is missing in a row that was begun."""
        data = super().clean() or self.cleaned_data
        if any(data.get(name) for name in self.fields):
            for name in self.fields:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("This is missing. A source has a publisher, a title and an address."))
        return data


SourceFormSet = forms.formset_factory(SourceForm, extra=MOST_SOURCES, max_num=MOST_SOURCES, validate_max=True)


class AnswerForm(forms.Form):
    """The contributor's answer to the editor's question."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("The answer is missing. Write it here.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


def dress(form: forms.Form) -> None:
    """Give the text fields of a form the look of the site's."""
    for field in form.fields.values():
        if not isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.HiddenInput):
            field.widget.attrs["class"] = "input"


def own_name(code: str) -> str:
    """Return a language's own name for itself, or its code."""
    try:
        return get_language_info(code)["name_local"]
    except KeyError:
        return code
