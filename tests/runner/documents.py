"""
`./run docs`: the documents as a site with a search, in var/docs. A link that leads nowhere fails the build.

    ./run docs            build it
    ./run docs --serve    build it, show it in a browser's reach, and again whenever a page changes

zensical.toml says how. A diagram is drawn while the site is built, so that pages load nothing from elsewhere.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mmdr

ROOT = Path(__file__).resolve().parents[2]


def diagram(source: str, language: str, css_class: str, options: dict[str, Any], md: Any, **more: Any) -> str:
    """Return a Mermaid diagram as SVG, for a fenced block; GitHub draws the same text by itself."""
    return f'<div class="{css_class}" style="background: white; padding: 1rem">{mmdr.render(source).svg()}</div>'


def main(words: list[str]) -> int:
    """Build the site, or serve it."""
    if unknown := set(words) - {"--serve"}:
        print(f"./run docs takes --serve, not {' '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    order = ["serve"] if words else ["build", "--strict", "--clean"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "zensical", *order], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
