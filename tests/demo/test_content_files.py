"""The demo: its content files are checked before anything is written, and what is loaded is a whole exercise."""

import copy
import html
import json
import os
import re
import shutil
import socket
import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count, F
from django.test import Client

from accounts.access.roles import Role
from accounts.models import User
from bulletins.approval import eligibility
from bulletins.authority_posts import posting_plan
from bulletins.checks import registry
from bulletins.models import Asset, Bulletin, Edition, MessageInput, PublishedEdition, Version
from campaigns.models import Campaign, CampaignLanguage
from delivery.models import (
    AudienceSize,
    Consent,
    Delivery,
    Membership,
    Message,
    Recipient,
    Send,
    Subscription,
    Suppression,
    address_hash,
)
from delivery.reports.ledger import ledger_of
from demo import preconditions, processes
from demo.content_files import bulletin_files, reader
from demo.exercise import demo_dates as demo_calendar
from demo.exercise import loader, moved_texts
from demo.exercise.participants import people, synthetic_people
from demo.management.commands import load_demo
from factcheck.models import Claim
from factcheck.verdicts import verdict_workflow
from impact.models import Snapshot
from influencers.escalation import call_list, step_runner
from influencers.inbox import reminders
from influencers.models import Call, Influencer, Post, Recall, SeenRequest, Signature, Thanks, Thread, ThreadMessage
from influencers.recall import recall_progress
from lib import yaml_files
from lib.text.linguistics import banned_terms
from notifications.models import Notice
from operations import process_supervisor
from operations.startup_errors import Refusal
from questions.models import Answer, Question
from stories.models import Municipality, Story, StorySubtitles
from tests.factcheck.publication.claimreview import faults_of
from website.models import Publication

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FILES = reader.read()


# --- The files ------------------------------------------------------------------------------------------


def test_the_content_is_whole() -> None:
    assert FILES.languages == ("fi", "sv", "en")
    assert [entry.reference for entry in FILES.inputs] == [f"in-00{n}" for n in range(1, 7)]
    assert [bulletin.number for bulletin in FILES.bulletins] == [1, 2, 3, 4, 5]
    assert all(
        set(edition.variants) == {"instagram", "tiktok", "youtube"}
        for b in FILES.bulletins
        for edition in b.editions.values()
    )
    assert (len(FILES.claims), len(FILES.questions), len(FILES.glossary)) == (6, 10, 40)


def test_nobody_meets_a_file_that_does_not_exist() -> None:
    for bulletin in FILES.bulletins:
        for edition in bulletin.editions.values():
            assert "example.org" not in edition.body
            assert len(bulletin_files.HEADING.findall(edition.body)) == 4


def test_every_language_has_the_same_shape() -> None:
    for bulletin in FILES.bulletins:
        shapes = {
            tuple(len(re.findall(pattern, edition.body, re.MULTILINE)) for pattern in ("^- ", "^> ", "^## ", r"\n\n"))
            for edition in bulletin.editions.values()
        }
        assert len(shapes) == 1, bulletin.number


def test_the_correction_replaces_the_wrong_date_everywhere() -> None:
    wrong = re.compile(r"\b13\. huhti\w*|\b13 april|\b13 April|kolmanteentoista|trettonde|thirteenth")
    [correction] = FILES.corrections
    for language, edition in correction.bulletin.editions.items():
        said = json.dumps(
            [edition.body, edition.variants, [m.text("text") for m in edition.key_messages]], ensure_ascii=False
        )
        before = FILES.bulletins[2].editions[language]
        assert wrong.search(before.body)
        assert not wrong.search(said)
        assert "19" in said


def test_no_banned_term_is_used() -> None:
    patterns = [banned_terms.banned_pattern(row.text("term")) for row in FILES.banned_terms]
    for path in sorted(reader.FOLDER.rglob("*")):
        if path.is_file() and path.name != "banned-terms.csv":
            text = path.read_text(encoding="utf-8")
            assert not [pattern.pattern for pattern in patterns if pattern.search(text)], path.name


def test_every_address_belongs_to_nobody() -> None:
    for path in reader.FOLDER.rglob("*"):
        if path.is_file():
            hosts = re.findall(r"[\w.]+@([\w.]+\w)", path.read_text(encoding="utf-8"))
            assert {host for host in hosts if not re.fullmatch(r"example\.(org|net|com)", host)} == set(), path.name


Change = Callable[[Path], object]


def edit(name: str, before: str, after: str) -> Change:
    """Return a change that replaces the first `before` of a content file."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "missing file": (lambda folder: (folder / "bulletins/002/sv.md").unlink(), r"bulletins/002/sv\.md is missing"),
    "YAML error": (edit("campaign.yaml", "slug: faktaakoronasta-2020", "slug: [faktaakoronasta"), r"campaign\.yaml, line \d+: not valid YAML"),
    "key twice": (edit("campaign.yaml", "mode: exercise", "mode: exercise\nslug: again"), r"campaign\.yaml, line \d+: not valid YAML \(the key 'slug' comes twice\)"),
    "missing language": (edit("campaign.yaml", ', sv: "Nätverket"', ""), r"campaign\.yaml, line \d+: audiences\[2\]\.name\.sv is missing"),
    "empty text": (edit("claims/cl-5g.yaml", '"5G-mastot levittävät koronavirusta."', '""'), r"cl-5g\.yaml, line \d+: claim\.fi has no text"),
    "missing key": (edit("inputs/in-003-kasihygienia-ja-etaisyys.md", "urgency: routine\n", ""), r"in-003\S+, line 2: urgency is missing"),
    "unknown authority": (edit("inputs/in-001-poikkeusolot.md", "authority: prime-ministers-office", "authority: nobody"), r"in-001\S+, line 2: authority is 'nobody', which nothing defines"),
    "unknown topic": (edit("bulletins/004/en.md", "[holidays,", "[holydays,"), r"bulletins/004/en\.md, line 2: topics names 'holydays'"),
    "unknown fact": (edit("bulletins/001/fi.md", "fact: in-001-f1", "fact: in-001-f99"), r"bulletins/001/fi\.md, line \d+: key_messages\[1\]\.fact is 'in-001-f99'"),
    "impossible date": (edit("campaign.yaml", "starts_on: 2020-03-17", "starts_on: 2020-13-17"), r"campaign\.yaml, line 18: not a date"),
    "no date": (edit("inputs/in-002-lahiopetus-1-3.md", "received_at: 2020-03-20T15:40:00+02:00", "received_at: yesterday"), r"in-002\S+, line 2: received_at is 'yesterday'"),
    "no offset": (edit("inputs/in-002-lahiopetus-1-3.md", "received_at: 2020-03-20T15:40:00+02:00", "received_at: 2020-03-20T15:40:00"), r"received_at is '2020-03-20 15:40:00'; write a moment like"),
    "long subject": (edit("bulletins/003/en.md", 'subject: "Bulletin 3:', 'subject: "Bulletin 3, the long one:'), r"bulletins/003/en\.md, line 2: subject has \d+ characters; at most 60 fit"),
    "languages differ": (edit("bulletins/005/sv.md", "id: km-5-2", "id: km-5-9"), r"bulletins/005/sv\.md, line 2: key_messages differs from bulletins/005/fi\.md"),
    "correction misses": (edit("bulletins/003/sv.md", "De gäller till och med den 13 april.", "De gäller."), r"correction\.yaml, line \d+: replacements\[4\]\.before occurs 0 times"),
    "real address": (edit("campaign.yaml", "liaison@example.org", "liaison@ministry.fi"), r"liaison\.email is 'liaison@ministry\.fi'; demo addresses are on example\.org"),
    "live campaign": (edit("campaign.yaml", "mode: exercise", "mode: live"), r"campaign\.yaml, line \d+: mode is 'live'"),
    "wrong column": (edit("glossary.csv", "fi,sv,en,definition", "fi,se,en,definition"), r"glossary\.csv, line 1: the columns should be fi, sv, en, definition"),
    "not UTF-8": (lambda folder: (folder / "questions.yaml").write_bytes(b"groups: \xff"), r"questions\.yaml is not UTF-8 \(byte 8\)"),
    "no hours": (edit("network.yaml", "ago: 30", "ago: yesterday"), r"network\.yaml, line \d+: messages\[1\]\.ago should be a number of hours"),
    "unknown thanks": (edit("network.yaml", "words: corrected", "words: sorry"), r"network\.yaml, line \d+: thanks\[2\]\.words is 'sorry'"),
    "no front matter": (edit("handbook/handbook.fi.md", "---\n", ""), r"handbook/handbook\.fi\.md: should begin with front matter"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_one_sentence_with_its_place(case: str, tmp_path: Path) -> None:
    change, says = BROKEN[case]
    folder = tmp_path / "content"
    shutil.copytree(reader.FOLDER, folder)
    change(folder)

    with pytest.raises(yaml_files.ContentError, match=says) as refused:
        reader.read(folder)

    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


# --- Dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        NOON,
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the clocks go forward today
        datetime(2027, 10, 31, 22, 30, tzinfo=UTC),  # already the next day in Helsinki
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    ],
)
def test_bulletin_4_is_due_today_and_wall_clocks_stay(at: datetime) -> None:
    calendar = demo_calendar.Calendar.of(FILES, at=at)
    first, fourth = FILES.bulletins[0], FILES.bulletins[3]
    moved = calendar.moment(first.published_at).astimezone(FILES.zone)

    assert calendar.local_day(calendar.moment(fourth.published_at)) == at.astimezone(FILES.zone).date()
    assert (moved.hour, moved.minute) == (16, 0)
    assert calendar.local_day(at) - moved.date() == date(2020, 4, 8) - date(2020, 3, 17)


@pytest.mark.parametrize("weeks", range(0, 53, 4))
def test_what_a_text_says_moves_with_the_day_that_it_is_about(weeks: int) -> None:
    """Whatever the day: a key message says until when it holds, and no date of 2020 is left but a source's."""
    at = NOON + timedelta(weeks=weeks, days=weeks % 7)
    calendar = demo_calendar.Calendar.of(FILES, at=at)
    content = copy.deepcopy(FILES)
    moved_texts.move(content, calendar)

    said = 0
    for bulletin in content.bulletins:
        for code, edition in bulletin.editions.items():
            texts = [edition.title, edition.preheader, edition.body, *map(str, edition.variants.values())]
            days = [fact for text in texts for fact in moved_texts.dates_in(text, code)]
            assert not [fact.written for fact in days if fact.year == "2020"], (bulletin.number, code)
            for message in edition.key_messages:
                ends = calendar.moment(message.moment("valid_until")).astimezone(FILES.zone).date()
                facts = moved_texts.dates_in(message.text("text"), code)
                if facts and bulletin.number == 4:
                    assert facts[-1].form.values[-1][-5:] == f"{ends:%m-%d}", message.text("text")
                    said += 1
    assert said == 12


def test_a_range_keeps_its_form_and_a_link_its_words() -> None:
    calendar = demo_calendar.Calendar(FILES.zone, 2426, NOON)
    for code, text, later in (
        ("fi", "Vietä pyhät 10.–13. huhtikuuta kotona, maanantaina 13.4.2020 myös.", "Vietä pyhät 1.–4. joulukuuta kotona, perjantaina 4.12.2026 myös."),
        ("sv", "Stängt den 28 mars–3 maj.", "Stängt den 18 november–24 december."),
        ("en", "From 10 to 13 April. [Source, 30 March 2020](https://a.example/2020-03-30)", "From 1 to 4 December. [Source, 30 March 2020](https://a.example/2020-03-30)"),
    ):  # fmt: skip
        assert moved_texts.moved(text, code, calendar) == later


# --- People -------------------------------------------------------------------------------------------------


def test_the_same_people_come_out_every_time() -> None:
    rows = synthetic_people.generate()

    assert rows == synthetic_people.generate()
    assert len({row["email"] for row in rows}) == people.INFLUENCERS == 3800
    assert all(re.fullmatch(r"[a-z.0-9]+@example\.(org|net|com)", row["email"]) for row in rows)
    assert sum(row["tier"] == 1 for row in rows) == 100


def test_the_network_grows_from_900_to_2000() -> None:
    calendar = demo_calendar.Calendar.of(FILES, at=NOON)
    seats = people.assign(FILES, calendar)
    network = [seat.joined_at for seat in seats if "network" in seat.audiences]
    audiences = Counter(slug for seat in seats for slug in seat.audiences)

    assert sum(joined < calendar.moment(FILES.bulletins[0].published_at) for joined in network) == 900
    assert (audiences["partners"], audiences["network"], audiences["international"]) == (100, 2000, 800)
    assert all(
        seat.joined_at < NOON and (seat.signed_at is None or seat.joined_at <= seat.signed_at < NOON) for seat in seats
    )


# --- Loading ------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(db: None) -> Campaign:
    """The demo as loaded at NOON, with one of its films."""
    few = [one for one in FILES.stories if one.text("key") in {"island-calls", "twenty-calls", "choir-apart"}]
    return loader.load(at=NOON, say=lambda line: None, content=replace(FILES, stories=few))


@pytest.mark.slow
@pytest.mark.sqlite  # what a demo runs on
def test_the_loaded_demo_is_a_whole_exercise(demo: Campaign) -> None:
    """One long test, so that the demo is loaded once."""
    calendar = demo_calendar.Calendar.of(FILES, at=NOON)
    assert demo.is_exercise
    assert set(demo.note) == set(CampaignLanguage.objects.filter(campaign=demo).values_list("code", flat=True))

    # Bulletins 1 and 2 are sent, 3 is corrected, 4 is due in two minutes, 5 is a draft under embargo, 6 one that can be tried.
    states = list(Bulletin.objects.order_by("number").values_list("number", "version", "state"))
    assert states == [
        (1, 1, "published"),
        (2, 1, "published"),
        (3, 2, "published"),
        (4, 1, "approved"),
        (5, 1, "draft"),
        (6, 1, "draft"),
    ]
    # Bulletin 3 asked whether it was seen, and so does its correction: many said so, not enough, and three were called.
    first, second = SeenRequest.objects.order_by("began_at")
    assert (first.ended, second.ended, second.people.filter(tier=1).count()) == ("corrected", "", 100)
    assert 50 < second.people.exclude(seen_at=None).count() < 80 and Call.objects.count() == 3
    step_runner.advance_due(at=NOON)
    second.refresh_from_db()
    assert (
        second.ended_at is None
        and len(call_list.calls_of(second, User.objects.get(email=loader.LIAISON), at=NOON)) == 9
    )
    sixth = Bulletin.objects.get(number=6)
    assert not sixth.embargo_until and "parity" not in {one.code for one in registry.stops(sixth, at=NOON)}
    posts = [(step.does, step.account.network) for step in posting_plan.steps_of(sixth, [])]
    assert Counter(posts) == {("post", "mastodon"): 3, ("post", "bluesky"): 3}
    assert demo.starts_on <= Snapshot.objects.earliest("on").on
    fourth, fifth = Bulletin.objects.get(number=4), Bulletin.objects.get(number=5)
    assert set(fourth.targets.values_list("audience__slug", "slot_at")) == {
        ("partners", NOON + timedelta(minutes=2)),
        ("network", NOON + timedelta(minutes=2)),
        ("international", NOON + timedelta(minutes=2)),
    }
    assert fourth.digest == fourth.content_digest()
    assert fifth.embargo_until and fifth.embargo_until > NOON
    assert not registry.stops(fifth, at=NOON)
    assert Edition.objects.count() == 20  # two in easy language

    # A film with subtitles, a text, and one that waits to be looked at.
    film, text = Story.objects.shown(demo).order_by("kind").reverse()
    assert set(film.files.values_list("role", flat=True)) == {"original", "web", "poster", "share"}
    assert StorySubtitles.objects.shown([film]).count() == 3 and set(text.text) == {"fi", "sv", "en"}
    assert Story.objects.get(state="sent").municipality == Municipality.objects.get(code="x04")
    pictures = Asset.objects.values_list("bulletin__number", "kind", "width", "height")
    assert sorted(pictures) == [(number, "image", 1080, 1350) for number in range(1, 6)]
    assert all(set(one.alt_text) == {"fi", "sv", "en"} for one in Asset.objects.all())
    assert Version.objects.count() == 4
    assert PublishedEdition.objects.count() == Message.objects.count() == 12
    for bulletin in Bulletin.objects.exclude(approved_by=None):
        assert bulletin.approved_by_id not in eligibility.of_one(bulletin).editor_ids

    # People.
    assert Influencer.objects.count() == 3800
    assert Recipient.objects.filter(channel="mail").count() == 3800 + 1030
    assert Membership.objects.open(at=NOON).count() == 100 + 2000 + 800 + 120 + 340 + 1150 + 420
    assert Subscription.objects.served(at=NOON).count() == 120 + 340 + 1150 + 420
    assert set(Subscription.objects.values_list("cursor", flat=True)) == {Publication.objects.count()}
    assert Subscription.objects.values("topics").distinct().count() == 8
    mailboxes = Recipient.objects.filter(channel="mail")
    assert not mailboxes.exclude(email__regex=r"^[a-z.0-9]+@example\.(org|net|com)$").exists()
    reader = Recipient.objects.order_by("pk").first()
    assert reader and reader.address_hash == address_hash(reader.email)
    assert not Recipient.objects.filter(consents=None).exists()
    assert not Consent.objects.filter(confirmed_at=None).exists()
    assert Signature.objects.count() > 2500
    for role in Role:
        assert User.objects.filter(groups__name=role.value).exists(), role
    for role in (Role.EDITOR, Role.FACT_CHECKER, Role.APPROVER):
        assert User.objects.filter(groups__name=role.value).count() == 2
    assert not User.objects.filter(is_superuser=True).exists()
    sizes = AudienceSize.objects.filter(audience__slug="network").values_list("size", flat=True)
    assert list(sizes) == [900, *sorted(sizes)[1:-1], 2000]

    # The ledger of the past adds up, and what is over is over.
    sends = list(Send.objects.all())
    ledger = ledger_of(sends)
    assert ledger.total.adds_up
    assert (ledger.total.unknown, ledger.total.to_go) == (0, 0)
    assert ledger.total.failed == Suppression.objects.count() > 0
    assert ledger.total.suppressed > 0
    assert {send.state for send in sends} == {Send.State.FINISHED}
    assert sum(send.candidates or 0 for send in sends) == Delivery.objects.count()
    assert sum(send.candidates or 0 for send in sends if send.mailing.key == "bulletin-1-v1") == 900
    assert not Delivery.objects.filter(handed_off_at__lt=F("recipient__created_at")).exists()

    # The correction reached exactly people whom version 1 reached.
    reached = {
        key: set(Delivery.objects.filter(mailing__key=key, state="accepted").values_list("recipient_id", flat=True))
        for key in ("bulletin-3-v1", "bulletin-3-v2")
    }
    assert reached["bulletin-3-v1"] == reached["bulletin-3-v2"]
    assert Delivery.objects.filter(mailing__key="bulletin-3-v2").count() == len(reached["bulletin-3-v2"])
    assert "13 April" not in PublishedEdition.objects.get(version__number=2, language="en").body

    # Inputs, claims and questions: nothing from the future, nothing about what is under embargo.
    assert MessageInput.objects.count() == 6
    assert not MessageInput.objects.filter(received_at__gt=NOON).exists()
    assert Claim.objects.published().count() == 5
    assert Claim.objects.get(slug="cl-app-tracking").status == Claim.Status.CONFIRMED
    assert not Claim.objects.filter(checked_on__gt=NOON.date()).exists()
    assert not Question.objects.filter(asked_at__gt=NOON).exists()
    assert Answer.objects.count() == Answer.objects.published(at=NOON).count() == 3
    relayed = Question.objects.select_related("relayed_by")
    assert all(question.language == question.relayed_by.language for question in relayed if question.relayed_by)
    assert not relayed.filter(asked_at__lt=F("relayed_by__created_at")).exists()
    assert not Influencer.objects.annotate(count=Count("accounts")).filter(count=0).exists()

    # Influencers posted, were notified of the correction and wrote; nothing of it is in the future or waits to be
    # mailed again.
    recall = Recall.objects.get()
    assert recall.version.is_corrected and recall.planned_at == recall.version.published_at
    assert {notice.rank for notice in recall.notices.all()} == {1, 2, 3}
    done = recall_progress.of(recall, at=NOON)
    assert done.reached[0].took and not done.reached[1].took and done.whole.waiting
    assert Post.objects.filter(found_by=None).count() == 5 and Post.objects.exclude(found_by=None).count() == 1
    assert not Post.objects.filter(told_at__gt=NOON).exists()
    assert Thread.objects.filter(waiting_since__isnull=False).count() == 3
    assert reminders.quiet_partners(at=NOON).count() == 3
    assert (
        not ThreadMessage.objects.filter(sent_at=None).exists()
        and not ThreadMessage.objects.filter(at__gt=NOON).exists()
    )
    assert not Notice.objects.filter(sent_at=None).exists()
    assert Thanks.objects.count() == 2

    # When the embargo has ended, the sixth claim is published, and all six can be read in three languages.
    sixth = Claim.objects.get(slug="cl-app-tracking")
    with time_machine.travel(NOON, tick=False):
        verdict_workflow.publish(sixth, by=sixth.confirmed_by, at=NOON)
        client = Client()
        for item in FILES.claims:
            for code in item.languages:
                answer = client.get(f"/{code}/facts/{item.text('id')}/")
                assert answer.status_code == 200, (item.file, code)
                page, _data, block = answer.content.decode().partition('<script type="application/ld+json">')
                review = json.loads(block.partition("</script>")[0])
                assert faults_of(review) == [], (item.file, code)
                assert review["claimReviewed"] == item.translated("claim")[code]
                shown = html.unescape(page + block.partition("</script>")[2])
                assert shown.count(item.translated("claim")[code]) == 1, (item.file, code)
                assert shown.index(moved_texts.moved(item.translated("fact")[code], code, calendar)) < shown.index(
                    item.translated("claim")[code]
                )


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_load_that_fails_at_its_end_leaves_nothing() -> None:
    question = FILES.questions[0]
    stranger = replace(question, data={**question.data, "relayed_by": "infl-9999"})

    with pytest.raises(yaml_files.ContentError, match="relayed_by names infl-9999, who does not exist"):
        loader.load(at=NOON, say=lambda line: None, content=replace(FILES, questions=[stranger]))

    assert not Campaign.objects.exists()
    assert not User.objects.exists()
    assert not Recipient.objects.exists()


# --- Around it ------------------------------------------------------------------------------------------------


def test_the_demo_forgets_what_an_env_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# MAIL_FROM=commented@example.org\nDATABASE_URL='postgres://live/db'\nREDIS_URL=redis://live:6379/0\n"
    )
    monkeypatch.setenv("DATABASE_URL", "postgres://live/db")  # as settings would have set it
    monkeypatch.setenv("REDIS_URL", "redis://mine:6379/1")  # really given, so it won over the file
    monkeypatch.setenv("MAIL_FROM", "commented@example.org")

    processes.forget_env_file(path)

    assert "DATABASE_URL" not in os.environ
    assert os.environ["REDIS_URL"] == "redis://mine:6379/1"
    assert os.environ["MAIL_FROM"] == "commented@example.org"


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    made = processes.keys(tmp_path)

    assert processes.keys(tmp_path) == made
    assert made["SECRET_KEY"] != made["SUPPRESSION_KEY"]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_starting_over_keeps_keys_and_removes_data_and_the_uploads_before_new_ones_are_loaded(
    tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    processes.keys(tmp_path)
    (tmp_path / "db.sqlite3").touch()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    no_tables = SimpleNamespace(table_names=list)
    monkeypatch.setattr(load_demo, "connection", SimpleNamespace(vendor="", introspection=no_tables))

    processes.remove(tmp_path, processes.DATABASE)
    processes.remove(tmp_path, processes.AROUND_IT)
    assert {path.name for path in tmp_path.iterdir()} == {"keys.json", "media"}, "loaded just before"
    load_demo.Command().start_over()
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_the_last_sentence_of_a_child_is_shown_and_nothing_else() -> None:
    assert processes.exit_message(["Traceback …", "Not done: the disk is full."], 3) == "Not done: the disk is full."
    assert "exit status 1" in processes.exit_message(["Traceback …", "ImportError: x"], 1)


@pytest.mark.django_db
@pytest.mark.parametrize("fresh", [False, True])
def test_the_demo_keeps_out_of_a_database_with_another_campaign(fresh: bool) -> None:
    Campaign.objects.create(
        slug="real",
        mode="live",
        default_language="fi",
        starts_on=NOON.date(),
        sender_email="a@example.org",
        reply_to="a@example.org",
    )

    with pytest.raises(Refusal, match=r"holds another campaign \(real\).*Nothing was changed"):
        call_command("load_demo", fresh=fresh)

    assert list(Campaign.objects.values_list("slug", flat=True)) == ["real"]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_demo_starts_again_beside_what_was_started_in_it(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(slug="faktaakoronasta-2020")
    Campaign.objects.create(slug="water", default_language="fi", starts_on=NOON.date(), sender_email="a@example.org")

    preconditions.refuse_other_places("faktaakoronasta-2020")
    with pytest.raises(Refusal, match="holds another campaign"):
        preconditions.refuse_other_places("another-demo")


@pytest.mark.django_db
def test_the_demo_keeps_out_of_a_database_that_somebody_works_in() -> None:
    User.objects.create_user("someone@example.org")

    with pytest.raises(Refusal, match="holds users, and no demo"):
        call_command("load_demo")

    assert not Campaign.objects.exists()


@pytest.mark.django_db
def test_the_demo_keeps_off_a_site_that_others_reach(settings: Any) -> None:
    settings.PUBLIC_URL = "https://bulletins.example.org"

    with pytest.raises(Refusal, match="passwords are no secret"):
        call_command("load_demo")

    assert not Campaign.objects.exists()


@pytest.mark.django_db
def test_a_broken_file_stops_the_command_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "content"
    shutil.copytree(reader.FOLDER, folder)
    (folder / "glossary.csv").unlink()
    read = reader.read
    monkeypatch.setattr(reader, "read", lambda: read(folder))

    with pytest.raises(Refusal, match=r"Not loaded: glossary\.csv is missing .* Nothing was written\."):
        call_command("load_demo")

    assert not Campaign.objects.exists()


def test_the_catchers_ports_are_chosen_again_right_before_it_starts(tmp_path):
    place = processes.Place.choose(tmp_path, port=None, tick_seconds=5)
    first = place.smtp_port, place.mail_port
    with socket.create_server(("127.0.0.1", first[0])), socket.create_server(("127.0.0.1", first[1])):
        processes.add_processes(process_supervisor.Supervisor(tmp_path, say=print), place)
    assert place.smtp_port != first[0] and place.mail_port != first[1]
    assert (
        place.environment["MAIL_URL"] == place.environment["EXERCISE_MAIL_URL"] == f"smtp://127.0.0.1:{place.smtp_port}"
    )
