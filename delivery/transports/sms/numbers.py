"""
Telephone numbers as people type them, and in the one form that is kept and sent to: E.164, "+358401234567".

The library is imported where a number is read: its data are large, and most processes never need them.
"""

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

REGION = "FI"  # of a number without a country's code
LONGEST = 60  # signs that somebody types for a number, with what stands around it
E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")

NOT_A_NUMBER = _("That is not a telephone number. Write it with the country code, for example +358 40 123 4567.")
TOO_SHORT = _("This number is too short. Check that no digit is missing.")
TOO_LONG = _("This number is too long. Write one number only.")
NO_COUNTRY = "001"  # the region of codes that are no country's: +870 and +881 of satellites, +882 and +883 of networks
NO_SUCH_NUMBER = _("There is no such number in that country. Check each digit and the country code.")
LANDLINE = _("This is a landline number, which takes no text messages. Give a mobile number.")
FOREIGN = _(
    "In Finland this number takes no text messages. Give a mobile number. If it is of another country, begin with + and its code, for example +46."
)
SATELLITE = _(
    "This is the number of a satellite telephone or a network of its own. Messages there cost many times as much. Give a mobile number."
)
SERVICE = _("This is a service number, which takes no text messages. Give a mobile number.")
WHATSAPP_LANDLINE = _("This is a landline number. Give the mobile number with which you use WhatsApp.")
WHATSAPP_FOREIGN = _(
    "In Finland this is no mobile number. Give the one with which you use WhatsApp. If it is of another country, begin with + and its code, for example +46."
)
WHATSAPP_SERVICE = _("This is a service number. Give the mobile number with which you use WhatsApp.")
NO_EXTENSION = _("Give a number that rings at you, without an extension.")
DEAR = _("Calls to this number cost too much. Give another.")
SATELLITE_CALLS = _(
    "This is the number of a satellite telephone or a network of its own. Calls there cost many times as much. Give another."
)


class NotANumber(ValueError):
    """What was typed is no number that is wanted. `words` say what is wrong and what to do, in the reader's language."""

    def __init__(self, words: Promise | str) -> None:
        super().__init__(words)
        self.words = words

    def __str__(self) -> str:
        return str(self.words)


class Refusals(NamedTuple):
    """What is said of numbers that are no mobile numbers, to people who give one for a channel."""

    landline: Promise
    foreign: Promise
    service: Promise


FOR_TEXTS = Refusals(LANDLINE, FOREIGN, SERVICE)
FOR_WHATSAPP = Refusals(WHATSAPP_LANDLINE, WHATSAPP_FOREIGN, WHATSAPP_SERVICE)


def read(text: str, region: str = REGION, says: Refusals = FOR_TEXTS) -> str:
    """
    Return a number as somebody typed it in E.164, where it is a mobile number. Raise NotANumber, with words for people, for anything
    else.
    """
    number = parsed(text, region)
    if number.extension:
        raise NotANumber(says.landline)
    if (refused := why_not(number, says)) is not None:
        raise NotANumber(refused)
    return e164(number)


def read_for_calls(text: str, region: str = REGION) -> str:
    """Return a number as somebody typed it in E.164, where people can be called; landlines too. Raise NotANumber."""
    from phonenumbers import PhoneNumberType as Kind
    from phonenumbers import number_type

    number = parsed(text, region)
    if number.extension:
        raise NotANumber(NO_EXTENSION)
    if number_type(number) in {Kind.PREMIUM_RATE, Kind.SHARED_COST, Kind.PERSONAL_NUMBER, Kind.PAGER, Kind.VOICEMAIL}:
        raise NotANumber(DEAR)
    if is_of_no_country(number):
        raise NotANumber(SATELLITE_CALLS)
    return e164(number)


def e164(number: "PhoneNumber") -> str:
    """Return a number in the form that is kept."""
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parsed(text: str, region: str) -> "PhoneNumber":
    """
    Return a number that exists, as somebody typed it. `region` is the country of a number without its code ("FI").

    Spaces, brackets, hyphens, "tel:", 00 for + and digits of other scripts are read, and words behind the number are left out. Raise
    NotANumber, with words for people.
    """
    import phonenumbers
    from phonenumbers import ValidationResult as Length

    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed or len(typed) > LONGEST:
        raise NotANumber(TOO_LONG if typed else NOT_A_NUMBER)
    try:
        number = phonenumbers.parse(without_note(typed), region, keep_raw_input=True)
    except phonenumbers.NumberParseException as fault:
        short = {fault.TOO_SHORT_NSN, fault.TOO_SHORT_AFTER_IDD}
        words = TOO_SHORT if fault.error_type in short else TOO_LONG if fault.error_type == fault.TOO_LONG else None
        raise NotANumber(words or NOT_A_NUMBER) from fault
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in {Length.TOO_SHORT, Length.TOO_LONG}:
        raise NotANumber(TOO_SHORT if possible == Length.TOO_SHORT else TOO_LONG)
    if not phonenumbers.is_valid_number(number):
        raise NotANumber(NO_SUCH_NUMBER)
    return number


def without_note(typed: str) -> str:
    """Return a number without words behind its last digit: "040 1234567 (home)". The library reads letters as the digits on their keys."""
    end = max((place for place, sign in enumerate(typed, start=1) if sign.isdigit()), default=0)
    return typed[:end] if any(sign.isalpha() for sign in typed[end:]) else typed


def why_not(number: "PhoneNumber", says: Refusals) -> Promise | None:
    """Return why a number that exists is not one of a mobile, None where it is."""
    from phonenumbers import CountryCodeSource as CodeSource
    from phonenumbers import PhoneNumberType as Kind
    from phonenumbers import number_type

    kind = number_type(number)
    if is_of_no_country(number):
        return SATELLITE
    if kind in {Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE}:
        return None
    if kind == Kind.UAN and number.country_code_source == CodeSource.FROM_DEFAULT_COUNTRY:
        return says.foreign  # "070 …" is a mobile number in Sweden
    # Personal numbers of some countries only forward, dear and often by fraud.
    return says.landline if kind in {Kind.FIXED_LINE, Kind.VOIP, Kind.UAN} else says.service


def is_of_no_country(number: "PhoneNumber") -> bool:
    """Return whether a number is a satellite telephone's, or of a network that is no country's: what goes there is dear."""
    from phonenumbers import PhoneNumberType as Kind
    from phonenumbers import number_type, region_code_for_number

    return number_type(number) in {Kind.MOBILE, Kind.VOIP} and region_code_for_number(number) == NO_COUNTRY


def hidden(number: str) -> str:
    """Return a number in E.164 as only its owner knows it again: "+358 … 67"."""
    import phonenumbers

    return f"+{phonenumbers.parse(number, None).country_code} … {number[-2:]}"


def shown(number: str) -> str:
    """Return a number as people write it, "+358 40 123 4567"; what is none as it is."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
