"""
The desk's font of symbols: of Material Symbols, which django-unfold brings whole (292 kB), only those that its pages and ours show.

    python -m supply.desk_symbols    write it anew, after an update of django-unfold or with a new symbol; needs Brotli
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from . import ROOT

WHOLE = "static/unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
FONT = ROOT / "static/unfold/fonts/material-symbols/desk-symbols.woff"
NAME = r"[a-z][a-z0-9_]{2,}"
SHOWN = re.compile(r"material-symbols-outlined([^<]*)<")
IN_TAGS = re.compile(r"{%.*?%}|{{.*?}}|^[^>]*>", re.DOTALL)
SCRIPTED = re.compile(r"x-text=\"([^\"]*)\"")
GIVEN = re.compile(rf"\bicon=\"({NAME})\"")
IN_STYLES = re.compile(rf"content: ?\"({NAME})\"")
IN_CODE = re.compile(rf"\bicon(?:\": |=)\"({NAME})\"")


def unfold() -> Path:
    """Return where django-unfold is installed."""
    found = find_spec("unfold")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def wanted() -> set[str]:
    """Return the names of the symbols that the desk shows, as pages, styles, code and its menu have them."""
    from config.desk.site import PLACES

    names = {symbol for _title, symbol, _models in PLACES}
    for page in (*(unfold() / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        names.update(GIVEN.findall(text))
        for shown in SHOWN.findall(text):
            for script in SCRIPTED.findall(shown):
                names.update(re.findall(rf"'({NAME})'", script))
            names.update(re.findall(NAME, IN_TAGS.sub(" ", shown)) if ">" in shown else ())
    names.update(IN_STYLES.findall((unfold() / "static/unfold/css/styles.css").read_text(encoding="utf-8")))
    for file in (*unfold().rglob("*.py"), *(ROOT / "config").rglob("*.py")):
        names.update(IN_CODE.findall(file.read_text(encoding="utf-8")))
    return names


def ligatures(font: TTFont) -> dict[str, tuple[Any, Any]]:
    """Return {what is written: the ligature that draws it, and the list that holds it} of a font."""
    signs = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in (getattr(one, "ExtSubTable", one) for one in lookup.SubTable):
            for first, rows in getattr(table, "ligatures", {}).items():
                for row in rows:
                    found["".join(signs[glyph] for glyph in (first, *row.Component))] = (row, rows)
    return found


def write() -> None:
    """Write the font with the wanted symbols."""
    font = TTFont(unfold() / WHOLE)
    names = wanted()
    for name, (row, rows) in ligatures(font).items():
        if name not in names:
            rows.remove(row)
    options = subset.Options(layout_features=["liga", "rlig"], flavor="woff", hinting=False, notdef_outline=True)
    reduced = subset.Subsetter(options)
    reduced.populate(text="abcdefghijklmnopqrstuvwxyz0123456789_")
    reduced.subset(font)
    font.flavor = "woff"
    font.save(FONT)


if __name__ == "__main__":
    write()
