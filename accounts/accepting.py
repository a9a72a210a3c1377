"""Which addresses people can take part with, whether they write them themselves or a file brings them."""

from django import forms
from django.core.validators import EmailValidator


class MailAddress(EmailValidator):
    """Refuses what mail cannot reach from outside: a domain without a dot, and numbers in brackets instead of one."""

    def validate_domain_part(self, domain_part: str) -> bool:
        """Tell whether a domain has a name with a dot."""
        return not domain_part.startswith("[") and super().validate_domain_part(domain_part)


validate_address = MailAddress(allowlist=[])


class AddressField(forms.EmailField):
    """An address that somebody can take part with."""

    default_validators = [validate_address]
