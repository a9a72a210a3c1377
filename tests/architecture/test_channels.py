"""A channel is a folder with the same rooms as every other, so that who knows one finds the way in all."""

import inspect
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from delivery.models import Channel
from delivery.transports.transport import CLASSES, Transport

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted({path.split(".")[2] for path in CLASSES.values()})
# Mail has three ways, each named after what it speaks, and is examined and reported on beyond its folder.
OF_MAIL = {"delivery/preflight/examination.py", "delivery/feedback/receipts.py", "docs/operating/mail/preflight.md"}
VERBS = {name for name, _member in inspect.getmembers(Transport, inspect.isfunction) if not name.startswith("_")}


def rooms(folder: str) -> set[str]:
    """Return the files that a channel has."""
    if folder == Channel.MAIL:
        return OF_MAIL
    return {
        f"delivery/transports/{folder}/transport.py",
        f"delivery/transports/{folder}/preflight.py",
        f"tests/delivery/transports/{folder}/__init__.py",
        f"docs/operating/channels/{folder}.md",
    }


def test_no_channel_stands_beside_the_folders():
    # The folder of a channel of many has their name: rooms.
    named = {one if one in Channel.values else one.removesuffix("s") for one in FOLDERS}
    assert named <= set(Channel.values)
    folders = {path.name for path in (ROOT / "delivery/transports").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_channel_has_the_same_rooms(folder):
    assert {path for path in rooms(folder) if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("path", CLASSES.values(), ids=CLASSES.keys())
def test_each_way_speaks_the_one_protocol(path):
    assert {name for name in dir(import_string(path)) if not name.startswith("_")} >= VERBS
