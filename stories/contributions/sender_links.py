"""The signed link by which the sender of a contribution sees it and takes it back."""

from django.core.signing import BadSignature

from delivery.links.signing import LinkSigner
from lib.text.numbers.whole_numbers import whole_number
from stories.models import Contribution

PURPOSE = "stories.contribution.withdraw"


def token_of(contribution: Contribution) -> str:
    """Return what the sender's link names."""
    return LinkSigner(PURPOSE).sign(str(contribution.pk))


def of_token(token: str) -> Contribution | None:
    """Return the contribution that a link names, None for a link that we did not sign."""
    try:
        key = LinkSigner(PURPOSE).unsign(token[:200])
    except BadSignature:
        return None
    return Contribution.objects.select_related("prompt__campaign").filter(pk=whole_number(key)).first()
