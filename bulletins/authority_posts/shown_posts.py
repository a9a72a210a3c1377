"""Posts as pages show them: what a version will have posted, edited and deleted, and where the posts of a bulletin stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bulletins.models import AuthorityPost, Bulletin, Network
from campaigns.models import PlatformLimit
from campaigns.platforms import character_counts, platform_limits
from lib.text.languages.languages import language_heading

from . import posting_plan


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step that an approval covers: its language in words, and how long its text is of what the network allows."""

    step: posting_plan.Step
    language: str
    used: int
    limit: int

    @property
    def is_said(self) -> bool:
        """Whether its words come to stand there."""
        return self.step.does != posting_plan.DELETE


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post, and its language in words."""

    post: AuthorityPost
    language: str

    @property
    def look(self) -> str:
        """Which look its state has."""
        return look_of(self.post)


def look_of(post: AuthorityPost) -> str:
    """Return which look a post's state has: good, bad where somebody has to see to it, or changed."""
    if post.state in post.FOR_A_PERSON:
        return "bad"
    return "good" if post.state == AuthorityPost.State.POSTED and not post.is_unplaced else "changed"


def of_review(bulletin: Bulletin) -> dict[str, Any]:
    """Return what the page shows on which a bulletin is approved: the steps of a version in the making, and the posts that there are."""
    posts = posts_of(bulletin)
    is_open = bulletin.state in Bulletin.EDITABLE
    steps = posting_plan.steps_of(bulletin, [one for one in posts if one.is_wanted]) if is_open else []
    limits = platform_limits.current_limits() if steps else {}
    return {"post_steps": [shown(one, limits) for one in steps], "own_posts": shown_of(posts)}


def shown_of(posts: Iterable[AuthorityPost]) -> list[ShownPost]:
    """Return posts as pages show them."""
    return [ShownPost(one, language_heading(one.language)) for one in posts]


def shown(step: posting_plan.Step, limits: dict[tuple[str, str], PlatformLimit]) -> ShownStep:
    """Return a step as a page shows it."""
    limit = limits[str(Network(step.account.network)), "post"]
    used = character_counts.length(step.words, limit.counted_in)
    return ShownStep(step, language_heading(step.language), used, limit.limit)


def posts_of(bulletin: Bulletin) -> list[AuthorityPost]:
    """Return the posts about a bulletin, those of its newest version first; one query."""
    rows = AuthorityPost.objects.filter(version__bulletin=bulletin).select_related("account", "version")
    return list(rows.order_by("-version__number", "account", "language", "pk"))
