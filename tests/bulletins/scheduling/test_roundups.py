"""Several bulletins for one audience in one slot are one mail, and nobody gets a fact twice or a stopped one."""

import re
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bulletins import notices
from bulletins.approval import approval_workflow
from bulletins.mail import printed_editions
from bulletins.models import Bulletin, Edition, KeyMessage, Version
from bulletins.publication import corrections, due_bulletins, publish
from bulletins.scheduling import roundups, upcoming_sends
from delivery.fanout import fanout
from delivery.message.web_version import ReadLinks
from delivery.models import Delivery, Lease, Mailing, Recipient, Send
from delivery.sending import dispatch, sweeper, worker
from notifications.models import Notice
from tests.faults.support.oracle import assert_accounted_for
from tests.support.builders import (
    NOON,
    approved,
    build_audience,
    build_bulletin,
    build_recipients,
    editor,
    in_all,
    join,
    second_person,
    states_of,
)

State = Delivery.State
SLOT = NOON + timedelta(hours=1)
LATER = NOON + timedelta(hours=2)
FACT = re.compile(r"FACT-[A-Z]-v\d")


def ready(campaign, name, audiences, *, slot=SLOT, **fields):
    """Return an approved bulletin whose one key message says FACT-<name>-v1, for its audiences at `slot`."""
    bulletin = build_bulletin(campaign, audiences=audiences, **fields)
    worded(bulletin, name, 1)
    bulletin.targets.update(timing="at_time", at=slot)
    return approved(bulletin)


def worded(bulletin, name, version):
    """Write a version's own words into every language."""
    for edition in bulletin.editions.all():
        title = f"Title {name} v{version} {edition.language}"
        Edition.objects.filter(pk=edition.pk).update(title=title, body="Read the key message.")
    KeyMessage.objects.filter(bulletin=bulletin).update(text=in_all(en=f"FACT-{name}-v{version}"))


def anew(bulletin, name, version=2, *, at=LATER, kind="correction", **fields):
    """Correct or retract a published bulletin by the desk's own steps, and return the version."""
    bulletin.refresh_from_db()
    begin = corrections.retract if kind == "retraction" else corrections.start_correction
    begin(bulletin, by=editor(), at=at, what_changed=in_all(en="The day was wrong."))
    worded(bulletin, name, version)
    Bulletin.objects.filter(pk=bulletin.pk).update(**fields)
    bulletin.refresh_from_db()
    approval_workflow.submit(bulletin, by=editor(), at=at)
    approval_workflow.approve(bulletin, digest=bulletin.digest, by=second_person(), at=at)
    return publish.publish(bulletin, at=at)


def tick(at, *, work=True):
    """Do what a tick and its workers do."""
    due_bulletins.publish_due(at=at)
    dispatch.start_due_sends(at=at)
    if work:
        for send in Send.objects.filter(state=Send.State.SENDING):
            worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)


def finish(at):
    """Tick until nothing is to go."""
    for minutes in range(1, 20):
        tick(at + timedelta(minutes=minutes))
        if not Send.objects.filter(state__in=[Send.State.PLANNED, Send.State.SENDING]).exists():
            return
    raise AssertionError(list(Send.objects.values_list("slot_key", "state")))


def facts(sink):
    """Return what each person was told, in the order of arrival: {address: [facts of one mail, …]}."""
    told: dict[str, list[list[str]]] = {}
    for caught in sink.caught:
        words = caught.message.get_body(("plain",)).get_content()
        if "withdrawn" in words.lower() or "peruut" in words.lower() or "återkall" in words.lower():
            words += "FACT-R-v0"
        told.setdefault(caught.recipient, []).append(FACT.findall(words))
    return told


def each_once(told):
    """Return whether nobody was told a fact twice."""
    return all(max(Counter(fact for mail in mails for fact in mail).values()) == 1 for mails in told.values())


def accounted(sink):
    for send in Send.objects.exclude(fanned_out_at=None):
        assert_accounted_for(send, sink, at=LATER + timedelta(hours=5))


@pytest.fixture
def network(campaign):
    return build_audience(campaign, size=6, language="en")


def roundup_of(*bulletins):
    return Mailing.objects.filter(parts__version__bulletin__in=bulletins).distinct().get()


class TestWhatMeets:
    """Which mail leaves in which slot."""

    def test_bulletins_of_one_slot_are_one_mail_for_each_person(self, campaign, network, smtp_sink):
        first, second, urgentish = (
            ready(campaign, "A", [network]),
            ready(campaign, "B", [network]),
            ready(campaign, "C", [network], urgency="elevated"),
        )

        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 6 and all(mails == [["FACT-C-v1", "FACT-A-v1", "FACT-B-v1"]] for mails in told.values())
        assert {caught.message["Subject"] for caught in smtp_sink.caught} == {"[Exercise] 3 bulletins: Title C v1 en …"}
        send = Send.objects.get()
        assert send.state == Send.State.FINISHED and send.slot_at == SLOT and send.candidates == 6
        assert Version.objects.count() == 3 and roundup_of(first, second, urgentish).parts.count() == 3
        assert {version.published_at for version in Version.objects.all()} == {SLOT + timedelta(minutes=1)}
        accounted(smtp_sink)

    def test_one_alone_is_no_roundup_and_urgent_ones_and_other_slots_go_on_their_own(
        self, campaign, network, smtp_sink
    ):
        ready(campaign, "A", [network])
        ready(campaign, "U", [network], urgency="urgent")
        ready(campaign, "B", [network], slot=SLOT + timedelta(minutes=5))

        finish(SLOT + timedelta(minutes=5))

        assert not Mailing.objects.exclude(parts=None).exists() and Send.objects.count() == 3
        assert all(
            sorted(mails) == [["FACT-A-v1"], ["FACT-B-v1"], ["FACT-U-v1"]] for mails in facts(smtp_sink).values()
        )

    def test_an_audience_that_only_one_of_them_names_gets_that_one_on_its_own(self, campaign, network, smtp_sink):
        partners = build_audience(campaign, "partners", size=2, language="en")
        ready(campaign, "A", [network, partners])
        ready(campaign, "B", [network])

        finish(SLOT)

        told = facts(smtp_sink)
        assert told["partners-1@example.net"] == [["FACT-A-v1"]]
        assert told["network-1@example.net"] == [["FACT-A-v1", "FACT-B-v1"]] and Send.objects.count() == 2

    def test_who_had_one_of_them_from_another_audience_gets_the_others_only(self, campaign, network, smtp_sink):
        partners = build_audience(campaign, "partners", size=2, language="en")
        join(network, Recipient.objects.filter(memberships__audience=partners))
        early = ready(campaign, "A", [partners, network])
        early.targets.filter(audience=partners).update(slot_at=NOON)
        Bulletin.objects.filter(pk=early.pk).update(digest=early.content_digest())
        for name in "BC":
            ready(campaign, name, [network])

        tick(NOON)
        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 8 and each_once(told)
        assert told["network-1@example.net"] == [["FACT-A-v1", "FACT-B-v1", "FACT-C-v1"]]
        assert told["partners-1@example.net"] == [["FACT-A-v1"], ["FACT-B-v1", "FACT-C-v1"]]
        accounted(smtp_sink)

    def test_whichever_of_two_audiences_starts_first_each_person_gets_each_fact_once(
        self, campaign, network, smtp_sink
    ):
        partners = build_audience(campaign, "partners", size=2, language="en")
        join(network, Recipient.objects.filter(memberships__audience=partners))
        ready(campaign, "A", [network, partners])
        ready(campaign, "B", [network])
        due_bulletins.publish_due(at=SLOT)
        for send in Send.objects.order_by("-pk"):
            fanout.fan_out(send, at=SLOT)

        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 8 and each_once(told)
        assert all({fact for mail in mails for fact in mail} == {"FACT-A-v1", "FACT-B-v1"} for mails in told.values())

    def test_one_that_started_before_the_roundup_is_not_in_it(self, campaign, network, smtp_sink):
        first = ready(campaign, "A", [network])
        publish.publish(first, at=NOON)
        fanout.fan_out(Send.objects.get(), at=SLOT)  # by a tick a moment before
        ready(campaign, "B", [network])

        finish(SLOT)

        # Two sends of one slot leave side by side.
        assert all(sorted(mails) == [["FACT-A-v1"], ["FACT-B-v1"]] for mails in facts(smtp_sink).values())

    def test_planned_twice_it_is_one(self, campaign, network):
        ready(campaign, "A", [network])
        ready(campaign, "B", [network])

        due_bulletins.publish_due(at=SLOT)
        assert due_bulletins.publish_due(at=SLOT) == []

        assert Send.objects.count() == 1 and Mailing.objects.count() == 3

    def test_one_that_cannot_be_published_is_not_in_it_and_staff_hear_of_it_once(
        self, campaign, network, smtp_sink, monkeypatch, oskar
    ):
        broken = ready(campaign, "X", [network])
        ready(campaign, "A", [network])
        ready(campaign, "B", [network])
        render = printed_editions.render_bulletin

        def render_or_fail(words):
            if words.number == broken.number:
                raise ValueError("broken")
            return render(words)

        monkeypatch.setattr(printed_editions, "render_bulletin", render_or_fail)
        finish(SLOT)
        finish(LATER)

        assert all(mails == [["FACT-A-v1", "FACT-B-v1"]] for mails in facts(smtp_sink).values())
        told = Notice.objects.about(notices.NOT_PUBLISHED, broken.pk).filter(person=oskar)
        assert told.count() == 1

    def test_a_roundup_that_is_too_long_leaves_as_single_mails(self, campaign, network, smtp_sink):
        for name in "AB":
            ready(campaign, name, [network])
        KeyMessage.objects.all().update(text=in_all(en="FACT-A-v1 " + "long " * 5000))
        for bulletin in Bulletin.objects.all():
            Bulletin.objects.filter(pk=bulletin.pk).update(digest=bulletin.content_digest())

        due_bulletins.publish_due(at=SLOT)

        assert Send.objects.count() == 2 and not Mailing.objects.exclude(parts=None).exists()

    def test_it_costs_two_queries_when_nothing_is_due_and_nothing_meets(
        self, campaign, network, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            due_bulletins.publish_due(at=SLOT)

    def test_what_will_be_one_mail_is_one_row_of_what_comes(self, campaign, network):
        first, second = ready(campaign, "A", [network]), ready(campaign, "B", [network])
        ready(campaign, "U", [network], urgency="urgent")

        for _step in range(3):  # approved; published early; gathered
            rows = [one for one in upcoming_sends.upcoming(campaign, at=NOON) if one.together]
            assert [one.together for one in rows] == [(first, second)] and rows[0].at == SLOT
            assert len(upcoming_sends.upcoming(campaign, at=NOON)) == 2
            if Version.objects.exists():
                roundups.round_up(campaign, at=SLOT)
            else:
                publish.publish(first, at=NOON)
                publish.publish(second, at=NOON)

    def test_a_late_one_is_held_whole_and_can_be_paused_resumed_and_cancelled(self, campaign, network, smtp_sink):
        for name in "AB":
            ready(campaign, name, [network])
        late = SLOT + timedelta(hours=26)

        tick(late)
        send = Send.objects.get()
        assert send.state == Send.State.HELD and send.reason == dispatch.TOO_LATE and not smtp_sink.caught

        send.resume()
        dispatch.start_due_sends(at=late)
        send.refresh_from_db()
        send.pause()
        tick(late + timedelta(minutes=1))
        assert not smtp_sink.caught
        send.resume()
        worker.work(send.pk, clock=lambda: late, transport=None)
        assert len(smtp_sink.caught) == 6 and not smtp_sink.duplicates


@pytest.mark.parametrize("kind", ["bulletin", "roundup"])
def test_who_opens_the_old_roundup_in_the_browser_reads_the_new_one(campaign, network, client, kind):
    first, _second = ready(campaign, "A", [network]), ready(campaign, "B", [network])
    due_bulletins.publish_due(at=SLOT)
    roundup = Mailing.objects.exclude(parts=None).get()
    message = roundup.messages.get(language="en")
    path = ReadLinks(message.pk, "en").of(Recipient.objects.first().pk)
    for version in (2, 3):
        anew(first, "A", version, at=SLOT, kind="correction" if version == 2 or kind == "roundup" else "retraction")

    page = client.get(urlsplit(path).path).content.decode()

    assert "FACT-B-v1" in page and "FACT-A-v1" not in page and "FACT-A-v2" not in page
    assert ("FACT-A-v3" in page) == (kind == "roundup")


class TestCorrecting:
    """A new version of a bulletin that was, is or will be in a roundup."""

    @pytest.fixture
    def bulletins(self, campaign, network):
        return [ready(campaign, name, [network]) for name in "ABC"]

    @pytest.mark.parametrize("kind", ["correction", "retraction"])
    def test_after_it_went_exactly_those_who_got_it_are_told_in_its_thread(
        self, bulletins, network, smtp_sink, kind, campaign
    ):
        smtp_sink.reply("rcpt", "550 5.1.1 No such user", to="network-2@")
        smtp_sink.drop("dot", to="network-3@", times=1)
        finish(SLOT)
        ids = {caught.recipient: caught.message["Message-ID"] for caught in smtp_sink.caught}
        build_recipients(2, network, prefix="newcomer-")
        accounted(smtp_sink)
        smtp_sink.empty()

        version = anew(bulletins[1], "B", kind=kind)
        finish(LATER)

        assert {caught.recipient for caught in smtp_sink.caught} == set(ids) - {"network-2@example.net"}
        assert len(smtp_sink.caught) == 5
        for caught in smtp_sink.caught:
            assert caught.message["In-Reply-To"] == caught.message["References"] == ids[caught.recipient]
        send = version.mailing.sends.get()
        assert send.exposed_only and send.candidates == 5
        roundup = Mailing.objects.exclude(parts=None).order_by("pk").first()
        newer = roundup.superseded_by
        assert [one.parts.count() for one in (roundup, newer)] == [3, 3 if kind == "correction" else 2]
        assert not newer.sends.exists()  # it has nobody to go to; who opens the old one in the browser reads it
        assert_accounted_for(send, smtp_sink, at=LATER + timedelta(hours=5))

    def test_the_mail_answered_is_the_one_that_the_person_got_roundup_or_own(self, campaign, network, smtp_sink):
        partners = build_audience(campaign, "partners", size=2, language="en")
        first = ready(campaign, "A", [network, partners])
        ready(campaign, "B", [network])
        finish(SLOT)
        ids = {caught.recipient: caught.message["Message-ID"] for caught in smtp_sink.caught}
        smtp_sink.empty()

        anew(first, "A")
        finish(LATER)
        anew(first, "A", 3, at=LATER + timedelta(hours=1))
        finish(LATER + timedelta(hours=1))

        replies = {who: [m["In-Reply-To"] for m in smtp_sink.to(who)] for who in ids}
        for who, answered in replies.items():
            assert answered == [ids[who], smtp_sink.to(who)[0]["Message-ID"]]
        assert len(smtp_sink.caught) == 16

    @pytest.mark.parametrize(("kind", "left"), [("correction", "B"), ("retraction", "")])
    def test_before_it_goes_it_is_made_anew(self, bulletins, network, smtp_sink, kind, left):
        due_bulletins.publish_due(at=SLOT)
        old = Send.objects.get()

        anew(bulletins[1], "B", kind=kind, at=SLOT)
        finish(SLOT)

        old.refresh_from_db()
        assert old.state == Send.State.CANCELLED and old.fanned_out_at is None
        expected = ["FACT-A-v1", *(["FACT-B-v2"] if left else []), "FACT-C-v1"]
        assert all(mails == [expected] for mails in facts(smtp_sink).values()) and len(facts(smtp_sink)) == 6
        accounted(smtp_sink)

    def test_held_it_is_made_anew_and_stays_held(self, bulletins, network, smtp_sink):
        late = SLOT + timedelta(hours=26)
        tick(late)

        anew(bulletins[0], "A", at=late)
        tick(late + timedelta(minutes=1))

        send = Send.objects.get(state=Send.State.HELD)
        assert send.reason == dispatch.TOO_LATE and not smtp_sink.caught
        send.resume()
        finish(late)
        assert all(mails == [["FACT-A-v2", "FACT-B-v1", "FACT-C-v1"]] for mails in facts(smtp_sink).values())

    def test_corrected_while_it_waits_for_its_slot_the_new_version_is_in_the_roundup(
        self, bulletins, network, smtp_sink
    ):
        publish.publish(bulletins[0], at=NOON)

        anew(bulletins[0], "A", at=NOON)
        finish(SLOT)

        assert all(mails == [["FACT-A-v2", "FACT-B-v1", "FACT-C-v1"]] for mails in facts(smtp_sink).values())
        html = smtp_sink.caught[0].message.get_body(("html",)).get_content()
        assert "Correction: this replaces version 1" in html and "The day was wrong." in html

    def test_of_two_the_one_that_stays_goes_on_its_own(self, campaign, network, smtp_sink):
        first, _second = ready(campaign, "A", [network]), ready(campaign, "B", [network])
        due_bulletins.publish_due(at=SLOT)

        anew(first, "A", kind="retraction", at=SLOT)
        finish(SLOT)

        assert all(mails == [["FACT-B-v1"]] for mails in facts(smtp_sink).values()) and len(facts(smtp_sink)) == 6

    @pytest.mark.parametrize("kind", ["correction", "retraction", "urgent"])
    @pytest.mark.parametrize("state", ["sending", "paused"])
    def test_under_way_it_stops_and_each_person_gets_each_fact_once(
        self, bulletins, network, smtp_sink, windows_of, kind, state
    ):
        windows_of(2)
        smtp_sink.drop("dot", to="network-1@", times=1)  # may have got it
        smtp_sink.reply("dot", "451 4.7.1 Later", to="network-2@", times=1)  # has not
        due_bulletins.publish_due(at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        send = Send.objects.get()
        after = stopped_after(send, 4, at=SLOT)
        assert after < 6
        if state == "paused":
            send.pause()

        fields = {"urgency": "urgent"} if kind == "urgent" else {}
        version = anew(
            bulletins[1], "B", at=SLOT, kind="retraction" if kind == "retraction" else "correction", **fields
        )
        before = len(smtp_sink.caught)
        finish(SLOT)

        for caught in smtp_sink.caught[before:]:
            assert "FACT-B-v1" not in caught.message.get_body(("plain",)).get_content()
        told = facts(smtp_sink)
        assert len(told) == 6 and each_once(told)
        for who, mails in told.items():
            got = {fact for mail in mails for fact in mail}
            exposed = "FACT-B-v1" in got
            assert {"FACT-A-v1", "FACT-C-v1"} <= got, who
            if kind == "retraction":
                assert ("FACT-R-v0" in got) == exposed, who
            else:
                assert "FACT-B-v2" in got, who
                if exposed:
                    assert mails == [["FACT-A-v1", "FACT-B-v1", "FACT-C-v1"], ["FACT-B-v2"]]
                elif kind == "correction":
                    assert mails == [["FACT-A-v1", "FACT-B-v2", "FACT-C-v1"]]
        send.refresh_from_db()
        assert send.state == Send.State.FINISHED and states_of(send)[State.SUPERSEDED] >= 2
        assert version.mailing.sends.get().exposed_only == (kind != "urgent")
        accounted(smtp_sink)

    def test_what_follows_waits_until_the_last_window_of_the_old_one_is_known(self, bulletins, network, smtp_sink):
        due_bulletins.publish_due(at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        send = Send.objects.get()
        in_hand = Lease.objects.create(send=send, until=SLOT + timedelta(minutes=1), worker="test")
        row = worker.claim(send, lease=in_hand.pk, at=SLOT, size=1, mailer="exercise")[0].delivery_id
        Delivery.objects.filter(pk=row).update(state=State.HANDING_OFF, handed_off_at=SLOT)

        anew(bulletins[0], "A", at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        follows = Send.objects.get(slot_key__contains="-after-")
        assert follows.state == Send.State.PLANNED and not follows.deliveries.exists()

        Delivery.objects.filter(pk=row).update(state=State.QUEUED, lease=None, next_attempt_at=SLOT)  # it had not left
        in_hand.delete()
        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 6 and each_once(told)
        assert all(
            {fact for mail in mails for fact in mail} == {"FACT-A-v2", "FACT-B-v1", "FACT-C-v1"}
            for mails in told.values()
        )

    def test_two_corrected_one_after_the_other_in_mid_send(self, bulletins, network, smtp_sink, windows_of):
        windows_of(2)
        due_bulletins.publish_due(at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        stopped_after(Send.objects.get(), 2, at=SLOT)
        anew(bulletins[0], "A", at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        stopped_after(Send.objects.get(slot_key__contains="-after-"), 2, at=SLOT)
        anew(bulletins[1], "B", at=SLOT + timedelta(seconds=1))
        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 6 and each_once(told)
        for mails in told.values():
            got = {fact for mail in mails for fact in mail}
            assert {"FACT-A-v2", "FACT-B-v2", "FACT-C-v1"} <= got
            versions = [[fact[-2:] for mail in mails for fact in mail if fact[5] == name] for name in "AB"]
            assert all(seen == sorted(seen) for seen in versions)
        accounted(smtp_sink)

    def test_cancelled_in_the_middle_the_rest_gets_nothing_and_who_got_it_is_told(
        self, bulletins, network, smtp_sink, windows_of
    ):
        windows_of(2)
        due_bulletins.publish_due(at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        send = Send.objects.get()
        stopped_after(send, 2, at=SLOT)
        send.cancel()

        anew(bulletins[0], "A", at=SLOT)
        finish(SLOT)

        told = facts(smtp_sink)
        assert len(told) == 2 and all(len(mails) == 2 and mails[1] == ["FACT-A-v2"] for mails in told.values())


def stopped_after(send, count, *, at):
    """Hand over the first `count` rows of a send and stop; return how many."""
    send.refresh_from_db()
    Send.objects.filter(pk=send.pk).update(canary_up_to=send.first_delivery + count - 1)
    run = worker.work(send.pk, clock=lambda: at)
    Send.objects.filter(pk=send.pk).update(canary_up_to=None)
    send.refresh_from_db()
    return run.taken
