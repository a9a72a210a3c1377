"""What a liaison says on the telephone, in about twenty seconds: who calls, the first key message, and that nobody has to post anything."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from bulletins.models import PublishedEdition
from influencers.models import SeenRequest
from lib.text.languages.languages import site_language
from lib.text.markup import plain


def words_of(request: SeenRequest, by: User, *, first: str = "") -> list[tuple[str, str]]:
    """Return (language, what to say) in each language of a bulletin, that of whoever is called `first`; two queries."""
    campaign = request.campaign
    names = {row.code: row.name for row in campaign.languages.all()}
    editions = PublishedEdition.objects.filter(version=request.version_id).defer("html", "body")
    said = [
        (edition.language, said_in(edition, names.get(edition.language) or str(campaign), by))
        for edition in editions
        if not edition.is_easy
    ]
    return sorted(said, key=lambda one: one[0] != first)


def said_in(edition: PublishedEdition, campaign: str, by: User) -> str:
    """Return what to say in the language of an edition; around its key message, in the nearest language of the site."""
    messages = edition.content.get("key_messages") or [{"text": edition.title}]
    with override(site_language(edition.language)):
        return _(
            "Hello, this is %(who)s from %(campaign)s. %(words)s Have you seen our message? You don't have to post anything."
        ) % {"who": by.get_short_name() or str(by), "campaign": plain(campaign), "words": plain(messages[0]["text"])}
