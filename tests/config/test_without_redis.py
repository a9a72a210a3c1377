"""Redis is dead: people log in, join, subscribe, report and ask as before, and limits hold, which are in the database."""

from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import rate_limit
from accounts.models import Attempt
from config.backends import redis_cache
from tests.support import builders
from tests.support.system_parts import free_port
from website.check_text.views import CHECKS_AN_HOUR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def dead_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache and a broker where nobody listens."""
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": {"BACKEND": "config.backends.redis_cache.FailsafeCache", "LOCATION": url}}

    def away(*unused: Any, **named: Any) -> None:
        raise OperationalError("Connection refused.")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)


def test_a_cache_that_is_away_has_nothing_and_keeps_nothing(dead_redis):
    assert isinstance(caches["default"], redis_cache.FailsafeCache)
    cache.set("a", 1)
    cache.set_many({"a": 1})
    assert (cache.get("a", "none"), cache.get_many(["a"]), "a" in cache) == ("none", {}, False)
    assert cache.add("a", 1) and not cache.delete("a") and not cache.touch("a")
    assert cache.get_or_set("a", lambda: 2) == 2


def test_everything_that_the_public_does_is_answered_and_limits_hold(dead_redis, campaign, alma, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    builders.build_published_version(campaign, at=timezone.now())
    builders.build_digest(campaign)
    client = Client(raise_request_exception=False)
    forms: dict[str, dict[str, str]] = {
        "/en/account/login/code/": {"email": alma.email},
        "/en/account/login/": {"login": alma.email, "password": "wrong"},
        "/en/subscribe/": {"email": "a@example.net", "language": "en", "cadence": "digest-week", "consent": "on"},
        "/en/facts/report/": {
            "text": "Hot water cures the virus", "language": "en", "platform": "facebook", "seen_on": "2026-03-24", "token": "a" * 32,
        },
        "/en/check/": {"text": "Hot water cures the virus"},
        "/en/join/": {"email": "b@example.net"},
    }  # fmt: skip
    pages = ["/en/", "/en/bulletins/?q=water", "/en/facts/", "/en/feeds/rss.xml", "/api/v1/bulletins", "/en/join/"]
    answers = {path: client.get(path).status_code for path in pages}
    answers |= {f"POST {path}": client.post(path, fields).status_code for path, fields in forms.items()}
    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert {answers[path] for path in pages} == {200}

    for _number in range(CHECKS_AN_HOUR - 1):
        assert rate_limit.allow("check", "127.0.0.1", most=CHECKS_AN_HOUR, seconds=3600)
    assert client.post("/en/check/", {"text": "Hot water cures the virus"}).status_code == 429
    assert Attempt.objects.filter(bucket="check").count() == CHECKS_AN_HOUR
