"""Languages and time."""

from django.utils.translation import gettext_lazy as _

from .installation import BASE_DIR, COOKIE_MARK, HTTPS

USE_TZ = True
TIME_ZONE = "UTC"  # stored in; shown in the campaign's zone
LANGUAGE_CODE = "en"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else f"language{COOKIE_MARK}"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
FORMAT_MODULE_PATH = ["config.formats"]
