"""A way to help reaches nobody before a second person has checked exactly its words, and nobody after its last day."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from agreement.refusals import Refused
from campaigns.http import page_changes
from notifications.models import Notice
from stories.models import Offer
from stories.ways_to_help import offer_steps
from tests.support import builders
from tests.support.builders import editor, in_all, second_person

from .scene import build_draft, build_keeper, build_offer, build_partner, check, content, shown

pytestmark = pytest.mark.django_db


def test_nobody_sees_it_before_somebody_else_has_checked_it(campaign, noon, alma, oskar):
    offer = build_draft(campaign, at=noon, by=alma)
    assert shown(campaign, at=noon) == []
    offer_steps.submit(offer, by=alma, at=noon)
    assert shown(campaign, at=noon) == []
    with pytest.raises(Refused, match="worked on this"):
        check(offer, by=alma, at=noon)
    assert shown(campaign, at=noon) == []
    check(offer, by=oskar, at=noon)
    assert shown(campaign, at=noon) == ["Ring a neighbour"]
    verbs = AuditEntry.objects.filter(subject_type="stories.offer").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["offer.saved", "offer.submitted", "offer.published"]


def test_the_database_refuses_one_person_alone(campaign, noon, alma):
    offer = build_draft(campaign, at=noon, by=alma)
    with pytest.raises(IntegrityError), transaction.atomic():
        offer.versions.update(state="published", checked_by=alma, checked_at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        offer.versions.update(state="published")


def test_a_change_goes_back_to_review_while_the_checked_version_stays(campaign, noon, alma):
    offer = build_offer(campaign, at=noon)
    read = offer_steps.published(offer).digest
    offer_steps.change(offer, content(at=noon, title=in_all(en="Ring two")), read=read, by=alma, at=noon)
    assert shown(campaign, at=noon) == ["Ring a neighbour"]
    offer_steps.submit(offer, by=alma, at=noon)
    assert shown(campaign, at=noon) == ["Ring a neighbour"]
    check(offer, at=noon)
    assert shown(campaign, at=noon) == ["Ring two"]
    assert [one.state for one in offer.versions.all()] == ["replaced", "published"]


def test_of_two_people_who_change_it_at_once_nobody_overwrites_the_other(campaign, noon, alma, veikko):
    offer = build_draft(campaign, at=noon, by=alma)
    read = offer_steps.in_work(offer).digest
    offer_steps.change(offer, content(at=noon, minutes=5), read=read, by=alma, at=noon)
    with pytest.raises(Refused, match="Somebody else"):
        offer_steps.change(offer, content(at=noon, minutes=60), read=read, by=veikko, at=noon)
    assert offer_steps.in_work(offer).minutes == 5


def test_it_is_over_by_itself_at_its_end_and_begins_by_itself(campaign, noon):
    build_offer(campaign, at=noon, valid_from=noon + timedelta(hours=1), valid_until=noon + timedelta(hours=2))
    hours = [noon + timedelta(hours=number) for number in (0, 1, 2)]
    assert [shown(campaign, at=one) for one in hours] == [[], ["Ring a neighbour"], []]


def test_what_is_over_meanwhile_is_neither_submitted_nor_published(campaign, noon, alma):
    offer, later = build_draft(campaign, at=noon, by=alma), noon + timedelta(days=2)
    with pytest.raises(Refused, match="a day that is over"):
        offer_steps.submit(offer, by=alma, at=later)
    offer_steps.submit(offer, by=alma, at=noon)
    with pytest.raises(Refused, match="a day that is over"):
        check(offer, at=later)
    assert offer_steps.in_work(offer).state == "in_review"


def test_what_is_withdrawn_is_gone_at_once_and_comes_back_only_by_another_check(campaign, noon, alma):
    offer, before = build_offer(campaign, at=noon), page_changes.visible_changes()
    offer_steps.withdraw(offer, by=alma, at=noon)
    assert shown(campaign, at=noon) == []
    assert page_changes.visible_changes().taken_back != before.taken_back
    with pytest.raises(Refused, match="not published"):
        offer_steps.withdraw(offer, by=alma, at=noon)
    offer_steps.change(offer, content(at=noon), read=offer_steps.published(offer).digest, by=alma, at=noon)
    offer_steps.submit(offer, by=alma, at=noon)
    assert shown(campaign, at=noon) == []
    check(offer, at=noon)
    assert shown(campaign, at=noon) == ["Ring a neighbour"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": {"fi": "Soita"}}, "the title, or what one does"),
        ({"from_home": False}, "doesn’t say where"),
    ],
)
def test_what_is_missing_keeps_it_a_draft(campaign, noon, alma, fields, says):
    offer = build_draft(campaign, at=noon, by=alma, **fields)
    with pytest.raises(Refused, match=says):
        offer_steps.submit(offer, by=alma, at=noon)
    assert offer_steps.in_work(offer).state == "draft"


def test_names_that_one_person_can_change_are_printed_as_they_were_checked(campaign, noon, alma):
    region = builders.build_region()
    offer = build_offer(campaign, at=noon, region=region)
    offer.partner.name = region.name = in_all(en="Sold")
    offer.partner.save()
    region.save()
    assert "Sold" not in str(offer_steps.published(offer).printed)
    draft = build_draft(campaign, at=noon, by=alma, region=region)
    offer_steps.submit(draft, by=alma, at=noon)
    offer.partner.name = in_all(en="Sold again")
    offer.partner.save()
    with pytest.raises(Refused, match="has changed since it was written"):
        check(draft, at=noon)


def test_an_organisation_of_another_campaign_is_refused(campaign, noon, alma):
    other = builders.build_campaign("other")
    with pytest.raises(Refused, match="another campaign"):
        offer_steps.write(campaign, build_partner(other), content(at=noon), by=alma, at=noon)
    assert not Offer.objects.exists()


def test_an_end_before_the_beginning_is_refused_by_the_database(campaign, noon):
    with pytest.raises(IntegrityError), transaction.atomic():
        build_draft(campaign, at=noon, valid_from=noon + timedelta(days=3))


def test_those_who_may_check_are_told_and_so_is_who_wrote_it(campaign, noon, alma, veikko, oskar, liisa):
    keeper = build_keeper(build_partner(campaign))
    offer = build_draft(campaign, at=noon, by=keeper)
    offer_steps.submit(offer, by=keeper, at=noon)
    assert set(Notice.objects.filter(kind="offer_waits").values_list("person", flat=True)) == {
        alma.pk,
        veikko.pk,
        oskar.pk,
    }
    offer_steps.send_back(offer, remark="Say where.", by=alma, at=noon)
    told = Notice.objects.get(kind="offer_sent_back")
    assert told.person == keeper and "Say where." in told.text and told.path.endswith(f"/help/own/{offer.pk}/")
    assert offer_steps.in_work(offer).state == "draft"


def test_a_campaign_that_has_ended_publishes_and_shows_nothing(campaign, noon):
    build_offer(campaign, at=noon)
    offer = build_draft(campaign, at=noon)
    offer_steps.submit(offer, by=editor(), at=noon)
    type(campaign).objects.update(closed_at=noon)
    with pytest.raises(Refused, match="has ended"):
        check(offer, by=second_person(), at=noon)
    assert shown(campaign, at=noon) == []
