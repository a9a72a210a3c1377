"""A bulletin goes out without the languages that it need not wait for; they follow, each approved by a second person, nobody twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from bulletins.approval import approval_workflow, late_editions
from bulletins.checks import registry
from bulletins.media import message_cards
from bulletins.models import Bulletin, LateEdition, NotAllowed, PublishedEdition
from bulletins.publication import corrections, distribution, publish
from campaigns.models import CampaignLanguage
from delivery.fanout import fanout
from delivery.models import Delivery, Message, Send
from influencers.recall import recall_plan
from lib.text.languages.languages import language_name
from notifications.models import Notice
from tests.support import builders
from tests.support.builders import NOON, TEXTS

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)
READERS = ("fi", "sv", "en", "se")
WORDS = {
    **{name: TEXTS["en"][name] for name in ("title", "subject", "preheader", "body")},
    "messages-opening": TEXTS["en"]["key_message"],
    "actions-return": TEXTS["en"]["call"],
}


@pytest.fixture
def sami(campaign: Any) -> Any:
    """A language that bulletins don't wait for, with two readers among eight."""
    CampaignLanguage.objects.create(
        campaign=campaign, code="se", position=9, name="Hárjehallan", sender_name="Joavku", must_be_ready=False
    )
    builders.build_audience(campaign, size=8, language=READERS, languages=list(READERS))
    return campaign.audiences.get()


def told(**filters: Any) -> list[str]:
    return sorted(Delivery.objects.filter(**filters).values_list("recipient__language", flat=True))


def approve(bulletin: Bulletin, alma: Any, oskar: Any) -> PublishedEdition:
    late_editions.save(bulletin, "se", WORDS, by=alma, at=LATER)
    late = late_editions.submit(bulletin, "se", by=alma, at=LATER)
    return late_editions.approve(bulletin, "se", digest=late.digest, by=oskar, at=LATER)


def test_it_goes_out_without_a_language_that_follows_and_that_follows_for_its_readers_alone(
    campaign, sami, alma, oskar, client
):
    bulletin = builders.build_bulletin(campaign, by=alma)
    found = [one for one in registry.findings(bulletin, at=NOON) if ":se:" in one.place]
    assert [(one.code, one.level) for one in found] == [("follows-later", registry.ADVICE)]
    builders.submitted(bulletin, by=alma)
    plan = distribution.distribution_of(bulletin, at=NOON)
    assert plan.people == 6
    assert plan.waits() == ["Northern Sami is not there yet: its 2 readers get it when it is ready."]
    approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)
    version = publish.publish(bulletin, at=NOON)
    send = Send.objects.get()
    assert version.mailing.awaits == ["se"]
    assert set(version.editions.values_list("language", flat=True)) == {"fi", "sv", "en"}
    assert "Myös tulossa: davvisámegiella." in Message.objects.get(language="fi").text
    assert "Also coming in: davvisámegiella." in Message.objects.get(language="en").text
    page = client.get(f"/en/bulletins/{bulletin.number}/").content.decode()
    assert 'Also coming in: <span lang="se">davvisámegiella</span>' in page
    assert fanout.fan_out(send, at=NOON) == 6 and told() == ["en", "en", "fi", "fi", "sv", "sv"]

    page = approve(bulletin, alma, oskar)
    follows = Send.objects.get(language="se")
    assert page.language == "se" and page.version == version and follows.slot_at == LATER
    assert fanout.fan_out(follows, at=LATER) == 2 and told(send=follows) == ["se", "se"]
    assert Delivery.objects.filter(language="se").count() == 2
    assert Delivery.objects.values("recipient").distinct().count() == Delivery.objects.count() == 8
    assert "Also coming in" not in client.get(f"/en/bulletins/{bulletin.number}/").content.decode()
    bulletin.refresh_from_db()
    assert (bulletin.version, bulletin.state) == (1, Bulletin.State.PUBLISHED)
    with pytest.raises(NotAllowed, match="published"):
        late_editions.save(bulletin, "se", WORDS, by=alma, at=LATER)


def test_what_may_be_right_all_the_same_stops_nothing_but_stands_before_the_approver(
    campaign, sami, alma, oskar, signed_in
):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    bulletin.refresh_from_db()
    late_editions.save(bulletin, "se", WORDS | {"messages-opening": "Nubbi 47 olbmo."}, by=alma, at=LATER)
    late = late_editions.submit(bulletin, "se", by=alma, at=LATER)
    assert any("47" in one for one in late.remarks)
    page = signed_in(oskar).get(reverse("admin:bulletins_bulletin_later", args=[bulletin.pk, "se"])).content.decode()
    assert "Look at these before you approve it" in page and "47" in page

    late_editions.approve(bulletin, "se", digest=late.digest, by=oskar, at=LATER)
    bulletin.refresh_from_db()
    words = dict.fromkeys(("fi", "sv", "en", "se"), "9.")
    corrections.start_correction(bulletin, by=alma, at=LATER, what_changed=words, share_text={})
    mine = [one for one in registry.findings(bulletin, at=LATER) if one.is_in("se")]
    assert any("47" in one.says for one in mine), "the next version says it again"
    assert {one.level for one in mine} == {registry.ADVICE}, "and holds up no other language for it"


def test_whoever_wrote_it_does_not_approve_it_and_a_change_voids_what_was_read(campaign, sami, alma, oskar, signed_in):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    bulletin.refresh_from_db()
    with pytest.raises(NotAllowed, match="still to be written"):
        late_editions.save(bulletin, "se", WORDS | {"messages-opening": ""}, by=alma, at=LATER)
        late_editions.submit(bulletin, "se", by=alma, at=LATER)
    address = reverse("admin:bulletins_bulletin_later", args=[bulletin.pk, "se"])
    writer, approver = signed_in(alma), signed_in(oskar)
    refused = writer.post(address, WORDS | {"do": "save", "subject": "á" * 61}).content.decode()
    assert "“Subject” has 61 characters, and at most 60 fit." in refused and "á" * 61 in refused
    assert writer.post(address, WORDS | {"do": "submit"}).status_code == 302
    digest = LateEdition.objects.get().digest
    assert Notice.objects.filter(kind="late_edition_wanted").exists()
    assert writer.post(address, {"do": "approve", "digest": digest}).status_code == 403
    late_editions.save(
        bulletin, "se", {"title": "Eará"}, by=oskar, at=LATER
    )  # an approver who wrote is no second pair of eyes
    late = late_editions.submit(bulletin, "se", by=alma, at=LATER)
    for given in (digest, late.digest):
        answer = approver.post(address, {"do": "approve", "digest": given})
        assert answer.status_code == 409 and "Nothing was sent" in answer.content.decode()
    assert (
        not PublishedEdition.objects.filter(language="se").exists() and not Send.objects.filter(language="se").exists()
    )


def test_what_is_in_review_goes_back_with_a_reason_or_is_taken_back_by_who_wrote_it(
    campaign, sami, alma, oskar, signed_in
):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    address = reverse("admin:bulletins_bulletin_later", args=[bulletin.pk, "se"])
    writer, approver = signed_in(alma), signed_in(oskar)
    writer.post(address, WORDS | {"do": "submit"})
    digest = LateEdition.objects.get().digest

    assert approver.post(address, {"do": "send_back", "reason": " "}).status_code == 409
    assert approver.post(address, {"do": "send_back", "reason": "The hour is wrong."}).status_code == 302
    late = LateEdition.objects.get()
    assert (late.state, late.digest) == (LateEdition.State.DRAFT, "")
    assert approver.post(address, {"do": "approve", "digest": digest}).status_code == 409
    assert Notice.objects.get(kind="sent_back").person == alma
    page = writer.get(address).content.decode()
    assert "Sent back:" in page and "The hour is wrong." in page and 'name="body"' in page

    writer.post(address, WORDS | {"do": "submit"})
    assert "The hour is wrong." not in approver.get(address).content.decode()
    assert writer.post(address, {"do": "send_back"}).status_code == 302
    assert LateEdition.objects.get().state == LateEdition.State.DRAFT
    assert Notice.objects.filter(kind="sent_back").count() == 1


def test_a_correction_takes_along_who_still_waits_and_stops_what_was_to_follow(campaign, sami, alma, oskar):
    first = builders.build_published_version(campaign, by=alma, approver=oskar)
    bulletin = first.bulletin
    fanout.fan_out(Send.objects.get(), at=NOON)
    late_editions.save(bulletin, "se", WORDS, by=alma, at=LATER)
    corrections.start_correction(bulletin, by=alma, at=LATER, what_changed=dict.fromkeys(READERS, "Wrong day."))
    with pytest.raises(NotAllowed, match="new version"):
        late_editions.submit(bulletin, "se", by=alma, at=LATER)
    edition = bulletin.editions.get(language="se")
    for name in ("title", "subject", "preheader", "body"):
        setattr(edition, name, WORDS[name])
    edition.save()
    for row in (*bulletin.key_messages.all(), *bulletin.calls_to_action.all()):
        row.text = {**row.text, "se": "Nubbi"}
        row.save()
    builders.reworded(bulletin, by=alma, at=LATER)
    second = builders.published(bulletin, by=alma, approver=oskar, at=LATER)
    assert "se" in set(second.editions.values_list("language", flat=True)) and second.mailing.awaits == []
    waiting = Send.objects.get(mailing=second.mailing, language="se")
    assert fanout.fan_out(waiting, at=LATER) == 2 and told(send=waiting) == ["se", "se"]


def test_what_a_correction_changed_stands_in_the_language_that_follows_it(campaign, sami, alma, oskar):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    told_in = dict.fromkeys(("fi", "sv", "en"), "Wrong day.")
    corrections.start_correction(bulletin, by=alma, at=LATER, what_changed=told_in, share_text=told_in)
    builders.reworded(bulletin, by=alma, at=LATER)
    second = builders.published(bulletin, by=alma, approver=oskar, at=LATER)
    recall = recall_plan.plan(second, at=LATER)
    bulletin.refresh_from_db()

    late_editions.save(
        bulletin, "se", WORDS | {"what_changed": "Boasttu beaivi.", "share_text": "Divun."}, by=alma, at=LATER
    )
    late = late_editions.submit(bulletin, "se", by=alma, at=LATER)
    late_editions.approve(bulletin, "se", digest=late.digest, by=oskar, at=LATER)

    second.refresh_from_db()
    recall.refresh_from_db()
    assert second.what_changed == {**told_in, "se": "Boasttu beaivi."} == recall.what_changed
    assert second.share_text["se"] == "Divun."


def test_what_is_urgent_waits_for_no_language(campaign, sami, alma, oskar):
    version = builders.build_published_version(campaign, by=alma, approver=oskar, urgency="urgent")
    assert version.mailing.awaits == []
    assert fanout.fan_out(Send.objects.get(), at=NOON) == 8 and told().count("se") == 2
    approve(version.bulletin, alma, oskar)
    assert fanout.fan_out(Send.objects.get(language="se"), at=LATER) == 0


def test_today_has_a_language_that_waits_for_approval_for_whoever_may_approve_it(
    campaign, sami, alma, oskar, signed_in, desk_at_noon
):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    late_editions.save(bulletin, "se", WORDS, by=alma, at=LATER)

    def waiting(user: Any) -> list[tuple[str, str]]:
        return [(one.words, one.address) for one in signed_in(user).get(reverse("admin:today")).context["yeses"]]

    assert waiting(oskar) == []  # a draft is nobody's to approve
    late = late_editions.submit(bulletin, "se", by=alma, at=LATER)
    (said,) = waiting(oskar)
    assert said[0] == f"Bulletin {bulletin.number} in one more language needs approval: Northern Sami."
    assert said[1] == reverse("admin:bulletins_bulletin_later", args=[bulletin.pk, "se"])
    assert waiting(alma) == []
    late_editions.approve(bulletin, "se", digest=late.digest, by=oskar, at=LATER)
    assert waiting(oskar) == []


def test_a_language_that_the_campaign_was_given_after_publication_is_printed_with_its_own_words(campaign, alma, oskar):
    builders.build_audience(campaign, size=4, language=("fi", "se"))
    version = builders.build_published_version(campaign, by=alma, approver=oskar)
    before = version.printed["languages"]
    CampaignLanguage.objects.create(
        campaign=campaign,
        code="se",
        position=9,
        name="Čázi birra",
        hashtag="#čáhci",
        sender_name="Joavku",
        must_be_ready=False,
    )
    version.bulletin.refresh_from_db()
    approve(version.bulletin, alma, oskar)

    version.refresh_from_db()
    assert version.printed["languages"][:-1] == before  # what was printed stays
    assert (version.words.in_language("se").name, version.words.hashtag("se")) == ("Čázi birra", "#čáhci")
    cards = message_cards.specs_published(version, "se")
    assert cards and {(one.campaign, one.hashtag) for one in cards} == {("Čázi birra", "#čáhci")}


def test_whoever_approves_what_is_urgent_reads_who_gets_it_in_another_language(campaign, sami, alma):
    bulletin = builders.build_bulletin(campaign, by=alma, urgency="urgent")
    builders.submitted(bulletin, by=alma)

    plan = distribution.distribution_of(bulletin, at=NOON)

    first = next(code for code in sami.languages if code != "se")
    assert (plan.people, plan.waits(), plan.first.heads.by_language.get("se", 0)) == (8, [], 0)
    assert plan.first.substitutes() == [
        f"Northern Sami is not there: its 2 readers get it in another language: {language_name(first)}."
    ]


@pytest.mark.parametrize("step", ["correct", "withdraw"])
def test_a_correction_and_a_withdrawal_do_not_wait_for_words_in_a_language_that_follows(
    step, campaign, sami, alma, oskar, signed_in
):
    bulletin = builders.build_published_version(campaign, by=alma, approver=oskar).bulletin
    words = {f"what_changed__{code}": "Klo 9." for code in ("fi", "sv", "en")}
    page = reverse(f"admin:bulletins_bulletin_{step}", args=[bulletin.pk])

    lacking = signed_in(alma).post(page, words | {"what_changed__sv": ""})
    assert lacking.status_code == 422 and "Missing: sv." in lacking.content.decode()
    assert signed_in(alma).post(page, words).status_code == 302

    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT and "se" not in bulletin.what_changed


def test_what_is_still_to_be_written_is_named_and_another_language_can_be_read_beside_it(
    campaign, sami, alma, signed_in
):
    bulletin = builders.build_published_version(
        campaign, by=alma, approver=builders.build_user("ritva", "approver")
    ).bulletin
    late_editions.save(bulletin, "se", WORDS | {"body": "", "messages-opening": "", "preheader": ""}, by=alma, at=LATER)

    with pytest.raises(NotAllowed, match=r"still to be written in this language: Text \(Markdown\), Key message 1\."):
        late_editions.submit(bulletin, "se", by=alma, at=LATER)

    page = late_editions.page_of(bulletin, "se")
    original, english = (signed_in(alma).get(page + query) for query in ("", "?beside=en"))
    assert original.context["languages_beside"][0][0] == original.context["beside"] == bulletin.original_language
    assert next(row.original for row, _text in english.context["rows"]) == TEXTS["en"]["title"]
    assert signed_in(alma).get(page + "?beside=xx").context["beside"] == bulletin.original_language
