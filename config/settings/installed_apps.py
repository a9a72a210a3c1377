"""The apps, from the highest to the lowest, the middleware from the outside to the inside, and the templates."""

from .installation import BASE_DIR

INSTALLED_APPS = [
    "config",
    "demo",
    "operations",
    "impact",
    "preparedness",
    "influencers",
    "website",
    "questions",
    "stories",
    "bulletins",
    "notifications",
    "factcheck",
    "delivery",
    "campaigns",
    "agreement",
    "accounts",
    "unfold.apps.BasicAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "anymail",
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "impact.page_views.beacon.BeaconMiddleware",
    "config.http.request_log.NotingMiddleware",
    "config.http.security_headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.http.caches.private_pages.PrivatePagesMiddleware",
    "config.http.errors.api_problems.ApiProblemsMiddleware",
    "config.http.errors.bare_refusals.BareRefusalsMiddleware",
    "config.http.errors.bad_requests.BadRequestMiddleware",
    "config.http.errors.database_outage.DatabaseOutageMiddleware",
    "config.http.caches.conditional_pages.ConditionalPagesMiddleware",
    "accounts.sessions.middleware.ReplacedSessionMiddleware",
    "config.http.language_middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.activity.ActivityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "campaigns.http.middleware.CampaignMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "config.backends.marked_templates.MarkedTemplates",
        "NAME": "django",
        # In overrides is what replaces a page of a package: Unfold, allauth and Django find it by their own names.
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "templates" / "overrides"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "campaigns.http.context_processors.campaign",
            ]
        },
    }
]
