"""The demo's questions: what followers asked, what authorities answered, and what still waits for them."""

from datetime import datetime, timedelta

from bulletins.models import Bulletin, InputFact
from campaigns.models import Authority, Campaign
from demo.content_files.content import Content
from demo.content_files.formats import moment_of
from demo.exercise.demo_dates import Calendar
from demo.exercise.participants import people
from influencers.models import Influencer
from influencers.portal import follower_questions
from lib.yaml_files import ContentError
from questions import deadlines
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup


def create_questions(campaign: Campaign, content: Content, calendar: Calendar) -> None:
    """
    Create the questions and answers that there are by now, and the groups of those questions.

    What was asked or answered later in 2020 than bulletin 4 has not happened yet, and is left out.
    """
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    bulletins = {bulletin.number: bulletin for bulletin in Bulletin.objects.filter(campaign=campaign)}
    labels = {group.text("id"): group.translated("label") for group in content.question_groups}
    groups: dict[str, QuestionGroup] = {}
    for item in content.questions:
        asked_at = calendar.moment(moment_of(item, "asked_at"))
        if asked_at > calendar.at:
            continue
        influencer = Influencer.objects.filter(campaign=campaign, reference=item.text("relayed_by")).first()
        if influencer is None:
            raise ContentError(
                f"{item.file}, line {item.line}: relayed_by names {item.text('relayed_by')}, who does not exist."
            )
        slug = item.text("group")
        if slug not in groups:
            groups[slug] = QuestionGroup.objects.create(campaign=campaign, slug=slug, label=labels[slug])
        group = groups[slug]
        Question.objects.create(
            campaign=campaign,
            group=group,
            bulletin=bulletins[item.number("bulletin") or 0],
            topic=topics[item.text("topic")],
            language=item.text("language"),
            text=item.text("text"),
            channel=item.text("channel"),
            relayed_by=influencer.recipient,
            asked_at=asked_at,
        )
        if "answer" not in item.data:
            continue
        answer = item.item("answer")
        published_at = calendar.moment(moment_of(answer, "published_at"))
        if published_at > calendar.at:
            continue
        video = answer.item("video")
        written = Answer.objects.create(
            group=group,
            authority=Authority.objects.get(slug=answer.text("authority")),
            text={language: answer.text(language) for language in content.languages},
            fact=InputFact.objects.get(input__campaign=campaign, key=answer.text("fact")),
            valid_until=calendar.moment(answer.moment("valid_until", optional=True)),
            video_url=video.url("url"),
            video_language=video.text("spoken_language"),
            video_seconds=video.number("duration_seconds"),
            subtitles=video.translated("subtitles"),
        )
        answer_workflow.freeze(written, by=None, at=published_at)
    follower_questions.notify_askers(at=calendar.at)
    send_to_authorities(campaign, at=calendar.at)


def send_to_authorities(campaign: Campaign, *, at: datetime) -> None:
    """
    Ask the authority whose contributor the demo names about the open questions but the last one. One of them is late, so
    that the desk has all stages.
    """
    authority = Authority.objects.get(slug=people.CONTRIBUTOR_OF)
    waiting = list(QuestionGroup.objects.filter(campaign=campaign, state=QuestionGroup.State.OPEN).order_by("pk"))
    for number, group in enumerate(waiting[:-1]):
        asked_at = at - timedelta(days=4 if number == 0 else 1)
        QuestionGroup.objects.filter(pk=group.pk).update(
            state=QuestionGroup.State.ASKED,
            authority=authority,
            asked_at=asked_at,
            answer_by=deadlines.default_deadline(campaign, at=asked_at),
            reminded_at=asked_at + timedelta(days=2) if number == 0 else None,
        )
    deadlines.remind(at=at)
