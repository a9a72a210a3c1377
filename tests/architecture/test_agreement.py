"""
Two people's rule: every way by which words or pictures reach anyone outside is in
tests/architecture/publication_routes.py with who had to agree, and where that is a second person, one person alone who
may do everything reaches nobody.
"""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access.permissions import PERMISSIONS
from accounts.models import User
from agreement.refusals import Refused
from bulletins.approval import approval_workflow
from bulletins.mail import test_sends
from bulletins.models import Bulletin, NotAllowed
from bulletins.publication import corrections, publish
from campaigns import custom_texts
from campaigns.models import Campaign
from delivery.models import Message, SeedAddress
from delivery.seeds import seed_list
from delivery.single_mails import queue
from factcheck.models import Claim, NotConfirmable
from factcheck.verdicts import verdict_workflow
from impact.closing import results as closing_results
from impact.closing import thanks as closing_thanks_mail
from impact.insight_reports import report_steps
from impact.models import Pretest, Survey
from impact.pretests import pretest_links, pretest_steps
from impact.surveys import question_bank
from influencers.onboarding import invitations
from influencers.portal import follower_questions
from notifications import notice_kinds, sending
from questions import authority_requests, intake, question_groups
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from stories.commissions import briefs, commission_states
from stories.courses import course_steps
from stories.moderation import story_steps
from stories.ways_to_help import offer_steps
from tests.impact.insight_reports import scene as insight_scene
from tests.impact.surveys import scene as surveys_scene
from tests.influencers.onboarding.joining_scene import build_invited
from tests.influencers.portal import questions_scene
from tests.stories.commissions import scene as commissions_scene
from tests.stories.courses import scene as courses_scene
from tests.stories.wall import scene as wall_scene
from tests.stories.ways_to_help import scene as ways_scene
from tests.support import builders
from tests.support.builders import NOON

from .page_permissions import ROUTES
from .publication_routes import KINDS, MAILS, PAGES, POSTS, ROWS, SECOND, SINGLE_MAILS, TEMPLATES, WAYS
from .test_outgoing import read

WORD = "Kanarialintu"
WORDS = dict.fromkeys(builders.LANGUAGES, f"{WORD} laulaa.")

# --- The table is whole ------------------------------------------------------------------------------


def functions(*words: str) -> Iterator[tuple[str, ast.Call]]:
    """Give every call in code in which one of the words stands, with the innermost function that it stands in, as "path:function"."""

    def within(node: ast.AST, name: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else name
            if isinstance(child, ast.Call):
                yield inner, child
            yield from within(child, inner)

    for path, tree in read(*words).items():
        if not path.startswith("demo/"):
            yield from ((f"{path}:{name}", call) for name, call in within(tree, ""))


def hands_mail_over(call: ast.Call) -> bool:
    """Return whether a call gives a mail to a backend or a transport."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [getattr(argument, "id", "") for argument in call.args]
    return name in {"send_messages", "sendmail", "mail_admins", "mail_managers", "send_mass_mail", "send_message"} or (
        name == "send"
        and (given in ([], ["envelopes"]) or ast.unparse(call.func) in {"self.transport.send", "transport.send"})
    )


def posts(call: ast.Call) -> bool:
    """Return whether a call posts something to another host."""
    said = ast.unparse(call.func)
    return said == "safe_fetch.post" or said.endswith("opener().open")


def test_every_mail_that_is_handed_over_is_sorted() -> None:
    assert {
        place for place, call in functions("send", "mail_admins", "mail_managers") if hands_mail_over(call)
    } == MAILS.keys()
    assert queue.KINDS.keys() == SINGLE_MAILS.keys()
    folders = {
        str(path.parent.relative_to(settings.BASE_DIR / "templates"))
        for pattern in ("**/mail/*.txt", "**/mail/*/*.txt")
        for path in (settings.BASE_DIR / "templates").glob(pattern)
    }
    assert folders == TEMPLATES.keys()


def test_every_post_to_another_host_is_sorted() -> None:
    assert {place for place, call in functions("safe_fetch", "opener") if posts(call)} == POSTS.keys()


def test_every_kind_of_notice_is_sorted() -> None:
    assert {kind.key for kind in notice_kinds.registered()} == KINDS.keys()


def test_every_address_outside_the_desk_is_sorted() -> None:
    assert ROUTES.keys() == PAGES.keys()


def test_everything_that_is_written_at_the_desk_is_sorted() -> None:
    written = re.compile(r"^(\w+)\.(?:add|change)_(\w+)$")
    names = {match for given in PERMISSIONS.values() for name in given if (match := written.match(name))}
    assert {f"{found[1]}.{found[2]}" for found in names} == ROWS.keys()


def test_every_way_is_told_with_who_agrees() -> None:
    used = {way for table in (PAGES, MAILS, SINGLE_MAILS, POSTS, KINDS, TEMPLATES, ROWS) for way in table.values()}
    assert used <= WAYS.keys()
    page = (settings.BASE_DIR / "docs/using/bulletins/second-person.md").read_text(encoding="utf-8")
    assert {way: who for way, who in WAYS.items() if f"| {way} | {who} |" not in page} == {}


# --- One person alone, who may do everything, reaches nobody -----------------------------------------


@dataclass
class Stage:
    """A campaign, someone who may do everything (`one`), two who may as well, and what arrived."""

    campaign: Any
    authority: Any
    one: User
    other: User
    third: User
    sink: Any
    portal: Client
    days: int = 0

    def outside(self) -> list[str]:
        """Return where the word has come to: mails to anyone but staff, frozen mails, and pages."""
        self.days += 2
        at = NOON + timedelta(days=self.days)
        follower_questions.notify_askers(at=at)
        sending.deliver_notices(at=at)
        invitations.send_due(at=at)
        inside = set(User.objects.filter(is_staff=True).values_list("email", flat=True))
        found = [
            f"a mail to {one.recipient}"
            for one in self.sink.caught
            if one.recipient not in inside and has_word(one.message)
        ]
        found += [f"message {one.pk}" for one in Message.objects.all() if WORD in f"{one.subject}{one.text}{one.html}"]
        for client, addresses in ((Client(), self.pages()), (self.portal, PORTAL)):
            found += [path for path in addresses if WORD in client.get(path).content.decode()]
        return found

    def pages(self) -> list[str]:
        """Return the addresses that anyone opens, with the pages of all rows that there are."""
        names = (
            *("home", "alerts", "website:archive", "website:rss", "website:json_feed", "website:corrections"),
            *(
                "website:answers",
                "courses:courses",
                "factcheck:claims",
                "factcheck:claims_data",
                "factcheck:corrections",
                "api:bulletins",
            ),
            *("api:questions", "api:claims", "api:ways_to_help", "website:embed", "insight:reports"),
            *("website:help", "website:help_atom", "website:help_json", "website:embed_help"),
            *("commissions:works", "stories:wall", "website:stories_atom", "api:stories"),
        )
        return [
            *map(reverse, names),
            *(
                reverse("website:bulletin", args=[number])
                for number in Bulletin.objects.values_list("number", flat=True)
            ),
            *(reverse("factcheck:claim", args=[slug]) for slug in Claim.objects.values_list("slug", flat=True)),
            *(reverse("website:answer", args=[one.group.slug]) for one in Answer.objects.select_related("group")),
            *(reverse("surveys:public", args=[code]) for code in Survey.objects.values_list("code", flat=True) if code),
            *(reverse("pretests:answer", args=[pretest_links.token_of(one)]) for one in Pretest.objects.all()),
        ]


PORTAL = ("/en/portal/", "/en/portal/questions/")


def has_word(message: EmailMessage) -> bool:
    """Return whether a mail holds the word, in whichever part."""
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return WORD in str(message["Subject"]) or any(WORD in part for part in parts)


@pytest.fixture
def stage(campaign: Any, authority: Any, ines: User, smtp_sink: Any, signed_in: Any) -> Stage:
    people = [builders.build_user(name, "admin", is_superuser=True) for name in ("one", "other", "third")]
    builders.build_audience(campaign, size=1)
    return Stage(campaign, authority, people[0], people[1], people[2], smtp_sink, signed_in(ines))


def say_it(bulletin: Bulletin) -> Bulletin:
    """Put the word into what a bulletin says."""
    bulletin.editions.update(title=WORD, subject=WORD, preheader=WORD, body=f"{WORD}\n\n- {WORD}")
    bulletin.key_messages.update(text=WORDS)
    return bulletin


# Each makes one person try everything that could let the word out, and returns how someone else then does.
Try = Callable[[Stage], Callable[[], Any]]


def alone(*deeds: Callable[[], Any]) -> None:
    """Try each deed; every one is refused."""
    for deed in deeds:
        with pytest.raises(
            (
                NotAllowed,
                NotConfirmable,
                Refused,
                pretest_steps.NotShown,
                Refused,
                commission_states.NotDone,
            )
        ):
            deed()


def bulletin_by_one(stage: Stage, bulletin: Bulletin) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    alone(lambda: publish.publish(bulletin, **by))
    approval_workflow.submit(bulletin, **by)
    digest = bulletin.digest
    alone(
        lambda: approval_workflow.approve(bulletin, digest=digest, **by),
        lambda: approval_workflow.approve_and_publish(bulletin, digest=digest, **by),
        lambda: publish.publish(bulletin, **by),
    )

    def agree() -> None:
        approval_workflow.approve(bulletin, digest=digest, by=stage.other, at=NOON)
        publish.publish(bulletin, **by)

    return agree


def bulletin(stage: Stage) -> Callable[[], Any]:
    return bulletin_by_one(stage, say_it(builders.build_bulletin(stage.campaign, by=stage.one)))


def correction(stage: Stage) -> Callable[[], Any]:
    public = Bulletin.objects.get(pk=builders.build_published_version(stage.campaign).bulletin_id)
    corrections.retract(public, by=stage.one, at=NOON, what_changed=WORDS)
    return bulletin_by_one(stage, public)


def fact_check(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    claim = builders.build_claim(stage.campaign, published=False, fact=WORDS)
    verdict_workflow.start_check(claim, **by)
    alone(lambda: verdict_workflow.publish(claim, **by))
    verdict_workflow.propose(claim, "false", **by)
    alone(
        lambda: verdict_workflow.confirm(claim, digest=claim.digest, **by),
        lambda: verdict_workflow.publish(claim, **by),
    )

    def agree() -> None:
        verdict_workflow.confirm(claim, digest=claim.digest, by=stage.other, at=NOON)
        verdict_workflow.publish(claim, **by)

    return agree


def words_of_a_pause(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    claim = builders.build_claim(stage.campaign)
    verdict_workflow.pause(claim, reason=WORD, **by)
    digest = verdict_workflow.propose_custom_text(claim, WORDS, **by).digest
    alone(
        lambda: verdict_workflow.approve_custom_text(claim, digest=digest, **by),
        lambda: verdict_workflow.withdraw(claim, digest=digest, **by),
    )
    return lambda: verdict_workflow.approve_custom_text(claim, digest=digest, by=stage.other, at=NOON)


def withdrawal_of_a_fact_check(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    claim = builders.build_claim(stage.campaign)
    alone(lambda: verdict_workflow.withdraw(claim, **by))
    verdict_workflow.pause(claim, by=stage.other, at=NOON)  # not even where someone else has paused it
    digest = verdict_workflow.propose_custom_text(claim, WORDS, **by).digest
    alone(lambda: verdict_workflow.withdraw(claim, digest=digest, **by))
    return lambda: verdict_workflow.withdraw(claim, digest=digest, by=stage.third, at=NOON)


def answer(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    found = questions_scene.written(
        questions_scene.asked(stage.campaign, stage.authority, at=NOON, staff=stage.one), text=WORDS, **by
    )
    alone(lambda: answer_workflow.approve(found, digest=answer_workflow.fingerprint(found), **by))
    answer_workflow.submit(found, **by)
    alone(lambda: answer_workflow.approve(found, digest=found.digest, **by))
    return lambda: answer_workflow.approve(found, digest=found.digest, by=stage.other, at=NOON)


def words_of_a_withdrawn_answer(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    group = questions_scene.asked(stage.campaign, stage.authority, at=NOON, staff=stage.other)
    found = questions_scene.published(group, by=stage.other, approver=stage.third, at=NOON)
    alone(lambda: answer_workflow.propose_custom_text(found, WORDS, **by))
    answer_workflow.withdraw(found, **by)
    digest = answer_workflow.propose_custom_text(found, WORDS, **by).digest
    alone(lambda: answer_workflow.approve_custom_text(found, digest=digest, **by))
    return lambda: answer_workflow.approve_custom_text(found, digest=digest, by=stage.other, at=NOON)


def words_of_a_refusal(stage: Stage) -> Callable[[], Any]:
    by: dict[str, Any] = {"by": stage.one, "at": NOON}
    ines = User.objects.get(email="ines@example.org").influencers.get().recipient  # type: ignore[attr-defined]
    group = questions_scene.group(stage.campaign, at=NOON, staff=stage.one, relayed_by=ines)
    authority_requests.decline(group, **by)
    digest = authority_requests.propose_custom_text(group, WORDS, **by).digest
    alone(lambda: authority_requests.approve_custom_text(group, digest=digest, **by))
    return lambda: authority_requests.approve_custom_text(
        group, digest=digest, by=stage.other, at=NOON + timedelta(days=3)
    )


def words_of_an_invitation(stage: Stage) -> Callable[[], Any]:
    invitations.invite([build_invited(stage.campaign)], by=stage.one, at=NOON, words=WORD)
    return invitation_by_one(stage)


def many_invitations(stage: Stage) -> Callable[[], Any]:
    people = [build_invited(stage.campaign, WORD + "x" * more) for more in range(settings.INVITATIONS_ALONE + 1)]
    invitations.invite(people, by=stage.one, at=NOON)
    return invitation_by_one(stage)


def invitation_by_one(stage: Stage) -> Callable[[], Any]:
    (row,) = invitations.waiting(stage.campaign)
    alone(lambda: invitations.approve(row, digest=row.digest, by=stage.one, at=NOON))
    return lambda: invitations.approve(row, digest=row.digest, by=stage.other, at=NOON)


def survey(stage: Stage) -> Callable[[], Any]:
    made = surveys_scene.compose(
        stage.campaign, by=stage.one, at=NOON, way="public", questions=[question_bank.question_of("own", WORDS)]
    )
    alone(lambda: surveys_scene.start(made, by=stage.one, at=timezone.now()))
    return lambda: surveys_scene.start(made, by=stage.other, at=timezone.now())


def way_to_help(stage: Stage) -> Callable[[], Any]:
    last = timezone.now() + timedelta(days=1)
    offer = ways_scene.build_draft(stage.campaign, at=NOON, by=stage.one, title=WORDS, valid_until=last)
    offer_steps.submit(offer, by=stage.one, at=NOON)
    alone(lambda: ways_scene.check(offer, by=stage.one, at=NOON))
    return lambda: ways_scene.check(offer, by=stage.other, at=NOON)


def commission(stage: Stage) -> Callable[[], Any]:
    told = commissions_scene.content(at=timezone.now(), title=WORDS)
    brief = briefs.write(stage.campaign, told, by=stage.one, at=NOON)
    commissions_scene.build_creator(stage.campaign, at=NOON)
    briefs.submit(brief, read=1, by=stage.one, at=NOON)
    opened: dict[str, Any] = {"read": 2, "part": "accepts", "at": NOON}
    alone(lambda: briefs.open_to_creators(brief, by=stage.one, **opened))
    return lambda: briefs.open_to_creators(brief, by=stage.other, **opened)


def course(stage: Stage) -> Callable[[], Any]:
    made = courses_scene.build_draft(stage.campaign, at=NOON, by=stage.one, title=WORDS)
    course_steps.submit(made, by=stage.one, at=NOON)
    digest = made.versions.get().digest
    alone(lambda: course_steps.check(made, digest=digest, by=stage.one, at=NOON))
    return lambda: course_steps.check(made, digest=digest, by=stage.other, at=NOON)


def story_of_a_municipality(stage: Stage) -> Callable[[], Any]:
    story = wall_scene.build_story(stage.campaign, at=NOON, title=WORDS, sent_by=stage.one)
    story_steps.set_themes(story, wall_scene.themes(stage.campaign)[:1], read=0, by=stage.one, at=NOON)
    alone(lambda: wall_scene.accept(story, by=stage.one, at=NOON))

    def publish() -> None:
        wall_scene.accept(story, by=stage.other, at=NOON)
        story_steps.publish(story, read=story.revision, by=stage.one, at=NOON)

    return publish


def closing_thanks(stage: Stage) -> Callable[[], Any]:
    Campaign.objects.filter(pk=stage.campaign.pk).update(closed_at=NOON)
    stage.campaign.refresh_from_db()
    found = closing_results.gather(stage.campaign, by=stage.one, at=NOON)
    found = closing_results.write(
        stage.campaign, WORDS, seen=closing_results.RESULTS.digest_of(found), by=stage.one, at=NOON
    )
    digest = closing_results.RESULTS.digest_of(found)
    alone(
        lambda: closing_results.approve(stage.campaign, digest=digest, by=stage.one, at=NOON),
        lambda: closing_thanks_mail.send(stage.campaign, by=stage.one, at=NOON),
    )
    closing_results.approve(stage.campaign, digest=digest, by=stage.other, at=NOON)
    return lambda: closing_thanks_mail.send(stage.campaign, by=stage.one, at=NOON)


def insight_report(stage: Stage) -> Callable[[], Any]:
    insight_scene.week(stage.campaign, NOON)
    report = insight_scene.drafted(stage.campaign, by=stage.one, at=NOON)
    insight_scene.complete(report, by=stage.one, at=NOON, word=WORD)
    report_steps.submit(report, by=stage.one, at=NOON)
    report.refresh_from_db()
    digest = report_steps.REPORT.digest_of(report)
    alone(lambda: report_steps.approve(report, digest=digest, by=stage.one, at=NOON))
    return lambda: report_steps.approve(report, digest=digest, by=stage.other, at=NOON)


def pretest(stage: Stage) -> Callable[[], Any]:
    draft = say_it(builders.build_bulletin(stage.campaign, by=stage.one))
    asked = {"way": "link", "size": 3, "hours": 1, "at": timezone.now()}
    alone(lambda: pretest_steps.show(draft, **asked, digest=draft.content_digest(), by=stage.one))
    return lambda: pretest_steps.show(draft, **asked, digest=draft.content_digest(), by=stage.other)


TRIES: dict[str, Try] = {
    "bulletin": bulletin,
    "correction or withdrawal of a bulletin": correction,
    "fact-check": fact_check,
    "custom text on a paused fact-check": words_of_a_pause,
    "withdrawal of a fact-check": withdrawal_of_a_fact_check,
    "answer": answer,
    "custom text on a withdrawn answer": words_of_a_withdrawn_answer,
    "custom text on a refusal": words_of_a_refusal,
    "custom text in an invitation": words_of_an_invitation,
    "more invitations than one may send": many_invitations,
    "thanks at the end of a campaign": closing_thanks,
    "survey": survey,
    "way to help": way_to_help,
    "commission": commission,
    "course": course,
    "story of a municipality": story_of_a_municipality,
    "rumour and insight report": insight_report,
    "pretest": pretest,
}


def test_each_way_that_takes_two_is_tried() -> None:
    assert {way for way, who in WAYS.items() if who == SECOND} == TRIES.keys()


@pytest.mark.pages
@pytest.mark.django_db
@pytest.mark.parametrize("way", TRIES)
def test_one_person_alone_reaches_nobody_and_a_second_one_lets_it_out(stage: Stage, way: str, settings: Any) -> None:
    settings.INVITATIONS_ALONE = 1
    agree = TRIES[way](stage)
    assert stage.outside() == []

    agree()

    assert stage.outside() != []


@pytest.mark.pages
@pytest.mark.django_db
def test_a_draft_reaches_no_address_that_one_person_put_on_the_seed_list(stage: Stage) -> None:
    draft = say_it(builders.build_bulletin(stage.campaign, by=stage.one))
    seed = SeedAddress.objects.create(campaign=stage.campaign, email="paper@example.org", language="fi", name=WORD)
    alone(lambda: test_sends.to_seeds(draft, by=stage.one, at=NOON))
    seed_list.ask_due(at=NOON)
    assert stage.outside() == []

    seed_list.confirm(seed_list.token_of(SeedAddress.objects.get(pk=seed.pk)), at=NOON)
    test_sends.to_seeds(draft, by=stage.one, at=NOON)

    assert stage.outside() == ["a mail to paper@example.org"]


def called_by_one(stage: Stage, number: int) -> QuestionGroup:
    """Return a group that one person calls by the word, with a question that they put into an influencer's mouth."""
    ines = User.objects.get(email="ines@example.org").influencers.get().recipient  # type: ignore[attr-defined]
    entered: dict[str, Any] = {"language": "en", "via": "staff", "entered_by": stage.one, "channel": WORD}
    asked = questions_scene.question(
        stage.campaign, f"{WORD} https://evil.example/{number}", at=NOON, by=ines, **entered
    )
    return question_groups.start([asked], WORDS, by=stage.one, at=NOON)


@pytest.mark.pages
@pytest.mark.django_db
def test_what_one_person_calls_a_question_or_enters_for_somebody_reaches_nobody(stage: Stage) -> None:
    waits, declined = called_by_one(stage, 1), called_by_one(stage, 2)
    joiner = builders.build_influencer(stage.campaign, "joiner").recipient
    intake.add_asker(declined, joiner, at=NOON)
    authority_requests.decline(declined, by=stage.one, at=NOON)

    assert stage.outside() == []

    assert [one.recipient for one in stage.sink.caught] == ["ines@example.org", "joiner@example.org"]
    assert not any(word in str(one.message) for one in stage.sink.caught for word in ("evil.example", WORD.lower()))
    for group in (waits, declined):
        page = stage.portal.get(reverse("influencers:answer", args=[group.slug]))
        assert page.status_code == 200 and WORD not in page.content.decode()


@pytest.mark.pages
@pytest.mark.django_db
def test_what_one_person_calls_a_question_later_takes_nothing_from_the_words_that_two_agreed_to(stage: Stage) -> None:
    ines = User.objects.get(email="ines@example.org").influencers.get().recipient  # type: ignore[attr-defined]
    group = questions_scene.asked(stage.campaign, stage.authority, at=NOON, staff=stage.other, relayed_by=ines)
    found = questions_scene.published(group, by=stage.other, approver=stage.third, at=NOON)
    answer_workflow.rename(group, WORDS, by=stage.one, at=NOON)
    assert stage.outside() == []
    assert questions_scene.LABEL["en"] in stage.portal.get("/en/portal/questions/").content.decode()

    answer_workflow.withdraw(found, by=stage.one, at=NOON + timedelta(days=3))
    authority_requests.decline(group, by=stage.one, at=NOON + timedelta(days=3))

    assert stage.outside() == []
    assert (
        questions_scene.LABEL["en"]
        in stage.portal.get(reverse("influencers:answer", args=[group.slug])).content.decode()
    )


@pytest.mark.pages
@pytest.mark.django_db
def test_words_that_wait_are_dropped_and_not_let_out_by_their_writer(stage: Stage) -> None:
    invitations.invite([build_invited(stage.campaign)], by=stage.one, at=NOON, words=WORD)
    (row,) = invitations.waiting(stage.campaign)
    with suppress(Refused):
        custom_texts.approve(row, digest=row.digest, by=stage.one, at=NOON)
    invitations.drop(row, by=stage.one, at=NOON)
    alone(lambda: custom_texts.approve(row, digest=row.digest, by=stage.other, at=NOON))

    assert stage.outside() == []
