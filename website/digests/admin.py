"""The digests of a campaign: when the next ones go, to how many, what they would say now, and those that went."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bulletins.models import Cadence
from bulletins.scheduling.admin.cadences import describe_cadence
from campaigns.base_admin import ReadOnlyAdmin
from campaigns.models import Campaign
from delivery.message.rendered_mail import RenderedMail
from delivery.models import Audience, Subscription
from website.models import DigestRun

from . import digest_runs
from .digest_contents import Kind
from .publication_order import last_number
from .rendering import Mails

RUNS = 30
EVERYTHING: frozenset[int] = frozenset()


@dataclass
class Row:
    """A digest's audience: its rhythm in words, its next slot, and its subscribers by language."""

    audience: Audience
    rhythms: list[str] = field(default_factory=list)
    next_at: datetime | None = None
    languages: dict[str, int] = field(default_factory=dict)

    @property
    def subscribers(self) -> int:
        """How many get it."""
        return sum(self.languages.values())


@admin.register(DigestRun)
class DigestRunAdmin(ReadOnlyAdmin):
    """The page of a campaign's digests; each slot that was planned, to read."""

    list_display = ["audience", "slot_at", "again", "upto", "readers", "silent", "sent"]
    fields = ["audience", "slot_at", "again", "upto", "planned_at", "readers", "silent"]

    @display(description=gettext_lazy("emails"))
    def sent(self, run: DigestRun) -> int:
        """Return how many different mails the slot had."""
        return run.digests.count()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what comes and what went; the number of queries is constant."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        campaign: Campaign | None = getattr(request, "campaign", None)
        now = timezone.now()
        rows = rows_of(campaign, at=now) if campaign else []
        chosen = next(
            (row for row in rows if row.audience.slug == request.GET.get("audience")), rows[0] if rows else None
        )
        languages = chosen.audience.languages if chosen else []
        asked = request.GET.get("language", "")
        language = asked if asked in languages else next(iter(languages), "")
        runs = DigestRun.objects.filter(audience__campaign=campaign).select_related("audience")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Digests"),
            "opts": self.opts,
            "rows": rows,
            "chosen": chosen,
            "languages": languages,
            "language": language,
            "mail": preview_mail(chosen.audience, language, at=now) if chosen else None,
            "runs": runs.prefetch_related("digests__mailing__sends")[:RUNS],
            "zone": campaign.time_zone if campaign else "",
        }
        return TemplateResponse(request, "website/digests/digests.html", context)


def rows_of(campaign: Campaign, *, at: datetime) -> list[Row]:
    """Return the audiences of a campaign's digests with their next slots and subscribers; three queries."""
    audiences = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.DIGEST)
    rows = {audience.pk: Row(audience) for audience in audiences}
    slots: dict[int, list[datetime]] = defaultdict(list)
    for cadence in Cadence.objects.filter(audience__in=rows, only_urgency="").select_related("audience__campaign"):
        slot = cadence.next_slot(after=at)
        if slot is not None:
            rows[cadence.audience_id].rhythms.append(describe_cadence(cadence))
            slots[cadence.audience_id].append(slot)
    readers = Subscription.objects.served(at=at).filter(campaign=campaign).order_by("audience", "language")
    for audience, language, people in readers.values_list("audience", "language").annotate(Count("pk")):
        rows[audience].languages[language] = people
    for pk, row in rows.items():
        row.next_at = min(slots[pk], default=None)
    return list(rows.values())


def preview_mail(audience: Audience, language: str, *, at: datetime) -> RenderedMail | None:
    """Return the mail that who reads everything would get if the slot were now, None when there is nothing to say."""
    last = DigestRun.objects.filter(audience=audience).order_by("-upto").values_list("upto", flat=True).first() or 0
    order = digest_runs.order_since(audience.campaign, last, upto=last_number(audience.campaign), at=at)
    items = order.choose(Kind(EVERYTHING, EVERYTHING, cursor=last, since=0))
    if not items:
        return None
    mails = Mails(at=at)
    mails.fetch(item.publication for item in items)
    return mails.of(items, audience.campaign, language)
