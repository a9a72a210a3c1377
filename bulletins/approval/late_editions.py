"""
A published bulletin in a language that it did not wait for: written, submitted, approved by a second person, and then published
and sent to its readers, who have nothing of it yet. What was published in other languages is not touched.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.checks import completeness, registry
from bulletins.checks.findings import Finding
from bulletins.editing.diff import label_of
from bulletins.editing.editions import LIMITS, normalized
from bulletins.mail.bulletin_mail import refuse_long_body
from bulletins.mail.printed_editions import mail_of_edition, print_edition
from bulletins.media import media_jobs
from bulletins.models import (
    SITUATION,
    Bulletin,
    Edition,
    EditionRevision,
    LateEdition,
    MediaJob,
    NotAllowed,
    Parts,
    PublishedEdition,
    Version,
)
from bulletins.publication.publish import plan_language
from campaigns.http import page_changes
from campaigns.models import ReadingLevel
from campaigns.publication_details import PrintedWords
from delivery.models import Audience, Message
from lib.text.languages.spoken_languages import own_name
from notifications import outbox

from . import required_sign_offs

State = LateEdition.State
WORDS = ("title", "subject", "preheader", "body", *SITUATION)
LINES = (*WORDS, "what_changed", "share_text")
LONGEST = {
    **{name: LIMITS[name] for name in WORDS},
    "what_changed": 2_000,
    "share_text": 2_000,
}
MAY_BE_MISSING = {"preheader", "share_text"}
LONGEST_ROW = 2_000  # characters of a key message or a call to action
# Whoever keeps what was published (apps above) adds what it does with one more edition: called with it and the moment.
FOLLOWERS: list[Callable[..., None]] = []


@dataclass(frozen=True)
class Place:
    """One text to be written: its name in the form, where it stands, what the original or a language beside it says, and what it says by now."""

    name: str
    label: str
    original: str
    text: str
    is_long: bool = False

    @property
    def is_missing(self) -> bool:
        """Return whether a bulletin in the language is not whole without it."""
        return bool(self.original.strip()) and not self.text.strip() and self.name not in MAY_BE_MISSING

    @property
    def at_most(self) -> int:
        """Return how many characters it may have."""
        return LONGEST.get(self.name, LONGEST_ROW)


def languages_to_follow(version: Version, parts: Parts) -> list[str]:
    """Return the languages in which a published version is still to come; one query."""
    written = set(version.editions.values_list("language", flat=True))
    later = [row.code for row in parts.languages if not row.must_be_ready and row.code not in written]
    return [] if version.is_retracted else later


def open_version(bulletin: Bulletin) -> Version:
    """Return the version that a language can follow: the newest, while no other one is in the making. Raise NotAllowed."""
    version = bulletin.versions.order_by("-number").select_related("mailing").first()
    if version is None or bulletin.state != Bulletin.State.PUBLISHED:
        raise NotAllowed(
            _(
                "Nothing can follow: this bulletin is not published, or a new version of it is being made. Write the language there."
            )
        )
    version.bulletin = bulletin
    return version


def begin(version: Version, code: str, parts: Parts) -> LateEdition:
    """Return the late edition of a language, not saved when it is new: with what was written in it before. Raise NotAllowed."""
    found = LateEdition.objects.filter(version=version, language=code).first()
    if found is not None:
        found.version = version
        return found
    if code not in languages_to_follow(version, parts):
        raise NotAllowed(_("Nothing follows in this language: the bulletin has it, or the campaign does not."))
    edition = next(
        (one for one in parts.every_edition if one.language == code and one.reading_level == ReadingLevel.STANDARD),
        None,
    )
    words: dict[str, Any] = {name: getattr(edition, name, "") if edition else "" for name in WORDS}
    words |= {"what_changed": version.what_changed.get(code, ""), "share_text": version.share_text.get(code, "")}
    words["messages"] = {row.key: row.text.get(code, "") for row in parts.key_messages}
    words["actions"] = {row.key: row.text.get(code, "") for row in parts.calls_to_action}
    return LateEdition(version=version, language=code, words=words)


def languages_beside(late: LateEdition, parts: Parts) -> list[str]:
    """Return the languages that can be read beside the one that is written, the original first."""
    first = parts.bulletin.original_language
    written = {one.language for one in parts.editions if one.reading_level == ReadingLevel.STANDARD} - {late.language}
    return [first, *(row.code for row in parts.languages if row.code in written - {first})]


def places(late: LateEdition, parts: Parts, beside: str = "") -> list[Place]:
    """Return the texts to be written, in the order of the bulletin, `beside` those of another language, else the original."""
    bulletin, words = parts.bulletin, late.words
    code = beside or bulletin.original_language
    standard = {one.language: one for one in parts.every_edition if one.reading_level == ReadingLevel.STANDARD}
    original, shown = standard.get(bulletin.original_language), standard.get(code)
    labels = {"title": _("Title"), "subject": _("Subject"), "preheader": _("Preheader"), "body": _("Text (Markdown)")}
    labels |= {name: label_of(name) for name in SITUATION if original and name in original.situation}
    found = [
        Place(name, label, getattr(shown, name, ""), words.get(name, ""), name in {"body", *SITUATION})
        for name, label in labels.items()
    ]
    for kind, rows, label in (
        ("messages", parts.key_messages, _("Key message %(number)s")),
        ("actions", parts.calls_to_action, _("Call to action %(number)s")),
    ):
        found += [
            Place(
                f"{kind}-{row.key}",
                label % {"number": row.number},
                row.text.get(code, ""),
                words.get(kind, {}).get(row.key, ""),
            )
            for row in rows
        ]
    if late.version.number > 1:
        found.append(
            Place("what_changed", _("What changed"), bulletin.what_changed.get(code, ""), words.get("what_changed", ""))
        )
        found.append(
            Place(
                "share_text",
                _("Text for people who have already posted"),
                bulletin.share_text.get(code, ""),
                words.get("share_text", ""),
            )
        )
    return found


@transaction.atomic
def save(bulletin: Bulletin, code: str, typed: dict[str, str], *, by: User, at: datetime) -> LateEdition:
    """Save what was written, {name of a place: text}; a review of it is void then. Raise NotAllowed for what is too long."""
    late, parts = _held(bulletin, code)
    if late.state == State.PUBLISHED:
        raise NotAllowed(_("Not saved: this language is published. Start a correction. Nothing changed."))
    words = {
        **late.words,
        "messages": dict(late.words.get("messages", {})),
        "actions": dict(late.words.get("actions", {})),
    }
    for place in places(late, parts):
        if place.name not in typed:
            continue
        kind, _dash, key = place.name.partition("-")
        text = typed[place.name].replace("\r\n", "\n").replace("\0", "").strip()
        if len(text) > place.at_most:
            says = _("Not saved: “%(field)s” has %(count)s characters, and at most %(most)s fit. Nothing changed.")
            raise NotAllowed(says % {"field": place.label, "count": len(text), "most": place.at_most})
        if key:
            words[kind][key] = " ".join(text.split())
        else:
            words[kind] = normalized(kind, text) if kind in LIMITS else text
    try:
        refuse_long_body(words["body"])
    except ValueError as fault:
        raise NotAllowed(str(fault)) from fault
    if late.pk and words == late.words:
        return late
    late.words, late.state, late.digest = words, State.DRAFT, ""
    late.submitted_by = late.signed_off_by = None
    late.written_by = sorted({*late.written_by, by.pk})
    late.changed_at = at
    late.save()
    trail.note("late_edition.saved", bulletin, by=by, at=at, language=code, version=late.version.number)
    return late


@transaction.atomic
def submit(bulletin: Bulletin, code: str, *, by: User, at: datetime) -> LateEdition:
    """Submit it for approval. Raise NotAllowed when something is missing in it, or stops it."""
    late, parts = _held(bulletin, code)
    if late.pk is None or late.state != State.DRAFT:
        raise NotAllowed(_("Not submitted: there is nothing new to submit. Nothing changed."))
    if missing := [place.label for place in places(late, parts) if place.is_missing]:
        says = _("Not submitted: these are still to be written in this language: %(fields)s. Nothing changed.")
        raise NotAllowed(says % {"fields": ", ".join(missing)})
    found = findings_on(late, parts, by=by, at=at)
    if stops := [one for one in found if not one.overridable]:
        raise NotAllowed(_("Not submitted. %(what)s") % {"what": " ".join(str(one) for one in stops[:5])})
    late.remarks = [f"{one.where}: {one.says}" for one in found]
    late.state, late.digest, late.submitted_by = State.IN_REVIEW, late.fingerprint(), by
    late.sent_back_because = ""
    late.written_by = sorted({*late.written_by, by.pk})
    late.changed_at = at
    late.save()
    trail.note("late_edition.submitted", bulletin, by=by, at=at, digest=late.digest, language=code)
    people = User.objects.staff_with("bulletins.approve_bulletin", bulletin.campaign_id).exclude(pk__in=late.written_by)
    outbox.write(notices.LATE_EDITION_WANTED, people, about=bulletin, path=page_of(bulletin, code), at=at)
    return late


@transaction.atomic
def send_back(bulletin: Bulletin, code: str, *, reason: str, by: User, at: datetime) -> None:
    """
    Make it a draft again and tell those who wrote it what has to change. Whoever wrote it need not say why. Raise NotAllowed without
    a reason, or when it isn't in review.
    """
    late, _parts = _held(bulletin, code)
    reason = reason.replace("\0", "").strip()
    if late.state != State.IN_REVIEW:
        raise NotAllowed(_("Not sent back: it is not in review any more. Nothing changed."))
    if not reason and by.pk not in late.written_by:
        raise NotAllowed(_("Not sent back: say what has to change."))
    if len(reason) > LONGEST_ROW:
        raise NotAllowed(_("Not sent back: what has to change is too long. Nothing changed."))
    late.state, late.digest, late.sent_back_because = State.DRAFT, "", reason
    late.submitted_by = late.signed_off_by = None
    late.changed_at = at
    late.save()
    trail.note("late_edition.sent_back", bulletin, by=by, at=at, language=code, reason=reason)
    people = User.objects.filter(pk__in=late.written_by, is_active=True).exclude(pk=by.pk)
    if reason:
        words = f"{own_name(code)}: {reason}"  # no one language is that of all who read it
        outbox.write(notices.SENT_BACK, list(people), about=bulletin, text=words, path=page_of(bulletin, code), at=at)


@transaction.atomic
def sign_off(bulletin: Bulletin, code: str, *, digest: str, by: User, at: datetime) -> None:
    """Say as a fact-checker that exactly these words say of its claims what was found. Raise NotAllowed."""
    late, _parts = _in_review(bulletin, code, digest, by=by)
    late.signed_off_by = by
    late.save(update_fields=["signed_off_by"])
    trail.note("late_edition.signed_off", bulletin, by=by, at=at, digest=digest, language=code)


@transaction.atomic
def approve(bulletin: Bulletin, code: str, *, digest: str, by: User, at: datetime) -> PublishedEdition:
    """
    Approve exactly the words whose digest `by` has read, publish them, and send them to the readers of the language: to those who
    have nothing of this version, nobody twice. Raise NotAllowed, with nothing changed, for whoever wrote or signed it off.
    """
    late, parts = _in_review(bulletin, code, digest, by=by)
    held = parts.bulletin
    if why := independence.why_not(by, late.written_by, at=at):
        raise NotAllowed(_("Not approved. %(why)s") % {"why": why})
    if wants_sign_off(held):
        if late.signed_off_by_id is None:
            raise NotAllowed(_("Not approved: a fact-checker has to sign it off first. Nothing was sent."))
        if late.signed_off_by_id == by.pk:
            raise NotAllowed(_("Not approved: you signed it off, so someone else must approve it. Nothing was sent."))
    if found := [one for one in findings_on(late, parts, by=by, at=at) if not one.overridable]:
        raise NotAllowed(
            _("Not approved. %(what)s Nothing was sent.") % {"what": " ".join(str(one) for one in found[:5])}
        )
    edition = write_back(late, parts, by=by, at=at)
    parts = Parts(held)
    print_language(late, parts.printed)
    page, words = print_edition(held, edition, at=at, parts=parts)
    words = replace(words, other_url="")  # an edition in easy language does not follow
    page.version = late.version
    page.replaced = next((one.replaced for one in late.version.editions.all() if one.replaced), {})
    page.save()
    mailing = late.version.mailing
    Message.objects.freeze([mail_of_edition(words).message(mailing, code, at=at)])
    late.state, late.approved_by, late.changed_at = State.PUBLISHED, by, at
    late.save(update_fields=["state", "approved_by", "changed_at"])
    trail.note("late_edition.published", held, by=by, at=at, digest=digest, language=code, version=held.version)
    for follow in FOLLOWERS:
        follow(page, at=at)
    page_changes.changed()
    if mailing.superseded_by_id is None:
        mine = (
            Audience.objects.filter(sends__mailing=mailing, sends__language="", sends__pace="")
            .distinct()
            .order_by("pk")
        )
        plan_language(mailing, mine, code, at=at)
    for kind in (MediaJob.Kind.CARDS, MediaJob.Kind.PACKAGES):
        media_jobs.enqueue(held, kind, by=by, at=at)
    return page


def print_language(late: LateEdition, now: PrintedWords) -> None:
    """
    Print with its version what stands beside an edition in its language: what changed, and the campaign's own words where the campaign
    was given the language after it was published: its cards would bear another language's name and hashtag. What was printed
    stays as it is.
    """
    version, code = late.version, late.language
    words = next((one for one in now.plain()["languages"] if one["code"] == code), None)
    if words and all(one["code"] != code for one in version.printed["languages"]):
        version.printed = {**version.printed, "languages": [*version.printed["languages"], words]}
    for name in ("what_changed", "share_text"):
        if text := late.words.get(name, ""):
            setattr(version, name, {**getattr(version, name), code: text})
    version.save(update_fields=["printed", "what_changed", "share_text"])


def page_of(bulletin: Bulletin, code: str) -> str:
    """Return the address of the page on which a language that follows is written, read and approved."""
    return reverse("admin:bulletins_bulletin_later", args=[bulletin.pk, code])


def wants_sign_off(bulletin: Bulletin) -> bool:
    """Return whether fact-checkers have a say; one query."""
    return required_sign_offs.is_required(bulletin, required_sign_offs.resting_on_claims([bulletin.pk]))


def findings_on(late: LateEdition, parts: Parts, *, by: User, at: datetime) -> list[Finding]:
    """
    Return what the checks of a bulletin find in the language that stops a bulletin, were it part of it. What someone may let stand in
    a bulletin stops nothing here: whoever approves it reads it.
    """
    with transaction.atomic():
        point = transaction.savepoint_create()
        write_back(late, parts, by=by, at=at)
        anew = Parts(parts.bulletin)
        found = registry.findings(parts.bulletin, at=at, parts=anew, eased=False)
        is_whole = late.language not in anew.left_out
        transaction.savepoint_rollback(point)
    parts.bulletin.refresh_from_db(fields=["what_changed", "share_text"])
    of_pictures = completeness.OF_PICTURES
    mine = [
        one for one in found if one.level == registry.STOPS and one.is_in(late.language) and one.code not in of_pictures
    ]
    return mine if is_whole else [one for one in found if one.code == "follows-later" and late.language in one.place]


def write_back(late: LateEdition, parts: Parts, *, by: User, at: datetime) -> Edition:
    """Put the words into the working copy, from which the next version starts, and return the edition. In a transaction."""
    bulletin, code, words = parts.bulletin, late.language, late.words
    original = next((one for one in parts.every_edition if one.language == bulletin.original_language), None)
    row = next((row for row in parts.languages if row.code == code), None)
    edition, _new = Edition.objects.get_or_create(
        bulletin=bulletin,
        language=code,
        reading_level=ReadingLevel.STANDARD,
        defaults={"title": "", "subject": "", "body": "", "hashtags": [row.hashtag] if row and row.hashtag else []},
    )
    for name in WORDS:
        setattr(edition, name, words.get(name, ""))
    edition.revision += 1
    edition.source_revision = original.revision if original else 0
    edition.save()
    said = {name: getattr(edition, name) for name in (*WORDS, "hashtags", "revision", "source_revision")}
    EditionRevision.objects.create(edition=edition, version=bulletin.version, edited_by=by, edited_at=at, **said)
    for kind, manager in (("messages", bulletin.key_messages), ("actions", bulletin.calls_to_action)):
        for one in manager.all():
            if text := words.get(kind, {}).get(one.key, ""):
                one.text = {**one.text, code: text}
                one.save(update_fields=["text"])
    for name in ("what_changed", "share_text"):
        if text := words.get(name, ""):
            setattr(bulletin, name, {**getattr(bulletin, name), code: text})
    bulletin.save(update_fields=["what_changed", "share_text"])
    return edition


def _held(bulletin: Bulletin, code: str) -> tuple[LateEdition, Parts]:
    """Return the late edition of a language and what belongs to its bulletin, which is held. Raise NotAllowed."""
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("campaign__authority")
    held = rows.prefetch_related("campaign__languages").get(pk=bulletin.pk)
    parts = Parts(held)
    return begin(open_version(held), code, parts), parts


def _in_review(bulletin: Bulletin, code: str, digest: str, *, by: User) -> tuple[LateEdition, Parts]:
    """Return what is in review, exactly as `by` has read it. Raise NotAllowed."""
    late, parts = _held(bulletin, code)
    if late.state != State.IN_REVIEW:
        raise NotAllowed(_("It is not in review any more. Nothing was sent."))
    if digest != late.digest or late.fingerprint() != late.digest:
        raise NotAllowed(_("It has changed since you read it. Read it again. Nothing was sent."))
    if by.pk in late.written_by:
        raise NotAllowed(_("You wrote or submitted it, so someone else must agree. Nothing was sent."))
    return late, parts
