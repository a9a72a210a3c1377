"""What is kept of people who read the site, and the words that they agree to when they subscribe."""

from django.utils.translation import gettext_lazy

from accounts.privacy.retention import DataSubject, Ground, Rule
from delivery.models import Consent
from delivery.recipients import consents

from .subscription_pages import options

RULES = (
    Rule(
        "reading",
        DataSubject.READERS,
        gettext_lazy("Nothing about what you read on the site"),
        gettext_lazy(
            "Pages load nothing from other sites. There are no visitor counters, no advertising and no profiles."
        ),
        Ground.SAFETY,
        gettext_lazy("Nobody. The web server may log IP addresses for a short time, to stop attacks."),
        gettext_lazy("Not at all. A cookie is set only when you log in or open a form, and it is needed for that."),
    ),
)

consents.offer(Consent.Purpose.DIGEST, version=options.CONSENT_TEXT, words=options.CONSENT)
