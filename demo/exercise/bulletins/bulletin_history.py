"""
The demo's five bulletins: what the exercise has behind it, and what is under way.

Everything that people did goes through the same verbs as in the desk, with the clock of that day. Only the mail
of the past is not sent again: `mark_as_sent` writes what became of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F
from django.db.models.functions import Mod

from accounts.models import User
from bulletins.approval import approval_workflow, eligibility
from bulletins.checks import overrides, registry
from bulletins.editing import drafts, editions
from bulletins.media import uploads
from bulletins.models import (
    Bulletin,
    CallToAction,
    Edition,
    InputFact,
    KeyMessage,
    MessageInput,
    Target,
    Urgency,
    Variant,
)
from bulletins.publication import corrections, due_bulletins
from campaigns.models import Campaign, ReadingLevel
from delivery.models import Audience, Delivery, Send, Suppression
from delivery.recipients import suppression
from delivery.sending import dispatch
from demo.content_files.bulletin_files import ends_at, tones_of
from demo.content_files.content import BulletinFile, Content, Correction, EditionFile
from demo.content_files.formats import moment_of
from demo.exercise.demo_dates import DUE_IN, DUE_TODAY, Calendar
from demo.exercise.impact import past_pretest
from factcheck.models import Claim
from lib.http.url_parts import site_of
from lib.yaml_files import Item

from . import pictures

NO_SUCH_ADDRESS = "550 5.1.1"
ONE_IN = 150  # of how many addresses one did not exist
COMPARED_WITH = "It is the date that bulletin 1 has."  # and not compared with the message input


@dataclass
class History:
    """Writes the bulletins of `content` into `campaign`, as they stand at the calendar's now."""

    campaign: Campaign
    content: Content
    calendar: Calendar
    audiences: dict[str, Audience]
    inputs: dict[str, MessageInput]
    editor: User
    approver: User
    checker: User

    def write(self) -> None:
        """Write all bulletins in the order of their numbers."""
        facts = InputFact.objects.filter(input__campaign=self.campaign).select_related("input")
        self.facts = {fact.key: fact for fact in facts}
        self.topics = {topic.slug: topic for topic in self.campaign.topics.all()}
        self.claims = {claim.slug: claim for claim in Claim.objects.filter(campaign=self.campaign)}
        plans = {
            entry.number("bulletin"): entry
            for entry in self.content.campaign.items("schedule")
            if "bulletin" in entry.data
        }
        corrections = {correction.bulletin.number: correction for correction in self.content.corrections}
        for source in self.content.bulletins:
            plan = plans[source.number]
            if source.number < DUE_TODAY:
                bulletin = self.send(source, plan)
                if source.number in corrections:
                    self.correct(bulletin, corrections[source.number])
            elif source.number == DUE_TODAY:
                self.approve_for_today(source, plan)
            else:
                self.draft(source, plan, at=self.calendar.at - timedelta(hours=2))

    # --- Ways a bulletin can go -------------------------------------------------------------------

    def send(self, source: BulletinFile, plan: Item) -> Bulletin:
        """Draft, review and publish a bulletin on its day in the past, and mark its mail as sent."""
        slot = self.calendar.moment(moment_of(plan, "send_at"))
        bulletin = self.draft(source, plan, at=slot - timedelta(hours=2))
        self.review(bulletin, submitted=slot - timedelta(minutes=50), approved=self.approved_at(plan, slot))
        self.publish(slot)
        bulletin.refresh_from_db()
        return bulletin

    def approved_at(self, plan: Item, slot: datetime) -> datetime:
        """Return when it was approved: at once means that the approval is the slot."""
        return slot if plan.text("as") == "immediate" else slot - timedelta(minutes=30)

    def approve_for_today(self, source: BulletinFile, plan: Item) -> None:
        """Leave a bulletin approved for a slot two minutes from now. It was tried on a few people before."""
        now = self.calendar.at
        bulletin = self.draft(source, plan, at=now - timedelta(hours=3))
        bulletin.targets.update(timing=Target.Timing.AT_TIME, at=now + DUE_IN)
        past_pretest.try_draft(bulletin, by=self.approver, at=now - timedelta(hours=2))
        self.review(bulletin, submitted=now - timedelta(minutes=40), approved=now - timedelta(minutes=15))

    def correct(self, bulletin: Bulletin, correction: Correction) -> None:
        """Correct a sent bulletin, for exactly people whom the first version reached."""
        slot = self.calendar.moment(correction.at)
        begun = slot - timedelta(minutes=35)
        corrections.start_correction(
            bulletin, by=self.editor, at=begun, what_changed=correction.what_changed, share_text=correction.share_text
        )
        self.fill(bulletin, correction.bulletin, at=begun, subjects=correction.subject, preheaders=correction.preheader)
        self.review(bulletin, submitted=slot - timedelta(minutes=10), approved=slot)
        self.publish(slot, later=timedelta(seconds=settings.CORRECTION_HEAD_START_SECONDS))

    # --- Steps --------------------------------------------------------------------------------------

    def draft(self, source: BulletinFile, plan: Item, *, at: datetime) -> Bulletin:
        """Start a bulletin from its message inputs and write it in every language."""
        at_once = plan.text("as") == "immediate"
        bulletin = drafts.start(
            self.campaign,
            by=self.editor,
            at=at,
            inputs=[self.inputs[reference] for reference in source.inputs],
            # What waited for its daily slot was not urgent, even where the message input had been.
            urgency=None if at_once else Urgency.ELEVATED,
        )
        bulletin.topics.set([self.topics[slug] for slug in source.topics])
        bulletin.claims.set([self.claims[slug] for slug in source.claims])
        bulletin.asks_seen = at_once and bulletin.urgency == Urgency.URGENT
        bulletin.seen_at_night = bulletin.asks_seen
        bulletin.save(update_fields=["asks_seen", "seen_at_night"])
        bulletin.targets.all().delete()
        slot = self.calendar.moment(moment_of(plan, "send_at"))
        # A slot at the end of an embargo is a time; "at once" is when the approver agrees.
        timing = Target.Timing.AT_ONCE if at_once and not bulletin.embargo_until else Target.Timing.AT_TIME
        for slug in plan.texts("audiences"):
            Target.objects.create(
                bulletin=bulletin,
                audience=self.audiences[slug],
                timing=timing,
                at=slot if timing == Target.Timing.AT_TIME else None,
            )
        self.fill(bulletin, source, at=at + timedelta(minutes=20))
        self.fill_easy(bulletin, source, at=at + timedelta(minutes=22))
        uploads.add(
            bulletin,
            ContentFile(pictures.draw(source.number), "picture.jpg"),
            by=self.editor,
            at=at + timedelta(minutes=25),
            title={language: edition.title for language, edition in source.editions.items()},
            alt_text={code: edition.variants["instagram"]["alt_text"] for code, edition in source.editions.items()},
            rights="CC0 1.0",
        )
        return bulletin

    def fill(
        self,
        bulletin: Bulletin,
        source: BulletinFile,
        *,
        at: datetime,
        subjects: dict[str, str] | None = None,
        preheaders: dict[str, str] | None = None,
    ) -> None:
        """Write the words of a bulletin: editions, variants, key messages and calls to action, the original first."""
        standard = bulletin.editions.filter(reading_level=ReadingLevel.STANDARD)
        by_language = {edition.language: edition for edition in standard}
        for language in sorted(by_language, key=lambda code: code != bulletin.original_language):
            edition, words = by_language[language], source.editions[language]
            edition.title, edition.body, edition.hashtags = words.title, words.body, words.hashtags
            edition.subject = (subjects or {}).get(language, words.subject)
            edition.preheader = (preheaders or {}).get(language, words.preheader)
            edition = drafts.save_edition(edition, by=self.editor, at=at)
            self.fill_variants(edition, words)
        self.fill_messages(bulletin, source)
        drafts.note_editor(bulletin, by=self.editor, at=at)
        bulletin.refresh_from_db()

    def fill_easy(self, bulletin: Bulletin, source: BulletinFile, *, at: datetime) -> None:
        """Write the editions in easy language."""
        for language, words in source.easy.items():
            edition = editions.add_edition(bulletin, language, ReadingLevel.EASY, by=self.editor, at=at)
            edition.title, edition.subject = words.title, words.subject
            edition.preheader, edition.body = words.preheader, words.body
            drafts.save_edition(edition, by=self.editor, at=at)

    def fill_variants(self, edition: Edition, words: EditionFile) -> None:
        """Write an edition's variants anew."""
        edition.variants.all().delete()
        Variant.objects.bulk_create(
            Variant(edition=edition, platform=platform, **fields) for platform, fields in words.variants.items()
        )

    def fill_messages(self, bulletin: Bulletin, source: BulletinFile) -> None:
        """Write the key messages and calls to action anew."""
        bulletin.key_messages.all().delete()
        bulletin.calls_to_action.all().delete()
        languages = list(source.editions)
        first = source.editions[languages[0]]
        for position, item in enumerate(first.key_messages, start=1):
            same = {language: source.editions[language].key_messages[position - 1] for language in languages}
            KeyMessage.objects.create(
                bulletin=bulletin,
                key=item.text("id"),
                position=position,
                text={language: message.text("text") for language, message in same.items()},
                **{
                    tone: {language: message.text(tone) for language, message in same.items()}
                    for tone in tones_of(item)
                },
                fact=self.facts[item.text("fact")],
                owner=self.editor,
                source_name={language: site_of(message.url("source")) for language, message in same.items()},
                source_url={language: message.url("source") for language, message in same.items()},
                valid_until=self.calendar.moment(ends_at(item)),
            )
        for position, key in enumerate(first.calls_to_action, start=1):
            texts: dict[str, Any] = {language: source.editions[language].calls_to_action[key] for language in languages}
            CallToAction.objects.create(bulletin=bulletin, key=key, position=position, text=texts)

    def review(self, bulletin: Bulletin, *, submitted: datetime, approved: datetime) -> None:
        """Have the editor submit it, the fact-checker sign off its claims, and the approver agree."""
        self.override_dates(bulletin, at=submitted)
        approval_workflow.submit(bulletin, by=self.editor, at=submitted)
        if eligibility.of_one(bulletin).wants_sign_off:
            approval_workflow.sign_off(bulletin, digest=bulletin.digest, by=self.checker, at=submitted)
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=self.approver, at=approved)

    def override_dates(self, bulletin: Bulletin, *, at: datetime) -> None:
        """Let other dates than the message input's stand: that is how bulletin 3 came to say 13 April."""
        for finding in registry.stops(bulletin, at=at):
            if finding.code == "other-date":
                overrides.override_finding(bulletin, finding.key, reason=COMPARED_WITH, by=self.editor, at=at)

    def publish(self, at: datetime, *, later: timedelta = timedelta(0)) -> None:
        """Do what a tick does at `at` and so much `later`, waking no worker, and write what became of the mail."""
        due_bulletins.publish_due(at=at)
        dispatch.start_due_sends(at=at + later)
        mark_as_sent(self.campaign, at=at + later)


def mark_as_sent(campaign: Campaign, *, at: datetime) -> None:
    """
    Write the history of a past exercise: what became of the mail that started to go out at `at`.

    No mail is sent. Nearly everything was accepted within minutes, a few addresses did not exist and get nothing
    from then on.
    """
    for send in Send.objects.filter(mailing__campaign=campaign, state=Send.State.SENDING).order_by("pk"):
        rows = Delivery.objects.of(send).filter(state=Delivery.State.QUEUED)
        ended = at + timedelta(seconds=20 + (send.candidates or 0) // 12)
        gone = Suppression.objects.filter(since__lt=at).values("address_hash")
        rows.filter(recipient__address_hash__in=gone).update(state=Delivery.State.SUPPRESSED, finished_at=at)
        missing = rows.annotate(part=Mod(F("recipient_id"), ONE_IN)).filter(part=ONE_IN // 2)
        failed = list(missing.values_list("pk", flat=True))
        tried = Delivery.objects.filter(pk__in=failed)
        tried.update(
            state=Delivery.State.FAILED,
            attempts=1,
            code=NO_SUCH_ADDRESS,
            detail="User unknown",
            handed_off_at=at,
            finished_at=ended,
        )
        suppression.suppress_missing(tried, code=NO_SUCH_ADDRESS, at=ended)
        rows.update(state=Delivery.State.ACCEPTED, attempts=1, code="250", handed_off_at=at, finished_at=ended)
        Send.objects.filter(pk=send.pk).update(state=Send.State.FINISHED, finished_at=ended)
