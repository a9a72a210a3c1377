"""Templates are data: every file that ships can be used, and what is wrong with one is a sentence with its line."""

import re
from typing import Any

import pytest

from lib.yaml_files import ContentError
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import FOLDER


def test_every_template_that_ships_can_be_used() -> None:
    shelf = template_files.shelf()
    assert shelf.faults == []
    assert {"water", "flood", "power-cut"} <= set(shelf.templates)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("slug: water", "slug: wine", 1), "line 1: slug is 'wine'; the file is called water"),
        (lambda text: text.replace("urgency: urgent", "urgency: soon", 1), r"urgency is 'soon', which nothing defines"),
        (lambda text: re.sub(r"(?m)^topics:$", "topics: 7\nother:", text, count=1), "topics should be a list"),
        (lambda text: text + "\nslug: water\n", "the key 'slug' comes twice"),
        (lambda text: text.replace('hashtag: {fi: "#', 'hashtag: {fi: "', 1), "should be a hashtag"),
        (
            lambda text: text.replace("slug: boiling", "slug: do-not-use", 1),
            "which line .* has too|which nothing defines",
        ),
        (lambda text: "[" + text, "not valid YAML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line_and_keeps_no_other_from_being_used(
    tmp_path: Any, change: Any, says: str
) -> None:
    good = (FOLDER / "water.yaml").read_text(encoding="utf-8")
    (tmp_path / "water.yaml").write_text(change(good), encoding="utf-8")
    (tmp_path / "flood.yaml").write_text((FOLDER / "flood.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    shelf = template_files.shelf(tmp_path)

    assert list(shelf.templates) == ["flood"]
    assert re.search(says, shelf.faults[0]) and shelf.faults[0].startswith("water.yaml, line ")


def test_a_blank_that_nothing_declares_and_one_that_no_text_has_are_refused(tmp_path: Any) -> None:
    good = (FOLDER / "water.yaml").read_text(encoding="utf-8")
    blank = template_files.read("water").holding_statements[0].blanks[1].key
    start = good.index("holding_statements:")
    for change, says in (
        (
            good[:start] + good[start:].replace(f"{{{blank}}}", "{nobody}"),
            r"has the blank \{nobody\}, which blanks does not",
        ),
        (good[:start] + good[start:].replace(f"{{{blank}}}", "x"), f"declares '{blank}', which no text has"),
    ):
        (tmp_path / "water.yaml").write_text(change, encoding="utf-8")
        with pytest.raises(ContentError, match=says):
            template_files.read("water", tmp_path)
