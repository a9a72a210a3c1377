"""
The way of what is shown in versions: written, submitted, checked by a second person to exactly these words, withdrawn. A change begins a
version of its own, and the checked one stays where it is until that is checked too. Each app's package says what its versions contain.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.models import Notice
from notifications.notice_kinds import Kind
from stories.models.versions import CheckedVersion
from stories.sending import stored_files

State = CheckedVersion.State
IN_WORK = (State.DRAFT, State.IN_REVIEW)


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


class VersionSteps[Subject: Any, Version: CheckedVersion](ABC):
    """
    The steps of one kind: of courses, whose versions are CourseVersion. `name` is that of the versions' foreign key to their subject, and
    begins the names of audit entries; `fields` are those that a change keeps, `related` what a page needs of a version besides.
    """

    name: str
    subjects: type[Subject]
    versions: type[Version]
    fields: tuple[str, ...]
    related: tuple[str, ...] = ()
    check_permission: str
    waits: Kind
    was_published: Kind
    was_sent_back: Kind

    @abstractmethod
    def content_of(self, version: Version) -> dict[str, Any]:
        """Return all that a check covers, as plain data."""

    @abstractmethod
    def faults(self, version: Version, *, at: datetime) -> Iterator[str]:
        """Yield what is missing or must not be in a version before it can be submitted or published."""

    def files_of(self, subject: Subject) -> Iterable[str]:
        """Return the names of the stored files that are a subject's alone."""
        return ()

    @abstractmethod
    def page_for(self, person: User, subject: Subject) -> str:
        """Return the path of somebody's own page of it, in the active language."""

    # --- Which there are

    def fingerprint(self, version: Version) -> str:
        """Return the SHA-256 (hex) of all that a check covers."""
        content = json.dumps(self.content_of(version), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def held(self, subject: Subject) -> Subject:
        """Return a subject as it stands, for this transaction alone."""
        rows = self.subjects._default_manager.select_for_update(of=("self",)).select_related("campaign", *self.beside)
        return rows.get(pk=subject.pk)

    @property
    def beside(self) -> list[str]:
        """The rows beside a subject that its versions print."""
        return [way.partition("__")[2] for way in self.related if way.startswith(f"{self.name}__")]

    def in_work(self, subject: Subject) -> Version | None:
        """Return the version that is being worked on; one query."""
        return self._one(subject, state__in=IN_WORK)

    def published(self, subject: Subject) -> Version | None:
        """Return the version that was checked last; one query."""
        return self._one(subject, state=State.PUBLISHED)

    def newest(self, subject: Subject) -> Version | None:
        """Return what a change begins with: the version in work, or else the published one."""
        return self.in_work(subject) or self.published(subject)

    def _one(self, subject: Subject, **which: Any) -> Version | None:
        related = (f"{self.name}__campaign", *self.related, "edited_by", "checked_by")
        found: Version | None = subject.versions.filter(**which).select_related(*related).first()
        return found

    def versions_that_count(self) -> "Prefetch[Any]":
        """Return what brings the versions of many subjects to hand, oldest first, without those that were replaced; one query."""
        return Prefetch("versions", self.versions._default_manager.exclude(state=State.REPLACED).order_by("number"))

    # --- Writing

    def begin(self, subject: Subject, edit: Callable[[Version], None], *, by: User, at: datetime) -> Version:
        """Store the first version of a new subject, as a draft that `edit` fills in."""
        return self.store(self.versions(**{self.name: subject, "number": 1}), edit, by=by, at=at)

    @transaction.atomic
    def change(
        self, subject: Subject, edit: Callable[[Version], None], *, read: str, by: User, at: datetime
    ) -> Version:
        """
        Change a subject with `edit`: the version in work, or a new one beside the published one. It is a draft again. `read` is the
        fingerprint of the version that `by` started from. Raise NotDone when somebody else has changed it since.
        """
        subject = self.held(subject)
        version = self.newest(subject)
        if version is None or version.digest != read:
            raise NotDone(
                _(
                    "Not saved: somebody else has changed it since you opened it. Copy what you wrote, and reload the page."
                )
            )
        if version.state == State.PUBLISHED:
            last = subject.versions.order_by("number").values_list("number", flat=True).last() or 0
            kept = {name: getattr(version, name) for name in self.fields}
            version = self.versions(**{self.name: subject, "number": last + 1}, **kept)
        return self.store(version, edit, by=by, at=at)

    def store(self, version: Version, edit: Callable[[Version], None], *, by: User, at: datetime) -> Version:
        """Store a version with what `edit` writes into it, and who wrote it."""
        edit(version)
        version.state, version.edited_by, version.edited_at = State.DRAFT, by, at
        version.writers = sorted({*version.writers, by.pk})
        version.digest = self.fingerprint(version)
        version.save()
        self.note("saved", version, by=by, at=at, digest=version.digest)
        return version

    # --- Two people

    @transaction.atomic
    def submit(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Hand the version in work to a second person. Raise NotDone with what is missing."""
        subject = self.held(subject)
        version = self.in_work(subject)
        if version is None or version.state != State.DRAFT:
            raise NotDone(_("Not submitted: it is no draft any more. Reload the page."))
        if found := list(self.faults(version, at=at)):
            raise NotDone(" ".join([_("Not submitted."), *found]))
        version.state, version.remark = State.IN_REVIEW, ""
        version.writers = sorted({*version.writers, by.pk})
        version.save()
        self.note("submitted", version, by=by, at=at, digest=version.digest)
        checkers = User.objects.staff_with(self.check_permission, subject.campaign_id)
        self.tell(self.waits, version, [one for one in checkers if one.pk not in version.writers], at=at)

    @transaction.atomic
    def check(self, subject: Subject, *, digest: str, by: User, at: datetime) -> Version:
        """
        Publish, as a second person, exactly the version that `by` has read. Raise NotDone for whoever worked on it, for other words than
        were read, and for one that lacks something meanwhile; of two people at once one is told so.
        """
        subject = self.held(subject)
        version = self.in_work(subject)
        if version is None or version.state != State.IN_REVIEW:
            raise NotDone(_("Not published: it is not in review any more. Reload the page."))
        if version.is_of(by):
            raise NotDone(_("Not published: whoever worked on it cannot check it. Ask a colleague."))
        if digest != version.digest or digest != self.fingerprint(version):
            raise NotDone(_("Not published: it has changed since you read it. Read it again."))
        if subject.campaign.closed_at is not None:
            raise NotDone(_("Not published: the campaign has ended."))
        if found := list(self.faults(version, at=at)):
            raise NotDone(" ".join([_("Not published."), *found]))
        replaced = subject.versions.filter(state=State.PUBLISHED).update(state=State.REPLACED)
        version.state, version.checked_by, version.checked_at, version.remark = State.PUBLISHED, by, at, ""
        version.save()
        if subject.withdrawn_at is not None:
            subject.withdrawn_at = None
            subject.save(update_fields=["withdrawn_at"])
        self.note("published", version, by=by, at=at, digest=digest)
        page_changes.note_retraction() if replaced else page_changes.changed()
        self.tell(self.was_published, version, self.writers_of(version), at=at)
        return version

    @transaction.atomic
    def send_back(self, subject: Subject, *, remark: str, by: User, at: datetime) -> None:
        """Make the version in review a draft again, with words about why. Raise NotDone unless one is in review."""
        version = self.in_work(self.held(subject))
        if version is None or version.state != State.IN_REVIEW:
            raise NotDone(_("Not sent back: it is not in review any more. Reload the page."))
        if not remark.strip():
            raise NotDone(_("Not sent back: write what is to be changed."))
        version.state, version.remark = State.DRAFT, remark.strip()
        version.save()
        self.note("sent_back", version, by=by, at=at)
        people = [one for one in self.writers_of(version) if one != by]
        self.tell(self.was_sent_back, version, people, at=at, text=version.remark)

    @transaction.atomic
    def withdraw(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Take what is published away from everyone. Raise NotDone for what nobody outside can see."""
        subject = self.held(subject)
        if self.published(subject) is None or subject.withdrawn_at is not None:
            raise NotDone(_("Not withdrawn: it is not published. Reload the page."))
        subject.withdrawn_at = at
        subject.save(update_fields=["withdrawn_at"])
        trail.note(f"{self.name}.withdrawn", subject, by=by, at=at)
        page_changes.note_retraction()

    @transaction.atomic
    def drop(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Delete what was never published, with its files. Raise NotDone for what was."""
        subject = self.held(subject)
        if self.published(subject) is not None:
            raise NotDone(_("Not deleted: it was published meanwhile. Reload the page, and withdraw it."))
        trail.note(f"{self.name}.dropped", subject, by=by, at=at)
        Notice.objects.waiting().filter(kind=self.waits.key, subject_id=subject.pk).delete()
        stored_files.delete_files(self.files_of(subject))
        subject.delete()

    # --- Who is told, and what is kept of it

    def note(self, verb: str, version: Version, *, by: User, at: datetime, **detail: Any) -> None:
        """Note a step of a version in the audit log."""
        subject = getattr(version, self.name)
        trail.note(f"{self.name}.{verb}", subject, by=by, at=at, version=version.number, **detail)

    def writers_of(self, version: Version) -> list[User]:
        """Return who worked on a version and still has a login."""
        return list(User.objects.filter(pk__in=version.writers, is_active=True).order_by("pk"))

    def tell(self, kind: Kind, version: Version, people: list[User], *, at: datetime, text: str = "") -> None:
        """Tell people of a step, each in their own language and with the address of their own page."""
        subject = getattr(version, self.name)
        for person in people:
            with override(subject.campaign.language_for(person)):
                path = self.page_for(person, subject)
                words = "\n".join(filter(None, [in_language(version.title), text]))
            outbox.write(kind, [person], about=subject, text=words, path=path, at=at)
