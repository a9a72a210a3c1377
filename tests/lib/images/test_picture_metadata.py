"""A picture's file says where it comes from, in words that other programs know."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from lib.images.picture_metadata import PictureFields, with_fields

FIELDS = PictureFields(
    language="fi",
    title="Faktaa & <muuta>",
    alt_text="Rajan saa ylittää.",
    source="Lähde: valtioneuvosto.fi",
    credit="Valtioneuvoston kanslia",
    check_url="https://faktaa.example/c/7K2F9QTD",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    valid_until=datetime(2026, 12, 2, 16, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("JPEG", "RGB", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
    ],
)
def test_every_field_is_read_back_by_another_program_and_no_pixel_changes(kind: str, mode: str, options: Any) -> None:
    out = io.BytesIO()
    shade = Image.linear_gradient("L").convert("RGBA")
    shade.putalpha(Image.radial_gradient("L"))
    shade.convert(mode).save(out, kind, **options)

    with (
        Image.open(io.BytesIO(out.getvalue())) as before,
        Image.open(io.BytesIO(with_fields(out.getvalue(), FIELDS))) as after,
    ):
        assert (before.mode, before.tobytes()) == (after.mode, after.tobytes())
        said = after.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert said["Source"] == FIELDS.source and said["Credit"] == FIELDS.credit
    assert said["WebStatement"] == FIELDS.licence_url == said["license"]["resource"]
    assert said["identifier"] == FIELDS.check_url
    assert said["expirationDate"] == "2026-12-02T16:00:00+00:00"
    assert said["title"]["Alt"]["li"][0]["text"] == FIELDS.title
    assert said["AltTextAccessibility"]["Alt"]["li"][1] == {"lang": "fi", "text": FIELDS.alt_text}


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="PNG, JPEG or WebP"):
        with_fields(b"GIF89a", FIELDS)
