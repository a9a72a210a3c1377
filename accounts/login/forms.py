"""allauth's forms of logging in, with our limits: each code works once, whatever happens at the same moment."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms

from . import login_limits, login_links
from .codes import DIGITS


class RequestLoginCodeForm(account_forms.RequestLoginCodeForm):
    """Asking for a code: so many an hour. Who comes by a link that was sent to them, to the address `known`, need not type it."""

    def __init__(self, *args: Any, known: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        self.fields["email"].required = not known

    def clean_email(self) -> str:
        """Count it before the address is looked up."""
        address = self.cleaned_data["email"] = self.cleaned_data["email"] or self.known
        if not login_limits.may_ask_for_code(context.request, address):
            raise get_adapter().validation_error("rate_limited")
        cleaned: str = super().clean_email()
        return cleaned


class ConfirmLoginCodeForm(account_forms.ConfirmLoginCodeForm):
    """The code from the mail, or the link from it, pasted: five guesses, and it works once."""

    digits = DIGITS  # a browser sends the form as soon as so many are there (static/js/whole_code.js)

    def clean_code(self) -> str:
        """Take the code, so that nobody else can, and nobody else's guess at this moment comes uncounted."""
        request = context.request
        code: str = self.cleaned_data["code"]
        token = login_links.token_in(code)
        if token and login_links.fits(request, token):
            use_once(self.expected_code, login_links.BY_LINK)
            return code
        if not login_limits.GUESSES_OF_CODE.allow(f"{request.session.session_key} {self.expected_code}"):
            raise get_adapter().validation_error("too_many_login_attempts")
        owner = login_links.kept_in(request).get("email", "")
        if not login_limits.may_guess_code(request, owner):
            raise get_adapter().validation_error("only_by_link")
        code = super().clean_code()
        login_limits.note_right_code(request, owner)
        use_once(self.expected_code, login_links.BY_CODE)
        return code


class LoginLinkForm(forms.Form):
    """The button on the page of the link: nothing is typed."""

    def __init__(self, *args: Any, code: str, token: str, **kwargs: Any) -> None:
        self.expected_code, self.token = code, token
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Take the link, so that nobody else can, and the code with it."""
        if not login_links.fits(context.request, self.token):
            raise get_adapter().validation_error("incorrect_code")
        use_once(self.expected_code, login_links.BY_LINK)
        return {}


def use_once(code: str, way: str) -> None:
    """Use up the mail's code and link, both, by one of them. Raise ValidationError for whoever comes second."""
    request = context.request
    if not code or not login_limits.USES_OF_CODE.allow(f"{request.session.session_key} {code}"):
        raise get_adapter().validation_error("incorrect_code")
    login_links.note_way(request, way)
