"""
The message that asks a second person: what the bulletin is called, what it asks of people, who wrote it, when it was submitted, and
whom it goes to at which moment. It leads to the page where all of it is read; nothing is approved from a mail.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from textwrap import shorten
from typing import ClassVar

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.editing.edition_labels import title_of
from bulletins.facts import correction_brief
from bulletins.models import Bulletin, CallToAction, FactChange, KeyMessage, Urgency
from bulletins.notices import BulletinNoticeKind, asked_at
from bulletins.publication.distribution import distribution_of
from campaigns.translated_fields import in_language
from lib.text.numbers.whole_numbers import grouped
from notifications.channels.reader_clock import hour_for

from . import eligibility, pending_updates

LONGEST_TOLD = 300  # characters of what readers are told, where a message names no single changes
NAMED = 5  # things asked of people, and people, that a message names


class RequestKind(BulletinNoticeKind):
    """A kind that asks to read a bulletin and to say yes or no; it leads to where that is done."""

    related = ("campaign", "submitted_by")
    reader_approves: ClassVar[bool] = False  # and so it is the reader's own deed that sends it

    def page(self, subject: Bulletin, person: User | None) -> str:
        """Return the page on which it is read."""
        return reverse("admin:bulletins_bulletin_read", args=[subject.pk])

    def hour(self, subject: Bulletin, person: User) -> str:
        """Return when it goes, by a person's clock where they chose one, and by the campaign's beside it where that shows another hour."""
        first = distribution_of(subject, at=asked_at(subject)).first
        if first is None or first.moment is None:
            return ""
        return _("goes at %(hour)s") % {"hour": hour_for(person, first.moment, subject.campaign, at=asked_at(subject))}

    def effect(self, subject: Bulletin) -> str:
        """Return that it goes at once, where it does."""
        first = distribution_of(subject, at=asked_at(subject)).first
        return _("goes the moment it is approved") if first is not None and first.at_once else ""

    def asked(self, subject: Bulletin) -> str:
        """Return what it asks people to do first."""
        if subject.kind == Bulletin.Kind.RETRACTION:
            return ""
        wanted = words_of(subject.calls_to_action.all()[:1], subject)
        return _("It asks people to: %(what)s") % {"what": " ".join(wanted[0].split())} if wanted else ""

    def still_waits(self, subject: Bulletin) -> bool:
        """Return whether nobody has approved or refused it meanwhile."""
        return subject.state == Bulletin.State.IN_REVIEW

    def lead_in(self) -> str:
        """Say what the page is for, and that the mail decides nothing."""
        return _("Read it and decide here. Nothing is approved from this email:")

    def quoted_for_hook(self, subject: Bulletin) -> str:
        """Return which facts a correction changes."""
        return self.briefs([subject]).get(subject.pk, "")

    def added_for_hook(self, subject: Bulletin) -> str:
        """Return whom it goes to, and when."""
        return distribution_of(subject, at=asked_at(subject)).headline()

    def briefs(self, subjects: Collection[Bulletin]) -> dict[int, str]:
        """Return {key: the facts that a correction changes} of those that wait for an approval; one query."""
        waiting = {one.pk: one for one in subjects if one.state == Bulletin.State.IN_REVIEW}
        changes: dict[int, list[FactChange]] = {}
        for one in FactChange.objects.filter(bulletin__in=waiting, undone_at=None).order_by("pk"):
            if one.version == waiting[one.bulletin_id].version:
                changes.setdefault(one.bulletin_id, []).append(one)
        return {key: "; ".join(correction_brief.steps_in_short(some)) for key, some in changes.items()}

    def quoted(self, subject: Bulletin) -> str:
        """Return its title, which updates are not in it, what changed, and what it asks of people."""
        says = (not_taken(subject), what_changed(subject), asks(subject))
        return "\n".join((title_of(subject), "", *chain.from_iterable(says))).rstrip()

    def details(self, subject: Bulletin) -> str:
        """Return who wrote it, when it was submitted and whom it goes to."""
        return "\n".join((*wrote(subject), *goes_to(subject, by_reader=self.reader_approves)))


class ApprovalRequestKind(RequestKind):
    """The kind that asks for an approval; its subject names the bulletin."""

    reader_approves = True

    def subject_line(self, subject: Bulletin) -> str:
        """Return the title, that it needs approval, and whether that is urgent."""
        title = self.named(subject)
        if subject.urgency == Urgency.URGENT:
            return _("Urgent: “%(title)s” needs your approval") % {"title": title}
        return _("“%(title)s” needs your approval") % {"title": title}


def not_taken(bulletin: Bulletin) -> Iterator[str]:
    """Yield lines that name the updates of an authority that are not in its text, as the page does on which it is read."""
    for one in pending_updates.pending(bulletin, at=asked_at(bulletin)):
        update = one.message
        when = date_format(bulletin.campaign.local(update.received_at), "SHORT_DATETIME_FORMAT")
        says = _("%(who)s sent an update on %(time)s, which is not in this text.")
        if one.is_told:
            says = _("%(who)s sent an update on %(time)s. Its dates, hours, numbers and names are in this text.")
        yield says % {"who": update.authority, "time": when}
        yield f"- {shorten(update.title, LONGEST_TOLD, placeholder=' …')}"
        yield ""


def what_changed(bulletin: Bulletin) -> Iterator[str]:
    """Yield lines that say what a correction changes, from what to what; of one that changes no text, and of a withdrawal, what readers are told."""
    if bulletin.kind == Bulletin.Kind.ORIGINAL:
        return
    found = correction_brief.lines_of(bulletin) if bulletin.kind == Bulletin.Kind.CORRECTION else []
    code = (get_language() or "").partition("-")[0]
    told = bulletin.what_changed.get(code) or in_language(bulletin.what_changed, bulletin.original_language)
    if not found and told:
        found = [shorten(told, LONGEST_TOLD, placeholder=" …")]
    if found:
        yield _("What changed:")
        yield from (f"- {one}" for one in found)
        yield ""


def words_of(rows: Iterable[CallToAction | KeyMessage], bulletin: Bulletin) -> list[str]:
    """Return what rows say, in the active language or the one that the bulletin is written in."""
    code = (get_language() or "").partition("-")[0]
    return [one.text.get(code) or in_language(one.text, bulletin.original_language) for one in rows]


def asks(bulletin: Bulletin) -> Iterator[str]:
    """
    Yield lines that say what it asks people to do, or its key messages where it has no calls to action; none of a withdrawal, which
    asks nothing. A query or two.
    """
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        return
    wanted = words_of(bulletin.calls_to_action.all(), bulletin)
    heading = _("It asks people to:") if wanted else _("It says:")
    wanted = wanted or words_of(bulletin.key_messages.all(), bulletin)
    if wanted:
        yield heading
        yield from (f"- {' '.join(one.split())}" for one in wanted[:NAMED])
        if (more := len(wanted) - NAMED) > 0:
            yield ngettext("- and %(n)d more thing", "- and %(n)d more things", more) % {"n": more}
        yield ""


def wrote(bulletin: Bulletin) -> Iterator[str]:
    """Yield lines that say who wrote it, for which kind of version, when it was submitted and who else can approve it."""
    who = eligibility.of_one(bulletin)
    authors = User.objects.filter(pk__in=who.editor_ids).order_by("name", "email")
    yield _("Written by: %(who)s") % {"who": eligibility.names_of(list(authors))}
    if bulletin.kind == Bulletin.Kind.CORRECTION:
        yield _("It is a correction: version %(n)d") % {"n": bulletin.version}
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        yield _("It withdraws the bulletin")
    if bulletin.submitted_at:
        moment = date_format(bulletin.campaign.local(bulletin.submitted_at), "DATETIME_FORMAT")
        yield _("Submitted: %(moment)s") % {"moment": moment}
    yield _("Can approve it: %(who)s") % {"who": eligibility.names_of(who.approvers())}


def goes_to(bulletin: Bulletin, *, by_reader: bool) -> Iterator[str]:
    """Yield lines that say whom it goes to, when, and in which languages."""
    plan = distribution_of(bulletin, at=asked_at(bulletin))
    yield ""
    yield f"{plan.headline(by_reader=by_reader)}."
    if plan.first and (languages := plan.first.languages()):
        yield _("By email: %(languages)s.") % {"languages": languages}
    yield from (f"{one}." for one in plan.further(by_reader=by_reader))
    for leaving in plan.departures:
        yield from leaving.substitutes()
    yield from plan.waits()
    if plan.in_digests:
        says = ngettext(
            "%(n)s digest subscriber reads it in the next digest:",
            "%(n)s digest subscribers read it in their next digest:",
            plan.in_digests,
        )
        yield says % {"n": grouped(plan.in_digests)}
        yield from (f"- {one}" for one in plan.digest_times(by_reader=by_reader))


APPROVAL_WANTED = ApprovalRequestKind(
    "approval_wanted", gettext_noop("Bulletin %(bulletin)s needs your approval (%(urgency)s)")
)
SIGN_OFF_WANTED = RequestKind(
    "sign_off_wanted", gettext_noop("Bulletin %(bulletin)s needs fact-check sign-off (%(urgency)s)")
)

KINDS = (APPROVAL_WANTED, SIGN_OFF_WANTED)
