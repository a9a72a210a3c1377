from . import garbage_collection

garbage_collection.pause()

from .celery import app as celery_app  # noqa: E402  # it loads most of what is meant

__all__ = ["celery_app"]
