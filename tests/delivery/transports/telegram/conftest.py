"""A bot, and Telegram on this machine."""

import pytest

from tests.support.providers.telegram_api import TOKEN, TelegramApi


@pytest.fixture
def api(settings, own_buckets):
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT, settings.TELEGRAM_SECRET = TOKEN, "ministry_bot", "s3cret"
    settings.TRANSPORTS = {**settings.TRANSPORTS, "telegram": "telegram"}
    with TelegramApi() as running:
        settings.FETCH_ALLOW = [running.place]
        settings.TELEGRAM_URL = f"http://{running.place}"
        yield running
