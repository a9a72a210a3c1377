"""What people read of a change in a fact-check: the fact, never the claim."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimStep

Kind = ClaimStep.Kind


def happened(step: ClaimStep, *, by_bulletin: bool = False) -> str:
    """Return what happened to a fact-check that someone used, or met in a bulletin, in the active language."""
    if by_bulletin:
        return {
            Kind.CORRECTED: _("A fact-check in a bulletin that you read or shared has been corrected"),
            Kind.PAUSED: _(
                "Please wait before using a fact-check in a bulletin that you read: it is being checked again"
            ),
            Kind.RESUMED: _("A fact-check in a bulletin that you read has been confirmed unchanged"),
            Kind.WITHDRAWN: _("Stop sharing a fact-check in a bulletin that you read: it has been withdrawn"),
        }[Kind(step.kind)]
    return {
        Kind.CORRECTED: _("A fact-check that you used has been corrected"),
        Kind.PAUSED: _("Please wait before using a fact-check that you used: it is being checked again"),
        Kind.RESUMED: _("A fact-check that you used has been confirmed unchanged"),
        Kind.WITHDRAWN: _("Stop sharing a fact-check that you used: it has been withdrawn"),
    }[Kind(step.kind)]


def to_do(step: ClaimStep) -> str:
    """Return what whoever used a fact-check is asked to do, in the active language."""
    return {
        Kind.CORRECTED: _("What to do: use the new text from now on. If you posted the old one, add the new fact."),
        Kind.PAUSED: _("What to do: don't share it until you hear from us. You don't have to delete anything yet."),
        Kind.RESUMED: _("What to do: nothing. The fact-check has not changed, and you can use it again."),
        Kind.WITHDRAWN: _("What to do: stop sharing it, and delete what you posted, or add this to it:"),
    }[Kind(step.kind)]


def changed(step: ClaimStep, *, by_bulletin: bool = False) -> str:
    """Return what happened to a fact-check: that first, for it is the subject; the fact, the verdicts, and why."""
    return lines(happened(step, by_bulletin=by_bulletin), what_changed(step))


def what_changed(step: ClaimStep) -> str:
    """Return the fact, the verdicts before and now, and why, a line each."""
    fact = step.version.fact if step.version else step.claim.fact
    told = in_language(step.reader_text)
    is_taken_back = step.kind in {Kind.PAUSED, Kind.WITHDRAWN}
    first = _("Before: %(fact)s") % {"fact": in_language(fact)} if is_taken_back else of_fact(fact)
    why = _("Reason: %(told)s") if is_taken_back else _("What changed: %(told)s")
    return lines(first, verdicts(step), why % {"told": told} if told else "")


def verdicts(step: ClaimStep) -> str:
    """Return the verdict before and now."""
    before, now = verdict_name(step.before), verdict_name(step.verdict)
    if step.kind == Kind.PAUSED:
        return _("Previous verdict: %(before)s. Now: it is being checked again.") % {"before": before}
    if step.kind == Kind.WITHDRAWN:
        return _("Previous verdict: %(before)s. Now: withdrawn.") % {"before": before}
    if not step.before or step.before == step.verdict:
        return _("Verdict: %(now)s.") % {"now": now}
    return _("Previous verdict: %(before)s. Now: %(now)s.") % {"before": before, "now": now}


def of_fact(fact: dict[str, str]) -> str:
    """Return the fact with what it is before it, in the active language."""
    words = in_language(fact)
    return _("The fact: %(fact)s") % {"fact": words} if words else ""


def verdict_name(verdict: str) -> str:
    """Return a verdict in the active language, "" for none."""
    return str(Claim.Verdict(verdict).label) if verdict else ""


def lines(*parts: str) -> str:
    """Return the parts that have words, a line each."""
    return "\n".join(part for part in parts if part)


def correction(told: Mapping[str, str], language: str) -> str:
    """Return a sentence for people who posted something that was withdrawn, in a language."""
    with override(language):
        says = _("Correction: I shared a fact-check that has been withdrawn. Please don't share it further.")
    return f"{says} {told[language]}".strip() if told.get(language) else says
