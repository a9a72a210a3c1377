"""The DMARC record of a domain or of its organization, and which domains belong to one organization."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from .dns import NAME_IT_RIGHT, NO_SUCH_DOMAIN, Names, NoRecord
from .preflight_findings import Finding, Level


def tags(record: str) -> dict[str, str]:
    """Return the tag=value pairs of a DKIM or DMARC record, the names in lower case."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _sign, value in pairs if name.strip()}


@dataclass(frozen=True)
class Policy:
    """A DMARC record: where it was found, and its tags."""

    domain: str
    tags: dict[str, str]


def policies(domain: str, names: Names) -> list[Policy]:
    """
    Return the DMARC records of `domain` and of the domains above it, the nearest first, as the tree walk of DMARC
    finds them: at most eight look-ups, and several records at one name count as none.
    """
    labels = domain.split(".")
    starts = [0, *range(max(1, len(labels) - 7), len(labels))]
    found = []
    for start in starts:
        name = ".".join(labels[start:])
        records = dmarc_records(name, names)
        if len(records) == 1:
            found.append(Policy(name, tags(records[0])))
            if found[-1].tags.get("psd") == "n":
                break
    return found


def dmarc_records(domain: str, names: Names) -> list[str]:
    """Return the DMARC records at _dmarc.`domain`. Raise Unanswered."""
    try:
        texts = names.texts(f"_dmarc.{domain}")
    except NoRecord:
        return []
    return [text for text in texts if text.partition(";")[0].replace(" ", "") == "v=DMARC1"]


def organizational_domain(domain: str, names: Names) -> str:
    """Return the domain of the organization that `domain` belongs to, as DMARC tells it. Raise Unanswered."""
    walk = policies(domain, names)
    for policy in walk:
        if policy.tags.get("psd") == "n":
            return policy.domain
        if policy.tags.get("psd") == "y" and policy.domain != domain:
            below = domain[: -len(policy.domain) - 1].rpartition(".")[2]
            return f"{below}.{policy.domain}"
    return walk[-1].domain if walk else domain


def check_dmarc(domain: str, names: Names) -> Iterator[Finding]:
    """See that `domain`, or a domain of its organization above it, has a DMARC record with a policy."""
    own = dmarc_records(domain, names)
    if len(own) > 1:
        yield Finding(
            "DMARC",
            Level.WRONG,
            gettext_noop("%(domain)s has several DMARC records; receivers then ignore all of them."),
            gettext_noop("Leave one TXT record at _dmarc.%(domain)s."),
            {"domain": domain},
        )
        return
    walk = [policy for policy in policies(domain, names) if policy.tags.get("psd") != "y" or policy.domain == domain]
    if not walk and names.lack(domain):
        yield Finding("DMARC", Level.WRONG, NO_SUCH_DOMAIN, NAME_IT_RIGHT, {"domain": domain})
        return
    if not walk:
        yield Finding(
            "DMARC",
            Level.WRONG,
            gettext_noop("%(domain)s has no DMARC record."),
            gettext_noop("Add a TXT record at _dmarc.%(domain)s: v=DMARC1; p=none; rua=mailto:dmarc@%(domain)s"),
            {"domain": domain},
        )
        return
    policy = walk[0]
    inherited = policy.domain != domain
    asked = policy.tags.get("p", "")
    applied = (policy.tags.get("sp") or asked) if inherited else asked
    values = {"domain": domain, "where": f"_dmarc.{policy.domain}", "policy": applied}
    if asked not in {"none", "quarantine", "reject"}:
        yield Finding(
            "DMARC",
            Level.WRONG,
            gettext_noop("The DMARC record at %(where)s has no policy."),
            gettext_noop("Add p=none, p=quarantine or p=reject after v=DMARC1;"),
            values,
        )
    elif applied == "none":
        yield Finding(
            "DMARC",
            Level.WARNING,
            gettext_noop(
                "The DMARC record at %(where)s asks for nothing (none): forged mail in your name gets through."
            ),
            gettext_noop("When its reports show that your own mail passes, use p=quarantine, later p=reject."),
            values,
        )
    else:
        yield Finding(
            "DMARC",
            Level.OK,
            gettext_noop("The DMARC record at %(where)s covers %(domain)s; its policy is %(policy)s."),
            values=values,
        )
