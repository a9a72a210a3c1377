"""
Opens the desk's lists and rows and what everyone reads, on the configured database, after all of Django's checks:
`python -m tests.upgrades.pages`. Prints what did not answer as it should, one line each.
"""

import sys
from collections.abc import Iterator
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

PUBLIC = (
    "/en/",
    "/fi/",
    "/sv/",
    "/en/bulletins/",
    "/en/answers/",
    "/en/about/privacy/",
    "/en/feeds/atom.xml",
    "/health/live",
)


def answers() -> Iterator[tuple[str, int]]:
    """Open each page and yield its address with its status."""
    from django.contrib import admin
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import User
    from accounts.sessions import activity
    from tests.accounts.login.login_proofs import prove

    client = Client(raise_request_exception=False)
    for address in PUBLIC:
        yield address, client.get(address).status_code
    user = User.objects.get(email="upgrade@example.org")
    client.force_login(user)
    prove(client, user, "code", "totp")
    session = client.session
    activity.begin(session, user, device="", place="127.0.0.1", at=timezone.now())
    session.save()
    for model, desk in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = client.get(url := reverse(f"{name}_changelist"))
        yield url, shown(listed)
        row = desk.get_queryset(listed.wsgi_request).order_by("-pk").first()
        if row:  # of a table that came after the release, or of rows that the desk never shows, there is none
            yield (url := reverse(f"{name}_change", args=[row.pk])), shown(client.get(url))


def shown(answer: Any) -> int:
    """Return its status; some rows are shown on the desk's page of what they belong to."""
    return 200 if answer.headers.get("Location", "").startswith("/desk/") else answer.status_code


def main() -> int:
    """Check, and open everything; return 1 when a page fails."""
    call_command("check")
    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    failed = [f"{status} {address}" for address, status in answers() if status != 200]
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
