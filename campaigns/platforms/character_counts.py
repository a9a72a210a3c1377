"""
How long a text is, as each platform counts. static/js/count.js counts the same way while someone types: it is given
what a link is and what X makes of it, and a test compares the two.
"""

import re
import unicodedata
from collections.abc import Sequence

from ..models import PlatformLimit
from . import sms_parts

Counted = PlatformLimit.CountedIn


# The characters with the property Emoji (Unicode 17), without digits, # and *, flag letters, skin tones, © and ®.
_EMOJI = """
203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0 25FB-25FE
2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653 265F-2660
2663 2665-2666 2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE 26C4-26C5
26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 2708-270D 270F 2712 2714 2716 271D 2721
2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C
2B50 2B55 3030 303D 3297 3299 1F004 1F0CF 1F170-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F201-1F202 1F21A 1F22F
1F232-1F23A 1F250-1F251 1F300-1F321 1F324-1F393 1F396-1F397 1F399-1F39B 1F39E-1F3F0 1F3F3-1F3F5 1F3F7-1F3FA
1F400-1F4FD 1F4FF-1F53D 1F549-1F54E 1F550-1F567 1F56F-1F570 1F573-1F57A 1F587 1F58A-1F58D 1F590 1F595-1F596
1F5A4-1F5A5 1F5A8 1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE 1F5E1 1F5E3 1F5E8 1F5EF 1F5F3 1F5FA-1F64F
1F680-1F6C5 1F6CB-1F6D2 1F6D5-1F6D8 1F6DC-1F6E5 1F6E9 1F6EB-1F6EC 1F6F0 1F6F3-1F6FC 1F7E0-1F7EB 1F7F0 1F90C-1F93A
1F93C-1F945 1F947-1F9FF 1FA70-1FA7C 1FA80-1FA8A 1FA8E-1FAC6 1FAC8 1FACD-1FADC 1FADF-1FAEA 1FAEF-1FAF8
""".split()
_SIGN = "".join("-".join(f"\\U{int(end, 16):08X}" for end in run.split("-")) for run in _EMOJI)
_ONE = f"(?:[©®]\ufe0f|[{_SIGN}](?!\ufe0e)(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?)(?:[\U000e0020-\U000e007e]+\U000e007f)?"
EMOJI = re.compile(f"[#*0-9]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:\u200d{_ONE})*")

# What X makes a link of: an address, or a bare name under a country's ending or a common other one.
_COUNTRIES = (
    "ac|ad|ae|af|ag|ai|al|am|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bm|bn|bo|br|bs|bt|bw|by|bz|ca|cc|cd"
    "|cf|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cv|cw|cx|cy|cz|de|dj|dk|dm|do|dz|ec|ee|eg|er|es|et|eu|fi|fj|fk|fm|fo|fr|ga|gd|ge"
    "|gf|gg|gh|gi|gl|gm|gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|io|iq|ir|is|it|je|jm|jo|jp|ke|kg|kh"
    "|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|mg|mh|mk|ml|mm|mn|mo|mp|mq|mr|ms|mt|mu|mv|mw"
    "|mx|my|mz|na|nc|ne|nf|ng|ni|nl|no|np|nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|pm|pn|pr|ps|pt|pw|py|qa|re|ro|rs|ru|rw|sa|sb"
    "|sc|sd|se|sg|sh|si|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|td|tf|tg|th|tj|tk|tl|tm|tn|to|tr|tt|tv|tw|tz|ua|ug|uk"
    "|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|zm|zw"
)
_OTHERS = "com|org|net|info|edu|gov|int|mil|biz|name|app|dev|online|site|blog|news|shop|social|tech|video|live|page"
_LATIN = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_LABEL = f"[a-z0-9{_LATIN}](?:[a-z0-9_{_LATIN}-]*[a-z0-9{_LATIN}])?"
_PATH = rf"(?:/(?:[a-z0-9!*';:=+,.$/%#\[\]\u2013_~@|&{_LATIN}()-]*[a-z0-9=_#/+{_LATIN})-])?)?"
_QUERY = r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]_.,~|-]*[a-z0-9_&=#/-])?"
LINK = re.compile(
    rf"(?<![a-z0-9@$#_./\u202a-\u202e{_LATIN}-])"
    rf"(?:https?://(?:{_LABEL}\.)+[a-z{_LATIN}]{{2,}}|(?:{_LABEL}\.)+(?:{_OTHERS}|{_COUNTRIES}))"
    rf"(?![a-z0-9@{_LATIN}])(?::[0-9]+)?{_PATH}{_QUERY}",
    re.IGNORECASE,
)
LINK_ON_X = 23
LINK_ON_MASTODON = 23
LIGHT_ON_X = ((0x0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))  # code points that count as one
SCHEME = re.compile(r"https?://", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w@/])(@\w{1,30})@[\w.-]{1,253}\w")
JOINERS = "\u200c\u200d"
# What static/js/count.js is given with the page, so that it weighs links, characters and text messages as they are weighed here.
FOR_THE_PAGE = {
    "link": LINK.pattern,
    "weight": LINK_ON_X,
    "mastodon": LINK_ON_MASTODON,
    "light": LIGHT_ON_X,
    "sms": sms_parts.FOR_THE_PAGE,
}


def length(value: str | Sequence[str], counted_in: str) -> int:
    """
    Return the length of a text in the unit `counted_in`, one of PlatformLimit.CountedIn; in items the number of a
    list's items, or of a text's links. A list that is counted in characters is counted as YouTube counts tags.

    Raise ValueError for a unit that does not measure text.
    """
    if counted_in == Counted.ITEMS:
        return len(LINK.findall(value)) if isinstance(value, str) else len(value)
    text = value if isinstance(value, str) else as_tags(value)
    if counted_in == Counted.CODE_POINTS:
        return len(text)
    if counted_in == Counted.UTF16_UNITS:
        return len(text.encode("utf-16-le")) // 2
    if counted_in == Counted.UTF8_BYTES:
        return len(text.encode())
    if counted_in == Counted.UTF8_EMOJI:
        return len(EMOJI.sub("", text)) + sum(len(emoji.encode()) for emoji in EMOJI.findall(text))
    if counted_in == Counted.X_WEIGHTED:
        return x_weighted(text)
    if counted_in == Counted.GRAPHEMES:
        return graphemes(text)
    if counted_in == Counted.MASTODON:
        return mastodon_length(text)
    if counted_in == Counted.SMS_PARTS:
        return sms_parts.count(text)
    raise ValueError(f"Text is not counted in {counted_in}.")


def as_tags(tags: Sequence[str]) -> str:
    """Return tags as YouTube counts them: with commas between, and quotes around those with a space."""
    return ",".join(f'"{tag}"' if " " in tag else tag for tag in tags)


def x_weighted(text: str) -> int:
    """
    Return the length of a post as X weighs it: 23 for a link, 2 for an emoji however it is composed, 1 or 2 for any
    other character, after NFC. Source: twitter-text, configuration version 3.
    """
    plain, links = LINK.subn("", unicodedata.normalize("NFC", text))
    plain, emoji = EMOJI.subn("", plain)
    return LINK_ON_X * links + 2 * emoji + sum(1 if is_light_on_x(sign) else 2 for sign in plain)


def graphemes(text: str) -> int:
    """
    Return how many signs people see (Unicode, annex 29): an emoji is one however it is composed, and so is a letter with its marks.
    Of some signs of India, and of old Korean ones, it counts more than there are, never fewer.
    """
    plain, emoji = EMOJI.subn("", unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return emoji + sum(unicodedata.category(sign)[0] != "M" and sign not in JOINERS for sign in plain)


def mastodon_length(text: str) -> int:
    """
    Return the length of a post as Mastodon counts it: signs that people see, 23 for a link with its scheme, and of an account on
    another server only the name. Source: StatusLengthValidator of Mastodon 4.5.
    """
    plain = LINK.sub(lambda found: "x" * LINK_ON_MASTODON if SCHEME.match(found[0]) else found[0], text)
    return graphemes(MENTION.sub(r"\1", plain))


def is_light_on_x(sign: str) -> bool:
    """Return whether X counts a character as one (twitter-text, configuration version 3)."""
    return any(first <= ord(sign) <= last for first, last in LIGHT_ON_X)
