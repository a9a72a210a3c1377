"""The desk's pages of ways to help."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import pending_work
from stories.models import Offer, OfferVersion, Partner
from stories.ways_to_help import offer_steps
from stories.ways_to_help.pending_work import offers_to_check
from tests.support.builders import in_all

from .scene import build_draft, build_offer, build_partner, content, shown

pytestmark = pytest.mark.django_db


def page(offer: Offer) -> str:
    return reverse("admin:stories_offer_change", args=[offer.pk])


def test_one_writes_submits_and_another_publishes(signed_in, campaign, alma, oskar):
    partner = build_partner(campaign)
    desk, now = signed_in(alma), timezone.now()
    day = campaign.local(now).date().isoformat()
    texts = {f"{name}_{code}": f"{name} in {code}" for name in ("title", "does") for code in ("fi", "sv", "en")}
    sent = texts | {"partner": partner.pk, "minutes": 10, "from_home": "on", "last_day": day}
    answer = desk.post(reverse("admin:stories_offer_add"), sent)
    assert answer.status_code == 302
    offer = Offer.objects.get()
    assert desk.post(page(offer), {"submit": "yes"}).status_code == 302
    digest = offer_steps.in_work(offer).digest
    assert "You worked on this" in desk.get(page(offer)).text
    assert desk.post(page(offer), {"check": "yes", "seen": digest}).status_code == 409
    assert shown(campaign, at=now) == []
    other = signed_in(oskar)
    assert digest in other.get(page(offer)).text
    assert other.post(page(offer), {"check": "yes", "seen": digest}).status_code == 302
    assert shown(campaign, at=now) == ["title in en"]


def test_today_says_what_waits_for_whoever_may_check_it(campaign, alma, oskar):
    now = timezone.now()
    for title in ("Ring a neighbour", "Fetch water"):
        offer_steps.submit(build_draft(campaign, at=now, by=alma, title=in_all(en=title)), by=alma, at=now)
        (waiting,) = pending_work.waiting_for(campaign, oskar, at=now)
        assert pending_work.waiting_for(campaign, alma, at=now) == []
        if title == "Ring a neighbour":
            assert waiting.words == "A way to help needs your check: Ring a neighbour."
    assert waiting.words == "2 ways to help need your check." and "in_review" in waiting.address


def test_of_a_thousand_that_wait_today_reads_one_row_of_those_that_somebody_may_check(campaign, alma, oskar):
    now = timezone.now()
    oskar.has_perm(offer_steps.CHECK)  # asked once for each person
    first = build_draft(campaign, at=now, by=alma)
    offer_steps.submit(first, by=alma, at=now)
    told = OfferVersion.objects.values().get()
    del told["id"]
    offers = Offer.objects.bulk_create(
        [Offer(campaign=campaign, partner_id=first.partner_id, made_at=now) for _number in range(1_001)]
    )
    writers = [[oskar.pk], [1, oskar.pk], *[[alma.pk, oskar.pk * 10 + number % 10] for number in range(999)]]
    OfferVersion.objects.bulk_create(
        OfferVersion(**told | {"offer_id": offer.pk, "writers": keys})
        for offer, keys in zip(offers, writers, strict=True)
    )

    with CaptureQueriesContext(connection) as captured:
        (waiting,) = offers_to_check(campaign, oskar, now)

    assert waiting.words == "1000 ways to help need your check."
    (query,) = captured.captured_queries
    assert query["sql"].endswith("LIMIT 1")


def test_a_change_is_shown_beside_what_everyone_sees(signed_in, campaign, alma, oskar):
    now = timezone.now()
    offer = build_offer(campaign, at=now)
    told = content(at=now, title=in_all(en="Ring two neighbours"), minutes=60)
    offer_steps.change(offer, told, read=offer_steps.published(offer).digest, by=alma, at=now)
    text = " ".join(signed_in(oskar).get(page(offer)).text.split())
    assert "<del>10 minutes</del> <ins>1 hour</ins>" in text
    assert "What everyone sees" in text and "Ring two neighbours" in text


def test_who_worked_on_a_draft_deletes_it_and_nobody_else(signed_in, campaign, alma, oskar, liisa):
    now = timezone.now()
    draft, seen = build_draft(campaign, at=now, by=alma), build_offer(campaign, at=now)
    offer_steps.submit(draft, by=alma, at=now)
    for one, status in ((oskar, 403), (liisa, 409)):
        assert 'name="drop"' not in signed_in(one).get(page(draft)).text
        assert signed_in(one).post(page(draft), {"drop": "yes"}).status_code == status
    assert 'name="drop"' not in signed_in(alma).get(page(seen)).text
    assert signed_in(alma).post(page(seen), {"drop": "yes"}).status_code == 409
    assert Offer.objects.count() == 2 and pending_work_of(campaign, oskar)
    assert 'name="drop"' in signed_in(alma).get(page(draft)).text
    answer = signed_in(alma).post(page(draft), {"drop": "yes"})
    assert answer["Location"] == reverse("admin:stories_offer_changelist")
    assert list(Offer.objects.all()) == [seen] and not pending_work_of(campaign, oskar)


def pending_work_of(campaign, user):
    return offers_to_check(campaign, user, timezone.now())


def test_who_may_only_write_checks_nothing(signed_in, campaign, alma, liisa, fiona):
    now = timezone.now()
    offer = build_draft(campaign, at=now, by=alma)
    offer_steps.submit(offer, by=alma, at=now)
    digest = offer_steps.in_work(offer).digest
    for one in (liisa, fiona):
        assert signed_in(one).post(page(offer), {"check": "yes", "seen": digest}).status_code == 403
    assert signed_in(fiona).post(page(offer), {"submit": "yes"}).status_code == 403
    assert shown(campaign, at=now) == []


def test_the_list_costs_the_same_however_long_it_is(signed_in, campaign, alma, django_assert_max_num_queries):
    now = timezone.now()
    for _number in range(3):
        build_offer(campaign, at=now)
    desk = signed_in(alma)
    with django_assert_max_num_queries(25) as few:
        assert "Ring a neighbour" in desk.get(reverse("admin:stories_offer_changelist")).text
    for _number in range(12):
        build_draft(campaign, at=now, partner=Partner.objects.first())
    with django_assert_max_num_queries(len(few)):
        desk.get(reverse("admin:stories_offer_changelist"))
