"""Posts that show paid work: whether they say so, with the label of the platform and the language (stories.commissions.disclosure)."""

from datetime import datetime

from campaigns.translated_fields import in_language
from influencers import notices
from influencers.models import Influencer, Post
from notifications import outbox
from stories.commissions import disclosure
from stories.commissions.disclosure import Label
from stories.models import Commission


def paid_work(influencer: Influencer) -> list[tuple[str, str]]:
    """Return the paid work that an influencer does or did for the campaign, as (key, title); one query."""
    rows = Commission.objects.filter(
        campaign=influencer.campaign_id,
        agreed_at__isnull=False,
        applications__creator__user=influencer.user_id,
        applications__state="chosen",
    )
    return [(str(one.pk), in_language(one.title)) for one in rows.order_by("-number")]


def label_of(post: Post) -> Label:
    """Return the label that a post about paid work has to have."""
    return disclosure.label_for(post.platform, post.language or post.campaign.default_language)


def missing(post: Post) -> Label | None:
    """Return the label that a post about paid work lacks; None for one that has it, and while its words are not known."""
    if post.commission_id is None or not post.words or post.removed_at is not None:
        return None
    return disclosure.missing_label(
        post.words, platform=post.platform, language=post.language or post.campaign.default_language
    )


def tell_if_missing(post: Post, *, at: datetime) -> None:
    """Tell the poster and their contact person that a post about paid work has no label; in the transaction in which it was told of."""
    if missing(post) is not None:
        influencer = post.influencer
        people = [one for one in (influencer.user, influencer.liaison) if one is not None and one.is_active]
        outbox.write(notices.LABEL_MISSING, people, about=post, at=at)
