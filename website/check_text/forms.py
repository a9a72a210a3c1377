"""The form in which anyone checks a text."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.intake.forms import dress
from lib.images.picture_inputs import PictureInput
from lib.text.characters import visible_text

from . import matcher, pictures


class SeenText(forms.CharField):
    """A text as it is seen: characters that nobody sees are left out before it is looked at."""

    def to_python(self, value: Any) -> str:
        """Return the text without them; one that is far too long anyway as it came, cleaning can make it 18 times as long."""
        text = super().to_python(value) or ""
        return text if len(text) > matcher.LONGEST_TYPED else visible_text.clean(text).strip()


class CheckForm(forms.Form):
    """A text that someone wants to have compared with what was published. It is stored nowhere."""

    text = SeenText(
        label=gettext_lazy("The text"),
        help_text=gettext_lazy("A post, a caption or a message you received. Links are compared too."),
        max_length=matcher.LONGEST,
        # A browser's own spelling check may send what is typed elsewhere.
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("There is no text yet. Paste it here."),
            "max_length": gettext_lazy(
                "Not checked: the text has %(show_value)d characters, and at most %(limit_value)d can "
                "be compared. Keep only the part that matters."
            ),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)  # it would cut off a pasted text without a word
        dress(self)


class PictureForm(forms.Form):
    """A picture that someone wants to have compared with ours. It is stored nowhere."""

    picture = forms.FileField(
        label=gettext_lazy("The picture"),
        help_text=gettext_lazy("A JPEG, PNG or WebP of up to 12 MB. A screenshot will do."),
        max_length=1000,  # of its name, which is of no interest
        widget=PictureInput(megabytes=12),
        error_messages={
            "required": gettext_lazy("There is no picture yet. Choose one."),
            "empty": gettext_lazy("The file is empty. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_picture(self) -> bytes:
        """Return the picture's bytes."""
        upload = self.cleaned_data["picture"]
        if upload.size > pictures.MOST_BYTES:
            raise forms.ValidationError(
                _("Not checked: the picture is larger than 12 MB. Make it smaller, or take a screenshot of it.")
            )
        return bytes(upload.read())
