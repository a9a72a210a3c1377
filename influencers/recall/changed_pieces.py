"""What of a published version is other than before: key messages, words for platforms, files."""

from collections.abc import Iterable, Mapping
from typing import Any

from bulletins.models import PublishedEdition
from campaigns.models import ReadingLevel

Content = Mapping[str, Any]
Pieces = dict[str, Any]

MESSAGE, VARIANT, ASSET, PACKAGE = "message", "variant", "asset", "package"
PLACES = {MESSAGE: "messages", VARIANT: "variants", ASSET: "assets"}
OF_AN_ASSET = ("file", "sha256", "alt_text", "renditions")


class Contents:
    """The frozen words of a bulletin's versions: what one says in a language, and what another says instead."""

    def __init__(self, editions: Iterable[tuple[int, str, Content]]) -> None:
        """Take rows (version number, language, content)."""
        self.pieces: dict[int, dict[str, Pieces]] = {}
        for number, language, content in editions:
            self.pieces.setdefault(number, {})[language] = pieces_of(content)

    @classmethod
    def of(cls, bulletin: int, *, up_to: int) -> "Contents":
        """Return the contents of a bulletin's versions up to a number, as the portal shows them; one query."""
        rows = PublishedEdition.objects.filter(
            version__bulletin=bulletin, version__number__lte=up_to, reading_level=ReadingLevel.STANDARD
        )
        return cls(rows.values_list("version__number", "language", "content"))

    def changed(self, before: int, now: int) -> set[str]:
        """Return the items that version `now` says in another way than version `before`, or no more."""
        new = self.pieces.get(now, {})
        return {
            item
            for language, pieces in self.pieces.get(before, {}).items()
            for item in changed(pieces, new.get(language, {}))
        }

    def affected(self, now: int) -> dict[str, list[str]]:
        """Return {"messages": [keys], "variants": [platforms], "assets": [keys]} of what a version changed."""
        earlier = [number for number in self.pieces if number < now]
        found: dict[str, list[str]] = {name: [] for name in PLACES.values()}
        for item in sorted(self.changed(max(earlier), now) if earlier else ()):
            kind, _colon, key = item.partition(":")
            found[PLACES[kind]].append(key)
        return found

    def holds(self, item: str, language: str, before: int, now: int) -> bool:
        """Return whether what someone took of version `before` in a language is the same in version `now`."""
        old, new = self.pieces.get(before, {}), self.pieces.get(now, {})
        return language in old and same(item, old[language], new.get(language, {}))

    def text(self, item: str, language: str, number: int) -> str:
        """Return the words of a key message in a version and language, "" where there are none."""
        return self.pieces.get(number, {}).get(language, {}).get(item, ("",))[0] or ""


def pieces_of(content: Content) -> Pieces:
    """Return what people can take of an edition by its item: "message:<key>", "variant:<platform>", "asset:<key>"."""
    found: Pieces = {}
    for one in content.get("key_messages", []):
        found[f"{MESSAGE}:{one.get('key', '')}"] = (one.get("text"), one.get("valid_until"), one.get("tones"))
    for one in content.get("variants", []):
        found[f"{VARIANT}:{one.get('platform', '')}"] = one
    for one in content.get("assets", []):
        found[f"{ASSET}:{one.get('id', '')}"] = [one.get(name) for name in OF_AN_ASSET]
    return found


def changed(before: Pieces, now: Pieces) -> set[str]:
    """Return the items of `before` that are other, or gone, in `now`."""
    return {item for item, piece in before.items() if now.get(item) != piece}


def same(item: str, before: Pieces, now: Pieces) -> bool:
    """Return whether an item is unchanged. A package holds everything; what nobody knows counts as changed."""
    kind, _colon, key = item.partition(":")
    if kind == PACKAGE:
        others = {
            name for name in changed(before, now) if name.startswith(f"{VARIANT}:") and name != f"{VARIANT}:{key}"
        }
        return bool(before) and not changed(before, now) - others
    return item in before and now.get(item) == before[item]
