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
