"""Where the posts of an exercise go: to the mail catcher on this machine, as everything that an exercise sends, and never further."""

from datetime import datetime
from textwrap import shorten

from django.core import mail
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from bulletins.models import AuthorityAccount, AuthorityPost
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject
from delivery.transports import failover
from lib.text.languages.languages import site_language

from .network import Draft, Means, NetworkFault, Place

PREFIX = "exercise:"
POSTS, REPLIES = gettext_noop("%(account)s posts"), gettext_noop("%(account)s replies")
EDITS, DELETES = gettext_noop("%(account)s edits its post"), gettext_noop("%(account)s deletes its post")
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
        self._show(REPLIES if draft.reply_to else POSTS, draft)
        return Place(f"{PREFIX}{draft.key}")

    def edit(self, place: Place, draft: Draft) -> Place:
        """Show what it would say from now on."""
        self._show(EDITS, draft)
        return place

    def delete(self, place: Place | None, key: str) -> None:
        """Show that it would be deleted, with what it said."""
        if place is not None:
            self._show(DELETES, self._draft_of(key))

    def find(self, address: str, key: str) -> Place:
        """Return where it would stand: nothing of an exercise has an address."""
        return Place(f"{PREFIX}{key}")

    def close(self) -> None:
        """There is nothing to let go."""

    def _draft_of(self, key: str) -> Draft:
        """Return the words of a post, by its key."""
        row = AuthorityPost.objects.filter(key=key).first()
        return Draft(row.words, row.language, key, self._at) if row else Draft("", "", key, self._at)

    def _show(self, says: str, draft: Draft) -> None:
        campaign = self._account.campaign
        with override(site_language(draft.language or campaign.default_language)):
            title = clean_subject(campaign.marked(_(says) % {"account": self._account}))
            lines = [draft.words]
            if draft.picture:
                lines.append(_("Picture: %(alt)s") % {"alt": draft.picture.alt})
            if draft.reply_to:
                answered = self._draft_of(draft.reply_to.remote_id.removeprefix(PREFIX))
                lines.append(_("In reply to: %(words)s") % {"words": shorten(answered.words, 80, placeholder=" …")})
        letter = mail.EmailMessage(
            title,
            "\n\n".join(lines),
            addresses.bounce_address(campaign.sender_email),
            [f"{self._account.pk}@{self._account.network}.invalid"],
            headers=AUTOMATIC | {"Content-Language": draft.language},
        )
        if draft.picture:
            ending = draft.picture.content_type.rpartition("/")[2]
            letter.attach(f"card.{ending}", draft.picture.data, draft.picture.content_type)
        try:
            with mail.mailers[failover.expected_mailer(campaign)] as connection:
                connection.send_messages([letter])
        except OSError as fault:
            raise NetworkFault(Means.AGAIN, NO_CATCHER, type(fault).__name__) from fault
