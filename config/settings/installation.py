"""Where this installation stands: its folder, its keys, its address, and what it tells browsers."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import env

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_FILES = env.SECRET_FILES
SECRET_FILES.clear()  # checks read the settings anew, with another environment
VARIABLE_DIGESTS = env.DIGESTS

env_file = Path(env.text("ENV_FILE", str(BASE_DIR / ".env")))
if env.text("ENV_FILE") and not env_file.exists():
    raise ImproperlyConfigured(f"ENV_FILE is {env_file}, which does not exist.")
if env_file.is_file():
    env.read_file(env_file)
    SECRET_FILES.append(env_file)

DEFAULT_SECRET_KEY = "not-a-secret: set SECRET_KEY before anybody but you can reach this site"

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as fault:
    raise ImproperlyConfigured(f"DATA_DIR is {DATA_DIR}, which cannot be created ({fault.strerror}).") from fault
SECRET_KEY = env.text("SECRET_KEY", DEFAULT_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.text_list("SECRET_KEY_FALLBACKS")
# Suppressed addresses are kept as HMAC under this key, and return paths and addresses for leaving are marked
# with it, so it must outlive every SECRET_KEY.
SUPPRESSION_KEY = env.text("SUPPRESSION_KEY", SECRET_KEY)
DEBUG = env.boolean("DEBUG", False)

PUBLIC_URL = env.url("PUBLIC_URL", "http://127.0.0.1:8000")
public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [public.hostname or "", "127.0.0.1", "localhost", *env.text_list("ALLOWED_HOSTS")]
# To whom weaknesses are reported (/.well-known/security.txt); empty: there is no such page.
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
CSRF_TRUSTED_ORIGINS = [f"{public.scheme}://{public.netloc}"]

HTTPS = public.scheme == "https"
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = public.netloc  # whatever host was asked for
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
# How many web servers stand in front. What they say of whoever asks counts only where there are any.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("PROXIES", 0, 0, 9)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers tell cookies apart by host, not by port: two demos on one machine would log each other's people out.
LOCAL_PORT = public.port if not HTTPS and public.hostname in {"127.0.0.1", "localhost"} else None
COOKIE_MARK = f"-{LOCAL_PORT}" if LOCAL_PORT not in {None, 8000} else ""
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"session{COOKIE_MARK}"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"csrf{COOKIE_MARK}"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else f"device{COOKIE_MARK}"  # accounts/sessions/known_browsers.py
CARD_COOKIE_NAME = "__Host-card" if HTTPS else f"card{COOKIE_MARK}"  # influencers/portal/chosen_theme.py
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "config.http.message_storage.MessageStorage"
CSRF_FAILURE_VIEW = "config.http.errors.error_views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# What Django would say of HTTPS (W004, W008, W010 to W012, W016), weak keys (W009, W025) and DEBUG (W018) operations/deploy_checks.py says
# once, with what to do.
SILENCED_SYSTEM_CHECKS = [f"security.W{number:03}" for number in (4, 8, 9, 10, 11, 12, 16, 18, 25)]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
