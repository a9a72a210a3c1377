"""What the form asks about an audience, and the words of consent."""

from django.utils.translation import gettext_lazy as _

# Groups of followers, as Influencer.audience_ages and audience_genders name them.
AGE_GROUPS = {
    "13_17": _("13–17 years"),
    "18_24": _("18–24 years"),
    "25_34": _("25–34 years"),
    "35_44": _("35–44 years"),
    "45_plus": _("45 years or older"),
}
GENDERS = {"women": _("Women"), "men": _("Men"), "other": _("Other")}
OTHER = "other"  # of Influencer.audience_languages: all languages that are not the campaign's
DECADES = tuple(range(2010, 1930, -10))

# Languages that people speak besides the campaign's own.
OTHER_LANGUAGES = (
    "se", "smn", "sms", "et", "ru", "uk", "ar", "fa", "so", "ku", "tr", "es", "fr", "de", "pl", "vi", "th", "zh",
)  # fmt: skip
OWN_NAMES = {
    "se": "Davvisámegiella",
    "smn": "Anarâškielâ",
    "sms": "Nuõrttsääʹmǩiõll",
    "so": "Soomaali",
    "ku": "Kurdî",
    "zh": "中文",
}

# The version of the words that people agree to. It changes whenever they do.
CONSENT_TEXT = "2026-12"
BULLETINS_CONSENT = _(
    "Send me the campaign's bulletins, and corrections of them, by email. I can stop them at any time."
)
ANOTHER_CONSENT = _(
    "You may ask me in another crisis: take my profile along and send me its bulletins by email. I can leave that one, and "
    "take this back, at any time."
)
OPENS_CONSENT = _(
    "You may see whether I open the mails. It helps to learn which bulletins are read. I can take this back at any time."
)
