"""Each refusal of the way from draft to reader: it leaves everything as it was, and says why in the user's language."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from accounts.models import AuditEntry
from bulletins.approval import approval_workflow
from bulletins.editing import audience_choices, drafts
from bulletins.models import Bulletin, Cadence, Edition, KeyMessage, LinkCheck, NotAllowed, Review, Target
from bulletins.publication import corrections, publish
from bulletins.scheduling import cadences
from campaigns.models import PlatformLimit
from delivery.fanout import fanout
from delivery.models import Delivery, Send
from notifications.models import Notice
from tests.support.builders import (
    NOON,
    build_approved_bulletin,
    build_audience,
    build_bulletin,
    build_bulletin_in_review,
    build_claim,
    build_published_version,
    build_user,
    submitted,
)

State = Bulletin.State


def everything(bulletin):
    """Return all that a refused step must leave alone."""
    tables = (Bulletin, Edition, KeyMessage, Target, Review, Notice, AuditEntry, Send)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def refused(bulletin, call, english):
    """Assert that `call` is refused, in English with these words, in Finnish and Swedish in others, and changes nothing."""
    before = everything(bulletin)
    said = {}
    for code in ("en", "fi", "sv"):
        with override(code), pytest.raises(NotAllowed) as refusal:
            call()
        said[code] = str(refusal.value)
        assert everything(bulletin) == before
    assert english in said["en"]
    assert all(len(words) > 20 for words in said.values())
    return said


def approve(bulletin, by, at=NOON, digest=None):
    """Return the call that approves what is in review."""
    return lambda: approval_workflow.approve(bulletin, digest=digest or bulletin.digest, by=by, at=at)


def in_three_languages(said):
    """Return whether the words differ between the languages; they do once the catalogs have them."""
    return len(set(said.values())) == 3


def test_self_approval(campaign, alma):
    bulletin = build_bulletin_in_review(campaign, by=alma)
    assert in_three_languages(refused(bulletin, approve(bulletin, alma), "edited or submitted this version"))


def test_edit_after_approval_is_not_published(campaign):
    bulletin = build_approved_bulletin(campaign)
    drafts.note_editor(bulletin, by=build_user("late", "editor"), at=NOON)
    refused(bulletin, lambda: publish.publish(bulletin, at=NOON), "has not been approved")


def test_approve_while_someone_edits(campaign, alma, oskar):
    bulletin = build_bulletin_in_review(campaign)
    read = bulletin.digest
    drafts.note_editor(bulletin, by=alma, at=NOON)
    refused(bulletin, approve(bulletin, oskar, digest=read), "Alma changed the text while you read it, at ")


def test_embargo_not_over(campaign):
    bulletin = build_approved_bulletin(campaign, embargo_until=NOON + timedelta(hours=1))
    refused(bulletin, lambda: publish.publish(bulletin, at=NOON), "embargo has not ended")


def test_an_urgent_one_under_embargo_is_neither_approved_nor_sent(campaign, oskar):
    bulletin = build_bulletin_in_review(campaign, urgency="urgent", embargo_until=NOON + timedelta(hours=1))
    refused(
        bulletin,
        lambda: approval_workflow.approve_and_publish(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
        "embargo has not ended",
    )


def test_past_slot(campaign, oskar):
    bulletin = build_bulletin(campaign, audiences=[build_audience(campaign, cadence="day")], timing="next_slot")
    submitted(bulletin, by=bulletin.created_by)
    refused(bulletin, approve(bulletin, oskar, at=NOON + timedelta(hours=4)), "a slot has passed")


def test_missing_language(campaign):
    bulletin = build_bulletin(campaign, languages=["fi", "sv"])
    refused(
        bulletin, lambda: approval_workflow.submit(bulletin, by=bulletin.created_by, at=NOON), "The title is missing"
    )


def test_over_limit_caption(campaign):
    PlatformLimit.objects.create(
        platform="instagram", field="caption", limit=10, counted_in="code_points", seen_on=NOON.date(), source="test"
    )
    bulletin = build_bulletin(campaign, variants=True)
    refused(
        bulletin, lambda: approval_workflow.submit(bulletin, by=bulletin.created_by, at=NOON), "Instagram allows 10"
    )


def test_a_link_that_broke_in_review(campaign, oskar):
    bulletin, url = build_bulletin(campaign), "https://thl.fi/decision"
    KeyMessage.objects.filter(bulletin=bulletin).update(source_url=dict.fromkeys(("fi", "sv", "en"), url))
    submitted(bulletin, by=bulletin.created_by)
    gone = {"asked_at": NOON, "checked_at": NOON, "works": False, "status": 404}
    LinkCheck.objects.update_or_create(url=url, defaults=gone)
    said = refused(bulletin, approve(bulletin, oskar), "a problem has come up since it was submitted")
    assert "does not work" in said["en"]


def test_a_key_message_that_expired_in_review(campaign, oskar):
    bulletin = build_bulletin(campaign)
    KeyMessage.objects.update(valid_until=NOON + timedelta(hours=1))
    submitted(bulletin, by=bulletin.created_by)
    refused(bulletin, approve(bulletin, oskar, at=NOON + timedelta(hours=2)), "no longer valid")


class TestRetractingInMidSend:
    """While mail goes out."""

    @pytest.fixture
    def version(self, campaign, alma):
        version = build_published_version(campaign, by=alma, audiences=[build_audience(campaign, size=6)])
        fanout.fan_out(Send.objects.get(), at=NOON)
        return version

    def withdraw(self, version, alma):
        texts = dict.fromkeys(("fi", "sv", "en"), "Wrong.")
        return lambda: corrections.retract(version.bulletin, by=alma, at=NOON, what_changed=texts)

    def test_it_stops_nothing_before_a_second_person_approved_it(self, version, alma):
        self.withdraw(version, alma)()
        bulletin = version.bulletin
        submitted(bulletin, by=alma)
        assert Send.objects.get().state == "sending"
        refused(bulletin, approve(bulletin, alma), "edited or submitted this version")
        refused(bulletin, lambda: publish.publish(bulletin, at=NOON), "has not been approved")
        assert Delivery.objects.filter(state="queued").count() == 6

    def test_two_who_withdraw_at_once_open_one_withdrawal(self, version, alma, veikko):
        again = Bulletin.objects.get(pk=version.bulletin.pk)
        self.withdraw(version, alma)()
        refused(
            version.bulletin,
            lambda: corrections.retract(again, by=veikko, at=NOON, what_changed={"fi": "x"}),
            "only a published bulletin",
        )

    def test_once_approved_it_takes_over_and_reaches_only_those_who_got_it(self, version, alma, oskar):
        self.withdraw(version, alma)()
        bulletin = submitted(version.bulletin, by=alma)
        approve(bulletin, oskar)()
        second = publish.publish(bulletin, at=NOON)
        version.mailing.refresh_from_db()
        assert version.mailing.superseded_by == second.mailing
        assert second.mailing.sends.get().exposed_only


class TestSigningOff:
    """Fact-checkers have a say where claims are touched."""

    @pytest.fixture
    def bulletin(self, campaign, alma, fiona):
        bulletin = build_bulletin(campaign, by=alma)
        bulletin.claims.add(build_claim(campaign))
        return submitted(bulletin, by=alma)

    def sign(self, bulletin, by, digest=None):
        return lambda: approval_workflow.sign_off(bulletin, digest=digest or bulletin.digest, by=by, at=NOON)

    def test_nobody_approves_before_a_fact_checker_signed(self, bulletin, oskar):
        refused(bulletin, approve(bulletin, oskar), "no fact-checker has signed off yet. Ask: Fiona")

    def test_whoever_signed_does_not_approve_as_well(self, bulletin, fiona, oskar):
        self.sign(bulletin, fiona)()
        refused(bulletin, approve(bulletin, fiona), "You signed off its fact-checks")
        approve(bulletin, oskar)()
        assert bulletin.state == State.APPROVED

    def test_whoever_edited_does_not_sign(self, bulletin, alma):
        refused(bulletin, self.sign(bulletin, alma), "someone else must sign it off. Who can: Fiona")

    def test_it_is_of_the_exact_content(self, bulletin, fiona):
        refused(bulletin, self.sign(bulletin, fiona, digest="0" * 64), "the content changed during review")

    def test_nobody_signs_twice(self, bulletin, fiona):
        self.sign(bulletin, fiona)()
        refused(bulletin, self.sign(bulletin, fiona), "already signed it off")

    def test_any_edit_voids_it_even_one_that_is_taken_back(self, bulletin, alma, fiona, oskar):
        self.sign(bulletin, fiona)()
        digest = bulletin.digest
        drafts.note_editor(bulletin, by=alma, at=NOON)
        submitted(bulletin, by=alma)
        assert bulletin.digest == digest  # the same words again
        refused(bulletin, approve(bulletin, oskar), "no fact-checker has signed off")

    def test_a_bulletin_without_claims_needs_none(self, campaign, oskar, fiona):
        bulletin = build_bulletin_in_review(campaign)
        refused(bulletin, self.sign(bulletin, fiona), "contains no fact-checks")
        approve(bulletin, oskar)()

    def test_a_withdrawal_waits_for_no_fact_checker(self, campaign, alma, oskar, fiona):
        first = build_bulletin(campaign, by=alma)
        first.claims.add(build_claim(campaign))
        submitted(first, by=alma)
        self.sign(first, fiona)()
        approve(first, oskar)()
        publish.publish(first, at=NOON)
        corrections.retract(first, by=alma, at=NOON, what_changed=dict.fromkeys(("fi", "sv", "en"), "Wrong."))
        submitted(first, by=alma)
        approve(first, oskar)()
        assert first.state == State.APPROVED


class TestWhoIsTold:
    """Those whose turn it is, and those whose words they are."""

    def told(self, kind):
        return set(Notice.objects.filter(kind=kind).exclude(person=None).values_list("person__name", flat=True))

    def test_approvers_when_it_is_submitted_and_its_authors_when_it_is_approved(self, campaign, alma, oskar):
        bulletin = build_bulletin_in_review(campaign, by=alma)
        assert self.told("approval_wanted") == {"Oskar"}
        approve(bulletin, oskar)()
        assert self.told("approved") == {"Alma"}

    def test_fact_checkers_first_and_approvers_after_them(self, campaign, alma, oskar, fiona):
        bulletin = build_bulletin(campaign, by=alma)
        bulletin.claims.add(build_claim(campaign))
        submitted(bulletin, by=alma)
        assert self.told("sign_off_wanted") == {"Fiona"} and not self.told("approval_wanted")
        approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=fiona, at=NOON)
        assert "Oskar" in self.told("approval_wanted")

    def test_of_an_urgent_one_both_at_once(self, campaign, alma, oskar, fiona):
        bulletin = build_bulletin(campaign, by=alma, urgency="urgent")
        bulletin.claims.add(build_claim(campaign))
        submitted(bulletin, by=alma)
        assert self.told("sign_off_wanted") == {"Fiona"} and "Oskar" in self.told("approval_wanted")

    def test_its_authors_with_the_reason_when_it_is_sent_back(self, campaign, alma, veikko, oskar):
        bulletin = build_bulletin(campaign, by=alma)
        submitted(bulletin, by=veikko)
        approval_workflow.send_back(bulletin, by=oskar, at=NOON, reason="The date is wrong.")
        assert self.told("sent_back") == {"Alma", "Veikko"}
        assert set(Notice.objects.filter(kind="sent_back").values_list("text", flat=True)) == {"The date is wrong."}

    def test_every_step_is_in_the_audit_log_with_its_digest(self, campaign, alma, oskar):
        bulletin = build_bulletin_in_review(campaign, by=alma)
        approve(bulletin, oskar)()
        entries = AuditEntry.objects.about(bulletin).filter(verb__in=["bulletin.submitted", "bulletin.approved"])
        assert {(entry.verb, entry.actor, entry.digest) for entry in entries} == {
            ("bulletin.submitted", alma, bulletin.digest),
            ("bulletin.approved", oskar, bulletin.digest),
        }


class TestChoosingAudiences:
    """Who gets it, and when."""

    def choose(self, bulletin, choices, by, seen=None):
        seen = audience_choices.token_of(bulletin.targets.all()) if seen is None else seen
        return lambda: audience_choices.choose(bulletin, choices, seen=seen, by=by, at=NOON)

    def test_another_campaigns_audience(self, campaign, alma):
        from tests.support.builders import build_campaign

        other = build_audience(build_campaign("other"), "theirs")
        bulletin = build_bulletin(campaign)
        refused(
            bulletin,
            self.choose(bulletin, {other.pk: audience_choices.Choice("at_once")}, alma),
            "does not belong to this campaign",
        )

    def test_somebody_else_chose_meanwhile(self, campaign, alma):
        bulletin = build_bulletin(campaign)
        refused(bulletin, self.choose(bulletin, {}, alma, seen="old"), "someone else has chosen audiences")

    def test_a_published_version(self, campaign, alma):
        bulletin = build_published_version(campaign).bulletin
        refused(bulletin, self.choose(bulletin, {}, alma), "has been published")

    def test_the_same_choice_again_changes_nothing(self, campaign, alma):
        bulletin = build_bulletin_in_review(campaign)
        target = bulletin.targets.get()
        assert not self.choose(bulletin, {target.audience_id: audience_choices.Choice("at_once")}, alma, seen="old")()
        bulletin.refresh_from_db()
        assert bulletin.state == State.IN_REVIEW


class TestChangingACadence:
    """In the middle of a campaign, nothing is lost and nothing comes twice."""

    def test_the_slots_of_both_follow_each_other(self, campaign, root):
        audience = build_audience(campaign, cadence="day")
        old = Cadence.objects.get()
        day = NOON.date() + timedelta(days=3)
        new = Cadence(audience=audience, every="week", weekday=4, local_time=old.local_time, starts_on=day)
        cadences.change(old, new, by=root, at=NOON)

        slots = [slot for slot, _one in cadences.next_slots(Cadence.objects.all(), after=NOON, count=5)]

        assert [(slot - NOON).days for slot in slots] == [0, 1, 2, 9, 16]

    def test_a_cadence_that_is_over_by_then(self, campaign, root):
        audience = build_audience(campaign, cadence="day")
        Cadence.objects.update(until=NOON.date() + timedelta(days=1))
        old = Cadence.objects.get()
        new = Cadence(
            audience=audience, every="day", local_time=old.local_time, starts_on=NOON.date() + timedelta(days=5)
        )
        with pytest.raises(NotAllowed, match="ends on"):
            cadences.change(old, new, by=root, at=NOON)
        assert Cadence.objects.get().until == NOON.date() + timedelta(days=1)
