"""
The time of an answer tells nothing about an address: known, unknown, suppressed and blocked ones are asked for in turn, and
their medians lie within ten milliseconds of each other. Counted is what an answer takes of a processor: what others do on the
machine meanwhile is in no answer's time, and nothing here waits for anything else.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Attempt
from delivery.models import Recipient, SignUp, Suppression, address_hash
from influencers.models import Application
from tests.influencers.onboarding.joining_scene import build_door, filled
from tests.support import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow]

ROUNDS = 50  # of each of four kinds of address: 200 requests
CLOSE = 0.010  # seconds
TURNS = 4


@pytest.fixture
def addresses(campaign: Any, roles: None) -> dict[str, str]:
    """An address of each kind: of an influencer, of a subscriber, of nobody, one that left, and one that staff blocked."""
    builders.build_influencer(campaign, "known")
    Suppression.objects.create(address_hash=address_hash("left@example.org"), reason="erased")
    Recipient.objects.create(email="", address_hash=address_hash("left@example.org"), language="fi", state="erased")
    Suppression.objects.create(address_hash=address_hash("blocked@example.org"), reason="staff")
    return {name: f"{name}@example.org" for name in ("known", "unknown", "left", "blocked")}


def medians(addresses: dict[str, str], ask: Callable[[str], Any]) -> dict[str, float]:
    """Return the median of the seconds of a processor that an answer takes for each kind of address, asked in turn."""
    took: dict[str, list[float]] = {kind: [] for kind in addresses}
    answers = set()
    for number in range(ROUNDS + 3):
        for kind, address in addresses.items():
            begun = time.thread_time()
            answer = ask(address)
            spent = time.thread_time() - begun
            answers.add((answer.status_code, answer.get("Location", "")))
            if number >= 3:  # the first ones make what is kept
                took[kind].append(spent)
            Attempt.objects.all().delete()
            SignUp.objects.all().delete()
            Application.objects.all().delete()
    assert len(answers) == 1, answers
    return {kind: statistics.median(each) for kind, each in took.items()}


def assert_close(addresses: dict[str, str], ask: Callable[[str], Any]) -> None:
    """
    Fail when someone with a clock could tell two kinds of addresses apart. A busy machine makes a difference now and
    then; one that is in the code is there each time.
    """
    for _turn in range(TURNS):
        found = medians(addresses, ask)
        if max(found.values()) - min(found.values()) < CLOSE:
            return
    pytest.fail(str({kind: f"{1000 * one:.1f} ms" for kind, one in found.items()}))


def test_the_form_to_join_takes_as_long_for_every_address(campaign, addresses, smtp_sink):
    build_door(campaign)
    form = filled(campaign)

    assert_close(addresses, lambda address: Client().post("/en/join/", form | {"email": address}))
    assert smtp_sink.caught == []  # a worker sends the mail


def test_the_form_to_subscribe_takes_as_long_for_every_address(campaign, addresses, smtp_sink):
    weekly = builders.build_digest(campaign)
    builders.build_subscription(weekly, "known-reader@example.org", at=timezone.now())
    form = {"language": "en", "cadence": "digest-week", "consent": "on"}

    assert_close(
        addresses | {"subscriber": "known-reader@example.org"},
        lambda address: Client().post("/en/subscribe/", form | {"email": address}),
    )
    assert smtp_sink.caught == []


def test_a_report_of_a_claim_takes_as_long_whatever_is_not_public_about_it(campaign, roles):
    """The form asks for no address. What is known of a claim but not published must not show either."""
    builders.build_claim(campaign, "hidden", published=False, text=builders.in_all(en="Garlic cures the virus"))
    form = {"language": "en", "platform": "facebook", "seen_on": timezone.now().date().isoformat()}
    texts = {"hidden": "Garlic cures the virus", "unknown": "Onions cure the sickness"}
    number = iter(range(10_000))

    assert_close(
        texts,
        lambda text: Client().post("/en/facts/report/", form | {"text": text, "token": f"{next(number):032x}"}),
    )
