"""Languages: in which one the site answers a reader."""

import pytest
from django.utils.translation import override

from lib.text.languages.languages import languages_listed, site_language


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


def test_a_line_of_languages_begins_with_one_and_goes_on_as_inside_a_sentence():
    with override("fi"):
        assert languages_listed(["fi", "sv", "en"]) == "Suomi, ruotsi, englanti"
    with override("en"):
        assert languages_listed(["sv", "en"]) == "Swedish, English"
    assert languages_listed([]) == ""
