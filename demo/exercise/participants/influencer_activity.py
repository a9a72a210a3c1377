"""
What the demo's influencers did: who read, took and posted what, what became of the recall, and who wrote to whom.

All of it goes through the same verbs as in the portal and at the desk, with the clock of that day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import User
from bulletins.models import Version
from campaigns.models import Campaign
from demo.content_files.content import Content
from demo.exercise.demo_dates import Calendar
from influencers.inbox import thread_messages
from influencers.models import CannedThanks, Exposure, Influencer, Post, RecallNotice, ThreadMessage
from influencers.posts import reports
from influencers.recall import exposure, recall_plan, responses
from influencers.recognition import thanks
from lib.yaml_files import Item

QUIET = 3  # partners to whom nobody wrote for long
SILENT, LATELY, LAST = timedelta(days=20), timedelta(days=11), timedelta(days=4)
READERS = 60  # of the network, who read the bulletin that was corrected later; half of them took its words
ANSWERED = 0.8  # of people who were notified of the correction
FIRST_ANSWER, BETWEEN_ANSWERS = timedelta(minutes=4), timedelta(minutes=3)


@dataclass
class Network:
    """Writes what happened around the bulletins of `content`, as it stands at the calendar's now."""

    campaign: Campaign
    content: Content
    calendar: Calendar
    liaison: User

    def write(self) -> None:
        """Write all of it; mail of the past is not sent again."""
        active = Influencer.objects.filter(campaign=self.campaign).select_related("recipient", "user", "campaign")
        self.people = {one.reference: one for one in active}
        self.versions = {
            (version.bulletin.number, version.number): version
            for version in Version.objects.filter(bulletin__campaign=self.campaign).select_related("bulletin")
        }
        self.posts: dict[int, Post] = {}
        self.welcome()
        self.read_and_take()
        for item in self.content.network.items("posts"):
            self.post(item)
        self.recall()
        for item in self.content.network.items("posts"):
            self.see_to(item)
        self.answer_recalls()
        self.talk()
        self.thank()
        ThreadMessage.objects.filter(thread__influencer__campaign=self.campaign, sent_at=None).update(sent_at=F("at"))

    # --- The channel that is always open ---

    def welcome(self) -> None:
        """Let the contact person have written to each partner, to a few of them long ago."""
        partners = sorted(
            (one for one in self.people.values() if one.liaison_id == self.liaison.pk),
            key=lambda one: one.reference,
            reverse=True,
        )
        now, words = self.calendar.at, self.content.network.translated("welcome")
        moments = [now - SILENT] * QUIET + self.calendar.spread(now - LATELY, now - LAST, len(partners) - QUIET)
        for person, moment in zip(partners, moments, strict=True):
            text = words[person.recipient.language].format(name=thanks.first_name(person))
            thread_messages.answer(
                thread_messages.thread_of(person), text, by=self.liaison, at=max(moment, person.joined_at)
            )

    def talk(self) -> None:
        """Let influencers write, and the team keep notes and phone calls."""
        for item in self.content.network.items("messages"):
            thread_messages.add_from_influencer(
                self.person(item, "from"), item.text("text"), via="portal", at=self.ago(item)
            )
        for item in self.content.network.items("contacts"):
            thread = thread_messages.thread_of(self.person(item, "with"))
            moment = self.ago(item)
            thread_messages.log_contact(
                thread, item.text("text"), via="phone", by=self.liaison, at=moment, happened_at=moment
            )
        for item in self.content.network.items("notes"):
            thread = thread_messages.thread_of(self.person(item, "about"))
            thread_messages.note(thread, item.text("text"), by=self.liaison, at=self.ago(item))

    def thank(self) -> None:
        """Let the contact person have thanked."""
        canned = {one.key: one for one in CannedThanks.objects.filter(campaign=self.campaign)}
        for item in self.content.network.items("thanks"):
            person = self.person(item, "to")
            words = thanks.text_for(canned[item.text("words")], person, thanks.language_of(person))
            thanks.thank(person, text=words, by=self.liaison, at=self.ago(item))

    # --- What a correction has to catch up with ---

    def read_and_take(self) -> None:
        """Let some of the network read the bulletins that were corrected later, and every second one take words of it."""
        readers = list(self.people.values())[:: max(1, len(self.people) // READERS)]
        for (number, place), version in self.versions.items():
            if place != 1 or (number, 2) not in self.versions:
                continue
            moments = self.calendar.spread(
                version.published_at, self.versions[number, 2].published_at, len(readers) + 1
            )
            for turn, (person, moment) in enumerate(zip(readers, moments, strict=False)):
                language = person.recipient.language
                exposure.note(person, version, way=Exposure.Way.READ, language=language, at=moment)
                if turn % 2:
                    item = f"message:{version.bulletin.key_messages.all()[0].key}"
                    exposure.note(person, version, way=Exposure.Way.COPIED, item=item, language=language, at=moment)

    def post(self, item: Item) -> None:
        """Tell of a post, as its writer or as staff who found it."""
        person, version, moment = self.person(item, "by"), self.first_version(item), self.after(item, "after")
        told_at = moment + timedelta(minutes=10)
        by = self.liaison if item.data.get("found") else person.user
        assert by is not None
        self.posts[item.line] = reports.report(
            person,
            version,
            platform=item.text("platform"),
            posted_at=moment,
            by=by,
            at=told_at,
            url=item.url("url") if "url" in item.data else "",
            language=item.text("language"),
            words=item.text("words") if "words" in item.data else "",
            figures=item.data["figures"],
        ).post

    def recall(self) -> None:
        """Plan the recall of each correction when it was published."""
        for version in self.versions.values():
            if version.kind in recall_plan.TELLS:
                recall_plan.plan(version, at=version.published_at)

    def see_to(self, item: Item) -> None:
        """Let someone have corrected or removed a post."""
        for key, mark in (("corrected_after", reports.mark_corrected), ("removed_after", reports.mark_removed)):
            if key in item.data:
                mark(self.posts[item.line], at=self.after(item, key))

    def answer_recalls(self) -> None:
        """Let most of people who had not posted have answered, one after the other."""
        rows = RecallNotice.objects.filter(recall__campaign=self.campaign, acknowledged_at=None)
        waiting = list(rows.exclude(rank=RecallNotice.Rank.POSTED).select_related("recall").order_by("rank", "-reach"))
        for turn, notice in enumerate(waiting[: int(len(waiting) * ANSWERED)]):
            moment = notice.recall.planned_at + FIRST_ANSWER + turn * BETWEEN_ANSWERS
            responses.answer(notice, RecallNotice.Outcome.NOT_POSTED, at=moment)

    # --- Reading the file ---

    def person(self, item: Item, key: str) -> Influencer:
        """Return the influencer whom an item names."""
        reference = item.text(key)
        if reference not in self.people:
            raise item.fault(key, "is no influencer of the demo")
        return self.people[reference]

    def first_version(self, item: Item) -> Version:
        """Return the first version of the bulletin that an item names."""
        place = item.number("bulletin"), 1
        if place not in self.versions:
            raise item.fault("bulletin", "is not published in the demo")
        return self.versions[place]

    def after(self, item: Item, key: str) -> datetime:
        """Return the moment so many hours after the bulletin of an item was first published."""
        return self.first_version(item).published_at + timedelta(hours=item.data[key])

    def ago(self, item: Item) -> datetime:
        """Return the moment so many hours before now."""
        return self.calendar.at - timedelta(hours=item.data["ago"])
