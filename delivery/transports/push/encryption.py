"""Encrypting a notification for one browser: aes128gcm in one record (RFC 8291 on RFC 8188)."""

import os
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURVE = ec.SECP256R1()
RECORD = 4096  # octets that every push service takes
LAST = b"\x02"  # the mark at the end of the last record
# Octets of text in a record: without the header (salt, size, key), the mark and the tag.
MOST = RECORD - 16 - 4 - 1 - 65 - len(LAST) - 16


def encrypted(
    plain: bytes, *, key: bytes, secret: bytes, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """
    Return the body of a request: `plain` for the browser that has the private half of `key` (65 octets) and `secret` (16).

    `own` key and `salt` are new ones for every message. Raise ValueError for a key that is no point of the curve.
    """
    own = own or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(16)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key))
    public = point(own.public_key())
    material = derived(shared, salt=secret, info=b"WebPush: info\0" + key + public, length=32)
    content_key = derived(material, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = derived(material, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    header = salt + struct.pack("!IB", RECORD, len(public)) + public
    return header + AESGCM(content_key).encrypt(nonce, plain + LAST, None)


def derived(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """Return what HKDF makes of key material."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point, 65 octets."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
