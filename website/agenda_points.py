"""What agendas of meetings get from above: the bulletins since the meeting before, and what municipalities ask and nobody has answered."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign
from lib import clock
from questions import intake
from questions.models import Question
from stories.exchanges.agendas.agenda_sources import MOST, AgendaSource, Point

LONGEST = 200  # characters of a question


def open_questions(campaign: Campaign, since: datetime, at: datetime) -> Iterable[Point]:
    """Yield what municipalities ask and nobody has answered, the oldest first; one query."""
    rows = Question.objects.filter(
        Q(group=None) | Q(group__state__in=intake.WAITING),
        campaign=campaign,
        via=Question.Via.MUNICIPALITY,
        set_aside_at=None,
        asked_at__lte=at,
    )
    for one in rows.order_by("asked_at", "pk")[:MOST]:
        words = Truncator(one.text).chars(LONGEST)
        yield Point(str(one.pk), {one.language: f"{one.channel}: {words}" if one.channel else words})


def pages_of_questions(keys: Collection[str]) -> dict[str, str]:
    """Return the questions that were not set aside; where they are asked is where their answers are read. One query."""
    path = reverse("municipal_questions:questions")
    rows = Question.objects.filter(pk__in=keys, set_aside_at=None).values_list("pk", flat=True)
    return {str(key): path for key in rows}


def new_bulletins(campaign: Campaign, since: datetime, at: datetime) -> Iterable[Point]:
    """Yield the bulletins since the meeting before, in their newest words; two queries."""
    rows = Version.objects.current(campaign, at=at).filter(published_at__gt=since)
    rows = rows.exclude(kind=Bulletin.Kind.RETRACTION).prefetch_related("editions")
    for version in rows[:MOST]:
        titles = {one.language: one.title for one in version.editions.all() if one.title}
        yield Point(str(version.bulletin_id), titles)


def pages_of_bulletins(keys: Collection[str]) -> dict[str, str]:
    """Return where bulletins that have not been retracted are read; one query."""
    newest: dict[int, Version] = {}
    rows = Version.objects.published(at=clock.now()).filter(bulletin__in=keys).select_related("bulletin")
    for version in rows.order_by("number"):
        newest[version.bulletin_id] = version
    return {
        str(key): reverse("website:bulletin", args=[version.bulletin.number])
        for key, version in newest.items()
        if version.kind != Bulletin.Kind.RETRACTION
    }


QUESTIONS = AgendaSource("questions", _("Questions of municipalities"), open_questions, pages_of_questions)
BULLETINS = AgendaSource("bulletins", _("New bulletins"), new_bulletins, pages_of_bulletins)
