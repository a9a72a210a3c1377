"""Pictures of claims as they were seen: drawn anew, named by chance, and shown at the desk only."""

import secrets
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from lib.images import uploaded_images

FOLDER = "sightings/"
MOST_MB = 10
LARGEST = MOST_MB * 1024 * 1024


def read(upload: IO[bytes]) -> uploaded_images.Picture:
    """Draw an uploaded picture anew. Raise decoding.Unusable for what is too large or no picture."""
    upload.seek(0)
    # One byte more than is taken shows that it is too large; the rest is never read.
    data = upload.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise uploaded_images.Unusable(too_large())
    return uploaded_images.picture(data)


def store(picture: uploaded_images.Picture) -> str:
    """Store a picture under a name that nobody can guess, and return the name."""
    return default_storage.save(f"{FOLDER}{secrets.token_hex(16)}{picture.suffix}", ContentFile(picture.data))


def too_large() -> str:
    """Return what is said of a picture with too many bytes."""
    return _("The picture is larger than %(most)d MB. Make it smaller and choose it again.") % {"most": MOST_MB}
