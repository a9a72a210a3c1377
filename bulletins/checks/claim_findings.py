"""The fact-checks that a bulletin uses: whether they are confirmed, still hold, and are the ones to use."""

from collections.abc import Iterator

from django.db.models import Subquery
from django.utils.translation import gettext as _

from bulletins.models import Version
from factcheck.models import Claim, ClaimVersion

from .findings import ADVICE, STOPS, Finding, Workspace


def unconfirmed_claims(desk: Workspace) -> Iterator[Finding]:
    """Find fact-checks that two people have not agreed on, that are paused, withdrawn or replaced, or that are newer."""
    agreed = {Claim.Status.CONFIRMED, Claim.Status.PUBLISHED}
    newer = newer_than_readers(desk)
    for claim in desk.claims:
        main = claim.duplicate_of or claim
        stands = main.current_version_id and not main.paused_at and main.status in Claim.EDITABLE
        level, code = STOPS, "unconfirmed-claim"
        if main.status == Claim.Status.WITHDRAWN:
            code, says, mend = "withdrawn-claim", _("This fact-check was withdrawn."), _("Remove it.")
        elif main.status == Claim.Status.PAUSED:
            code = "paused-claim"
            says, mend = _("This fact-check is being checked again."), _("Remove it, or wait for the fact-checkers.")
        elif main.status not in agreed and not stands:
            says, mend = _("This fact-check has no confirmed verdict."), _("Ask the fact-checkers.")
        elif main is not claim:
            level, code = ADVICE, "merged-claim"
            says = _("This claim was found to be the same as “%(claim)s”.") % {"claim": main}
            mend = _("Choose that one instead.")
        elif main.current_version_id in newer:
            level, code = ADVICE, "newer-claim"
            says = _("Its fact-check was published after the version of this bulletin that readers see.")
            mend = _("Read it again, and check whether the text is still correct.")
        else:
            continue
        yield Finding(level, code, str(claim).rstrip("."), says, mend, place="claims", found=str(claim.pk))


def newer_than_readers(desk: Workspace) -> set[int]:
    """Return the keys of fact-checks that are newer than the version that a correction corrects; one query at most."""
    if not desk.earlier or not desk.claims:
        return set()
    before = Version.objects.filter(pk=desk.earlier[0].version_id).values("published_at")
    standing = [main.current_version_id for main in (claim.duplicate_of or claim for claim in desk.claims)]
    newer = ClaimVersion.objects.filter(pk__in=standing, published_at__gt=Subquery(before))
    return set(newer.values_list("pk", flat=True))
