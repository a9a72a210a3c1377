"""A new SECRET_KEY: with the old one among the fallbacks all goes on, without it nothing that it signed opens."""

import runpy
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from delivery import leaving, reading
from delivery.models import address_hash
from delivery.signing import BadLink
from delivery.subscribing import linking, preferring
from influencers import inviting
from influencers.joining import applying
from influencers.models import Application, Invitation
from tests import builders
from tests.builders import NOON

pytestmark = pytest.mark.django_db
NEW = "another key for tests only, long enough for every check of its length"


@pytest.fixture
def opens(campaign: Any, alma: Any) -> dict[str, Callable[[], bool]]:
    """What was signed under the old key, each with a look whether it still opens."""
    client = Client()
    client.force_login(alma)
    audience = builders.build_audience(campaign, size=1)
    mailing = builders.build_mailing(campaign)
    recipient = audience.memberships.get().recipient
    leave = leaving.unsubscribe_url(recipient.pk, mailing.pk, "en").rstrip("/").rsplit("/", 1)[-1]
    read = (
        reading.ReadLinks(mailing.messages.get(language="en").pk, "en").of(recipient.pk).rstrip("/").rsplit("/", 1)[-1]
    )
    invitation = Invitation.objects.create(
        influencer=builders.build_influencer(campaign, "ines", state="proposed"), by=alma, at=NOON, next_attempt_at=NOON
    )
    invited = inviting.token_of(invitation)
    subscription = builders.build_subscription(builders.build_digest(campaign), "reader@example.net")
    prefer = linking.PreferenceLinks(campaign.pk, "en").token(subscription.recipient_id, subscription.recipient.email)
    application = Application.objects.create(
        campaign=campaign,
        email="a@example.org",
        language="fi",
        code_sent_at=NOON,
        created_at=NOON,
        browser=applying.mark_of("secret of a browser"),
    )
    application.code_hash = applying.hash_of(application, "123456")
    application.save()

    def tries(deed: Callable[[], Any]) -> Callable[[], bool]:
        def tried() -> bool:
            try:
                return bool(deed())
            except (BadLink, inviting.DeadLink):
                return False

        return tried

    return {
        "a session": lambda: client.get("/desk/").status_code == 200,
        "the link to unsubscribe": tries(lambda: leaving.read(leave)),
        "the link to read a mail": tries(lambda: reading.page(read)),
        "an invitation": tries(lambda: inviting.named_by(invited)),
        "the link to preferences": tries(lambda: preferring.read(prefer)),
        "a code": lambda: applying.is_code_of(application, "123456"),
        "the browser that asked": lambda: applying.application_of(campaign, "secret of a browser") is not None,
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
    assert not applying.is_code_of(application, "123457")
    application.code_hash = ""
    assert not applying.is_code_of(application, "")


def test_who_must_get_no_mail_is_known_under_every_secret_key_but_not_under_another_suppression_key(settings):
    before = address_hash("anna@example.org")
    settings.SECRET_KEY = NEW
    assert address_hash("anna@example.org") == before
    settings.SUPPRESSION_KEY = NEW
    assert address_hash("anna@example.org") != before


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
    read = runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))
    assert (read["SECRET_KEY"], read["SUPPRESSION_KEY"]) == (NEW, f"{NEW}-3")
    assert read["DATABASES"]["default"]["PASSWORD"] == "secret" and read["MAIL"]["password"] == "secret"
    assert (read["NOTIFY_SECRET"], read["METRICS_TOKEN"]) == ("n", "m")
    assert read["WEBHOOK_SECRETS"] == ["a:b"] and read["WEBHOOK_KEYS"] == {"mailgun": "k"}
    assert {path.name for path in read["SECRET_FILES"]} == set(secrets)

    monkeypatch.setenv("SECRET_KEY", "both")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))
