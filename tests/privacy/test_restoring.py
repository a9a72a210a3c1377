"""Whoever was erased after a back-up was made does not come back with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.privacy import erasure, erasure_log
from accounts.privacy.data_subjects import Person
from delivery.models import Recipient, Suppression
from influencers.models import UnmatchedMail
from lib.mail_addresses import code_of
from operations.backups import re_erasure
from operations.startup_errors import Refusal
from tests.support import builders

from .searching import places_of

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db(transaction=True)
def test_each_erasure_is_noted_beside_the_database_by_code_only(campaign, settings):
    now = timezone.now()
    builders.build_subscription(builders.build_digest(campaign), "elli@example.net")
    erasure.erase(Person.of("elli@example.net"), reason="asked", by=None, at=now)
    written = erasure_log.file().read_text()
    assert set(erasure_log.read()) == {(now, code_of("elli@example.net"))} and "elli" not in written
    assert erasure_log.file().stat().st_mode & 0o077 == 0
    assert erasure_log.erased_since(now - HOUR) == {code_of("elli@example.net")}
    assert erasure_log.erased_since(now) == set()


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_since_the_back_up_is_erased_again_and_nobody_else(campaign):
    now = timezone.now()
    digest = builders.build_digest(campaign)
    for name in ("erased", "before", "other"):
        builders.build_subscription(digest, f"{name}@example.net")
    UnmatchedMail.objects.create(from_address="wilma@example.net", mail_id="x", at=now)
    # As it is after a restore: they are in the database, and the file knows when they were erased.
    erased = [(now, "erased"), (now, "wilma"), (now - 2 * HOUR, "before")]
    erasure_log.write((at, code_of(f"{name}@example.net")) for at, name in erased)

    assert re_erasure.erase_again(now - HOUR, at=now + HOUR) == 2
    assert places_of("erased@example.net") == places_of("wilma@example.net") == []
    kept = set(Recipient.objects.exclude(email="").values_list("email", flat=True))
    assert kept == {"before@example.net", "other@example.net"}  # the first came back before the back-up was made
    assert Suppression.objects.filter(address_hash=code_of("wilma@example.net")).exists()
    assert re_erasure.erase_again(now - HOUR, at=now + HOUR) == 0  # a second time finds nobody


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_is_asked_first_whom_it_knows_as_erased(campaign):
    now = timezone.now()
    code = code_of("elli@example.net")
    Suppression.objects.create(address_hash=code, reason="erased", since=now)
    Suppression.objects.create(address_hash=code_of("no@example.net"), reason="no_such_address", since=now)
    re_erasure.remember()
    re_erasure.remember()
    assert erasure_log.read() == [(now, code)]


def test_a_file_that_cannot_be_read_stops_it(campaign):
    erasure_log.file().write_text("yesterday somebody\n")
    with pytest.raises(Refusal, match="nobody knows who was erased"):
        re_erasure.erase_again(timezone.now(), at=timezone.now())
