"""An influencer adds a number by the code that comes there, chooses what comes by it, and leaves."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from delivery.models import ChannelChoice, ChannelProof, Consent, ConsentText, Recipient, Suppression
from delivery.recipients import address_codes, channel_addresses
from notifications import sending
from tests.support import builders

pytestmark = pytest.mark.django_db

NUMBER = "+358401234567"


@pytest.fixture(autouse=True)
def channels_of_exercises(settings, own_buckets):
    settings.EXERCISE_CHANNELS = ["sms"]


@pytest.fixture
def elli(roles, campaign):
    return builders.build_influencer(campaign, "elli", audience=builders.build_audience(campaign), language="en")


@pytest.fixture
def client(signed_in, elli):
    return signed_in(elli.user)


def post(client, name, data=None, *args):
    return client.post(reverse(f"influencers:{name}", args=args), data or {})


def code_in(sink):
    return re.search(r"\b\d{6}\b", sink.caught[-1].message.get_content())[0]


def add(client, sink, number="040 123 4567", wants=("urgent",)):
    assert post(client, "channel_ask", {"number": number}, "sms").status_code == 302
    return post(client, "channel_prove", {"code": code_in(sink), "wants": wants}, "sms")


def test_a_number_is_proven_by_the_code_that_comes_there_and_the_yes_is_written_down(client, elli, smtp_sink):
    assert add(client, smtp_sink, wants=["urgent", "bulletins"]).status_code == 302

    address = Recipient.objects.get(channel="sms")
    assert (address.address, address.person) == (NUMBER, elli.recipient) and not address.email
    assert Consent.objects.in_force("bulletins").filter(recipient=address).exists()
    assert str(ConsentText.objects.get(version=channel_addresses.CONSENT_TEXT).words) == str(channel_addresses.CONSENT)
    assert set(address.channel_choices.values_list("wants", flat=True)) == {"urgent", "bulletins"}
    assert not ChannelProof.objects.exists()
    assert NUMBER in smtp_sink.caught[-1].message["To"]
    page = client.get(reverse("influencers:channels")).content.decode()
    assert "+358 40 1234567" in page


def test_a_refusal_is_shown_where_it_stands_and_a_right_code_may_come_twice(client, smtp_sink):
    refused = post(client, "channel_ask", {"number": "09 123 4567"}, "sms").content.decode()
    assert (
        f'action="{reverse("influencers:channel_ask", args=["sms"])}#sms-refused"' in refused
        and 'id="sms-refused"' in refused
    )

    post(client, "channel_ask", {"number": "040 123 4567"}, "sms")
    code = {"code": code_in(smtp_sink), "wants": ["urgent"]}
    for _twice in range(2):
        assert post(client, "channel_prove", code, "sms")["Location"].endswith("?saved=1#saved")
    post(client, "channel_ask", {"number": "040 123 4568"}, "sms")
    assert post(client, "channel_prove", {"code": "000000"}, "sms").status_code == 422


def test_another_number_that_is_refused_leaves_its_fold_open_and_is_where_reading_goes_on(client, smtp_sink):
    post(client, "channel_ask", {"number": NUMBER}, "sms")
    fold = "<details><summary>Another number"
    assert fold in client.get(reverse("influencers:channels")).content.decode()

    page = post(client, "channel_ask", {"number": "09 123 4567"}, "sms").content.decode()

    inside = page.partition("<details open><summary>Another number")[2].partition("</details>")[0]
    # A browser moves the focus to where the address of the page leads, if that can have it.
    assert (
        'role="alert" id="sms-refused" tabindex="-1"' in inside
        and 'href="#sms_number"' in inside
        and "landline" in inside
    )
    assert 'tabindex="-1"' in post(client, "channel_prove", {"code": "0"}, "sms").content.decode()


def test_a_number_for_which_nothing_is_chosen_says_that_nothing_comes(client, smtp_sink):
    silent, until = "Nothing is chosen here, so nothing new comes.", "Nothing new comes there until you choose"
    page = client.get(add(client, smtp_sink, wants=[])["Location"]).content.decode()
    assert until in page and silent in page and "It applies from now on." not in page

    key = Recipient.objects.get(channel="sms").pk
    page = client.get(post(client, "channel_wants", {"wants": ["urgent"]}, key)["Location"]).content.decode()
    assert until not in page and silent not in page and "It applies from now on." in page
    assert until in client.get(post(client, "channel_wants", {}, key)["Location"]).content.decode()


def test_what_comes_by_one_channel_only_moves_with_the_choice(client, elli, smtp_sink):
    add(client, smtp_sink, wants=["bulletins"])
    add(client, smtp_sink, number="+358 50 765 4321", wants=["urgent", "bulletins"])
    first, second = Recipient.objects.filter(channel="sms").order_by("pk")
    assert not first.channel_choices.exists()

    post(client, "channel_wants", {"wants": ["bulletins"]}, first.pk)
    assert list(second.channel_choices.values_list("wants", flat=True)) == ["urgent"]
    assert post(client, "channel_wants", {"wants": ["everything"]}, first.pk).status_code == 422


def test_leaving_forgets_the_number_and_its_next_owner_may_have_it(client, elli, campaign, smtp_sink):
    add(client, smtp_sink)
    address = Recipient.objects.get(channel="sms")
    [other] = builders.build_recipients(1)
    assert not channel_addresses.leave(other, address.pk, at=timezone.now())

    post(client, "channel_leave", None, address.pk)
    address.refresh_from_db()
    assert not address.address and not ChannelChoice.objects.exists()
    assert not Consent.objects.in_force("bulletins").filter(recipient=address).exists()
    assert post(client, "channel_leave", None, address.pk).status_code == 404

    taken = channel_addresses.take(other, "sms", NUMBER, wants=["urgent"], at=timezone.now())
    mine = channel_addresses.take(elli.recipient, "sms", NUMBER, wants=["urgent"], at=timezone.now())
    taken.refresh_from_db()
    assert (taken.state, taken.address, mine.address) == ("left", "", NUMBER)


def test_an_address_that_did_not_work_works_again_once_it_is_proven_anew(client, elli, smtp_sink):
    add(client, smtp_sink)
    address = Recipient.objects.get(channel="sms")
    Suppression.objects.create(address_hash=address.address_hash, reason="no_such_address")
    assert "no longer arrive" in client.get(reverse("influencers:channels")).content.decode()

    post(client, "channel_leave", None, address.pk)
    add(client, smtp_sink)

    assert not Suppression.objects.exists()


def test_wrong_codes_run_out_and_so_do_codes_that_are_asked_for(client, elli, smtp_sink):
    post(client, "channel_ask", {"number": NUMBER}, "sms")
    right = code_in(smtp_sink)
    wrong = "000000" if right != "000000" else "111111"
    answers = [post(client, "channel_prove", {"code": wrong}, "sms") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {422}
    said = [answer.content.decode() for answer in answers]
    assert ["That is not the code" in text for text in said] == [True] * 4 + [False]
    assert "Too many wrong codes were typed. Have another one sent." in said[4] and 'name="code"' not in said[4]
    assert post(client, "channel_prove", {"code": right}, "sms").status_code == 422
    assert not Recipient.objects.filter(channel="sms").exists()

    asked = [post(client, "channel_ask", {"number": NUMBER}, "sms").status_code for _ in range(3)]
    assert asked == [302, 302, 422] and len(smtp_sink.caught) == 3


def test_a_guess_is_counted_before_it_is_compared(client, elli, smtp_sink, monkeypatch):
    """Guesses made at the same moment would all find the same number of tries."""
    post(client, "channel_ask", {"number": NUMBER}, "sms")
    counted = []

    def compared(mine, theirs):
        counted.append(ChannelProof.objects.get().tries)
        return False

    monkeypatch.setattr(address_codes.hmac, "compare_digest", compared)
    for _guess in range(7):
        post(client, "channel_prove", {"code": "123456"}, "sms")

    assert counted == [1, 2, 3, 4, 5]


def test_an_old_code_and_what_is_no_mobile_number_are_refused_with_words(client, elli, smtp_sink):
    post(client, "channel_ask", {"number": NUMBER}, "sms")
    ChannelProof.objects.update(asked_at=timezone.now() - timedelta(minutes=11))

    answer = post(client, "channel_prove", {"code": code_in(smtp_sink)}, "sms")
    assert answer.status_code == 422 and "expired" in answer.content.decode()
    for typed in ("09 123 4567", "hello", "", "1" * 60):
        assert post(client, "channel_ask", {"number": typed}, "sms").status_code == 422
    assert post(client, "channel_ask", {"number": NUMBER}, "telegram").status_code == 404
    assert len(smtp_sink.caught) == 1


def test_pages_name_channels_only_where_there_are_any(client, settings):
    assert reverse("influencers:channels") in client.get(reverse("influencers:settings")).content.decode()
    settings.EXERCISE_CHANNELS = []
    assert reverse("influencers:channels") not in client.get(reverse("influencers:settings")).content.decode()


@pytest.mark.both
def test_whoever_had_a_number_that_somebody_else_proves_is_told_once_by_mail(client, elli, campaign, smtp_sink):
    first = builders.build_influencer(campaign, "otso", audience=builders.build_audience(campaign, "b"), language="fi")
    channel_addresses.take(first.recipient, "sms", NUMBER, wants=["urgent"], at=timezone.now())
    add(client, smtp_sink)
    smtp_sink.caught.clear()
    channel_addresses.take(elli.recipient, "sms", NUMBER, wants=["urgent"], at=timezone.now())  # their own, anew

    sending.deliver_notices(at=timezone.now())

    [letter] = smtp_sink.caught
    body = letter.message.get_content()
    assert letter.recipient == first.recipient.email and "+358 … 67" in " ".join(letter.message["Subject"].split())
    assert letter.message["Content-Language"] == "fi" and "/fi/portal/" in body
    assert NUMBER not in body and "1234567" not in body and elli.name not in body
