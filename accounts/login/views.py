"""The pages of logging in, of the second factor and of proving once more who one is: allauth's, with this house's rules."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account_views
from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, LoginWebAuthnView, RemoveWebAuthnView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit import trail
from accounts.crypto import keyed_hashes
from accounts.models import User
from accounts.own_account.views import user_of

from . import code_mails, codes, known_address, login_limits, login_links, oidc, reauthentication, second_factor
from .forms import LoginLinkForm

CODE_BY_MAIL = "confirm_by_mail"
MARK_OF_CODE = "accounts.login.views.code_by_mail"
# The picture that an app reads is part of its page.
WITH_PICTURE = {**settings.SECURE_CSP, "img-src": [CSP.SELF, "data:"]}

View = Callable[..., HttpResponseBase]


def of_staff(view: View) -> View:
    """Make a page of the second factor: for staff, who have just proved who they are, and not to be kept."""

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not user_of(request).is_staff:
            raise PermissionDenied
        # Else whoever holds one factor only could set up another one, and be in.
        if not second_factor.is_proved(request) and (where := second_factor.proof_page(user_of(request))):
            return redirect_to_login(request.get_full_path(), where)
        return reauthentication.require_recent_login(request) or view(request, *args, **kwargs)

    return guarded


# --- Logging in ------------------------------------------------------------------------------------


class RequestLoginCodeView(account_views.RequestLoginCodeView):
    """Asking for a code and a link by mail."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> HttpResponseRedirect | None:
        """Let people start again who wait for a mail: with another address, or for a new one."""
        is_waiting = stage.urlname == "account_confirm_login_code"
        return None if is_waiting else super()._redirect_to_pending_stage(request, stage)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the address that the person's link was sent to."""
        return {**super().get_form_kwargs(), "known": known_address.address_for(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say to whom the mail goes when it need not be typed."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        known = context["form"].known
        return context | {"known": known_address.hidden(known) if known else ""}

    def form_valid(self, form: Any) -> HttpResponse:
        """Do the same work for an address that nobody has."""
        known_address.note(self.request, is_known=form.cleaned_data["email"] == form.known)
        response = super().form_valid(form)
        if form._user is None:
            link = login_links.new_link(self.request, form.cleaned_data["email"])
            code_mails.request_code("", codes.new_code(), link=link, at=timezone.now())
        return response


class ConfirmLoginCodeView(account_views.ConfirmLoginCodeView):
    """Where the code is entered."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell an address only to whoever typed it."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"email": known_address.shown(self.request, context.get("email") or "")}


class LoginLinkView(account_views.ConfirmLoginCodeView):
    """The page of the link from the mail, in the browser that asked: a button that does what the code does."""

    template_name = "accounts/login/login_link.html"

    def get_form_class(self) -> type[LoginLinkForm]:
        """Return the form of the button."""
        return LoginLinkForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the link."""
        return {**super().get_form_kwargs(), "token": self.kwargs["token"]}

    def get_next_url(self) -> str | None:
        """Return where the person was going when they asked."""
        return login_links.kept_in(self.request).get("next") or None

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in, and lead on."""
        return self._verify_form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say that the link works no more."""
        return unusable_link(self.request, is_elsewhere=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """
    Show the button of a link (GET), and log in by it (POST), in the browser that asked. Elsewhere the link does nothing: the page
    says where the code is to be entered, and offers a mail for this browser.
    """
    if request.user.is_authenticated:
        return HttpResponseRedirect(get_adapter().get_login_redirect_url(request))
    if not login_links.fits(request, token):
        return unusable_link(request, is_elsewhere=not login_links.kept_in(request))
    answer = LoginLinkView.as_view()(request, token=token)
    ways_back = (reverse("account_request_login_code"), reverse("account_login"))
    if request.method != "POST" and isinstance(answer, HttpResponseRedirect) and answer.url in ways_back:
        return unusable_link(request, is_elsewhere=False)
    return answer


def unusable_link(request: HttpRequest, *, is_elsewhere: bool) -> HttpResponse:
    """Say that a link logs nobody in here, and how it goes on."""
    context = {"is_elsewhere": is_elsewhere}
    return render(request, "accounts/login/login_link_unusable.html", context, status=200 if is_elsewhere else 404)


class LoginView(account_views.LoginView):
    """The password, for staff."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what the organisation's own login is called, when there is one."""
        name = settings.OIDC_NAME or _("your organisation's login")
        return super().get_context_data(identity=name if settings.OIDC_ISSUER else "", **kwargs)


class PasskeyLoginView(LoginWebAuthnView):
    """Logging in by a passkey alone, which is two factors."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Let staff in. Everyone else logs in by a code."""
        if not form.cleaned_data["credential"].user.is_staff:
            form.add_error("credential", get_adapter().validation_error("email_password_mismatch"))
            return self.form_invalid(form)
        return super().form_valid(form)


@require_POST
@never_cache
def login_by_identity(request: HttpRequest) -> HttpResponse:
    """
    Lead staff to their organisation's identity provider. A POST, so that no link of someone else's begins it; by a
    page, because browsers hold a redirect after a form to the policy of the form's page.
    """
    try:
        there = oidc.redirect_to_provider(request, get_next_redirect_url(request))
        return render(request, "accounts/login/identity_go.html", {"there": there.url})
    except oidc.AWAY:
        messages.error(request, _("Your organisation's login is not responding. Try again, or log in with a code."))
        return HttpResponseRedirect(reverse("account_login"))


@never_cache
def identity_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take in who comes back from there."""
    if provider_id != oidc.PROVIDER:
        raise Http404
    return oidc.log_in_from_provider(request)


# --- Proving once more who one is -------------------------------------------------------------------


class CodeByMailForm(forms.Form):
    """The code from the mail."""

    code = forms.CharField(max_length=codes.LONGEST)

    def __init__(self, *args: Any, user: User, kept: str, **kwargs: Any) -> None:
        self.user, self.kept = user, kept
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Refuse a code that was not sent in this session, or after five tries."""
        code: str = self.cleaned_data["code"]
        if not (
            login_limits.GUESSES_OF_CODE.allow(f"{self.user.pk} {self.kept}")
            and login_limits.AGAIN_GUESSES.allow(str(self.user.pk))
        ):
            raise get_adapter().validation_error("too_many_login_attempts")
        if not (self.kept and keyed_hashes.is_mark_of(self.kept, MARK_OF_CODE, code_with_user(self.user, code))):
            raise get_adapter().validation_error("incorrect_code")
        login_limits.AGAIN_GUESSES.give_back(str(self.user.pk))
        return code


def hash_of(user: User, code: str) -> str:
    """Return what a session keeps of a code: an HMAC-SHA256 (hex)."""
    return keyed_hashes.mark(MARK_OF_CODE, code_with_user(user, code))


def code_with_user(user: User, code: str) -> str:
    """Return what is marked of a code: it is this person's only, however it is typed."""
    return f"{user.pk} {codes.normalized(code)}"


class ConfirmByMailView(account_views.BaseReauthenticateView):
    """A code by mail, for people who have neither a password nor a second factor. A POST without a code sends one."""

    form_class = CodeByMailForm
    template_name = "accounts/login/confirm_by_mail.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form what it compares with; a code is good for ten minutes."""
        kept = self.request.session.get(CODE_BY_MAIL, {})
        is_good = kept.get("until", 0) > timezone.now().timestamp()
        return {**super().get_form_kwargs(), "user": user_of(self.request), "kept": kept["hash"] if is_good else ""}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a code, or look at the one that was written."""
        if "code" in request.POST:
            return super().post(request, *args, **kwargs)
        user, now = user_of(request), timezone.now()
        if login_limits.AGAIN_BY_CODE.allow(str(user.pk)):
            code = get_adapter().generate_login_code()
            until = (now + codes.CODE_LASTS).timestamp()
            request.session[CODE_BY_MAIL] = {"hash": hash_of(user, code), "until": until}
            code_mails.request_code(user.email, code, at=now)
            return HttpResponseRedirect(request.get_full_path())
        messages.error(request, get_adapter().error_messages["rate_limited"])
        return HttpResponseRedirect(request.get_full_path())

    def form_valid(self, form: Any) -> HttpResponse:
        """Note the proof; the code is used up."""
        del self.request.session[CODE_BY_MAIL]
        second_factor.note(self.request, user_of(self.request), "code", reauthenticated=True)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether a code is on its way."""
        return super().get_context_data(is_sent=CODE_BY_MAIL in self.request.session, **kwargs)


# --- The second factor -----------------------------------------------------------------------------


class SetUpMixin:
    """What setting up an app and a passkey share: it counts at once, and the recovery codes come next."""

    request: HttpRequest
    did_generate_recovery_codes: bool

    def took(self, kind: str) -> Authenticator:
        """Note what was set up, let it count for this session, and return it."""
        user = user_of(self.request)
        authenticator = Authenticator.objects.filter(user=user, type=kind).latest("pk")
        second_factor.note_proof(self.request, authenticator)
        trail.note("user.second_factor_added", user, by=user, at=timezone.now(), kind=str(kind))
        return authenticator

    def get_success_url(self) -> str:
        """Lead to the recovery codes when they are new, else to where the person was going."""
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return self.request.session.pop(second_factor.GOING_TO, "") or reverse("mfa_index")


class SecondFactorsView(IndexView):
    """What someone has set up."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everyone but staff."""
        if not user_of(request).is_staff:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the desk waits for a second factor, and how many recovery codes are left."""
        context = super().get_context_data(**kwargs)
        codes = context["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        context |= {
            "is_demanded": settings.SECOND_FACTOR and not second_factor.is_proved(self.request),
            "codes_left": len(codes.get_unused_codes()) if codes else None,
        }
        return context


class AddAppView(SetUpMixin, ActivateTOTPView):
    """An app that shows codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it. The code that showed it works is used up."""
        response = super().form_valid(form)
        second_factor.consume_code(self.took(Authenticator.Type.TOTP), form.cleaned_data["code"], at=timezone.now())
        return response


class AddPasskeyView(SetUpMixin, AddWebAuthnView):
    """A passkey, on this device or on a key."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it."""
        response = super().form_valid(form)
        self.took(Authenticator.Type.WEBAUTHN)
        return response


class RemoveAppView(DeactivateTOTPView):
    """Taking the app away."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it away, and note it."""
        response = super().form_valid(form)
        note_removed(self.request, Authenticator.Type.TOTP)
        return response


class RemovePasskeyView(RemoveWebAuthnView):
    """Taking a passkey away."""

    def get_success_url(self) -> str:
        """Lead back to what is left."""
        return reverse("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it away and note it, unless the desk needs it."""
        if second_factor.is_last(self.object):
            form.add_error(None, mfa_refusal())
            return self.form_invalid(form)
        response = super().form_valid(form)
        note_removed(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RenamePasskeyView(EditWebAuthnView):
    """What a passkey is called."""

    def get_success_url(self) -> str:
        """Lead back to the list."""
        return reverse("mfa_index")


class NewRecoveryCodesView(GenerateRecoveryCodesView):
    """New recovery codes instead of the ones before."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them, and note it."""
        response = super().form_valid(form)
        user = user_of(self.request)
        trail.note("user.recovery_codes_made", user, by=user, at=timezone.now())
        return response


class RecoveryCodesView(ViewRecoveryCodesView):
    """The recovery codes, once."""

    template_name = "mfa/recovery_codes/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say where the person was going."""
        going_to = self.request.session.pop(second_factor.GOING_TO, "") or reverse("mfa_index")
        return super().get_context_data(going_to=going_to, **kwargs)


def note_removed(request: HttpRequest, kind: str) -> None:
    """Write down that someone took a factor of theirs away."""
    user = user_of(request)
    trail.note("user.second_factor_removed", user, by=user, at=timezone.now(), kind=str(kind))


def mfa_refusal() -> Any:
    """Return why the only second factor stays."""
    from allauth.mfa.adapter import get_adapter as get_mfa_adapter

    return get_mfa_adapter().validation_error("cannot_delete_authenticator")


login = LoginView.as_view()
confirm_login_code = ConfirmLoginCodeView.as_view()
request_login_code = never_cache(RequestLoginCodeView.as_view())
login_by_passkey = never_cache(PasskeyLoginView.as_view())
confirm_by_mail = never_cache(login_required(ConfirmByMailView.as_view()))
second_factors = never_cache(login_required(SecondFactorsView.as_view()))
add_app = csp_override(WITH_PICTURE)(of_staff(AddAppView.as_view()))
remove_app = of_staff(RemoveAppView.as_view())
add_passkey = of_staff(AddPasskeyView.as_view())
remove_passkey = of_staff(RemovePasskeyView.as_view())
rename_passkey = of_staff(RenamePasskeyView.as_view())
recovery_codes = of_staff(RecoveryCodesView.as_view())
new_recovery_codes = of_staff(NewRecoveryCodesView.as_view())
