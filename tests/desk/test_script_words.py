"""The scripts of forms say in Finnish and Swedish what Django has in English only."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "words"), [("fi", "palvelimen"), ("sv", "serverns")])
def test_the_zone_of_times_is_said_in_the_readers_language(
    alma: Any, signed_in: Any, language: str, words: str
) -> None:
    alma.language = language
    alma.save()
    with override(language):
        said = signed_in(alma).get(reverse("admin:jsi18n"), headers={"Accept-Language": language}).content.decode()
    assert f'"server": "{words}"' in said and "timezone. (You are %(offset)s hour ahead.)" in said
