"""What stops Telegram before the first message: the secret, our address, and whether Telegram knows the bot and where to post."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from .bot import Bot

SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}\Z")  # Telegram takes 1 to 256 of these; short ones can be guessed


class Unready(Exception):
    """What Telegram says of the bot, with what to do: (what is wrong, what to do)."""


def findings() -> Iterator[tuple[str, str]]:
    """Yield (what is wrong, what to do) of the settings; nothing where Telegram is not set up."""
    if not settings.TELEGRAM_TOKEN:
        return
    if not SECRET.match(settings.TELEGRAM_SECRET):
        yield (
            "TELEGRAM_SECRET is short, or has other signs than letters, digits, _ and -: Telegram refuses it, or others guess it.",
            "Set it to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))', and run ./run manage telegram_webhook.",
        )
    if settings.TELEGRAM_URL.startswith("http:"):
        yield (
            f"Telegram is asked at {settings.TELEGRAM_URL}, so the bot's token travels in the clear.",
            "Set TELEGRAM_URL to an address with https, or take it away for Telegram's own.",
        )
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        yield (
            "PUBLIC_URL is not https, so Telegram posts nothing: nobody can link a chat, and nobody's /stop arrives.",
            "Set PUBLIC_URL=https://your.domain, or take TELEGRAM_TOKEN away.",
        )


def webhook() -> str:
    """Return the address to which Telegram has to post."""
    return settings.PUBLIC_URL + reverse("webhooks:telegram")


def reach() -> str:
    """Ask Telegram who the bot is and where it posts, and return the bot's name. Raise Unready, or FetchFault."""
    talk = Bot()
    try:
        known, posts = talk.call("getMe"), talk.call("getWebhookInfo")
    finally:
        talk.close()
    if not known.is_done:
        raise Unready("Telegram does not know this bot", "Correct TELEGRAM_TOKEN; @BotFather shows it")
    name = str(known.result.get("username", ""))
    if name.lower() != settings.TELEGRAM_BOT.lower():
        raise Unready(f"the token is of @{name}, and links lead to @{settings.TELEGRAM_BOT}", "Correct TELEGRAM_BOT")
    if posts.result.get("url") != webhook():
        raise Unready("Telegram posts to another address, or to none", "Run ./run manage telegram_webhook")
    return name
