"""Letting a finding stand: a person's word and reason, which approvers read; and what the checklist reminds of."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.models import Bulletin, NotAllowed, Override

from . import findings, registry
from .alike import alike
from .findings import Finding

SHORTEST_REASON = 10


@transaction.atomic
def override_finding(
    bulletin: Bulletin, key: str, *, reason: str, by: User, at: datetime, with_alike: bool = False
) -> Override:
    """
    Let the finding `key` stand in this version, for a reason of at least ten characters, and return the override. With `with_alike` the
    same finding in other key messages stands for that reason too.

    It changes what an approval covers, so any review is void. Raise NotAllowed, with nothing changed, when it is not
    found any more, when it has to be fixed, and without a reason.
    """
    held = drafts.lock(bulletin)
    why = reason.strip()
    if len(why) < SHORTEST_REASON:
        raise NotAllowed(
            _("Not kept as is: say in at least %(count)d characters why it can stay. Approvers read it.")
            % {"count": SHORTEST_REASON}
        )
    found = list(registry.findings(held, at=at))
    finding = next((one for one in found if one.key == key), None)
    if finding is None:
        raise NotAllowed(_("Not kept as is: the text has changed and this is no longer found. Nothing changed."))
    if finding.override is not None:
        raise NotAllowed(
            _("Not kept as is: %(who)s has already done so. Nothing changed.") % {"who": finding.override.by}
        )
    if not finding.overridable or finding.level != findings.STOPS:
        raise NotAllowed(_("Not kept as is: this one has to be fixed. Nothing changed."))
    others = [one for one in alike(found, finding) if one.key != key] if with_alike else []
    override, *_more = [_let_stand(held, one, why, by=by, at=at) for one in (finding, *others)]
    drafts.note_editor(held, by=by, at=at)
    return override


def _let_stand(held: Bulletin, finding: Finding, why: str, *, by: User, at: datetime) -> Override:
    says = f"{finding.where}: {finding.says}"
    override = Override.objects.create(
        bulletin=held, version=held.version, code=finding.code, key=finding.key, says=says, reason=why, by=by, at=at
    )
    trail.note("bulletin.finding_let_stand", held, by=by, at=at, code=finding.code, key=finding.key, reason=why)
    return override


@transaction.atomic
def undo(override: Override, *, by: User, at: datetime) -> None:
    """Take an override back: the finding stops approval again. Raise NotAllowed for a version that is published."""
    held = drafts.lock(override.bulletin)
    taken, _models = Override.objects.filter(pk=override.pk, version=held.version).delete()
    if not taken:
        raise NotAllowed(_("Not undone: someone has already done so, or it belongs to an earlier version."))
    trail.note("bulletin.finding_taken_back", held, by=by, at=at, code=override.code, key=override.key)
    drafts.note_editor(held, by=by, at=at)
