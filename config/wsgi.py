"""The web server's way in: what cannot be read is refused, public pages come from memory, all else from Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from .kept_pages import KeptPages  # noqa: E402  (needs the settings)
from .refusing import Refusing  # noqa: E402

application = Refusing(KeptPages(django_application))
