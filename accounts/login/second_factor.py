"""
The second factor: an app's code or a passkey beside the first one, and recovery codes for whoever lost both.

Staff need one before the desk opens (settings.SECOND_FACTOR). allauth keeps the authenticators; what it would count in
the cache is counted in the database (limiting), so it holds for all processes and without Redis.
"""

from base64 import b32decode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication  # noqa: TID251  (nothing public writes one)
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import rate_limit
from accounts.access import lost_devices, two_administrators
from accounts.audit import trail
from accounts.crypto import encryption
from accounts.models import User
from accounts.sessions import activity

from . import codes, login_limits

# Seconds for which an app shows a code, and how many digits it has: what apps take for granted, and allauth too.
APP_SECONDS, APP_DIGITS = 30, 6
# A code is good for its own half minute and the ones before and after.
CODE_SECONDS = APP_SECONDS * (1 + 2 * settings.MFA_TOTP_TOLERANCE)
# Where someone was going when the desk first asked for a second factor (a key of the session).
GOING_TO = "second_factor_next"
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_factor(user: User) -> bool:
    """Return whether someone has set up an app or a passkey. One query."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def holders(users: Iterable[User]) -> set[int]:
    """Return the keys of those who have set up an app or a passkey. One query."""
    found = Authenticator.objects.filter(user__in=[user.pk for user in users], type__in=FACTORS)
    return set(found.values_list("user", flat=True))


def proof_page(user: User) -> str:
    """Return the page on which someone proves the second factor that they have, "" when they have none. One query."""
    kinds = set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))
    if not kinds:
        return ""
    return reverse("mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn")


def kinds_of(user: User) -> list[str]:
    """Return in words what someone has set up, the app first. One query."""
    kinds = Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("type").values_list("type", flat=True)
    words = {Authenticator.Type.TOTP: gettext("App"), Authenticator.Type.WEBAUTHN: gettext("Passkey")}
    return [words[Authenticator.Type(kind)] for kind in kinds]


def is_proved(request: HttpRequest) -> bool:
    """
    Return whether this session has passed a second factor. No query.

    A passkey counts as both factors; a login at the organisation's own identity provider counts when
    OIDC_SECOND_FACTOR says that it asks for one.
    """
    user = request.user if isinstance(request.user, User) else None
    return any(
        record["method"] == "mfa" or (record["method"] == "socialaccount" and settings.OIDC_SECOND_FACTOR)
        for record in get_authentication_records(request, user)
    )


def may_enter_desk(request: HttpRequest) -> bool:
    """Return whether the session has passed what the desk demands beside the right to enter it. No query."""
    return not settings.SECOND_FACTOR or is_proved(request)


def note(request: HttpRequest, user: User, method: str, **details: Any) -> None:
    """Write into the session how `user` has just proved who they are, as allauth's own steps do."""
    record_authentication(request, user, method, **details)


def note_proof(request: HttpRequest, authenticator: Authenticator) -> None:
    """Let a factor that was just set up count for this session: whoever did so has just used it."""
    assert isinstance(request.user, User)
    note(request, request.user, "mfa", id=authenticator.pk, type=authenticator.type)


def is_last(authenticator: Authenticator) -> bool:
    """Return whether someone who needs a second factor would be without one."""
    if not (settings.SECOND_FACTOR and authenticator.user.is_staff):
        return False
    others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
    return not others.exists()


def reset(user: User, *, by: User | None, at: datetime, at_once: bool = False) -> int | None:
    """
    Take away all that someone has set up, so that they set up anew, and end their sessions; return how many factors
    that were. None: it waits, as one administrator alone may not do it (safeguard). In a transaction.
    """
    if not at_once and two_administrators.holds(user, by, at=at):
        two_administrators.hold_change(user, two_administrators.Kind.FACTOR, by=by, at=at)
        return None
    factors = Authenticator.objects.filter(user=user)
    count = factors.filter(type__in=FACTORS).count()
    factors.delete()
    activity.end_all(user)
    lost_devices.forget(user, by=by, at=at)
    agreed = two_administrators.agreed_by_two(by, at_once)
    trail.note("user.second_factor_reset", user, by=by, at=at, factors=count, **agreed)
    return count


# --- Codes -----------------------------------------------------------------------------------------


class WrittenCode:
    """What both forms for a written code share: so many guesses, and each code once."""

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        """Return the code that fits one of the person's authenticators, or refuse."""
        now, code = timezone.now(), self.cleaned_data["code"]
        if limit := login_limits.exceeded_factor_limit(context.request, self.user):
            raise ValidationError(login_limits.REFUSALS[limit.seconds])
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        for authenticator in Authenticator.objects.filter(user=self.user, type__in=kinds):
            if fits(authenticator, code, at=now):
                authenticator.user = self.user
                self.authenticator = authenticator
                login_limits.note_right_factor(context.request, self.user)
                if authenticator.type == Authenticator.Type.RECOVERY_CODES:
                    left = len(authenticator.wrap().get_unused_codes()) - 1
                    trail.note("user.recovery_code_used", self.user, by=self.user, at=now, left=left)
                return code
        trail.note("user.second_factor_refused", self.user, by=None, at=now)
        raise ValidationError(_("Wrong code. Enter the code that the app shows now, or a recovery code."))


def fits(authenticator: Authenticator, code: str, *, at: datetime) -> bool:
    """Return whether a written code is right and new; from then on it is used up."""
    try:
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return bool(authenticator.wrap().validate_code(code))
        secret = decrypt(authenticator.data["secret"])
    except encryption.Locked:
        return False
    return is_shown(secret, code, at=at) and consume_code(authenticator, code, at=at)


def is_shown(secret: str, code: str, *, at: datetime) -> bool:
    """
    Return whether an app with this secret shows the code, by a clock that may be `MFA_TOTP_TOLERANCE` half minutes off.
    """
    app = TOTP(b32decode(secret), APP_DIGITS, SHA1(), APP_SECONDS, enforce_key_length=False)  # noqa: S303  (RFC 6238)
    steps = range(-settings.MFA_TOTP_TOLERANCE, settings.MFA_TOTP_TOLERANCE + 1)
    written = codes.normalized(code).encode()
    return any(matches(app, written, int(at.timestamp()) + step * APP_SECONDS) for step in steps)


def matches(app: TOTP, written: bytes, seconds: int) -> bool:
    """Return whether an app shows the code at a moment (seconds since 1970)."""
    try:
        app.verify(written, seconds)
    except InvalidToken:
        return False
    return True


def consume_code(authenticator: Authenticator, code: str, *, at: datetime) -> bool:
    """Return whether an app's code has not been used yet; from now on it has."""
    used = f"{authenticator.pk} {codes.normalized(code)}"
    return rate_limit.allow("used-code", used, most=1, seconds=CODE_SECONDS, at=at)


class CodeForm(WrittenCode, AuthenticateForm):
    """A code at the login."""


class CodeAgainForm(WrittenCode, ReauthenticateForm):
    """A code to prove once more who one is."""
