"""The addresses of the page on which colleagues say how they are told."""

from typing import Any

from django.urls import URLPattern, path

from . import views


def urls(site: Any) -> list[URLPattern]:
    """Return them, for a site of the admin."""
    pages = [
        ("", views.told, "told"),
        ("choose/", views.choose, "told_choose"),
        ("quiet/", views.quiet, "told_quiet"),
        ("ask/", views.ask, "told_ask"),
        ("prove/", views.prove, "told_prove"),
        ("telegram/", views.telegram, "told_telegram"),
        ("device/", views.allow, "told_allow"),
        ("leave/", views.leave, "told_leave"),
        ("worker.js", views.worker, "told_worker"),
    ]
    return [path(f"notifications/channels/{end}", site.admin_view(view), name=name) for end, view, name in pages]
