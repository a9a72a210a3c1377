"""
What a published bulletin says in the place of key messages of earlier ones. Those no longer hold from that moment on, until a correction
of the bulletin takes its word back, or it is withdrawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from accounts.audit import trail
from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.http import page_changes

type Entry = dict[str, Any]  # as in PublishedEdition.replaced
type Links = dict[str, str]  # {"number:key" of what is replaced: key of the message that does}


def follow(version: Version, before: Version | None, editions: Sequence[PublishedEdition], *, at: datetime) -> None:
    """
    Note in the newest editions of other bulletins what a version that is being published says in the place of theirs, and take back what the
    version `before` said so. In its own editions stays what others replaced, where it still says that. Inside the publication's transaction.
    """
    bulletin = version.bulletin
    keep(editions, before)
    now, then = links_of(editions), links_of(before.editions.all()) if before else {}
    if not now and not then:
        return
    others = list(
        PublishedEdition.objects.filter(version__in=Version.objects.current(bulletin.campaign, at=at))
        .exclude(version__bulletin=bulletin)
        .select_related("version__bulletin")
        .defer("html", "body")
    )
    said = Said([*others, *editions])
    for edition in others:
        replaced = replaced_in(edition, bulletin.number, now, said, at=at)
        if replaced != edition.replaced:
            PublishedEdition.objects.filter(pk=edition.pk).update(replaced=replaced)
            edition.replaced = replaced
    page_changes.note_retraction()
    note(version, now, then, at=at)


def keep(editions: Iterable[PublishedEdition], before: Version | None) -> None:
    """Let the editions of a new version have what other bulletins replaced of the one before, as far as they still say it."""
    for old in before.editions.exclude(replaced={}) if before else ():
        for new in editions:
            if (new.language, new.reading_level) == (old.language, old.reading_level):
                texts = texts_of(old)
                kept = {key: entry for key, entry in old.replaced.items() if texts_of(new).get(key) == texts.get(key)}
                if kept:
                    PublishedEdition.objects.filter(pk=new.pk).update(replaced=kept)
                    new.replaced = kept


def links_of(editions: Iterable[PublishedEdition]) -> Links:
    """Return what the key messages of some editions replace; a withdrawn bulletin has none."""
    rows = (item for edition in editions for item in edition.content.get("key_messages", []))
    return {item["replaces"]: item["key"] for item in rows if item.get("replaces")}


def texts_of(edition: PublishedEdition) -> dict[str, str]:
    """Return the words of an edition's key messages, {key: words}."""
    return {item.get("key", ""): item.get("text") or "" for item in edition.content.get("key_messages", [])}


class Said:
    """What the newest editions of a campaign say, to find a key message of one of them in a language."""

    def __init__(self, editions: Iterable[PublishedEdition]) -> None:
        self.found: dict[str, list[tuple[str, str]]] = {}
        for edition in editions:
            for key, text in texts_of(edition).items():
                self.found.setdefault(f"{edition.version.bulletin.number}:{key}", []).append((edition.language, text))

    def entry(self, number: int, key: str, language: str, **fields: str) -> Entry | None:
        """Return what stands for a key message in a language, or in another one that has it."""
        texts = [(code, text) for code, text in self.found.get(f"{number}:{key}", []) if text]
        texts.sort(key=lambda one: one[0] != language)
        if not texts:
            return None
        return {"number": number, "key": key, "text": texts[0][1], "language": texts[0][0], **fields}


def replaced_in(edition: PublishedEdition, number: int, now: Links, said: Said, *, at: datetime) -> dict[str, Entry]:
    """
    Return what of an edition is replaced once bulletin `number` replaces what it does `now`: what it took back holds again, or what it
    had itself taken the place of, and what led to a message that it replaces leads to its own.
    """
    own = edition.version.bulletin.number
    found: dict[str, Entry | None] = {}
    for key, entry in edition.replaced.items():
        via = entry.get("via", "")
        if entry["number"] == number and f"{own}:{key}" not in now and via not in now:
            other, _colon, of = via.partition(":")
            found[key] = said.entry(int(other), of, edition.language, at=entry["at"]) if via else None
        else:
            found[key] = entry
    for key in texts_of(edition):
        entry = found.get(key) or {}
        since = {"at": entry.get("at") or at.isoformat()}
        place = f"{entry['number']}:{entry['key']}" if entry else ""
        via = place if place in now else entry.get("via", "")
        if f"{own}:{key}" in now:
            found[key] = said.entry(number, now[f"{own}:{key}"], edition.language, **since)
        elif via in now:
            found[key] = said.entry(number, now[via], edition.language, **since, via=via)
    return {key: entry for key, entry in found.items() if entry}


def note(version: Version, now: Links, then: Links, *, at: datetime) -> None:
    """Write into the audit log of each bulletin what of it was replaced, or holds again, by whoever approved the version that says so."""
    for verb, places in (
        ("message_replaced", now.keys() - then.keys()),
        ("message_restored", then.keys() - now.keys()),
    ):
        for bulletin, key in named(version, sorted(places)):
            trail.note(
                f"bulletin.{verb}",
                bulletin,
                by=version.approved_by,
                at=at,
                key=key,
                bulletin=version.bulletin.number,
                version=version.number,
            )


def named(version: Version, places: Iterable[str]) -> Iterator[tuple[Bulletin, str]]:
    """Yield the bulletin and the key that "number:key" names, of those that there are."""
    for place in places:
        number, _colon, key = place.partition(":")
        if found := Bulletin.objects.filter(campaign=version.bulletin.campaign_id, number=number).first():
            yield found, key
