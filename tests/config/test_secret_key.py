"""
A new SECRET_KEY: with the old one among the fallbacks all goes on, without it nothing that it signed opens. And what was
signed for one purpose opens nothing else.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.crypto import keyed_hashes
from delivery.links import confirmation_links, preference_links, unsubscribe
from delivery.links.signing import BadLink, LinkSigner
from delivery.message import verp, web_version
from delivery.models import NewAddress, SeedAddress, address_hash
from delivery.seeds import seed_list
from delivery.subscriptions import subscription_choices
from influencers.inbox.mail import reply_addresses
from influencers.models import Application, Invitation
from influencers.onboarding import applications, invitations, join_codes
from tests.support import builders
from tests.support.builders import NOON
from tests.support.fresh_settings import read_settings

pytestmark = pytest.mark.django_db
NEW = "another key for tests only, long enough for every check of its length"


class Link(NamedTuple):
    """What stands in a link, what it was signed for, and what opens it."""

    token: str
    purpose: str
    read: Callable[[str], Any]


@pytest.fixture
def links(campaign: Any, alma: Any) -> dict[str, Link]:
    """A link of each kind, signed under the old key."""

    def token_in(url: str) -> str:
        return url.rstrip("/").rpartition("/")[2]

    audience = builders.build_audience(campaign, size=1)
    mailing = builders.build_mailing(campaign)
    recipient = audience.memberships.get().recipient
    invitation = Invitation.objects.create(
        influencer=builders.build_influencer(campaign, "ines", state="proposed"), by=alma, at=NOON, next_attempt_at=NOON
    )
    subscription = builders.build_subscription(builders.build_digest(campaign), "reader@example.net")
    waiting = NewAddress.objects.create(
        subscription=subscription, email="new@example.net", secret="secret", asked_at=NOON
    )
    seed = SeedAddress.objects.create(campaign=campaign, email="press@example.org", language="fi", asked_at=NOON)
    return {
        "the link to unsubscribe": Link(
            token_in(builders.unsubscribe_url(recipient.pk, mailing.pk, "en")), unsubscribe.PURPOSE, unsubscribe.read
        ),
        "the link to read a mail": Link(
            token_in(web_version.ReadLinks(mailing.messages.get(language="en").pk, "en").of(recipient.pk)),
            web_version.PURPOSE,
            web_version.page,
        ),
        "an invitation": Link(invitations.token_of(invitation), invitations.PURPOSE, invitations.named_by),
        "the link to preferences": Link(
            preference_links.PreferenceLinks(campaign.pk, "en").token(
                subscription.recipient_id, subscription.recipient.email
            ),
            preference_links.PREFER,
            subscription_choices.read,
        ),
        "the link to confirm an address": Link(
            token_in(confirmation_links.confirm_url(waiting, language="en", at=NOON)),
            confirmation_links.CONFIRM,
            lambda token: confirmation_links.read_confirm(token, at=NOON),
        ),
        "the link to say yes to drafts": Link(
            seed_list.token_of(seed), seed_list.PURPOSE, lambda token: seed_list.read(token, at=NOON)
        ),
    }


def opens_with(link: Link, token: str) -> bool:
    """Return whether what opens a link opens with this token."""
    try:
        return bool(link.read(token))
    except (BadLink, invitations.DeadLink):
        return False


@pytest.fixture
def opens(campaign: Any, alma: Any, links: dict[str, Link]) -> dict[str, Callable[[], bool]]:
    """What was signed under the old key, each with a look whether it still opens."""
    client = Client()
    client.force_login(alma)
    application = Application.objects.create(
        campaign=campaign,
        email="a@example.org",
        language="fi",
        code_sent_at=NOON,
        created_at=NOON,
        browser=applications.mark_of("secret of a browser"),
    )
    application.code_hash = join_codes.hash_of(application, "123456")
    application.save()
    return {
        "a session": lambda: client.get("/desk/").status_code == 200,
        "a code": lambda: join_codes.is_code_of(application, "123456"),
        "the browser that asked": lambda: applications.application_of(campaign, "secret of a browser") is not None,
        **{name: partial(opens_with, link, link.token) for name, link in links.items()},
    }


def still(opens: dict[str, Callable[[], bool]]) -> dict[str, bool]:
    return {name: look() for name, look in opens.items()}


def test_all_goes_on_with_the_old_key_among_the_fallbacks_and_nothing_without(opens, settings):
    assert set(still(opens).values()) == {True}
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old]
    assert {name for name, is_open in still(opens).items() if not is_open} == set()

    settings.SECRET_KEY_FALLBACKS = []
    assert {name for name, is_open in still(opens).items() if is_open} == {"a session"}, "used meanwhile, it moved over"


def test_without_the_old_key_everybody_has_to_log_in_again(alma, campaign, settings):
    client = Client()
    client.force_login(alma)
    assert client.get("/desk/").status_code == 200
    settings.SECRET_KEY = NEW
    answer = client.get("/desk/")
    assert answer.status_code == 302 and "login" in answer["Location"]


def test_a_code_that_is_wrong_is_wrong_under_every_key(opens, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY]
    application = Application.objects.get()
    assert not join_codes.is_code_of(application, "123457")
    application.code_hash = ""
    assert not join_codes.is_code_of(application, "")


def test_who_must_get_no_mail_is_known_under_every_secret_key_but_not_under_another_suppression_key(settings):
    before = address_hash("anna@example.org")
    settings.SECRET_KEY = NEW
    assert address_hash("anna@example.org") == before
    settings.SUPPRESSION_KEY = NEW
    assert address_hash("anna@example.org") != before


def test_a_link_of_one_kind_opens_nothing_of_another(links):
    assert len({link.purpose for link in links.values()}) == len(links)
    for name, link in links.items():
        says = LinkSigner(link.purpose).unsign(link.token)
        opened_by = [one for one, other in links.items() if opens_with(link, LinkSigner(other.purpose).sign(says))]
        assert opened_by == [name]


# What a mark stands in, around {}, and what finds it there.
MARKED = {
    "the Message-ID of a delivery": (
        lambda: verp.message_id(7, "example.org"),
        "<{}@example.org>",
        verp.delivery_of_message_id,
    ),
    "the return path of a delivery": (
        lambda: verp.return_path(7, "bounces@example.org"),
        "bounces+{}@example.org",
        verp.delivery_of_return_path,
    ),
    "the address for replies": (
        lambda: reply_addresses.reply_address(7, replies="desk@example.org"),
        "desk+reply-{}@example.org",
        reply_addresses.thread_of_address,
    ),
    "the Message-ID of an answer": (
        lambda: reply_addresses.message_id(7, "example.org"),
        "<talk.{}@example.org>",
        reply_addresses.message_of_id,
    ),
    "the return path of an answer": (
        lambda: reply_addresses.return_path(7, bounces="bounces@example.org"),
        "bounces+talk-{}@example.org",
        lambda address: reply_addresses.message_of_return_mark(f"+{address.partition('+')[2].partition('@')[0]}"),
    ),
}


@pytest.mark.parametrize("kind", MARKED)
def test_a_mark_of_one_kind_is_none_of_another(kind):
    make, around, find = MARKED[kind]
    before, after = around.split("{}")
    mark = make().removeprefix(before).removesuffix(after)

    found_by = [one for one, (_make, other, find) in MARKED.items() if find(other.format(mark)) is not None]
    assert found_by == [kind] and find(make()) == 7


def test_what_is_kept_of_a_secret_is_kept_for_one_purpose():
    kept = keyed_hashes.mark("accounts.login.views.code_by_mail", "123456")

    assert keyed_hashes.is_mark_of(kept, "accounts.login.views.code_by_mail", "123456")
    assert not keyed_hashes.is_mark_of(kept, "influencers.onboarding.code", "123456")
    assert not keyed_hashes.is_mark_of(kept, "accounts.login.views.code_by_mail", "123457")


def test_every_secret_can_come_from_a_file(monkeypatch, tmp_path, settings):
    secrets = {
        "SECRET_KEY": NEW,
        "SECRET_KEY_FALLBACKS": "former-key",
        "SUPPRESSION_KEY": f"{NEW}-3",
        "DATABASE_URL": "postgres://u:secret@h/b",
        "REDIS_URL": "redis://:secret@h:6379/0",
        "MAIL_URL": "smtps://u:secret@h",
        "NOTIFY_SECRET": "n",
        "METRICS_TOKEN": "m",
        "WEBHOOK_SECRETS": "a:b",
        "WEBHOOK_KEYS": "mailgun=k",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    read = read_settings()
    assert (read["SECRET_KEY"], read["SUPPRESSION_KEY"]) == (NEW, f"{NEW}-3")
    assert read["DATABASES"]["default"]["PASSWORD"] == "secret" and read["MAIL"]["password"] == "secret"
    assert (read["NOTIFY_SECRET"], read["METRICS_TOKEN"]) == ("n", "m")
    assert read["WEBHOOK_SECRETS"] == ["a:b"] and read["WEBHOOK_KEYS"] == {"mailgun": "k"}
    assert {path.name for path in read["SECRET_FILES"]} == set(secrets)

    monkeypatch.setenv("SECRET_KEY", "both")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        read_settings()
