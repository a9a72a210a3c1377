"""The forms of a claim's page."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.desk_fields import TranslatedFormField
from campaigns.models import Campaign
from factcheck.models import Claim, Evidence, Narrative, Sighting
from factcheck.verdicts import verdict_checks
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number

# Characters that a text may have in each language.
MOST = {
    "text": 2000,
    "fact": 600,
    "fact_again": 600,
    "warning": 3000,
    "fallacy": 3000,
    "how_checked": 3000,
    "why_few_sources": 3000,
    "what_changed": 3000,
}
ABOUT = ("keywords", "narrative", "topics", "valid_until", "check_again_by", "slug")


class KeywordsField(forms.CharField):
    """A list of names and words, with commas or line breaks between: a name may be of several words."""

    def __init__(self, *args: Any, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the list as it is written."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list, not a text
        """Return the words, each once."""
        if isinstance(value, list):
            return value
        return list(dict.fromkeys(word for part in re.split(r"[,\n]", value or "") if (word := part.strip())))

    def validate(self, value: Any) -> None:
        """No keyword is needed."""

    def run_validators(self, value: Any) -> None:
        """Words have no length limit of their own."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists."""
        return self.to_python(initial or []) != self.to_python(data)


class RowsField(forms.ModelMultipleChoiceField):
    """Rows to choose from; a number that no database holds is refused like any other that no row has."""

    def clean(self, value: Any) -> Any:
        """Return the rows."""
        for key in value or []:
            if not whole_number(key):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": key})
        return super().clean(value)


class Boxed:
    """Gives every field the desk's box."""

    fields: dict[str, forms.Field]

    def boxed(self) -> None:
        """Mark the fields."""
        for one in self.fields.values():
            if not isinstance(one.widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
                one.widget.attrs.setdefault("class", "box")


class ClaimForm(Boxed, forms.ModelForm):
    """What may be written about a claim while it is checked. Its short name stays once it was published."""

    class Meta:
        model = Claim
        fields = [*Claim.TEXTS, *ABOUT]
        field_classes = dict.fromkeys(Claim.TEXTS, TranslatedFormField) | {
            "keywords": KeywordsField,
            "topics": RowsField,
        }
        widgets = {
            "topics": forms.CheckboxSelectMultiple,
            "valid_until": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "check_again_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {"keywords": _("Names and words used for it in any language, separated by commas.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaign = self.instance.campaign
        self.fields["narrative"].queryset = campaign.narratives.order_by("slug")  # type: ignore[attr-defined]  # a model choice has one
        self.fields["topics"].queryset = campaign.topics.order_by("slug")  # type: ignore[attr-defined]  # a model choice has one
        if self.instance.current_version_id:
            self.fields["slug"].disabled = True
            self.fields["slug"].help_text = _("Its page has this address, so it cannot be changed.")
        else:
            del self.fields["what_changed"]
        self.boxed()

    def clean_slug(self) -> str:
        """Refuse a short name that another claim has, of any campaign: it is the address of its page."""
        slug = self.cleaned_data["slug"]
        others = Claim.objects.filter(slug=slug).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("Another claim has this short name. Choose another one."))
        return slug

    def clean(self) -> dict[str, Any]:
        """Refuse texts that nobody would read to their end; `params` of each error names the language."""
        cleaned = super().clean() or self.cleaned_data
        for name, most in MOST.items():
            for code, words in list((cleaned.get(name) or {}).items()):
                if len(words) > most:
                    says = _("%(language)s: %(length)s characters; the limit is %(most)s. Shorten it.")
                    about = {"language": language_heading(code), "length": len(words), "most": most, "code": code}
                    self.add_error(name, forms.ValidationError(says, params=about))
        return cleaned

    def about(self) -> list[forms.BoundField]:
        """Return the fields that are no texts."""
        return [self[name] for name in ABOUT]


class EvidenceForm(Boxed, forms.ModelForm):
    """A source."""

    class Meta:
        model = Evidence
        fields = ["publisher", "title", "url", "language", "quote", "published_on"]
        widgets = {
            "quote": forms.Textarea(attrs={"rows": 2}),
            "published_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, auto_id=f"id_source_{getattr(kwargs.get('instance'), 'pk', None) or 'new'}_%s", **kwargs
        )
        self.boxed()

    def clean_url(self) -> str:
        """Refuse an address that is none of a web page, one with a password, and one that the claim has already."""
        url = self.cleaned_data["url"]
        if (why := verdict_checks.closed(url)) in {"no", "password"}:
            raise forms.ValidationError(f"{verdict_checks.describe_closed(why)} {gettext('Use a public address.')}")
        others = Evidence.objects.filter(claim=self.instance.claim_id, url=url).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("This source has already been added."))
        return url


class SightingForm(Boxed, forms.ModelForm):
    """Where someone saw a claim."""

    class Meta:
        model = Sighting
        fields = ["platform", "channel", "url", "reach", "seen_on", "language", "note"]
        widgets = {
            "note": forms.Textarea(attrs={"rows": 2}),
            "seen_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, languages: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_seen_%s", **kwargs)
        codes = list(dict.fromkeys([*languages, *(code for code, _name in settings.LANGUAGES)]))
        self.fields["language"].initial = codes[0] if codes else ""
        self.boxed()


class NarrativeForm(forms.ModelForm):
    """A narrative of a campaign, which the desk sets on the class: the row has none before it is stored."""

    campaign: Campaign | None = None

    def clean_slug(self) -> str:
        """Refuse a short name that another narrative of the campaign has."""
        slug = self.cleaned_data["slug"]
        if Narrative.objects.filter(campaign=self.campaign, slug=slug).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another narrative has this short name. Choose another one."))
        return slug
