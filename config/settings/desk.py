"""The look of the desk."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

UNFOLD: dict = {
    "SITE_TITLE": _("Bulletin desk"),
    "SITE_HEADER": pgettext_lazy("in the narrow menu: a soft hyphen may stand in a long word", "Bulletin desk"),
    "SITE_ICON": "config.desk.site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.desk.site.mark"}],
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [
        "config.desk.site.tokens",
        "config.desk.site.colours",
        "config.desk.site.shared",
        "config.desk.site.stylesheet",
    ],
    "ACCOUNT": {"navigation": "config.desk.site.account_links"},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "config.desk.site.navigation"},
    "TABS": "config.desk.site.tabs",
}
