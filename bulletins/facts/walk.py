"""The way through an authority's update: each fact that it changes on a page of its own, then what it says that is new."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from bulletins.models import Bulletin, MessageInput, Parts

from . import fact_list, news, updates

MOST = 999  # steps; an address may name any


def read(text: str) -> int:
    """Return the number of steps that an address names, or 0."""
    return min(int(text), MOST) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def left(pk: int, update: MessageInput, *, at: datetime) -> list[str]:
    """Return the addresses of the steps that are left, the first one first."""
    bulletin = Bulletin.objects.select_related("campaign").get(pk=pk)
    parts = Parts(bulletin)
    proposed = updates.proposed(parts, fact_list.facts_of(parts, at=at), at=at)
    page = reverse("admin:bulletins_bulletin_fact_change", args=[pk])
    found = [f"{page}?{one.query}" for one in proposed if one.value and one.source.pk == update.pk]
    if news.news_of(bulletin, update):
        query = urlencode({"update": update.pk})
        found.append(reverse("admin:bulletins_bulletin_fact_news", args=[pk]) + f"?{query}")
    return found


def following(pk: int, update: MessageInput, of: int, *, at: datetime) -> str:
    """Return the address of the next step of a walk that began with `of` steps (0: it begins now), or "" at its end."""
    steps = left(pk, update, at=at)
    return f"{steps[0]}&of={max(of, len(steps))}" if steps else ""


def place(pk: int, update: MessageInput, of: int, *, at: datetime) -> tuple[int, int] | None:
    """Return which step of how many a page is; None of one alone, and of what is no walk."""
    steps = len(left(pk, update, at=at)) if of > 1 else 0
    return (max(of - steps + 1, 1), of) if of > 1 and steps else None
