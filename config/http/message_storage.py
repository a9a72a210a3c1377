"""What is to be told once, such as "Saved", in a cookie that no other host can set and no script can read."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookieStorage(CookieStorage):
    """In a cookie under a name of this host's own where there is TLS. Its other marks are those of the session's cookie."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"
    max_cookie_size = 1_500  # with the other cookies it stays far below the 8 KB that web servers take


class MessageStorage(FallbackStorage):
    """What is too long for the cookie waits in the session."""

    storage_classes = (OwnCookieStorage, SessionStorage)
