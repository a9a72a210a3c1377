"""What people sent to a prompt, as Atom."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from campaigns.http.machine_responses import hub_links, language, serve, with_languages, writable
from campaigns.http.machine_values import address
from campaigns.http.page_changes import cached_page
from campaigns.translated_fields import in_language
from stories.models import Contribution, Prompt

from . import items as feeds_items
from . import rss_atom_json

MOST = 50


@dataclass(frozen=True, slots=True)
class PromptHead(rss_atom_json.Head):
    """What the feed of a prompt says of itself."""

    prompt: Prompt | None = None

    @property
    def title(self) -> str:
        """Its title in its language."""
        return writable(in_language(self.prompt.title if self.prompt else {}, self.language))

    @property
    def description(self) -> str:
        """What it is about, in its language."""
        return writable(in_language(self.prompt.about if self.prompt else {}, self.language))

    @property
    def name(self) -> str:
        """Its name for good."""
        slug = self.prompt.slug if self.prompt else ""
        return feeds_items.tag(self.campaign, f"contributions/{slug}/{self.language}")


@require_safe
@cached_page()
def atom(request: HttpRequest, slug: str) -> HttpResponse:
    """Give what is shown of a prompt, what was let be shown last first; four queries."""
    campaign, spoken = with_languages(request), language()
    prompt = get_object_or_404(Prompt.objects.begun(campaign, at=timezone.now()), slug=slug)
    rows = list(Contribution.objects.shown(prompt)[:MOST])
    changed = Contribution.objects.filter(prompt=prompt).aggregate(at=Max("decided_at"))["at"] or prompt.opens_at
    url = address("website:contributions_atom", slug, language=spoken)
    head = PromptHead(campaign, spoken, url, changed, prompt=prompt)
    written = rss_atom_json.atom(head, [item_of(row, head, slug) for row in rows])
    return serve(request, written, "application/atom+xml; charset=utf-8", changed, links=hub_links(campaign, url))


def item_of(row: Contribution, head: PromptHead, slug: str) -> feeds_items.Item:
    """Return a contribution as an entry of a feed."""
    with override(head.language):
        kind, nameless = _("Contribution"), _("Without a name")
        picture = address("contributions:picture", row.key, language=head.language) if row.picture else ""
        html = render_to_string("website/feeds/_feed_contribution.html", {"row": row, "picture": picture})
    title = row.name or nameless
    if head.campaign.is_exercise:
        with override(head.language):
            title = feeds_items.marked(title, head.campaign)
    shown_at: datetime = row.decided_at or row.sent_at
    return feeds_items.Item(
        key=f"contributions/{row.pk}",
        version=1,
        state=feeds_items.PUBLISHED,
        url=f"{address('contributions:prompt', slug, language=head.language)}#c-{row.pk}",
        title=writable(title),
        summary=writable(Truncator(row.text).chars(200)),
        html=writable(html),
        language=row.language,
        kind=kind,
        topics={},
        published=shown_at,
        updated=shown_at,
        changed=shown_at,
    )
