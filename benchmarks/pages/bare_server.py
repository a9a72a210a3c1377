"""
What the web server does with a page that costs nothing: the bytes of the file BENCH_PAGE, from memory. `application` is
a Django view without any middleware, `bare` a WSGI callable without Django.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGE = Path(os.environ["BENCH_PAGE"]).read_bytes()
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))]


def page(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer with the page."""
    return HttpResponse(PAGE)


def bare(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the page, without Django."""
    start("200 OK", list(HEADERS))
    return [PAGE]


urlpatterns = [path("<path:rest>", page)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="nothing is signed", MIDDLEWARE=[])  # noqa: S106
django.setup()
application = get_wsgi_application()
