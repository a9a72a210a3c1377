"""Which addresses people can take part with, whether they write them themselves or a file brings them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

LONGEST = 254  # octets of an address, and of what stands before its @ (RFC 5321, 4.5.3.1)
LONGEST_LOCAL = 64


class MailAddress(EmailValidator):
    """
    Refuses what mail cannot reach from outside: a domain without a dot, numbers in brackets instead of one, and what is longer
    than a mail server takes.
    """

    def __call__(self, value: Any) -> None:
        """Raise ValidationError for an address that cannot be taken."""
        super().__call__(value)
        local = str(value).rpartition("@")[0]
        if len(local.encode()) > LONGEST_LOCAL or len(str(value).encode()) > LONGEST:
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def validate_domain_part(self, domain_part: str) -> bool:
        """Return whether a domain has a name with a dot."""
        return not domain_part.startswith("[") and super().validate_domain_part(domain_part)


validate_address = MailAddress(allowlist=[])


class AddressField(forms.EmailField):
    """An address that someone can take part with."""

    default_validators = [validate_address]
