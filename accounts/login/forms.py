"""allauth's forms of logging in, with our limits: each code works once, whatever happens at the same moment."""

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context

from . import login_limits


class RequestLoginCodeForm(account_forms.RequestLoginCodeForm):
    """Asking for a code: so many an hour."""

    def clean_email(self) -> str:
        """Count it before the address is looked up."""
        address = self.cleaned_data["email"]
        if not login_limits.may_ask_for_code(context.request, address):
            raise get_adapter().validation_error("rate_limited")
        cleaned: str = super().clean_email()
        return cleaned


class ConfirmLoginCodeForm(account_forms.ConfirmLoginCodeForm):
    """The code from the mail: ten guesses, and it works once."""

    def clean_code(self) -> str:
        """Take the code, so that nobody else can, and nobody else's guess at this moment comes uncounted."""
        one = f"{context.request.session.session_key} {self.expected_code}"
        if not login_limits.GUESSES_OF_CODE.allow(one):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        if not login_limits.USES_OF_CODE.allow(one):
            raise get_adapter().validation_error("incorrect_code")
        return code
