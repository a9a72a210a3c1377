"""How someone proved who they are: what their session notes of it, and what their app shows."""

import time
from base64 import b32decode, b32encode
from secrets import token_bytes
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client

from accounts.login import second_factor
from accounts.models import User

MFA = {"totp", "webauthn", "recovery_codes"}


def prove(client: Client, user: Any, *how: str, minutes_ago: float = 0) -> None:
    """Let a logged-in client's session say how (and when) `user` proved who they are, and nothing else."""
    session = client.session
    note_proofs(session, user, *how, minutes_ago=minutes_ago)
    session.save()


def note_proofs(session: SessionBase, user: Any, *how: str, minutes_ago: float = 0) -> None:
    """Note in a session how (and when) `user` proved who they are, and nothing else."""
    request = HttpRequest()
    request.session = session
    session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)
    for one in how:
        second_factor.note(request, user, **({"method": "mfa", "type": one} if one in MFA else {"method": one}))
    for record in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
        record["at"] -= minutes_ago * 60


def set_up_app(user: User) -> str:
    """Let someone have an app, and return its key."""
    key = b32encode(token_bytes(20)).decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(key)})
    return key


def shown_by(key: str, *, steps: int = 0) -> str:
    """Return what an app with this key (Base32) shows now, or so many half minutes later."""
    app = TOTP(b32decode(key), 6, SHA1(), 30)
    return app.generate(int(time.time()) + 30 * steps).decode()
