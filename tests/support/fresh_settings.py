"""The settings as another environment would make them."""

import importlib
import sys
from typing import Any

import config


def read_settings() -> dict[str, Any]:
    """Read all settings anew from the environment, and leave those of this process as they are."""
    ours = [name for name in sys.modules if name == "config.settings" or name.startswith("config.settings.")]
    kept = {name: sys.modules.pop(name) for name in ours}
    try:
        return dict(vars(importlib.import_module("config.settings")))
    finally:
        for name in [name for name in sys.modules if name.startswith("config.settings")]:
            del sys.modules[name]
        sys.modules |= kept
        if "config.settings" in kept:
            config.settings = kept["config.settings"]  # type: ignore[attr-defined]
