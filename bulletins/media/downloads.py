"""What a bulletin offers to download in one language, as plain data."""

from typing import Any

from django.db.models import prefetch_related_objects

from bulletins.models import Asset, Parts
from campaigns.translated_fields import in_language

from . import storage


def assets_for(assets: list[Asset], language: str) -> list[dict[str, Any]]:
    """
    Return the assets that readers of `language` get, their words in that language; `renditions` [{ratio, file,
    width, height, size}]. Without a query when the renditions are prefetched.
    """
    return [
        {
            "id": asset.pk,
            "kind": asset.kind,
            "language": asset.language,
            "title": in_language(asset.title, language),
            "file": asset.file.name,
            "srt": storage.beside(asset.file.name or "", ".srt") if asset.kind == Asset.Kind.SUBTITLES else "",
            "sha256": asset.sha256,
            "alt_text": in_language(asset.alt_text, language),
            "rights": asset.rights,
            "focal": [asset.focal_x, asset.focal_y],
            "width": asset.width,
            "height": asset.height,
            "seconds": asset.seconds,
            "size": asset.size,
            "subtitles_of": asset.subtitles_of_id,
            "renditions": [
                {
                    "ratio": rendition.ratio,
                    "file": rendition.file.name,
                    "width": rendition.width,
                    "height": rendition.height,
                    "size": rendition.size,
                }
                for rendition in asset.renditions.all()
            ],
        }
        for asset in assets
        if asset.language in {"", language}
    ]


def offered(parts: Parts) -> list[Asset]:
    """Return a bulletin's assets with their renditions; two queries at most."""
    prefetch_related_objects(parts.assets, "renditions")
    return parts.assets
