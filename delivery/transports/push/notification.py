"""
What a notification says: declarative web push, which browsers that know it show by themselves; in others the portal's service
worker does (static/influencers/offline.js). Everybody's is the same.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.text import Truncator

from delivery.models import Mailing, Message
from lib.text.languages.languages import site_language
from lib.text.languages.spoken_languages import direction

from .encryption import MOST

FORMAT = 8030  # by which browsers know it
PAGE = "X-Page"  # the header of a message that names the page to which a tap leads
TOPIC = "X-Topic"  # the header of one without a mailing that names what it is about
URGENT = "X-Urgent"  # the header of one without a mailing that is

# How long a push service keeps what it cannot hand over, in seconds, and how soon it wakes a device for it (RFC 8030 §5.3).
LASTS = {Mailing.Queue.URGENT: 24 * 3600, Mailing.Queue.BULLETIN: 3 * 24 * 3600, Mailing.Queue.DIGEST: 24 * 3600}
URGENCY = {Mailing.Queue.URGENT: "high", Mailing.Queue.BULLETIN: "normal", Mailing.Queue.DIGEST: "low"}


def queue_of(message: Message) -> Mailing.Queue:
    """Return the queue of a message; one without a mailing goes as a bulletin does, unless it is urgent."""
    if message.mailing_id:
        return Mailing.Queue(message.mailing.queue)
    return Mailing.Queue.URGENT if URGENT in message.headers else Mailing.Queue.BULLETIN


def topic_of(message: Message) -> str:
    """Return what is the same in all versions: the newest takes the place of those before it, on its way and on the device."""
    if not message.mailing_id:
        return f"word-{message.headers.get(TOPIC, '')}"
    return f"mailing-{message.mailing.thread_id or message.mailing_id}"


def headers_of(message: Message) -> dict[str, str]:
    """Return what the push service is told."""
    queue = queue_of(message)
    return {"TTL": str(LASTS[queue]), "Urgency": URGENCY[queue], "Topic": topic_of(message)}


def payload_of(message: Message) -> bytes:
    """Return a message as a notification, as much of its text as there is room for."""
    home = f"{settings.PUBLIC_URL}/{site_language(message.language)}/"
    shown: dict[str, Any] = {
        "title": " ".join(message.subject.split()),
        "lang": message.language,
        "dir": direction(message.language),
        "body": message.text.strip(),
        "navigate": message.headers.get(PAGE, home),
        "tag": topic_of(message),
        "renotify": True,
        "requireInteraction": queue_of(message) == Mailing.Queue.URGENT,
        "timestamp": int(message.created_at.timestamp() * 1000),
    }
    room = len(shown["body"])
    while len(octets := in_octets(shown)) > MOST:
        room = min(room, MOST) * 9 // 10
        shown["body"] = Truncator(message.text.strip()).chars(room)
    return octets


def in_octets(shown: dict[str, Any]) -> bytes:
    """Return what is encrypted."""
    whole = {"web_push": FORMAT, "notification": shown}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
