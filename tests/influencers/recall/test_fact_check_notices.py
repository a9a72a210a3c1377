"""Changed verdicts are told to whoever used them, once, in their language, with what to do."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from factcheck.models import Claim, ClaimStep, Sighting
from factcheck.verdicts import verdict_workflow
from influencers import notices
from influencers.kits import usage
from influencers.models import Influencer, Recall
from influencers.recall import fact_check_notices, recall_mails
from notifications import sending
from notifications.models import Notice
from notifications.notice_kinds import Kind
from tests.influencers.kits.kits_scene import TRACES, build_fact, correct, pause, withdraw
from tests.support import builders
from tests.support.builders import build_influencer

pytestmark = pytest.mark.django_db
NOON = builders.NOON
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def claim(campaign: Any, roles: None) -> Claim:
    """A published claim whose publication has been passed on."""
    claim = build_fact(campaign, at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    Notice.objects.all().delete()
    return claim


@pytest.fixture
def elli(campaign: Any, roles: None) -> Influencer:
    return build_influencer(campaign, "elli", language="fi")


def use(influencer: Influencer, claim: Claim, *, number: int = 1, platform: str = "tiktok") -> None:
    version = claim.versions.get(number=number)
    usage.note(influencer, version, way="copied", platform=platform, language="fi", named=True, at=NOON)


def told(kind: Kind) -> list[str]:
    """Return who has a notice of a kind, sorted."""
    return sorted(
        one.person.email for one in Notice.objects.filter(kind=kind.key).select_related("person") if one.person
    )


# --- A proposed verdict -------------------------------------------------------------------------------


def test_a_proposed_verdict_is_told_to_the_other_fact_checkers_in_their_language(
    campaign, fiona, alma, ines, smtp_sink
):
    other = builders.build_user("frans", "fact-checker", language="fi")
    claim = build_fact(campaign, published=False, at=NOON)
    verdict_workflow.propose(claim, "false", by=fiona, at=NOON)

    assert fact_check_notices.forward_steps(at=LATER) == 1
    assert other.email in told(notices.VERDICT_PROPOSED)
    assert not {fiona.email, alma.email, ines.email} & set(told(notices.VERDICT_PROPOSED))
    sending.deliver_notices(at=LATER)
    mail = next(one for one in smtp_sink.caught if one.recipient == other.email)
    body = mail.message.get_content()
    assert "Lepo ja vesi auttavat kehoa." in body
    assert f"/desk/factcheck/claim/{claim.pk}/change/" in body
    assert not any(trace in body for trace in TRACES)


def test_a_proposal_that_no_longer_waits_is_not_told(campaign, fiona):
    claim = build_fact(campaign, published=False, at=NOON)
    verdict_workflow.propose(claim, "false", by=fiona, at=NOON)
    verdict_workflow.send_back(claim, reason="Look again.", by=builders.checker(), at=NOON)

    fact_check_notices.forward_steps(at=LATER)

    assert not Notice.objects.exists()
    assert not ClaimStep.objects.filter(passed_on_at=None).exists()


# --- Reports --------------------------------------------------------------------------------------------


def test_whoever_reported_it_or_a_duplicate_hears_when_it_is_checked(campaign, elli, alma, fiona):
    claim = build_fact(campaign, published=False, at=NOON)
    same = builders.build_claim(campaign, "same", published=False)
    same.duplicate_of, same.status = claim, Claim.Status.MERGED
    same.save()
    left = build_influencer(campaign, "lena", state="left")
    fields = {"platform": "x", "language": "fi", "seen_on": NOON.date(), "created_at": NOON}
    for about, who in ((claim, elli.user), (same, alma), (claim, None), (claim, left.user), (same, elli.user)):
        Sighting.objects.create(claim=about, reporter=who, **fields)
    builders.publish_claim(claim, at=NOON)

    fact_check_notices.forward_steps(at=LATER)

    assert told(notices.REPORT_CHECKED) == sorted([elli.user.email, alma.email])
    text = Notice.objects.get(kind="report_checked", person=elli.user).text
    assert "Lepo ja vesi auttavat kehoa." in text
    assert not any(trace in text for trace in TRACES)


# --- Changes --------------------------------------------------------------------------------------------


def test_a_correction_is_told_to_whoever_used_it_once_in_their_language(campaign, claim, elli, smtp_sink):
    ida = build_influencer(campaign, "ida", language="en")
    build_influencer(campaign, "bystander")
    for platform in ("tiktok", "x", ""):
        use(elli, claim, platform=platform)
    use(ida, claim)
    correct(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)
    fact_check_notices.forward_steps(at=LATER)
    sending.deliver_notices(at=LATER)

    mails = {one.recipient: one for one in smtp_sink.caught if one.recipient in {ida.user.email, elli.user.email}}
    assert told(notices.RECALL) == sorted([ida.user.email, elli.user.email])
    assert told(notices.CLAIM_CHANGED) == []
    english = mails[ida.user.email].message
    body = english.get_content()
    assert english["Subject"] == "[Exercise] A fact-check that you used has been corrected"
    assert "The fact: Rest and water help the body. No food cures it." in body
    assert "Previous verdict: false. Now: unproven." in body
    assert "What changed: A study is under way." in body
    assert "What to do: use the new text" in body
    assert "/en/portal/recalls/" in body
    finnish = mails[elli.user.email].message.get_content()
    assert "Lepo ja vesi auttavat kehoa." in finnish and "Asiaa tutkitaan." in finnish
    assert "/fi/portal/recalls/" in finnish
    for mail in mails.values():
        raw = mail.raw.decode()
        assert "Auto-Submitted: auto-generated" in raw and 'charset="utf-8"' in raw
        assert not any(trace in raw or trace in mail.message.get_content() for trace in TRACES)


def test_the_desk_hears_which_bulletins_use_it(campaign, claim, alma, oskar, veikko, fiona):
    User.objects.update(language="en")
    bulletin = builders.build_bulletin(campaign, by=alma)
    bulletin.claims.add(claim)
    builders.published(bulletin, by=alma, approver=oskar)
    fact_check_notices.forward_steps(at=NOON)
    Notice.objects.all().delete()
    pause(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    assert {alma.email, oskar.email} <= set(told(notices.CLAIM_CHANGED))
    assert not {veikko.email, fiona.email, builders.checker().email} & set(told(notices.CLAIM_CHANGED))
    notice = Notice.objects.get(person=alma)
    assert f"Bulletins that use it: {bulletin.number}." in notice.text
    assert "Now: it is being checked again." in notice.text and "secret reason" not in notice.text
    assert notice.address(claim).endswith(f"/desk/factcheck/claim/{claim.pk}/change/")


def test_a_draft_counts_as_use_too(campaign, claim, alma):
    builders.build_bulletin(campaign, by=alma).claims.add(claim)
    pause(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    assert told(notices.CLAIM_CHANGED) == [alma.email]


def test_pausing_and_showing_again_are_told_in_order(claim, elli):
    use(elli, claim)
    pause(claim, at=LATER)
    verdict_workflow.resume(claim, by=builders.checker(), at=LATER)
    elli.user.language = "en"
    elli.user.save()

    assert fact_check_notices.forward_steps(at=LATER) == 2

    first, second = Notice.objects.filter(person=elli.user).order_by("pk")
    assert "don't share it until you hear from us" in first.text and "We doubt a source." in first.text
    assert "has not changed" in second.text


def test_a_withdrawal_says_to_delete_it_with_a_correction_in_the_language_it_was_used_in(claim, elli, smtp_sink):
    elli.user.language = "en"
    elli.user.save()
    use(elli, claim)
    withdraw(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)
    sending.deliver_notices(at=LATER)

    body = [one.message.get_content() for one in smtp_sink.caught if one.recipient == elli.user.email][-1]
    assert "stop sharing it, and delete what you posted" in body
    assert "The source was forged." in body and "Lähde oli väärennetty." in body
    assert "secret reason" not in body


def test_who_has_left_or_used_nothing_hears_nothing(campaign, claim, elli):
    use(elli, claim)
    elli.state = Influencer.State.LEFT
    elli.save()
    correct(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    assert not Notice.objects.filter(person=elli.user).exists()


def test_who_reported_and_used_it_is_told_once(claim, elli):
    use(elli, claim)
    Sighting.objects.create(
        claim=claim, reporter=elli.user, platform="x", language="fi", seen_on=NOON.date(), created_at=NOON
    )
    correct(claim, at=LATER)

    fact_check_notices.forward_steps(at=LATER)

    assert Notice.objects.filter(person=elli.user).count() == 1


# --- Faults ---------------------------------------------------------------------------------------------


def test_a_crash_between_the_mark_and_the_notices_loses_nothing(claim, elli, monkeypatch):
    use(elli, claim)
    pause(claim, at=LATER)
    tell = recall_mails.send_notice

    def crash(*args: Any, **about: Any) -> None:
        tell(*args, **about)
        raise RuntimeError("The machine went down.")

    with monkeypatch.context() as broken:
        broken.setattr(recall_mails, "send_notice", crash)
        assert fact_check_notices.forward_steps(at=LATER) == 0
    assert not Notice.objects.exists()
    assert ClaimStep.objects.filter(passed_on_at=None).count() == 1

    assert fact_check_notices.forward_steps(at=LATER) == 1
    assert told(notices.RECALL) == [elli.user.email]


def test_a_step_that_cannot_be_passed_on_does_not_stop_the_next(campaign, claim, elli, monkeypatch):
    other = build_fact(campaign, "other", at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    for one in (claim, other):
        use(elli, one)
        pause(one, at=LATER)
    tell_of_change = fact_check_notices.notify_of_change

    def faulty(step: ClaimStep, *, at: Any) -> Any:
        if step.claim_id == claim.pk:
            raise ValueError("Odd row.")
        return tell_of_change(step, at=at)

    monkeypatch.setattr(fact_check_notices, "notify_of_change", faulty)

    assert fact_check_notices.forward_steps(at=LATER) == 1
    told = Notice.objects.get(person=elli.user)
    assert Recall.objects.get(pk=told.subject_id).step.claim_id == other.pk


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_once(campaign, roles):
    claim = build_fact(campaign, at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    Notice.objects.all().delete()
    elli = build_influencer(campaign, "elli")
    use(elli, claim)
    for _again in range(5):
        pause(claim, at=LATER)
        verdict_workflow.resume(claim, by=builders.checker(), at=LATER)
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            fact_check_notices.forward_steps(at=LATER)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fact_check_notices.forward_steps(at=LATER)

    assert Notice.objects.filter(person=elli.user).count() == 10


def cost(claim: Claim) -> int:
    """Return what passing on one step costs in queries."""
    with CaptureQueriesContext(connection) as queries:
        assert fact_check_notices.forward_steps(at=LATER) == 1
    return len(queries)


def test_five_hundred_users_of_a_kit_cost_as_many_queries_as_one(campaign, claim, elli):
    use(elli, claim)
    pause(claim, at=LATER)
    few = cost(claim)
    for number in range(500):
        use(build_influencer(campaign, f"person{number}"), claim)
    verdict_workflow.resume(claim, by=builders.checker(), at=LATER)

    many = cost(claim)

    assert Notice.objects.count() == 502
    assert many <= few + 2  # what is written at once has a most
    assert many < 30


def test_the_task_does_it(claim, elli):
    from config import tasks

    use(elli, claim)
    pause(claim)

    tasks.tick()

    assert told(notices.RECALL) == [elli.user.email]
