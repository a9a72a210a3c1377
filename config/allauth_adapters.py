"""How allauth behaves here."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.crypto import encryption
from accounts.desk_base.desk_user import user_of
from accounts.login import code_mails, codes, login_limits, login_links, oidc, reauthentication, second_factor
from accounts.models import User
from accounts.sessions import activity
from campaigns.http.context_processors import campaign as campaign_context
from campaigns.http.requests import CampaignRequest
from campaigns.models import Campaign
from delivery.message.headers import new_message_id, plain_mailbox, printable
from influencers.access.portal_access import active_profile
from lib.http import url_parts
from lib.text.languages import spoken_languages

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """
    Nobody signs up through allauth: influencers join the portal's own way, staff are invited.

    Its mails are single answers to someone who waits for them: plain text, marked as automatic, without the
    headers of a list.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("Wrong code. Check the newest email: an older code no longer works."),
        "only_by_link": gettext_lazy(
            "Too many wrong codes were tried today. Open the link in the email instead, or copy it and paste it here."
        ),
        "email_password_mismatch": gettext_lazy("The address and the password don't match. Check both."),
        "too_many_login_attempts": login_limits.REFUSALS[login_limits.QUARTER],  # passwords
        "rate_limited": login_limits.REFUSALS[login_limits.HOUR],  # codes by mail
        "account_inactive": gettext_lazy("This account is closed. If that is a mistake, write to us."),
    }

    def add_message(self, request: HttpRequest, level: int, *args: Any, message: Any = None, **kwargs: Any) -> None:
        """Show a message. The one of too many tries is shown of a code only: a new one helps at once."""
        if message == self.error_messages["too_many_login_attempts"]:
            message = _("That was the fifth attempt, so this code no longer works. Request a new one below.")
        super().add_message(request, level, *args, message=message, **kwargs)

    def is_safe_url(self, url: str) -> bool:
        """Return whether someone may be led there afterwards; never to what is no address."""
        return url_parts.parts_of(url) is not None and super().is_safe_url(url)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return whose address and password these are, or None. So many tries, then they are refused unread."""
        address = str(credentials.get("email") or credentials.get("username") or "")
        if not login_limits.may_try_password(request, address):
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user is not None:
            login_limits.note_right_password(request, address)
        return user

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log someone in, and write down by what, and that their mailbox is theirs when it was by a code from it."""
        records, now = get_authentication_records(request, user), timezone.now()
        if [record["method"] for record in records] == ["code"]:
            # The session is of accounts.sessions.store, which the stubs do not know.
            request.session.leave_to(user, until=now + codes.CODE_LASTS)  # type: ignore[attr-defined]
        super().login(request, user)
        if any(one["method"] == "code" and one.get("email") == user.email for one in records):
            User.objects.filter(pk=user.pk, email=user.email).update(mailbox_proven_at=now)
        way = login_links.used_way(request)
        how = [way if record["method"] == login_links.BY_CODE else record["method"] for record in records]
        trail.note("user.logged_in", user, by=user, at=now, how=how)

    def logout(self, request: HttpRequest) -> None:
        """Log someone out, and write it down."""
        if isinstance(request.user, User):
            activity.forget_replaced(request.user)
            trail.note("user.logged_out", request.user, by=request.user, at=timezone.now())
        super().logout(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """
        Return where a person goes after logging in, in their own language: influencers to the portal,
        contributors to their message inputs, people of municipalities to their stories, of partner organisations to their ways to
        help, other creators to their paid work, staff to the desk.
        """
        user = user_of(request)
        is_spoken = user.language in spoken_languages.codes()
        with translation.override(user.language if is_spoken else translation.get_language()):
            if active_profile(request) is not None:
                return reverse("influencers:home")
            if user.authority_memberships.exists():
                return reverse("intake:inputs")
            if user.municipalities.exists():
                return reverse("municipality:own")
            if user.is_staff:
                return reverse("admin:index")
            if user.partner_memberships.exists():  # type: ignore[union-attr]  # somebody is logged in
                return reverse("ways_to_help:own")
            is_creator = user.creators.exists()  # type: ignore[union-attr]  # somebody is logged in
            return reverse("commissions:own" if is_creator else settings.LOGIN_REDIRECT_URL)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the public front page in the page's language."""
        return reverse("home")

    def get_from_email(self) -> str:
        """Return our address under the campaign's name."""
        text = campaign_context(self.request or pageless_request())["campaign_text"]
        name = printable(text.sender_name) if text else ""
        return plain_mailbox(name, settings.DEFAULT_FROM_EMAIL)

    def format_email_subject(self, subject: str) -> str:
        """Return the subject, marked when the site shows an exercise."""
        campaign = getattr(self.request or pageless_request(), "campaign", None)
        return force_str(subject) if campaign is None else campaign.marked(force_str(subject))

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Return the mail, marked so that no out-of-office answer comes back."""
        marks = {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "Content-Language": translation.get_language() or settings.LANGUAGE_CODE,
            "Message-ID": new_message_id(settings.DEFAULT_FROM_EMAIL),
        }
        return super().render_mail(template_prefix, email, context, marks | (headers or {}))

    def generate_login_code(self) -> str:
        """Return a code of six digits."""
        return codes.new_code()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """
        Have a login code sent by a worker (accounts.login.code_mails), and send other mails at once. A mail server that is down is
        noted in the log and not on the page.
        """
        if template_prefix == "account/email/login_code":
            link = login_links.new_link(context["request"], email)
            code_mails.request_code(email, context["code"], link=link, at=timezone.now())
            return
        try:
            self.deliver(template_prefix, email, context)
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            logger.error("Mail %s was not sent: %s", template_prefix, type(fault).__name__)

    def deliver(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail now, also outside a request. Raises what the mail backend raises."""
        self.render_mail(template_prefix, email, context).send()

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """
        Tell someone in their own language that the way into their account changed, whoever did it; at `email` when that
        is not their address any more.
        """
        chosen = user.language if user.language in spoken_languages.codes() else translation.get_language()
        with translation.override(chosen):
            what = template_prefix.rpartition("/")[2]
            self.send_mail("accounts/mail/second_factor", email or user.email, {"what": what, **(context or {})})

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Return whether a password is the person's own. Only staff have one that opens anything."""
        if not login_limits.AGAIN_BY_PASSWORD.allow(str(user.pk)):
            raise self.validation_error("too_many_login_attempts")
        is_right = bool(user.is_staff and user.check_password(password))
        if is_right:
            login_limits.AGAIN_BY_PASSWORD.give_back(str(user.pk))
        return is_right

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again when a login is not fresh any more; a fresh one counts."""
        return not reauthentication.is_fresh(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Return how someone can prove once more who they are; a code by mail for people who have nothing else."""
        methods = super().get_reauthentication_methods(user) if user.is_staff else []
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use the app or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        if methods or not user.is_authenticated:
            return [{**method, "description": words[method["id"]]} for method in methods]
        by_mail = reverse("account_confirm_by_mail")
        return [{"id": "confirm_by_mail", "description": _("Use a code sent by email"), "url": by_mail}]


def pageless_request() -> HttpRequest:
    """Return what a mail may ask about when no page is asked for: the campaign that the site shows."""
    request = CampaignRequest()
    request.campaign = Campaign.objects.current()  # as its middleware does
    return request


class StaffIdentityAdapter(DefaultSocialAccountAdapter):
    """Whom the organisation's identity provider brings: staff who have an account here, and nobody else."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person, or refuse."""
        user = oidc.staff_member_of(sociallogin)
        if user is None:
            raise ImmediateHttpResponse(refused(request))
        sociallogin.user = user

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say that it did not work, whatever went wrong: details would help the wrong people only."""
        exception = kwargs.get("exception")
        logger.warning("A login at the identity provider was refused: %s", type(exception).__name__)
        raise ImmediateHttpResponse(refused(request))


def refused(request: HttpRequest) -> HttpResponse:
    """Return the page that says that the identity provider brought nobody whom we know."""
    return render(request, "accounts/login/identity_refused.html", status=403)


class SecondFactorAdapter(DefaultMFAAdapter):
    """How allauth keeps the second factor here: its secrets are encrypted, and staff keep at least one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That did not work. Try again."),
        "cannot_delete_authenticator": gettext_lazy(
            "This is your only second factor, and the desk requires one. Set up another one first."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return encryption.lock(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret as it is used. Raise accounts.crypto.encryption.Locked."""
        return encryption.unlock(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse to leave someone without the second factor that the desk demands."""
        return not second_factor.is_last(authenticator)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a passkey is called unless its owner says it better."""
        return _("Passkey %(number)d") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}
