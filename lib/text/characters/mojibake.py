"""Words that were read in the wrong encoding and stored so: "Ã…sa" is "Åsa" in UTF-8, read as Windows-1252."""

# What the bytes of a letter in UTF-8 are read as: a first one, and those that follow it. Python's Windows-1252 lacks five.
_BYTES = {bytes([byte]).decode("cp1252", "replace"): byte for byte in range(128, 256)}
_BYTES = {sign: byte for sign, byte in _BYTES.items() if sign != "\ufffd"} | {
    chr(byte): byte for byte in range(128, 160)
}


def repaired_text(text: str) -> str:
    """Return the words that were meant, "" when nothing shows that they are others."""
    if text.isascii() or not any(0xC2 <= _BYTES.get(sign, 0) <= 0xF4 for sign in text):
        return ""
    try:
        raw = b"".join(sign.encode() if sign.isascii() else bytes([_BYTES[sign]]) for sign in text)
        return raw.decode()
    except (KeyError, UnicodeDecodeError):
        return ""
