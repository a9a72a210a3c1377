"""What a send is called that waits for a person: one word in each language, and not that of one which somebody paused or stopped."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

HELD = re.compile(
    r"(?i)^held:|\bheld (for review|until|by the preflight)|it is held|be held|times held|(nor|not|was) held|^held, "
)


@pytest.mark.parametrize(("code", "word", "others"), [("fi", "pidät", "pysäyt|keskeytetään"), ("sv", "kvar", "stopp")])
def test_a_send_that_is_held_has_one_word(code, word, others):
    with Path(settings.BASE_DIR, "locale", code, "LC_MESSAGES", "django.po").open("rb") as file:
        catalog = read_po(file)
    texts = [
        text
        for message in catalog
        if HELD.search(message.id[0] if isinstance(message.id, tuple) else message.id)
        for text in (message.string if isinstance(message.string, tuple) else [message.string])
    ]

    assert len(texts) > 15
    assert [text for text in texts if word not in text.lower() or re.search(others, text.lower())] == []
