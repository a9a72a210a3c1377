"""What becomes of a row: its fate, by what is stored and by the rows before it in the file."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bulletins.models import Platform
from campaigns.models import Campaign
from delivery.models import Suppression
from influencers.models import Influencer, PlatformAccount

from .rows import ADDS, BARRED, KNOWN, NEW, REFUSED, SAME, Row


@dataclass(slots=True)
class Before:
    """What earlier rows of a file have named: {address code: row} and {account: address code}."""

    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)


def decide(rows: list[Row], campaign: Campaign, before: Before) -> None:
    """Give each row its fate: by what is stored, and by the rows before it in the file. Four queries."""
    seen, taken = before.people, before.accounts
    codes = [row.code for row in rows if row.code]
    here = Influencer.objects.filter(campaign=campaign, recipient__address_hash__in=codes)
    states = dict(here.values_list("recipient__address_hash", "state"))
    said_no = set(here.exclude(invitations__declined_at=None).values_list("recipient__address_hash", flat=True))
    barred = set(Suppression.objects.filter(address_hash__in=codes).values_list("address_hash", flat=True))
    wanted = {account for row in rows for account in row.accounts}
    theirs = owners(campaign, wanted)
    for row in rows:
        if row.fate:
            continue
        state = states.get(row.code)
        elsewhere = next(
            (one for one in row.accounts if (theirs.get(one) or taken.get(one) or row.code) != row.code), None
        )
        if row.code in barred or row.code in said_no or state in {Influencer.State.LEFT, Influencer.State.ERASED}:
            row.fate, row.why = (
                BARRED,
                _("Left, declined, or must not be contacted. An import does not bring anyone back."),
            )
        elif state == Influencer.State.ACTIVE:
            row.fate, row.why = (
                KNOWN,
                _("Already takes part. What people say about themselves is not changed by an import."),
            )
        elif elsewhere:
            row.fate = REFUSED
            row.why = _("The account %(account)s belongs to someone with another address. Nobody was merged.") % {
                "account": f"{Platform(elsewhere[0]).label} @{elsewhere[1]}"
            }
        elif row.code in seen:
            row.fate, row.why = (
                SAME,
                _("The same person as in row %(row)d: missing details are added there.") % {"row": seen[row.code]},
            )
        elif state == Influencer.State.INVITED:
            row.fate, row.why = ADDS, _("Imported earlier: missing details are added.")
        else:
            row.fate = NEW
        if row.fate in {NEW, ADDS, SAME}:
            seen.setdefault(row.code, row.number)
            taken.update((one, row.code) for one in row.accounts)


def owners(campaign: Campaign, accounts: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return {account: address code of whose it is} of those that are known in a campaign; one query."""
    names = {handle for _platform, handle in accounts}
    found = PlatformAccount.objects.filter(influencer__campaign=campaign, handle__in=names)
    rows = found.values_list("platform", "handle", "influencer__recipient__address_hash")
    return {(platform, handle): code for platform, handle, code in rows if (platform, handle) in accounts}
