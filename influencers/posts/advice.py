"""How a post treats each key message: compared with the words of its version, and looked at by the contact person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from bulletins.models import PublishedEdition
from campaigns.models import Campaign, ReadingLevel
from campaigns.translated_fields import in_language
from influencers.models import Post, PostMessage

from . import message_match
from .message_match import Finding, Message

FACT = "fact"  # stands for a key message in a post about a fact-check


@dataclass(frozen=True, slots=True)
class Advice:
    """
    What a post has of one key message; `message` is its text in the post's language. `is_looked_at` tells that the contact
    person has compared them; else only the values were compared.
    """

    key: str
    fate: str
    message: str
    said: str
    theirs: Sequence[str]
    ours: Sequence[str]
    same: Sequence[str]
    missing: Sequence[str]
    guess: str
    is_looked_at: bool


def advise(post: Post) -> list[PostMessage]:
    """
    Compare the words of a post with the key messages of its version and keep what was found. What a person has looked
    at stays as they said for as long as the same sentence stands beside the same key message. Call it in a transaction.
    """
    found = {one.key[:40]: one for one in findings(post)}
    texts = {(key, one.ours_text, one.said) for key, one in found.items()}
    looked_at = {
        row.key
        for row in post.messages.exclude(checked_by=None)
        if (row.key, row.because.get("text"), row.because.get("said")) in texts
    }
    post.messages.exclude(key__in=looked_at).delete()
    rows = [
        PostMessage(post=post, key=key, fate=one.fate, because=one.because)
        for key, one in found.items()
        if key not in looked_at
    ]
    return PostMessage.objects.bulk_create(rows, ignore_conflicts=True)


def findings(post: Post) -> list[Finding]:
    """Return what a post makes of what it is about; [] without words, or where there is nothing to compare with."""
    if not post.words:
        return []
    language = post.language or post.campaign.default_language
    today = post.posted_at.astimezone(post.campaign.zone).date()
    if post.claim_version is not None:
        fact = in_language(post.claim_version.fact, language)
        return message_match.compare(post.words, [Message(FACT, fact)] if fact else [], language, today=today)
    editions = PublishedEdition.objects.filter(version=post.version_id, reading_level=ReadingLevel.STANDARD)
    edition = editions.filter(language=language).defer("html").first()
    if edition is None:
        return []
    messages = [
        Message(one.get("key", ""), one["text"]) for one in edition.content.get("key_messages", []) if one.get("text")
    ]
    also_said = "\n".join([edition.title, edition.asserted, *edition.content.get("calls_to_action", [])])
    return message_match.compare(post.words, messages, language, also_said=also_said, today=today)


def of_post(post: Post) -> list[Advice]:
    """Return the advice on a post, what needs a look first; one query. For its poster and their contact person only."""
    order = [PostMessage.Fate.CONTRADICTED, PostMessage.Fate.KEPT, PostMessage.Fate.ADAPTED, PostMessage.Fate.DROPPED]
    rows = sorted(post.messages.order_by("pk"), key=lambda row: order.index(PostMessage.Fate(row.fate)))
    return [
        Advice(
            key=row.key,
            fate=row.fate,
            message=row.because.get("text", ""),
            said=row.because.get("said", ""),
            theirs=undotted(row.because.get("theirs", [])),
            ours=undotted(row.because.get("ours", [])),
            same=undotted(row.because.get("same", [])),
            missing=undotted(row.because.get("missing", [])),
            guess=row.because.get("guess", ""),
            is_looked_at=row.checked_by_id is not None,
        )
        for row in rows
    ]


def undotted(figures: Iterable[str]) -> list[str]:
    """Return figures to stand before a full stop: "19.5." has its own."""
    return [figure.rstrip(".") for figure in figures]


def record_finding(message: PostMessage, fate: str, *, by: User) -> None:
    """Keep what a contact person found about a key message in a post, in the place of what was compared."""
    message.fate, message.checked_by = fate, by
    message.save(update_fields=["fate", "checked_by"])


def open_contradictions(liaison: User, campaign: Campaign) -> list[PostMessage]:
    """
    Return the contradictions in posts of those whose contact person someone is, that nobody has looked at and whose
    post is still as it was; the latest first, one query.
    """
    rows = PostMessage.objects.filter(
        fate=PostMessage.Fate.CONTRADICTED,
        checked_by=None,
        post__campaign=campaign,
        post__influencer__liaison=liaison,
        post__corrected_at=None,
        post__removed_at=None,
    )
    return list(
        rows.select_related("post__influencer", "post__version__bulletin").order_by("-post__told_at", "pk")[:50]
    )
