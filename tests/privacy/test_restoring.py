"""Whoever was erased after a back-up was made does not come back with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import holding, remembering
from accounts.addresses import code_of
from accounts.holding import Person
from config import erasing_again
from config.faults import Refusal
from delivery.models import Recipient, Suppression
from influencers.models import StrayMail
from tests import builders
from tests.privacy.searching import places_of

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db(transaction=True)
def test_each_erasure_is_noted_beside_the_database_by_code_only(campaign, settings):
    now = timezone.now()
    builders.build_subscription(builders.build_digest(campaign), "elli@example.net")
    holding.erase(Person.of("elli@example.net"), reason="asked", by=None, at=now)
    written = remembering.file().read_text()
    assert set(remembering.read()) == {(now, code_of("elli@example.net"))} and "elli" not in written
    assert remembering.file().stat().st_mode & 0o077 == 0
    assert remembering.erased_since(now - HOUR) == {code_of("elli@example.net")}
    assert remembering.erased_since(now) == set()


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_since_the_back_up_is_erased_again_and_nobody_else(campaign):
    now = timezone.now()
    digest = builders.build_digest(campaign)
    for name in ("erased", "before", "other"):
        builders.build_subscription(digest, f"{name}@example.net")
    StrayMail.objects.create(from_address="wilma@example.net", mail_id="x", at=now)
    # As it is after a restore: they are in the database, and the file knows when they were erased.
    erased = [(now, "erased"), (now, "wilma"), (now - 2 * HOUR, "before")]
    remembering.write((at, code_of(f"{name}@example.net")) for at, name in erased)

    assert erasing_again.erase_again(now - HOUR, at=now + HOUR) == 2
    assert places_of("erased@example.net") == places_of("wilma@example.net") == []
    kept = set(Recipient.objects.exclude(email="").values_list("email", flat=True))
    assert kept == {"before@example.net", "other@example.net"}  # the first came back before the back-up was made
    assert Suppression.objects.filter(address_hash=code_of("wilma@example.net")).exists()
    assert erasing_again.erase_again(now - HOUR, at=now + HOUR) == 0  # a second time finds nobody


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_is_asked_first_whom_it_knows_as_erased(campaign):
    now = timezone.now()
    code = code_of("elli@example.net")
    Suppression.objects.create(address_hash=code, reason="erased", since=now)
    Suppression.objects.create(address_hash=code_of("no@example.net"), reason="no_such_address", since=now)
    erasing_again.remember()
    erasing_again.remember()
    assert remembering.read() == [(now, code)]


def test_a_file_that_cannot_be_read_stops_it(campaign):
    remembering.file().write_text("yesterday somebody\n")
    with pytest.raises(Refusal, match="nobody knows who was erased"):
        erasing_again.erase_again(timezone.now(), at=timezone.now())
