"""A bulletin by channels beside mail: the words that go, and what a correction or a withdrawal says to their readers."""

from datetime import timedelta

import pytest
from django.utils.translation import gettext, override

from bulletins.checks.completeness import missing_channel_words, words_of_correction
from bulletins.checks.registry import load_workspace
from bulletins.editing.admin.correction_diff import changes_of
from bulletins.models import Variant
from bulletins.publication import channel_costs, corrections
from campaigns.platforms import sms_parts
from delivery.links.seen_links import ShortSeenLinks
from delivery.models import Channel, Message, Send
from delivery.models.recipients import address_form
from delivery.sending import dispatch, worker
from delivery.transports import costs
from tests.delivery.fanout.test_channels import address_of, people_of
from tests.support.builders import NOON, build_audience, build_bulletin, editor, in_all, published

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def network(campaign, settings):
    settings.EXERCISE_CHANNELS = ["sms"]
    return build_audience(campaign, size=2, kind="influencers")


def with_words(campaign, network, *, languages=("fi", "sv", "en"), **fields):
    """Return a draft with a text message in some languages."""
    bulletin = build_bulletin(campaign, audiences=[network], **fields)
    for edition in bulletin.editions.filter(language__in=languages):
        Variant.objects.create(edition=edition, platform="sms", caption=f"Boil your water. {edition.language}")
    return bulletin


def test_the_words_that_were_approved_go_by_their_channel_and_the_portal_does_not_offer_them(campaign, network):
    version = published(with_words(campaign, network))

    said = Message.objects.settling(Channel.SMS).get(mailing=version.mailing, language="fi")
    assert said.text == "Boil your water. fi" and not said.html
    assert sorted(Send.objects.filter(mailing=version.mailing).values_list("channel", flat=True)) == ["mail", "sms"]
    assert not any("variants" in one.content and one.content["variants"] for one in version.editions.all())


@pytest.mark.parametrize(
    "text",
    [
        *("Withdrawn: %(title)s", "Withdrawn: %(what)s", "Bulletin %(number)s is withdrawn"),
        *("We have withdrawn this bulletin.", "We have withdrawn a fact-check in this bulletin."),
        *("This fact-check is withdrawn", "This fact-check is withdrawn. Stop sharing it."),
    ],
)
def test_what_is_withdrawn_has_one_word_in_swedish_by_every_channel(text):
    with override("sv"):
        said = gettext(text)
    assert "återkall" in said.lower(), said


def test_an_urgent_one_that_asks_has_each_readers_short_link_which_counts_in_its_length(campaign, network, smtp_sink):
    phone = address_of(people_of(network)[0], "+358401234567", "urgent")
    bulletin = with_words(campaign, network, urgency="urgent", asks_seen=True)
    Variant.objects.filter(edition__bulletin=bulletin).update(caption="Boil your water. " * 8)
    assert sms_parts.count("Boil your water. " * 8) == 1
    [cost] = channel_costs.of_messages(bulletin, at=NOON)
    assert (cost.people, cost.parts) == (1, 2)

    version = published(bulletin)
    dispatch.start_due_sends(at=NOON)
    send = Send.objects.get(mailing=version.mailing, channel="sms")
    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=1))

    [letter] = [one for one in smtp_sink.caught if "@sms.invalid" in one.message["To"]]
    words = letter.message.get_content()
    assert ShortSeenLinks(version.mailing_id).of(phone.pk, address_form("sms", phone.address)) in words
    assert costs.of_send(send).parts == 2 and len(words.strip()) <= 2 * sms_parts.SEPTETS_OF_SEVERAL


@pytest.mark.parametrize("kind", ["correction", "retraction"])
def test_a_new_version_follows_the_channel_though_nobody_wrote_words_for_it(campaign, network, kind):
    phone = address_of(people_of(network)[0], "+358401", "bulletins")
    before = published(with_words(campaign, network))
    dispatch.start_due_sends(at=NOON)
    before.mailing.deliveries.update(state="accepted", finished_at=NOON)

    bulletin, told = before.bulletin, in_all(en="Boil it longer.", fi="Keitä pidempään.", sv="Koka längre.")
    if kind == "correction":
        corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)
    else:
        corrections.retract(bulletin, by=editor(), at=LATER, what_changed=told)
    Variant.objects.filter(edition__bulletin=bulletin).delete()
    after = published(bulletin, at=LATER)
    send = Send.objects.get(mailing=after.mailing, channel="sms")
    dispatch.start_due_sends(at=LATER + timedelta(hours=2))

    [reached] = corrections.audiences_reached(bulletin)
    assert reached.accepted == len(people_of(network)), "each once, by however many channels"
    words = Message.objects.settling(Channel.SMS).get(mailing=after.mailing, language="fi").text
    assert "Keitä pidempään." in words and "Boil your water" not in words
    assert list(send.deliveries.values_list("recipient", flat=True)) == [phone.pk]


@pytest.mark.parametrize("kind", ["correction", "retraction"])
@pytest.mark.parametrize("is_sent", [True, False])
def test_what_a_new_version_will_cost_is_what_it_costs(campaign, network, kind, is_sent):
    first, second = people_of(network)
    address_of(first, "+358401234567", "bulletins")
    before = published(with_words(campaign, network))
    if is_sent:
        dispatch.start_due_sends(at=NOON)
        before.mailing.deliveries.update(state="accepted", finished_at=NOON)
        before.mailing.sends.update(state="finished", finished_at=NOON)
    address_of(second, "+358401234568", "bulletins")  # chosen since then

    told = in_all(en="x" * 200, fi="Keitä pidempään.", sv="Koka längre.")
    if kind == "correction":
        corrections.start_correction(before.bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)
    else:
        corrections.retract(before.bulletin, by=editor(), at=LATER, what_changed=told)
    Variant.objects.filter(edition__bulletin=before.bulletin).delete()
    found = channel_costs.of_messages(before.bulletin, at=LATER)
    after = published(before.bulletin, at=LATER)
    dispatch.start_due_sends(at=LATER + timedelta(hours=2))

    sends = list(Send.objects.filter(mailing=after.mailing, channel="sms"))
    if kind == "retraction" and not is_sent:
        assert found == [] and sends == [], "nobody is told that what never came is withdrawn"
    else:
        [cost], [send] = found, sends
        assert cost.people == send.deliveries.count() == (1 if is_sent else 2)
        assert cost.parts == costs.of_send(send, states=costs.TO_PAY).parts


def test_words_that_were_sent_before_are_not_sent_again_as_the_correction(campaign, network, settings):
    settings.EXERCISE_CHANNELS = ["sms", "push"]
    draft = with_words(campaign, network, urgency="urgent", asks_seen=True)
    for edition in draft.editions.all():
        Variant.objects.create(edition=edition, platform="push", title="Water", caption="Boil it for 20 seconds.")
    before = published(draft)
    bulletin, told = (
        before.bulletin,
        in_all(en="30 seconds, not 20.", fi="30 sekuntia, ei 20.", sv="30 sekunder, inte 20."),
    )
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)
    Variant.objects.filter(edition__bulletin=bulletin, edition__language="sv", platform="push").update(title="Koka")

    found = [one for one in words_of_correction(load_workspace(bulletin, at=LATER)) if one.code == "words-sent-before"]
    shown = {
        change.language: {one.part: one.marked for one in change.differences}
        for change in changes_of(bulletin, at=LATER)
    }
    after = published(bulletin, at=LATER)

    same = {("fi", "sms"), ("sv", "sms"), ("en", "sms"), ("fi", "push"), ("en", "push")}
    assert {one.place for one in found} == {f"variant:{code}:{channel}:caption" for code, channel in same}
    said = {(one.channel, one.language): one.text for one in after.mailing.messages.exclude(channel="mail")}
    assert "30 sekuntia, ei 20." in said["sms", "fi"] and "Boil your water" not in said["sms", "fi"]
    assert said["push", "fi"] == "30 sekuntia, ei 20." and said["push", "sv"] == "Boil it for 20 seconds."
    assert "sekuntia" in shown["fi"]["Text message"] and "Boil" in shown["fi"]["Text message"], "before and now"
    assert "Email subject" not in shown["fi"]

    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)
    again = published(bulletin, at=LATER + timedelta(hours=1))
    assert {one.text for one in again.mailing.messages.filter(channel="push", language="fi")} == {"30 sekuntia, ei 20."}


@pytest.mark.parametrize(
    ("title", "words", "is_said"),
    [
        ("Water", in_all(fi="Keitä 30 sekuntia.", sv="Koka i 30 sekunder.", en="Boil it for 30 seconds."), False),
        (
            "Water",
            in_all(
                fi="Keittoaika on muuttunut: 30 sekuntia.",
                sv="Rättelse: koka i 30 sekunder.",
                en="Corrected: boil it for 30 seconds.",
            ),
            True,
        ),
        ("Corrected / Korjattu / Rättad", in_all(fi="Keitä.", sv="Koka.", en="Boil it."), True),
    ],
)
def test_new_words_of_a_correction_that_do_not_say_so_are_found(campaign, network, settings, title, words, is_said):
    settings.EXERCISE_CHANNELS = ["push"]
    draft = with_words(campaign, network)
    for edition in draft.editions.all():
        Variant.objects.create(edition=edition, platform="push", title="Water", caption="Boil it for 20 seconds.")
    bulletin = published(draft).bulletin
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=in_all(en="a", fi="b", sv="c"))
    for code, text in words.items():
        variant = Variant.objects.filter(edition__bulletin=bulletin, edition__language=code, platform="push")
        variant.update(title=title, caption=text)

    found = [one for one in words_of_correction(load_workspace(bulletin, at=LATER)) if "push" in one.place]

    places = set() if is_said else {f"variant:{code}:push:caption" for code in words}
    assert {(one.code, one.level, one.place) for one in found} == {
        ("words-not-corrected", "advice", place) for place in places
    }


def test_a_channel_that_is_new_in_a_correction_reaches_nobody_and_none_is_counted(campaign, network):
    address_of(people_of(network)[0], "+358401234567", "bulletins")
    before = published(with_words(campaign, network, languages=[]))
    told = in_all(en="a", fi="b", sv="c")
    corrections.start_correction(before.bulletin, by=editor(), at=LATER, what_changed=told, share_text=told)
    for edition in before.bulletin.editions.all():
        Variant.objects.create(edition=edition, platform="sms", caption="Boil.")

    assert channel_costs.of_messages(before.bulletin, at=LATER) == []
    found = words_of_correction(load_workspace(before.bulletin, at=LATER))
    assert sorted(one.place for one in found) == [f"variant:{code}:sms:caption" for code in ("en", "fi", "sv")]
    assert not Send.objects.filter(mailing=published(before.bulletin, at=LATER).mailing, channel="sms").exists()


def test_words_in_some_languages_only_stop_the_approval(campaign, network):
    bulletin = with_words(campaign, network, languages=["fi", "sv"])

    found = list(missing_channel_words(load_workspace(bulletin, at=NOON)))

    assert [one.place for one in found] == ["variant:en:sms:caption"]
