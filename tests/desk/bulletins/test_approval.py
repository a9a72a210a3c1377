"""Approval, schedule, cadences and calendar as people at the desk meet them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import AuditEntry, User
from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import audience_choices, drafts
from bulletins.media import message_cards
from bulletins.models import Bulletin, Cadence, KeyMessage, Presence, Review, Target, Variant, Version
from bulletins.publication import publish
from delivery.models import Delivery, Send
from delivery.recipients import audience_sizes
from notifications.models import Notice
from tests.delivery.fanout.test_channels import address_of, people_of
from tests.support import builders

State = Bulletin.State


def said(answer: Any) -> str:
    """Return what the desk said."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def step(client: Any, bulletin: Bulletin, verb: str, **data: str) -> Any:
    """Press a button of a bulletin."""
    return client.post(reverse("admin:bulletins_bulletin_step", args=[bulletin.pk, verb]), data)


def address(name: str, bulletin: Bulletin) -> str:
    """Return the address of a pane or page of a bulletin."""
    return reverse(f"admin:bulletins_bulletin_{name}", args=[bulletin.pk])


def queries_of(client: Any, url: str) -> int:
    """Return how many queries a page takes the second time."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured)


# --- Signing off ---------------------------------------------------------------------------------------


def with_claim(campaign: Any, by: User, **fields: Any) -> Bulletin:
    """Return a bulletin in review that rests on a fact-check."""
    bulletin = builders.build_bulletin(campaign, by=by, **fields)
    bulletin.claims.add(builders.build_claim(campaign))
    return builders.submitted(bulletin, by=by)


def test_a_fact_checker_signs_off_and_then_another_person_approves(
    campaign: Any, alma: User, fiona: User, oskar: User, signed_in: Any
) -> None:
    bulletin = with_claim(campaign, alma)
    read = address("read", bulletin)

    page = signed_in(oskar).get(read).content.decode()
    assert "no fact-checker has signed off yet. Ask: Fiona" in page and "Approve…" not in page
    assert "You can&#x27;t approve it." in page or "You can't approve it." in page
    answer = step(signed_in(oskar), bulletin, "approve", digest=bulletin.digest)
    assert "no fact-checker has signed off yet. Ask: Fiona" in said(answer)
    assert "Sign off fact-checks" in signed_in(fiona).get(read).content.decode()

    step(signed_in(fiona), bulletin, "sign_off", digest=bulletin.digest)
    assert Review.objects.get(decision="signed_off").by == fiona
    assert "Approve…" in signed_in(oskar).get(read).content.decode()
    step(signed_in(oskar), bulletin, "approve", digest=bulletin.digest)

    bulletin.refresh_from_db()
    assert bulletin.state == State.APPROVED
    assert [entry.verb for entry in AuditEntry.objects.about(bulletin)][:3] == [
        "bulletin.approved",
        "bulletin.signed_off",
        "bulletin.submitted",
    ]


def test_only_a_fact_checker_signs_off(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = with_claim(campaign, alma)

    for one in (alma, oskar):
        assert step(signed_in(one), bulletin, "sign_off", digest=bulletin.digest).status_code == 403
    assert not Review.objects.filter(decision="signed_off").exists()


def today(client: Any) -> Any:
    """Return what Today shows."""
    return client.get(reverse("admin:index")).context


def keys(tickets: Any) -> set[int]:
    """Return the keys of the bulletins of some tickets."""
    return {ticket.bulletin.pk for ticket in tickets}


def test_today_asks_whom_the_rule_names(
    campaign: Any, alma: User, fiona: User, oskar: User, veikko: User, signed_in: Any
) -> None:
    bulletin = with_claim(campaign, alma)
    plain = builders.build_bulletin_in_review(campaign, by=veikko)
    hers, his = signed_in(fiona), signed_in(oskar)

    assert keys(today(hers)["to_sign"]) == {bulletin.pk} and not today(hers)["mine"]
    assert keys(today(his)["mine"]) == {plain.pk}
    waiting = next(ticket for ticket in today(his)["others"] if ticket.bulletin.pk == bulletin.pk)
    assert "no fact-checker has signed off yet. Ask: Fiona" in waiting.why_not
    assert oskar in waiting.approvers and fiona not in waiting.approvers

    step(hers, bulletin, "sign_off", digest=bulletin.digest)
    assert not today(hers)["to_sign"] and keys(today(his)["mine"]) == {bulletin.pk, plain.pk}


def test_today_shows_a_bulletin_to_whoever_signed_off_the_same_words_before_an_edit(
    campaign: Any, alma: User, fiona: User, signed_in: Any
) -> None:
    bulletin = with_claim(campaign, alma)
    both = builders.build_user("both", "fact-checker")
    both.groups.add(Group.objects.get(name="approver"))
    approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=both, at=builders.NOON)
    drafts.note_editor(bulletin, by=alma, at=builders.NOON)
    builders.submitted(bulletin, by=alma)
    client = signed_in(both)
    assert keys(today(client)["to_sign"]) == {bulletin.pk}

    approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=fiona, at=builders.NOON)

    assert keys(today(client)["mine"]) == {bulletin.pk}
    assert "Approve…" in client.get(address("read", bulletin)).content.decode()


def test_today_names_nobody_who_edited_among_those_who_can_approve(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    drafts.note_editor(bulletin, by=oskar, at=builders.NOON)
    builders.submitted(bulletin, by=alma)
    builders.build_user("paula", "approver")

    page = signed_in(oskar).get(reverse("admin:index"))

    (ticket,) = page.context["others"]
    assert [str(one) for one in ticket.approvers] == ["Paula"]
    assert "You edited or submitted this version, so someone else must approve it." in page.content.decode()


def test_what_waits_on_today_costs_the_same_however_much_there_is(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    url, client = reverse("admin:index"), signed_in(oskar)
    resting = with_claim(campaign, alma)
    builders.build_bulletin_in_review(campaign, by=oskar)
    cost = queries_of(client, url)

    for by in (alma, oskar, oskar):
        more = builders.build_bulletin(campaign, by=by)
        more.claims.set(resting.claims.all())
        builders.submitted(more, by=by)

    assert queries_of(client, url) == cost


# --- Reading -------------------------------------------------------------------------------------------


def test_the_read_page_costs_the_same_however_much_there_is(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, variants=True)
    client = signed_in(oskar)
    read, pane = address("read", bulletin), address("approval", bulletin)
    Target.objects.create(bulletin=bulletin, audience=builders.build_audience(campaign, "second", size=1))
    cost = queries_of(client, read), queries_of(client, pane)

    for number in range(8):
        KeyMessage.objects.create(bulletin=bulletin, key=f"k{number}", text={"fi": "x"}, owner=alma)
        audience = builders.build_audience(campaign, f"more-{number}", size=2)
        Target.objects.create(bulletin=bulletin, audience=audience)
        builders.build_user(f"approver-{number}", "approver")
        Review.objects.note(bulletin, "returned", digest="", by=alma, at=builders.NOON, reason="x")

    assert (queries_of(client, read), queries_of(client, pane)) == cost
    assert cost[0] <= 75 and cost[1] <= 50


def test_an_approver_sees_who_edited_and_who_has_it_open(
    campaign: Any, noon: datetime, alma: User, veikko: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    Presence.objects.create(bulletin=bulletin, user=veikko, part="edition:sv", seen_at=noon)

    page = signed_in(oskar).get(address("approval", bulletin)).content.decode()

    assert "Alma" in page and "Veikko has it open now." in page


def test_an_approver_who_was_reading_is_told_who_changed_it(
    campaign: Any, alma: User, veikko: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    drafts.note_editor(bulletin, by=veikko, at=builders.NOON)
    approval_workflow.submit(bulletin, by=alma, at=builders.NOON)
    read = Review.objects.filter(decision="voided").latest("pk").digest
    KeyMessage.objects.update(text={"fi": "x", "sv": "x", "en": "x"})
    drafts.note_editor(bulletin, by=veikko, at=builders.NOON)
    approval_workflow.submit(bulletin, by=alma, at=builders.NOON)
    before = Bulletin.objects.values().get()

    answer = step(signed_in(oskar), bulletin, "approve", digest=read)

    assert "Veikko changed the text while you read it" in said(answer)
    assert Bulletin.objects.values().get() == before


def test_a_correction_shows_what_it_changes_in_every_language(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = corrected(campaign, alma, signed_in)

    answer = signed_in(oskar).get(address("read", bulletin))
    page = answer.content.decode()

    assert "What changed since the published version" in page
    assert "Before: </span>" in page and "<ins>" in page and "tiistaina" in page
    assert page.count("Nothing changed in this language.") == 2  # Swedish and English, said in words
    changed = answer.context["changes"]
    assert [(one.language, [part.part for part in one.differences]) for one in changed] == [
        ("fi", ["Text"]), ("sv", []), ("en", [])
    ]  # fmt: skip
    assert {"Title", "Key message 1", "Calls to action"} <= set(changed[0].same)


def corrected(campaign: Any, alma: User, signed_in: Any) -> Bulletin:
    """Return a bulletin whose correction is in the making, with one word changed in Finnish."""
    bulletin = builders.build_published_version(campaign, by=alma).bulletin
    texts = {f"what_changed__{code}": "Wrong day." for code in builders.LANGUAGES}
    signed_in(alma).post(address("correct", bulletin), texts)
    bulletin.refresh_from_db()
    edition = bulletin.editions.get(language="fi")
    edition.body = edition.body.replace("maanantaina", "tiistaina")
    drafts.save_edition(edition, by=alma, at=builders.NOON)
    return bulletin


# --- Urgent --------------------------------------------------------------------------------------------


def test_an_urgent_bulletin_is_approved_and_sent_with_one_button_by_a_second_person(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, urgency="urgent")
    assert "Submit and notify approvers" in signed_in(alma).get(address("approval", bulletin)).content.decode()
    step(signed_in(alma), bulletin, "submit")
    assert Notice.objects.filter(kind="approval_wanted", person=oskar).exists()
    bulletin.refresh_from_db()

    refused = step(signed_in(alma), bulletin, "approve_and_send", digest=bulletin.digest)
    assert refused.status_code == 403 and not Version.objects.exists()
    assert "/step/approve_and_send/" in signed_in(oskar).get(address("read", bulletin)).content.decode()
    step(signed_in(oskar), bulletin, "approve_and_send", digest=bulletin.digest)

    bulletin.refresh_from_db()
    assert bulletin.state == State.PUBLISHED and bulletin.approved_by == oskar
    assert Send.objects.get().slot_at == builders.NOON


def test_whoever_may_do_everything_does_not_send_their_own_urgent_words(
    campaign: Any, boss: User, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=boss, urgency="urgent")
    before = Bulletin.objects.values().get()

    answer = step(signed_in(boss), bulletin, "approve_and_send", digest=bulletin.digest)

    assert "You edited or submitted this version" in said(answer)
    assert Bulletin.objects.values().get() == before and not Send.objects.exists()


def test_what_is_not_urgent_takes_both_steps(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    answer = step(signed_in(oskar), bulletin, "approve_and_send", digest=bulletin.digest)

    bulletin.refresh_from_db()
    assert "only an urgent bulletin" in said(answer)
    assert bulletin.state == State.IN_REVIEW and not Version.objects.exists()


# --- Correcting ------------------------------------------------------------------------------------------


def test_the_page_that_corrects_says_who_got_it_and_how_the_mail_will_look(
    campaign: Any, alma: User, signed_in: Any
) -> None:
    audience = builders.build_audience(campaign, size=6)
    version = builders.build_published_version(campaign, by=alma, audiences=[audience])
    from delivery.fanout import fanout

    send = Send.objects.get()
    fanout.fan_out(send, at=builders.NOON)
    rows = list(Delivery.objects.filter(send=send).order_by("pk"))
    Delivery.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(state="accepted")
    Delivery.objects.filter(pk=rows[3].pk).update(state="unknown")
    client, url = signed_in(alma), address("correct", version.bulletin)

    page = client.get(url)
    assert (page.context["accepted"], page.context["unknown"]) == (3, 1)
    assert sum(page.context["reached"][0].by_language.values()) == 4
    assert "Kirjoitimme: …. Oikein on: …." in page.content.decode() or "We wrote: …" in page.content.decode()

    dated = client.get(url, {"was": "2026-04-13", "is_now": "2026-04-19"})
    words = dated.context["form"].initial["what_changed"]
    assert "13 April 2026" in words["en"] and "19" in words["fi"]
    assert {code for code, *_rest in dated.context["previews"]} == {"fi", "sv", "en"}

    answer = client.post(url, {f"what_changed__{code}": "We wrote: …" for code in builders.LANGUAGES})
    version.bulletin.refresh_from_db()
    assert answer.status_code == 422 and version.bulletin.version == 1


# --- To whom, and when -------------------------------------------------------------------------------------


@pytest.fixture
def network(campaign: Any) -> Any:
    """An audience of four with a daily slot at 15:00, an hour after the first."""
    return builders.build_audience(campaign, size=4, cadence="day", stagger_minutes=60)


def sent_by(pane: Any, **changes: str) -> dict[str, str]:
    """Return what the pane's form would send, with changes ("" takes a field away)."""
    data = {"seen": pane.context["seen"]}
    for line in pane.context["lines"]:
        if line.chosen:
            data[f"to-{line.audience.pk}"] = "on"
        data |= {f"when-{line.audience.pk}": line.value, f"at-{line.audience.pk}": line.at}
    return {key: value for key, value in (data | changes).items() if value}


def test_an_audience_takes_one_of_its_next_slots(
    campaign: Any, noon: datetime, alma: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot")
    client, url = signed_in(alma), address("schedule", bulletin)
    pane = client.get(url)
    line = pane.context["lines"][0]
    slots = [option.value for option in line.options if option.value.startswith("slot:")]
    assert len(slots) == 10 and line.heads.total == 4

    answer = client.post(url, sent_by(pane, **{f"when-{network.pk}": slots[2]}), headers={"HX-Request": "true"})

    assert answer.status_code == 200 and answer["HX-Trigger"] == "saved"
    assert answer.context["lines"][0].value == slots[2]
    approval_workflow.submit(bulletin, by=alma, at=noon)
    assert Target.objects.get().slot_at == noon + timedelta(days=2, hours=3)  # the slot itself, not an hour later


def test_a_chosen_time_is_in_the_campaigns_zone_and_voids_a_review(
    campaign: Any, noon: datetime, alma: User, veikko: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin_in_review(campaign, by=alma, at=noon, timing="next_slot")
    client, url = signed_in(veikko), address("schedule", bulletin)
    data = sent_by(client.get(url), **{f"when-{network.pk}": "at_time", f"at-{network.pk}": "2026-03-26T09:30"})

    client.post(url, data, headers={"HX-Request": "true"})

    bulletin.refresh_from_db()
    target = Target.objects.get()
    assert target.at == noon + timedelta(hours=21, minutes=30) and target.timing == "at_time"
    assert bulletin.state == State.DRAFT and veikko.pk in eligibility.of_one(bulletin).editor_ids


@pytest.mark.parametrize(
    ("moment", "why"),
    [("2026-03-25T11:00", "has passed"), ("2026-03-25T13:00", "before the embargo ends"), ("soon", "enter the time")],
)
def test_an_impossible_time_is_refused(
    moment: str, why: str, campaign: Any, noon: datetime, alma: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot", embargo_until=noon + timedelta(hours=2))
    client, url = signed_in(alma), address("schedule", bulletin)
    before = list(Target.objects.values())

    data = sent_by(client.get(url), **{f"when-{network.pk}": "at_time", f"at-{network.pk}": moment})
    answer = client.post(url, data, headers={"HX-Request": "true"})

    assert answer.status_code == 422 and why in answer.content.decode()
    assert list(Target.objects.values()) == before


def test_two_who_choose_at_once_do_not_overwrite_each_other(
    campaign: Any, alma: User, veikko: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot")
    url = address("schedule", bulletin)
    hers, his = signed_in(alma), signed_in(veikko)
    read = his.get(url)
    hers.post(url, sent_by(hers.get(url), **{f"when-{network.pk}": "at_once"}), headers={"HX-Request": "true"})

    answer = his.post(url, sent_by(read, **{f"to-{network.pk}": ""}), headers={"HX-Request": "true"})

    assert answer.status_code == 409 and "someone else has chosen" in answer.content.decode()
    assert Target.objects.get().timing == "at_once"


def test_slots_before_the_embargo_are_not_offered(
    campaign: Any, noon: datetime, alma: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot", embargo_until=noon + timedelta(hours=30))

    page = signed_in(alma).get(address("schedule", bulletin))

    assert page.context["lines"][0].moment == noon + timedelta(days=2, hours=3)
    assert "2 slots before the embargo ends are not offered" in page.content.decode()


def test_a_slot_that_is_shared_becomes_a_roundup_and_says_so(
    campaign: Any, noon: datetime, alma: User, network: Any, signed_in: Any
) -> None:
    other = builders.build_bulletin_in_review(campaign, by=alma, at=noon, timing="next_slot")
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot")

    page = signed_in(alma).get(address("schedule", bulletin))

    assert page.context["lines"][0].shares == [other]
    assert "one roundup" in page.content.decode()


def test_the_schedule_costs_the_same_however_many_audiences(
    campaign: Any, alma: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, timing="next_slot")
    client, url = signed_in(alma), address("schedule", bulletin)
    Target.objects.create(bulletin=bulletin, audience=builders.build_audience(campaign, "second", size=1))
    cost = queries_of(client, url)  # with two, who is in both is looked for

    for number in range(6):
        audience = builders.build_audience(campaign, f"more-{number}", size=3, cadence="week")
        Target.objects.create(bulletin=bulletin, audience=audience)

    assert queries_of(client, url) == cost <= 25


def test_a_fact_checker_reads_the_schedule_and_changes_nothing(
    campaign: Any, alma: User, fiona: User, network: Any, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    client, url = signed_in(fiona), address("schedule", bulletin)

    assert client.get(url).status_code == 200
    assert client.post(url, {"seen": ""}).status_code == 403
    assert Target.objects.count() == 1


def test_a_correction_has_no_audiences_to_choose(campaign: Any, alma: User, signed_in: Any) -> None:
    bulletin = corrected(campaign, alma, signed_in)
    before = list(Target.objects.values())

    with pytest.raises(audience_choices.NotAllowed, match="everyone who got the bulletin"):
        audience_choices.choose(
            bulletin, {}, seen=audience_choices.token_of(bulletin.targets.all()), by=alma, at=builders.NOON
        )
    assert list(Target.objects.values()) == before
    assert "as soon as it is approved" in signed_in(alma).get(address("schedule", bulletin)).content.decode()


# --- Cadences ------------------------------------------------------------------------------------------------


def rhythm(**changes: str) -> dict[str, str]:
    """Return what the form of a cadence would send: every Wednesday at 15:00 from tomorrow."""
    data = {
        "every": "week",
        "weekday": "2",
        "local_time": "15:00",
        "grace_minutes": "180",
        "starts_on": "2026-03-26",
        "only_urgency": "",
    }
    return data | changes


def test_a_change_of_cadence_ends_the_old_one_and_starts_the_new_one(
    campaign: Any, noon: datetime, alma: User, root: User, network: Any, signed_in: Any
) -> None:
    waiting = builders.build_bulletin_in_review(campaign, by=alma, at=noon, timing="next_slot")
    slot = Target.objects.get().slot_at
    old = Cadence.objects.get()
    client = signed_in(root)

    ahead = client.post(reverse("admin:bulletins_cadence_ahead_of", args=[old.pk]), rhythm(starts_on="2026-03-25"))
    assert [target.bulletin for target, _title in ahead.context["keep"]] == [waiting]
    assert Cadence.objects.count() == 1
    client.post(reverse("admin:bulletins_cadence_change", args=[old.pk]), rhythm())

    old.refresh_from_db()
    new = Cadence.objects.exclude(pk=old.pk).get()
    assert old.until == date(2026, 3, 25) and new.starts_on == date(2026, 3, 26)
    assert (new.every, new.weekday, new.local_time) == ("week", 2, time(15))
    assert Target.objects.get().slot_at == slot
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"cadence.begun", "cadence.ended"}


def test_the_next_ten_slots_are_shown_with_the_change_of_the_clocks(
    campaign: Any, root: User, network: Any, signed_in: Any
) -> None:
    page = signed_in(root).get(reverse("admin:bulletins_cadence_change", args=[Cadence.objects.get().pk]))

    text = page.content.decode()
    assert len(page.context["slots"]) == 10
    assert "The clocks go forward on" in text and "more than 3 hours late is held" in text
    assert "60 minutes after the first audience" in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"starts_on": "2026-03-24"}, "start in the past"),
        ({}, "runs at the same time"),
        (
            {"every": "immediate", "not_before": "21:00", "not_after": "07:00", "only_urgency": "urgent"},
            "no time between",
        ),
        ({"only_urgency": "urgent", "local_time": ""}, "enter the time of day"),
    ],
)
def test_a_cadence_that_does_not_fit_is_refused(
    changes: dict[str, str], why: str, campaign: Any, root: User, network: Any, signed_in: Any
) -> None:
    before = list(Cadence.objects.values())

    answer = signed_in(root).post(reverse("admin:bulletins_cadence_add"), rhythm(audience=str(network.pk), **changes))

    assert answer.status_code == 422 and why in answer.content.decode()
    assert list(Cadence.objects.values()) == before


def test_a_cadence_ends_with_a_day_and_is_never_deleted(
    campaign: Any, root: User, network: Any, signed_in: Any
) -> None:
    cadence, client = Cadence.objects.get(), signed_in(root)
    end = reverse("admin:bulletins_cadence_end", args=[cadence.pk])

    assert "has passed" in said(client.post(end, {"on": "2026-03-24"}))
    assert client.post(reverse("admin:bulletins_cadence_delete", args=[cadence.pk]), {"post": "yes"}).status_code == 403
    cadence.refresh_from_db()
    assert cadence.until is None

    client.post(end, {"on": "2026-03-31"})
    cadence.refresh_from_db()
    assert cadence.until == date(2026, 3, 31)


def test_an_editor_only_reads_cadences(campaign: Any, alma: User, network: Any, signed_in: Any) -> None:
    cadence, client = Cadence.objects.get(), signed_in(alma)
    url = reverse("admin:bulletins_cadence_change", args=[cadence.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, rhythm()).status_code == 403
    assert client.get(reverse("admin:bulletins_cadence_add")).status_code == 403
    assert Cadence.objects.count() == 1


# --- Calendar ------------------------------------------------------------------------------------------------


def test_the_calendar_shows_slots_bulletins_sends_and_what_ends(
    campaign: Any, noon: datetime, alma: User, network: Any, signed_in: Any
) -> None:
    builders.build_published_version(campaign, by=alma, audiences=[network])
    builders.build_bulletin_in_review(campaign, by=alma, at=noon, timing="next_slot")
    draft = builders.build_bulletin(campaign, by=alma, embargo_until=noon + timedelta(hours=2))
    KeyMessage.objects.filter(bulletin=draft).update(valid_until=noon + timedelta(days=1))

    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_month", args=[2026, 3]))

    days = {day.day: day for week in page.context["weeks"] for day in week}
    assert {entry.kind for entry in days[date(2026, 3, 25)].entries} == {"send", "bulletin", "embargo"}
    assert {entry.kind for entry in days[date(2026, 3, 26)].entries} == {"slot", "expires"}
    assert days[date(2026, 3, 29)].change.forward
    assert "The clocks go forward" in page.content.decode()


def test_the_calendar_has_a_line_a_bulletin_in_the_readers_language_and_opens_at_today(
    campaign: Any, noon: datetime, alma: User, signed_in: Any
) -> None:
    near, far = (builders.build_audience(campaign, slug, cadence="day") for slug in ("near", "far"))
    sent = builders.build_published_version(campaign, by=alma, audiences=[near, far])
    KeyMessage.objects.filter(bulletin=sent.bulletin).delete()
    for key in ("km-1", "km-2"):
        KeyMessage.objects.create(
            bulletin=sent.bulletin, key=key, text={"en": key}, valid_until=noon + timedelta(days=3)
        )
    waiting = builders.build_bulletin_in_review(campaign, by=alma, at=noon, audiences=[near, far], timing="next_slot")
    client, month = signed_in(alma), reverse("admin:bulletins_bulletin_month", args=[2026, 3])
    titles = {}
    for language in ("sv", "en"):
        alma.language = language
        alma.save()
        page = client.get(month, headers={"Accept-Language": language})
        entries = [one for week in page.context["weeks"] for day in week for one in day.entries]
        (line,) = [one for one in entries if one.kind == "bulletin" and one.says.startswith(f"{waiting}: ")]
        assert str(near) in line.says and str(far) in line.says
        (line,) = [one for one in entries if one.kind == "send"]
        titles[language] = line.says.partition(" → ")[0]
        assert str(near) in line.says and str(far) in line.says
        (ends,) = [one.says for one in entries if one.kind == "expires" and f" {sent.bulletin.number}" in one.says]
        assert language != "en" or "2 key messages of bulletin" in ends
        assert titles[language] == f"{sent.bulletin.number}: {sent.editions.get(language=language).title}"
    assert titles["sv"] != titles["en"]

    assert page.content.decode().count('id="today"') == 1
    assert f"{reverse('admin:bulletins_bulletin_calendar')}#today" in page.content.decode()


def test_the_calendar_costs_the_same_however_full_it_is(full_desk: Any, boss: User, signed_in: Any) -> None:
    client, url = signed_in(boss), reverse("admin:bulletins_bulletin_calendar")
    cost = queries_of(client, url)

    full_desk(3)
    full_desk(4)

    assert queries_of(client, url) == cost <= 30


@pytest.mark.parametrize(("year", "month"), [(2026, 13), (1999, 1), (2026, 0)])
def test_a_month_that_does_not_exist_is_not_found(
    year: int, month: int, campaign: Any, alma: User, signed_in: Any
) -> None:
    assert signed_in(alma).get(f"/desk/bulletins/bulletin/calendar/{year}/{month}/").status_code == 404


def test_today_tells_fact_checkers_what_waits_for_their_word(campaign, alma, fiona, oskar, signed_in):
    bulletin = builders.build_bulletin(campaign, by=alma)
    bulletin.claims.add(builders.build_claim(campaign))
    builders.submitted(bulletin, by=alma)
    today = reverse("admin:today")

    assert [ticket.bulletin for ticket in signed_in(fiona).get(today).context["to_sign"]] == [bulletin]
    assert signed_in(oskar).get(today).context["to_sign"] == []

    bulletin.refresh_from_db()
    approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=fiona, at=builders.NOON)
    assert signed_in(fiona).get(today).context["to_sign"] == []


def test_today_and_the_list_say_when_a_part_leaves_at_once(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    close = builders.build_audience(campaign, "close", size=2)
    wide = builders.build_audience(campaign, "wide", cadence="week", size=3)
    bulletin = builders.build_bulletin(campaign, by=alma, at=timezone.now(), audiences=[close, wide])
    bulletin.targets.filter(audience=wide).update(timing="next_slot")
    client = signed_in(oskar)

    builders.submitted(bulletin, by=alma, at=timezone.now())
    today = client.get(reverse("admin:today"))
    [ticket] = today.context["mine"]
    assert ticket.at_once and ticket.slot == bulletin.targets.get(audience=wide).slot_at
    assert ticket.goes == "Goes to up to 2 people the moment you approve it"
    [later] = ticket.further
    assert later.startswith("3 more on ") and f"{later}." in today.content.decode()
    assert "As soon as it is approved" in client.get(reverse("admin:bulletins_bulletin_changelist")).content.decode()

    until = timezone.now() + timedelta(minutes=5)  # the weekly slot is later, and was shown instead
    Bulletin.objects.update(embargo_until=until)
    [ticket] = client.get(reverse("admin:today")).context["mine"]
    assert (ticket.at_once, ticket.slot) == (False, until)
    assert ticket.goes.startswith("Goes to up to 2 people on ")  # when the embargo ends


def test_what_leaves_at_once_comes_first_on_today(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    close = builders.build_audience(campaign, "close")
    wide = builders.build_audience(campaign, "wide", cadence="day")
    later, sooner = (builders.build_bulletin(campaign, by=alma, audiences=[close, wide]) for _number in range(2))
    later.targets.filter(audience=close).delete()
    later.targets.update(timing="next_slot")
    sooner.targets.filter(audience=wide).update(timing="next_slot")
    for one in (later, sooner):
        builders.submitted(one, by=alma, at=timezone.now())
    mine = signed_in(oskar).get(reverse("admin:today")).context["mine"]
    assert [ticket.bulletin for ticket in mine] == [sooner, later]


# --- What an approver reads ----------------------------------------------------------------------------------


def test_before_the_last_press_it_says_who_gets_what_when_in_which_language_by_which_channel(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    close = builders.build_audience(campaign, "close", size=3)
    wide = builders.build_audience(campaign, "wide", cadence="day", size=4, language="sv")
    builders.build_subscribers(2, builders.build_digest(campaign, "day"))
    bulletin = builders.build_bulletin(campaign, by=alma, at=timezone.now(), audiences=[close, wide])
    bulletin.targets.filter(audience=wide).update(timing="next_slot")
    builders.submitted(bulletin, by=alma, at=timezone.now())

    answer = signed_in(oskar).get(address("read", bulletin))

    sheet = answer.content.decode().partition('id="press-yes"')[2].partition("</form>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", sheet).split())
    assert "Send it to up to 3 people now?" in words and "Approve and send to up to 3" in words, "as its sentence says"
    assert "The moment you approve it 3 people by email, each in their own language" in words
    assert "Finnish 1, Swedish 1, English 1" in words and "Close" in words
    slot = date_format(campaign.local(bulletin.targets.get(audience=wide).slot_at), "DATETIME_FORMAT")
    assert f"{slot} 4 people by email" in words and "Swedish 4" in words
    assert "Everyone, on the portal and the public page Finnish, Swedish, English" in words
    assert "2 digest subscribers, in their next digest" in words


def test_the_button_says_up_to_where_its_sentence_does(
    campaign: Any, alma: User, oskar: User, signed_in: Any, monkeypatch: Any
) -> None:
    """Of audiences that are too large to compare only a bound is known."""
    close, wide = (builders.build_audience(campaign, slug, size=3) for slug in ("close", "wide"))
    bulletin = builders.build_bulletin(campaign, by=alma, at=timezone.now(), audiences=[close, wide], urgency="urgent")
    builders.submitted(bulletin, by=alma, at=timezone.now())

    def words() -> str:
        page = signed_in(oskar).get(address("read", bulletin)).content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert (
        "Approve and send to 6" in words() and "Send it to 6 people now?" in words() and "up to" not in words().lower()
    )
    monkeypatch.setattr(audience_sizes, "COMPARED", 3)
    assert "Goes to up to 6 people the moment you approve it" in words()
    assert "Send it to up to 6 people now?" in words() and "Approve and send to up to 6" in words()
    assert "who is in several of the audiences gets it once" in words() and "daily or weekly" not in words()


def test_after_an_approval_the_page_says_what_leaves_now_and_what_waits(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    close = builders.build_audience(campaign, "close", size=3)
    wide = builders.build_audience(campaign, "wide", cadence="day", size=4)
    bulletin = builders.build_bulletin(campaign, by=alma, at=timezone.now(), audiences=[close, wide])
    bulletin.targets.filter(audience=wide).update(timing="next_slot")
    builders.submitted(bulletin, by=alma, at=timezone.now())
    other = builders.build_bulletin_in_review(campaign, by=alma)
    client = signed_in(oskar)

    answer = step(client, bulletin, "approve", digest=bulletin.digest)
    assert answer["Location"] == address("read", bulletin) and "slot" not in said(answer)
    page = client.get(answer["Location"])
    assert [(one.state, one.what) for one in page.context["outcomes"]] == [
        ("now", "Portal and public page"),
        ("now", "3 people by email"),
        ("waits", "4 people by email"),
    ]
    assert "approved it" in page.content.decode()
    assert [one["bulletin"] for one in page.context["more"]] == [other]

    publish.publish(bulletin, at=timezone.now())
    Send.objects.filter(audience=close).update(state="finished", finished_at=timezone.now())
    page = client.get(address("read", bulletin))
    assert [(one.state, one.what) for one in page.context["outcomes"]] == [
        ("done", "Portal and public page"),
        ("done", "Email to Close"),
        ("waits", "Email to Wide"),
    ]


def test_an_urgent_bulletin_leaves_at_once_though_another_audience_waits_for_its_slot(
    campaign: Any, alma: User, oskar: User, signed_in: Any
) -> None:
    close = builders.build_audience(campaign, "close", size=1)
    wide = builders.build_audience(campaign, "wide", cadence="day", size=1)
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[close, wide], urgency="urgent")
    bulletin.targets.filter(audience=wide).update(timing="next_slot")
    builders.submitted(bulletin, by=alma)

    step(signed_in(oskar), bulletin, "approve_and_send", digest=bulletin.digest)

    slots = dict(Send.objects.values_list("audience__slug", "slot_at"))
    assert slots["close"] == builders.NOON and slots["wide"] == builders.NOON + timedelta(hours=3)

    waiting = builders.build_bulletin(campaign, by=alma, audiences=[wide], urgency="urgent", timing="next_slot")
    builders.submitted(waiting, by=alma)
    answer = step(signed_in(oskar), waiting, "approve_and_send", digest=waiting.digest)
    waiting.refresh_from_db()
    assert "every audience has to wait for its slot" in said(answer) and waiting.state == State.IN_REVIEW


def test_a_reason_that_came_too_late_is_still_there(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_published_version(campaign, by=alma).bulletin

    answer = step(signed_in(oskar), bulletin, "send_back", reason="The date is wrong.")

    assert answer.status_code == 409 and "neither in review nor approved" in said(answer)
    assert answer.context["reason"] == "The date is wrong." and "The date is wrong." in answer.content.decode()


def test_whoever_cannot_approve_is_told_why_and_who_can(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    drafts.note_editor(bulletin, by=oskar, at=builders.NOON)
    builders.submitted(bulletin, by=alma)
    builders.build_user("paula", "approver")

    page = signed_in(oskar).get(address("read", bulletin)).content.decode()

    bar = " ".join(re.sub(r"<[^>]+>", " ", page.partition('class="abar"')[2].partition("<button")[0]).split())
    assert "You edited or submitted this version, so someone else must approve it. Can approve: Paula." in bar
    assert 'id="press-yes"' not in page


def test_only_cards_that_go_out_are_shown(campaign: Any, alma: User, oskar: User, signed_in: Any) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    builders.build_cards(bulletin)
    KeyMessage.objects.update(text={"fi": "Toinen viesti.", "sv": "x", "en": "Another message."})
    specs = message_cards.specs_of(bulletin)
    fresh = bulletin.cards.filter(digest__in=[message_cards.digest(one) for one in specs])
    builders.submitted(bulletin, by=alma)
    assert bulletin.cards.exists() and not fresh.exists()
    client = signed_in(oskar)

    page = client.get(address("read", bulletin))
    assert (page.context["cards"], page.context["cards_missing"]) == ([], 3)

    builders.build_cards(bulletin)
    page = client.get(address("read", bulletin))
    assert [one["name"] for one in page.context["cards"]] == ["Finnish", "Swedish", "English"]
    assert page.context["cards_missing"] == 0 and "Another message." in page.content.decode()


def test_the_head_of_the_page_names_text_messages_and_what_they_cost(
    campaign: Any, alma: User, oskar: User, signed_in: Any, settings: Any
) -> None:
    settings.EXERCISE_CHANNELS = ["sms"]
    network = builders.build_audience(campaign, size=2, kind="influencers")
    address_of(people_of(network)[0], "+358401234567", "bulletins")
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[network])
    for edition in bulletin.editions.all():
        Variant.objects.create(edition=edition, platform="sms", caption="Boil your water.")
    builders.submitted(bulletin, by=alma)

    page = signed_in(oskar).get(address("read", bulletin)).content.decode()

    head = page.partition('class="goes"')[2].partition("</section>")[0]
    assert "By text message: 1 person who chose it (1 part; nobody has written" in " ".join(head.split())
