"""A text as people see it, without the characters that nobody sees."""

import unicodedata


def clean(text: str) -> str:
    """Return a text without characters that nobody sees (they could hide a likeness), each look-alike width as usual."""
    seen = "".join(" " if unicodedata.category(sign) == "Cc" and sign != "\n" else sign
                   for sign in unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\x00", ""))
                   if unicodedata.category(sign) not in {"Cf", "Cs", "Co", "Cn"})  # fmt: skip
    return seen


# Signs that turn round the order in which what follows is read, and NUL, which no database keeps; for `str.translate`.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0])

# Shown as nothing wherever they stand: soft hyphens, spaces without width, byte order marks and the like.
_NOTHING = "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_JOINERS = "\u200c\u200d"
_DROP = dict.fromkeys(map(ord, _NOTHING))


def seen(text: str) -> str:
    """
    Return a text by which two are the same when people see no difference: spaces, line ends, invisible characters and how an accent is
    stored do not count. Inside an address or a hashtag every character counts, for it leads elsewhere, and so does a joiner
    where a script or an emoji needs it.
    """
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line for line in (" ".join(filter(None, map(_seen_word, line.split()))) for line in lines) if line)


def seen_in(content: object) -> object:
    """Return what is stored of many texts, each as `seen` has it."""
    if isinstance(content, str):
        return seen(content)
    if isinstance(content, list):
        return [seen_in(one) for one in content]
    return {key: seen_in(one) for key, one in content.items()} if isinstance(content, dict) else content


def _seen_word(word: str) -> str:
    word = word.strip(_NOTHING)
    if word[:1] in {"#", "@"} or "://" in word:
        return word
    word = word.translate(_DROP)
    if not any(sign in word for sign in _JOINERS):
        return word
    return "".join(sign for at, sign in enumerate(word) if sign not in _JOINERS or _joins(word[:at], word[at + 1 :]))


def _joins(before: str, after: str) -> bool:
    """Return whether a joiner changes what is seen: after a letter of a script that joins its letters, and between emoji."""
    kind = unicodedata.category(before[-1]) if before else ""
    if kind in {"Lo", "Mc"} or (kind == "Mn" and before[-1] != "\ufe0f"):
        return True
    return (
        before[-1:] == "\ufe0f" or kind in {"So", "Sk"} if after and unicodedata.category(after[0]) == "So" else False
    )
