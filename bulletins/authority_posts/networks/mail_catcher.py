"""Where the posts of an exercise go: to the mail catcher on this machine, as everything that an exercise sends, and never further."""

from datetime import datetime

from django.core import mail
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from bulletins.models import AuthorityAccount
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject
from delivery.transports import failover

from .network import Draft, Means, NetworkFault, Place

PREFIX = "exercise:"
NO_CATCHER = gettext_noop("The mail catcher of exercises could not be reached.")


class MailCatcher:
    """One account of an exercise: what it would post, edit and delete comes as a mail."""

    def __init__(self, account: AuthorityAccount, *, at: datetime) -> None:
        self._account, self._at = account, at

    def whoami(self) -> str:
        """Return the account as it was named: nobody is asked."""
        return self._account.handle

    def post(self, draft: Draft) -> Place:
        """Show what it would post."""
        says = _("%(account)s replies") if draft.reply_to else _("%(account)s posts")
        self._show(says, draft)
        return Place(f"{PREFIX}{draft.key}")

    def edit(self, place: Place, draft: Draft) -> Place:
        """Show what it would say from now on."""
        self._show(_("%(account)s edits its post"), draft)
        return place

    def delete(self, place: Place | None, key: str) -> None:
        """Show that it would be deleted."""
        if place is not None:
            self._show(_("%(account)s deletes its post"), None)

    def close(self) -> None:
        """There is nothing to let go."""

    def _show(self, says: str, draft: Draft | None) -> None:
        campaign = self._account.campaign
        with override(draft.language if draft else campaign.default_language):
            title = clean_subject(campaign.marked(says % {"account": self._account}))
            lines = [draft.words] if draft else []
            if draft and draft.picture:
                lines.append(_("Picture: %(alt)s") % {"alt": draft.picture.alt})
        letter = mail.EmailMessage(
            title,
            "\n\n".join(lines),
            addresses.bounce_address(campaign.sender_email),
            [f"{self._account.pk}@{self._account.network}.invalid"],
            headers=AUTOMATIC,
        )
        if draft and draft.picture:
            ending = draft.picture.content_type.rpartition("/")[2]
            letter.attach(f"card.{ending}", draft.picture.data, draft.picture.content_type)
        try:
            with mail.mailers[failover.expected_mailer(campaign)] as connection:
                connection.send_messages([letter])
        except OSError as fault:
            raise NetworkFault(Means.AGAIN, NO_CATCHER, type(fault).__name__) from fault
