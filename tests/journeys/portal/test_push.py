"""Notifications in a real browser: asking on the page, what it says of this device, and what the service worker shows."""

import pytest
from playwright.sync_api import expect

from delivery.models import Channel, Message, Recipient
from delivery.transports.push import vapid
from delivery.transports.push.notification import PAGE, payload_of
from tests.journeys.page_checks import follow, in_the_end, wrong_with
from tests.support.builders import build_influencer, build_mailing
from tests.support.providers.push_service import Browser

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

# A browser of a test has nobody to ask and no push service: this stands for both.
STANDS_IN = """
Object.defineProperty(Notification, "permission", { get: () => "granted" });
Notification.requestPermission = async () => "granted";
PushManager.prototype.getSubscription = async () => localStorage.given && !localStorage.over
  ? { endpoint: JSON.parse(localStorage.given).endpoint, unsubscribe: async () => (localStorage.over = "1") } : null;
PushManager.prototype.subscribe = async (options) => {
  if (options.applicationServerKey.length !== 65) throw new Error("no key");
  localStorage.given = JSON.stringify(%s);
  return { toJSON: () => JSON.parse(localStorage.given) };
};
"""


@pytest.fixture
def elli(live_site, campaign, settings):
    settings.EXERCISE_CHANNELS = ["push"]
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = vapid.new_pair()[0], "mailto:desk@example.org"
    return build_influencer(campaign, "elli", language="en")


def test_a_device_is_allowed_shown_and_removed_and_its_worker_shows_what_comes(campaign, elli, browse_as, live_site):
    page = browse_as(elli.user)
    page.add_init_script(STANDS_IN % Browser().given("https://fcm.googleapis.com/fcm/send/abc"))
    page.goto(f"{live_site}/en/portal/settings/channels/")
    page.get_by_role("button", name="Allow notifications on this device").click()
    expect(page.get_by_text("Allowed on this device.")).to_be_visible()
    expect(page.get_by_text("This device", exact=True)).to_be_visible()
    assert not wrong_with(page, "en")

    message = Message(channel=Channel.PUSH, language="en", subject="Boil tap water", text="Until Friday.")
    message.mailing, message.headers = build_mailing(campaign), {PAGE: f"{live_site}/en/portal/bulletins/6/"}
    devtools = page.context.new_cdp_session(page)
    workers = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    in_the_end(page, lambda: bool(workers))
    worker = page.context.service_workers[0]
    # A browser without a screen grants no worker that it shows something, and opens no window from it.
    worker.evaluate("self.registration.showNotification = async (...what) => (self.shown = what)")
    worker.evaluate("self.clients.openWindow = async (url) => (self.led = url)")
    come = {"origin": live_site, "registrationId": workers[0]["registrationId"], "data": payload_of(message).decode()}
    devtools.send("ServiceWorker.deliverPushMessage", come)
    in_the_end(page, lambda: worker.evaluate("Boolean(self.shown)"))
    title, shown = worker.evaluate("self.shown")
    assert (title, shown["body"], shown["tag"]) == ("Boil tap water", "Until Friday.", f"mailing-{message.mailing.pk}")
    for asked, led in (
        (shown["data"]["navigate"], message.headers[PAGE]),
        ("https://elsewhere.test/", f"{live_site}/en/portal/"),
    ):
        worker.evaluate("opened", asked)
        assert worker.evaluate("self.led") == led

    follow(page.get_by_role("button", name="Remove"))
    assert page.evaluate("localStorage.over") == "1", "the browser gave it up"
    expect(page.get_by_role("button", name="Allow notifications on this device")).to_be_visible()
    assert not Recipient.objects.filter(channel="push", state="active").exists()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("delete window.PushManager", "This browser knows no notifications"),
        (
            "Object.defineProperty(Notification, 'permission', { get: () => 'denied' })",
            "blocks notifications of this site",
        ),
    ],
)
def test_the_page_says_why_notifications_are_not_to_be_had(elli, browse_as, live_site, script, says):
    page = browse_as(elli.user)
    page.add_init_script(script)
    page.goto(f"{live_site}/en/portal/settings/channels/")
    expect(page.get_by_text(says)).to_be_visible()
    expect(page.get_by_role("button", name="Allow notifications on this device")).to_be_hidden()
