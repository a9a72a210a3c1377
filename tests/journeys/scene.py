"""A site with something of everything on it: what readers, influencers and contributors may meet."""

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from bulletins.intake import submissions
from bulletins.models import Asset, MessageInput
from bulletins.publication import corrections
from campaigns.models import AuthorityMember, Campaign, PlatformLimit
from delivery.models import Recipient
from influencers.models import CodeOfEthics, Handbook, Influencer, Signature
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup
from tests.support import builders

LANGUAGES = builders.LANGUAGES
WHAT_CHANGED = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
SHARE_TEXT = {"fi": "Oikaisu: tiistaina.", "sv": "Rättelse: på tisdag.", "en": "Correction: on Tuesday."}


@dataclass
class Site:
    """What can be opened: numbers of a plain, a corrected and a withdrawn bulletin, and the rest by its key."""

    campaign: Campaign
    plain: int
    corrected: int
    withdrawn: int
    claim: str
    influencer: Influencer
    contributor: Any
    sent_in: MessageInput
    asked_back: MessageInput
    leave: dict[str, str]


def fill(at: datetime) -> Site:
    """Build it all. The newest thing happened shortly before `at`."""
    campaign = builders.build_campaign()
    audience = builders.build_audience(campaign, size=3)
    topic = builders.build_topic(campaign)
    region = builders.build_region()
    for platform, field, limit in (("instagram", "caption", 2200), ("x", "post", 280)):
        PlatformLimit.objects.create(
            platform=platform, field=field, limit=limit, counted_in="code_points", seen_on=at.date(), source="its help"
        )

    claim = builders.build_claim(campaign, at=at - timedelta(days=2))
    withdrawn = builders.build_published_version(campaign, at=at - timedelta(hours=9), audiences=[audience]).bulletin
    corrections.retract(withdrawn, by=builders.editor(), at=at - timedelta(hours=8), what_changed=WHAT_CHANGED)
    builders.published(withdrawn, at=at - timedelta(hours=8))
    corrected = builders.build_published_version(
        campaign, at=at - timedelta(hours=7), audiences=[audience], variants=True
    ).bulletin
    corrections.start_correction(
        corrected, by=builders.editor(), at=at - timedelta(hours=6), what_changed=WHAT_CHANGED, share_text=SHARE_TEXT
    )
    corrected.editions.update(preheader="Borrow, return, read there on Tuesday.")
    builders.published(corrected, at=at - timedelta(hours=6))
    plain = builders.build_bulletin(campaign, at=at - timedelta(hours=5), audiences=[audience], variants=True)
    plain.claims.add(claim)
    plain.topics.add(topic)
    poster = Asset(
        bulletin=plain,
        kind="image",
        title={"en": "Poster"},
        alt_text=builders.in_all(en="A reader with a book"),
        rights="CC BY 4.0",
    )
    poster.file.save("poster.png", ContentFile(png()))
    version = builders.published(plain, at=at - timedelta(hours=5))

    authority = builders.build_authority()
    contributor = builders.build_user("minna", "contributor")
    AuthorityMember.objects.create(authority=authority, user=contributor)
    sent_in = builders.build_input(
        campaign, authority=authority, by=contributor, at=at - timedelta(hours=3), topics=[topic], regions=[region]
    )
    asked_back = builders.build_input(campaign, authority=authority, by=contributor, at=at - timedelta(hours=2))
    submissions.return_with_question(
        asked_back, by=builders.editor(), at=at - timedelta(hours=1), question="Since when?"
    )

    group = QuestionGroup.objects.create(campaign=campaign, slug="open", label=builders.in_all(en="Is it open?"))
    Question.objects.create(campaign=campaign, group=group, topic=topic, language="fi", text="Onko auki?", asked_at=at)
    answer = Answer.objects.create(
        group=group,
        authority=authority,
        text=builders.in_all(en="Yes, from Monday."),
        video_url="https://video.example.org/1",
        video_language="fi",
        video_seconds=75,
        subtitles={"fi": "WEBVTT\n\n00:00.000 --> 00:02.000\nKyllä, maanantaista.\n"},
    )
    answer_workflow.freeze(answer, by=None, at=at - timedelta(hours=1))

    influencer = builders.build_influencer(campaign, audience=audience)
    for code in LANGUAGES:
        text = CodeOfEthics.objects.create(
            campaign=campaign, language=code, title=f"Code ({code})", points=2, body="1. I check.\n2. I correct."
        )
        Handbook.objects.create(campaign=campaign, language=code, title=f"Handbook ({code})", body="## Start\n\nRead.")
        Signature.objects.create(influencer=influencer, text=text, signed_at=at - timedelta(days=1))
    recipient = Recipient.objects.exclude(influencers=influencer).earliest("pk")
    return Site(
        campaign=campaign,
        plain=plain.number,
        corrected=corrected.number,
        withdrawn=withdrawn.number,
        claim=claim.slug,
        influencer=influencer,
        contributor=contributor,
        sent_in=sent_in,
        asked_back=asked_back,
        leave={code: path(builders.unsubscribe_url(recipient.pk, version.mailing_id, code)) for code in LANGUAGES},
    )


def path(url: str) -> str:
    """Return an address of this site without its host."""
    return "/" + url.partition("//")[2].partition("/")[2]


def png() -> bytes:
    """Return a picture of one grey point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
