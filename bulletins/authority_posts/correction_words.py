"""What is posted where a bulletin is corrected or withdrawn: what happened, and where to read it, as much as the network has room for."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.editing.variants import page_of
from bulletins.models import Bulletin, Edition
from campaigns.models import PlatformLimit
from campaigns.platforms import character_counts
from campaigns.translated_fields import in_language

Limits = Mapping[tuple[str, str], PlatformLimit]


def words_of(bulletin: Bulletin, edition: Edition, network: str, limits: Limits) -> str:
    """Return the words in an edition's language. No word is cut: what does not fit whole is left out, the page stays."""
    limit = limits[network, "post"]
    with override(edition.language):
        withdrawn = bulletin.kind == Bulletin.Kind.RETRACTION
        what = in_language(bulletin.what_changed, edition.language).strip()
        titled = (_("Withdrawn: %(title)s") if withdrawn else _("Corrected: %(title)s")) % {"title": edition.title}
        short = (_("Withdrawn: %(what)s") if withdrawn else _("Corrected: %(what)s")) % {"what": what}
        bare = _("We have withdrawn this bulletin.") if withdrawn else _("We have corrected this bulletin.")
        page = page_of(edition)
    tries = ([titled, what, page] if what else [titled, page], [short, page] if what else [], [titled, page])
    for lines in tries:
        text = "\n".join(lines)
        if lines and character_counts.length(text, limit.counted_in) <= limit.limit:
            return text
    return f"{bare}\n{page}"
