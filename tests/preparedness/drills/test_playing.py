"""A drill plays itself: each event once, in its time, inside; what people do is measured, and what cannot be played is refused."""

import json
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry, User
from bulletins.approval import approval_workflow, pending_updates
from bulletins.models import Bulletin, MessageInput, NotAllowed, Version
from bulletins.publication import due_bulletins
from campaigns.models import Campaign
from delivery.models import Delivery, MailerHealth
from delivery.sending import dispatch
from factcheck.models import Claim
from influencers.models import Influencer, RecallNotice
from influencers.recall import recall_plan
from notifications.models import Notice
from preparedness.drills import (
    exercise_campaign,
    figures,
    injection,
    lifecycle,
    made_up_people,
    made_up_work,
    parts,
    player,
    report,
    scenario_files,
    trails,
)
from preparedness.models import Drill, DrillEvent
from questions.models import Answer
from tests.support import builders
from tests.support.tagged_pdf import TaggedPdf

pytestmark = pytest.mark.django_db

STEP = 5  # of our seconds between two turns: five minutes of a scenario that goes sixty times as fast


@pytest.fixture(autouse=True)
def enough_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine made-up people get less done in a second, and the drill's figures tell it; here time is made up too."""
    monkeypatch.setattr(made_up_work, "MOST_SECONDS", 60.0)


def prepared(campaign: Campaign, by: User, *, at: datetime, slug: str = "water", **how: Any) -> Drill:
    """Return a drill that is ready to start, with six made-up influencers unless `how` says otherwise."""
    chosen: dict[str, Any] = {"speed": 60, "made_up": list(parts.CAST), "influencers": 6}
    return lifecycle.prepare(campaign, slug, by=by, at=at, **chosen | how)


def play(drill: Drill, *, at: datetime, until: float) -> datetime:
    """Play a drill for some of our seconds, with the machine's own work in between, and return when that is."""
    assert drill.started_at
    while (at - drill.started_at).total_seconds() < until and not drill.ended_at:
        at += timedelta(seconds=STEP)
        player.play(at=at)
        due_bulletins.publish_due(at=at)
        dispatch.start_urgent_sends(at=at)
        Delivery.objects.filter(state="queued").update(state="accepted", finished_at=at)
        recall_plan.plan_due(at=at)
        drill.refresh_from_db()
    return at


def test_a_scenario_plays_itself_without_people_and_is_measured_and_told(
    root: User, alma: User, authority: Any, signed_in: Any, settings: Any
) -> None:
    settings.NOTIFY_URL = "https://chat.example.org/hook"
    at = timezone.now()
    campaign = exercise_campaign.make(scenario_files.read("water"), slug="drill-water", influencers=12, by=root, at=at)
    drill = prepared(campaign, root, at=at)
    lifecycle.start(drill, by=root, at=at)
    player.play(at=at)
    player.play(at=at)  # a second process, or one that was started again
    assert MessageInput.objects.count() == 1

    at = play(drill, at=at, until=200)

    assert drill.ended_at and drill.figures["seconds"] == pytest.approx(150, abs=STEP)
    events = {one.key: one for one in drill.events.all()}
    assert all(one.done_at and one.dealt_at and not one.note for one in events.values())
    assert AuditEntry.objects.filter(verb="drill.event_put_in").count() == len(events)
    assert Version.objects.filter(bulletin__campaign=campaign).count() == 3  # two bulletins, one of them corrected
    corrected = Version.objects.get(number=2)
    assert "Harjula" in corrected.editions.get(language="sv").title
    assert not pending_updates.pending(
        corrected.bulletin, at=at
    )  # whoever approved it was not told that it lacks the update
    assert (
        Claim.objects.filter(status="published").count() == 2 and Answer.objects.filter(state="published").count() == 3
    )
    answered = RecallNotice.objects.exclude(acknowledged_at=None).count()
    assert answered > RecallNotice.objects.count() / 2 > 0  # of six, each by a draw
    # Nobody outside heard of it, and nobody who is real did any of it.
    assert not Notice.objects.filter(person=None, kind__startswith="input").exists()
    played = User.objects.filter(pk__in=[one.by_id for one in Bulletin.objects.first().reviews.all() if one.by_id])
    assert all(one.is_made_up and not one.is_active for one in played)
    assert MailerHealth.objects.get(mailer="exercise").down_until is None
    campaign.refresh_from_db()
    assert campaign.drill == {}
    measured = drill.figures["measures"]
    assert 0 < measured["first_draft"] < measured["approved"] <= measured["first_delivered"] <= measured["delivered_95"]
    # Six people answer by a draw of each: nine in ten of them may never do.
    assert measured["recall_50"] <= (measured["recall_90"] or measured["recall_50"])
    assert measured["answered"] and measured["findings_missed"] == 0
    assert {one["part"] for one in drill.figures["waited"]} == set(parts.NAMES)

    # Another drill of the same scenario is compared with it.
    later = prepared(campaign, root, at=at + timedelta(hours=1))
    assert figures.before(later) == drill
    client = signed_in(alma)
    session = client.session
    session["desk_campaign"] = campaign.pk
    session.save()
    titles = set()
    for language in ("fi", "sv", "en"):
        page = client.get(reverse("admin:preparedness_drill_report", args=[drill.pk]), {"language": language})
        titles.add(page.context["report"].title)
        assert page.status_code == 200 and page.context["report"].better and "lang" in page.content.decode()
        pdf = client.get(reverse("admin:preparedness_drill_pdf", args=[drill.pk]), {"language": language})
        assert TaggedPdf(pdf.content).problems() == [] and f"-{language}.pdf" in pdf["Content-Disposition"]
    assert len(titles) == 3
    told = json.loads(client.get(reverse("admin:preparedness_drill_json", args=[drill.pk])).content)
    assert told["measures"] == measured and told["exercise"] is True and len(told["events"]) == len(events)
    csv = client.get(reverse("admin:preparedness_drill_csv", args=[drill.pk])).content.decode()
    assert f"recall_50,{measured['recall_50']}" in csv


def lessons(*rows: tuple[str, str, str], proposed: int = 1) -> dict[str, str]:
    """Return what the form of what a team will do sends: what, the key of its owner and the day, each."""
    sent = {"lessons-TOTAL_FORMS": str(len(rows)), "lessons-INITIAL_FORMS": str(proposed)}
    for number, row in enumerate(rows):
        sent |= {f"lessons-{number}-{name}": value for name, value in zip(("what", "owner", "by"), row, strict=True)}
    return sent


def over(campaign: Campaign, by: User, **kept: Any) -> Drill:
    """Return a drill that is over, with figures in which nothing was over its aim."""
    began = timezone.now() - timedelta(hours=3)
    drill = prepared(campaign, by, at=began)
    figures_ = {"measures": {"first_delivered": 600.0}, "waited": [], "events": {}, "people": 1, "recipients": 300}
    Drill.objects.filter(pk=drill.pk).update(
        started_at=began, ended_at=began + timedelta(hours=2), figures=figures_, **kept
    )
    drill.refresh_from_db()
    return drill


def test_what_a_team_will_do_has_an_owner_and_a_day_and_a_proposal_that_nobody_takes_is_left_out(
    campaign: Campaign, root: User, alma: User, oskar: User, signed_in: Any
) -> None:
    drill = over(campaign, root)
    address = reverse("admin:preparedness_drill_report", args=[drill.pk])
    client = signed_in(alma)
    proposal = client.get(address, {"language": "en"}).context["lesson_forms"][0]["what"].value()
    assert proposal == report.of(drill).better[0][0]

    for wrong in (("A deputy", "", "2026-12-01"), ("A deputy", str(oskar.pk), ""), ("", str(oskar.pk), "2026-12-01")):
        refused = client.post(address, lessons((proposal, "", ""), wrong))
        assert refused.status_code == 422 and "field__error" in refused.content.decode()
    drill.refresh_from_db()
    assert drill.actions == []

    saved = client.post(address, lessons((proposal, "", ""), ("Name a deputy", str(oskar.pk), "2026-12-01")))
    assert saved.status_code == 302
    drill.refresh_from_db()
    assert drill.actions == [{"what": "Name a deputy", "owner": oskar.pk, "by": "2026-12-01"}]
    with translation.override("en"):
        (told,) = report.of(drill).lessons
    assert told[0] == "Name a deputy" and str(oskar) in told[1] and "2026" in told[1]
    assert [one["what"] for one in report.data(drill)["lessons"]] == ["Name a deputy"]
    assert str(oskar) not in json.dumps(report.data(drill))

    # The next drill of the scenario begins with it; emptied, it goes.
    later = prepared(campaign, root, at=timezone.now())
    page = signed_in(root).get(reverse("admin:preparedness_drill_change", args=[later.pk]))
    assert page.context["last_lessons"] == [told]
    client.post(address, lessons(("", str(oskar.pk), "2026-12-01")))
    drill.refresh_from_db()
    assert drill.actions == []


def test_lines_that_a_team_wrote_before_lessons_had_owners_stay_in_the_report(campaign: Campaign, root: User) -> None:
    assert report.of(over(campaign, root, lessons="Anna: a deputy by 1 May\n")).lessons == [
        ("Anna: a deputy by 1 May", "")
    ]


def test_a_drill_says_before_it_starts_how_long_it_lasts_and_how_many_get_its_mail(
    campaign: Campaign, root: User, signed_in: Any
) -> None:
    add = reverse("admin:preparedness_drill_add")
    client = signed_in(root)
    assert client.get(add).context["form"]["influencers"].value() == 300
    everybody = builders.build_audience(campaign)
    made_up_people.add_influencers(campaign, 310, at=timezone.now())
    builders.build_recipients(1, everybody)

    form = client.get(add).context["form"]
    assert form["influencers"].value() == 310 and "310 already" in form["influencers"].help_text
    fewer = {"scenario": "water", "speed": "60", "influencers": "300"}
    refused = client.post(add, fewer)
    assert refused.status_code == 422 and "310 already" in str(refused.context["form"].errors["influencers"])
    assert not Drill.objects.exists()

    client.post(add, fewer | {"influencers": "320"})
    page = client.get(reverse("admin:preparedness_drill_change", args=[Drill.objects.get().pk])).content.decode()
    said = " ".join(page.split())
    assert "320 made-up influencers take part. 1 other recipient of this exercise gets its mail too" in said
    assert "goes to 321" in said
    assert "150 minutes of the scenario pass 60 times as fast: it lasts 2" in said.replace("\xa0", " ")


def test_a_drill_that_the_machine_could_not_keep_up_with_says_that_its_times_mean_little(
    campaign: Campaign, root: User
) -> None:
    drill = over(campaign, root)
    slow = "The machine was too slow for this speed: the drill took 3:40 instead of 2:30"
    for seconds, is_said in ((150.3, False), (220.0, True)):
        drill.figures = {**drill.figures, "seconds": seconds, "people": 0}
        with translation.override("en"):
            told = report.of(drill)
        assert (slow in told.lead) is is_said, seconds
        assert told.taking_part == "nobody, all were made up; 300 recipients"
    drill.made_up = parts.WITH_PEOPLE
    with translation.override("en"):
        assert report.of(drill).taking_part == "nobody did anything; 300 recipients"
    assert [bool(re.search(r"\d:\d\d$", day)) for day in report.days_of([drill, drill])] == [True, True]
    assert not re.search(r"\d:\d\d$", *report.days_of([drill]))
    drill.stopped_by = root  # who ends it early has a shorter one, not a slow machine
    with translation.override("en"):
        assert slow not in report.of(drill).lead


def test_a_drill_is_compared_with_none_that_the_machine_could_not_keep_up_with(campaign: Campaign, root: User) -> None:
    fine, slow = over(campaign, root), over(campaign, root)
    Drill.objects.filter(pk=slow.pk).update(figures=slow.figures | {"is_slow": True})
    later = prepared(campaign, root, at=timezone.now())
    assert figures.earlier(later) == [fine] and figures.before(later) == fine

    assert fine.started_at
    # A drill that took four minutes for its two and a half is noted as such, one that was ended early is not.
    for seconds, is_slow in ((150, False), (240, True)):
        fine.ended_at = fine.started_at + timedelta(seconds=seconds)
        figures.keep(fine)
        assert fine.figures["is_slow"] is is_slow, seconds
    fine.stopped_by = root
    figures.keep(fine)
    assert not fine.figures["is_slow"]


def test_a_report_begins_with_every_figure_over_its_aim_and_calls_nothing_well_that_was_not_measured(
    campaign: Campaign, root: User
) -> None:
    late = {
        "approved": 1142.0,
        "first_delivered": 1149.0,
        "delivered_95": 1150.0,
        "answered": 1825.0,
        "recall_50": 870.0,
    }
    waited = [{"part": parts.FACT_CHECKER, "times": 6, "total": 2760, "longest": 660}]
    drill = over(campaign, root)
    drill.figures = {**drill.figures, "measures": {**late, "findings_missed": 3}, "waited": waited}
    with translation.override("en"):
        told = report.of(drill)
        why = " ".join(why for _what, why in told.better)
        for figure in (
            "Left at approval: 3.",
            "until approved: 19:02, aim 12:00.",
            "first delivered: 19:09, aim 15:00.",
            "median: 30:25, aim 20:00.",
            "never acknowledged by 90",
        ):
            assert figure in why, figure
        assert "95" not in why and not any("answer" in one for one in told.well)

        drill.figures = {**drill.figures, "measures": {"first_delivered": 600.0}}
        (again,) = report.of(drill).better
        assert again[0].startswith("Play it again") and "Question until answer" in again[1]


def test_a_scenario_played_twice_in_one_exercise_asks_and_reports_anew(
    campaign: Campaign, root: User, authority: Any
) -> None:
    builders.build_audience(campaign, "network", tier=2)
    at, scenario, came = timezone.now(), scenario_files.read("water"), []
    for turn in range(2):
        at += timedelta(minutes=turn)
        drill = prepared(campaign, root, at=at, influencers=2)
        drill.started_at = at
        for key in ("shower", "shower", "threat"):
            row, event = drill.events.get(key=key), scenario.event(key)
            later = at + timedelta(seconds=5)
            place = injection.Place(drill, scenario, drill.clock(scenario), row, event, later)
            came.append((key, injection.put_in(place).pk))
    first, second = came[:3], came[3:]
    assert first[0] == first[1] and second[0] == second[1]  # within a drill, what comes twice counts once
    assert not set(first) & set(second)

    # What was dealt with before it was put in was dealt with in an earlier drill, and measures nothing.
    answered = trails.Trail(DrillEvent(done_at=at), dealt_at=at - timedelta(minutes=1), subject=object())
    assert answered.took is None and figures.answered(drill.clock(scenario), [answered]) is None


def test_what_was_left_is_said_without_two_signs_in_a_row(campaign: Campaign, root: User) -> None:
    drill = over(campaign, root)
    for key in ("shower", "how-long"):
        assert drill.events.filter(key=key).update(done_at=drill.started_at) == 1
    with translation.override("en"):
        why = next(why for what, why in report.of(drill).better if "left undone" in what)
    assert why == "Not dealt with: Can I shower?; How long?"


@pytest.mark.parametrize("slug", ["elections", "epidemic", "flood", "power-cut"])
def test_every_other_scenario_plays_itself_to_its_end(slug: str, root: User, authority: Any) -> None:
    at, scenario = timezone.now(), scenario_files.read(slug)
    campaign = exercise_campaign.make(scenario, slug=f"drill-{slug}", influencers=12, by=root, at=at)
    drill = prepared(campaign, root, at=at, slug=slug, influencers=12)
    lifecycle.start(drill, by=root, at=at)

    play(drill, at=at, until=scenario.minutes + 2 * STEP)

    assert drill.ended_at
    left = {
        one.key: one.note or "waits" for one in drill.events.all() if one.note or not (one.done_at and one.dealt_at)
    }
    # Who never answers is drawn by the scenario: of twelve, half do.
    assert left == {} and drill.figures["measures"]["recall_50"] is not None


def test_only_an_open_exercise_whose_mail_stays_inside_is_played_and_one_drill_at_a_time(
    campaign: Campaign, root: User, authority: Any, noon: datetime, settings: Any
) -> None:
    live = builders.build_campaign("live", mode="live")
    closed = builders.build_campaign("closed", closed_at=noon)
    for refused in (live, closed):
        with pytest.raises(lifecycle.NotPlayable, match="Not prepared"):
            prepared(refused, root, at=noon)
    # Where live mail leaves by the server of exercises, that is no catcher.
    settings.MAIL = {**settings.EXERCISE_MAIL}
    with pytest.raises(lifecycle.NotPlayable, match="so this is no catcher"):
        prepared(campaign, root, at=noon)
    settings.MAIL = {"host": "relay.example.org", "port": 587}
    outside = {**settings.MAILERS["exercise"], "OPTIONS": {"host": "relay.example.org", "port": 25}}
    settings.MAILERS = {**settings.MAILERS, "exercise": outside}
    with pytest.raises(lifecycle.NotPlayable, match=r"would leave this machine \(relay.example.org\)"):
        prepared(campaign, root, at=noon)
    settings.MAILERS = {**settings.MAILERS, "exercise": {**outside, "OPTIONS": settings.EXERCISE_MAIL}}
    assert not Drill.objects.exists() and not Influencer.objects.exists()

    builders.build_audience(campaign, "network", tier=2)
    first, second = prepared(campaign, root, at=noon), prepared(campaign, root, at=noon, slug="flood")
    elsewhere = prepared(builders.build_campaign("another"), root, at=noon)
    lifecycle.start(first, by=root, at=noon)
    with pytest.raises(lifecycle.NotPlayable, match=r"another drill \(Boil-water notice\) runs"):
        lifecycle.start(second, by=root, at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        Drill.objects.filter(pk=second.pk).update(started_at=noon)
    second.refresh_from_db()
    assert second.state == "prepared"
    lifecycle.start(elsewhere, by=root, at=noon)
    assert player.play(at=noon) == 2 and MessageInput.objects.values("campaign").distinct().count() == 2

    # Time stands still for everybody while it is paused, and what stopped it is noted.
    lifecycle.pause(first, by=root, at=noon + timedelta(seconds=5))
    assert player.play(at=noon + timedelta(seconds=9)) == 1  # the other one goes on
    lifecycle.resume(first, by=root, at=noon + timedelta(seconds=65))
    clock = first.clock(lifecycle.scenario_of(first))
    assert clock.elapsed(noon + timedelta(seconds=66)) == 6 * 60
    lifecycle.stop(first, by=root, at=noon + timedelta(seconds=70))
    campaign.refresh_from_db()
    assert first.state == "ended" and campaign.drill == {}
    lifecycle.start(second, by=root, at=noon + timedelta(seconds=71))


def test_faults_hold_for_as_long_as_the_scenario_says_and_whoever_is_out_approves_nothing(
    campaign: Campaign, root: User, alma: User, oskar: User, authority: Any, signed_in: Any
) -> None:
    at = timezone.now()
    second = builders.second_person()
    builders.build_audience(campaign, "network", tier=2)
    drill = prepared(campaign, root, at=at, made_up=["influencers"])
    lifecycle.start(drill, by=root, at=at - timedelta(seconds=66))  # minute 66: an approver is gone
    player.play(at=at)
    campaign.refresh_from_db()
    clock = campaign.drill_clock
    assert clock is not None
    gone = next(one for one in (oskar, second) if clock.is_away(one.pk, at=at))
    bulletin = builders.build_bulletin_in_review(campaign)
    with pytest.raises(NotAllowed, match="By the drill’s scenario you are out now"):
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=gone, at=at)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW
    assert b"You are out by the scenario" in signed_in(gone).get(reverse("admin:index")).content

    player.play(at=at + timedelta(seconds=8))  # minute 74: the relay is dead until minute 79
    health = MailerHealth.objects.get(mailer="exercise")
    assert health.down_until == drill.events.get(key="relay").done_at + timedelta(seconds=6)
    MailerHealth.objects.update(down_until=None)  # a mail that was on its way got through
    player.play(at=at + timedelta(seconds=9))
    health.refresh_from_db()
    assert health.down_until is not None
    player.play(at=at + timedelta(seconds=15))
    health.refresh_from_db()
    assert health.down_until is None and drill.events.get(key="relay").dealt_at
    assert not clock.is_away(gone.pk, at=at + timedelta(seconds=46))


def test_the_leader_alone_sees_what_comes_and_the_pages_cost_the_same_however_much_happens(
    campaign: Campaign, root: User, alma: User, oskar: User, authority: Any, signed_in: Any, ines: User, client: Any
) -> None:
    at = timezone.now()
    builders.build_audience(campaign, "network", tier=2)
    add = reverse("admin:preparedness_drill_add")
    leader, player_ = signed_in(root), signed_in(alma)
    assert signed_in(oskar).get(add).status_code == 403
    told = {"scenario": "water", "speed": "60", "made_up": ["influencers", "authority"], "influencers": "5"}
    assert leader.post(add, told | {"speed": "7"}).status_code == 422 and not Drill.objects.exists()
    assert leader.post(add, told).status_code == 302
    drill = Drill.objects.get()
    assert made_up_people.influencers(campaign).count() == 5  # four came: the address of Ines is an example too
    page = reverse("admin:preparedness_drill_change", args=[drill.pk])
    assert player_.post(page, {"step": "start"}).status_code == 403
    assert signed_in(oskar).post(page, {"step": "start"}).status_code == 403
    assert leader.post(page, {"step": "start"}).status_code == 302
    Drill.objects.filter(pk=drill.pk).update(started_at=at)
    player.play(at=at)

    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = leader.get(page).content.decode()
    assert "Can I shower?" in shown and "still to come" in shown
    hidden = player_.get(page).content.decode()
    assert "Can I shower?" not in hidden and "still to come" not in hidden and "E. coli in the network" in hidden
    # The leader alone lets one come before its time, once.
    early = {"step": "bring_forward", "event": "threat"}
    assert player_.post(page, early).status_code == 403
    assert leader.post(page, early).status_code == 302
    player.play(at=timezone.now())
    assert drill.events.get(key="threat").done_at and leader.post(page, early).status_code == 409
    Drill.objects.filter(pk=drill.pk).update(started_at=at - timedelta(seconds=70))
    player.play(at=at)
    with CaptureQueriesContext(connection) as many:
        shown = leader.get(page).content.decode()
    # Every kind of event has happened now; each is read at once, however many there are.
    assert len(many) - len(few) <= 8 and "An editor is waited for" in shown
    kept = len(many)
    Drill.objects.filter(pk=drill.pk).update(started_at=at - timedelta(seconds=75))
    player.play(at=at)
    with CaptureQueriesContext(connection) as more:
        leader.get(page)
    assert len(more) <= kept

    # A clock on every page of the site, the portal and the desk, the same for everyone.
    campaign.refresh_from_db()
    assert campaign.drill
    for address, who in (("/en/", client), ("/en/portal/", signed_in(ines)), (reverse("admin:index"), player_)):
        with CaptureQueriesContext(connection):
            assert b"data-drill=" in who.get(address).content
    assert player_.post(page, {"step": "lead"}).status_code == 302
    assert player_.post(page, {"step": "pause"}).status_code == 302
    assert b"Paused." in client.get("/en/").content
    assert leader.post(page, {"step": "stop"}).status_code == 403
    assert player_.post(page, {"step": "stop"}).status_code == 302
    assert b"data-drill=" not in client.get("/en/").content
    drill.refresh_from_db()
    assert drill.figures["measures"]["first_delivered"] is None
    with translation.override("en"):
        assert report.of(drill).title == "No bulletin reached anybody before the end"


def test_recalls_are_answered_before_texts_are_copied(monkeypatch: Any) -> None:
    """The time of one step is short: many who copy would leave none for those who answer."""
    said: list[str] = []
    monkeypatch.setattr(made_up_work, "take_words", lambda *_args: said.append("copied") or 0)
    monkeypatch.setattr(made_up_work, "answer_recalls", lambda *_args: said.append("answered") or 0)
    stage = SimpleNamespace(drill=SimpleNamespace(made_up=["influencers"]))

    made_up_work.act(stage, {})  # type: ignore[arg-type]  # what it reads of a stage without trails

    assert said == ["answered", "copied"]
