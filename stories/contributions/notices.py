"""The one mail to whoever sent a contribution and gave an address: thanks, where it is shown, and how to take it back."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from notifications.notice_kinds import Kind, Matter
from stories.models import Contribution

from .sender_links import token_of


class ContributionKind(Kind):
    """A kind about contributions. It has no words of the sender, so that nobody's mail carries what somebody else wrote."""

    model = Contribution
    related = ("prompt__campaign",)

    def contact(self, subject: Contribution) -> str:
        """Return the address that its sender gave."""
        return subject.email

    def language(self, subject: Contribution) -> str:
        """Return the language in which it was sent."""
        return subject.language

    def lead_in(self) -> str:
        """Return what stands above the address."""
        return _("See it, or take it back at any time:")

    def page(self, subject: Contribution, person: User | None) -> str:
        """Return the page on which its sender can take it back, which leads to where it is shown."""
        return reverse("contributions:withdraw", args=[token_of(subject)])


CONTRIBUTION_THANKS = ContributionKind(
    "contribution_thanks", gettext_noop("Thank you: what you sent is shown now"), matter=Matter.NEWS
)

KINDS = (CONTRIBUTION_THANKS,)
