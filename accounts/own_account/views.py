"""Everyone's own account: who they are, where they are logged in, their password, and the way in for the first one."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.roles import Role
from accounts.audit import trail
from accounts.login import first_administrator, reauthentication, second_factor
from accounts.models import User
from accounts.sessions import activity, device_names, expiry
from lib.form_choices import offer_choices
from lib.text.languages import spoken_languages
from lib.text.languages.languages import language_name


class ProfileForm(forms.ModelForm):
    """How someone is called, and which language they read."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    class Meta:
        model = User
        fields = ("name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = [(code, language_name(code)) for code in spoken_languages.codes()]
        offer_choices(self, "language", [("", _("Same as the page")), *languages])
        self.fields["name"].widget.attrs |= {"class": "input", "autocomplete": "name"}
        self.fields["language"].widget.attrs |= {"class": "input"}


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic to mypy only
    """A new password, twice. The page says what it should be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs |= {"class": "input"}


def user_of(request: HttpRequest) -> User:
    """Return who is logged in."""
    assert isinstance(request.user, User)
    return request.user


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account, and save name and language. Influencers have theirs in the portal's settings."""
    user = user_of(request)
    in_portal = user.groups.filter(name=Role.INFLUENCER).exists() and not user.is_staff
    form = None if in_portal else ProfileForm(request.POST or None, instance=user)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if not form.is_valid():
            return render(request, "accounts/own_account/account.html", {"form": form}, status=422)
        form.save()
        language = user.language or translation.get_language()
        with translation.override(language):
            messages.success(request, _("Saved."))
            response = redirect("account")
        # The desk and the pages without a language in their address follow it too.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
        return response
    return render(request, "accounts/own_account/account.html", {"form": form})


# --- Where one is logged in ------------------------------------------------------------------------


@never_cache
@login_required
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Show where one is logged in."""
    user, now = user_of(request), timezone.now()
    here = request.session.session_key
    shown = [
        {
            "handle": activity.handle_of(one.session_key),
            "device": device_names.name_of_device(one.device),
            "place": one.place,
            "began_at": one.began_at,
            "seen_at": now if one.session_key == here else one.seen_at,
            "is_here": one.session_key == here,
        }
        for one in activity.sessions_of(user, at=now)
    ]
    shown.sort(key=lambda one: not one["is_here"])
    return render(request, "accounts/own_account/sessions.html", {"sessions": shown})


@login_required
@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """End one of one's sessions."""
    user, handle = user_of(request), request.POST.get("session", "")
    if handle == activity.handle_of(request.session.session_key or ""):
        get_adapter().logout(request)
        return redirect("home")
    if not activity.end(user, handle):
        raise Http404
    trail.note("user.session_ended", user, by=user, at=timezone.now())
    messages.success(request, _("That session has ended."))
    return redirect("account_sessions")


@login_required
@require_POST
def log_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions, this one too."""
    user = user_of(request)
    ended = activity.end_all(user)
    trail.note("user.logged_out_everywhere", user, by=user, at=timezone.now(), sessions=ended)
    logout(request)
    messages.success(request, _("You have been logged out everywhere."))
    return redirect(settings.LOGIN_URL)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session_state(request: HttpRequest) -> JsonResponse:
    """
    Tell a page how many seconds its session has left, whose it is, and the token that its forms need now. A GET is no
    activity; a POST says that the person is doing something.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"left": 0, "who": "", "token": get_token(request)})
    if request.method == "POST":
        activity.touch(request.session, at=timezone.now())
    end = expiry.ends_at(request.session)
    left = int((end - timezone.now()).total_seconds()) if end else settings.SESSION_COOKIE_AGE
    return JsonResponse({"left": left, "who": activity.handle_of(str(request.user.pk)), "token": get_token(request)})


# --- Password --------------------------------------------------------------------------------------


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Give oneself a password or another one: staff only, and only who has just proved who they are."""
    user = user_of(request)
    if not user.is_staff:
        raise PermissionDenied
    if not reauthentication.is_fresh(request) and request.method == "POST":
        return HttpResponseRedirect(reverse("account_password"))  # which asks; a password never waits in the session
    if again := reauthentication.require_recent_login(request):
        return again
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST":
        if not form.is_valid():
            return render(request, "accounts/own_account/password.html", {"form": form}, status=422)
        form.save()
        activity.end_all(user, but=request)
        trail.note("user.password_changed", user, by=user, at=timezone.now())
        messages.success(request, _("Your password has been changed. You have been logged out everywhere else."))
        return redirect("account")
    return render(request, "accounts/own_account/password.html", {"form": form})


# --- The first administrator -----------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest, token: str) -> HttpResponse:
    """Let the first administrator in by the link of `manage.py first_admin`. Looking at it changes nothing."""
    now = timezone.now()
    if request.method != "POST":
        user = first_administrator.find(token, at=now)
        return render(request, "accounts/login/first_login.html", {"person": user}, status=200 if user else 404)
    user = first_administrator.use_link(token, at=now)
    if user is None:
        return render(request, "accounts/login/first_login.html", {"person": None}, status=404)
    second_factor.note(request, user, "link")
    get_adapter().login(request, user)
    return redirect("admin:index")
