"""The settings with views and tasks that break, for real processes whose traces are searched."""

import os

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.operations.logs.breaking_view"
CELERY_IMPORTS = ("tests.operations.logs.breaking_view",)
WEBHOOK_SECRETS = [os.environ["CANARY_SECRET"]]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
