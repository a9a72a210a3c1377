"""Tokens with which an authority's own systems give message input. The secret is shown once and never kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.audit import trail
from accounts.models import User

from .models import Authority, AuthorityToken

PREFIX = "cb_"
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue(authority: Authority, *, name: str, by: User, at: datetime) -> tuple[AuthorityToken, str]:
    """Return a new token of an authority, and its secret, which nothing can show again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = AuthorityToken.objects.create(
        authority=authority, name=name, start=secret[:8], sha256=fingerprint(secret), created_by=by, created_at=at
    )
    trail.note("token.issued", token, by=by, at=at, authority=authority.slug)
    return token, secret


@transaction.atomic
def revoke(token: AuthorityToken, *, by: User, at: datetime) -> bool:
    """End a token for good; return whether this call did."""
    won = AuthorityToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    token.refresh_from_db()
    if won:
        trail.note("token.revoked", token, by=by, at=at, authority=token.authority.slug)
    return bool(won)


def recognise(secret: str, *, at: datetime) -> AuthorityToken | None:
    """
    Return the token that a secret belongs to, unless it is revoked. It is looked up by its SHA-256, which takes as
    long for a near miss as for nonsense. That it was used is noted once a minute.
    """
    token = (
        AuthorityToken.objects.filter(sha256=fingerprint(secret), revoked_at=None).select_related("authority").first()
    )
    if token is not None and (token.last_used_at is None or at - token.last_used_at >= NOTED_EVERY):
        stale = Q(last_used_at=None) | Q(last_used_at__lte=at - NOTED_EVERY)
        AuthorityToken.objects.filter(stale, pk=token.pk).update(last_used_at=at)
    return token


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a secret in hex. It is random and long, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
