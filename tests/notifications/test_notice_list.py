"""What somebody was told and has not looked at."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bulletins import notices
from bulletins.models import MessageInput
from influencers.notices import THANKS
from notifications import notice_list, outbox
from notifications.models import Notice
from tests.support import builders


def tell(campaign: Any, *people: Any, noon: Any, title: str = "Boil water", ago: timedelta = timedelta()) -> Notice:
    """Tell people that a submission came in."""
    about = builders.build_input(campaign, title=title, at=noon)
    return outbox.write(notices.INPUT_ARRIVED, people, at=noon - ago, about=about)[0]


def test_each_person_has_a_bell_of_their_own(campaign: Any, noon: Any, alma: Any, oskar: Any) -> None:
    tell(campaign, alma, oskar, noon=noon)
    tell(campaign, alma, noon=noon + timedelta(minutes=1))

    newest = Notice.objects.filter(person=alma).latest("pk")
    assert notice_list.bell_of(alma, at=noon + timedelta(minutes=2)) == notice_list.Bell(2, newest.pk)
    assert notice_list.bell_of(oskar, at=noon).count == 1

    assert notice_list.mark_seen(alma, at=noon) == 2
    assert notice_list.bell_of(alma, at=noon) == notice_list.Bell()
    assert notice_list.bell_of(oskar, at=noon).count == 1


def test_one_notice_is_marked_and_the_first_look_stays(campaign: Any, noon: Any, alma: Any, oskar: Any) -> None:
    first, second = tell(campaign, alma, noon=noon), tell(campaign, alma, noon=noon)
    assert notice_list.mark_seen(oskar, at=noon, only=first.pk) == 0
    assert notice_list.mark_seen(alma, at=noon, only=first.pk) == 1
    notice_list.mark_seen(alma, at=noon + timedelta(hours=1))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.seen_at, second.seen_at) == (noon, noon + timedelta(hours=1))


def test_what_is_a_week_old_is_listed_but_rung_for_no_more(campaign: Any, noon: Any, alma: Any) -> None:
    tell(campaign, alma, noon=noon, ago=notice_list.RINGS_FOR)

    assert notice_list.bell_of(alma, at=noon).count == 0
    assert len(notice_list.latest_of(alma)) == 1


def test_what_is_gone_and_what_a_newer_version_wrote_is_not_listed(campaign: Any, noon: Any, alma: Any) -> None:
    kept, gone, newer = (tell(campaign, alma, noon=noon) for _number in range(3))
    MessageInput.objects.filter(pk=gone.subject_id).delete()
    Notice.objects.filter(pk=newer.pk).update(kind="from_tomorrow")

    assert [one.notice for one in notice_list.latest_of(alma)] == [kept]
    gone.refresh_from_db()
    assert notice_list.path_of(gone) == "" and notice_list.path_of(kept).startswith("/desk/bulletins/messageinput/")


def test_the_headline_stands_apart_from_the_words(campaign: Any, noon: Any, alma: Any) -> None:
    outbox.write(THANKS, [alma], at=noon, campaign=campaign, text="Thank you\n\nIt helped.", path="/en/portal/")

    (one,) = notice_list.latest_of(alma)
    assert one.headline.endswith("Thank you") and one.words == "It helped." and one.path == "/en/portal/"


def test_the_bell_and_the_list_cost_the_same_however_much_there_is(campaign: Any, noon: Any, alma: Any) -> None:
    def costs() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as bell:
            notice_list.bell_of(alma, at=noon)
        with CaptureQueriesContext(connection) as page:
            notice_list.latest_of(alma)
        return len(bell), len(page)

    assert costs()[0] == 1
    tell(campaign, alma, noon=noon)
    few = costs()
    for number in range(notice_list.MOST + 5):
        tell(campaign, alma, noon=noon, title=f"{number}")

    assert costs() == few and few[0] == 1
    assert notice_list.bell_of(alma, at=noon).shown == f"{notice_list.MOST}+"
