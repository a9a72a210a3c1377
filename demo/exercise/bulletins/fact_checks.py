"""The demo's fact-checks: claims with their verdicts, and what people reported."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from campaigns.models import Campaign
from demo.content_files.content import Content
from demo.exercise.demo_dates import Calendar, day_of
from factcheck.intake import claim_reports
from factcheck.matching import canonical_urls, similar_claims
from factcheck.models import Claim, Evidence, Narrative, Sighting
from factcheck.verdicts import verdict_workflow


def create_claims(campaign: Campaign, content: Content, calendar: Calendar, checkers: list[User]) -> None:
    """
    Create the claims, each with a verdict that one fact-checker proposed and another confirmed.

    A claim that the exercise's time has not come to was checked today. If nobody has even seen it yet, it is about
    something under embargo: its verdict stands, but it is not published.
    """
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    today = calendar.local_day(calendar.at)
    narratives = {
        item.text("id"): Narrative.objects.create(
            campaign=campaign,
            slug=item.text("id"),
            name=item.translated("name"),
            description=item.translated("description"),
            need_behind=item.translated("need_behind"),
            first_seen=calendar.day(item.day("first_seen", optional=True)),
        )
        for item in content.narratives
    }
    for item in content.claims:
        sightings = item.items("sightings")
        checked_on = calendar.past_day(day_of(item.day("checked_at")))
        to_come = all(calendar.day(day_of(sighting.day("date"))) > today for sighting in sightings)
        checked_at = min(calendar.at, datetime.combine(checked_on, datetime.min.time(), calendar.zone))
        claim = Claim.objects.create(
            campaign=campaign,
            narrative=narratives[item.text("narrative")],
            slug=item.text("id"),
            text=item.translated("claim"),
            **{key: item.translated(key) for key in ("fact", "warning", "fallacy", "fact_again", "how_checked")},
            valid_until=calendar.end_of(item.day("valid_until", optional=True)),
            created_at=checked_at,
        )
        claim.topics.set([topics[slug] for slug in item.texts("topics")])
        Evidence.objects.bulk_create(
            Evidence(claim=claim, publisher=row.text("publisher"), title=row.text("title"), url=row.url("url"))
            for row in item.items("evidence")
        )
        Sighting.objects.bulk_create(
            Sighting(
                claim=claim,
                platform=row.text("platform"),
                url=row.url("url"),
                reach=row.number("reach", optional=True),
                seen_on=calendar.past_day(day_of(row.day("date"))),
                url_key=canonical_urls.url_key(row.url("url")),
                language=row.text("language"),
                created_at=checked_at,
            )
            for row in sightings
        )
        similar_claims.index(claim)
        verdict_workflow.start_check(claim, by=checkers[0], at=checked_at)
        verdict_workflow.propose(claim, item.text("verdict"), by=checkers[0], at=checked_at)
        verdict_workflow.confirm(claim, digest=claim.digest, by=checkers[1], at=checked_at)
        if not to_come:
            verdict_workflow.publish(claim, by=checkers[1], at=checked_at)


def create_reports(campaign: Campaign, content: Content, calendar: Calendar) -> None:
    """Take in what was reported in the last hours by the public form, and where checked claims were seen again."""
    claims = {claim.slug: claim for claim in campaign.claims.all()}
    for item in (*content.reports, *content.seen_again):
        at = calendar.at - timedelta(hours=item.number("hours") or 0)
        seen: dict[str, Any] = {
            "language": item.text("language"),
            "platform": item.text("platform"),
            "channel": item.text("channel"),
            "url": item.url("url") if "url" in item.data else "",
            "reach": item.number("reach", optional=True),
            "seen_on": calendar.local_day(at),
            "via": Sighting.Via.PUBLIC,
            "at": at,
        }
        if "claim" in item.data:
            claim_reports.add_sighting(claims[item.text("claim")], **seen)
        else:
            claim_reports.report(campaign, text=item.text("text"), **seen)
