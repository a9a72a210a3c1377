"""What becomes of a row: its fate, by what is stored and by the rows before it in the file."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bulletins.models import Platform
from campaigns.models import Campaign
from delivery.models import Suppression
from influencers.models import Influencer, PlatformAccount

from .row_parser import ADDS, BARRED, KNOWN, NEW, REFUSED, SAME, Row


@dataclass(slots=True)
class Before:
    """What earlier rows of a file have named: {address code: row} and {account: address code}."""

    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """What is stored of the people that some rows name, by their address codes; `owners` is {account: address code}."""

    states: dict[str, str]
    barred: set[str]
    owners: dict[tuple[str, str], str]

    @classmethod
    def of(cls, rows: list[Row], campaign: Campaign) -> "StoredPeople":
        """Return it for some rows; four queries. Who left, said no, was erased or is suppressed is barred."""
        codes = [row.code for row in rows if row.code]
        here = Influencer.objects.filter(campaign=campaign, recipient__address_hash__in=codes)
        states = dict(here.values_list("recipient__address_hash", "state"))
        said_no = here.exclude(invitations__declined_at=None).values_list("recipient__address_hash", flat=True)
        suppressed = Suppression.objects.filter(address_hash__in=codes).values_list("address_hash", flat=True)
        gone = {code for code, state in states.items() if state in {Influencer.State.LEFT, Influencer.State.ERASED}}
        theirs = owners(campaign, {account for row in rows for account in row.accounts})
        return cls(states, {*said_no, *suppressed, *gone}, theirs)


def decide(rows: list[Row], campaign: Campaign, before: Before) -> None:
    """Give each row its fate: by what is stored, and by the rows before it in the file. Four queries."""
    known = StoredPeople.of(rows, campaign)
    for row in rows:
        if row.fate:
            continue
        row.fate, row.why = fate_of(row, known, before)
        if row.fate in {NEW, ADDS, SAME}:
            before.people.setdefault(row.code, row.number)
            before.accounts.update((one, row.code) for one in row.accounts)


def fate_of(row: Row, known: StoredPeople, before: Before) -> tuple[str, str]:
    """Return the fate of a row and why it has it."""
    state = known.states.get(row.code)
    if row.code in known.barred:
        return BARRED, _("Left, declined, or must not be contacted. An import does not bring anyone back.")
    if state == Influencer.State.ACTIVE:
        return KNOWN, _("Already takes part. What people say about themselves is not changed by an import.")
    for platform, handle in row.accounts:
        owner = known.owners.get((platform, handle)) or before.accounts.get((platform, handle))
        if owner and owner != row.code:
            says = _("The account %(account)s belongs to someone with another address. Nobody was merged.")
            return REFUSED, says % {"account": f"{Platform(platform).label} @{handle}"}
    if row.code in before.people:
        says = _("The same person as in row %(row)d: missing details are added there.")
        return SAME, says % {"row": before.people[row.code]}
    if state == Influencer.State.INVITED:
        return ADDS, _("Imported earlier: missing details are added.")
    return NEW, ""


def owners(campaign: Campaign, accounts: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return {account: address code of whose it is} of those that are known in a campaign; one query."""
    names = {handle for _platform, handle in accounts}
    found = PlatformAccount.objects.filter(influencer__campaign=campaign, handle__in=names)
    rows = found.values_list("platform", "handle", "influencer__recipient__address_hash")
    return {(platform, handle): code for platform, handle, code in rows if (platform, handle) in accounts}
