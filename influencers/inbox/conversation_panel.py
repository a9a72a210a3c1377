"""What an influencer sees of their conversation: never notes, contacts that were logged, or whoever wrote by machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from campaigns.models import Campaign
from influencers.models import Influencer, Thread, ThreadMessage

LAST = 2  # messages on the front page
ON_A_PAGE = 30

Kind = ThreadMessage.Kind
SHOWN = (Kind.FROM_THEM, Kind.FROM_US)


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """
    One message as an influencer sees it. `who` is a first name, "" for their own; `files` are the names of those that
    were kept, `refused` of each that was not the name and why, in the reader's language.
    """

    text: str
    at: datetime
    is_ours: bool
    who: str
    is_new: bool
    number: int | None = None
    folded: str = ""
    files: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """
    A conversation on the front page: the last words, the oldest first; when the influencer last wrote, None while nothing
    waits for an answer; how many messages are new to them; and their contact person's name, "" when nobody is named.
    """

    contact: str
    last: tuple[ShownMessage, ...]
    unanswered_at: datetime | None
    unread: int

    @property
    def initial(self) -> str:
        """The first letter of the contact person's name."""
        return self.contact[:1].upper()


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> Panel:
    """Return the conversation for the front page; two queries."""
    thread = Thread.objects.filter(influencer=influencer).first()
    messages = shown(influencer).order_by("-pk")[:20]
    rows = list(messages) if thread else []
    unread = sum(1 for one in rows if one.kind == Kind.FROM_US and one.seen_at is None)
    return Panel(
        contact=contact_name(influencer, campaign),
        last=tuple(shown_message(one) for one in reversed(rows[:LAST])),
        unanswered_at=thread.last_from_them_at if thread and thread.waiting_since else None,
        unread=unread,
    )


def conversation(influencer: Influencer, *, number: str | None) -> tuple[Thread | None, Page, Sequence[ShownMessage]]:
    """Return the thread, and a page of its messages, the newest page first and the oldest message on top; four queries."""
    thread = Thread.objects.filter(influencer=influencer).first()
    messages = shown(influencer).prefetch_related("attachments").order_by("-pk")
    page = Paginator(messages, ON_A_PAGE).get_page(number)
    return thread, page, [shown_message(one, whole=True) for one in reversed(list(page))]


def shown(influencer: Influencer) -> QuerySet[ThreadMessage]:
    """Return the messages that an influencer may see."""
    messages = ThreadMessage.objects.filter(thread__influencer=influencer, kind__in=SHOWN)
    return messages.select_related("author", "version__bulletin")


def shown_message(one: ThreadMessage, *, whole: bool = False) -> ShownMessage:
    """Return a message as an influencer sees it."""
    is_ours = one.kind == Kind.FROM_US
    name = one.author.name if is_ours and one.author else ""
    files = list(one.attachments.all()) if whole else []
    return ShownMessage(
        text=one.text,
        at=one.at,
        is_ours=is_ours,
        who=(name.split() or [""])[0],
        is_new=is_ours and one.seen_at is None,
        number=one.version.bulletin.number if one.version else None,
        folded=one.folded if whole and not is_ours else "",
        files=tuple(file.name for file in files if not file.refused),
        refused=tuple((file.name, file.refused) for file in files if file.refused),
    )


def contact_name(influencer: Influencer, campaign: Campaign) -> str:
    """Return the name of whoever answers an influencer, "" when nobody is named."""
    own = influencer.liaison.name if influencer.liaison and influencer.liaison.is_active else ""
    return own or campaign.liaison_name
