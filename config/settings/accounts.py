"""Who may come in, and how they prove who they are."""

from django.core.exceptions import ImproperlyConfigured

from accounts.login import codes

from .installation import env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.login.backends.StaffPasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; without it the login form has no password
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(codes.CODE_LASTS.total_seconds())
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = codes.MOST_GUESSES
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "config.allauth_adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "accounts.login.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.login.forms.ConfirmLoginCodeForm",
}
# Their limits count in the cache, which may be away: accounts/login/login_limits.py counts in the database.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Whether the desk opens only to people who have proved by a second factor, too, who they are
# (accounts/login/second_factor.py).
SECOND_FACTOR = env.boolean("SECOND_FACTOR", True)
# The organisation's own identity provider for staff (accounts/login/oidc.py); without an issuer there is none.
OIDC_ISSUER = env.hook("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("OIDC_NAME")
OIDC_SECOND_FACTOR = env.boolean("OIDC_SECOND_FACTOR", False)
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER is set, so OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set, too.")
SOCIALACCOUNT_ADAPTER = "config.allauth_adapters.StaffIdentityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "staff",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
}
MFA_ADAPTER = "config.allauth_adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.login.second_factor.CodeForm",
    "reauthenticate": "accounts.login.second_factor.CodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # so a passkey is two factors: to have it, and to unlock it
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # clocks of phones
MFA_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = True
SESSION_ENGINE = "accounts.sessions.store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Minutes without doing anything after which staff are logged out.
STAFF_IDLE_MINUTES = env.integer("STAFF_IDLE_MINUTES", 30, 5, 240)
