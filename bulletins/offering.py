"""What a bulletin offers to download in one language, as plain data: what is frozen with it, and what is packed."""

from typing import Any

from campaigns.fields import in_language

from . import filing
from .models import Asset, Bulletin


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
            "srt": filing.beside(asset.file.name or "", ".srt") if asset.kind == Asset.Kind.SUBTITLES else "",
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


def offered(bulletin: Bulletin) -> list[Asset]:
    """Return a bulletin's assets with their renditions; two queries."""
    return list(bulletin.assets.prefetch_related("renditions"))
