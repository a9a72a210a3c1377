"""What a mailing is called: its subject in each of its languages. Its key is for machines."""

from collections.abc import Iterable

from delivery.models import Message


def titles_of(mailings: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return {key of a mailing: {language: subject}} of some mailings, languages as they were frozen; one query."""
    found: dict[int, dict[str, str]] = {pk: {} for pk in mailings}
    rows = (
        Message.objects.mailed().filter(mailing__in=found).order_by("pk").values_list("mailing", "language", "subject")
    )
    for mailing, language, subject in rows:
        found[mailing].setdefault(language, subject)
    return found
