"""Something of everything on the desk."""

from datetime import datetime, timedelta

from bulletins import answering, drafting
from bulletins.models import Answer, Bulletin, Question, QuestionGroup, Snippet
from campaigns import issuing
from campaigns.models import BannedTerm, Campaign, GlossaryTerm, PlatformLimit
from delivery import fanout
from delivery.models import (
    AudienceSize,
    Consent,
    Delivery,
    DomainLimit,
    MailerHealth,
    MailerLimit,
    Preflight,
    ProviderEvent,
    Pulse,
    Recipient,
    SeedAddress,
    Send,
    Suppression,
)
from factcheck.models import Narrative, Sighting, Thresholds
from influencers.models import Handbook, Interest, Pledge, PledgeText, ValuesQuestion
from tests import builders


def fill(campaign: Campaign, number: int, *, noon: datetime) -> None:
    """Put a row of every kind on the desk; call it again, with another number, for more of each."""
    audience = builders.build_audience(campaign, f"audience-{number}", size=4, cadence="day")
    AudienceSize.objects.create(audience=audience, date=noon.date(), size=4, basis="counted")
    topic = builders.build_topic(campaign, f"topic-{number}")
    builders.build_region(f"MK{number:02}")
    authority = builders.build_authority(f"authority-{number}")
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": f"sana {number}", "en": f"word {number}"})
    Snippet.objects.create(campaign=campaign, name=f"snippet {number}", text={"en": "Stay at home."})
    SeedAddress.objects.create(campaign=campaign, email=f"seed-{number}@example.org", language="fi")
    BannedTerm.objects.create(language="en", term=f"word-{number}", say_instead="another", why="because")
    PlatformLimit.objects.create(
        platform="x", field=f"post-{number}", limit=280, counted_in="x_weighted", seen_on=noon.date(), source="its help"
    )
    editor = builders.build_user(f"editor-{number}", "editor")
    approver = builders.build_user(f"approver-{number}", "approver")
    issuing.issue(authority, name="alerts", by=editor, at=noon)
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
    builders.build_bulletin_in_review(campaign, by=editor, at=noon, audiences=[audience], timing="next_slot")
    builders.build_approved_bulletin(
        campaign, by=editor, approver=approver, at=noon, audiences=[audience], timing="next_slot"
    )
    drafting.start(campaign, by=editor, at=noon)
    Thresholds.objects.get_or_create(campaign=campaign)
    narrative = Narrative.objects.create(campaign=campaign, slug=f"n{number}", name={"en": f"Narrative {number}"})
    claim = builders.build_claim(campaign, f"claim-{number}", narrative=narrative)
    builders.build_claim(campaign, f"open-{number}", published=False, narrative=narrative)
    Sighting.objects.create(claim=claim, platform="x", seen_on=noon.date(), language="fi")
    influencer = builders.build_influencer(campaign, f"ines-{number}", audience=audience, liaison=editor)
    text = PledgeText.objects.create(
        campaign=campaign, language="fi", version=number, title="Code", points=3, body="One"
    )
    Pledge.objects.create(influencer=influencer, text=text, signed_at=noon)
    Handbook.objects.create(campaign=campaign, language="fi", version=number, title="Handbook", body="One")
    Interest.objects.create(campaign=campaign, slug=f"i{number}", name={"en": "Sport"})
    ValuesQuestion.objects.create(campaign=campaign, key=f"v{number}", text={"en": "Do you?"})
    recipient = Recipient.objects.filter(influencers=influencer).get()
    Consent.objects.create(
        recipient=recipient, purpose="bulletins", text_version="1", language="fi", source="form", given_at=noon
    )
    Suppression.objects.create(address_hash=f"{number:064}", reason="complaint", since=noon)
    MailerLimit.objects.create(mailer=f"mailer-{number}", per_second=number)
    MailerHealth.objects.create(mailer=f"mailer-{number}", changed_at=noon)
    DomainLimit.objects.create(domain=f"example{number}.org", per_minute=number)
    Preflight.objects.create(domain=f"example{number}.org", at=noon, passed=True)
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
    answering.freeze(Answer.objects.create(group=group, authority=authority, text={"fi": "Kyllä"}), by=None, at=noon)
