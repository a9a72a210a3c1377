"""What is kept of people who send contributions: for how long, and what of one person."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.retention import DataSubject, Ground, Rule, rule
from stories.models import Contribution

from . import contribution_steps

AFTER = 30  # days after somebody has decided
State = Contribution.State


def over(at: datetime) -> QuerySet[Contribution]:
    """Return those whose address is to be forgotten, and those that are not shown any more and are to go."""
    decided = Contribution.objects.filter(decided_at__lte=rule("contributions").before(at))
    return decided.filter(~Q(email="") | Q(state__in=[State.REFUSED, State.REMOVED, State.WITHDRAWN]))


def forget_over(at: datetime) -> int:
    """Forget some of them, and return how many."""
    rows = list(over(at).order_by("pk")[:200])
    for row in rows:
        if row.state != State.SHOWN and row.picture:
            row.picture.delete(save=False)
    shown = [row.pk for row in rows if row.state == State.SHOWN]
    Contribution.objects.filter(pk__in=shown).update(email="")
    Contribution.objects.filter(pk__in=[row.pk for row in rows]).exclude(pk__in=shown).delete()
    return len(rows)


RULES = (
    Rule(
        "contributions",
        DataSubject.WRITERS,
        gettext_lazy("What you send as a contribution, with the name to show and the address that you gave"),
        gettext_lazy("To show it with others’, and to thank you once."),
        Ground.CONSENT,
        gettext_lazy(
            "Everyone sees what is shown, with the name; the team reads it before. Nobody is shown the address."
        ),
        gettext_lazy(
            "The address, and what is not shown: %(days)s after somebody has decided. What is shown: until you take it back by your link."
        ),
        fixed=AFTER,
        due=over,
        forget=forget_over,
    ),
)


def sent(person: Person) -> Rows:
    """Return what someone sent, as long as their address is known."""
    rows = Contribution.objects.filter(person.has("email"))
    return data_subjects.plain(rows, "prompt__slug", "text", "picture", "language", "name", "email", "state", "sent_at")


def forget_sent(person: Person, by: User | None, at: datetime) -> None:
    """Take back all that someone sent, as they could themselves."""
    for row in Contribution.objects.filter(person.has("email")):
        if row.state in {State.WAITING, State.SHOWN, State.REFUSED}:
            contribution_steps.withdraw(row, at=at)


def addresses() -> list[str]:
    """Return the addresses that are known."""
    return list(Contribution.objects.exclude(email="").values_list("email", flat=True).distinct())


PARTS = (Part("contributions", gettext_lazy("Contributions"), sent, forget_sent, addresses=addresses),)
