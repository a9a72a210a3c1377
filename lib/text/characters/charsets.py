"""
Encodings that texts from outside are written in. Python knows many more names, some of which are no encodings of a text,
and some of which take a time that grows with the square of its length (punycode).
"""

import codecs
import re

LONGEST_NAME = 40
KNOWN = re.compile(
    r"ascii|utf-8|utf-16(-[lb]e)?|cp125\d|cp866|cp874|cp9(32|49|50)|iso8859-\d+|koi8-[ru]|mac-(roman|cyrillic)|gbk|gb18030|gb2312"
    r"|big5(hkscs)?|euc_(jp|kr)|shift_jis|iso2022_jp"
)
# As browsers read them (WHATWG Encoding): Latin-1 means Windows-1252.
AS_BROWSERS = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk", "shift_jis": "cp932"}


def python_name(label: str) -> str:
    """Return Python's name of an encoding that texts are written in, "" for any other."""
    if len(label) > LONGEST_NAME:
        return ""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    return AS_BROWSERS.get(name, name) if KNOWN.fullmatch(name) else ""


def text_of(raw: bytes, label: str, *, most: int) -> str:
    """
    Return the first `most` characters of bytes, in the encoding that they are said to be in or else are most likely in. No
    more bytes than so many characters can have are decoded; ASCII means UTF-8.
    """
    start = raw[: 4 * most]
    said = python_name(label)
    for encoding in (said if said != "ascii" else "", "utf-8", "cp1252"):
        try:
            if encoding:
                # A character that the cut went through is no mistake of its writer's.
                return codecs.getincrementaldecoder(encoding)().decode(start, final=len(start) == len(raw))[:most]
        except UnicodeDecodeError:
            continue
    return start.decode("utf-8", "replace")[:most]
