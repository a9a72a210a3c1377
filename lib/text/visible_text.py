"""A text as people see it, without the characters that nobody sees."""

import unicodedata


def clean(text: str) -> str:
    """Return a text without characters that nobody sees (they could hide a likeness), each look-alike width as usual."""
    seen = "".join(" " if unicodedata.category(sign) == "Cc" and sign != "\n" else sign
                   for sign in unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\x00", ""))
                   if unicodedata.category(sign) not in {"Cf", "Cs", "Co", "Cn"})  # fmt: skip
    return seen
