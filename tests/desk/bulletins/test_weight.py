"""What the compose page weighs over the line when nothing of it is kept yet, for an editor with a slow connection."""

import gzip
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.urls import reverse

from accounts.models import User
from tests.support import builders

MOST = 400_000  # bytes
PACKED = {".js", ".css", ".svg", ".txt"}  # what whitenoise stores packed beside itself


def found(name: str) -> Path:
    """Return the file that a static address names."""
    path = finders.find(name)
    assert path, name
    return Path(str(path))


def weight(path: Path) -> int:
    """Return the bytes of a static file as they go over the line."""
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in PACKED else len(content)


def test_the_compose_page_is_at_most_400_kb_with_all_that_it_fetches(
    campaign: Any, alma: User, noon: datetime, signed_in: Any
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma, at=noon - timedelta(hours=1), variants=True)
    client = signed_in(alma)
    page = client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
    html = page.content.decode()

    answers = [reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])]
    answers += [reverse("admin:bulletins_bulletin_preview", args=[bulletin.pk])]
    answers += re.findall(r'id="(?:pane-\w+|parity)" hx-get="([^"]+)"', html)
    total = 0
    for address in answers:
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        # Django pads what it packs at random, and sends a pane of a few words as it is when that is shorter.
        is_packed = packed.get("Content-Encoding") == "gzip" or len(packed.content) < 500
        assert packed.status_code == 200 and is_packed, address
        total += len(packed.content)
    files = {found(name) for name in re.findall(r'(?:src|href|data-codemirror)="/static/([^"?#]+)"', html)}
    for sheet in [path for path in files if path.suffix == ".css"]:
        files |= {
            (sheet.parent / name).resolve()
            for name in re.findall(r"url\([\"']?(?!data:)([^)\"'#]+)", sheet.read_text())
        }
    assert {path.name for path in files} >= {"codemirror.js", "desk-symbols.woff", "htmx.js", "workspace.js"}
    heaviest = sorted(((weight(path), path.name) for path in files), reverse=True)
    total += sum(size for size, _name in heaviest)

    assert total <= MOST, heaviest[:10]
