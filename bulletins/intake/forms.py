"""The forms of people who give message input. Times are entered in the campaign's zone."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import MessageInput, NotAllowed, Urgency
from campaigns.models import Authority, Campaign, Region, Topic
from lib.form_choices import offer_choices
from lib.text.languages.languages import own_name

from . import input_attachments

LEAST_ROWS = 1  # sources and facts that have room from the start
MOST_SOURCES = 20
MOST_FACTS = 50
LONGEST_TEXT = 20_000  # characters; some ten printed pages


MOMENT = "%Y-%m-%dT%H:%M"  # how browsers write a date and a time


class AnyMoment(forms.DateTimeInput):
    """A date and time as browsers ask for it."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT)


URGENCIES = [
    (Urgency.ROUTINE, gettext_lazy("Routine: it goes with the next regular bulletin.")),
    (Urgency.ELEVATED, gettext_lazy("Elevated: editors should deal with it today.")),
    (Urgency.URGENT, gettext_lazy("Urgent: people are at risk or must act now. Every editor is notified immediately.")),
]


class ManyFiles(forms.FileInput):
    """A field of files that takes several at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return all files of the field."""
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.Field):
    """Files that a message input brings. Cleans to `attaching.File`s; each one that is refused is named."""

    widget = ManyFiles(attrs={"accept": ",".join(input_attachments.KINDS)})

    def clean(self, value: Any) -> list[input_attachments.File]:
        """Read and examine every file."""
        files, refusals = [], []
        try:
            input_attachments.check_number(value or [])
        except NotAllowed as refusal:
            raise ValidationError(str(refusal)) from refusal
        for one in value or []:
            try:
                # One byte more than is taken shows that it is too large; the rest is never read.
                files.append(input_attachments.examine(one.name, one.read(input_attachments.LARGEST + 1)))
            except NotAllowed as refusal:
                refusals.append(str(refusal))
        if refusals:
            raise ValidationError(refusals)
        return files


class MessageInputForm(forms.Form):
    """
    Official text from an authority. Its cleaned data is what `submissions.submit` takes, without the sources; the area stands in the text,
    as in one that comes as an alert (cap.py).

    Language, topics and regions are the campaign's; the authority is one that `user` contributes for.
    """

    authority = forms.ModelChoiceField(Authority.objects.none(), label=gettext_lazy("Authority"), empty_label=None)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy(
            "What was decided, whom it affects, from when and until when. Official wording is fine."
        ),
    )
    area = forms.CharField(
        label=gettext_lazy("Place or area"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "Where it applies: streets, districts, municipalities. It is added at the end of the text."
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the text"), widget=forms.RadioSelect)
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"), choices=URGENCIES, initial=Urgency.ROUTINE, widget=forms.RadioSelect
    )
    embargo_until = forms.DateTimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=AnyMoment,
        help_text=gettext_lazy("Leave it empty if it can be published immediately."),
    )
    valid_until = forms.DateTimeField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=AnyMoment,
        help_text=gettext_lazy("Leave it empty if it is valid until further notice."),
    )
    regions = forms.ModelMultipleChoiceField(
        Region.objects.all(),
        label=gettext_lazy("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Leave it empty for the whole country."),
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
    attachments = FilesField(
        label=gettext_lazy("Attachments"),
        required=False,
        help_text=gettext_lazy(
            "PDF, pictures, office documents, text or CSV; at most 10 files of 25 MB each. Editors see them, readers "
            "don't."
        ),
    )
    replaces = forms.ModelChoiceField(MessageInput.objects.none(), required=False, widget=forms.HiddenInput)
    # Names this sending: pressed twice, it is sent once.
    external_id = forms.RegexField(r"^form-[0-9a-f]{32}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaign: Campaign, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["external_id"].initial = new_name()
        authorities = list(Authority.objects.filter(members__user=user).distinct())
        self.has_authority = bool(authorities)
        self.fields["authority"].queryset = Authority.objects.filter(pk__in=[row.pk for row in authorities])  # type: ignore[attr-defined]
        if len(authorities) == 1:
            self.fields["authority"].widget = forms.HiddenInput()
            self.fields["authority"].initial = authorities[0].pk
        self.fields["replaces"].queryset = earlier_inputs(user, campaign)  # type: ignore[attr-defined]
        self.fields["topics"].queryset = Topic.objects.filter(campaign=campaign)  # type: ignore[attr-defined]
        codes = [row.code for row in campaign.languages.all()] or [campaign.default_language]
        offer_choices(self, "language", [(code, own_name(code)) for code in codes])
        reading = get_language() or ""
        self.fields["language"].initial = reading if reading in codes else campaign.default_language
        for name in ("title", "body"):
            self.fields[name].error_messages["required"] = _("This is missing. Fill it in.")
        for name in ("embargo_until", "valid_until"):
            self.fields[name].error_messages["invalid"] = _("Enter a date and a time, for example 2021-03-26 09:15.")
        dress(self)

    def clean_valid_until(self) -> Any:
        """Refuse what is over already: nobody could be told."""
        moment = self.cleaned_data["valid_until"]
        if moment and moment <= timezone.now():
            raise ValidationError(_("This time has already passed. Enter a later one, or leave it empty."))
        return moment

    def clean(self) -> dict[str, Any]:
        """Refuse a text that would end before it may begin."""
        data = super().clean() or self.cleaned_data
        embargo, end = data.get("embargo_until"), data.get("valid_until")
        if embargo and end and end <= embargo:
            self.add_error("valid_until", _("It would end before it can be published. Check both times."))
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
        error_messages={"invalid": gettext_lazy("Enter the full address, for example https://www.example.org/page.")},
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


class FactForm(forms.Form):
    """One fact, until when it holds, and which of the sources says so."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Fact"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    source = forms.TypedChoiceField(label=gettext_lazy("Source"), required=False, coerce=int, empty_value=None)
    valid_until = forms.DateTimeField(label=gettext_lazy("Valid until"), required=False, widget=AnyMoment)

    def __init__(self, *args: Any, sources: int = LEAST_ROWS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(n, _("Source %(number)s") % {"number": n}) for n in range(1, sources + 1)]
        offer_choices(self, "source", [("", _("none")), *numbers])
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Ask for the fact in a row that was begun."""
        data = super().clean() or self.cleaned_data
        if not data.get("text") and (data.get("source") or data.get("valid_until")):
            self.add_error("text", _("This is missing. Write the fact, or clear the row."))
        return data


class Rows(forms.BaseFormSet):
    """Rows of which as many as are needed can be added, with and without script."""

    def total(self) -> int:
        """Return how many rows there are."""
        return self.total_form_count()


def earlier_inputs(user: User, campaign: Campaign) -> QuerySet[MessageInput]:
    """Return the submissions that someone may send an update of."""
    return MessageInput.objects.of_contributor(user).filter(campaign=campaign)


def start_of_update(earlier: MessageInput) -> dict[str, Any]:
    """Return what the form of an update begins with: what was sent before."""
    names = ("title", "body", "language", "urgency", "valid_until", "contact")
    return {name: getattr(earlier, name) for name in names} | {
        "authority": earlier.authority_id,
        "regions": list(earlier.regions.all()),
        "topics": list(earlier.topics.all()),
        "replaces": earlier.pk,
    }


def rows_of(form: type[forms.Form], most: int, extra: int) -> Any:
    """Return the class of rows of a form: at most `most`, `extra` of them beyond what is filled in."""
    return forms.formset_factory(
        form, formset=Rows, extra=extra, max_num=most, validate_max=True, absolute_max=most + 1
    )


class Sending:
    """
    All that one sending brings: the message itself, its sources and its facts.

    `data` and `files` are what was posted, if anything. `kept` is what was posted by a button that only asks for one
    more row ("source" or "fact"): shown again, unchecked.
    """

    def __init__(
        self,
        campaign: Campaign,
        user: User,
        data: Any = None,
        files: Any = None,
        more: str = "",
        update_of: MessageInput | None = None,
    ) -> None:
        start: dict[str, Any] = {"contact": user.email}
        if more and data is not None:
            names = [name for name in MessageInputForm.base_fields if name != "attachments"]
            many = {"topics", "regions"}
            start = {name: data.getlist(name) if name in many else data.get(name, "") for name in names}
            sources, facts = filled(data, "sources", SourceForm), filled(data, "facts", FactForm)
            self.sources = rows_of(SourceForm, MOST_SOURCES, int(more == "source"))(initial=sources, prefix="sources")
            self.facts = rows_of(FactForm, MOST_FACTS, int(more == "fact"))(
                initial=facts, prefix="facts", form_kwargs={"sources": self.sources.total()}
            )
            self.form = MessageInputForm(campaign=campaign, user=user, initial=start)
            name, rows = ("publisher", self.sources) if more == "source" else ("text", self.facts)
            rows.forms[-1].fields[name].widget.attrs["autofocus"] = True
            return
        sent_sources: list[dict[str, Any]] = []
        sent_facts: list[dict[str, Any]] = []
        if update_of is not None:
            start |= start_of_update(update_of)
            rows = list(update_of.sources.order_by("pk"))
            numbers = {row.pk: number for number, row in enumerate(rows, start=1)}
            sent_sources = [{"publisher": row.publisher, "title": row.title, "url": row.url} for row in rows]
            sent_facts = [
                {"text": one.text, "valid_until": one.valid_until, "source": numbers.get(one.source_id or 0)}
                for one in update_of.facts.order_by("pk")
            ]
        self.form = MessageInputForm(data, files, campaign=campaign, user=user, initial=start)
        self.sources = rows_of(SourceForm, MOST_SOURCES, LEAST_ROWS)(data, prefix="sources", initial=sent_sources)
        self.facts = rows_of(FactForm, MOST_FACTS, LEAST_ROWS)(
            data, prefix="facts", initial=sent_facts, form_kwargs={"sources": self.sources.total()}
        )

    def is_valid(self) -> bool:
        """Check all of it, so that everything that is wrong is marked at once."""
        valid = self.form.is_valid() & self.sources.is_valid() & self.facts.is_valid()
        if not valid:
            return False
        given = [n for n, row in enumerate(self.sources.cleaned_data, start=1) if row.get("url")]
        for form in self.facts.forms:
            if (chosen := form.cleaned_data.get("source")) and chosen not in given:
                form.add_error("source", _("This source is empty. Fill it in, or choose another."))
                valid = False
        self.numbers = {n: place for place, n in enumerate(given, start=1)}
        return valid

    @property
    def has_errors(self) -> bool:
        """Return whether anything is marked as wrong."""
        rows = self.sources.total_error_count() + self.facts.total_error_count()
        return self.form.is_bound and bool(self.form.errors or rows)

    def content(self) -> dict[str, Any]:
        """Return what `submissions.submit` takes; empty rows are left out, and facts name sources by their new places."""
        facts = [
            {**row, "source": self.numbers.get(row["source"])} for row in self.facts.cleaned_data if row.get("text")
        ]
        sources = [row for row in self.sources.cleaned_data if row.get("url")]
        own = dict(self.form.cleaned_data)
        if area := own.pop("area", ""):
            with override(own["language"]):
                own["body"] = f"{own['body'].rstrip()}\n\n{_('Area: %(areas)s') % {'areas': area}}"
        return {**own, "sources": sources, "facts": facts}


def filled(data: Mapping[str, Any], prefix: str, form: type[forms.Form]) -> list[dict[str, Any]]:
    """Return what was typed into rows, unchecked."""
    total = str(data.get(f"{prefix}-TOTAL_FORMS", ""))
    number = min(int(total) if total.isascii() and total.isdigit() else 0, MOST_FACTS)
    return [{name: data.get(f"{prefix}-{n}-{name}", "") for name in form.base_fields} for n in range(number)]


def new_name() -> str:
    """Return a name for one sending of the form."""
    return f"form-{uuid4().hex}"


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
