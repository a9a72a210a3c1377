"""
Whatever happens, in whatever order, every subscriber gets every item once and in order, or a state says why not.

A history is random: things are published, corrected, withdrawn; readers come, change their minds, have breaks, leave;
the clock goes on without ticks; workers die, mails fail, someone cancels. Then it becomes quiet, and the books are
read.
"""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.publication_details import PrintedWords
from config.tick import DUE_STEPS
from delivery.message.rendered_mail import RenderedMail
from delivery.models import Audience, Delivery, Mailing, Membership, Recipient, Send, Subscription, TopicSet
from delivery.sending import dispatch, sweeper
from tests.support.builders import NOON, build_audience, build_campaign, build_topic, second_person
from website.digests import digest_runs, outdated_digests, publication_order
from website.digests.rendering import Mails
from website.models import DigestItem, Publication

State, Kind = Delivery.State, Bulletin.Kind
TOLD = (State.ACCEPTED, State.FAILED, State.UNKNOWN)
OUTCOMES = (State.ACCEPTED, State.ACCEPTED, State.ACCEPTED, State.FAILED, State.UNKNOWN, State.DEFERRED, None)
TOPICS = 3
# A history that fails is shown as it came: making it shorter takes longer than a test may.
AS_IT_CAME = (Phase.explicit, Phase.generate)
small = st.integers(0, 9)
topics = st.frozensets(st.integers(0, TOPICS - 1), max_size=2)

events = st.one_of(
    st.tuples(st.just("publish"), topics, st.booleans()),
    st.tuples(st.just("publish"), topics, st.booleans()),
    st.tuples(st.just("correct"), small),
    st.tuples(st.just("correct"), small),
    st.tuples(st.just("retract"), small),
    st.tuples(st.just("subscribe"), small, topics),
    st.tuples(st.just("change_cadence"), small, small),
    st.tuples(st.just("change_topics"), small, topics),
    st.tuples(st.just("pause"), small),
    st.tuples(st.just("resume"), small),
    st.tuples(st.just("leave"), small),
    st.tuples(st.just("tick"), st.integers(0, 30)),
    st.tuples(st.just("tick"), st.integers(0, 30)),
    st.tuples(st.just("pass_time"), st.integers(1, 60)),
    st.tuples(st.just("deliver"), st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=5)),
    st.tuples(st.just("deliver"), st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=5)),
    st.just(("ordinary_day",)),
    st.just(("ordinary_day",)),
    st.just(("ordinary_day",)),
    st.tuples(st.just("cancel"), small),
    st.tuples(st.just("plan_only"), st.integers(0, 30)),
)


class History:
    """A campaign in which things happen, and what each reader should make of it."""

    def __init__(self):
        self.at = NOON
        self.campaign = build_campaign("history")
        self.approver = second_person()
        self.topics = [build_topic(self.campaign, f"topic-{n}") for n in range(TOPICS)]
        self.audiences = [
            build_audience(self.campaign, f"digest-{every}", kind=Audience.Kind.DIGEST, cadence=every)
            for every in ("immediate", "day", "week")
        ]
        self.things = []
        self.readers = []
        self.chosen = defaultdict(list)  # what each reader ever chose, and since when: [(moment, keys)]
        self.moment = 0
        self.moments = {}  # when each publication came

    def run(self, event):
        self.moment += 1
        name, *values = event
        getattr(self, name)(*values)

    # --- What is published -----------------------------------------------------------------------------------

    def publish(self, chosen, is_urgent):
        bulletin = Bulletin.objects.create(
            campaign=self.campaign,
            number=len(self.things) + 1,
            urgency="urgent" if is_urgent else "routine",
        )
        bulletin.topics.set([self.topics[n] for n in chosen])
        self.things.append(bulletin)
        self.version(bulletin, Kind.ORIGINAL)

    def correct(self, n):
        self.again(n, Kind.CORRECTION)

    def retract(self, n):
        self.again(n, Kind.RETRACTION)

    def again(self, n, kind):
        if self.things:
            bulletin = self.things[n % len(self.things)]
            if bulletin.versions.first().kind != Kind.RETRACTION:
                self.version(bulletin, kind)

    def version(self, bulletin, kind):
        """Publish a version, without the desk."""
        number = bulletin.versions.count() + 1
        mailing = Mailing.objects.create(campaign=self.campaign, key=f"bulletin-{bulletin.number}-v{number}")
        version = Version.objects.create(
            bulletin=bulletin,
            number=number,
            kind=kind,
            urgency=bulletin.urgency,
            printed=PrintedWords.of(self.campaign).plain(),
            mailing=mailing,
            published_at=self.at + timedelta(seconds=self.moment),
            first_published_at=self.at,
            approved_by=self.approver,
        )
        PublishedEdition.objects.create(
            version=version, language="en", title=f"Thing {bulletin.number}", html="", body=""
        )
        self.moments[publication_order.note_version(version).pk] = self.moment
        outdated_digests.stop_outdated(at=self.at)

    # --- Readers -------------------------------------------------------------------------------------------------

    def choice(self, chosen):
        keys = sorted(self.topics[n].pk for n in chosen)
        return TopicSet.objects.get_or_create(campaign=self.campaign, key=".".join(map(str, keys)))[0]

    def subscribe(self, n, chosen):
        name = f"reader-{len(self.readers)}"
        recipient = Recipient.objects.create(email=f"{name}@example.net", address_hash=name, language="en")
        audience = self.audiences[n % len(self.audiences)]
        Membership.objects.create(audience=audience, recipient=recipient, joined_at=self.at)
        number = publication_order.give_numbers(self.campaign)
        one = Subscription.objects.create(
            recipient=recipient,
            campaign=self.campaign,
            audience=audience,
            topics=self.choice(chosen),
            told_topics=self.choice(chosen),
            language="en",
            since=number,
            cursor=number,
            subscribed_at=self.at,
            considered_at=self.at,
        )
        self.readers.append(one.pk)
        self.chosen[one.pk].append((self.moment, one.topics.topic_ids))

    def reader(self, n):
        if not self.readers:
            return None
        one = Subscription.objects.select_related("told_topics", "audience").get(pk=self.readers[n % len(self.readers)])
        return one if one.left_at is None else None

    def close(self, one):
        Membership.objects.filter(recipient=one.recipient_id, left_at=None).update(left_at=self.at)

    def open(self, one):
        Membership.objects.create(audience=one.audience, recipient_id=one.recipient_id, joined_at=self.at)

    def change_cadence(self, n, to):
        one = self.reader(n)
        if one:
            self.close(one)
            one.audience = self.audiences[to % len(self.audiences)]
            one.considered_at = self.at
            one.save()
            if not one.paused_until:
                self.open(one)

    def change_topics(self, n, chosen):
        one = self.reader(n)
        if one:
            one.topics = self.choice(chosen)
            told, new = one.told_topics.topic_ids, one.topics.topic_ids
            both = {at for at, topic in enumerate(self.topics) if topic.pk in told | new} if told and new else set()
            one.told_topics = self.choice(both)
            one.save()
            self.chosen[one.pk].append((self.moment, new))

    def pause(self, n):
        one = self.reader(n)
        if one and not one.paused_until:
            one.paused_until = self.at + timedelta(days=365)
            one.save()
            self.close(one)

    def resume(self, n):
        one = self.reader(n)
        if one and one.paused_until:
            one.paused_until = None
            one.save()
            self.open(one)

    def leave(self, n):
        one = self.reader(n)
        if one:
            one.left_at = self.at
            one.save()
            self.close(one)

    # --- Machines ------------------------------------------------------------------------------------------------

    def pass_time(self, hours):
        """Nobody ticks."""
        self.at += timedelta(hours=hours)

    def tick(self, hours):
        self.at += timedelta(hours=hours, seconds=1)
        for step in (
            *DUE_STEPS,
            digest_runs.catch_up,
            dispatch.start_due_sends,
            sweeper.sweep,
            outdated_digests.reconcile,
        ):
            step(at=self.at)

    def ordinary_day(self):
        """Everything works."""
        self.tick(24)
        self.deliver([State.ACCEPTED])
        self.tick(0)

    def plan_only(self, hours):
        """The tick dies before it starts what it has planned."""
        self.at += timedelta(hours=hours, seconds=1)
        digest_runs.plan_due(at=self.at)

    def cancel(self, n):
        sends = Send.objects.filter(mailing__is_digest=True, state__in=["planned", "sending", "held"]).order_by("pk")
        if sends:
            sends[n % len(sends)].cancel()

    def deliver(self, outcomes):
        """Do what workers do of what is under way, each row with the next of the outcomes (None: not reached yet)."""
        position = 0
        for send in Send.objects.filter(state=Send.State.SENDING, mailing__is_digest=True).order_by("pk"):
            assert self.stands(send), "words that are withdrawn or corrected were handed over"
            Send.objects.filter(pk=send.pk).update(claimed_up_to=send.last_delivery or 0)
            for row in Delivery.objects.filter(send=send, state__in=[State.QUEUED, State.DEFERRED]).order_by("pk"):
                outcome = outcomes[position % len(outcomes)]
                position += 1
                if outcome is None:
                    continue
                members = Membership.objects.filter(audience=send.audience_id, recipient=row.recipient_id, left_at=None)
                row.state = outcome if members.exists() else State.SUPPRESSED
                row.next_attempt_at = self.at if row.state == State.DEFERRED else None
                row.save()

    def stands(self, send):
        items = DigestItem.objects.filter(digest__mailing=send.mailing_id).select_related("publication")
        latest = {one.about: one.pk for one in Publication.objects.order_by("pk")}
        return all(latest[item.publication.about] == item.publication_id for item in items)

    def become_quiet(self):
        """Everyone who has a break comes back, everything works, and every slot comes."""
        for n in range(len(self.readers)):
            self.resume(n)
        to_monday = timedelta(days=7 - self.at.weekday())
        for later in (timedelta(days=1), to_monday, to_monday + timedelta(days=7)):
            self.at = max(self.at, self.at.replace(hour=15, minute=0) + later)
            for _round in range(3):
                self.tick(0)
                self.deliver([State.ACCEPTED])
        self.tick(0)

    # --- The books --------------------------------------------------------------------------------------------------

    def check(self):
        by_thing = defaultdict(list)
        for publication in Publication.objects.order_by("number"):
            assert publication.number is not None
            by_thing[publication.about].append(publication)
        for pk in self.readers:
            self.check_reader(Subscription.objects.get(pk=pk), by_thing)
        assert not Send.objects.filter(mailing__is_digest=True, settled_at=None).exists()

    def check_reader(self, one, by_thing):
        rows = Delivery.objects.filter(recipient=one.recipient_id, mailing__is_digest=True).order_by("pk")
        mails = [row for row in rows if row.state in TOLD or row.possible_duplicate]
        told = {}  # the latest that they were told of each thing
        before = one.since
        for mail in mails:
            items = list(DigestItem.objects.filter(digest__mailing=mail.mailing_id).select_related("publication"))
            assert items, "an empty mail"
            numbers = [item.publication.number for item in items]
            assert min(numbers) > before, "told twice, or not in order"
            before = max(numbers)
            corrects = [item.is_correction for item in items]
            assert corrects == sorted(corrects, reverse=True), "corrections do not come first"
            for item in items:
                about = item.publication.about
                if about in told:
                    assert item.is_correction, "a correction of what was told came as news"
                elif item.is_correction:
                    assert self.may_be_told(one, by_thing[about], item.publication), "a correction of what was not told"
                else:
                    assert item.publication.change != "withdrawn", "a withdrawal of what was not told"
                told[about] = item.publication
        if one.left_at:
            return
        for about, versions in by_thing.items():
            last = versions[-1]
            if about in told:
                assert told[about].pk == last.pk, "a correction of what was told did not come"
            elif last.number > one.since and last.change != "withdrawn":
                wanted = [self.meets(last, keys) for keys in self.choices_since(one, self.moments[last.pk])]
                assert not all(wanted), "an item is lost"

    def choices_since(self, one, moment):
        """Return what a reader chose at a moment, and all that they chose later."""
        chosen = self.chosen[one.pk]
        before = [keys for since, keys in chosen if since <= moment]
        return before[-1:] + [keys for since, keys in chosen if since > moment]

    def may_be_told(self, one, versions, correction):
        """
        Return whether something of a thing came after its reader, before its correction, on a topic that they ever had.
        """
        earlier = [
            version
            for version in versions
            if one.since < version.number < correction.number and version.change != "withdrawn"
        ]
        return any(self.meets(version, keys) for version in earlier for _since, keys in self.chosen[one.pk])

    def meets(self, publication, keys):
        return not publication.topics or not keys or bool(keys & set(publication.topics))


class ShortMails(Mails):
    """Mails of a word, for speed: what they say is read from their items."""

    def of(self, items, campaign, language, *, level="standard"):
        return RenderedMail(sender_name="Team", subject="News", html="<p>News</p>", text="News")


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=AS_IT_CAME)
@given(history=st.lists(events, min_size=10, max_size=30))
def test_every_subscriber_gets_every_item_once_and_in_order_or_a_state_says_why_not(history):
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(digest_runs, "Mails", ShortMails)
        scene = History()
        scene.run(("subscribe", 0, frozenset()))
        scene.run(("subscribe", 1, frozenset()))
        scene.run(("publish", frozenset(), False))
        for event in history:
            scene.run(event)
        scene.become_quiet()
        scene.check()
        transaction.set_rollback(True)
