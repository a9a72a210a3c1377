"""An influencer allows notifications on devices, chooses what comes by them and when it is quiet, and removes one."""

from datetime import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from delivery.models import ChannelChoice, Consent, QuietHours, Recipient
from delivery.recipients import devices
from delivery.transports.push import vapid
from tests.support import builders
from tests.support.providers.push_service import Browser

pytestmark = pytest.mark.django_db
PRIVATE, PUBLIC = vapid.new_pair()


@pytest.fixture(autouse=True)
def notifications(settings):
    settings.EXERCISE_CHANNELS = ["push"]
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = PRIVATE, "mailto:desk@example.org"


@pytest.fixture
def elli(roles, campaign):
    return builders.build_influencer(campaign, "elli", audience=builders.build_audience(campaign), language="en")


@pytest.fixture
def client(signed_in, elli):
    return signed_in(elli.user)


def post(client, name, data=None, *args):
    return client.post(reverse(f"influencers:{name}", args=args), data or {})


def page(client):
    return client.get(reverse("influencers:channels")).content.decode()


def allow(client, name="a", browser=None):
    given = (browser or Browser()).given(f"https://fcm.googleapis.com/fcm/send/{name}")
    return post(client, "push_allow", {"subscription": given})


def wants_of(person):
    return sorted(ChannelChoice.objects.filter(recipient__person=person).values_list("recipient__address", "wants"))


def test_each_device_is_an_address_and_what_comes_by_them_is_chosen_for_all(client, elli):
    assert PUBLIC in page(client)
    phone = Browser()

    for browser, name in ((phone, "phone"), (phone, "phone"), (Browser(), "tablet")):
        assert allow(client, name, browser).status_code == 302
    post(client, "push_wants", {"chosen": "1", "wants": ["urgent", "bulletins"]})

    first, second = Recipient.objects.filter(channel="push", state="active").order_by("pk")
    assert first.person == elli.recipient and Consent.objects.in_force("bulletins").filter(recipient=first).exists()
    assert [wants for _address, wants in wants_of(elli.recipient)] == ["bulletins", "urgent"] * 2
    assert page(client).count("data-device=") == 2 and "push service of Google" in page(client)

    assert post(client, "channel_leave", {}, first.pk).status_code == 302
    assert [one.pk for one in devices.devices_of(elli.recipient)] == [second.pk]
    first.refresh_from_db()
    assert first.address == "" and first.state == "left"


@pytest.mark.parametrize(
    "bad", ["", "{", "https://10.0.0.1/x", "http://push.example.test/x", "https://printer.local/x"]
)
def test_a_device_that_leads_inside_is_refused_in_words(client, elli, bad):
    given = Browser().given(bad) if "//" in bad else bad

    answer = post(client, "push_allow", {"subscription": given})

    assert answer.status_code == 422 and "Try another browser" in answer.content.decode()
    assert not Recipient.objects.filter(channel="push").exists()


def test_there_is_an_end_to_devices_and_nothing_where_they_are_not_set_up(client, elli, settings, monkeypatch):
    monkeypatch.setattr(devices, "MOST", 1)
    allow(client, "a")
    assert allow(client, "b").status_code == 422
    settings.VAPID_PRIVATE_KEY = ""
    assert "data-push-key" not in page(client) and allow(client, "c").status_code == 404
    assert Recipient.objects.filter(channel="push").count() == 1


def test_quiet_hours_are_chosen_shown_and_ended(client, elli):
    allow(client)
    assert post(client, "channel_quiet", {"begins": "22:00", "ends": ""}).status_code == 422
    assert post(client, "channel_quiet").status_code == 422 and not QuietHours.objects.exists()

    post(client, "channel_quiet", {"begins": "22:00", "ends": "07:00"})
    assert (QuietHours.objects.get(person=elli.recipient).begins, 'value="22:00"' in page(client)) == (time(22), True)
    assert '"begins": "22:00:00"' in client.get(reverse("influencers:settings_data")).content.decode()

    post(client, "channel_quiet", {"begins": "", "ends": ""})
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    ("name", "page"),
    [("channel_quiet", "channels"), ("push_wants", "channels"), ("settings_break", "settings")],
)
def test_whoever_was_logged_out_over_a_refused_form_comes_back_to_its_page(client, elli, signed_in, name, page):
    where = reverse(f"influencers:{name}")
    client.logout()
    sent = client.post(where, {"begins": "22:00"}, headers={"Referer": f"http://testserver{where}"})
    [wanted] = parse_qs(urlsplit(sent.url).query)["next"]
    assert wanted == f"{where}?unsent=1"

    back = signed_in(elli.user).get(wanted, follow=True)
    assert back.redirect_chain == [(f"{reverse(f'influencers:{page}')}?unsent=1", 302)] and back.status_code == 200


def test_devices_for_which_nothing_is_chosen_say_that_nothing_comes(client):
    silent = "Nothing is chosen here, so nothing new comes."
    assert silent not in page(client)
    allow(client)
    assert silent not in page(client)

    post(client, "push_wants", {"chosen": "1"})
    assert silent in page(client)
