"""What goes along with a story when it is shared: captions and credits in each language; and who took it, so that they hear if it goes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language, language_shown
from lib.text.languages import spoken_languages
from lib.text.languages.languages import own_name, page_language
from stories.models import Story, StoryTake


@dataclass(frozen=True, slots=True)
class Caption:
    """
    Words to go with a story for readers of a language, with the credit in it. `language` is the one that the words are really in: the
    story's own, where nobody has put them into the reader's.
    """

    code: str
    language: str
    words: str
    credit: str
    url: str

    @property
    def target(self) -> str:
        """Where its words stand on a page."""
        return f"#words-{self.code}"

    @property
    def name(self) -> str:
        """The name of its readers' language, in that."""
        return own_name(self.code)


def captions(story: Story, campaign: Campaign, codes: Iterable[str]) -> list[Caption]:
    """Return the captions of a story in languages, the reader's first; needs the campaign's languages at hand. No query."""
    found, here = [], page_language()
    for code in sorted(filter(spoken_languages.is_spoken, codes), key=lambda code: code != here):
        title, sentence = in_language(story.title, code), in_language(story.sentence, code)
        with override(code):
            credit = _("Source: %(municipality)s, %(campaign)s") % {
                "municipality": in_language(story.municipality.name, code),
                "campaign": campaign.named(),
            }
            url = settings.PUBLIC_URL + story.get_absolute_url()
            quoted = _("“%(title)s”") % {"title": title}
        found.append(
            Caption(code, language_shown(story.title, code), " ".join(filter(None, [quoted, sentence])), credit, url)
        )
    return found


def note(story: Story, user: User, *, at: datetime) -> None:
    """Note that somebody opened the page from which a story is taken along; two queries, one when it is noted already."""
    StoryTake.objects.get_or_create(story=story, user=user, defaults={"opened_at": at})
