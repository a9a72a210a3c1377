"""Writing: start a bulletin, save what was written, and never let an approval outlive an edit."""

from collections.abc import Iterable
from datetime import datetime
from textwrap import shorten

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.assignment.assignable import Assignable
from bulletins.intake import submissions
from bulletins.models import (
    SITUATION,
    Bulletin,
    Edition,
    EditionRevision,
    MessageInput,
    NotAllowed,
    Review,
    Target,
    Urgency,
)
from campaigns.models import Campaign, CampaignLanguage, ReadingLevel
from delivery.models import Audience

from . import revisions
from .edition_labels import title_of
from .translation.translation_status import editions_in_short

FIELDS = ("title", "subject", "preheader", "body", *SITUATION, "hashtags")
LINES = ("title", "subject", "preheader")
URGENCY_ORDER = [Urgency.ROUTINE, Urgency.ELEVATED, Urgency.URGENT]

ASSIGNABLE = Assignable(
    "bulletin",
    gettext_lazy("Bulletin"),
    "bulletins.change_bulletin",
    Q(state__in=Bulletin.EDITABLE),
    rows=lambda: Bulletin.objects.select_related("taken_by").prefetch_related(editions_in_short()),
    title=lambda row: f"{row}: {title_of(row) or _('no title yet')}",
    notice=notices.BULLETIN_ASSIGNED,
)


@transaction.atomic
def start(
    campaign: Campaign,
    *,
    by: User,
    at: datetime,
    inputs: Iterable[MessageInput] = (),
    urgency: str | None = None,
) -> Bulletin:
    """
    Start the campaign's next bulletin, from message inputs when there are any, and return it. Numbers go on from campaign to
    campaign: the number is the address, and names one bulletin for good.

    It gets an edition for each of the campaign's languages (the one of the first input's language is filled with
    its words), the facts of the inputs as key messages, their topics, the strictest of their embargoes and
    urgencies, and every influencer audience: in its next slot, or, when it is urgent, as soon as it is approved. The
    inputs count as used.
    """
    _locked = list(Campaign.objects.select_for_update().order_by("pk"))  # a number is given once on the whole site
    sources = list(inputs)
    refuse_taken(sources)
    last = Bulletin.objects.aggregate(last=Max("number"))["last"] or 0
    first = sources[0] if sources else None
    languages = list(campaign.languages.all())
    spoken = {language.code for language in languages}
    bulletin = Bulletin.objects.create(
        campaign=campaign,
        number=last + 1,
        urgency=urgency or strictest_urgency(sources),
        original_language=first.language if first and first.language in spoken else campaign.default_language,
        embargo_until=latest_embargo(sources),
        created_at=at,
        created_by=by,
        taken_by=by,
    )
    bulletin.inputs.add(*sources)
    bulletin.topics.add(*{topic for source in sources for topic in source.topics.all()})
    made = Edition.objects.bulk_create(first_edition(bulletin, language, first) for language in languages)
    EditionRevision.objects.bulk_create(first_revision(one, at=at) for one in made if one.revision)
    submissions.quote(bulletin, sources, by=by)
    timing = Target.Timing.AT_ONCE if bulletin.urgency == Urgency.URGENT else Target.Timing.NEXT_SLOT
    influencers = campaign.audiences.filter(kind=Audience.Kind.INFLUENCERS)
    Target.objects.bulk_create(Target(bulletin=bulletin, audience=audience, timing=timing) for audience in influencers)
    submissions.use(sources, bulletin, by=by, at=at)
    Review.objects.note(bulletin, Review.Decision.EDITED, digest="", by=by, at=at)
    return bulletin


def strictest_urgency(inputs: Iterable[MessageInput]) -> str:
    """Return the most urgent of the urgencies of inputs; without any it is routine."""
    return max(
        (one.urgency for one in inputs), key=lambda value: URGENCY_ORDER.index(Urgency(value)), default=Urgency.ROUTINE
    )


def latest_embargo(inputs: Iterable[MessageInput]) -> datetime | None:
    """Return the embargo of inputs that ends last, None where none has one."""
    return max((one.embargo_until for one in inputs if one.embargo_until), default=None)


def refuse_taken(inputs: Iterable[MessageInput]) -> None:
    """Raise NotAllowed when one of the inputs was used or declined meanwhile; one query."""
    closed = [MessageInput.State.USED, MessageInput.State.DECLINED]
    taken = MessageInput.objects.filter(pk__in=[one.pk for one in inputs], state__in=closed).first()
    if taken is not None:
        raise NotAllowed(
            _("Not started: “%(input)s” has been used or declined in the meantime. Nothing changed.")
            % {"input": taken.title}
        )


def first_edition(bulletin: Bulletin, language: CampaignLanguage, source: MessageInput | None) -> Edition:
    """Return the edition in a language, not saved: with the words of the input when it is in that language, else empty."""
    edition = Edition(bulletin=bulletin, language=language.code, title="", subject="", body="")
    if language.hashtag:
        edition.hashtags = [language.hashtag]
    if source is not None and source.language == language.code:
        edition.title = shorten(source.title, 160, placeholder=" …")
        edition.subject = shorten(source.title, 60, placeholder=" …")
        edition.body = source.body
        edition.revision = 1
    return edition


def first_revision(edition: Edition, *, at: datetime) -> EditionRevision:
    """Return the revision, not saved, that has the words with which an edition began: nobody at the desk wrote them."""
    words = {name: getattr(edition, name) for name in FIELDS}
    return EditionRevision(edition=edition, revision=edition.revision, version=1, edited_by=None, edited_at=at, **words)


PUBLISHED_MEANWHILE = gettext_lazy(
    "Not saved: this version has been published. Start a correction and make your change there. Your "
    "text is still here."
)


def lock(bulletin: Bulletin) -> Bulletin:
    """Return the bulletin as it is now, held for this transaction. Raise NotAllowed when it is not being made."""
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state not in Bulletin.EDITABLE:
        raise NotAllowed(PUBLISHED_MEANWHILE)
    return held


@transaction.atomic
def save_edition(edition: Edition, *, by: User, at: datetime, is_current: bool = True, grows: bool = False) -> Edition:
    """
    Save a changed edition as its next revision, void any review of it, and return it.

    `is_current` says that this translation now follows the original as it stands. With `grows`, the last revision
    takes the words in where it may (`revisions.growing`), so that saving while someone writes is one change, not fifty. Raise
    NotAllowed for a version that is already published.
    """
    bulletin = lock(edition.bulletin)
    is_original = edition.language == bulletin.original_language and edition.reading_level == ReadingLevel.STANDARD
    original = edition if is_original else original_of(bulletin)
    if edition.pk:
        held = Edition.objects.select_for_update().filter(pk=edition.pk)
        edition.revision = held.values_list("revision", flat=True).get()
    row = revisions.growing(edition, bulletin, original, by=by, at=at) if grows and edition.pk else None
    if row is None:
        edition.revision += 1
        row = EditionRevision(edition=edition, revision=edition.revision, version=bulletin.version, edited_by=by)
    edition.body = edition.body.replace("\r\n", "\n")
    if is_current and original is not None and not is_original:
        edition.source_revision = original.revision
    edition.save()
    row.edition, row.edited_at = edition, at
    row.source_revision = 0 if original is None or edition.behind(original) else edition.source_revision
    for name in FIELDS:
        setattr(row, name, getattr(edition, name))
    row.save()
    if original is not None:
        restore_translation_state(bulletin, original, edition)
    void(bulletin, by=by, at=at)
    return edition


def restore_translation_state(bulletin: Bulletin, original: Edition, changed: Edition) -> None:
    """
    Let the translations follow the original as it stands that followed an earlier revision of it with these very words, or said what
    they say now when they did: whoever undoes a change, in one language or in all of them, leaves nothing to be translated.
    `changed` was just saved. Three queries at most, and two for each translation that is behind no more.
    """
    behind = [one for one in bulletin.editions.all() if one.behind(original)]
    same = (
        {row.revision for row in _alike(original.revisions.all(), original)} - {original.revision} if behind else set()
    )
    for one in behind if same else []:
        said = EditionRevision.objects.filter(edition=one, source_revision__in=same)
        if one.source_revision in same or _alike(said, one):
            follow(one, original.revision)
            if one.pk == changed.pk:
                changed.source_revision = original.revision


def _alike(rows: QuerySet[EditionRevision], edition: Edition) -> list[EditionRevision]:
    """Return the revisions with exactly the words of an edition; one query."""
    words = {name: getattr(edition, name) for name in FIELDS if name != "hashtags"}
    return [row for row in rows.filter(**words) if row.hashtags == edition.hashtags]


def follow(edition: Edition, revision: int) -> None:
    """Store that a translation, as it stands, says what a revision of the original says."""
    Edition.objects.filter(pk=edition.pk).update(source_revision=revision)
    EditionRevision.objects.filter(edition=edition, revision=edition.revision).update(source_revision=revision)


@transaction.atomic
def note_editor(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """
    Note that `by` changed another part of the bulletin (key messages, variants, audiences …): they are one of its
    editors now, and any review is void. Raise NotAllowed for a version that is already published.
    """
    held = lock(bulletin)
    Review.objects.get_or_create(
        bulletin=held, version=held.version, by=by, decision=Review.Decision.EDITED, defaults={"at": at}
    )
    void(held, by=by, at=at)


def void(bulletin: Bulletin, *, by: User | None, at: datetime) -> bool:
    """Take a review or an approval back because the content changed; return whether there was one."""
    won = Bulletin.objects.filter(pk=bulletin.pk, state__in=Bulletin.REVIEWED).update(
        state=Bulletin.State.DRAFT,
        digest="",
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
    )
    if won:
        Review.objects.note(bulletin, Review.Decision.VOIDED, digest=bulletin.digest, by=by, at=at)
        trail.note("bulletin.review_voided", bulletin, by=by, at=at, digest=bulletin.digest)
    return bool(won)


def original_of(bulletin: Bulletin) -> Edition | None:
    """Return the edition that the others are translated from."""
    return bulletin.editions.filter(language=bulletin.original_language, reading_level=ReadingLevel.STANDARD).first()
