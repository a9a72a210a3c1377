"""Each kind of data has its time: a minute before it is over nothing goes, a minute after it is gone, and looking changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Attempt, CodeMail, EntryLink, Session
from accounts.privacy import retention
from bulletins.models import Comment, Handover, Presence
from config.desk import health_signs
from delivery import personal_data as delivery_data
from delivery.models import (
    ChannelProof,
    Delivery,
    ProviderEvent,
    Recipient,
    SeedAddress,
    SeedArrival,
    Send,
    SignUp,
    SingleMail,
    Subscription,
    WhatsAppWindow,
)
from delivery.reports.ledger import ledger_of
from delivery.subscriptions import signup, subscription_choices
from factcheck.models import Sighting
from impact.models import Asked, FreeText, Pretest, PretestAnswer, PretestSeat, Survey
from influencers.models import (
    Application,
    AskedPartner,
    Exposure,
    Harassment,
    ImportRun,
    Influencer,
    Invitation,
    SeenRequest,
    UnmatchedMail,
)
from notifications.models import Notice, StaffProof
from operations import doctor
from operations.monitoring import metrics
from questions.models import Question, SameQuestion
from stories.commissions import drafts
from stories.consents import consent_steps
from stories.contributions import contribution_steps
from stories.courses import attempts
from stories.models import (
    CommissionAgreement,
    CommissionApplication,
    Contribution,
    FollowUp,
    Meeting,
    MeetingInvitation,
    StoryConsent,
    StoryUpload,
)
from stories.sending import uploads
from tests.stories.commissions import scene as commissions
from tests.stories.contributions import scene as contributions_scene
from tests.stories.courses import scene as courses_scene
from tests.stories.exchanges import scene as exchanges
from tests.stories.sending import scene as sending_scene
from tests.stories.story_media import scene as media_scene
from tests.support import builders
from tests.support.builders import NOON

DAY = timedelta(days=1)
Made = tuple[Callable[[], bool], timedelta]


class Scene:
    """Makes one row of each kind at NOON; each returns what tells whether it is still there."""

    def __init__(self, campaign: Any) -> None:
        self.campaign = campaign
        self.staff = builders.build_user("stina", "liaison")
        self.person = builders.build_influencer(campaign, "ines")
        self.version = builders.build_published_version(campaign)

    def attempts(self) -> Callable[[], bool]:
        return row(Attempt.objects.create(bucket="x", key_hash="x", until=NOON))

    def sessions(self) -> Callable[[], bool]:
        return row(Session.objects.create(session_key="s" * 32, session_data="", expire_date=NOON))

    def code_mails(self) -> Callable[[], bool]:
        return row(CodeMail.objects.create(email="x@example.org", code="x", asked_at=NOON))

    def entry_links(self) -> Callable[[], bool]:
        return row(EntryLink.objects.create(user=self.staff, token_hash="x", until=NOON))

    def story_videos(self) -> Callable[[], bool]:
        story = media_scene.build_story(self.campaign, state="withdrawn", withdrawn_at=NOON)
        return row(media_scene.build_film(story, b"x"))

    def story_subtitles(self) -> Callable[[], bool]:
        story = media_scene.build_story(self.campaign, state="withdrawn", withdrawn_at=NOON)
        return row(media_scene.build_subtitles(story))

    def contributions(self) -> Callable[[], bool]:
        made = contributions_scene.build_contribution(
            contributions_scene.build_prompt(self.campaign, at=NOON), at=NOON, email="x@example.org"
        )
        contribution_steps.decide(made, Contribution.State.REFUSED, by=self.staff, at=NOON)
        return row(made)

    def courses(self) -> Callable[[], bool]:
        course = courses_scene.build_course(self.campaign, at=NOON)
        return row(attempts.begin(self.staff, course.versions.get(), at=NOON))

    def channel_proofs(self) -> Callable[[], bool]:
        [person] = builders.build_recipients(1)
        return row(
            ChannelProof.objects.create(person=person, channel="sms", address="+358401", digest="x", asked_at=NOON)
        )

    def notice_proofs(self) -> Callable[[], bool]:
        return row(
            StaffProof.objects.create(user=self.staff, channel="sms", address="+358401", digest="x", asked_at=NOON)
        )

    def whatsapp_windows(self) -> Callable[[], bool]:
        [person] = builders.build_recipients(1)
        return row(WhatsAppWindow.objects.create(recipient=person, wrote_at=NOON))

    def sign_ups(self) -> Callable[[], bool]:
        digest = builders.build_digest(self.campaign)
        ask: dict[str, Any] = {
            "audience": digest,
            "topics": [],
            "language": "fi",
            "text_version": "1",
            "source": "x",
            "place": "x",
        }
        signup.request_subscription(self.campaign, email="new@example.net", at=NOON, **ask)
        return row(SignUp.objects.get())

    def new_addresses(self) -> Callable[[], bool]:
        subscription = builders.build_subscription(builders.build_digest(self.campaign))
        subscription_choices.request_address_change(subscription, "new@example.net", place="x", at=NOON)
        return row(subscription.new_address)

    def deliveries(self) -> Callable[[], bool]:
        audience = builders.build_audience(self.campaign, "reached")
        builders.build_influencer(self.campaign, "olli", audience=audience)
        send = builders.build_fanned_out_send(audience)
        delivery = Delivery.objects.of(send).get()
        Delivery.objects.filter(pk=delivery.pk).update(state="accepted", detail="250 ok", provider_id="p1")
        type(send).objects.filter(pk=send.pk).update(state="finished", finished_at=NOON)
        return lambda: Delivery.objects.get(pk=delivery.pk).recipient_id is not None

    def provider_events(self) -> Callable[[], bool]:
        fields: dict[str, Any] = {
            "provider": "x",
            "event_id": "1",
            "kind": "delivered",
            "happened_at": NOON,
            "received_at": NOON,
        }
        return row(ProviderEvent.objects.create(**fields))

    def seeds(self) -> Callable[[], bool]:
        type(self.campaign).objects.filter(pk=self.campaign.pk).update(closed_at=NOON)
        return row(SeedAddress.objects.create(campaign=self.campaign, email="seed@example.org", language="fi"))

    def seed_arrivals(self) -> Callable[[], bool]:
        send = builders.build_send(
            builders.build_audience(self.campaign, "measured"), state="finished", finished_at=NOON
        )
        seed = SeedAddress.objects.create(campaign=self.campaign, email="inbox@example.org", language="fi")
        return row(SeedArrival.objects.create(send=send, seed=seed, after_row=1))

    def single_mails(self) -> Callable[[], bool]:
        return row(SingleMail.objects.create(kind="notice", row=1, campaign=self.campaign, since=NOON))

    def notices(self) -> Callable[[], bool]:
        fields: dict[str, Any] = {
            "kind": "thanks",
            "campaign": self.campaign,
            "person": self.staff,
            "at": NOON,
            "next_attempt_at": NOON,
        }
        return row(Notice.objects.create(**fields, sent_at=NOON))

    def presences(self) -> Callable[[], bool]:
        return row(Presence.objects.create(bulletin=self.version.bulletin, user=self.staff, seen_at=NOON))

    def comments(self) -> Callable[[], bool]:
        bulletin = self.version.bulletin
        return row(
            Comment.objects.create(bulletin=bulletin, place="edition:1:body", quote="Nokia", by=self.staff, at=NOON)
        )

    def handovers(self) -> Callable[[], bool]:
        fields: dict[str, Any] = {"campaign": self.campaign, "given_by": self.staff, "given_at": NOON, "note": "Ring."}
        return row(Handover.objects.create(**fields, taken_by=self.staff, taken_at=NOON))

    def askers(self) -> Callable[[], bool]:
        asked: dict[str, Any] = {"campaign": self.campaign, "language": "fi", "text": "Why?", "asked_at": NOON}
        question = Question.objects.create(relayed_by=self.person.recipient, **asked)
        return lambda: Question.objects.get(pk=question.pk).relayed_by_id is not None

    def same_questions(self) -> Callable[[], bool]:
        group = self.campaign.question_groups.create(slug="q")
        return row(SameQuestion.objects.create(group=group, recipient=self.person.recipient, at=NOON))

    def reporters(self) -> Callable[[], bool]:
        claim = builders.build_claim(self.campaign)
        seen: dict[str, Any] = {
            "claim": claim,
            "platform": "x",
            "seen_on": NOON.date(),
            "language": "fi",
            "created_at": NOON,
        }
        sighting = Sighting.objects.create(reporter=self.person.user, **seen)
        return lambda: Sighting.objects.get(pk=sighting.pk).reporter_id is not None

    def profile(self) -> Callable[[], bool]:
        Influencer.objects.filter(pk=self.person.pk).update(state="left", left_at=NOON)
        return lambda: Influencer.objects.get(pk=self.person.pk).name != ""

    def exposure(self) -> Callable[[], bool]:
        used: dict[str, Any] = {"influencer": self.person, "version": self.version, "way": "read", "language": "fi"}
        return row(Exposure.objects.create(**used, first_at=NOON, last_at=NOON))

    def seen(self) -> Callable[[], bool]:
        request = SeenRequest.objects.create(campaign=self.campaign, version=self.version, began_at=NOON)
        return row(AskedPartner.objects.create(request=request, influencer=self.person, asked_at=NOON))

    def harassment(self) -> Callable[[], bool]:
        return row(Harassment.objects.create(influencer=self.person, words="x", at=NOON, closed_at=NOON))

    def invited(self) -> Callable[[], bool]:
        recipient = Recipient.objects.create(email="hanna@example.org", language="fi", state="unconfirmed")
        known: dict[str, Any] = {
            "campaign": self.campaign,
            "recipient": recipient,
            "reference": "x",
            "name": "Hanna",
            "state": "invited",
        }
        hanna = Influencer.objects.create(**known, joined_at=NOON - 300 * DAY)
        Invitation.objects.create(influencer=hanna, at=NOON, next_attempt_at=NOON)
        return row(hanna)

    def applications(self) -> Callable[[], bool]:
        fields: dict[str, Any] = {
            "campaign": self.campaign,
            "email": "new@example.net",
            "language": "fi",
            "code_sent_at": NOON,
        }
        return row(Application.objects.create(**fields, created_at=NOON))

    def imports(self) -> Callable[[], bool]:
        run = ImportRun.objects.create(campaign=self.campaign, state="planned", name="list.csv", by=self.staff, at=NOON)
        return lambda: ImportRun.objects.get(pk=run.pk).state == "planned"

    def readers(self) -> Callable[[], bool]:
        subscription = builders.build_subscription(builders.build_digest(self.campaign))
        subscription_choices.end_subscription(subscription, at=NOON)
        return lambda: Recipient.objects.get(pk=subscription.recipient_id).email != ""

    def unmatched_mail(self) -> Callable[[], bool]:
        return row(UnmatchedMail.objects.create(from_address="who@example.net", mail_id="x", at=NOON))

    def commission_applications(self) -> Callable[[], bool]:
        creator = commissions.build_creator(self.campaign, at=NOON)
        brief = commissions.build_brief(self.campaign, at=NOON)
        fields: dict[str, Any] = {"state": "passed", "sentence": "With ink.", "at": NOON, "answered_at": NOON}
        return row(CommissionApplication.objects.create(commission=brief, creator=creator, **fields))

    def commission_agreements(self) -> Callable[[], bool]:
        creator = commissions.build_creator(self.campaign, at=NOON)
        commission = commissions.build_chosen(self.campaign, creator, at=NOON)
        drafts.cancel(commission, reason="No need", by=builders.editor(), at=NOON)
        return lambda: CommissionAgreement.objects.get().content != {}

    def closed_survey(self, weeks: int) -> Survey:
        by: dict[str, Any] = {"composed_by": self.staff, "composed_at": NOON, "started_at": NOON, "closes_at": NOON}
        return Survey.objects.create(campaign=self.campaign, apart_weeks=weeks, state="closed", closed_at=NOON, **by)

    def surveys(self) -> Callable[[], bool]:
        survey = self.closed_survey(weeks=2)
        return row(Asked.objects.create(survey=survey, recipient=self.person.recipient, on=NOON.date()))

    def shown_draft(self) -> Pretest:
        bulletin = builders.build_bulletin(self.campaign)
        return Pretest.objects.create(
            bulletin=bulletin,
            version=1,
            way="drawn",
            size=3,
            texts={},
            digest="x",
            shown_by=self.staff,
            shown_at=NOON,
            expires_at=NOON + timedelta(hours=1),
        )

    def pretests(self) -> Callable[[], bool]:
        return row(PretestSeat.objects.create(pretest=self.shown_draft(), recipient=self.person.recipient, number=1))

    def pretest_answers(self) -> Callable[[], bool]:
        return row(PretestAnswer.objects.create(pretest=self.shown_draft(), number=1, asks="x", share="yes", at=NOON))

    def meeting(self) -> Meeting:
        """Return a meeting of a municipality."""
        body = exchanges.build_municipality(self.campaign)
        meeting = exchanges.build_led_meeting(self.campaign, body, at=NOON)
        Meeting.objects.filter(pk=meeting.pk).update(starts_at=NOON)
        return meeting

    def meeting_invitations(self) -> Callable[[], bool]:
        asked = {"user": builders.build_user("mauri"), "invited_at": NOON, "told": 0}
        return row(MeetingInvitation.objects.create(meeting=self.meeting(), **asked))

    def follow_ups(self) -> Callable[[], bool]:
        own = self.meeting().follow_ups.get()
        FollowUp.objects.filter(pk=own.pk).update(done_at=NOON, done_by=builders.build_user("mauri"))
        return lambda: FollowUp.objects.get(pk=own.pk).done_by_id is not None

    def municipality_invited(self) -> Callable[[], bool]:
        body = sending_scene.build_municipality(self.campaign)
        return row(sending_scene.build_invitation(body, "new@example.net", at=NOON))

    def story_drafts(self) -> Callable[[], bool]:
        body = sending_scene.build_municipality(self.campaign)
        return row(sending_scene.build_story(body, by=sending_scene.build_sender(body), at=NOON))

    def story_uploads(self) -> Callable[[], bool]:
        body = sending_scene.build_municipality(self.campaign)
        sender = sending_scene.build_sender(body)
        story = sending_scene.build_story(body, by=sender, at=NOON - DAY, kind="pictures")
        upload = sending_scene.build_upload(story, user=sender, at=NOON - DAY)
        uploads.append(upload, 0, b"x", at=NOON)
        return row(StoryUpload.objects.get())

    def story_consents(self) -> Callable[[], bool]:
        body = sending_scene.build_municipality(self.campaign)
        sender = sending_scene.build_sender(body)
        seen = sending_scene.build_person(body, by=sender, at=NOON - 300 * DAY)
        sending_scene.build_story(body, by=sender, at=NOON, people=[seen])
        consent_steps.take_back(seen, by=None, at=NOON)
        return lambda: StoryConsent.objects.get().name != ""

    def survey_texts(self) -> Callable[[], bool]:
        return row(FreeText.objects.create(survey=self.closed_survey(weeks=2), question=0, text="x"))


def row(made: Any) -> Callable[[], bool]:
    """Return what tells whether a row is there."""
    return lambda: type(made)._default_manager.filter(pk=made.pk).exists()


LASTS = {
    "code_mails": timedelta(minutes=10),
    "surveys": timedelta(days=13, hours=12),  # dated, so from midnight
}  # in parts of a day; the others in whole ones


@pytest.mark.parametrize("kind", sorted(rule.kind for rule in retention.rules() if rule.forget))
def test_a_kind_is_kept_for_its_time_and_gone_after_it_and_a_look_changes_nothing(kind, campaign, roles):
    is_there = getattr(Scene(campaign), kind)()
    rule = retention.rule(kind)
    over = NOON + LASTS.get(kind, rule.days * DAY)

    before, after = over - timedelta(minutes=1), over + timedelta(minutes=1)
    assert rule.due(before).count() == 0 and retention.forget_all(rule, at=before) == 0 and is_there()
    assert rule.due(after).count() == 1 and is_there()  # asked about, and there
    assert retention.forget_all(rule, at=after) == 1
    assert not is_there() and rule.due(after).count() == 0


def test_every_kind_that_is_counted_in_days_by_a_setting_follows_it(settings):
    wrong = []
    for rule in retention.rules():
        if rule.setting:
            setattr(settings, rule.setting, 1234)
            if rule.days != 1234 or "1234 days" not in rule.period():
                wrong.append(rule.kind)
    assert wrong == []


def test_a_rule_says_whose_why_on_what_ground_for_how_long_and_who_sees_it():
    dumb = [r.kind for r in retention.rules() if not all(map(str, (r.title, r.why, r.seen_by, r.period())))]
    assert dumb == []
    # What is never forgotten by a rule goes with something else, or says that it stays.
    assert {r.kind for r in retention.rules() if not r.forget and not r.fixed} == {
        *("account", "audit", "contacts", "consents", "subscription", "suppressions", "reports", "reading"),
        *(
            "tracking",
            "posts",
            "held_changes",
            "saved_views",
            "creators",
            "partner_members",
            "exchange_calendars",
            "course_certificates",
            "story_takes",
            "municipality_members",
            "notice_addresses",
        ),
    }


def test_the_ledger_still_adds_up_when_it_is_forgotten_whom_mail_went_to(campaign, roles):
    Scene(campaign).deliveries()
    send = Send.objects.get(audience__slug="reached")
    before = ledger_of([send]).total
    retention.forget_all(retention.rule("deliveries"), at=NOON + 500 * DAY)

    assert ledger_of([send]).total == before and before.adds_up and before.accepted == 1
    delivery = Delivery.objects.of(send).get()
    assert (delivery.recipient_id, delivery.detail, delivery.provider_id) == (None, "", "")


def test_who_is_named_by_a_question_stays_known_so_that_the_name_can_go(campaign, roles):
    scene = Scene(campaign)
    scene.askers()
    Question.objects.update(credit="Ines", may_credit=True)
    assert retention.forget_all(retention.rule("askers"), at=NOON + 4000 * DAY) == 0
    assert Question.objects.get().relayed_by == scene.person.recipient


def test_each_turn_lets_go_what_is_due_and_a_fault_in_one_rule_stops_no_other(campaign, roles, monkeypatch, caplog):
    scene = Scene(campaign)
    stray, kept = scene.unmatched_mail(), scene.notices()

    def broken(at: Any) -> int:
        raise RuntimeError("disk")

    whole = retention._rules["notices"]
    monkeypatch.setitem(retention._rules, "notices", replace(whole, forget=broken))
    assert retention.forget_due(at=NOON + 200 * DAY) >= 1
    assert not stray() and kept() and "The rule notices could not forget" in caplog.text

    # A rule that had nothing left rests; the next row has its turn an hour later.
    assert retention.forget_due(at=NOON + 200 * DAY) == 0
    again = row(UnmatchedMail.objects.create(from_address="who@example.net", mail_id="y", at=NOON))
    retention.forget_due(at=NOON + 200 * DAY)
    assert again()
    retention.forget_due(at=NOON + 200 * DAY + timedelta(hours=1, seconds=1))
    assert not again()


def test_the_names_of_a_large_send_are_forgotten_step_by_step_from_where_the_last_ended(campaign, monkeypatch):
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=25))
    Send.objects.update(state="finished", finished_at=NOON)
    before = ledger_of([send]).total
    monkeypatch.setattr(delivery_data, "ROWS_AT_ONCE", 10)
    rows = Delivery.objects.of(send)

    def named() -> int:
        return rows.exclude(recipient=None).count()

    late = NOON + 500 * DAY
    steps = [(delivery_data.unlink(late), named(), Send.objects.get().unlinked_at) for _step in range(4)]

    assert steps == [(1, 15, None), (1, 5, None), (1, 0, late), (0, 0, late)]
    assert ledger_of([send]).total == before


def test_reports_are_deleted_by_their_keys_and_nothing_is_read_where_none_is_due(
    campaign, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(retention, "KEYS_AT_ONCE", 10)
    for number in range(25):
        ProviderEvent.objects.create(
            provider="p", event_id=str(number), kind="delivered", happened_at=NOON, received_at=NOON + number * DAY
        )
    rule = retention.rule("provider_events")
    assert rule.forget is not None

    with django_assert_num_queries(1):
        assert rule.forget(NOON + 179 * DAY) == 0
    assert [rule.forget(NOON + (180 + 14) * DAY) for _step in range(3)] == [10, 5, 0]
    assert ProviderEvent.objects.count() == 10
    assert retention.overdue(at=NOON + (180 + 17) * DAY) == {"provider_events": 2 * 86400}
    assert retention.overdue(at=NOON + 180 * DAY) == {}


def test_a_turn_ends_in_time_and_the_rule_goes_on_in_the_next(campaign, monkeypatch):
    left = [5]

    def one_at_a_time(at: Any) -> int:
        left[0] -= 1
        return int(left[0] >= 0)

    only = replace(retention.rule("notices"), forget=one_at_a_time)
    monkeypatch.setattr(retention, "_rules", {"notices": only})
    monkeypatch.setattr(retention, "TURN_SECONDS", -1)
    assert [retention.forget_due(at=NOON) for _turn in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    left[0] = 5
    monkeypatch.setattr(retention, "TURN_SECONDS", 60)
    assert retention.forget_due(at=NOON + DAY) == 5


def test_the_upkeep_says_how_far_behind_it_is(campaign, roles, monkeypatch):
    from config import tasks

    monkeypatch.setattr(tasks, "UPKEEP_STEPS", ())
    ProviderEvent.objects.create(
        provider="p",
        event_id="1",
        kind="delivered",
        happened_at=NOON,
        received_at=timezone.now() - 183 * DAY,
    )
    with pytest.raises(doctor.CheckFailed, match="it has never run"):
        doctor.retention()

    tasks.forget_due()

    with pytest.raises(doctor.CheckFailed, match=r"it is behind: provider_events by 3\.0 days"):
        doctor.retention()
    numbers = metrics.text(at=timezone.now()).decode()
    assert 'bulletins_retention_behind_seconds{kind="provider_events"} 2592' in numbers
    assert 'bulletins_retention_behind_seconds{kind="deliveries"} 0.0' in numbers
    signs = health_signs.health(campaign, at=timezone.now())
    assert [(sign.well, sign.value) for sign in signs if sign.name == "Retention"] == [(False, "3 d behind")]

    ProviderEvent.objects.all().delete()
    tasks.forget_due()
    assert doctor.retention() == "what has been kept long enough is let go"
    assert [sign.well for sign in health_signs.health(campaign, at=timezone.now()) if sign.name == "Retention"] == [
        True
    ]


def test_the_command_shows_each_kind_and_a_dry_run_changes_nothing(campaign, roles):
    is_there = row(
        UnmatchedMail.objects.create(from_address="who@example.net", mail_id="x", at=timezone.now() - 181 * DAY)
    )

    def said(*words: str) -> str:
        out = StringIO()
        call_command("forget", *words, stdout=out)
        return out.getvalue()

    shown = said("--dry-run")
    assert is_there() and "Nothing was changed" in shown
    assert [line.split()[0] for line in shown.splitlines()[:-1]] == [rule.kind for rule in retention.rules()]
    line = next(line for line in shown.splitlines() if line.startswith("unmatched_mail"))
    assert "1 due" in line and "180 days after it arrived." in line and "[UNMATCHED_MAIL_DAYS]" in line
    with pytest.raises(CommandError, match=r"There is no kind nothing\. Nothing was changed\."):
        said("--kind", "nothing")
    assert is_there()
    assert "1 let go" in said("--kind", "unmatched_mail") and not is_there()
    assert Subscription.objects.count() == 0
