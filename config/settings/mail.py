"""Mail: how it leaves, what comes back, and how its domain is examined."""

from django.core.exceptions import ImproperlyConfigured

from lib.http.url_parts import is_loopback

from .installation import env

CATCHER = "smtp://127.0.0.1:1025"
MAIL = env.mail("MAIL_URL", CATCHER)
BACKUP_MAIL = env.mail("BACKUP_MAIL_URL", "") if env.text("BACKUP_MAIL_URL") else None
EXERCISE_MAIL = env.smtp("EXERCISE_MAIL_URL", CATCHER)
if not is_loopback(EXERCISE_MAIL["host"]):
    raise ImproperlyConfigured(
        "EXERCISE_MAIL_URL must name a mail catcher on this machine (127.0.0.1): "
        "an exercise may never reach a real inbox."
    )
ANYMAIL = env.anymail()
# The mailers: "default" for live campaigns, "backup" while that one is away, "exercise" for exercises.
MAILERS = {"default": env.mailer(MAIL), "exercise": env.mailer(EXERCISE_MAIL)}
# How a send's messages leave by each: our SMTP client ("smtp"), a provider's API ("esp"), or Django's own
# backend, mail by mail ("mailer").
TRANSPORT = env.choice("TRANSPORT", {"smtp", "mailer"}, "smtp")
TRANSPORTS = {"default": "esp" if "esp" in MAIL else TRANSPORT, "exercise": TRANSPORT}
if BACKUP_MAIL:
    MAILERS["backup"] = env.mailer(BACKUP_MAIL)
    TRANSPORTS["backup"] = "esp" if "esp" in BACKUP_MAIL else TRANSPORT
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "bulletins@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where bounces of bulletins come back to, with a mark after a plus sign. Empty: bounces@ the sender's domain.
BOUNCE_ADDRESS = env.address("BOUNCE_ADDRESS")

# What providers' reports, and mails that are posted, must come with: user:password pairs, and the keys they sign with.
WEBHOOK_SECRETS = env.webhook_secrets("WEBHOOK_SECRETS")
WEBHOOK_KEYS = env.webhook_keys("WEBHOOK_KEYS")

# Megabytes that a request with a mail from outside may have (influencers/inbox/mail/inbound_views.py).
INBOUND_MEGABYTES = env.integer("INBOUND_MEGABYTES", 25, 1, 100)

# The preflight of the sending domain (delivery/preflight/): whether it may hold live sends, the DKIM selectors that
# relay or provider sign with, the hosts whose addresses receivers see, and DNS servers instead of this machine's.
PREFLIGHT = env.boolean("PREFLIGHT", True)
DKIM_SELECTORS = env.text_list("DKIM_SELECTORS")
SENDING_HOSTS = env.text_list("SENDING_HOSTS")
DNS_SERVERS = env.name_servers("DNS_SERVERS")

# Delivery: rows claimed at a time, and connections that a worker process has at most, where replies are slow.
SEND_CHUNK = env.integer("SEND_CHUNK", 200, 1, 5000)
SEND_CONNECTIONS = env.integer("SEND_CONNECTIONS", 4, 1, 64)
