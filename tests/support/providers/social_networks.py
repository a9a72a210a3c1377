"""Mastodon and Bluesky on this machine, as far as a post needs them and as their references say that they answer."""

import hashlib
import json
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Answered = tuple[int, Any, dict[str, str]]


class SocialNetwork:
    """
    A server. `asked` are (method, path, headers, body) in their order; `answers` those to come instead of the usual ones, (status, object
    or text, headers), None for a reply that is lost after the deed, "before" for one that is lost before it.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.answers: list[Any] = []
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                said = read(body, headers.get("content-type", ""))
                network.asked.append((self.command, self.path, headers, said))
                instead = network.answers.pop(0) if network.answers else ...
                if instead in (..., None):
                    answer = network.usual(self.command, self.path, headers, said)
                if instead in (None, "before"):
                    self.close_connection = True
                    return
                status, words, more = answer if instead is ... else instead
                content = (words if isinstance(words, str) else json.dumps(words)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        self.address = f"http://{self.place}"

    def usual(self, method: str, path: str, headers: dict[str, str], said: Any) -> Answered:
        """Return the answer where nothing else is to come."""
        raise NotImplementedError

    def paths(self) -> list[str]:
        """Return what was asked for, "POST /api/v1/statuses"."""
        return [f"{method} {path}" for method, path, *_rest in self.asked]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def read(body: bytes, kind: str) -> Any:
    """Return what a request says: an object, the parts of a form, or bytes."""
    if kind == "application/json":
        return json.loads(body)
    if kind.startswith("multipart/form-data"):
        form: Any = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in form.get_payload()
        }
    return body


class MastodonServer(SocialNetwork):
    """Mastodon 4.5: a status is made once for an Idempotency-Key; a picture is in the making at first."""

    TOKEN = "made-up-token"

    def __init__(self) -> None:
        super().__init__()
        self.statuses: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, str] = {}
        self._by_key: dict[str, str] = {}

    def usual(self, method: str, path: str, headers: dict[str, str], said: Any) -> Answered:
        """Return what Mastodon answers."""
        if headers.get("authorization") != f"Bearer {self.TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {"id": "1", "username": "ministry", "acct": "ministry"}, {}
        if path == "/api/v2/media":
            name = str(100 + len(self.pictures))
            self.pictures[name] = said["description"].decode()
            return 202, {"id": name, "url": None, "description": self.pictures[name]}, {}
        if path.startswith("/api/v1/media/"):
            return 200, {"id": path.rpartition("/")[2], "url": "https://files.example/1.png"}, {}
        if path == "/api/v1/statuses":
            return self._create(headers, said)
        name = path.rpartition("/")[2]
        if name not in self.statuses:
            return 404, {"error": "Record not found"}, {}
        if method == "DELETE":
            return 200, {"id": name, "text": self.statuses.pop(name)["status"]}, {}
        self.statuses[name] |= {"media_ids": [], **said}
        return 200, self._shown(name), {}

    def _create(self, headers: dict[str, str], said: dict[str, Any]) -> Answered:
        key = headers["idempotency-key"]
        if said.get("in_reply_to_id") and said["in_reply_to_id"] not in self.statuses:
            return 404, {"error": "The post you are trying to reply to does not appear to exist."}, {}
        if len(said["status"]) > 500:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}, {}
        if key not in self._by_key:
            name = self._by_key[key] = str(9000 + len(self._by_key))
            self.statuses[name] = said
        return 200, self._shown(self._by_key[key]), {}

    def _shown(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "uri": f"{self.address}/users/ministry/statuses/{name}",
            "url": f"https://social.example/@ministry/{name}",
        }


class BlueskyServer(SocialNetwork):
    """A personal data server of Bluesky: records under keys; `expired` tokens are refused until they are renewed."""

    PASSWORD = "abcd-efgh-ijkl-mnop"
    DID = "did:plc:madeup"

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.expired: set[str] = set()
        self._tokens = 0

    def usual(self, method: str, path: str, headers: dict[str, str], said: Any) -> Answered:
        """Return what the server answers."""
        name, token = path.removeprefix("/xrpc/"), headers.get("authorization", "").removeprefix("Bearer ")
        if name == "com.atproto.server.createSession":
            if said["password"] != self.PASSWORD:
                return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, {}
            return self._session()
        if token in self.expired or not token:
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}, {}
        if name == "com.atproto.server.refreshSession":
            return self._session()
        if name == "com.atproto.repo.uploadBlob":
            if len(said) > 1_000_000:
                return 400, {"error": "BlobTooLarge", "message": "This file is too large."}, {}
            link = hashlib.sha256(said).hexdigest()
            blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": headers["content-type"], "size": len(said)}
            return 200, {"blob": blob}, {}
        if name == "com.atproto.repo.putRecord":
            self.records[said["rkey"]] = said["record"]
            return 200, self._named(said["rkey"]), {}
        if name.startswith("com.atproto.repo.getRecord?") and method == "GET":
            return self._record(**{key: value for key, (value,) in parse_qs(urlsplit(name).query).items()})
        if name == "com.atproto.repo.deleteRecord":
            self.records.pop(said["rkey"], None)
            return 200, {}, {}
        return 501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}, {}

    def _record(self, repo: str, collection: str, rkey: str) -> Answered:
        name = f"at://{repo}/{collection}/{rkey}"
        if repo != self.DID or collection != "app.bsky.feed.post" or rkey not in self.records:
            return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {name}"}, {}
        return 200, self._named(rkey) | {"value": self.records[rkey]}, {}

    def _named(self, key: str) -> dict[str, str]:
        return {"uri": f"at://{self.DID}/app.bsky.feed.post/{key}", "cid": f"cid{len(self.records[key]['text'])}"}

    def _session(self) -> Answered:
        self._tokens += 1
        tokens = {"accessJwt": f"access{self._tokens}", "refreshJwt": f"refresh{self._tokens}"}
        return 200, {**tokens, "did": self.DID, "handle": "ministry.example"}, {}
