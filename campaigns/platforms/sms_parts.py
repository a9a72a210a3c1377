"""
Of how many parts a text message is, which is what it costs: GSM-7 where its alphabet has every sign (3GPP TS 23.038, 160 septets or
153 in each of several parts), else UCS-2 (70 units or 67). No sign is divided between two parts.
"""

from dataclasses import dataclass

# The default alphabet, and what takes two septets in its extension.
GSM_7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_DOUBLE = "\f^{}\\[~]|€"
SEPTETS, SEPTETS_OF_SEVERAL = 160, 153
UNITS, UNITS_OF_SEVERAL = 70, 67

_WEIGHTS = dict.fromkeys(GSM_7, 1) | dict.fromkeys(GSM_7_DOUBLE, 2)
# What static/js/count.js is given with the page.
FOR_THE_PAGE = {
    "single": GSM_7,
    "double": GSM_7_DOUBLE,
    "sizes": [SEPTETS, SEPTETS_OF_SEVERAL, UNITS, UNITS_OF_SEVERAL],
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a text message is: its parts, what is used in septets or units of 16 bits, and the signs that make it UCS-2."""

    parts: int
    used: int
    beyond: str = ""


def size_of(text: str) -> Size:
    """Return how large a text message is; of an empty one nothing is sent."""
    beyond = "".join(dict.fromkeys(sign for sign in text if sign not in _WEIGHTS))
    weights = [1 + (ord(sign) > 0xFFFF) for sign in text] if beyond else [_WEIGHTS[sign] for sign in text]
    whole, several = (UNITS, UNITS_OF_SEVERAL) if beyond else (SEPTETS, SEPTETS_OF_SEVERAL)
    used = sum(weights)
    if used <= whole:
        return Size(int(used > 0), used, beyond)
    parts, room = 1, several
    for weight in weights:
        if weight > room:
            parts, room = parts + 1, several
        room -= weight
    return Size(parts, used, beyond)


def count(text: str) -> int:
    """Return of how many parts a text message is."""
    return size_of(text).parts
