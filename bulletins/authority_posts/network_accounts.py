"""The authority's accounts: their secrets, which nobody is shown, and who speaks to their network for them."""

import json
from datetime import datetime, timedelta
from secrets import token_hex

from django.utils.translation import gettext_noop

from accounts.crypto import encryption
from bulletins.models import AuthorityAccount, Network

from .networks import bluesky, mastodon
from .networks.bluesky import Bluesky, Tokens
from .networks.mail_catcher import MailCatcher
from .networks.mastodon import Mastodon
from .networks.network import Means, NetworkClient, NetworkFault

NO_SECRET = gettext_noop("Its token or password is not known here. Enter it anew.")
BLUESKY_SERVER = "https://bsky.social"


def set_secret(account: AuthorityAccount, secret: str) -> None:
    """Put a token or a password into an account, not saved; what an earlier one led to is forgotten."""
    account.secret = encryption.lock(secret) if secret else ""
    account.session, account.did = "", ""


def client_of(account: AuthorityAccount, *, at: datetime) -> NetworkClient:
    """Return what speaks for an account; in an exercise that is the mail catcher. Raise NetworkFault without a secret."""
    if account.campaign.is_exercise:
        return MailCatcher(account, at=at)
    secret = unlocked(account.secret)
    if not secret:
        raise NetworkFault(Means.ACCOUNT, NO_SECRET)
    if account.network == Network.MASTODON:
        return Mastodon(account.server, account.handle, secret, at=at)

    def keep(tokens: Tokens) -> None:
        rows = AuthorityAccount.objects.filter(pk=account.pk, secret=account.secret)
        rows.update(session=encryption.lock(json.dumps(tokens)), did=tokens["did"][:200])

    return Bluesky(account.server, account.handle, secret, at=at, session=session_of(account), keep=keep)


def session_of(account: AuthorityAccount) -> Tokens | None:
    """Return the tokens that an earlier run left, None without any."""
    return json.loads(unlocked(account.session) or "null")


def unlocked(text: str) -> str:
    """Return a secret as it is used, "" for none, and for one that this site cannot read any more."""
    try:
        return encryption.unlock(text) if text else ""
    except encryption.Locked:
        return ""


def remembers(account: AuthorityAccount) -> timedelta | None:
    """Return how long a network knows by its key what it may have posted, None where the key is the name of what stands there."""
    return mastodon.REMEMBERS if account.network == Network.MASTODON else None


def new_key(account: AuthorityAccount, at: datetime) -> str:
    """Return a key by which a post is there once."""
    return bluesky.new_key(at) if account.network == Network.BLUESKY else token_hex(16)
