"""Characters that become many when they are composed (NFKC, NFC, lower case) cost a public form no more than others do."""

import time
from typing import Any

import pytest
from django.test import Client

from tests.attacks.test_fuzz import FORMS
from website.check_text import matcher
from website.check_text.forms import CheckForm

from . import measure

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

GROWING = "\ufdfa\u0390\u0344\u1e9e"  # 18 characters in NFKC, three in full lower case, two in NFC, two in lower case
OCTETS = 2_000_000  # a form may have 2.5 MB besides its files
SECONDS = 1  # of processor time, for one post; 800,000 of the first character alone took 2.8
MEGABYTES = 64  # for one post, its own 2 MB and the page that answers included; they took a gigabyte


@pytest.mark.parametrize("path", FORMS)
def test_no_field_of_a_public_form_grows_without_end(campaign: Any, roles: None, path: str):
    client = Client(raise_request_exception=False)
    client.get(path)  # what is imported and kept for the first answer is no field's
    filling = {sign: sign * (OCTETS // len(sign.encode())) for sign in GROWING[: 1 if len(FORMS[path]) > 4 else None]}
    wrong = []
    for name in FORMS[path]:
        for sign, text in filling.items():
            before, began = measure.peak(forget=True), time.process_time()
            answer = client.post(path, {name: text})
            seconds, more = time.process_time() - began, (measure.peak() - before) / measure.MEGABYTE
            if answer.status_code >= 500 or seconds > SECONDS or more > MEGABYTES:
                wrong.append(f"{name}, {sign!r}: {answer.status_code}, {seconds:.1f} s, {more:.0f} MB")
    assert wrong == []


def test_a_text_that_is_far_too_long_is_refused_before_it_is_cleaned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(matcher, "clean", lambda text: pytest.fail("It was cleaned first."))
    form = CheckForm({"text": "\ufdfa" * (matcher.LONGEST_TYPED + 1)})
    assert "the text has 10001 characters" in form.errors["text"][0]
