"""Databases, caches and files."""

from .installation import BASE_DIR, DATA_DIR, DEBUG, env

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
# Seconds that one statement may take on PostgreSQL, where somebody waits for a page and in workers
# (config/backends/database_limits.py). A fan-out to ten million people is one statement.
WEB_STATEMENT_SECONDS = env.integer("WEB_STATEMENT_SECONDS", 15, 1, 600)
WORKER_STATEMENT_SECONDS = env.integer("WORKER_STATEMENT_SECONDS", 600, 60, 3600)
REDIS_URL = env.redis("REDIS_URL")
EMBEDDED_BROKER = not REDIS_URL
# Several installations may share one Redis: each puts its own name before its keys.
REDIS_PREFIX = env.text("REDIS_PREFIX", "bulletins")

CACHES = {
    "default": {
        "BACKEND": "config.backends.redis_cache.FailsafeCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Parts of pages that many read at the same time, in each process: text, for a minute.
    "page_parts": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "page_parts",
        "TIMEOUT": 60,
        "OPTIONS": {"MAX_ENTRIES": 300},
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Media in a bucket, {} for media on disk.
MEDIA_BUCKET = env.bucket("MEDIA_STORAGE_URL")
STORAGES = {
    "default": {"BACKEND": "config.backends.object_storage.ObjectStorage", "OPTIONS": MEDIA_BUCKET}
    if MEDIA_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Megabytes that an uploaded video may have; a picture may have 25.
ASSET_MAX_MB = env.integer("ASSET_MAX_MB", 200, 1, 2000)
# Megabytes of a video that a municipality sends, and of files that one person keeps in drafts.
STORY_MAX_MB = env.integer("STORY_MAX_MB", 700, 1, 5000)
STORY_DRAFTS_MB = env.integer("STORY_DRAFTS_MB", 2100, 1, 50000)
# Address of the licence under which cards may be passed on; it stands in their files. Empty: nothing is said there.
PICTURE_LICENCE = env.hook("PICTURE_LICENCE")
# Seconds that a story's video may last.
STORY_MAX_SECONDS = env.integer("STORY_MAX_SECONDS", 240, 10, 3600)
# Days after its publication for which what was sent of a story is kept; 0: as long as the story is shown.
STORY_ORIGINAL_DAYS = env.integer("STORY_ORIGINAL_DAYS", 0, 0, 3650)
