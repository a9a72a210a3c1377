"""Whether an account works: tried when somebody enters or changes it, and taken out of use when its network refuses it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.models import AuthorityAccount, Network
from lib import task_queue
from notifications import outbox

from . import network_accounts
from .networks import mastodon
from .networks.network import Means, NetworkFault

log = logging.getLogger(__name__)

State = AuthorityAccount.State
LEASE = timedelta(minutes=2)
OTHER_ACCOUNT = gettext_noop("The token or password is of another account:")
TRIED = {"why": "", "detail": ""}


def ask(account: AuthorityAccount, *, at: datetime) -> None:
    """Have an account tried, after a transaction."""
    AuthorityAccount.objects.filter(pk=account.pk).update(state=State.NEW, next_check_at=at, **TRIED)
    transaction.on_commit(lambda: wake(account.pk), robust=True)


def wake(pk: int) -> None:
    """Ask a worker to try an account. A broker that is away costs one tick."""
    try:
        task_queue.wake("bulletins.tasks.check_account", pk, queue="bulletin")
    except Exception:
        log.warning("Nobody could be woken for the account %s; the next tick tries again.", pk)


def wake_waiting(*, at: datetime) -> None:
    """Wake workers for the accounts that are to be tried."""
    for pk in waiting(at).values_list("pk", flat=True):
        wake(pk)


def waiting(at: datetime) -> QuerySet[AuthorityAccount]:
    """Return the accounts that are to be tried at `at`."""
    return AuthorityAccount.objects.filter(Q(next_check_at=None) | Q(next_check_at__lte=at), state=State.NEW)


def run(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Try an account, if nobody else does. Not for use in a transaction."""
    at = clock()
    if not waiting(at).filter(pk=pk).update(next_check_at=at + LEASE):
        return
    account = AuthorityAccount.objects.select_related("campaign").get(pk=pk)
    try:
        client = network_accounts.client_of(account, at=at)
        try:
            name = client.whoami()
        finally:
            client.close()
        if name_of(account, name) != name_of(account, account.handle):
            raise NetworkFault(Means.ACCOUNT, OTHER_ACCOUNT, name)
    except NetworkFault as fault:
        if fault.means in {Means.AGAIN, Means.MAYBE}:
            told = {"why": fault.says, "detail": fault.words}
            AuthorityAccount.objects.filter(pk=pk, state=State.NEW).update(**told)
        else:
            refuse(account, fault, at=clock())
    else:
        accept(account, at=clock())


def name_of(account: AuthorityAccount, handle: str) -> str:
    """Return an account's name as it is compared: on Mastodon without its server, whose own name may be another."""
    name = mastodon.name_of(handle)[0] if account.network == Network.MASTODON else handle.strip().lstrip("@")
    return name.casefold()


@transaction.atomic
def accept(account: AuthorityAccount, *, at: datetime) -> None:
    """Note that an account works. What waits for it goes with the next tick."""
    won = AuthorityAccount.objects.filter(pk=account.pk, state=State.NEW)
    if won.update(state=State.WORKS, checked_at=at, next_check_at=None, **TRIED):
        trail.note("authorityaccount.works", account, by=None, at=at)


@transaction.atomic
def refuse(account: AuthorityAccount, fault: NetworkFault, *, at: datetime) -> None:
    """Take an account out of use because its network refuses it, and tell staff, once. Its posts wait."""
    held = AuthorityAccount.objects.filter(pk=account.pk, state__in=[State.NEW, State.WORKS], secret=account.secret)
    told = {"why": fault.says, "detail": fault.words}
    if not held.update(state=State.REFUSED, checked_at=at, session="", **told):
        return
    trail.note("authorityaccount.refused", account, by=None, at=at)
    names = ("bulletins.change_authorityaccount", "bulletins.change_authoritypost")
    staff = [one for name in names for one in User.objects.staff_with(name, account.campaign_id)]
    outbox.write(notices.ACCOUNT_REFUSED, staff, about=account, hook=True, at=at)
