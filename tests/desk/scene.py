"""Something of everything on the desk."""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import HeldChange, User
from bulletins.editing import drafts
from bulletins.models import AuthorityAccount, AuthorityPost, Bulletin, ChecklistPoint, SeenRule, Snippet
from campaigns import api_tokens
from campaigns.models import BannedTerm, Campaign, CampaignRole, CustomText, GlossaryTerm, PlatformLimit
from delivery.fanout import fanout
from delivery.models import (
    AudienceSize,
    ConsentText,
    Delivery,
    DomainLimit,
    HostProcess,
    MailerHealth,
    MailerLimit,
    Preflight,
    ProviderEvent,
    Pulse,
    Room,
    SeedAddress,
    Send,
    SingleMail,
    Suppression,
    WhatsAppTemplate,
)
from factcheck.models import Narrative, Sighting, Thresholds
from impact.insight_reports import figures as insight_figures
from impact.models import (
    Archive,
    Asked,
    ChartNote,
    FreeText,
    InsightReport,
    Measure,
    Pretest,
    PretestAnswer,
    PretestSeat,
    SealedBox,
    Snapshot,
    Source,
    Survey,
    Tally,
    Ticket,
    Unit,
)
from impact.surveys import question_bank
from impact.weeks import Week
from influencers.inbox import harassment, thread_messages
from influencers.models import (
    Application,
    AskedPartner,
    CannedThanks,
    Choice,
    CodeOfEthics,
    CoverageTarget,
    Handbook,
    ImportRun,
    Interest,
    Invitation,
    Post,
    Recall,
    RecallNotice,
    SeenRequest,
    Selection,
    Signature,
    Thanks,
    UnmatchedMail,
    ValuesQuestion,
)
from influencers.recognition import certificates
from preparedness.crisis_templates import template_files
from preparedness.drills import scenario_files
from preparedness.models import CampaignStart, Drill, ReadyBulletin
from preparedness.ready_shelf import contents
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup
from stories.models import StoryTheme
from tests.stories.commissions import scene as commissions
from tests.stories.contributions import scene as contributions
from tests.stories.courses import scene as courses
from tests.stories.exchanges import scene as exchanges
from tests.stories.sending import scene as stories_scene
from tests.stories.wall import scene as wall
from tests.stories.ways_to_help import scene as ways_to_help
from tests.support import builders
from website.models import DigestRun, Incident, IncidentUpdate


def try_on_one(bulletin: Bulletin, number: int, *, by: User, noon: datetime) -> None:
    """Show a draft to a partner, who answers."""
    pretest = Pretest.objects.create(
        bulletin=bulletin,
        version=1,
        way=Pretest.Way.CHOSEN,
        size=2,
        texts={"fi": {"title": f"Tried {number}", "body": "One. Two.", "sentences": ["One.", "Two."]}},
        digest=f"{number:064x}",
        shown_by=by,
        shown_at=noon,
        expires_at=noon + timedelta(hours=1),
        answered=1,
        would_share=1,
    )
    (partner,) = builders.build_recipients(1, prefix=f"tried-{number}-")
    seat = PretestSeat.objects.create(pretest=pretest, number=1, recipient=partner)
    PretestAnswer.objects.create(
        pretest=pretest, seat=seat, number=1, language="fi", asks="To wait", sentences=[1], share="yes", at=noon
    )


def fill(campaign: Campaign, number: int, *, noon: datetime) -> None:
    """Put a row of every kind on the desk; call it again, with another number, for more of each."""
    audience = builders.build_audience(campaign, f"audience-{number}", size=4, cadence="day")
    AudienceSize.objects.create(audience=audience, date=noon.date(), size=4, basis="counted")
    topic = builders.build_topic(campaign, f"topic-{number}")
    builders.build_region(f"MK{number:02}")
    authority = builders.build_authority(f"authority-{number}")
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": f"sana {number}", "en": f"word {number}"})
    Snippet.objects.create(campaign=campaign, name=f"snippet {number}", text={"en": "Stay at home."})
    ChecklistPoint.objects.create(campaign=campaign, key=f"point-{number}", text={"en": "Says how long."})
    SingleMail.objects.create(
        campaign=campaign,
        kind="notice",
        row=number,
        attempts=1,
        fault="refused",
        code="5.1.1",
        since=noon,
        ended_at=noon,
    )
    SeedAddress.objects.create(campaign=campaign, email=f"seed-{number}@example.org", language="fi")
    Room.objects.create(
        campaign=campaign, organisation=f"Newsroom {number}", service="slack", language="fi", host="hooks.slack.com",
        address=f"{campaign.pk}-{number}",
    )  # fmt: skip
    BannedTerm.objects.create(language="en", term=f"word-{number}", say_instead="another", why="because")
    PlatformLimit.objects.create(
        platform="x", field=f"post-{number}", limit=280, counted_in="x_weighted", seen_on=noon.date(), source="its help"
    )
    editor = builders.build_user(f"editor-{number}", "editor")
    guest = builders.build_user(f"guest-{number}", is_staff=True)
    CampaignRole.objects.create(campaign=campaign, user=guest, role="liaison")
    CampaignStart.objects.create(
        begun_by=editor,
        begun_at=noon,
        earlier=campaign,
        answers={"source": {"template": ""}, "about": {"names": {"en": f"Water {number}"}}},
        saved={"source": {"by": editor.pk, "at": noon.isoformat(), "times": 1, "all": [editor.pk]}},
    )
    Drill.objects.create(
        campaign=campaign,
        scenario="water",
        script=(scenario_files.FOLDER / "water.yaml").read_text(encoding="utf-8"),
        leader=editor,
        made_at=noon,
        started_at=noon - timedelta(hours=3),
        ended_at=noon,
        figures={"measures": {"first_delivered": 600.0 * number}, "waited": [], "events": {}},
    )
    approver = builders.build_user(f"approver-{number}", "approver")
    ReadyBulletin.objects.create(
        campaign=campaign,
        key=f"water:{number}",
        crisis="water",
        content=contents.plain(template_files.read("water").holding_statements[0]),
        owner=editor,
        review_on=noon.date(),
        approved_by=approver,
        approved_at=noon,
        put_at=noon,
    )
    measure = Measure.objects.create(
        campaign=campaign, key=f"calls-{number}", name={"en": f"Calls {number}"}, unit=Unit.CALLS, is_summed=True
    )
    for days in (8, 1):
        Snapshot.objects.create(
            measure=measure,
            on=noon.date() - timedelta(days=days),
            value=100 + days,
            unit=Unit.CALLS,
            source=Source.HAND,
            taken_at=noon,
            taken_on=noon.date(),
            taken_by=editor,
            note=f"by phone {number}",
        )
    ChartNote.objects.create(campaign=campaign, on=noon.date(), words={"en": f"bots removed {number}"})
    InsightReport.objects.create(
        campaign=campaign,
        week_on=noon.date() - timedelta(days=noon.weekday(), weeks=number + 1),
        figures=insight_figures.count(campaign, Week.of(noon.date()).before(), at=noon),
        figures_at=noon,
        words={"en": {"title": f"Nobody has said why {number}"}},
        edited_by=editor,
        edited_at=noon,
    )
    Archive.objects.create(
        campaign=campaign,
        state=Archive.State.READY,
        asked_by=editor,
        asked_at=noon,
        begun_at=noon,
        finished_at=noon,
        file=default_storage.save(f"archives/seen-{number}.zip", ContentFile(b"PK")),
    )
    partner = ways_to_help.build_partner(campaign, f"Helpers {number}")
    ways_to_help.build_keeper(partner, f"keeper-{number}")
    ways_to_help.build_offer(campaign, at=noon, partner=partner, valid_until=noon + timedelta(days=900))
    body = exchanges.build_municipality(campaign, f"m{number}", f"Town {number}")
    exchanges.build_member(body, f"member-{number}")
    exchanges.build_led_meeting(campaign, body, at=noon)
    creator = commissions.build_creator(campaign, f"creator-{number}", at=noon)
    commissions.build_published(campaign, creator, at=noon)
    commissions.build_open(campaign, at=noon, deadline=noon + timedelta(days=900))
    courses.build_course(campaign, at=noon, slug=f"course-{number}")
    municipality = wall.build_municipality(campaign, f"Town {number}")
    sender = wall.build_sender(municipality, f"sender-{number}", at=noon)
    wall.build_shown(campaign, at=noon, municipality=municipality, sent_by=sender)
    wall.build_story(campaign, at=noon, municipality=municipality, sent_by=sender, kind="pictures")
    StoryTheme.objects.create(campaign=campaign, slug=f"theme-{number}", name={"en": f"Theme {number}"})
    town = stories_scene.build_municipality(campaign, f"{number:03d}")
    teller = stories_scene.build_sender(town, f"teller-{number}")
    stories_scene.build_invitation(town, f"mayor-{number}@example.org", at=noon)
    stories_scene.build_picture_story(town, by=teller, at=noon)
    contributions.build_contribution(contributions.build_prompt(campaign, at=noon, slug=f"prompt-{number}"), at=noon)
    survey = Survey.objects.create(
        campaign=campaign,
        name=f"Week {number}",
        group=Survey.Group.SUBSCRIBERS,
        questions=[
            question_bank.question_of(key, question_bank.bank()[key]["text"]) for key in ("informed", "unclear")
        ],
        state=Survey.State.CLOSED,
        composed_by=editor,
        composed_at=noon,
        started_by=approver,
        started_at=noon,
        closes_at=noon,
        closed_at=noon,
        seed=f"{number:032x}",
        last_mark="f" * 64,
        drawn_among=80,
        drawn=40,
        answers=20 + number,
    )
    Asked.objects.create(survey=survey, recipient=builders.build_recipients(1, prefix=f"asked-{number}-")[0], on=noon)
    Ticket.objects.create(token_hash=f"{number:064x}", survey=survey)
    SealedBox.objects.create(survey=survey, kind=SealedBox.Kind.BOX, number=0, sealed="")
    Tally.objects.create(survey=survey, question=0, language="fi", option=0, count=20 + number)
    FreeText.objects.bulk_create(FreeText(survey=survey, question=1, text=f"the order {number}") for _ in range(5))
    HeldChange.objects.create(
        user=approver,
        kind="rights",
        rights={"roles": ["admin"]},
        asked_by=editor,
        asked_at=noon,
        due_at=noon + timedelta(1),
    )
    CustomText.objects.create(
        campaign=campaign,
        purpose="invitation",
        words={"en": "Join us."},
        reach=1,
        digest=f"{number:064}",
        proposed_by=editor,
        proposed_at=noon,
    )
    api_tokens.issue(authority, name="alerts", by=editor, at=noon)
    taken = builders.build_input(campaign, authority=authority, at=noon)
    builders.build_input(campaign, authority=authority, at=noon, urgency="urgent", title=f"Urgent {number}")
    version = builders.build_published_version(
        campaign,
        by=editor,
        approver=approver,
        at=noon - timedelta(hours=1),
        audiences=[audience],
        variants=True,
        inputs=[taken],
    )
    for send in Send.objects.filter(mailing=version.mailing):
        fanout.fan_out(send, at=noon - timedelta(minutes=30))
        row = Delivery.objects.filter(send=send).order_by("pk").first()
        assert row is not None
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.UNKNOWN, handed_off_at=noon)
        ProviderEvent.objects.create(
            provider="p",
            event_id=f"e{number}-{send.pk}",
            kind="delivered",
            delivery=row,
            happened_at=noon,
            received_at=noon,
        )
    try_on_one(
        builders.build_bulletin_in_review(campaign, by=editor, at=noon, audiences=[audience], timing="next_slot"),
        number,
        by=approver,
        noon=noon,
    )
    builders.build_approved_bulletin(
        campaign, by=editor, approver=approver, at=noon, audiences=[audience], timing="next_slot"
    )
    drafts.start(campaign, by=editor, at=noon)
    incident = Incident.objects.create(
        campaign=campaign,
        title={"en": "Email is delayed"},
        text={"en": "Read the site."},
        parts=["email"],
        started_at=noon,
    )
    IncidentUpdate.objects.create(incident=incident, at=noon, text={"en": "It is leaving again."})
    Thresholds.objects.get_or_create(campaign=campaign)
    narrative = Narrative.objects.create(campaign=campaign, slug=f"n{number}", name={"en": f"Narrative {number}"})
    claim = builders.build_claim(campaign, f"claim-{number}", narrative=narrative)
    builders.build_claim(campaign, f"open-{number}", published=False, narrative=narrative)
    Sighting.objects.create(claim=claim, platform="x", seen_on=noon.date(), language="fi")
    influencer = builders.build_influencer(campaign, f"ines-{number}", audience=audience, liaison=editor)
    thread_messages.add_from_influencer(influencer, "Saako kirjastossa käydä?", via="portal", at=noon)
    harassment.report(influencer, at=noon)
    UnmatchedMail.objects.create(from_address="somebody@example.org", mail_id=f"<stray-{number}@example.org>", at=noon)
    text = CodeOfEthics.objects.create(
        campaign=campaign, language="fi", version=number, title="Code", points=3, body="One"
    )
    Signature.objects.create(influencer=influencer, text=text, signed_at=noon)
    Application.objects.create(
        campaign=campaign, email=f"a{number}@example.org", language="fi", code_sent_at=noon, created_at=noon
    )
    Invitation.objects.create(influencer=influencer, by=editor, at=noon, next_attempt_at=noon, sent_at=noon)
    ImportRun.objects.create(
        campaign=campaign, name=f"list-{number}.csv", sha256=f"{number:064}", state="applied", by=editor, at=noon
    )
    Handbook.objects.create(campaign=campaign, language="fi", version=number, title="Handbook", body="One")
    Interest.objects.create(campaign=campaign, slug=f"i{number}", name={"en": "Sport"})
    ValuesQuestion.objects.create(campaign=campaign, key=f"v{number}", text={"en": "Do you?"})
    recall = Recall.objects.create(campaign=campaign, kind="correction", version=version, planned_at=noon)
    RecallNotice.objects.create(recall=recall, influencer=influencer, rank=1, reach=number, language="fi")
    SeenRule.objects.get_or_create(campaign=campaign)
    account = AuthorityAccount.objects.create(
        campaign=campaign,
        network="mastodon",
        server="https://social.example",
        handle=f"@ministry{number}",
        on_correction="edit",
    )
    AuthorityPost.objects.create(
        account=account,
        version=version,
        language="fi",
        words="Keitä vesi.",
        key=f"{campaign.pk}-{number}",
        planned_at=noon,
        next_attempt_at=noon,
    )
    asked = SeenRequest.objects.create(campaign=campaign, version=version, began_at=noon)
    AskedPartner.objects.create(request=asked, influencer=influencer, tier=1, asked_at=noon)
    post = Post.objects.create(
        campaign=campaign, influencer=influencer, version=version, platform="x", posted_at=noon, told_at=noon
    )
    CoverageTarget.objects.create(campaign=campaign, dimension=("age", "topic")[number % 2], key=f"i{number}", share=10)
    selection = Selection.objects.create(
        campaign=campaign, audience=audience, name=f"Selection {number}", made_by=editor, made_at=noon
    )
    Choice.objects.create(selection=selection, influencer=influencer, position=1)
    CannedThanks.objects.create(campaign=campaign, key=f"spring-{number}", text={"en": "Thank you {name}."})
    Thanks.objects.create(
        influencer=influencer, key=f"post:{post.pk}", text="Kiitos", language="fi", by=editor, at=noon
    )
    certificates.issue([influencer], campaign, by=editor, at=noon)
    ConsentText.objects.create(purpose="digest", version=f"v{number}", language="fi", words="Kyllä.", first_at=noon)
    Suppression.objects.create(address_hash=f"{number:064}", reason="complaint", since=noon)
    digest = builders.build_digest(campaign, "day", slug=f"digest-{number}")
    builders.build_subscription(digest, f"reader-{number}@example.net")
    DigestRun.objects.create(audience=digest, slot_at=noon, upto=0, planned_at=noon)
    MailerLimit.objects.create(mailer=f"mailer-{number}", per_second=number)
    MailerHealth.objects.create(mailer=f"mailer-{number}", changed_at=noon)
    DomainLimit.objects.create(domain=f"example{number}.org", per_minute=number)
    WhatsAppTemplate.objects.create(
        use="words", language=f"x{number}", name=f"words_{number}", code="fi", places=["text"]
    )
    Preflight.objects.create(domain=f"example{number}.org", at=noon, passed=True)
    HostProcess.objects.create(host=f"host-{number}", name="web", started_at=noon, seen_at=noon)
    Pulse.beat(f"worker-{number}", at=noon)
    Pulse.beat("tick", at=noon)
    group = QuestionGroup.objects.create(campaign=campaign, slug=f"g{number}", label={"en": f"Question {number}"})
    Question.objects.create(
        campaign=campaign,
        group=group,
        topic=topic,
        bulletin=Bulletin.objects.first(),
        language="fi",
        text="Saako?",
        asked_at=noon,
    )
    answer_workflow.freeze(
        Answer.objects.create(group=group, authority=authority, text={"fi": "Kyllä"}), by=None, at=noon
    )
