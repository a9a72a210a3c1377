"""The page of a recall for one person: what changed, ready words for each of their platforms, and their posts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from bulletins.models import Platform
from campaigns.models import Campaign
from campaigns.platforms import platform_limits
from factcheck.models import ClaimStep
from influencers.editions import platform_texts
from influencers.models import Exposure, Influencer, Post, Recall, RecallNotice
from influencers.profiles import contact_person
from lib.text.languages.languages import language_name

from . import bulletin_texts, fact_check_texts, ready_texts, recall_plan, responses
from .changed_pieces import MESSAGE, VARIANT, Contents
from .recall_panels import Open, subject_of

Kind = ClaimStep.Kind


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post of theirs; `is_open` while it waits to be corrected or removed."""

    post: Post
    is_open: bool


@dataclass(frozen=True, slots=True)
class RecallPage(Open):
    """What one person sees of a recall, answered or not. `newer` is a later recall of the same."""

    language: str
    languages: list[tuple[str, str]]
    channels: list[platform_texts.Channel]
    words: str
    posts: list[OwnPost]
    contact: contact_person.Contact
    newer: Recall | None = None
    still_holds: bool = False
    no_longer_hold: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """Why they hear of it."""
        return bulletin_texts.reason_for_recipient(self.notice.rank) if self.recall.version else ""

    @property
    def facts(self) -> list[str]:
        """The fact and its verdicts, before and now; nothing for a bulletin."""
        return fact_check_texts.what_changed(self.recall.step).split("\n") if self.recall.step else []

    @property
    def to_do(self) -> str:
        """What they are asked to do."""
        if self.still_holds:
            return _("What you copied is still correct. You don't have to correct anything.")
        if self.recall.version:
            return bulletin_texts.to_do(self.recall.version, self.notice.rank)
        assert self.recall.step is not None
        return fact_check_texts.to_do(self.recall.step)

    @property
    def needs_text(self) -> bool:
        """Return whether there is something to tell followers: not of what holds as it was, nor what is old by now."""
        return self.newer is None and (self.recall.step is None or self.recall.step.kind != Kind.RESUMED)

    @property
    def open_posts(self) -> int:
        """How many posts still wait."""
        return sum(one.is_open for one in self.posts)


def page(
    influencer: Influencer, campaign: Campaign, key: int, *, language: str, asked: str = "", at: datetime
) -> RecallPage | None:
    """Return the page of a recall for someone who was notified of it, or None; ten queries at most."""
    notice = responses.notices_of(influencer, campaign).filter(recall=key).first()
    if notice is None or subject_of(notice.recall) is None:
        return None
    notice.recall.campaign = campaign
    codes = [row.code for row in campaign.languages.all()]
    code = next((one for one in (asked, notice.language, language) if one in codes), campaign.default_language)
    posts = [OwnPost(post, responses.is_open(post, notice)) for post in recall_plan.posts_about(notice)]
    places = {one.post.platform for one in posts} | set(notice.platforms)
    limits = platform_limits.current_limits()
    no_longer, still_holds = outdated_pieces(notice)
    return RecallPage(
        notice=notice,
        language=code,
        languages=[(one, language_name(one)) for one in codes],
        channels=channels(notice.recall, code, sorted(places), limits),
        words=ready_texts.caption(notice.recall, code, "", limits),
        posts=posts,
        contact=contact_person.contact_of(influencer, campaign),
        newer=notice.recall.later().order_by("-planned_at", "-pk").first(),
        still_holds=still_holds and not posts,
        no_longer_hold=no_longer,
    )


def channels(
    recall: Recall, language: str, platforms: Sequence[str], limits: ready_texts.Limits
) -> list[platform_texts.Channel]:
    """Return the ready words for each platform, counted as it counts."""
    return [
        platform_texts.channel(
            {"platform": platform, "caption": ready_texts.caption(recall, language, platform, limits)}, limits
        )
        for platform in platforms
    ]


def outdated_pieces(notice: RecallNotice) -> tuple[list[str], bool]:
    """
    Return which of the words that someone copied no longer hold, and whether all that they took still does; two
    queries for a corrected bulletin, none for other recalls.
    """
    version = notice.recall.version
    if version is None or version.is_retracted:
        return [], False
    taken = Exposure.objects.filter(
        influencer=notice.influencer_id, version__bulletin=version.bulletin_id, version__number__lt=version.number
    ).exclude(way=Exposure.Way.READ)
    took = set(taken.order_by().values_list("item", "language", "version__number"))
    if not took:
        return [], False
    contents = Contents.of(version.bulletin_id, up_to=version.number)
    names = dict(Platform.choices)
    gone: dict[str, None] = {}
    for item, language, number in sorted(took):
        if contents.holds(item, language, number, version.number):
            continue
        kind, _colon, key = item.partition(":")
        if kind == MESSAGE and (text := contents.text(item, language, number)):
            gone[text] = None
        elif kind == VARIANT:
            gone[_("Text for %(platform)s") % {"platform": names.get(key, key)}] = None
    return list(gone), recall_plan.is_unaffected(took, contents, version.number)
