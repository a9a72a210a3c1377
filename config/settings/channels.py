"""Channels beside mail: how messages leave by each, where it is set up."""

from django.core.exceptions import ImproperlyConfigured

from .installation import env
from .mail import TRANSPORTS

# In exercises nothing leaves: what would go by these channels comes to the mail catcher, so that it can be practised.
EXERCISE_CHANNELS = env.choices("EXERCISE_CHANNELS", {"push", "sms", "telegram", "whatsapp", "room"})

# Web push: our private key, which `./run manage vapid_keys` makes, and where push services reach us when something is wrong.
VAPID_PRIVATE_KEY = env.elliptic_key("VAPID_PRIVATE_KEY")
VAPID_CONTACT = env.contact("VAPID_CONTACT")
if VAPID_PRIVATE_KEY:
    TRANSPORTS["push"] = "push"

# Text messages: the provider and, while it is away, another one; who they come from.
SMS_SENDER = env.sms_sender("SMS_SENDER")
_WAYS = {
    "sms": (env.sms("SMS_URL"), SMS_SENDER),
    "sms-backup": (env.sms("BACKUP_SMS_URL"), env.sms_sender("BACKUP_SMS_SENDER") or SMS_SENDER),
}
SMS = {way: {**found, "sender": sender} for way, (found, sender) in _WAYS.items() if found}
TRANSPORTS |= dict.fromkeys(SMS, "sms")
# What the provider that is not Twilio signs its reports with.
SMS_KEY = env.text("SMS_KEY")

# Telegram: the token and the name of our bot, and the word by which it proves that an update is Telegram's.
TELEGRAM_TOKEN = env.text("TELEGRAM_TOKEN")
TELEGRAM_BOT = env.text("TELEGRAM_BOT")
TELEGRAM_SECRET = env.text("TELEGRAM_SECRET")
TELEGRAM_URL = env.url("TELEGRAM_URL", "https://api.telegram.org")
if TELEGRAM_TOKEN:
    if not (TELEGRAM_BOT and TELEGRAM_SECRET):
        raise ImproperlyConfigured("With TELEGRAM_TOKEN, TELEGRAM_BOT and TELEGRAM_SECRET are needed too.")
    TRANSPORTS["telegram"] = "telegram"

# WhatsApp: the token of a system user, the id of our number, the account that has it, the app's secret that signs what Meta posts, the word
# by which it sees that our address is ours, and the name that people see.
WHATSAPP_TOKEN = env.text("WHATSAPP_TOKEN")
WHATSAPP_PHONE = env.text("WHATSAPP_PHONE")
WHATSAPP_ACCOUNT = env.text("WHATSAPP_ACCOUNT")
WHATSAPP_SECRET = env.text("WHATSAPP_SECRET")
WHATSAPP_VERIFY = env.text("WHATSAPP_VERIFY")
WHATSAPP_NAME = env.text("WHATSAPP_NAME")
WHATSAPP_VERSION = env.text("WHATSAPP_VERSION", "v24.0")
WHATSAPP_URL = env.url("WHATSAPP_URL", "https://graph.facebook.com")
if WHATSAPP_TOKEN:
    _MISSING = [
        name
        for name, value in (
            ("WHATSAPP_PHONE", WHATSAPP_PHONE),
            ("WHATSAPP_ACCOUNT", WHATSAPP_ACCOUNT),
            ("WHATSAPP_SECRET", WHATSAPP_SECRET),
            ("WHATSAPP_VERIFY", WHATSAPP_VERIFY),
            ("WHATSAPP_NAME", WHATSAPP_NAME),
        )
        if not value
    ]
    if _MISSING:
        raise ImproperlyConfigured(f"With WHATSAPP_TOKEN, these are needed too: {', '.join(_MISSING)}.")
    if not (WHATSAPP_PHONE + WHATSAPP_ACCOUNT).isdigit():
        raise ImproperlyConfigured(
            "WHATSAPP_PHONE and WHATSAPP_ACCOUNT are ids of Meta's, of digits only; not the telephone number."
        )
    TRANSPORTS["whatsapp"] = "whatsapp"

# Chat rooms of newsrooms and partner organisations: each has an address of its own, which staff add at the desk.
CHAT_ROOMS = env.boolean("CHAT_ROOMS", False)
if CHAT_ROOMS:
    TRANSPORTS["room"] = "room"
