"""
C2PA content credentials: a signature in a picture's file by which programs elsewhere tell who made it and that nothing was
changed since. Only where the operator gives a certificate; nothing is asked of the network.
"""

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .picture_fields import DIGITAL_CREATION, JPEG
from .uploaded_images import PNG

if TYPE_CHECKING:
    from c2pa import Signer


def with_credentials(picture: bytes, title: str, *, certificate: str, key: str, algorithm: str) -> bytes:
    """
    Return a PNG, JPEG or WebP with a signature. `certificate` and `key` are PEM files: the signer's certificate with those
    above it, and its private key; `algorithm` is C2PA's name of what the key is for ("es256"). Raise OSError without the
    files, c2pa.C2paError where they do not fit.
    """
    import c2pa  # 50 MB that only whoever signs needs

    made = {"action": "c2pa.created", "digitalSourceType": DIGITAL_CREATION}
    manifest = {
        "claim_generator_info": [{"name": "Crisis Bulletins"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}],
    }
    plain = c2pa.Context(settings=c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}}))
    kind = "image/png" if picture.startswith(PNG) else "image/jpeg" if picture.startswith(JPEG) else "image/webp"
    signed = io.BytesIO()
    with c2pa.Builder(manifest, context=plain) as builder:
        builder.sign(_signer(certificate, key, algorithm), kind, io.BytesIO(picture), signed)
    return signed.getvalue()


@lru_cache(maxsize=1)
def _signer(certificate: str, key: str, algorithm: str) -> "Signer":
    import c2pa

    chain, secret = Path(certificate).read_bytes(), Path(key).read_bytes()
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm.encode(), chain, secret, None))
