"""
What a picture's file says of itself, for whoever opens it elsewhere: source, credit, rights, where it can be checked, until
when it holds. As XMP with the fields of IPTC's photo metadata standard, put into a finished file: no pixel changes.
"""

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from .uploaded_images import PNG, declared_size

JPEG = b"\xff\xd8\xff"
IN_JPEG = b"http://ns.adobe.com/xap/1.0/\x00"
LARGEST_IN_JPEG = 65_000  # octets: what a segment holds
HAS_XMP, HAS_ALPHA = 0x04, 0x10  # flags of a WebP's extended header
# Drawn from words that people wrote, without a model that learned from pictures: IPTC's word for it.
DIGITAL_CREATION = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"


@dataclass(frozen=True, slots=True)
class PictureFields:
    """
    What a file says, in `language`: `credit` is who is responsible, `check_url` the page that tells whether it holds,
    `licence_url` that of the licence under which it may be passed on. "" is left out.
    """

    language: str
    title: str
    alt_text: str
    source: str
    credit: str
    check_url: str = ""
    licence_url: str = ""
    valid_until: datetime | None = None


def xmp(fields: PictureFields) -> bytes:
    """Return the fields as an XMP packet."""
    language = quoteattr(fields.language)
    end = fields.valid_until.isoformat(timespec="seconds") if fields.valid_until else ""

    def plain(name: str, value: str) -> str:
        return f"<{name}>{escape(value)}</{name}>" if value else ""

    def alternatives(name: str, value: str) -> str:
        said = escape(value)
        items = f'<rdf:li xml:lang="x-default">{said}</rdf:li><rdf:li xml:lang={language}>{said}</rdf:li>'
        return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>" if value else ""

    def address(name: str, value: str) -> str:
        return f"<{name} rdf:resource={quoteattr(value)}/>" if value else ""

    inside = "".join(
        (
            alternatives("dc:title", fields.title),
            alternatives("dc:description", fields.alt_text),
            alternatives("Iptc4xmpCore:AltTextAccessibility", fields.alt_text),
            f"<dc:creator><rdf:Seq><rdf:li>{escape(fields.credit)}</rdf:li></rdf:Seq></dc:creator>",
            f"<dc:language><rdf:Bag><rdf:li>{escape(fields.language)}</rdf:li></rdf:Bag></dc:language>",
            plain("photoshop:Credit", fields.credit),
            plain("photoshop:Source", fields.source),
            plain("dc:identifier", fields.check_url),
            plain("xmpRights:WebStatement", fields.licence_url or fields.check_url),
            address("cc:license", fields.licence_url),
            alternatives("xmpRights:UsageTerms", fields.licence_url),
            plain("prism:expirationDate", end),
            plain("Iptc4xmpExt:DigitalSourceType", DIGITAL_CREATION),
        )
    )
    spaces = " ".join(
        f'xmlns:{name}="{url}"'
        for name, url in {
            "dc": "http://purl.org/dc/elements/1.1/",
            "photoshop": "http://ns.adobe.com/photoshop/1.0/",
            "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
            "cc": "http://creativecommons.org/ns#",
            "prism": "http://prismstandard.org/namespaces/basic/2.0/",
            "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
            "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        }.items()
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def with_fields(picture: bytes, fields: PictureFields) -> bytes:
    """Return a PNG, JPEG or WebP that says so. Raise ValueError for any other file."""
    packet = xmp(fields)
    if picture.startswith(PNG):
        return _in_png(picture, packet)
    if picture.startswith(JPEG):
        return _in_jpeg(picture, packet)
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return _in_webp(picture, packet)
    raise ValueError("This is not a PNG, JPEG or WebP.")


def _in_png(picture: bytes, packet: bytes) -> bytes:
    content = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + packet  # not packed, no language, no keyword in it
    chunk = b"iTXt" + content
    at = len(PNG) + 25  # after the header
    length, check = struct.pack(">I", len(content)), struct.pack(">I", zlib.crc32(chunk))
    return picture[:at] + length + chunk + check + picture[at:]


def _in_jpeg(picture: bytes, packet: bytes) -> bytes:
    """Put it before all else, or after the header of JFIF where there is one: that has to come first."""
    content = IN_JPEG + packet
    if len(content) > LARGEST_IN_JPEG:
        return picture
    at = 4 + struct.unpack_from(">H", picture, 4)[0] if picture[2:4] == b"\xff\xe0" else 2
    return picture[:at] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + picture[at:]


def _in_webp(picture: bytes, packet: bytes) -> bytes:
    """Add it at the end, and the extended header that announces it."""
    first = picture[12:16]
    if first == b"VP8X":
        body = picture[12:20] + bytes([picture[20] | HAS_XMP]) + picture[21:]
    else:
        width, height = declared_size(picture)
        flags = HAS_XMP | (HAS_ALPHA if first == b"VP8L" and picture[24] & 0x10 else 0)
        sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + sizes + picture[12:]
    body += b"\x00" * (len(body) % 2) + b"XMP " + struct.pack("<I", len(packet)) + packet + b"\x00" * (len(packet) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
