"""Addresses: open to everyone, working, and encrypted."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.http.safe_fetch import looks_private
from lib.http.url_parts import host_of

from ..findings import ADVICE, STOPS, Finding, Workspace, language_name
from .link_checker import BROKEN, addresses_of, is_example

UNCHECKED, UNREACHED = "unchecked-link", "unreached-link"
NAMED = 3  # sites, where several have the same fault


def bad_links(desk: Workspace) -> Iterator[Finding]:
    """Find addresses that readers could not open, or should not; advice about each address once."""
    advised: set[tuple[str, str]] = set()
    together: dict[str, list[Finding]] = {UNCHECKED: [], UNREACHED: []}
    for url, code, place in addresses_of(desk.editions, desk.messages):
        for found in of_address(desk, url, code, place):
            if found.level == STOPS or (url, found.code) not in advised:
                advised.add((url, found.code))
                if found.code in together:
                    together[found.code].append(found)
                else:
                    yield found
    for code, alike in together.items():
        if len(alike) > 1:
            says, mend = of_several(code, [one.found for one in alike])
            yield Finding(ADVICE, code, _("Links"), says, mend, alike[0].place)
        else:
            yield from alike


def of_several(code: str, urls: list[str]) -> tuple[str, str]:
    """Return what several addresses have in common, and what to do."""
    number = len(urls)
    if code == UNCHECKED:
        says = ngettext("%(n)d address is being checked.", "%(n)d addresses are being checked.", number)
        return says % {"n": number}, _("Nothing to do; the results will be here in a minute.")
    hosts = list(dict.fromkeys(host_of(url) for url in urls))
    named = ", ".join(hosts[:NAMED]) + (" …" if len(hosts) > NAMED else "")
    says = ngettext(
        "%(n)d address could not be reached (%(sites)s).", "%(n)d addresses could not be reached (%(sites)s).", number
    )
    mend = _("Open them yourself to check. When it is all of them, it may be the connection of this server.")
    return says % {"n": number, "sites": named}, mend


def of_address(desk: Workspace, url: str, code: str, place: str) -> Iterator[Finding]:
    """Find what is wrong with one address in one place."""
    where = f"{language_name(code)}, {url}" if code else url
    check = desk.checks.get(url)

    def finding(level: str, kind: str, says: str, mend: str) -> Finding:
        overridable = level == STOPS and kind != "private-link"
        return Finding(level, kind, where, says, mend, place, url, overridable)

    if looks_private(url) or (check and check.detail == "private"):
        says = _("This address is in a private network. Readers cannot open it.")
        yield finding(STOPS, "private-link", says, _("Use a public address."))
        return
    if url.startswith("http://"):
        says = _("This address is not encrypted (http).")
        yield finding(ADVICE, "plain-link", says, _("Use https if the site has it."))
    if is_example(url):
        says = _("This is an example address that nobody can open.")
        yield finding(ADVICE, "example-link", says, _("Use the real one."))
    elif check is None or check.checked_at is None:
        says = _("This address is being checked.")
        yield finding(ADVICE, UNCHECKED, says, _("Nothing to do; the result will be here in a minute."))
    elif check.works:
        return
    elif check.status in BROKEN or check.detail == "dns":
        says = (
            _("This address does not work: the page is gone (%(status)d).") % {"status": check.status}
            if check.status
            else _("This address does not work: the site does not exist.")
        )
        yield finding(STOPS, "broken-link", says, _("Correct the address or remove the link."))
    elif check.status:
        says = _("The site answered with an error (%(status)d).") % {"status": check.status}
        yield finding(ADVICE, "unsure-link", says, _("Open it yourself to check."))
    else:
        yield finding(ADVICE, UNREACHED, _("The site could not be reached."), _("Open it yourself to check."))
