"""A second pair of eyes on exactly what goes out. A refusal changes nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import drafts
from bulletins.mail import printed_editions
from bulletins.models import (
    Bulletin,
    CallToAction,
    Edition,
    KeyMessage,
    NotAllowed,
    Review,
    Target,
    Variant,
    Version,
)
from bulletins.publication import corrections, due_bulletins, publish
from campaigns import publication_details
from campaigns.models import CampaignLanguage, PlatformLimit
from delivery.models import Mailing, Send
from notifications.models import Notice
from tests.support.builders import (
    LANGUAGES,
    NOON,
    build_approved_bulletin,
    build_audience,
    build_bulletin,
    build_bulletin_in_review,
    build_campaign,
    build_claim,
    build_input,
    build_published_version,
    build_user,
    submitted,
)

State = Bulletin.State


def refused(bulletin, call, match):
    """Assert that `call` is refused with a sentence that says `match`, and that nothing changed."""
    before = Bulletin.objects.filter(pk=bulletin.pk).values().get(), Review.objects.count(), Send.objects.count()
    with pytest.raises(NotAllowed, match=match):
        call()
    assert before == (
        Bulletin.objects.filter(pk=bulletin.pk).values().get(),
        Review.objects.count(),
        Send.objects.count(),
    )


def test_an_editor_cannot_approve_their_own_words(campaign, alma, veikko, oskar):
    bulletin = build_bulletin(campaign, by=alma)
    edition = bulletin.editions.get(language="sv")
    edition.title = "Bättre titel"
    drafts.save_edition(edition, by=veikko, at=NOON)
    approval_workflow.submit(bulletin, by=alma, at=NOON)

    for editor in (alma, veikko):
        refused(
            bulletin,
            lambda editor=editor: approval_workflow.approve(bulletin, digest=bulletin.digest, by=editor, at=NOON),
            "edited or submitted this version",
        )

    approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)
    assert bulletin.state == State.APPROVED and bulletin.approved_by == oskar


def test_not_even_a_superuser_approves_their_own_words(campaign):
    """Neither at the desk, which makes this call, nor from a shell."""
    boss = build_user("boss", "admin", is_superuser=True)
    bulletin = build_bulletin(campaign, by=boss, urgency="urgent")
    approval_workflow.submit(bulletin, by=boss, at=NOON)

    for approve in (approval_workflow.approve, approval_workflow.approve_and_publish):
        refused(
            bulletin,
            lambda approve=approve: approve(bulletin, digest=bulletin.digest, by=boss, at=NOON),
            "edited or submitted this version",
        )


def test_whoever_changed_only_the_audience_is_an_editor_too(campaign, alma, oskar):
    bulletin = build_bulletin(campaign, by=alma)
    drafts.note_editor(bulletin, by=oskar, at=NOON)
    approval_workflow.submit(bulletin, by=alma, at=NOON)

    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
        "edited or submitted this version",
    )


@pytest.mark.parametrize("part", ["edition", "key message", "audience", "variant"])
def test_any_edit_voids_an_approval(campaign, alma, part):
    bulletin = build_approved_bulletin(campaign, by=alma, variants=True)
    if part == "edition":
        edition = bulletin.editions.get(language="en")
        edition.body += " More."
        drafts.save_edition(edition, by=alma, at=NOON)
    else:
        if part == "key message":
            KeyMessage.objects.update(text={"fi": "x", "sv": "x", "en": "x"})
        elif part == "audience":
            Target.objects.all().delete()
        else:
            Variant.objects.update(caption="Something else")
        drafts.note_editor(bulletin, by=alma, at=NOON)

    bulletin.refresh_from_db()
    assert bulletin.state == State.DRAFT and not bulletin.digest and bulletin.approved_by is None
    assert Review.objects.filter(bulletin=bulletin, decision=Review.Decision.VOIDED).exists()


def test_a_change_behind_the_desks_back_is_found_at_approval_and_at_publishing(campaign, oskar):
    bulletin = build_bulletin_in_review(campaign)
    KeyMessage.objects.update(text={"fi": "13.4.", "sv": "13.4", "en": "13 April"})
    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
        "changed during review",
    )

    approved = build_approved_bulletin(campaign)
    KeyMessage.objects.filter(bulletin=approved).update(text={"fi": "x", "sv": "x", "en": "x"})
    with pytest.raises(NotAllowed, match="changed after it was approved"):
        publish.publish(approved, at=NOON)
    approved.refresh_from_db()
    assert approved.state == State.DRAFT and not Version.objects.exists() and not Send.objects.exists()


# Each is changed without anyone being notified, as a wrong command or a second server might.
COVERED = {
    "the number": lambda bulletin: Bulletin.objects.update(number=99),
    "the urgency": lambda bulletin: Bulletin.objects.update(urgency="elevated"),
    "the embargo": lambda bulletin: Bulletin.objects.update(embargo_until=NOON + timedelta(days=1)),
    "what changed": lambda bulletin: Bulletin.objects.update(what_changed={"en": "The day."}),
    "the words for those who posted": lambda bulletin: Bulletin.objects.update(share_text={"en": "The day."}),
    "the text": lambda bulletin: Edition.objects.filter(language="sv").update(body="Något annat."),
    "a hashtag": lambda bulletin: Edition.objects.filter(language="sv").update(hashtags=["nu"]),
    "the words for a platform": lambda bulletin: Variant.objects.filter(edition__language="sv").update(caption="Nu."),
    "where a key message is from": lambda bulletin: KeyMessage.objects.update(source_name={"en": "Somebody"}),
    "how long a key message holds": lambda bulletin: KeyMessage.objects.update(valid_until=NOON + timedelta(days=1)),
    "a call to action": lambda bulletin: CallToAction.objects.update(text={"en": "Stay."}),
    "a fact-check": lambda bulletin: bulletin.claims.add(build_claim(bulletin.campaign)),
    "an audience": lambda bulletin: Target.objects.update(audience=build_audience(bulletin.campaign, "others")),
    "a time": lambda bulletin: Target.objects.update(slot_at=NOON + timedelta(days=2)),
    "the sender's name": lambda bulletin: CampaignLanguage.objects.filter(code="sv").update(sender_name="Någon"),
}


@pytest.mark.parametrize("what", COVERED)
def test_an_approval_covers_all_that_is_sent_to_whom_and_when(campaign, oskar, what):
    bulletin = build_bulletin(campaign, variants=True)
    bulletin.targets.update(timing="at_time", at=NOON + timedelta(days=1))
    submitted(bulletin)

    COVERED[what](bulletin)

    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
        "changed during review",
    )


def test_an_old_digest_is_not_approved(campaign, oskar):
    bulletin = build_bulletin_in_review(campaign)

    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest="0" * 64, by=oskar, at=NOON),
        "changed during review",
    )


def test_an_approver_is_told_who_changed_what_they_were_reading(campaign, alma, oskar):
    bulletin = build_bulletin_in_review(campaign)
    read = bulletin.digest
    drafts.note_editor(bulletin, by=alma, at=NOON)

    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest=read, by=oskar, at=NOON),
        f"{alma} changed the text",
    )


def test_two_approvers_give_one_approval(campaign, oskar, root):
    bulletin = build_bulletin_in_review(campaign)
    digest = bulletin.digest
    approval_workflow.approve(bulletin, digest=digest, by=oskar, at=NOON)

    refused(
        bulletin, lambda: approval_workflow.approve(bulletin, digest=digest, by=root, at=NOON), "Oskar approved it at "
    )
    assert Review.objects.filter(decision=Review.Decision.APPROVED).count() == 1


def test_a_slot_that_passed_in_review_is_not_approved(campaign, oskar):
    bulletin = build_bulletin(campaign, audiences=[build_audience(campaign, cadence="day")], timing="next_slot")
    approval_workflow.submit(bulletin, by=bulletin.created_by, at=NOON)

    refused(
        bulletin,
        lambda: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON + timedelta(hours=4)),
        "slot has passed",
    )


def test_the_database_keeps_the_rule_too(campaign):
    bulletin = build_bulletin(campaign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=bulletin.pk).update(state=State.APPROVED)


def test_sending_back_needs_a_reason(campaign, oskar):
    bulletin = build_bulletin_in_review(campaign)
    refused(
        bulletin,
        lambda: approval_workflow.send_back(bulletin, by=oskar, at=NOON, reason="  "),
        "say what has to change",
    )

    approval_workflow.send_back(bulletin, by=oskar, at=NOON, reason="The date is wrong.")
    assert bulletin.state == State.DRAFT
    assert bulletin.reviews.filter(decision="returned", reason="The date is wrong.", by=oskar).exists()


class TestWhatStopsIt:
    """Each is refused at submission with the words to fix it."""

    def submit(self, bulletin):
        return lambda: approval_workflow.submit(bulletin, by=bulletin.created_by, at=NOON)

    def test_a_missing_language(self, campaign):
        bulletin = build_bulletin(campaign, languages=["fi", "sv"])
        refused(bulletin, self.submit(bulletin), "English, title: The title is missing")

    def test_a_translation_that_is_behind(self, campaign, alma):
        bulletin = build_bulletin(campaign)
        original = bulletin.editions.get(language="fi")
        original.body += " Lisäys."
        drafts.save_edition(original, by=alma, at=NOON)
        refused(bulletin, self.submit(bulletin), "original has changed once")

        for code in ("sv", "en"):
            edition = bulletin.editions.get(language=code)
            edition.body += " Also this."
            drafts.save_edition(edition, by=alma, at=NOON)
        self.submit(bulletin)()

    def test_a_key_message_that_no_longer_holds(self, campaign):
        bulletin = build_bulletin(campaign)
        KeyMessage.objects.update(valid_until=NOON - timedelta(minutes=1))
        refused(bulletin, self.submit(bulletin), "no longer valid")

    def test_nobody_to_send_it_to(self, campaign):
        bulletin = build_bulletin(campaign)
        Target.objects.all().delete()
        refused(bulletin, self.submit(bulletin), "has no recipients")

    def test_a_time_before_the_embargo_ends(self, campaign):
        bulletin = build_bulletin(campaign, embargo_until=NOON + timedelta(hours=2))
        Target.objects.update(timing="at_time", at=NOON + timedelta(hours=1))
        refused(bulletin, self.submit(bulletin), "before the embargo")

    def test_a_caption_that_the_platform_would_not_take(self, campaign):
        PlatformLimit.objects.create(
            platform="instagram",
            field="caption",
            limit=10,
            counted_in="code_points",
            seen_on=NOON.date(),
            source="test",
        )
        bulletin = build_bulletin(campaign, variants=True)
        refused(bulletin, self.submit(bulletin), "Instagram allows 10")

    def test_a_fact_check_without_a_confirmed_verdict(self, campaign):
        bulletin = build_bulletin(campaign)
        bulletin.claims.add(build_claim(campaign, published=False))
        refused(bulletin, self.submit(bulletin), "no confirmed verdict")

    def test_an_audience_without_a_slot_to_come(self, campaign):
        bulletin = build_bulletin(campaign, timing="next_slot")
        refused(bulletin, self.submit(bulletin), "no upcoming slot")


def test_a_language_more_costs_no_query_in_any_step(alma, oskar):
    def cost(campaign, languages):
        bulletin = build_bulletin(campaign, by=alma, languages=languages, inputs=[build_input(campaign)])
        for step in (
            lambda: approval_workflow.submit(bulletin, by=alma, at=NOON),
            lambda: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
            lambda: publish.publish(bulletin, at=NOON),
        ):
            with CaptureQueriesContext(connection) as queries:
                step()
            yield len(queries)

    one, all_of_them = build_campaign("one", languages=["fi"]), build_campaign("all")
    assert list(cost(one, ["fi"])) == list(cost(all_of_them, LANGUAGES))


class TestPublishing:
    """Freezing, and planning the sends."""

    def test_the_tick_publishes_at_the_slot_and_not_before(self, campaign):
        audience = build_audience(campaign, size=3, cadence="day")
        build_approved_bulletin(campaign, audiences=[audience], timing="next_slot")
        slot = Target.objects.get().slot_at

        assert due_bulletins.publish_due(at=slot - timedelta(seconds=1)) == []
        assert len(due_bulletins.publish_due(at=slot)) == 1
        assert due_bulletins.publish_due(at=slot) == []

        send = Send.objects.get()
        assert send.slot_at == slot and send.hold_after == slot + timedelta(minutes=180)
        assert Version.objects.get().published_at == slot

    def test_nothing_goes_out_before_its_embargo(self, campaign):
        bulletin = build_approved_bulletin(campaign, embargo_until=NOON + timedelta(hours=1))
        refused(bulletin, lambda: publish.publish(bulletin, at=NOON), "embargo")
        assert due_bulletins.publish_due(at=NOON) == []

        later = NOON + timedelta(hours=1)
        assert len(due_bulletins.publish_due(at=later)) == 1
        assert Send.objects.get().slot_at == later  # so that it does not count as late

    def test_one_that_cannot_be_published_does_not_stand_in_the_way(self, campaign, monkeypatch):
        broken, sound = build_approved_bulletin(campaign), build_approved_bulletin(campaign)
        render = printed_editions.render_bulletin

        def render_or_fail(words):
            if words.number == broken.number:
                raise ValueError("broken")
            return render(words)

        monkeypatch.setattr(printed_editions, "render_bulletin", render_or_fail)

        assert due_bulletins.publish_due(at=NOON) == [sound]
        broken.refresh_from_db()
        assert broken.state == State.APPROVED and Version.objects.count() == 1

    def test_what_is_published_is_frozen(self, campaign, alma):
        version = build_published_version(campaign)
        edition = version.editions.get(language="en")
        title = edition.title

        with pytest.raises(NotAllowed, match="has been published"):
            drafts.save_edition(version.bulletin.editions.get(language="en"), by=alma, at=NOON)
        with pytest.raises(TypeError, match="kept as it was written"):
            edition.save()
        version.bulletin.editions.update(title="Something else")
        assert version.editions.get(language="en").title == title
        assert {message.language for message in version.mailing.messages.all()} == {"fi", "sv", "en"}

    def test_an_urgent_bulletin_runs_on_the_urgent_queue(self, campaign):
        assert build_published_version(campaign, urgency="urgent").mailing.queue == Mailing.Queue.URGENT


class TestCorrecting:
    """A new version stops the old one and reaches people who have it."""

    def correct(self, version, alma, oskar, at=NOON, step=corrections.start_correction):
        bulletin = version.bulletin
        texts = dict.fromkeys(("fi", "sv", "en"), "13 → 19 April")
        step(bulletin, by=alma, at=at, what_changed=texts, share_text=texts)
        submitted(bulletin, by=alma, at=at)
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=at)
        return publish.publish(bulletin, at=at)

    def test_the_new_version_supersedes_and_goes_at_once_to_those_who_were_reached(self, campaign, alma, oskar):
        first = build_published_version(campaign)
        Send.objects.update(state=Send.State.FINISHED, fanned_out_at=NOON)

        second = self.correct(first, alma, oskar, at=NOON + timedelta(hours=2))

        first.mailing.refresh_from_db()
        assert first.mailing.superseded_by == second.mailing and second.mailing.thread == first.mailing
        send = second.mailing.sends.get()
        assert send.exposed_only and send.slot_at == NOON + timedelta(hours=2)
        assert second.number == 2 and second.is_corrected and second.first_published_at == first.published_at
        assert list(Version.objects.current(campaign, at=NOON + timedelta(hours=3))) == [second]

    def test_a_correction_is_published_even_when_no_audience_is_named_any_more(self, campaign, alma, oskar):
        first = build_published_version(campaign)
        Send.objects.update(state=Send.State.FINISHED, fanned_out_at=NOON)
        bulletin = first.bulletin
        texts = dict.fromkeys(("fi", "sv", "en"), "x")
        corrections.start_correction(bulletin, by=alma, at=NOON, what_changed=texts)
        bulletin.targets.all().delete()
        submitted(bulletin, by=alma, at=NOON)
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)

        assert due_bulletins.publish_due(at=NOON) == [bulletin]

    def test_readers_see_the_old_version_until_the_new_one_is_approved(self, campaign, alma):
        first = build_published_version(campaign)

        corrections.start_correction(first.bulletin, by=alma, at=NOON, what_changed={"fi": "x"})

        assert list(Version.objects.current(campaign, at=NOON)) == [first]

    def test_an_audience_that_was_still_waiting_gets_only_the_new_version(self, campaign, alma, oskar):
        first = build_published_version(campaign)
        later = NOON + timedelta(hours=5)
        Send.objects.update(slot_at=later)

        second = self.correct(first, alma, oskar)

        assert first.mailing.sends.get().state == Send.State.CANCELLED
        send = second.mailing.sends.get()
        assert send.slot_at == later and not send.exposed_only

    def test_a_correction_says_what_changed_in_every_language(self, campaign, alma):
        version = build_published_version(campaign)
        corrections.start_correction(version.bulletin, by=alma, at=NOON, what_changed={"fi": "Päivä"})

        refused(
            version.bulletin,
            lambda: approval_workflow.submit(version.bulletin, by=alma, at=NOON),
            "Say what changed, in this language",
        )

    def test_a_withdrawn_bulletin_has_no_words_left(self, campaign, alma, oskar):
        first = build_published_version(campaign)
        Send.objects.update(state=Send.State.FINISHED, fanned_out_at=NOON)

        second = self.correct(first, alma, oskar, step=corrections.retract)

        first.bulletin.refresh_from_db()
        assert first.bulletin.state == State.WITHDRAWN and second.is_retracted
        edition = second.editions.get(language="en")
        assert not edition.html.strip() and not edition.content["key_messages"] and not edition.content["variants"]
        with pytest.raises(NotAllowed, match="only a published bulletin"):
            corrections.start_correction(first.bulletin, by=alma, at=NOON, what_changed={})


def test_a_bulletin_starts_from_what_the_ministry_sent(campaign, alma):
    network = build_audience(campaign)
    first = build_input(campaign, urgency="elevated", embargo_until=NOON + timedelta(hours=1))
    second = build_input(campaign, urgency="urgent")

    bulletin = drafts.start(campaign, by=alma, at=NOON, inputs=[first, second])

    assert bulletin.number == 1 and bulletin.urgency == "urgent"
    assert bulletin.embargo_until == first.embargo_until
    assert bulletin.editions.get(language="fi").body == first.body and not bulletin.editions.get(language="sv").body
    assert [target.audience for target in bulletin.targets.all()] == [network]
    first.refresh_from_db()
    assert first.state == "used" and alma.pk in eligibility.of_one(bulletin).editor_ids
    with pytest.raises(NotAllowed, match="used or declined in the meantime"):
        drafts.start(campaign, by=alma, at=NOON, inputs=[first])
    assert Bulletin.objects.count() == 1


def test_a_swedish_text_starts_a_bulletin_that_is_written_in_swedish(campaign, alma):
    words = "Biblioteken öppnar på måndag och stänger igen om läget förändras, meddelar ministeriet"
    bulletin = drafts.start(campaign, by=alma, at=NOON, inputs=[build_input(campaign, language="sv", title=words)])

    edition = bulletin.editions.get(language="sv")
    assert bulletin.original_language == "sv" and edition.title == words
    assert len(edition.subject) <= 60 and edition.subject.endswith(" …")  # cut between words, and visibly


def test_what_prints_another_name_by_now_is_a_draft_again_and_its_author_hears_it(campaign, alma, oskar, root):
    reviewed = build_bulletin_in_review(campaign, by=alma)
    approved = build_approved_bulletin(campaign, by=alma, approver=oskar)
    elsewhere = build_approved_bulletin(build_campaign("other"), by=alma, approver=oskar)
    with transaction.atomic():
        assert publication_details.changed(by=root, at=NOON) == 0  # nothing that these print
    CampaignLanguage.objects.filter(campaign=campaign, code="sv").update(sender_name="Ett annat namn")

    with transaction.atomic():
        assert publication_details.changed(by=root, at=NOON) == 2

    states = [Bulletin.objects.get(pk=one.pk).state for one in (reviewed, approved, elsewhere)]
    assert states == [State.DRAFT, State.DRAFT, State.APPROVED]
    told = Notice.objects.filter(kind="sent_back", person=alma).values_list("subject_id", "text")
    assert {key for key, text in told if root.name in text} == {reviewed.pk, approved.pk}
