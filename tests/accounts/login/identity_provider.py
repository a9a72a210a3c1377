"""A small identity provider for tests: OpenID Connect's code flow with PKCE, over real HTTP."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "desk", "a secret for tests only"


class IdentityProvider:
    """
    Vouches for `claims`. What a test changes in `wrong` it does wrongly: `issuer`, `nonce`, `audience`, `expired`, `key` (it
    signs with another one than it shows) or `config_issuer`.
    """

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.wrong: set[str] = set()
        self.asked: dict[str, str] = {}
        self.faults: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *unused: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "IdentityProvider":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused: Any) -> None:
        self.server.shutdown()
        self.server.server_close()

    def send_back(self, address: str) -> str:
        """Log the person in who was sent to `address` by a browser, and return where the browser is sent."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"{self.asked['redirect_uri']}?code=once&state={self.asked['state']}"

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        """Answer what the site asks behind the browser's back."""
        told: dict[str, Any] = {}
        if handler.path.endswith("/openid-configuration"):
            told = {
                "issuer": "https://else.example" if "config_issuer" in self.wrong else self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/userinfo",
            }
        elif handler.path == "/keys":
            told = {"keys": [json.loads(RSAAlgorithm.to_jwk(self.key.public_key())) | {"kid": "1", "alg": "RS256"}]}
        elif handler.path == "/token":
            told = self.token({name: values[0] for name, values in parse_qs(body).items()})
        elif handler.path == "/userinfo":
            told = self.claims
        answer = json.dumps(told).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        """Return the tokens for a code, once its other half (PKCE) fits."""
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.asked.get("code_challenge"):
            self.faults.append("PKCE")
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            self.faults.append("client")
        now = int(time.time()) - (3600 if "expired" in self.wrong else 0)
        claims = {
            "iss": "https://else.example" if "issuer" in self.wrong else self.url,
            "aud": "another" if "audience" in self.wrong else CLIENT,
            "sub": "42",
            "iat": now,
            "exp": now + 300,
            "nonce": "another" if "nonce" in self.wrong else self.asked.get("nonce"),
            **self.claims,
        }
        key: Any = self.other_key if "key" in self.wrong else self.key
        if "unsigned" in self.wrong:
            return {
                "access_token": "t",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, None, algorithm="none", headers={"kid": "1"}),
            }
        signed = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "t", "token_type": "Bearer", "id_token": signed}
