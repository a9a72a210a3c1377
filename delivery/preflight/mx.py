"""The mail servers of a domain (MX): whether bounces can arrive."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop

from .dns import NAME_IT_RIGHT, NO_SUCH_DOMAIN, Names, NoRecord
from .preflight_findings import Finding, Level


def check_mx(domain: str, names: Names) -> Iterator[Finding]:
    """See that what comes back for `domain`, bounces above all, can arrive."""
    values = {"domain": domain}
    add = gettext_noop("Add an MX record to %(domain)s for the server that receives bounces.")
    try:
        exchangers = names.exchangers(domain)
    except NoRecord:
        try:
            names.addresses(domain)
        except NoRecord:
            if names.lack(domain):
                yield Finding("MX", Level.WARNING, NO_SUCH_DOMAIN, NAME_IT_RIGHT, values)
                return
            yield Finding(
                "MX", Level.WARNING, gettext_noop("%(domain)s has no mail server: bounces are lost."), add, values
            )
            return
        says = gettext_noop("%(domain)s has no MX record; bounces go to the host of that name.")
        yield Finding("MX", Level.WARNING, says, add, values)
        return
    if exchangers == [""]:
        yield Finding(
            "MX",
            Level.WARNING,
            gettext_noop("%(domain)s says that it accepts no mail (a null MX): many receivers refuse mail from it."),
            add,
            values,
        )
        return
    values["servers"] = ", ".join(exchangers[:3])
    yield Finding("MX", Level.OK, gettext_noop("Mail to %(domain)s goes to %(servers)s."), values=values)
