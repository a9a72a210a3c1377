"""
Whether words may stand in the place of one of the site's texts. They come from people outside the code and go into pages, mails and
headers as they are: no mark-up, placeholder or line that the source has not.
"""

import re
import unicodedata
from collections import Counter

from django.utils.translation import gettext as _

from .site_texts import Entry

MOST = 300  # characters that words may always have; else four times those of their source
FEW = {"zero", "one", "two"}  # forms that may say their number in words
ISOLATES = re.compile("[\u2066-\u2069]")  # around placeholders in a field; never stored
NAMED = re.compile(r"%\((\w{1,60})\)[#0\- +]*+\d*+(?:\.\d++)?([diouxXeEfFgGcrsa])")
BARE = re.compile(r"%(?:[#0\- +]*+\d*+(?:\.\d++)?([diouxXeEfFgGcrsa%])|)")
BRACES = re.compile(r"\{[^{}]*+\}")
PLACES = re.compile(rf"{NAMED.pattern}|{BRACES.pattern}")
MARKUP = re.compile(r"<[^<>]*+>|&#?\w{1,12};")
# What turns writing around for more than its own place; marks of one place and joiners may stand.
TURNING = re.compile("[\u202a-\u202e]")


def cleaned(text: str) -> str:
    """Return words as they are stored."""
    return ISOLATES.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n"))).strip()


def isolated(text: str) -> str:
    """Return words for a field that is written from right to left: each placeholder keeps its own direction there."""
    return PLACES.sub("\u2066\\g<0>\u2069", text)


def fault(entry: Entry, form: str, text: str) -> str:
    """Return, in a sentence, why words may not stand for a text, or for its `form` of so many; "" when they may."""
    source = entry.plural if entry.plural and form not in FEW else entry.source
    sources = [entry.source, entry.plural] if entry.plural else [entry.source]
    return (
        signs_fault(text, source)
        or placeholder_fault(text, sources, form)
        or markup_fault(text, sources)
        or (_("It is too long.") if len(text) > max(MOST, 4 * len(source)) else "")
    )


def signs_fault(text: str, source: str) -> str:
    """Return what is wrong with signs that nobody sees."""
    if TURNING.search(text):
        return _("It has a sign that turns the direction of what follows. Type the words anew.")
    for sign in text:
        kind = unicodedata.category(sign)
        if kind in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} and not (sign == "\n" and "\n" in source):
            return _("It has a sign that cannot be shown, or a new line where the source has none.")
    return ""


def placeholder_fault(text: str, sources: list[str], form: str) -> str:
    """Return which placeholder is missing, or is none of the source's."""
    wanted = [_placeholders(source) for source in sources]
    told = _placeholders(text)
    allowed = wanted[-1] | wanted[0]
    for name in told:
        if name not in allowed:
            return _("%(name)s is not in the source. Take it out, or write it as it stands there.") % {"name": name}
    needed = wanted[0] if len(wanted) == 1 else wanted[-1]
    missing = [name for name in needed if told[name] < needed[name]]
    if form in FEW and len(missing) == 1 and len(wanted) > 1:
        missing = []  # "one question" needs no number
    if missing:
        return _("%(name)s is missing. Put it where its value belongs.") % {"name": missing[0]}
    if any(name[:2] != "%(" and name[0] == "%" and told[name] > allowed[name] for name in told):
        return _("A percent sign stands where the source has none, or not as the source writes it.")
    return ""


def _placeholders(text: str) -> Counter[str]:
    """Return each placeholder of a text, as it is written, and how often; a % sign that is none counts as such."""
    found: Counter[str] = Counter(f"%({match[1]}){match[2]}" for match in NAMED.finditer(text))
    rest = NAMED.sub("", text)
    found.update("%%" if match[0] == "%%" else f"%{match[1] or ''}" for match in BARE.finditer(rest))
    found.update(BRACES.findall(rest))
    found.update(sign for sign in BRACES.sub("", rest) if sign in "{}")
    return found


def markup_fault(text: str, sources: list[str]) -> str:
    """Return what mark-up stands where the source has none."""
    told = Counter(MARKUP.findall(text))
    if all(told != Counter(MARKUP.findall(source)) for source in sources):
        return _("The mark-up is not that of the source: write its <…> and &…; exactly as they stand there.")
    if all(_signs(text) - _signs(source) for source in sources):
        return _('It has <, >, & or ". Use other signs, for example quotation marks as your language has them.')
    return ""


def _signs(text: str) -> Counter[str]:
    """Return the signs outside mark-up that would be read as mark-up: an arrow of the source's own may stand."""
    return Counter(sign for sign in MARKUP.sub("", text) if sign in '<>&"')
