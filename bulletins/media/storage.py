"""Where files are kept, and how long: one in a published version stays, any other goes with its row."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from bulletins.models import Asset, Bulletin, PublishedEdition

IN_FOLDER = re.compile(r"^(?:assets|renditions|packages)/b(\d{1,15})/[^/]+$")


def store(folder: str, bulletin_id: int, content: File, suffix: str) -> str:
    """Store a file under a name of ours that nobody can guess, in its bulletin's folder, and return the name."""
    return default_storage.save(f"{folder}/b{bulletin_id}/{secrets.token_hex(8)}{suffix}", content)


def bulletin_of(name: str) -> int | None:
    """Return the key of the bulletin that a stored file belongs to by its name, or None."""
    match = IN_FOLDER.match(name)
    return int(match[1]) if match else None


def beside(name: str, suffix: str) -> str:
    """Return the name of the same file in another format: subtitles are kept as .vtt and .srt."""
    return name.rpartition(".")[0] + suffix


def poster_of(name: str) -> str:
    """Return the name of a video's small picture."""
    return beside(name, ".webp")


def names_in(content: dict[str, Any]) -> set[str]:
    """Return the names of all files that a published edition's content offers."""
    found: set[str] = set()
    for asset in content.get("assets", []):
        found |= {asset.get("file") or "", asset.get("srt") or ""}
        found |= {rendition["file"] for rendition in asset.get("renditions", [])}
        if asset.get("kind") == Asset.Kind.VIDEO and asset.get("file"):
            found.add(poster_of(asset["file"]))
    return found - {""}


def frozen(bulletin_id: int) -> set[str]:
    """Return the names of the files in any published version of a bulletin; one query."""
    contents = PublishedEdition.objects.filter(version__bulletin=bulletin_id).values_list("content", flat=True)
    return set().union(*(names_in(content) for content in contents))


def forget(bulletin: Bulletin, names: Iterable[str]) -> None:
    """Delete files that no row uses any more once this transaction is through, but none that was published."""
    going = {name for name in names if name} - frozen(bulletin.pk)

    def delete() -> None:
        for name in going:
            default_storage.delete(name)

    if going:
        transaction.on_commit(delete)
