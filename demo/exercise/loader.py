"""Build the exercise campaign of the demo from its content files, in one transaction."""

import copy
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation

from accounts.access import permissions
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import Cadence, InputFact, MessageInput
from campaigns.cards import card_look
from campaigns.models import (
    Authority,
    BannedTerm,
    Campaign,
    CampaignLanguage,
    GlossaryTerm,
    PlatformLimit,
    Region,
    Topic,
)
from delivery.models import Audience
from demo.content_files.campaign_file import WEEKDAYS
from demo.content_files.content import Content, MessageInputFile
from demo.content_files.formats import moment_of, own_address
from demo.content_files.reader import read
from influencers.models import CannedThanks, CodeOfEthics, CoverageTarget, Handbook, Interest, ValuesQuestion
from lib.images.card_look import READY
from lib.yaml_files import Item
from notifications.models import Notice

from . import moved_texts
from .bulletins import bulletin_history, fact_checks, open_draft, pictures, questions_and_answers, seen_bulletin
from .demo_dates import DUE_TODAY, Calendar, day_of
from .impact import measured_weeks, past_report, past_surveys
from .participants import chosen_channels, influencer_activity, people
from .stories import commissions, contributions, courses, exchange, municipal_stories, municipalities, ways_to_help

EDITOR, APPROVER = "editor@example.org", "approver@example.org"
FACT_CHECKERS = ("fact-checker@example.org", "fact-checker2@example.org")
LIAISON = "liaison@example.org"
ADMIN = "admin@example.org"
PARTNER = "partner@example.org"
MUNICIPALITY = "municipality@example.org"
CREATOR = "creator@example.org"
FINANCE = "finance@example.org"


def load(*, at: datetime, say: Callable[[str], None], content: Content | None = None) -> Campaign:
    """
    Load the demo as it stands at `at` (aware) and return its campaign; `say` gets a line for each step.

    Bulletins 1 and 2 are sent, 3 is sent and corrected, 4 is approved for two minutes after `at`, 5 is a draft under embargo, 6 one
    that can be tried on a few people.
    Raise ContentError, with nothing written, when a content file cannot be used.
    """
    content = copy.deepcopy(content or read())
    calendar = Calendar.of(content, at=at)
    moved_texts.move(content, calendar)
    with transaction.atomic(), translation.override("en"):
        permissions.sync()
        say("Campaign, authorities, words and audiences")
        campaign = create_campaign(content, calendar)
        create_terms(campaign, content)
        audiences = create_audiences(campaign, content, calendar)
        users = people.create_staff()
        mark = ContentFile(pictures.issuer_mark(), name="mark.png")
        card_look.save_look(campaign, READY["lake"], card_look.Pictures(mark=mark), by=users[ADMIN], at=at)
        contributors = people.create_contributors(users)
        say(f"{people.INFLUENCERS:,} influencers and the subscribers of five digests")
        create_handbooks(campaign, content)
        create_thanks(campaign, content)
        people.create_influencers(campaign, content, calendar, audiences, users[LIAISON])
        people.create_subscribers(content, calendar, audiences)
        say("Message inputs and fact-checks")
        inputs = create_inputs(campaign, content, calendar, contributors, users[EDITOR])
        fact_checks.create_claims(campaign, content, calendar, [users[address] for address in FACT_CHECKERS])
        fact_checks.create_reports(campaign, content, calendar)
        say("Six bulletins in three languages, three of them sent")
        past = bulletin_history.History(
            campaign,
            content,
            calendar,
            audiences,
            inputs,
            editor=users[EDITOR],
            approver=users[APPROVER],
            checker=users[FACT_CHECKERS[0]],
        )
        past.write()
        seen_bulletin.write(campaign, liaison=users[LIAISON], at=at)
        chosen_channels.write(campaign, at=at)
        open_draft.write(campaign, by=users[EDITOR], at=at - timedelta(hours=1))
        questions_and_answers.create_questions(campaign, content, calendar)
        say("What influencers read, posted and wrote")
        influencer_activity.Network(campaign, content, calendar, users[LIAISON]).write()
        past_report.create_report(campaign, writer=users[FACT_CHECKERS[0]], approver=users[APPROVER], at=at)
        past_surveys.create_surveys(campaign, composer=users[LIAISON], starter=users[APPROVER], at=at)
        say("Fifteen stories of municipalities, ways to help, courses and commissions")
        create_what_others_bring(campaign, content, users, at=at)
        sent = [calendar.moment(bulletin.published_at) for bulletin in content.bulletins if bulletin.number < DUE_TODAY]
        people.create_subscriptions(campaign, at=at)
        say("Twelve weeks of measures")
        measured_weeks.write(campaign, users[LIAISON], at=at)
        people.count_audiences(audiences, calendar, [*sent, at])
        # What happened before the demo began was told then; nobody gets a mail about it now.
        Notice.objects.waiting().filter(campaign=campaign).update(sent_at=at)
    return campaign


def create_what_others_bring(campaign: Campaign, content: Content, users: dict[str, User], *, at: datetime) -> None:
    """Create what people and organisations around the campaign bring to it."""
    liaison, editor = users[LIAISON], users[EDITOR]
    ways_to_help.create(campaign, content, keeper=users[PARTNER], writer=liaison, checker=editor, at=at)
    contributions.create(campaign, moderator=liaison, at=at)
    courses.create(campaign, writer=liaison, checker=editor, at=at)
    municipalities.create(campaign, by=liaison, at=at)
    municipal_stories.create(campaign, content, sender=users[MUNICIPALITY], writer=liaison, checker=editor, at=at)
    exchange.create(campaign, organiser=liaison, at=at)
    commissions.create(campaign, content, [users[one] for one in (CREATOR, EDITOR, APPROVER, FINANCE)], at=at)


def region_of(item: Item) -> Region:
    """Return a region, with its place on maps of squares."""
    column, row = item.data["tile"]
    return Region(
        code=item.text("code"),
        name=item.translated("name"),
        note=item.data.get("note", ""),
        tile_column=column,
        tile_row=row,
    )


def create_campaign(content: Content, calendar: Calendar) -> Campaign:
    """Create the campaign with its languages, topics, interests and values questions, and what all campaigns share."""
    source = content.campaign
    sender, liaison = source.item("sender"), source.item("liaison")
    campaign = Campaign.objects.create(
        slug=source.text("slug"),
        mode=Campaign.Mode.EXERCISE,
        time_zone=source.text("time_zone"),
        default_language=source.text("default_language"),
        starts_on=begins_on(calendar, source),
        sender_email=own_address(sender, "email"),
        reply_to=own_address(sender, "reply_to"),
        liaison_name=liaison.text("name"),
        liaison_email=own_address(liaison, "email"),
        note=source.translated("note"),
    )
    texts = {key: source.translated(key) for key in ("name", "hashtag", "summary", "bulletin_name")}
    for position, language in enumerate(content.languages):
        CampaignLanguage.objects.create(
            campaign=campaign,
            code=language,
            position=position,
            sender_name=sender.translated("name")[language],
            **{key: translated[language] for key, translated in texts.items()},
        )
    for item in source.items("authorities"):
        Authority.objects.create(
            slug=item.text("slug"),
            kind=item.text("kind"),
            name=item.translated("name"),
            short_name=item.translated("short_name"),
            url=item.url("url"),
            contact=own_address(item, "contact"),
        )
    campaign.published_at = campaign.begins_at
    campaign.authority = Authority.objects.get(slug=source.text("lead"))
    campaign.alert_category = source.text("alert_category")
    campaign.save()
    Region.objects.bulk_create(region_of(item) for item in source.items("regions"))
    Topic.objects.bulk_create(
        Topic(campaign=campaign, slug=item.text("slug"), name=item.translated("name"))
        for item in source.items("topics")
    )
    Interest.objects.bulk_create(
        Interest(campaign=campaign, slug=item.text("slug"), name=item.translated("name"))
        for item in source.items("interests")
    )
    ValuesQuestion.objects.bulk_create(
        ValuesQuestion(campaign=campaign, key=item.text("column"), position=position, text=item.translated("text"))
        for position, item in enumerate(source.items("values_questions"))
    )
    CoverageTarget.objects.bulk_create(
        CoverageTarget(campaign=campaign, dimension=item.text("dimension"), key=str(key), share=Decimal(str(share)))
        for item in source.items("coverage_targets")
        for key, share in item.data["shares"].items()
    )
    return campaign


def begins_on(calendar: Calendar, source: Item) -> date:
    """Return the day on which the campaign began: by the first of what was measured and asked, well before bulletin 1."""
    today = calendar.local_day(calendar.at)
    first = today - timedelta(days=today.weekday() + 7 * measured_weeks.WEEKS)
    return min(calendar.day(day_of(source.day("starts_on"))), first)


def create_terms(campaign: Campaign, content: Content) -> None:
    """Create the glossary, the banned terms and the platforms' limits."""
    GlossaryTerm.objects.bulk_create(
        GlossaryTerm(
            campaign=campaign,
            term={code: row.text(code) for code in content.languages},
            definition=row.text("definition"),
        )
        for row in content.glossary
    )
    BannedTerm.objects.bulk_create(
        BannedTerm(**{key: row.text(key) for key in ("language", "term", "say_instead", "why")})
        for row in content.banned_terms
    )
    PlatformLimit.objects.bulk_create(
        PlatformLimit(
            platform=row.text("platform"),
            field=row.text("field"),
            limit=int(row.text("limit")),
            counted_in=row.text("counted_in"),
            seen_on=date.fromisoformat(f"{row.text('seen_on')}-01"),
            source=row.text("source"),
        )
        for row in content.platform_limits
    )


def create_audiences(campaign: Campaign, content: Content, calendar: Calendar) -> dict[str, Audience]:
    """Create the audiences with their cadences; return them by short name."""
    audiences = {}
    for item in content.campaign.items("audiences"):
        slug = item.text("slug")
        audiences[slug] = Audience.objects.create(
            campaign=campaign,
            slug=slug,
            kind=Audience.Kind.DIGEST if slug in people.DIGESTS else Audience.Kind.INFLUENCERS,
            name=item.translated("name"),
            description=item.translated("description"),
            tier=item.number("tier", optional=True),
            languages=item.texts("languages"),
            max_size=item.number("max_size", optional=True),
        )
    for item in content.campaign.items("cadences"):
        day = item.data.get("day_of_month")
        Cadence.objects.create(
            audience=audiences[item.text("audience")],
            slug=item.text("slug"),
            every=item.text("every"),
            local_time=item.clock("local_time"),
            weekday=WEEKDAYS.index(item.text("weekday")) if "weekday" in item.data else None,
            day_of_month=31 if day == "last" else day,
            starts_on=calendar.day(day_of(item.day("from"))),
            until=calendar.day(item.day("until", optional=True)),
            not_before=item.clock("not_before"),
            not_after=item.clock("not_after"),
            only_urgency=item.data.get("only_urgency", ""),
            grace_minutes=item.number("grace_minutes"),
        )
    return audiences


def create_handbooks(campaign: Campaign, content: Content) -> None:
    """Create the code of ethics and the handbook in every language."""
    for language, (front, body) in content.codes_of_ethics.items():
        CodeOfEthics.objects.create(
            campaign=campaign,
            language=language,
            version=front.number("version"),
            title=front.text("title"),
            signing=front.text("signing"),
            points=front.number("points"),
            body=body,
        )
    for language, (front, body) in content.handbooks.items():
        Handbook.objects.create(
            campaign=campaign, language=language, version=front.number("version"), title=front.text("title"), body=body
        )


def create_thanks(campaign: Campaign, content: Content) -> None:
    """Create the words of thanks that are ready."""
    CannedThanks.objects.bulk_create(
        CannedThanks(campaign=campaign, key=item.text("key"), text=item.translated("text")) for item in content.thanks
    )


def create_inputs(
    campaign: Campaign, content: Content, calendar: Calendar, contributors: dict[str, User], editor: User
) -> dict[str, MessageInput]:
    """
    Create every message input, accepted by the editor; return them by reference.

    All six are here, whatever their date: one that has not come yet in the exercise's time came a few hours ago,
    and its embargo still ends in the future.
    """
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    regions = {region.code: region for region in Region.objects.all()}
    inputs: dict[str, MessageInput] = {}
    facts: dict[str, InputFact] = {}
    for entry in content.inputs:
        item = entry.item
        made = submissions.submit(
            campaign=campaign,
            authority=Authority.objects.get(slug=item.text("authority")),
            by=contributors[item.text("authority")],
            at=min(calendar.moment(moment_of(item, "received_at")), calendar.at - timedelta(hours=4)),
            title=item.text("title"),
            body=entry.body,
            language=item.text("language"),
            urgency=item.text("urgency"),
            embargo_until=calendar.moment(item.moment("embargo_until", optional=True)),
            valid_until=calendar.moment(item.moment("valid_until", optional=True)),
            contact=contributors[item.text("authority")].email,
            regions=[regions[code] for code in item.texts("regions") if code != "all"],
            topics=[topics[slug] for slug in item.texts("topics")],
            sources=[{key: source.text(key) for key in ("publisher", "title", "url")} for source in entry.sources],
            reference=entry.reference,
        )
        submissions.accept(made, by=editor, at=made.received_at)
        facts |= create_facts(made, entry, calendar)
        inputs[entry.reference] = made
    for entry in content.inputs:
        for item in entry.facts:
            if "superseded_by" in item.data:
                fact = facts[item.text("id")]
                fact.superseded_by = facts[item.text("superseded_by")]
                fact.superseded_at = calendar.moment(moment_of(item, "superseded_at"))
                fact.save()
    return inputs


def create_facts(made: MessageInput, entry: MessageInputFile, calendar: Calendar) -> dict[str, InputFact]:
    """Create the facts of a message input, each with its source; return them by key."""
    sources = dict(zip([source.text("id") for source in entry.sources], made.sources.all(), strict=True))
    return {
        item.text("id"): InputFact.objects.create(
            input=made,
            key=item.text("id"),
            text=item.text("text"),
            source=sources[item.text("source")],
            valid_until=calendar.moment(item.moment("valid_until", optional=True)),
        )
        for item in entry.facts
    }
