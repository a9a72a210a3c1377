"""The notification hook."""

import hashlib
import hmac
import json

import pytest

from notifications import sending
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


def test_the_hook_gets_one_signed_sentence_and_no_words_of_the_input(campaign, alma, minna, authority, hook):
    row = builders.build_input(campaign, authority=authority, by=minna, urgency="elevated", title="Salainen")
    assert sending.deliver_notices(at=NOON) == 1

    [(headers, body)] = hook.got
    said = json.loads(body)
    assert set(said) == {"text", "kind", "urgency", "url", "campaign", "at"}
    assert (said["kind"], said["urgency"], said["campaign"]) == ("input_arrived", "elevated", campaign.slug)
    assert row.reference in said["text"] and said["url"] in said["text"] and said["text"].startswith("[")
    assert "Salainen" not in body.decode() and "minna" not in body.decode().lower()
    signed = f"{headers['X-Timestamp']}.".encode() + body
    assert headers["X-Timestamp"] == str(int(NOON.timestamp()))
    expected = hmac.new(b"a secret of twenty letters", signed, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={expected}"
