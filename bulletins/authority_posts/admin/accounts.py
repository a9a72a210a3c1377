"""The authority's accounts at the desk: entered once, tried by the network, and never shown with their secrets."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.audit import trail
from accounts.desk_base.admin_mixins import ReauthenticationMixin
from bulletins.authority_posts import account_checks, network_accounts
from bulletins.models import AuthorityAccount, Network
from campaigns.base_admin import DeskAdmin
from lib.http import url_parts
from lib.http.safe_fetch import looks_private
from lib.text.languages.languages import language_heading

State = AuthorityAccount.State
OnCorrection = AuthorityAccount.OnCorrection
COLOURS = {State.WORKS: "success", State.NEW: "info", State.REFUSED: "danger", State.OFF: "default"}
FIRST_RULE = {Network.MASTODON: OnCorrection.EDIT, Network.BLUESKY: OnCorrection.REPLACE}


class AccountForm(forms.ModelForm):
    """An account. Its secret is entered, never shown; an empty box keeps what is there."""

    new_secret = forms.CharField(
        label=gettext_lazy("Access token or app password"),
        required=False,
        strip=True,
        max_length=500,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Mastodon: Preferences, Development, New application, with read:accounts, write:media and write:statuses; its access token. "
            "Bluesky: Settings, Privacy and security, App passwords. It is kept encrypted, and nobody is shown it. Empty: it stays as it is."
        ),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("In which it posts. None: in every language that has words for it."),
    )
    in_use = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "Without it nothing is posted, edited or deleted by this account, and its secret is forgotten."
        ),
    )

    class Meta:
        model = AuthorityAccount
        fields = ["network", "server", "handle", "languages", "on_correction", "with_card"]

    def __init__(self, *args: Any, campaign: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        fields: dict[str, Any] = self.fields
        codes = [row.code for row in campaign.languages.all()] if campaign else []
        codes += [code for code in self.instance.languages if code not in codes]
        if "languages" in fields:
            fields["languages"].choices = [(code, language_heading(code)) for code in codes]
        if "in_use" in fields:
            fields["in_use"].initial = self.instance.state != State.OFF
        if "server" in fields:
            fields["server"].required = False
            fields["server"].help_text = _(
                "Mastodon: https:// and the server's name. Bluesky: empty, unless the account has a server of its own."
            )
            fields["handle"].help_text = _("As people know it: @ministry@social.example, @ministry.example")
        if "on_correction" in fields:
            fields["on_correction"].help_text = _("Bluesky shows no edits, so a post there cannot be edited.")

    def clean_handle(self) -> str:
        """Return the account's name with its sign."""
        name = "".join(self.cleaned_data["handle"].split()).lstrip("@")
        if not name:
            raise ValidationError(_("Write the account's name."))
        return f"@{name}"

    def clean_server(self) -> str:
        """Return the server's address: https, and no page on it."""
        server = self.cleaned_data["server"].strip().rstrip("/")
        if not server:
            if self.data.get("network") == Network.BLUESKY:
                return network_accounts.BLUESKY_SERVER
            raise ValidationError(_("Write the address of the server."))
        if "://" not in server:
            server = f"https://{server}"
        parts = url_parts.parts_of(server)
        allowed = parts and (parts.scheme == "https" or parts.netloc in settings.FETCH_ALLOW)
        if not parts or not allowed or not parts.hostname or parts.path or parts.query or parts.username:
            raise ValidationError(_("Write the server as https://social.example, without a page."))
        if looks_private(server):
            raise ValidationError(_("This server is inside a network. Give one that can be reached from the internet."))
        return server

    def clean(self) -> dict[str, Any]:
        """Refuse what its network cannot do, an account that is there already, and one in use without a secret."""
        cleaned = super().clean() or {}
        network = cleaned.get("network") or self.instance.network
        if network == Network.BLUESKY and cleaned.get("on_correction") == OnCorrection.EDIT:
            self.add_error("on_correction", _("Bluesky shows no edits. Choose another."))
        if (handle := cleaned.get("handle")) and not self.instance.pk:
            # Neither network tells large letters from small ones.
            known = AuthorityAccount.objects.filter(campaign=self.campaign, network=network, handle__iexact=handle)
            if known.exists():
                self.add_error("handle", _("This account is here already. Open it in the list to change it."))
        is_practice = self.campaign is not None and self.campaign.is_exercise
        has_secret = bool(cleaned.get("new_secret") or self.instance.secret)
        if cleaned.get("in_use") and not has_secret and not is_practice and "new_secret" in self.fields:
            self.add_error("new_secret", _("Without it nothing can be posted. Enter it, or turn “In use” off."))
        return cleaned


@admin.register(AuthorityAccount)
class AuthorityAccountAdmin(ReauthenticationMixin, DeskAdmin):
    """Accounts by which the authority posts."""

    form = AccountForm
    list_display = ["shown_name", "shown_state", "shown_languages", "on_correction", "checked_at"]
    list_display_links = ["shown_name"]
    list_filter = ["network", "state"]
    campaign_by = "campaign"
    actions = None
    list_note = gettext_lazy(
        "Accounts of the authority on Mastodon and Bluesky. A bulletin is posted by those that its editor chooses, in the words that were "
        "approved for that network. Other platforms: copy and open, as before."
    )
    fieldsets = (
        (None, {"fields": ["network", "server", "handle", "new_secret", "in_use"]}),
        (gettext_lazy("What it posts"), {"fields": ["languages", "with_card", "on_correction"]}),
    )

    @display(description=gettext_lazy("account"), ordering="handle")
    def shown_name(self, account: AuthorityAccount) -> str:
        """Return the network and the account."""
        return str(account)

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def shown_state(self, account: AuthorityAccount) -> tuple[str, str]:
        """Return the state as a label."""
        return account.state, account.get_state_display()

    @display(description=gettext_lazy("languages"))
    def shown_languages(self, account: AuthorityAccount) -> str:
        """Return the languages that it posts in."""
        return ", ".join(language_heading(code) for code in account.languages) or _("all")

    @display(description=gettext_lazy("state"))
    def shown_standing(self, account: AuthorityAccount) -> str:
        """Return whether it works, and why not."""
        if account.state == State.NEW and account.why:
            return _("It could not be tried yet, and will be again. %(why)s") % {"why": account.reason}
        if account.state == State.NEW:
            return _("It is being tried. Open this page again in a moment.")
        return " ".join(filter(None, (str(account.get_state_display()).capitalize() + ".", account.reason)))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show, of an account that is there, where it stands; its name is what approvals rest on, so it stays."""
        if obj is None:
            return self.fieldsets
        head = ["shown_standing", "network", "server", "handle"]
        if self.has_change_permission(request, obj):
            head += ["new_secret", "in_use"]
        return ((None, {"fields": head}), *self.fieldsets[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: AuthorityAccount | None = None) -> Any:
        """Return what is not changed once it is there."""
        return ["shown_standing", "network", "server", "handle"] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which offers the languages of the campaign that is worked in."""
        made = super().get_form(request, obj, change, **kwargs)
        campaign = getattr(request, "campaign", None)

        class OfCampaign(made):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **more: Any) -> None:
                super().__init__(*args, campaign=campaign, **more)

        return OfCampaign

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the rule that every network can keep."""
        return {
            "on_correction": OnCorrection.REPLACE,
            "with_card": True,
            **super().get_changeform_initial_data(request),
        }

    def save_model(self, request: HttpRequest, obj: AuthorityAccount, form: Any, change: bool) -> None:
        """Store the account, its secret encrypted, and have it tried where something changed that may matter."""
        now = timezone.now()
        if not change:
            obj.campaign = request.campaign  # type: ignore[attr-defined]  # the middleware has set it
        secret = form.cleaned_data.get("new_secret", "")
        was_off, in_use = change and obj.state == State.OFF, form.cleaned_data.get("in_use", True)
        if secret or not in_use:
            network_accounts.set_secret(obj, secret if in_use else "")
        if not in_use:
            obj.state, obj.why, obj.detail = State.OFF, "", ""
        super().save_model(request, obj, form, change)
        if secret and in_use and change:
            trail.note("authorityaccount.secret_changed", obj, by=request.user, at=now)  # type: ignore[arg-type]
        if in_use and (not change or secret or was_off or obj.state == State.REFUSED):
            account_checks.ask(obj, at=now)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was posted by it stays on record: it is taken out of use instead."""
        return False
