"""Languages: in which one the site answers a reader."""

import pytest

from lib.text.languages import site_language


@pytest.mark.parametrize(
    ("codes", "language"),
    [
        (["sv", "fi"], "sv"),
        (["", "fi"], "fi"),
        (["sv-FI"], "sv"),
        (["se", "fi", "sv"], "fi"),
        (["se", ""], "en"),
        ([], "en"),
    ],
)
def test_the_site_answers_in_the_first_language_that_it_has(codes, language):
    assert site_language(*codes) == language
