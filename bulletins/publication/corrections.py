"""When a published bulletin was wrong, or the fact has changed: a new version, or none at all any more."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.mail import printed_editions
from bulletins.models import Bulletin, NotAllowed, Target
from delivery.fanout.correction_recipients import may_have_got
from delivery.message.rendered_mail import RenderedMail
from delivery.models import Audience, Channel, Delivery, Mailing, Send

State = Bulletin.State
GAP = "…"  # where the words that are put in beforehand want more


@dataclass
class AudienceReach:
    """
    How many people of an audience got a bulletin, and may have got it, in all and by language, each once by however many channels. Without
    an audience: the subscribers of digests, who hear of it in their next one.
    """

    audience: Audience | None
    accepted: int = 0
    unknown: int = 0
    by_language: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Everyone who will be told."""
        return self.accepted + self.unknown


def audiences_reached(bulletin: Bulletin) -> list[AudienceReach]:
    """
    Return whom a correction would go to: the people who got any version so far or may have; chat rooms are none. The subscribers whom a
    digest told of one come last. Two queries.
    """
    digests = Mailing.objects.filter(digest__items__publication__version__bulletin=bulletin)
    mailings = Mailing.objects.filter(
        Q(version__bulletin=bulletin) | Q(parts__version__bulletin=bulletin) | Q(pk__in=digests.values("pk"))
    )
    sends = list(
        Send.objects.filter(mailing__in=mailings).exclude(channel=Channel.ROOM).select_related("audience").distinct()
    )
    audiences: dict[int | None, AudienceReach] = {
        send.audience_id: AudienceReach(send.audience) for send in sends if send.audience.kind != Audience.Kind.DIGEST
    }
    audiences[None] = AudienceReach(None)
    # Whoever changed how often theirs comes is one reader all the same.
    of_whom = Case(When(send__audience__kind=Audience.Kind.DIGEST, then=None), default=F("send__audience"))
    rows = (
        Delivery.objects.of(*sends)
        .filter(Q(state=Delivery.State.ACCEPTED) | may_have_got())
        .annotate(of_whom=of_whom, reader=Coalesce("recipient__person", "recipient"))
        .values_list("of_whom", "language")
        .annotate(
            people=Count("reader", distinct=True),
            sure=Count("reader", filter=Q(state=Delivery.State.ACCEPTED), distinct=True),
        )
        .order_by("of_whom", "language")
    )
    for audience, language, people, sure in rows:
        one = audiences[audience]
        one.accepted += sure
        one.unknown += people - sure
        one.by_language[language] = people
    return [one for one in audiences.values() if one.total]


def draft_texts(
    bulletin: Bulletin, languages: list[str], *, withdraw: bool, dates: tuple[date, date] | None = None
) -> dict[str, dict[str, str]]:
    """
    Return {"what_changed": {language: text}, "share_text": …} to begin with, each in its own language. With `dates`
    (the wrong one, the right one) the words are whole; without, `GAP` stands where they want more.
    """
    words: dict[str, dict[str, str]] = {"what_changed": {}, "share_text": {}}
    for language in languages:
        with override(language):
            if withdraw:
                changed, share = (
                    _("We have withdrawn this bulletin: …"),
                    _("I shared a bulletin that has been withdrawn: …"),
                )
            else:
                was, now = (date_format(one, "DATE_FORMAT") for one in dates) if dates else (GAP, GAP)
                changed, share = sentences_of(was, now)
        words["what_changed"][language], words["share_text"][language] = changed, share
    return words


def sentences_of(was: str, now: str) -> tuple[str, str]:
    """Return what changed, for everyone and for whoever shared it, in the active language."""
    values = {"was": was, "now": now}
    changed = _("We wrote: %(was)s. It should say: %(now)s.") % values
    return changed, _("What I shared has changed. It said: %(was)s. Correct is: %(now)s.") % values


def also_said(was: str, now: str) -> str:
    """Return the words for whoever shared it on what else has changed, in the active language."""
    return _("It also said: %(was)s. Correct is: %(now)s.") % {"was": was, "now": now}


def is_new(words: str) -> str:
    """Return that a bulletin says something more now, in the active language."""
    return _("New: %(words)s") % {"words": words}


def now_says(words: str) -> str:
    """Return the words for whoever shared it where something came that is new, in the active language."""
    return _("What I shared has been updated. New in it: %(words)s") % {"words": words}


def adds(words: str) -> str:
    """Return the words for whoever shared it on what is new beside other changes, in the active language."""
    return _("New in it: %(words)s") % {"words": words}


def mail_preview(
    bulletin: Bulletin, language: str, kind: str, *, at: datetime, what_changed: str, share_text: str
) -> RenderedMail | None:
    """Return the mail of the next version as its texts stand now, by the code that sends it; None without an edition."""
    edition = bulletin.editions.filter(language=language).prefetch_related("variants").first()
    if edition is None:
        return None
    following = copy(bulletin)  # never saved: the version that would be opened
    following.version, following.kind = bulletin.version + 1, kind
    following.what_changed, following.share_text = {language: what_changed}, {language: share_text}
    _edition, words = printed_editions.print_edition(following, edition, at=at)
    return printed_editions.mail_of_edition(words)


def start_correction(
    bulletin: Bulletin,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None = None,
) -> None:
    """
    Open the next version of a published bulletin for editing. Readers see the published one until this is approved.

    `what_changed` and `share_text` (words for people who already posted) are {language: text}. Raise NotAllowed
    when the bulletin isn't published.
    """
    open_version(bulletin, Bulletin.Kind.CORRECTION, by=by, at=at, what_changed=what_changed, share_text=share_text)


def retract(
    bulletin: Bulletin,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None = None,
) -> None:
    """
    Open a retraction of a published bulletin: once approved, its words are gone and everyone reached is told why.

    `what_changed` is the reason, {language: text}. Raise NotAllowed when the bulletin isn't published.
    """
    open_version(bulletin, Bulletin.Kind.RETRACTION, by=by, at=at, what_changed=what_changed, share_text=share_text)


@transaction.atomic
def open_version(
    bulletin: Bulletin,
    kind: str,
    *,
    by: User,
    at: datetime,
    what_changed: Mapping[str, str],
    share_text: Mapping[str, str] | None,
) -> None:
    """Open the next version for editing. It goes out as soon as it is approved."""
    won = Bulletin.objects.filter(pk=bulletin.pk, state=State.PUBLISHED).update(
        state=State.DRAFT,
        version=bulletin.version + 1,
        kind=kind,
        what_changed=dict(what_changed),
        share_text=dict(share_text or {}),
        taken_by=by,
        digest="",
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
    )
    if not won:
        raise NotAllowed(_("Not started: only a published bulletin can be corrected or withdrawn. Nothing changed."))
    bulletin.targets.update(timing=Target.Timing.AT_ONCE, at=None, slot_at=None)
    bulletin.refresh_from_db()
    verb = "bulletin.withdrawal_started" if kind == Bulletin.Kind.RETRACTION else "bulletin.correction_started"
    trail.note(verb, bulletin, by=by, at=at, version=bulletin.version)
    drafts.note_editor(bulletin, by=by, at=at)
