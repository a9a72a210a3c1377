"""What is written to the outbox: to whom, about what, and that a worker is woken for it."""

from datetime import timedelta

import pytest

from bulletins.notices import APPROVED, INPUT_ARRIVED
from influencers.notices import THANKS
from notifications import outbox
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
MINUTE = timedelta(minutes=1)


def test_a_notice_goes_to_each_person_once_and_to_the_hook_when_there_is_one(campaign, alma, veikko, hook, settings):
    bulletin = builders.build_bulletin(campaign, by=alma)
    outbox.write(APPROVED, [alma, veikko, alma], about=bulletin, hook=True, at=NOON)
    assert [row.person for row in Notice.objects.about(APPROVED, bulletin.pk).order_by("pk")] == [alma, veikko, None]
    settings.NOTIFY_URL = ""
    assert outbox.write(APPROVED, [], about=bulletin, hook=True, at=NOON) == []


def test_a_notice_names_the_version_that_was_meant_whatever_followed(campaign, alma):
    bulletin = builders.build_bulletin(campaign, by=alma, number=7)
    for version in (1, 2):
        bulletin.version = version
        outbox.write(APPROVED, [alma], about=bulletin, at=NOON)
    bulletin.version = 3  # a draft by now
    first, second = Notice.objects.about(APPROVED, bulletin.pk).order_by("pk")
    assert first.headline(bulletin).endswith("Bulletin 7 has been approved")
    assert second.headline(bulletin).endswith("Bulletin 7, v2 has been approved")
    second.version = None  # one from before versions were kept
    assert second.headline(bulletin).endswith("Bulletin 7 has been approved")


def test_a_notice_is_about_what_its_kind_says(campaign, alma):
    bulletin = builders.build_bulletin(campaign, by=alma)
    for kind, about in ((INPUT_ARRIVED, bulletin), (INPUT_ARRIVED, None), (THANKS, bulletin)):
        with pytest.raises(TypeError, match=f"of the kind {kind.key} is not about"):
            outbox.write(kind, [alma], about=about, campaign=campaign, at=NOON)
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_right_after_the_transaction_and_only_then(campaign, alma, monkeypatch):
    woken = []
    monkeypatch.setattr(outbox, "wake", lambda: woken.append(Notice.objects.count()))
    builders.build_input(campaign, urgency="urgent")
    assert woken == [1]
