"""Nobody is forgotten: whoever waits, and partners whom nobody writes to."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from influencers.inbox import reminders, thread_messages
from influencers.models import Influencer, Thread
from influencers.recognition import thanks
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own(settings: Any) -> None:
    settings.WAITING_HOURS = 24
    settings.QUIET_DAYS = 14


@pytest.fixture
def influencer(campaign: Any, liisa: Any) -> Influencer:
    return builders.build_influencer(campaign, "ines", liaison=liisa)


@pytest.fixture
def partner(campaign: Any, liisa: Any) -> Influencer:
    audience = builders.build_audience(campaign, "partners", size=0, tier=1)
    return builders.build_influencer(campaign, "pia", audience=audience, liaison=liisa)


def told(kind: str) -> list[str]:
    return [one.person.email.partition("@")[0] for one in Notice.objects.filter(kind=kind).order_by("pk")]


def test_whoever_waits_is_reminded_of_once_a_time(influencer: Any, liisa: Any, noon: Any) -> None:
    thread_messages.add_from_influencer(influencer, "Saako?", via="portal", at=noon)
    assert reminders.remind(at=noon + timedelta(hours=23)) == 0

    assert reminders.remind(at=noon + timedelta(hours=25)) == 1
    assert reminders.remind(at=noon + timedelta(hours=49)) == 0

    assert told("waiting") == ["liisa"]
    thread = Thread.objects.get()
    assert f"/desk/influencers/thread/{thread.pk}/" in Notice.objects.get().path
    thread_messages.answer(thread, "Saa.", by=liisa, at=noon + timedelta(hours=50))
    thread_messages.add_from_influencer(influencer, "Entä koira?", via="portal", at=noon + timedelta(hours=51))
    assert reminders.remind(at=noon + timedelta(hours=76)) == 1


def test_nobodys_influencer_is_every_liaisons(influencer: Any, liisa: Any, alma: Any, noon: Any) -> None:
    Influencer.objects.update(liaison=None)
    builders.build_user("leo", "liaison")
    thread_messages.add_from_influencer(influencer, "Saako?", via="portal", at=noon)

    reminders.remind(at=noon + timedelta(hours=25))

    assert sorted(told("waiting")) == ["leo", "liisa"]


def test_a_partner_who_hears_nothing_is_reminded_of_once(partner: Any, influencer: Any, liisa: Any, noon: Any) -> None:
    thread = thread_messages.thread_of(partner)
    thread_messages.answer(thread, "Mitä kuuluu?", by=liisa, at=noon)
    assert reminders.remind(at=noon + timedelta(days=13)) == 0

    assert reminders.remind(at=noon + timedelta(days=14)) == 1
    assert reminders.remind(at=noon + timedelta(days=20)) == 0

    assert told("quiet") == ["liisa"]
    assert "Pia" in Notice.objects.get().text
    thread_messages.note_contact(partner, at=noon + timedelta(days=21))
    assert reminders.remind(at=noon + timedelta(days=34)) == 0
    assert reminders.remind(at=noon + timedelta(days=36)) == 1


def test_thanks_count_as_hearing_from_us_and_a_new_silence_is_pointed_out(partner: Any, liisa: Any, noon: Any) -> None:
    thread_messages.answer(thread_messages.thread_of(partner), "Mitä kuuluu?", by=liisa, at=noon)
    assert reminders.remind(at=noon + timedelta(days=14)) == 1
    thanked = noon + timedelta(days=14, hours=1)

    thanks.thank(partner, text="Kiitos", by=liisa, at=thanked)

    assert reminders.remind(at=thanked + timedelta(days=13)) == 0
    assert reminders.remind(at=thanked + timedelta(days=14)) == 1


def test_a_partner_whom_nobody_ever_wrote_to_is_reminded_of(partner: Any, noon: Any) -> None:
    assert reminders.remind(at=noon) == 1
    assert reminders.remind(at=noon + timedelta(days=1)) == 0


def test_who_waits_or_has_left_is_not_called_quiet(partner: Any, liisa: Any, noon: Any) -> None:
    thread_messages.add_from_influencer(partner, "Hei", via="portal", at=noon)
    assert reminders.remind_of_quiet(at=noon) == 0
    Thread.objects.update(waiting_since=None)
    Influencer.objects.update(state="left")

    assert reminders.remind_of_quiet(at=noon) == 0
    assert not Notice.objects.exists()


def test_many_at_once_come_in_one_mail_that_leads_to_their_list(campaign: Any, liisa: Any, noon: Any) -> None:
    audience = builders.build_audience(campaign, "partners", size=0, tier=1)
    liisa.language = "en"
    liisa.save()
    for number in range(40):
        one = builders.build_influencer(campaign, f"pia-{number}", audience=audience, liaison=liisa)
        if number < 3:
            thread_messages.add_from_influencer(one, "Hei", via="portal", at=noon - timedelta(hours=30))

    assert reminders.remind(at=noon) == 40
    assert reminders.remind(at=noon) == 0

    waiting, quiet = Notice.objects.order_by("pk")
    assert waiting.text.splitlines()[0] == "3 influencers are waiting for a reply" and waiting.text.count("\n- ") == 3
    assert quiet.text.startswith("37 partners have not heard from us for a while\n- Pia-3 has not heard")
    assert quiet.text.endswith("\n… and 7 more") and quiet.person == liisa
    assert quiet.path.endswith("/thread/?whose=all&show=quiet")


def test_the_inbox_lists_partners_who_hear_nothing(
    partner: Any, influencer: Any, noon: Any, signed_in: Any, liisa: Any
) -> None:
    reminders.remind(at=noon)
    thread_messages.thread_of(influencer)
    desk = signed_in(liisa)

    def named(**query: str) -> set[str]:
        page = desk.get(reverse("admin:influencers_thread_changelist"), query).context["page"]
        return {thread.influencer.name for thread in page}

    assert named(show="quiet") == {partner.name}
    assert named(show="everything") == {partner.name, influencer.name}
    assert named() == set()


def test_of_quiet_partners_who_never_heard_from_us_is_named_first(
    partner: Any, campaign: Any, liisa: Any, noon: Any
) -> None:
    thread_messages.answer(thread_messages.thread_of(partner), "Mitä kuuluu?", by=liisa, at=noon)
    never = builders.build_influencer(campaign, "oona", audience=campaign.audiences.get(slug="partners"), liaison=liisa)
    Influencer.objects.filter(pk=never.pk).update(joined_at=noon + timedelta(days=1))

    assert reminders.remind(at=noon + timedelta(days=16)) == 2

    _how_many, first, second = Notice.objects.get().text.splitlines()
    assert "Oona" in first and "Pia" in second
