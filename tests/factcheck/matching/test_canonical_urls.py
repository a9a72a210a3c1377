"""An address is compared in one form, however someone gives it."""

import pytest

from factcheck.matching import canonical_urls


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", ""),
        ("   ", ""),
        ("not an address", ""),
        ("javascript:alert(1)", ""),
        ("mailto:somebody@example.org", ""),
        ("https://[::1", ""),
        ("https://example.org:99999/a", ""),
        ("HTTPS://WWW.Example.org/Path/", "example.org/Path"),
        ("http://example.org:80/a#b", "example.org/a"),
        ("https://user:secret@example.org:8443/a", "example.org:8443/a"),
        ("example.org/a?utm_source=x&b=2&a=1&fbclid=y", "example.org/a?a=1&b=2"),
        ("https://example.org/index.html", "example.org"),
        ("https://m.youtube.com/watch?v=abcdefghijk&t=20s", "youtube.com/video/abcdefghijk"),
        ("https://youtu.be/abcdefghijk?si=share", "youtube.com/video/abcdefghijk"),
        ("https://www.youtube.com/shorts/abcdefghijk", "youtube.com/video/abcdefghijk"),
        ("https://twitter.com/somebody/status/123?s=20", "x.com/status/123"),
        ("https://x.com/i/web/status/123", "x.com/status/123"),
        ("https://www.instagram.com/somebody/reel/AbC_1/?igsh=z", "instagram.com/p/AbC_1"),
        ("https://www.tiktok.com/@somebody/video/123?is_from_webapp=1", "tiktok.com/video/123"),
        ("https://t.me/s/channel/12", "t.me/channel/12"),
        ("https://web.archive.org/web/2020/https://www.example.org/a", "example.org/a"),
        ("https://päiväkoti.example/ä", "xn--pivkoti-5wac.example/%C3%A4"),
        ("https://xn--pivkoti-5wac.example/%C3%A4", "xn--pivkoti-5wac.example/%C3%A4"),
    ],
)
def test_an_address_is_compared_without_what_varies(url, key):
    assert canonical_urls.url_key(url) == key


def test_long_addresses_stay_different_and_short_enough():
    one, other = (canonical_urls.url_key(f"https://example.org/{'a' * 900}{end}") for end in "bc")

    assert one != other
    assert len(one) <= 500
