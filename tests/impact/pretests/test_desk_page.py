"""The desk's pages of pretests: for whoever shows a draft, writes it, or approves it."""

import pytest
from django.urls import reverse

from impact.models import Pretest
from tests.support import builders

from . import scene

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture(autouse=True)
def _at_noon(noon, time_machine):
    time_machine.move_to(noon, tick=False)


@pytest.fixture
def bulletin(campaign, alma):
    """A bulletin in review."""
    return builders.build_bulletin_in_review(campaign, by=alma)


def test_the_approver_shows_a_draft_and_reads_what_came_out(bulletin, oskar, noon, signed_in):
    desk = signed_in(oskar)
    read = reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])
    assert "not tried on anyone." in desk.get(read).content.decode()
    page = reverse("admin:bulletins_bulletin_pretest", args=[bulletin.pk])
    digest = desk.get(page).context["digest"]

    desk.post(page, {"way": "link", "size": 4, "hours": 1, "digest": digest})
    scene.answer(Pretest.objects.get(), at=noon, asks="To wait", share="no", sentences=[0])

    said = desk.get(read).content.decode()
    assert "Tried on up to 4 people by a link that was handed out." in said and "no 1" in said
    assert "The text is still the one that was tried." in said
    bulletin.editions.filter(language="fi").update(body="Other words.")
    assert "The text has changed since it was tried" in desk.get(read).content.decode()
    beside = desk.get(page).content.decode()
    assert "To wait" in beside and "unclear to 1" in beside


def test_the_writer_is_told_that_somebody_else_shows_it(bulletin, alma, signed_in):
    page = reverse("admin:bulletins_bulletin_pretest", args=[bulletin.pk])
    desk = signed_in(alma)
    said = desk.get(page)

    answer = desk.post(page, {"way": "link", "size": 4, "hours": 1, "digest": said.context["digest"]})

    assert "someone else must show it" in said.content.decode()
    assert answer.status_code == 409 and not Pretest.objects.exists()


def test_names_of_partners_are_for_those_who_may_see_them(bulletin, campaign, oskar, noon, signed_in):
    ines = builders.build_influencer(campaign, "unusual")
    scene.show(bulletin, by=oskar, at=noon, way="chosen", people=[ines.recipient_id])
    read = reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])
    page = reverse("admin:bulletins_bulletin_pretest", args=[bulletin.pk])
    desk = signed_in(oskar)

    assert "Tried on 1 influencer, chosen by name." in desk.get(read).content.decode()
    assert "Unusual" not in desk.get(read).content.decode()
    assert ("Unusual" in desk.get(page).content.decode()) == oskar.has_perm("influencers.view_influencer")
