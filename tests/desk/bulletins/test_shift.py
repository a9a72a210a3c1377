"""The desk's pages for assigning and for handing a shift over; they work without JavaScript."""

from typing import Any

import pytest
from django.urls import reverse

from bulletins.editing import drafts
from bulletins.models import Bulletin, Handover
from questions.models import QuestionGroup
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
TODAY, SHIFT = "admin:index", "admin:shift"


def assign_url(row: Any, kind: str) -> str:
    return reverse("admin:assign", args=[row.pk, kind])


def said(answer: Any) -> list[str]:
    """Return what the desk says at the top of the next page."""
    from django.contrib.messages import get_messages

    return [str(one) for one in get_messages(answer.wsgi_request)]


@pytest.fixture
def bulletin(campaign: Any, alma: Any) -> Bulletin:
    """A bulletin that Alma has."""
    return drafts.start(campaign, by=alma, at=NOON)


def test_a_bulletin_is_given_to_a_colleague_and_back_to_nobody(bulletin, alma, veikko, signed_in):
    client = signed_in(alma)
    page = client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])).content.decode()
    assert "Assigned to you." in page and str(veikko) in page

    answer = client.post(assign_url(bulletin, "bulletin"), {"to": veikko.pk, "had": alma.pk})
    assert answer["Location"] == reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    assert said(answer) == ["Assigned to Veikko, who has been notified."]
    client.post(assign_url(bulletin, "bulletin"), {"to": "", "had": veikko.pk})

    bulletin.refresh_from_db()
    assert bulletin.taken_by is None


def test_a_page_that_is_old_takes_nothing_from_anyone(bulletin, alma, veikko, signed_in):
    answer = signed_in(veikko).post(assign_url(bulletin, "bulletin"), {"had": ""})

    assert said(answer) == ["Not assigned: Alma has it now. Nothing changed."]
    bulletin.refresh_from_db()
    assert bulletin.taken_by == alma


def test_only_colleagues_with_the_role_can_be_chosen(bulletin, alma, oskar, signed_in):
    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])).content.decode()
    assert f'<option value="{oskar.pk}">' not in page

    answer = signed_in(alma).post(assign_url(bulletin, "bulletin"), {"to": oskar.pk, "had": alma.pk})

    assert said(answer) == ["Not assigned: choose a colleague."]
    assert signed_in(oskar).post(assign_url(bulletin, "bulletin")).status_code == 403
    assert signed_in(alma).post(assign_url(bulletin, "nothing")).status_code == 404


def test_today_shows_what_is_mine_and_what_nobody_has(campaign, bulletin, alma, veikko, signed_in):
    Bulletin.objects.update(urgency="urgent")
    mine = signed_in(alma).get(reverse(TODAY))
    assert [one.row for one in mine.context["held"]] == [bulletin]
    assert mine.context["urgent_now"] == []

    Bulletin.objects.update(taken_by=None)
    page = signed_in(veikko).get(reverse(TODAY))

    (waiting,) = page.context["urgent_now"]
    assert waiting.take == assign_url(bulletin, "bulletin")
    assert f'action="{waiting.take}"' in page.content.decode()
    signed_in(veikko).post(waiting.take)
    bulletin.refresh_from_db()
    assert bulletin.taken_by == veikko


def test_who_cannot_take_a_bulletin_sees_no_button_for_it(campaign, bulletin, oskar, signed_in):
    Bulletin.objects.update(taken_by=None)

    (waiting,) = signed_in(oskar).get(reverse(TODAY)).context["urgent_now"]

    assert waiting.take == ""


def test_a_late_question_says_who_has_it(campaign, alma, noon, signed_in):
    from datetime import timedelta

    group = QuestionGroup.objects.create(
        campaign=campaign, slug="food", label={"en": "Is it safe?"}, answer_by=noon - timedelta(hours=2)
    )
    (waiting,) = signed_in(alma).get(reverse(TODAY)).context["urgent_now"]
    assert waiting.is_unassigned and waiting.take == assign_url(group, "question")

    signed_in(alma).post(waiting.take)

    (waiting,) = signed_in(alma).get(reverse(TODAY)).context["urgent_now"]
    assert waiting.marks[-1] == "Alma has it" and not waiting.take


def test_a_shift_goes_from_today_to_the_colleagues_today_with_its_note(campaign, bulletin, alma, veikko, signed_in):
    client = signed_in(alma)
    page = client.get(reverse(SHIFT)).content.decode()
    assert "Hand over 1 thing" in " ".join(page.split()) and f'<option value="{veikko.pk}">' in page

    answer = client.post(reverse(SHIFT), {"to": veikko.pk, "note": "Ring <Nokia> at six."})
    assert answer["Location"] == reverse(TODAY)
    assert said(answer) == ["Handed over: Veikko has 1 thing and has been notified."]
    theirs = signed_in(veikko).get(reverse(TODAY))
    assert "Ring &lt;Nokia&gt; at six." in theirs.content.decode()
    assert [one.row for one in theirs.context["held"]] == [bulletin]

    answer = signed_in(veikko).post(reverse("admin:shift_take", args=[Handover.objects.get().pk]))

    assert said(answer) == ["Taken over."]
    assert "Ring" not in signed_in(veikko).get(reverse(TODAY)).content.decode()


def test_whoever_is_next_takes_it_with_one_press(campaign, bulletin, alma, veikko, signed_in):
    signed_in(alma).post(reverse(SHIFT), {"to": "next", "note": ""})

    answer = signed_in(veikko).post(reverse("admin:shift_take", args=[Handover.objects.get().pk]))

    assert said(answer) == ["Taken over. 1 thing is now yours."]
    bulletin.refresh_from_db()
    assert bulletin.taken_by == veikko


def test_a_refused_handover_keeps_what_was_written(campaign, bulletin, alma, signed_in):
    answer = signed_in(alma).post(reverse(SHIFT), {"to": "", "note": "A long night."})

    assert answer.status_code == 422
    assert "A long night.</textarea>" in answer.content.decode()
    assert not Handover.objects.exists()


def test_a_shift_of_another_campaign_does_not_exist(alma, veikko, campaign, noon, signed_in):
    other = builders.build_campaign("other", starts_on=noon.date().replace(year=2020))
    theirs = Handover.objects.create(campaign=other, given_by=veikko, given_at=noon)

    assert signed_in(alma).post(reverse("admin:shift_take", args=[theirs.pk])).status_code == 404


def test_who_has_no_part_in_it_hands_nothing_over(campaign, oskar, signed_in):
    assert signed_in(oskar).get(reverse(SHIFT)).status_code == 403
    assert 'id="h-held"' not in signed_in(oskar).get(reverse(TODAY)).content.decode()
