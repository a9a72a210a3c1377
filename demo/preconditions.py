"""Where a demo may be set up: on this machine, in a database that holds nothing else."""

from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection

from accounts.models import User
from campaigns.models import Campaign
from lib.http.url_parts import is_loopback
from operations.startup_errors import Refusal, redis_sentence


def refuse_other_places(slug: str) -> None:
    """
    Raise Refusal when this is not a place for a demo, before anything is written.

    The demo's passwords are printed for everyone, so it has no business on a site that others reach, or beside
    anyone's real campaign.
    """
    if not is_loopback(urlsplit(settings.PUBLIC_URL).hostname or ""):
        raise Refusal(
            f"Not loaded: the demo's passwords are no secret, so it runs on this machine only, and PUBLIC_URL is "
            f"{settings.PUBLIC_URL}. Nothing was written."
        )
    if settings.REDIS_URL:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5).ping()
        except redis.RedisError as fault:
            raise Refusal(redis_sentence(settings.REDIS_URL, fault)) from fault
    connection.ensure_connection()
    if Campaign._meta.db_table not in connection.introspection.table_names():
        return
    slugs = list(Campaign.objects.values_list("slug", flat=True))
    # Beside the demo's there may be campaigns that were started in it; it is never loaded beside others.
    if slugs and slug not in slugs:
        raise Refusal(
            f"Not loaded: this database holds another campaign ({slugs[0]}). Give the demo a database of its own "
            "with DATABASE_URL. Nothing was changed."
        )
    if not slugs and User.objects.exists():
        raise Refusal(
            "Not loaded: this database holds users, and no demo. Give the demo a database of its own with "
            "DATABASE_URL. Nothing was changed."
        )
