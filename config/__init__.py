from . import loading

loading.begin()

from .celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
