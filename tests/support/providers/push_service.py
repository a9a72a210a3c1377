"""
A push service on this machine that answers as RFC 8030 and the large ones say, and browsers' halves of subscriptions: it opens
what it gets with their private keys (RFC 8291) and holds our word against our key (RFC 8292).
"""

import json
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURVE = ec.SECP256R1()
SECRET = b"sixteen octets.."


def to_text(octets: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


def to_octets(text: str) -> bytes:
    """Return what base64url says."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A device that allowed notifications."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(CURVE)
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def given(self, endpoint: str) -> str:
        """Return what its page sends: the subscription as JSON."""
        return json.dumps(
            {
                "endpoint": endpoint,
                "expirationTime": None,
                "keys": {"p256dh": to_text(self.public), "auth": to_text(SECRET)},
            }
        )

    def address(self, endpoint: str, ours: str = "") -> str:
        """Return the address of its recipient."""
        kept = {"endpoint": endpoint, "p256dh": to_text(self.public), "auth": to_text(SECRET), "k": ours[:8]}
        return json.dumps(kept, separators=(",", ":"))

    def opened(self, body: bytes) -> dict[str, Any]:
        """Return the notification in a body. Raise InvalidTag for one that is not for this device."""
        salt, _size, length = body[:16], *struct.unpack("!IB", body[16:21])
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        material = HKDF(hashes.SHA256(), 32, SECRET, b"WebPush: info\0" + self.public + theirs).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        plain: dict[str, Any] = json.loads(AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\2"))
        return plain


def claims_of(header: str) -> dict[str, Any]:
    """Return what we say of ourselves, once its signature holds. Raise InvalidSignature."""
    token, key = (part.partition("=")[2] for part in header.removeprefix("vapid ").split(", "))
    signed, _dot, signature = token.rpartition(".")
    raw = to_octets(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to_octets(key))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(to_octets(signed.partition(".")[2]))
    return claims


@dataclass
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """Takes everything with 201, but for the `next` answers: (status, headers), or None for a reply that gets lost."""

    got: list[Got] = field(default_factory=list)
    connections: int = 0
    next: deque[tuple[int, dict[str, str]] | None] = field(default_factory=deque)
    takes_seconds: float = 0.0

    def __enter__(self) -> Self:
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def place(self) -> str:
        """Its host:port."""
        return f"127.0.0.1:{self._server.server_port}"

    def endpoint(self, name: str) -> str:
        """Return the address of one subscription."""
        return f"http://{self.place}/push/{name}"

    def take(self, got: Got) -> tuple[int, dict[str, str]] | None:
        """Note a request and return the answer."""
        if self.takes_seconds:
            time.sleep(self.takes_seconds)
        with self._lock:
            self.got.append(got)
            return self.next.popleft() if self.next else (201, {"Location": f"/message/{len(self.got)}"})


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            service.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = service.take(Got(self.path, dict(self.headers.items()), body))
            if answer is None:
                self.close_connection = True
                return
            status, headers = answer
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
