"""Who hears of a change, in which order, and once."""

import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bulletins.models import PublishedEdition, Version
from delivery.models import Membership, Send
from delivery.sending import dispatch
from factcheck.verdicts import verdict_workflow
from influencers.kits import usage
from influencers.models import Influencer, Recall, RecallNotice
from influencers.posts import reports
from influencers.recall import exposure, fact_check_notices, recall_mails, recall_plan, recall_progress, responses
from influencers.recall.recall_panels import panel
from notifications import email, sending
from notifications.models import Notice
from tests.influencers.kits import kits_scene
from tests.influencers.kits.kits_scene import TRACES, build_fact, build_limits
from tests.support import builders
from tests.support.builders import in_all

from .recall_scene import LATER, NOON, correct, does, person, posts, publish, retract

pytestmark = pytest.mark.django_db
Rank = RecallNotice.Rank
SOON = LATER + timedelta(hours=1)


@pytest.fixture
def version(campaign: Any, roles: None) -> Any:
    return publish(campaign)


def told(recall: Recall) -> list[str]:
    """Return who was notified of a recall, in order, with their rank."""
    return [f"{one.rank} {one.influencer.name}" for one in recall.notices.select_related("influencer")]


def plan_next(version: Any, **words: Any) -> Recall:
    """Correct a version and return the recall that follows from it."""
    following = correct(version, **words)
    assert recall_plan.plan_due(at=LATER) == 1
    return Recall.objects.get(version=following)


# --- The order --------------------------------------------------------------------------------------


def test_posters_hear_first_by_reach_then_who_took_words_then_readers(campaign, version):
    small, large = person(campaign, "small", instagram=10), person(campaign, "large", instagram=20)
    reader, loud_reader = person(campaign, "reader"), person(campaign, "loud", tiktok=90_000)
    copier, loader = person(campaign, "copier", x=5), person(campaign, "loader", x=7)
    person(campaign, "bystander")
    posts(small, version, reach=100)
    posts(large, version)  # no figure: the followers there
    does(reader, version)
    does(loud_reader, version)
    does(copier, version, "copied", "message:opening")
    does(loader, version, "downloaded", "package:instagram")

    recall = plan_next(version)

    assert told(recall) == ["1 Small", "1 Large", "2 Loader", "2 Copier", "3 Loud", "3 Reader"]
    assert list(recall.notices.values_list("reach", flat=True)) == [100, 20, 7, 5, 90_000, 0]
    mails = [one.person.name for one in Notice.objects.filter(kind="recall").order_by("next_attempt_at", "pk")]
    assert mails == ["Small", "Large", "Loader", "Copier", "Loud", "Reader"]


def test_who_only_read_it_and_gets_the_new_version_as_mail_is_told_once(campaign, roles):
    audience = builders.build_audience(campaign)
    version = publish(campaign, audiences=[audience])
    reader, poster, held, elsewhere = (person(campaign, name) for name in ("reader", "poster", "held", "elsewhere"))
    for one in (reader, poster, held):
        Membership.objects.create(audience=audience, recipient=one.recipient, joined_at=NOON)
    dispatch.start_due_sends(at=NOON)
    sent = version.mailing.deliveries.filter(recipient__in=[reader.recipient, poster.recipient])
    assert sent.update(state="accepted", finished_at=NOON) == 2
    version.mailing.deliveries.filter(recipient=held.recipient).update(state="suppressed", finished_at=NOON)
    posts(poster, version)
    for one in (reader, held, elsewhere):
        does(one, version)

    recall = plan_next(version)

    assert sorted(told(recall)) == ["1 Poster", "3 Elsewhere", "3 Held", "3 Reader"]
    mails = {one.person.name for one in Notice.objects.filter(kind="recall")}
    assert mails == {"Poster", "Held", "Elsewhere"}, "the reader gets the correction's own mail"


def test_who_posted_is_told_before_the_corrections_mail_leaves_to_the_others(campaign, roles, settings, smtp_sink):
    settings.CORRECTION_HEAD_START_SECONDS = 10
    version = publish(campaign, audiences=[builders.build_audience(campaign, size=3)])
    dispatch.start_due_sends(at=NOON)
    posts(person(campaign, "anna"), version)
    correct(version)
    soon, later = LATER + timedelta(seconds=1), LATER + timedelta(seconds=10)

    dispatch.start_due_sends(at=soon)
    assert recall_plan.plan_due(at=soon) == 1
    sending.deliver_notices(at=soon)

    following = Send.objects.filter(mailing__version__number=2)
    assert {(send.state, send.slot_at) for send in following} == {("planned", later)}
    dispatch.start_due_sends(at=later)
    assert {send.state for send in following.all()} == {"sending"}
    assert Notice.objects.get(kind="recall").sent_at == soon


def test_the_mails_leave_in_that_order(campaign, version, smtp_sink):
    for name, reach in (("anna", 1), ("bea", 900), ("cia", 50)):
        posts(person(campaign, name), version, reach=reach)
    does(person(campaign, "dora"), version)
    plan_next(version)

    sending.deliver_notices(at=LATER)

    about = [
        one.recipient.partition("@")[0] for one in smtp_sink.caught if "portal/recalls" in one.message.get_content()
    ]
    assert about == ["bea", "cia", "anna", "dora"]


def test_who_posted_and_took_and_read_it_has_one_row_with_the_best_rank(campaign, version):
    ida = person(campaign, "ida", instagram=3)
    posts(ida, version, "tiktok", reach=40)
    posts(ida, version, "tiktok", reach=30)
    posts(ida, version, "instagram")
    does(ida, version)
    does(ida, version, "copied", "variant:x")

    recall = plan_next(version)

    row = recall.notices.get()
    assert (row.rank, row.reach, row.platforms, row.known) == (Rank.POSTED, 43, ["instagram", "tiktok"], 1)
    assert Notice.objects.filter(kind="recall").count() == 1


def test_a_post_that_is_gone_no_longer_makes_somebody_hear_first(campaign, version):
    posts(person(campaign, "ida"), version, reach=40, removed_at=NOON)

    assert told(plan_next(version)) == ["2 Ida"]


def test_the_newest_figure_of_a_post_counts(campaign, version):
    post = posts(person(campaign, "ida"), version, reach=40)
    post.figures.create(at=NOON + timedelta(hours=1), reach=400)
    post.figures.create(at=NOON + timedelta(minutes=90), reactions=7)

    assert plan_next(version).notices.get().reach == 400


# --- Which versions ----------------------------------------------------------------------------------


def test_who_knows_only_the_newest_version_hears_nothing(campaign, version):
    following = correct(version)
    does(person(campaign, "ida"), following)

    recall_plan.plan_due(at=LATER)

    assert Recall.objects.get().notices.count() == 0
    assert not Notice.objects.filter(kind="recall").exists()


def test_the_next_correction_reaches_those_of_all_earlier_versions(campaign, version):
    ida, elli = person(campaign, "ida"), person(campaign, "elli")
    does(ida, version)
    second = correct(version)
    recall_plan.plan_due(at=LATER)
    does(elli, second)
    does(ida, second)

    recall = plan_next(second)

    assert {one.influencer.name: one.known for one in recall.notices.all()} == {"Ida": 2, "Elli": 2}
    shown = panel(ida, campaign, language="en", at=SOON)
    assert shown and [one.recall for one in shown.rows] == [recall]


def test_a_retraction_is_told_too_and_everything_is_affected(campaign, version):
    ida = person(campaign, "ida")
    does(ida, version, "copied", "message:distance")
    retract(version)

    recall_plan.plan_due(at=LATER)

    recall = Recall.objects.get()
    assert recall.kind == "retraction"
    assert recall.affected == {"messages": ["distance", "opening"], "variants": ["instagram"], "assets": []}
    text = Notice.objects.get(kind="recall").text
    assert text.startswith("Bulletin 1 is withdrawn\n") and "Reason: The source was wrong." in text
    assert "Correction: I shared a bulletin that has been withdrawn." in text


def test_only_what_changed_is_affected(campaign, version):
    recall = plan_next(version)

    assert recall.affected == {"messages": ["opening"], "variants": ["instagram"], "assets": []}


def test_who_took_only_what_still_holds_is_told_so(campaign, version):
    ida, elli = person(campaign, "ida"), person(campaign, "elli")
    does(ida, version, "copied", "message:distance")
    does(elli, version, "copied", "message:distance")
    does(elli, version, "copied", "message:opening")

    plan_next(version)

    kept, changed = (Notice.objects.get(person=one.user).text for one in (ida, elli))
    assert "What you copied is still correct." in kept and "What changed: Libraries open on Tuesday." in kept
    assert "Words" not in kept
    assert "What you copied is still correct." not in changed and "I said Monday." in changed


def test_what_changed_in_the_easy_edition_only_still_holds_in_the_portal(campaign, version):
    ida = person(campaign, "ida")
    does(ida, version, "copied", "message:distance")
    following = correct(version)
    for number, one in enumerate((version, following)):
        content = {"key_messages": [{"key": "distance", "text": f"Keep {number} metres away."}]}
        PublishedEdition.objects.create(version=one, language="en", reading_level="easy", content=content)

    recall_plan.plan_due(at=LATER)

    assert Recall.objects.get().affected["messages"] == ["opening"]
    assert "What you copied is still correct." in Notice.objects.get(person=ida.user).text


def test_what_changed_twice_ago_does_not_still_hold(campaign, version):
    ida = person(campaign, "ida")
    does(ida, version, "copied", "message:opening")
    second = correct(version)
    recall_plan.plan_due(at=LATER)
    Notice.objects.all().delete()
    bulletin = second.bulletin
    bulletin.refresh_from_db()
    from bulletins.publication import corrections

    corrections.start_correction(bulletin, by=builders.editor(), at=SOON, what_changed=in_all(en="The hours too."))
    builders.published(bulletin, at=SOON)

    recall_plan.plan_due(at=SOON)

    assert Recall.objects.order_by("-pk").first().affected["messages"] == []
    assert "What you copied is still correct." not in Notice.objects.get(kind="recall").text


# --- Who takes part -----------------------------------------------------------------------------------


def test_who_left_is_erased_or_may_not_log_in_hears_nothing(campaign, version):
    left, gone, closed = (person(campaign, name) for name in ("left", "gone", "closed"))
    for one in (left, gone, closed):
        posts(one, version, reach=9)
    Influencer.objects.filter(pk=left.pk).update(state="left")
    Influencer.objects.filter(pk=gone.pk).update(state="erased", name="", user=None)
    closed.user.is_active = False
    closed.user.save()

    assert told(plan_next(version)) == []
    assert not Notice.objects.filter(kind="recall").exists()


# --- Languages and words ------------------------------------------------------------------------------


def test_the_mail_is_in_their_language_and_the_words_in_the_language_they_posted_in(campaign, version):
    ida = person(campaign, "ida", language="fi")
    posts(ida, version, "x", language="en")
    elli = person(campaign, "elli", language="fi")
    does(elli, version, language="fi")

    recall = plan_next(version)

    assert recall.notices.get(influencer=ida).language == "en"
    assert recall.notices.get(influencer=elli).language == "fi"
    notice = Notice.objects.get(person=ida.user)
    assert "Kirjastot avataan tiistaina." in notice.text and "I said Monday. Tuesday is right." in notice.text
    assert notice.path == f"/fi/portal/recalls/{recall.pk}/"


def test_long_words_are_cut_by_whole_sentences_to_fit_the_platform(campaign, version):
    build_limits()
    ida = person(campaign, "ida")
    for platform in ("x", "instagram"):
        posts(ida, version, platform)
    sentence = "Libraries open on Tuesday and nobody has to come before that day at all."
    plan_next(version, share_text=in_all(en=" ".join([sentence] * 6)))

    text = Notice.objects.get(kind="recall").text

    on_x = text.partition("Text for X:\n")[2].partition("\n\nText")[0].partition("\n\nPlease")[0]
    on_instagram = text.partition("Text for Instagram:\n")[2].partition("\n\nText")[0]
    assert on_x.count(sentence) == 3 and "/bulletins/1/" in on_x
    assert on_instagram.count(sentence) == 6


def test_without_words_to_share_they_are_made_of_what_changed(campaign, version):
    does(person(campaign, "ida"), version)
    plan_next(version, share_text={})

    text = Notice.objects.get(kind="recall").text
    assert "Correction: something in a bulletin that I shared has changed. Libraries open on Tuesday." in text


# --- Once ------------------------------------------------------------------------------------------------


def test_planning_twice_changes_nothing(campaign, version):
    does(person(campaign, "ida"), version)
    recall = plan_next(version)

    assert recall_plan.plan_due(at=SOON) == 0
    assert recall_plan.plan(recall.version, at=SOON) is None
    assert Notice.objects.filter(kind="recall").count() == RecallNotice.objects.count() == 1


def test_a_crash_between_loses_nothing(campaign, version, monkeypatch):
    does(person(campaign, "ida"), version)
    correct(version)

    def crash(*args: Any, **about: Any) -> None:
        raise RuntimeError("The machine went down.")

    with monkeypatch.context() as broken:
        broken.setattr(recall_mails, "send_notice", crash)
        assert recall_plan.plan_due(at=LATER) == 0
    assert not Recall.objects.exists() and not RecallNotice.objects.exists()

    assert recall_plan.plan_due(at=SOON) == 1
    assert Notice.objects.filter(kind="recall").count() == 1


def test_a_version_that_nobody_knew_is_planned_once(campaign, version):
    assert told(plan_next(version)) == []
    assert recall_plan.plan_due(at=SOON) == 0


def test_nothing_is_planned_for_a_first_version_or_before_its_time(campaign, version):
    does(person(campaign, "ida"), version)
    correct(version)

    assert recall_plan.plan_due(at=LATER - timedelta(seconds=1)) == 0
    assert not Recall.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_plan_once(campaign, roles):
    version = publish(campaign)
    does(person(campaign, "ida"), version)
    correct(version)
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            recall_plan.plan_due(at=LATER)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recall_plan.plan_due(at=LATER)

    assert (Recall.objects.count(), RecallNotice.objects.count()) == (1, 1)
    assert Notice.objects.filter(kind="recall").count() == 1


def cost(version: Any) -> int:
    """Return what planning the recall of the next version costs in queries."""
    following = correct(version)
    with CaptureQueriesContext(connection) as queries:
        assert recall_plan.plan(following, at=LATER)
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_people(campaign, version):
    does(person(campaign, "first"), version)
    other = publish(campaign)
    few = cost(version)
    for number in range(60):
        one = person(campaign, f"person{number}", x=number)
        does(one, other)
        does(one, other, "copied", "message:opening")
        posts(one, other, "x", reach=number)

    many = cost(other)

    assert many <= few + 2
    assert few < 30


# --- Known too late ----------------------------------------------------------------------------------------


def tells(who: Influencer, about: Any, *, by: Any = None, **fields: Any) -> Any:
    """Tell of a post after the recall was planned."""
    values: dict[str, Any] = {"platform": "x", "posted_at": NOON, "language": "en"} | fields
    return reports.report(who, about, by=by or who.user, at=SOON, **values).post


def test_whose_old_post_staff_find_after_the_correction_gets_a_notice_and_a_mail(campaign, version, liisa):
    ida = person(campaign, "ida", x=70)
    recall = plan_next(version)

    for _time in range(2):
        tells(ida, version, by=liisa, url="https://x.com/ida/status/1")

    row = recall.notices.get()
    assert (row.influencer, row.rank, row.reach, row.platforms, row.known) == (ida, Rank.POSTED, 70, ["x"], 1)
    mail = Notice.objects.get(kind="recall")
    assert mail.person == ida.user and row.notice == mail and "Text for X:" in mail.text


def test_a_reader_who_tells_of_an_old_post_comes_first_and_is_done_when_it_is_corrected(campaign, version):
    ida = person(campaign, "ida", x=70, instagram=5)
    does(ida, version, language="fi")
    recall = plan_next(version)
    assert recall.notices.get().rank == Rank.READ

    post = tells(ida, version)

    row = recall.notices.get()
    assert (row.rank, row.reach, row.platforms, row.language) == (Rank.POSTED, 70, ["x"], "en")
    assert Notice.objects.filter(kind="recall").count() == 1, "they know"
    reports.mark_corrected(post, at=SOON)
    assert not recall_progress.waiting(recall).exists()


def test_who_never_heard_as_one_who_posted_is_done_too_when_the_post_is_corrected(campaign, version):
    ida = person(campaign, "ida")
    does(ida, version)
    recall = plan_next(version)
    post = posts(ida, version)  # it came into the table without being notified

    reports.mark_corrected(post, at=SOON)

    assert recall.notices.get().outcome == "corrected"


def test_who_has_answered_keeps_the_answer(campaign, version):
    ida = person(campaign, "ida", x=70)
    does(ida, version)
    recall = plan_next(version)
    responses.answer(responses.notices_of(ida, campaign).get(), "not_posted", at=LATER)

    tells(ida, version)

    row = recall.notices.get()
    assert (row.rank, row.outcome) == (Rank.READ, "not_posted")


def test_what_was_taken_offline_and_is_told_after_the_correction_brings_a_notice(campaign, version):
    ida = person(campaign, "ida")
    recall = plan_next(version)

    for _time in range(2):
        exposure.use(
            ida, campaign, 1, version=1, way="copied", items=["message:distance"], language="en", done=True, at=SOON
        )

    row = recall.notices.get()
    assert (row.rank, row.known, row.notice.person) == (Rank.TOOK, 1, ida.user)
    assert "What you copied is still correct." in Notice.objects.get(kind="recall").text


def test_a_post_of_the_newest_version_brings_no_notice(campaign, version):
    ida = person(campaign, "ida")
    plan_next(version)

    tells(ida, Version.objects.get(number=2), posted_at=LATER)

    assert not RecallNotice.objects.exists() and not Notice.objects.filter(kind="recall").exists()


def test_who_is_known_late_joins_the_newest_recall_only(campaign, version):
    ida = person(campaign, "ida")
    plan_next(version)
    newest = plan_next(Version.objects.get(number=2))

    tells(ida, version)

    assert [one.recall for one in RecallNotice.objects.all()] == [newest]


def test_a_post_about_an_old_verdict_or_a_bulletin_that_names_it_joins_its_recall(campaign, roles):
    claim = build_fact(campaign, at=NOON - timedelta(days=1))
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    version = builders.published(bulletin)
    old = claim.versions.get()
    new = kits_scene.correct(claim, at=LATER)
    fact_check_notices.forward_steps(at=LATER)
    ida, elli, olli = (person(campaign, name) for name in ("ida", "elli", "olli"))

    tells(ida, old)
    tells(elli, version)
    tells(olli, new, posted_at=SOON)

    assert told(Recall.objects.get()) == ["1 Ida", "1 Elli"]
    assert Notice.objects.get(person=elli.user).text.startswith("A fact-check in a bulletin that you read")


def test_a_post_about_a_verdict_that_was_paused_and_holds_brings_no_notice(campaign, roles):
    claim = build_fact(campaign, at=NOON)
    kits_scene.pause(claim, at=LATER)
    verdict_workflow.resume(claim, by=builders.checker(), at=LATER)
    fact_check_notices.forward_steps(at=LATER)

    tells(person(campaign, "ida"), claim.versions.get())

    assert not RecallNotice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_post_that_is_told_while_the_recall_is_planned_is_in_it_once(campaign, roles):
    version = publish(campaign)
    ida = person(campaign, "ida")
    correct(version)
    start = threading.Barrier(3)

    def work(deed: Any) -> None:
        try:
            start.wait()
            deed()
        finally:
            connection.close()

    deeds = [lambda: recall_plan.plan_due(at=LATER)] + 2 * [
        lambda: tells(ida, version, url="https://x.com/ida/status/1")
    ]
    threads = [threading.Thread(target=work, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Recall.objects.get().notices.get().rank == Rank.POSTED
    assert Notice.objects.filter(kind="recall").count() == 1


# --- Verdicts ----------------------------------------------------------------------------------------------


def test_a_changed_verdict_reaches_who_used_the_kit_and_who_knows_a_bulletin_that_names_it(campaign, roles):
    claim = build_fact(campaign, at=NOON - timedelta(days=1))
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    version = builders.published(bulletin)
    fact_check_notices.forward_steps(at=NOON)
    user, reader, poster = (person(campaign, name) for name in ("user", "reader", "poster"))
    first = claim.versions.get()
    usage.note(user, first, way="copied", platform="tiktok", language="en", named=True, at=NOON)
    usage.note(reader, first, way="opened", platform="", language="en", named=True, at=NOON)
    does(reader, version)
    posts(poster, None, "x", claim_version=first, reach=5)
    other = publish(campaign)
    does(person(campaign, "elsewhere"), other)
    by_bulletin = person(campaign, "bea")
    does(by_bulletin, version)
    kits_scene.correct(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    recall = Recall.objects.get()
    assert recall.kind == "verdict"
    assert told(recall) == ["1 Poster", "2 User", "3 Reader", "3 Bea"]
    assert recall.notices.get(influencer=user).platforms == ["tiktok"]
    text = Notice.objects.get(person=user.user).text
    assert text.startswith("A fact-check that you used has been corrected\n")
    assert "Text for TikTok:" in text and "Rest and water help the body." in text
    assert Notice.objects.get(person=by_bulletin.user).text.startswith("A fact-check in a bulletin that you read")
    assert not any(trace in one.text for one in Notice.objects.filter(kind="recall") for trace in TRACES)
    people = list(Notice.objects.filter(person__influencers__isnull=False).values_list("person", flat=True))
    assert len(people) == len(set(people)), "nobody gets two mails about one change"


def test_a_pause_asks_to_wait_and_its_end_asks_for_nothing_and_takes_its_place(campaign, roles):
    claim = build_fact(campaign, at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    ida = person(campaign, "ida", x=1)
    usage.note(ida, claim.versions.get(), way="copied", platform="x", language="en", named=True, at=NOON)
    kits_scene.pause(claim, at=LATER)
    fact_check_notices.forward_steps(at=LATER)

    waits = Notice.objects.get(person=ida.user).text
    assert "don't share it until you hear from us" in waits and "I shared a fact-check that is being checked" in waits
    shown = panel(ida, campaign, language="en", at=LATER)
    assert shown and shown.rows[0].is_bad

    verdict_workflow.resume(claim, by=builders.checker(), at=SOON)
    fact_check_notices.forward_steps(at=SOON)

    again = Notice.objects.filter(person=ida.user).latest("pk").text
    assert "has not changed" in again and "Words" not in again
    shown = panel(ida, campaign, language="en", at=SOON)
    assert shown and [one.recall.step.kind for one in shown.rows] == ["resumed"]


def test_who_saw_only_the_new_verdict_hears_nothing(campaign, roles):
    claim = build_fact(campaign, at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    new = kits_scene.correct(claim, at=LATER)
    usage.note(person(campaign, "ida"), new, way="copied", platform="x", language="en", named=True, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    assert Recall.objects.get().notices.count() == 0


# --- The tick -------------------------------------------------------------------------------------------------


def test_the_task_plans_what_was_just_corrected(campaign, roles):
    from config import tasks

    now = timezone.now()
    version = publish(campaign)
    does(person(campaign, "ida"), version)
    correct(version, at=now)

    tasks.recall_due()

    assert Notice.objects.filter(kind="recall").count() == 1


def test_a_large_recall_goes_on_until_everybody_is_told(campaign, version, smtp_sink, monkeypatch):
    monkeypatch.setattr(sending.NoticeMails, "most_at_once", 2)
    asked: list[int] = []
    monkeypatch.setattr(recall_mails, "wake", lambda: asked.append(1))
    for number in range(3):
        does(person(campaign, f"person{number}"), version)
    plan_next(version)
    Notice.objects.exclude(kind="recall").delete()

    assert recall_mails.send_waiting(at=LATER)
    assert not recall_mails.send_waiting(at=LATER)
    assert Notice.objects.filter(kind="recall", sent_at=None).count() == 0


def test_a_large_recall_goes_on_past_an_address_that_is_refused(campaign, version, smtp_sink, monkeypatch):
    monkeypatch.setattr(sending.NoticeMails, "most_at_once", 2)
    monkeypatch.setattr(recall_mails, "wake", lambda: None)
    for name, reach in (("anna", 9), ("bea", 8), ("cia", 7)):
        posts(person(campaign, name), version, reach=reach)
    plan_next(version)
    Notice.objects.exclude(kind="recall").delete()
    compose = email.compose
    monkeypatch.setattr(
        email, "compose", lambda notice, about: (refused if notice.person.name == "Anna" else compose)(notice, about)
    )

    assert recall_mails.send_waiting(at=LATER)
    assert not recall_mails.send_waiting(at=LATER)

    assert [one.person.name for one in Notice.objects.filter(sent_at=None)] == ["Anna"]


def test_when_nothing_can_be_told_it_is_left_to_the_tick(campaign, version, monkeypatch):
    monkeypatch.setattr(sending, "deliver_notices", lambda *, at: 0)
    does(person(campaign, "ida"), version)
    plan_next(version)

    assert not recall_mails.send_waiting(at=LATER)


def refused(notice: Notice, about: Recall) -> None:
    """Say what a mail server says to an address that it does not know."""
    raise smtplib.SMTPRecipientsRefused({notice.person.email: (550, b"No such user.")})
