"""The web server's way in: what cannot be read is refused, public pages come from memory, all else from Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from campaigns.site_languages import process_languages  # noqa: E402
from config.backends import database_limits  # noqa: E402
from config.http.caches.page_cache import PageCache  # noqa: E402  (needs the settings)
from config.http.errors.bad_requests import Refusing  # noqa: E402
from impact.page_views import writer_thread  # noqa: E402  after the settings
from operations.hosts import signs_of_life  # noqa: E402

database_limits.limit_web()
process_languages.keep_fresh()
application = Refusing(PageCache(django_application))
signs_of_life.begin_in_web_process()
writer_thread.begin_in_web_process()
