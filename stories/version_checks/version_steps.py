"""
The way of what is shown in versions: written, submitted, checked by a second person to exactly these words (agreement), withdrawn. A change
begins a version of its own, and the checked one stays where it is until that is checked too. Each app's package says what its versions contain.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.audit import trail
from accounts.models import User
from agreement import steps
from agreement.kinds import Columns, Kind
from agreement.refusals import Refused
from campaigns.http import page_changes
from campaigns.translated_fields import in_language
from notifications import notice_kinds, outbox
from notifications.models import Notice
from stories.models.versions import CheckedVersion
from stories.sending import stored_files

State = CheckedVersion.State
IN_WORK = (State.DRAFT, State.IN_REVIEW)


class VersionSteps[Subject: Any, Version: CheckedVersion](Kind[Version]):
    """
    The steps of one kind: of courses, whose versions are CourseVersion (`model`). `name` is that of the versions' foreign key to their subject,
    and begins the names of audit entries; `fields` are those that a change keeps, `related` what a page needs of a version besides.
    """

    subjects: type[Subject]
    fields: tuple[str, ...]
    related: tuple[str, ...] = ()
    columns = Columns(agreed_by="checked_by", agreed_at="checked_at")
    agree_label = gettext_lazy("Checked: publish")
    refusals: ClassVar = Kind.refusals | {"agreed": gettext_lazy("Not published.")}
    waits: notice_kinds.Kind
    was_published: notice_kinds.Kind
    was_sent_back: notice_kinds.Kind

    # --- What agreement asks

    def campaign_of(self, row: Version) -> Any:
        """Return the campaign of its subject."""
        return self.audited(row).campaign

    def audited(self, row: Version) -> Any:
        """Return its subject."""
        return getattr(row, self.name)

    def noted(self, row: Version) -> dict[str, Any]:
        """Return which version it is."""
        return {"version": row.number}

    def lock(self, row: Version) -> Version:
        """Return a version as it stands, with its subject, for this transaction alone."""
        subject = self.held(self.audited(row))
        rows = self.model._default_manager.select_for_update(of=("self",)).select_related(self.name, *self.related)
        version = rows.get(pk=row.pk)
        setattr(version, self.name, subject)
        return version

    def faults(self, row: Version, *, at: datetime) -> Iterator[str]:
        """Yield what is missing or must not be in a version before it can be submitted or published."""
        if self.campaign_of(row).closed_at is not None:
            yield _("The campaign has ended.")

    def on_submitted(self, row: Version, *, by: User, at: datetime) -> None:
        """Call those who may check it."""
        self.tell(
            self.waits, row, [person for person in self.who_may_agree(row) if person.pk not in row.writers], at=at
        )

    def on_agreed(self, row: Version, *, by: User, at: datetime) -> None:
        """Show it in the place of the version before."""
        subject = self.audited(row)
        replaced = subject.versions.filter(state=State.PUBLISHED).update(state=State.REPLACED)
        if subject.withdrawn_at is not None:
            subject.withdrawn_at = None
            subject.save(update_fields=["withdrawn_at"])
        page_changes.note_retraction() if replaced else page_changes.changed()
        self.tell(self.was_published, row, self.people_of(row), at=at)

    def on_sent_back(self, row: Version, *, remark: str, by: User, at: datetime) -> None:
        """Tell those who wrote it."""
        self.tell(
            self.was_sent_back, row, [person for person in self.people_of(row) if person != by], at=at, text=remark
        )

    # --- What each kind says

    def files_of(self, subject: Subject) -> Iterable[str]:
        """Return the names of the stored files that are a subject's alone."""
        return ()

    def page_for(self, person: User, subject: Subject) -> str:
        """Return the path of somebody's own page of it, in the active language."""
        raise NotImplementedError

    # --- Which there are

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
        version: Version | None = subject.versions.filter(**which).select_related(*related).first()
        return version

    def versions_that_count(self) -> "Prefetch[Any]":
        """Return what brings the versions of many subjects to hand, oldest first, without those that were replaced; one query."""
        return Prefetch("versions", self.model._default_manager.exclude(state=State.REPLACED).order_by("number"))

    # --- Writing

    def begin(self, subject: Subject, edit: Callable[[Version], None], *, by: User, at: datetime) -> Version:
        """Store the first version of a new subject, as a draft that `edit` fills in."""
        version = self.model(**{self.name: subject, "number": 1})
        edit(version)
        return steps.begin(self, version, by=by, at=at)

    @transaction.atomic
    def change(
        self, subject: Subject, edit: Callable[[Version], None], *, read: str, by: User, at: datetime
    ) -> tuple[Version, bool]:
        """
        Change a subject with `edit`: the version in work, or a new one beside the published one; return it with whether it says something
        else now. `read` is the digest of the version that `by` started from. Raise Stale when somebody else has changed it since.
        """
        subject = self.held(subject)
        version = self.newest(subject)
        if version is None:
            raise steps.refused(self, "written", _("It is gone. Reload the page."))
        if version.state != State.PUBLISHED:
            return steps.write(self, version, edit, seen=read, by=by, at=at)
        if not self.is_digest(version, read):
            raise steps.changed_meanwhile(self)
        number = subject.versions.order_by("number").values_list("number", flat=True).last() or 0
        kept = {name: getattr(version, name) for name in self.fields}
        edited = self.model(**{self.name: subject, "number": number + 1, **deepcopy(kept)})
        edit(edited)
        # What was withdrawn comes back by another check, of the same words too.
        if subject.withdrawn_at is None and self.digest_of(edited) == self.digest_of(version):
            return version, False
        return steps.begin(self, edited, by=by, at=at), True

    # --- Two people

    def submit(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Hand the version in work to a second person. Raise Refused with what is missing."""
        steps.submit(self, self._version(subject, "submitted"), by=by, at=at)

    def check(self, subject: Subject, *, digest: str, by: User, at: datetime) -> Version:
        """Publish, as a second person, exactly the version whose digest `by` has read. Raise Refused."""
        return steps.agree(self, self._version(subject, "agreed"), seen=digest, by=by, at=at)

    def send_back(self, subject: Subject, *, remark: str, by: User, at: datetime) -> None:
        """Make the version in review a draft again, with words about why. Raise Refused."""
        steps.send_back(self, self._version(subject, "sent_back"), remark=remark, by=by, at=at)

    def _version(self, subject: Subject, step: str) -> Version:
        version = self.in_work(subject)
        if version is None:
            raise steps.refused(self, step, _("It is not in review any more."), _("Reload the page."))
        return version

    @transaction.atomic
    def withdraw(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Take what is published away from everyone. Raise Refused for what nobody outside can see."""
        subject = self.held(subject)
        if self.published(subject) is None or subject.withdrawn_at is not None:
            raise Refused(_("Not withdrawn: it is not published. Reload the page."))
        subject.withdrawn_at = at
        subject.save(update_fields=["withdrawn_at"])
        trail.note(f"{self.name}.withdrawn", subject, by=by, at=at)
        page_changes.note_retraction()

    @transaction.atomic
    def drop(self, subject: Subject, *, by: User, at: datetime) -> None:
        """Delete what was never published, with its files. Raise Refused for what was."""
        subject = self.held(subject)
        if self.published(subject) is not None:
            raise Refused(_("Not deleted: it was published meanwhile. Reload the page, and withdraw it."))
        trail.note(f"{self.name}.dropped", subject, by=by, at=at)
        Notice.objects.waiting().filter(kind=self.waits.key, subject_id=subject.pk).delete()
        stored_files.delete_files(self.files_of(subject))
        subject.delete()

    # --- Who is told

    def people_of(self, version: Version) -> list[User]:
        """Return who worked on a version and still has a login."""
        return list(User.objects.filter(pk__in=version.writers, is_active=True).order_by("pk"))

    def tell(
        self, kind: notice_kinds.Kind, version: Version, people: list[User], *, at: datetime, text: str = ""
    ) -> None:
        """Tell people of a step, each in their own language and with the address of their own page."""
        subject = getattr(version, self.name)
        for person in people:
            with override(subject.campaign.language_for(person)):
                path = self.page_for(person, subject)
                words = "\n".join(filter(None, [in_language(version.title), text]))
            outbox.write(kind, [person], about=subject, text=words, path=path, at=at)
