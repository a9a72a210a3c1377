"""The documents whose commands are executed: what they say, block by block."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^([A-Z_]+)=.*$", re.MULTILINE)


def blocks(page: str) -> dict[str, list[str]]:
    """Return the blocks of commands of a page in docs/operating/install, in their order, by the heading above them."""
    found: dict[str, list[str]] = {}
    for section in re.split(
        r"^## ", (ROOT / "docs/operating/install" / page).read_text(encoding="utf-8"), flags=re.MULTILINE
    ):
        if commands := BLOCK.findall(section):
            found[section.partition("\n")[0]] = commands
    return found


def with_names(block: str, names: dict[str, str]) -> str:
    """Return a block that sets names, with others in their place. Raise KeyError when one of them is not in it."""
    missing = names.keys() - set(NAME.findall(block))
    if missing:
        raise KeyError(f"The page does not set {', '.join(sorted(missing))}.")
    return NAME.sub(lambda match: f"{match[1]}='{names[match[1]]}'" if match[1] in names else match[0], block)
