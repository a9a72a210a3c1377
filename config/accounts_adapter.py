"""How allauth behaves here."""

import logging
from email.utils import formataddr
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.context_processors import campaign as campaign_context
from delivery import heading
from influencers.access import active_profile

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """
    Nobody signs up through allauth: influencers join the portal's own way, staff are invited.

    Its mails are single answers to somebody who waits for them: plain text, marked as automatic, without the
    headers of a list.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("Not this code. Check it letter by letter, or start again for a new one."),
        "email_password_mismatch": gettext_lazy("The address and the password don't belong together. Check both."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait a few minutes, then start again."),
        "rate_limited": gettext_lazy("Too many tries. Wait a few minutes, then start again."),
        "account_inactive": gettext_lazy("This account is closed. If that is a mistake, write to us."),
    }

    def add_message(self, request: HttpRequest, level: int, *args: Any, message: Any = None, **kwargs: Any) -> None:
        """Show a message. The one of too many tries is shown of a code only: a new one helps at once."""
        if message == self.error_messages["too_many_login_attempts"]:
            message = _("That was the tenth try, so this code works no more. Ask for a new one below.")
        super().add_message(request, level, *args, message=message, **kwargs)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """
        Return where a person goes after logging in, in their own language: influencers to the portal,
        contributors to their message inputs, staff to the desk.
        """
        user = request.user
        chosen = getattr(user, "language", "")
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else translation.get_language()):
            if active_profile(request) is not None:
                return reverse("influencers:home")
            if user.authority_memberships.exists():  # type: ignore[union-attr]
                return reverse("bulletins:inputs")
            return reverse("admin:index") if user.is_staff else reverse(settings.LOGIN_REDIRECT_URL)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the public front page in the page's language."""
        return reverse("home")

    def get_from_email(self) -> str:
        """Return our address under the campaign's name."""
        text = campaign_context(self.request)["campaign_text"]
        return formataddr((text.sender_name, settings.DEFAULT_FROM_EMAIL)) if text else settings.DEFAULT_FROM_EMAIL

    def format_email_subject(self, subject: str) -> str:
        """Return the subject, marked when the site shows an exercise."""
        campaign = getattr(self.request, "campaign", None)
        return f"[{_('Exercise')}] {subject}" if campaign is not None and campaign.is_exercise else force_str(subject)

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
            "Message-ID": heading.new_message_id(settings.DEFAULT_FROM_EMAIL),
        }
        return super().render_mail(template_prefix, email, context, marks | (headers or {}))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """
        Send the mail. A mail server that is down is noted in the log and not on the page: an error for
        known addresses only would tell a stranger which addresses are known.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as fault:
            # The exception's text may hold the address.
            logger.error("Mail %s was not sent: %s", template_prefix, type(fault).__name__)
