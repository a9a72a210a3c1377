"""What came of a campaign, in words that two people agree on, and the thanks that go out with them, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import AuditEntry, User
from agreement.refusals import Refused
from campaigns.models import AuthorityMember, Campaign
from delivery.models import Delivery, MailChoice, Mailing, Message, Send
from delivery.sending import dispatch
from impact.closing import archives, lessons, results, retention_dates, thanks
from impact.dashboard import public_page
from impact.models import Archive, CampaignResults
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db


def close(campaign: Campaign, at: datetime) -> Campaign:
    """Close a campaign."""
    campaign.closed_at = at
    campaign.save()
    return campaign


def agreed(campaign: Campaign, alma: User, oskar: User, at: datetime) -> CampaignResults:
    """Return results that a second person has approved."""
    found = results.gather(close(campaign, at), by=alma, at=at)
    return results.approve(campaign, digest=results.RESULTS.digest_of(found), by=oskar, at=at)


def test_figures_are_gathered_once_it_is_closed_and_nothing_about_few_people(
    campaign: Campaign, alma: User, oskar: User, noon: datetime
) -> None:
    builders.build_published_version(campaign, at=noon - timedelta(days=1))
    with pytest.raises(Refused, match="close the campaign first"):
        results.gather(campaign, by=alma, at=noon)
    for number in range(4):
        builders.build_influencer(campaign, f"ines{number}")
    found = results.gather(close(campaign, noon), by=alma, at=noon)
    assert found.figures["bulletins"] == 1 and found.figures["influencers"] is None
    assert "- Bulletins: 1\n" in found.words["en"] and "Influencers" not in found.words["en"]
    assert found.words.keys() == {"fi", "sv", "en"}
    builders.build_influencer(campaign, "ines5")
    results.approve(campaign, digest=results.RESULTS.digest_of(found), by=oskar, at=noon)
    again = results.gather(campaign, by=alma, at=noon)
    assert again.figures["influencers"] == 5
    assert again.words == found.words and again.approved_by == oskar


def test_a_second_person_approves_exactly_what_they_read(
    campaign: Campaign, alma: User, oskar: User, noon: datetime
) -> None:
    found = results.gather(close(campaign, noon), by=alma, at=noon)
    read = results.RESULTS.digest_of(found)
    words = found.words | {"en": "We reached many."}
    results.write(campaign, words, seen=read, by=alma, at=noon)
    with pytest.raises(Refused, match="Somebody else has changed it"):
        results.write(campaign, words | {"en": "Others."}, seen=read, by=oskar, at=noon)
    for why, who, digest in (("worked on this text", alma, ""), ("has changed since you read it", oskar, read)):
        with pytest.raises(Refused, match=why):
            results.approve(campaign, digest=digest, by=who, at=noon)
    with pytest.raises(Refused, match="Write it in Swedish too"):
        results.write(
            campaign, {"fi": "a", "en": "b"}, seen=results.RESULTS.digest_of(results.held(campaign)), by=alma, at=noon
        )
    found = results.held(campaign)
    results.approve(campaign, digest=results.RESULTS.digest_of(found), by=oskar, at=noon)
    results.write(campaign, words | {"en": "Other."}, seen=results.RESULTS.digest_of(found), by=alma, at=noon)
    assert results.held(campaign).approved_at is None


def test_everybody_is_thanked_once_in_their_own_language(
    campaign: Campaign, alma: User, oskar: User, root: User, noon: datetime
) -> None:
    tiers = [builders.build_audience(campaign, size=4), builders.build_audience(campaign, "partners")]
    digest = builders.build_digest(campaign)
    readers = builders.build_subscribers(6, digest)
    members = list(tiers[0].memberships.order_by("pk").values_list("recipient", flat=True))
    first = tiers[0].memberships.order_by("pk").first()
    assert first
    builders.join(tiers[1], [first.recipient])
    both = first.recipient
    builders.join(digest, [both])
    gathered, paused = members[1], members[2]
    MailChoice.objects.create(campaign=campaign, recipient_id=gathered, pace="week", changed_at=noon)
    MailChoice.objects.create(
        campaign=campaign, recipient_id=paused, break_until=noon + timedelta(days=9), changed_at=noon
    )
    contributor = builders.build_user("minna", "contributor")
    authority = builders.build_authority()
    AuthorityMember.objects.create(authority=authority, user=contributor)
    builders.build_input(campaign, authority=authority, by=contributor, at=noon)
    del readers
    with pytest.raises(Refused, match="gather the results first"):
        thanks.send(close(campaign, noon), by=root, at=noon)
    found = results.gather(campaign, by=alma, at=noon)
    with pytest.raises(Refused, match="second person approves"):
        thanks.send(campaign, by=root, at=noon)
    assert not Mailing.objects.filter(key__startswith="thanks").exists()
    results.approve(campaign, digest=results.RESULTS.digest_of(found), by=oskar, at=noon)

    thanks.send(campaign, by=root, at=noon)
    with pytest.raises(Refused, match="has been thanked"), transaction.atomic():
        thanks.send(campaign, by=root, at=noon)
    with pytest.raises(Refused, match="has been thanked"):
        results.gather(campaign, by=alma, at=noon)
    assert {one.queue for one in Mailing.objects.filter(key__startswith="thanks")} == {Mailing.Queue.DIGEST}
    dispatch.start_due_sends(at=noon)
    rows = Delivery.objects.filter(mailing__key__startswith="thanks")
    got = sorted(rows.values_list("recipient", flat=True))
    assert len(got) == len(set(got)) == 4 - 1 + 6
    assert both.pk in got and gathered in got and paused not in got
    mails = Message.objects.filter(mailing__key="thanks-influencers")
    assert {one.language for one in mails} == {"fi", "sv", "en"}
    text = mails.get(language="en").text
    assert "Bulletins" not in text or "- " in text
    assert "/en/portal/certificate/" in text and "Thank you" in mails.get(language="en").subject
    assert "No more digests" in Message.objects.get(mailing__key="thanks-subscribers", language="en").text
    assert [one.person for one in Notice.objects.filter(kind="campaign_thanks")] == [contributor]
    assert AuditEntry.objects.filter(verb="results.thanked").count() == 1
    assert Send.objects.filter(mailing__key__startswith="thanks").count() == 2 + 2 + 1


def test_thanks_are_for_a_campaign_that_is_still_closed(
    campaign: Campaign, alma: User, oskar: User, root: User, noon: datetime
) -> None:
    agreed(campaign, alma, oskar, noon)
    Campaign.objects.update(closed_at=None)
    with pytest.raises(Refused, match="open again"):
        thanks.send(campaign, by=root, at=noon)
    assert not Send.objects.exists()


def test_thanks_lead_to_what_is_public_and_wait_for_an_archive_that_is_being_made(
    campaign: Campaign, alma: User, oskar: User, root: User, noon: datetime
) -> None:
    builders.build_published_version(campaign, at=noon - timedelta(hours=1))
    found = agreed(campaign, alma, oskar, noon)
    row = archives.ask(campaign, by=root, at=noon)
    public_page.open_for_all(campaign, measures=[], has_opinions=True, typed=campaign.slug, by=oskar, at=noon)
    with pytest.raises(Refused, match="the archive is being made"):
        thanks.send(campaign, by=root, at=noon)
    Archive.objects.filter(pk=row.pk).update(state="ready", begun_at=noon, public_at=noon)
    for kind in thanks.KINDS.values():
        mail = thanks.mail_of(found, kind, "en", at=noon)
        for text in (mail.text, mail.html):
            assert reverse("archive", args=[campaign.slug]) in text
            assert f"/en/results/?campaign={campaign.slug}" in text
            assert "questions on to the authorities" not in text and "Ask us" not in text
    Archive.objects.filter(pk=row.pk).update(begun_at=noon - timedelta(hours=2))
    with pytest.raises(Refused, match="out of date"):
        thanks.send(campaign, by=root, at=noon)
    thanks.send(campaign, without_archive=True, by=root, at=noon)
    text = Message.objects.get(mailing__key="thanks-influencers", language="en").text
    assert reverse("archive", args=[campaign.slug]) not in text and "/en/results/" in text


def test_the_page_goes_from_the_results_to_the_thanks(
    campaign: Campaign, alma: User, oskar: User, root: User, signed_in: Any, noon: datetime
) -> None:
    close(campaign, noon)
    address = reverse("admin:campaigns_campaign_close", args=[campaign.pk])
    editor, approver, admin = (signed_in(one) for one in (alma, oskar, root))
    for client in (editor, approver, admin):
        session = client.session
        session["desk_campaign"] = campaign.pk
        session.save()
    assert approver.post(address, {"step": "gather"}).status_code == 403
    assert editor.post(address, {"step": "gather"}).status_code == 302
    page = editor.get(address)
    knows = page.context["digest"]
    assert "someone else must approve it" in page.content.decode()
    sent = {f"words_{code}": f"Words {code}" for code in ("fi", "sv", "en")}
    assert editor.post(address, {"step": "write", "seen": knows, **sent}).status_code == 302
    assert editor.post(address, {"step": "approve", "seen": knows}).status_code == 403
    knows = approver.get(address).context["digest"]
    assert approver.post(address, {"step": "approve", "seen": knows}).status_code == 302
    assert approver.post(address, {"step": "thank"}).status_code == 403
    refused = admin.post(address, {"step": "thank"})
    assert refused.status_code == 409 and not Message.objects.exists()
    assert admin.post(address, {"step": "thank", "typed": campaign.slug}).status_code == 302
    assert "It cannot be sent again" in admin.get(address).content.decode()
    assert "Words sv" in Message.objects.get(mailing__key="thanks-influencers", language="sv").html


def test_what_the_team_learned_is_kept_beside_the_results_and_nobody_writes_over_anybody(
    campaign: Campaign, alma: User, oskar: User, noon: datetime
) -> None:
    with pytest.raises(Refused, match="gather the results first"):
        lessons.write(campaign, {"well": "Speed."}, seen="", by=alma, at=noon)
    found = agreed(campaign, alma, oskar, noon)
    lessons.write(campaign, {"well": "Speed. ", "unknown": "x"}, seen="", by=alma, at=noon)
    with pytest.raises(Refused, match="changed the answers meanwhile"):
        lessons.write(campaign, {"well": "Other."}, seen="", by=oskar, at=noon)
    found.refresh_from_db()
    assert found.lessons == {"well": "Speed."} and found.approved_at


def test_the_page_says_by_which_day_the_last_of_each_kind_of_data_is_gone(campaign: Campaign, noon: datetime) -> None:
    assert {one.on for one in retention_dates.after(campaign)} == {None}
    days = {one.title: one.on for one in retention_dates.after(close(campaign, noon))}
    assert days["What you write in a survey"] == noon.date() + timedelta(days=365)
