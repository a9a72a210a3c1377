"""
The forms with which staff enter a question for someone, and an authority writes its answer. Times are entered in the
campaign's zone.
"""

from datetime import datetime
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.access import row_scopes
from accounts.access.permissions import Scope
from bulletins.intake.forms import MOMENT, AnyMoment, dress
from bulletins.models import NotAllowed
from campaigns.translated_fields import in_language
from delivery.models import Recipient
from lib.form_choices import offer_choices
from lib.text.languages.languages import own_name

from . import intake
from .answers import answer_workflow, videos
from .models import Answer, Question, QuestionGroup

LONGEST = 10_000  # characters of an answer in one language
ADDRESS = gettext_lazy("Enter the full address, for example https://www.example.org/page.")


class QuestionForm(forms.ModelForm):
    """A question that staff enter on somebody's behalf."""

    relayed_by = forms.CharField(
        label=gettext_lazy("Relayed by"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The influencer's email address or full name."),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Question
        fields = ["text", "language", "channel", "times", "bulletin", "topic", "relayed_by", "may_credit", "credit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" in self.fields and (campaign := getattr(self, "campaign", None)):
            codes = campaign.language_codes()
            self.fields["language"] = forms.ChoiceField(
                label=self.fields["language"].label, choices=[(code, own_name(code)) for code in codes]
            )

    def clean_text(self) -> str:
        """Refuse what is too long."""
        text = self.cleaned_data["text"].strip()
        if not 1 <= len(text) <= intake.LONGEST:
            raise forms.ValidationError(
                _("The question is longer than %(most)d characters. Shorten it.") % {"most": intake.LONGEST}
            )
        return text

    def clean_times(self) -> int:
        """Refuse a number that nobody can mean."""
        times = self.cleaned_data["times"]
        if not 1 <= times <= intake.MOST_TIMES:
            raise forms.ValidationError(
                _("Enter a whole number from 1 to %(most)s.") % {"most": number_format(intake.MOST_TIMES)}
            )
        return times

    def clean_relayed_by(self) -> Recipient | None:
        """Return the one person who is meant, if anybody is."""
        typed = self.cleaned_data["relayed_by"].strip()
        if not typed:
            return None
        people = row_scopes.within(Recipient.objects.all(), {Scope.INFLUENCERS}, None)
        some = list(people.filter(Q(email__iexact=typed) | Q(name__iexact=typed))[:2])
        if not some:
            raise forms.ValidationError(
                _("Nobody has this address or name. Enter the address as it is registered here.")
            )
        if len(some) > 1:
            raise forms.ValidationError(_("More than one person has this name. Enter the address."))
        return some[0]

    def clean(self) -> dict[str, Any]:
        """Ask for the name when somebody may be named, and for who it is; the rules are everybody's."""
        data = super().clean() or self.cleaned_data
        credit = (data.get("credit") or "").strip()
        if data.get("may_credit") and not credit:
            self.add_error("credit", _("Enter the name to be shown, or untick the box."))
        if (data.get("may_credit") or credit) and "relayed_by" in data and data["relayed_by"] is None:
            self.add_error("relayed_by", _("Say who relayed it, or clear the name and untick the box."))
        if not self.errors:
            try:
                intake.check(data["text"], times=data["times"], may_credit=data["may_credit"], credit=credit)
            except NotAllowed as refusal:
                self.add_error(None, str(refusal))
        return data


class AnswerWriting(forms.Form):
    """An answer in the languages that the authority writes, its source, and a video with its subtitles."""

    use_required_attribute = False

    source_name = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The decision, the law or your own page."),
    )
    source_url = forms.URLField(
        label=gettext_lazy("Source's address"),
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": ADDRESS},
    )
    valid_until = forms.DateTimeField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=AnyMoment,
        help_text=gettext_lazy("Leave it empty if it is valid until further notice."),
    )
    video = forms.FileField(
        label=gettext_lazy("Video"),
        required=False,
        help_text=gettext_lazy("MP4, MOV or WebM. Nobody sees it until the answer is approved."),
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/webm,video/quicktime"}),
    )
    video_url = forms.URLField(
        label=gettext_lazy("Or the video's address"),
        max_length=200,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": ADDRESS},
    )
    video_language = forms.ChoiceField(label=gettext_lazy("Spoken language"), required=False)
    no_video = forms.BooleanField(label=gettext_lazy("Remove the video"), required=False)
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, group: QuestionGroup, answer: Answer | None, language: str, **kwargs: Any) -> None:
        self.codes = group.campaign.language_codes()
        self.codes.sort(key=lambda code: code != language)  # their own language comes first
        self.language = language if language in self.codes else self.codes[0]
        initial = start_of(answer, self.codes, self.language) if answer else {}
        super().__init__(*args, initial=initial, **kwargs)
        for code in self.codes:
            name = own_name(code)
            self.fields[f"text__{code}"] = forms.CharField(
                label=_("Answer in this language: %(language)s") % {"language": name},
                max_length=LONGEST,
                required=False,
                widget=forms.Textarea(attrs={"rows": 8 if code == self.language else 4, "lang": code}),
            )
            self.fields[f"subtitles__{code}"] = forms.CharField(
                label=_("Subtitles in this language: %(language)s") % {"language": name},
                required=False,
                max_length=500_000,
                widget=forms.Textarea(attrs={"rows": 4, "lang": code, "spellcheck": "false"}),
            )
            self.fields[f"subtitles_file__{code}"] = forms.FileField(
                label=_("Or a file (WebVTT or SRT): %(language)s") % {"language": name},
                required=False,
                widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt"}),
            )
        languages = [(code, own_name(code)) for code in self.codes]
        offer_choices(self, "video_language", [("", _("no video")), *languages])
        self.fields["valid_until"].error_messages["invalid"] = _(
            "Enter a date and a time, for example 2021-03-26 09:15."
        )
        dress(self)

    def compare(self, now: Self) -> None:
        """
        Show what is stored, `now`, beside what was typed, where they differ, so that whoever saves again has read both. In
        a box, `field.theirs` is what is stored.
        """
        self.data = {**dict(self.data.items()), "read": now.initial["read"]}
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField | forms.BooleanField) or name == "read":
                continue
            saved, typed = now[name].value() or "", self.data.get(name, "").replace("\r\n", "\n")
            if isinstance(saved, datetime):
                saved = saved.strftime(MOMENT)
            if saved != typed.strip():
                field.theirs = saved or "–"  # type: ignore[attr-defined]

    @property
    def texts(self) -> list[Any]:
        """The boxes of the answer's text."""
        return [self[f"text__{code}"] for code in self.codes]

    @property
    def subtitles(self) -> list[Any]:
        """The boxes and files of subtitles."""
        return [self[f"{name}__{code}"] for code in self.codes for name in ("subtitles", "subtitles_file")]

    def clean_valid_until(self) -> Any:
        """Refuse what is over already: nobody could be told."""
        moment = self.cleaned_data["valid_until"]
        if moment and moment <= timezone.now():
            raise ValidationError(_("This time has already passed. Enter a later one, or leave it empty."))
        return moment

    def clean(self) -> dict[str, Any]:
        """Read subtitles, so that what is wrong with them is said where they are."""
        data = super().clean() or self.cleaned_data
        for code in self.codes:
            name = f"subtitles_file__{code}" if data.get(f"subtitles_file__{code}") else f"subtitles__{code}"
            try:
                data[f"read__{code}"] = videos.subtitles_of(data.get(name) or "")
            except NotAllowed as refusal:
                self.add_error(name, str(refusal))
        return data

    def content(self) -> dict[str, Any]:
        """Return what `answer_workflow.save` takes."""
        data = self.cleaned_data
        return {
            "text": {code: data[f"text__{code}"].replace("\r\n", "\n") for code in self.codes},
            "source_name": {self.language: data["source_name"]},
            "source_url": {self.language: data["source_url"]},
            "valid_until": data["valid_until"],
            "video_url": data["video_url"],
            "video_language": data["video_language"],
            "subtitles": {code: data[f"read__{code}"] for code in self.codes},
        }


def start_of(answer: Answer, codes: list[str], language: str) -> dict[str, Any]:
    """Return what the form says of an answer before anything is typed."""
    return {
        **{f"text__{code}": answer.text.get(code, "") for code in codes},
        **{f"subtitles__{code}": answer.subtitles.get(code, "") for code in codes},
        "source_name": answer.source_name.get(language) or in_language(answer.source_name, language),
        "source_url": answer.source_url.get(language) or in_language(answer.source_url, language),
        "valid_until": answer.valid_until,
        "video_url": answer.video_url,
        "video_language": answer.video_language,
        "read": answer_workflow.fingerprint(answer),
    }
