"""What allauth notes in a session when somebody proves who they are."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.test import Client

MFA = {"totp", "webauthn", "recovery_codes"}


def prove(client: Client, user: Any, *how: str, minutes_ago: float = 0) -> None:
    """Let a logged-in client's session say how (and when) `user` proved who they are, and nothing else."""
    at = time.time() - minutes_ago * 60
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "type": one, "at": at} if one in MFA else {"method": one, "at": at} for one in how
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
