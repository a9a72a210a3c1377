"""The builders build what they say, by the real verbs."""

import pytest

from bulletins.checks import registry
from bulletins.models import Bulletin

from . import builders

pytestmark = pytest.mark.django_db


def test_a_published_version_has_an_edition_and_a_message_in_every_language(campaign):
    audience = builders.build_audience(campaign, size=3, cadence="day")

    version = builders.build_published_version(campaign, audiences=[audience])

    assert sorted(version.editions.values_list("language", flat=True)) == ["en", "fi", "sv"]
    assert version.mailing.messages.count() == 3
    version.bulletin.refresh_from_db()
    assert version.bulletin.state == Bulletin.State.PUBLISHED


@pytest.mark.parametrize("state", [Bulletin.State.DRAFT, Bulletin.State.IN_REVIEW, Bulletin.State.APPROVED])
def test_nothing_stops_a_bulletin_that_is_built(campaign, state):
    """So it may be submitted and approved without asking the checks each time (`checks_passed`)."""
    build = {"draft": builders.build_bulletin, "in_review": builders.build_bulletin_in_review}
    bulletin = build.get(state, builders.build_approved_bulletin)(campaign, variants=True)

    assert bulletin.state == state
    assert registry.stops(bulletin, at=builders.NOON) == []


def test_a_fanned_out_send_has_a_delivery_per_member(campaign):
    audience = builders.build_audience(campaign, size=7)

    send = builders.build_fanned_out_send(audience)

    assert send.candidates == 7
    assert builders.states_of(send) == {"queued": 7}


def test_bulletins_are_numbered_in_order(campaign):
    versions = builders.build_bulletins(2, campaign)

    assert [version.bulletin.number for version in versions] == [1, 2]


def test_claims_inputs_and_influencers_are_complete(campaign, minna, authority, ines):
    assert builders.build_claim(campaign).status == "published"
    assert builders.build_input(campaign, by=minna, authority=authority).sources.count() == 1
    assert ines.influencers.get().recipient.email == "ines@example.org"
