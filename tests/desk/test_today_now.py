"""Today says first what is urgent, then what is overdue, then what nobody has, each with its age."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from bulletins.assignment import shifts
from bulletins.editing import drafts
from bulletins.intake import submissions
from bulletins.models import Bulletin, MessageInput
from config.desk import today, today_now
from delivery.models import Send
from influencers.inbox import harassment
from lib.text.dates import durations
from tests.support import builders

TODAY = "admin:today"


@pytest.fixture
def authority() -> Any:
    """Whoever sends in."""
    return builders.build_authority()


def sent_in(campaign: Any, authority: Any, title: str, *, minutes: int, noon: Any, **fields: Any) -> MessageInput:
    """Build a submission that came in so many minutes before noon."""
    return builders.build_input(
        campaign, authority=authority, at=noon - timedelta(minutes=minutes), title=title, **fields
    )


def titles(client: Any) -> list[str]:
    """Return what stands under Now, in its order."""
    return [one.title for one in client.get(reverse(TODAY)).context["urgent_now"]]


def test_urgent_comes_before_overdue_before_unassigned_and_the_oldest_first(
    campaign: Any, authority: Any, noon: Any, boss: Any, oskar: Any, alma: Any, signed_in: Any
) -> None:
    sent_in(campaign, authority, "Free, newer", minutes=10, noon=noon)
    sent_in(campaign, authority, "Free, older", minutes=90, noon=noon)
    sent_in(campaign, authority, "Urgent and free", minutes=31, noon=noon, urgency="urgent")
    had = sent_in(campaign, authority, "Urgent, with Alma", minutes=200, noon=noon, urgency="urgent")
    submissions.accept(had, by=alma, at=noon)
    version = builders.build_published_version(
        campaign, by=alma, approver=oskar, at=noon - timedelta(hours=2), audiences=[builders.build_audience(campaign)]
    )
    Send.objects.filter(mailing=version.mailing).update(
        state="paused", fanned_out_at=noon - timedelta(hours=1), slot_at=noon - timedelta(minutes=72)
    )
    harassment.report(builders.build_influencer(campaign), at=noon - timedelta(hours=3))
    client = signed_in(boss)

    assert titles(client) == [
        "Urgent and free",
        "Urgent, with Alma",
        "1 harassment report is open.",
        next(one for one in titles(client) if "Libraries open" in one),
        "Free, older",
        "Free, newer",
    ]
    page = client.get(reverse(TODAY)).content.decode()
    for words in ("Unassigned for 31 min", "Alma has it", "Overdue by 1 h 12 min", "Unassigned for 1 h 30 min"):
        assert words in page, words


def test_a_held_text_message_is_told_from_the_email(campaign: Any, noon: Any, boss: Any, signed_in: Any) -> None:
    mail = builders.build_fanned_out_send(builders.build_audience(campaign, size=2), at=noon - timedelta(minutes=5))
    builders.build_send(
        mail.audience, mailing=mail.mailing, channel="sms", slot_key="sms", state="held", candidates=2,
        fanned_out_at=noon - timedelta(minutes=5),
    )  # fmt: skip

    held = signed_in(boss).get(reverse(TODAY)).context["urgent_now"]

    assert [one.detail for one in held] == [f"{mail.audience}, by text message"]


def test_what_somebody_has_and_is_not_urgent_stands_under_its_own_heading(
    campaign: Any, authority: Any, noon: Any, boss: Any, alma: Any, signed_in: Any
) -> None:
    had = sent_in(campaign, authority, "Taken", minutes=5, noon=noon)
    submissions.accept(had, by=alma, at=noon)
    answer = signed_in(boss).get(reverse(TODAY))

    assert answer.context["urgent_now"] == [] and 'id="h-urgent"' not in answer.content.decode()
    assert [one.title for one, _since in answer.context["inputs_later"]] == ["Taken"]
    assert "Alma has it." in " ".join(answer.content.decode().split())


def test_what_was_left_for_whoever_is_next_is_unassigned_since_then(
    campaign: Any, authority: Any, noon: Any, boss: Any, alma: Any, signed_in: Any
) -> None:
    submissions.accept(sent_in(campaign, authority, "Had", minutes=165, noon=noon), by=alma, at=noon)
    Bulletin.objects.filter(pk=drafts.start(campaign, by=alma, at=noon).pk).update(
        created_at=noon - timedelta(minutes=165)
    )
    shifts.hand_over(campaign, None, note="", by=alma, at=noon - timedelta(minutes=7))
    found = signed_in(boss).get(reverse(TODAY)).context["urgent_now"]

    assert [one.marks for one in found] == [["Unassigned for 7 min"]] * 2


def test_what_does_not_fit_under_now_is_shown_below(
    campaign: Any, authority: Any, noon: Any, boss: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today_now, "SHOWN", 2)
    for minutes in (10, 20, 30):
        sent_in(campaign, authority, f"From {minutes} minutes ago", minutes=minutes, noon=noon)
    context = signed_in(boss).get(reverse(TODAY)).context

    assert [one.title for one in context["urgent_now"]] == ["From 30 minutes ago", "From 20 minutes ago"]
    assert [one.title for one, _since in context["inputs_later"]] == ["From 10 minutes ago"]


def test_an_urgent_submission_that_nobody_has_is_shown_however_many_somebody_has(
    campaign: Any, authority: Any, noon: Any, boss: Any, alma: Any, signed_in: Any
) -> None:
    for number in range(today.ROWS + 1):
        taken = sent_in(campaign, authority, f"Taken {number}", minutes=100 + number, noon=noon, urgency="urgent")
        submissions.accept(taken, by=alma, at=noon)
    sent_in(campaign, authority, "Free", minutes=1, noon=noon, urgency="urgent")

    assert titles(signed_in(boss))[0] == "Free"


def test_an_approval_is_for_now_when_it_is_urgent_or_leaves_soon_and_only_for_whoever_may_give_it(
    campaign: Any, noon: Any, alma: Any, oskar: Any, signed_in: Any
) -> None:
    calm, urgent, soon = (builders.build_bulletin_in_review(campaign, by=alma, at=noon) for _number in range(3))
    Bulletin.objects.filter(pk=urgent.pk).update(urgency="urgent", submitted_at=noon - timedelta(minutes=20))
    Bulletin.objects.filter(pk=soon.pk).update(embargo_until=noon + timedelta(minutes=48))
    context = signed_in(oskar).get(reverse(TODAY)).context

    assert [one.source.bulletin for one in context["urgent_now"]] == [urgent, soon]
    assert [one.bulletin for one in context["mine_later"]] == [calm]
    assert context["urgent_now"][0].marks == ["Submitted 20 min ago"]
    assert context["urgent_now"][1].marks[0] == "Leaves in 48 minutes"
    assert signed_in(alma).get(reverse(TODAY)).context["urgent_now"] == []


def test_what_is_empty_is_one_line_and_what_may_not_be_seen_is_not_named(
    campaign: Any, boss: Any, liisa: Any, signed_in: Any
) -> None:
    page = signed_in(boss).get(reverse(TODAY)).content.decode()
    for words in ("Nothing to approve", "No submissions waiting", "No unanswered questions", "No sends planned"):
        assert page.count(words) == 1, words
    for heading in ("h-inputs", "h-asked", "h-next", "h-mine", "h-now", "h-facts", "h-talks"):
        assert f'id="{heading}"' not in page, heading

    page = signed_in(liisa).get(reverse(TODAY)).content.decode()
    assert not liisa.has_perm("bulletins.view_messageinput") and "No submissions waiting" not in page


def test_new_bulletin_is_a_button_for_whoever_may_start_one_and_filled_when_nothing_is_urgent(
    campaign: Any, authority: Any, noon: Any, alma: Any, oskar: Any, signed_in: Any
) -> None:
    add, editor = reverse("admin:bulletins_bulletin_add"), signed_in(alma)
    page = " ".join(editor.get(reverse(TODAY)).content.decode().split())
    assert f'<a class="btn" href="{add}">' in page
    assert add not in signed_in(oskar).get(reverse(TODAY)).content.decode()

    sent_in(campaign, authority, "Boil water", minutes=1, noon=noon, urgency="urgent")
    page = " ".join(editor.get(reverse(TODAY)).content.decode().split())
    assert f'<a class="btn btn--line" href="{add}">' in page


def test_what_nobody_has_is_taken_from_today_by_whoever_may(
    campaign: Any, authority: Any, noon: Any, alma: Any, fiona: Any, signed_in: Any
) -> None:
    free = sent_in(campaign, authority, "Boil water", minutes=3, noon=noon, urgency="urgent")
    step = reverse("admin:assign", args=[free.pk, "input"])
    assert fiona.has_perm("bulletins.view_messageinput") and not fiona.has_perm("bulletins.change_messageinput")
    assert step not in signed_in(fiona).get(reverse(TODAY)).content.decode()
    client = signed_in(alma)
    assert f'action="{step}"' in client.get(reverse(TODAY)).content.decode()

    assert client.post(step).url == reverse("admin:bulletins_messageinput_change", args=[free.pk])

    free.refresh_from_db()
    assert free.taken_by == alma
    page = client.get(reverse(TODAY)).content.decode()
    assert "Alma has it" in page and step not in page


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "1 min"), (59, "59 min"), (60, "1 h"), (72, "1 h 12 min"), (1439, "23 h 59 min"), (2900, "2 d")],
)
def test_an_age_is_told_in_the_units_that_fit(minutes: int, words: str) -> None:
    assert durations.span(builders.NOON - timedelta(minutes=minutes), at=builders.NOON) == words
