"""What the desk's own pages need beyond Django's tags."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from delivery.reports import ledger_bar
from lib.text.languages.languages import in_all_languages
from lib.text.numbers.whole_numbers import grouped

register = template.Library()
register.filter(ledger_bar.strip_parts)


@register.filter
def at(table: dict[Any, Any], key: Any) -> Any:
    """Return what `table` holds at `key`, or 0."""
    return table.get(key, 0)


@register.filter
def every_language(texts: dict[str, str]) -> SafeString | str:
    """Return {language: text} as a list for reading."""
    return in_all_languages(texts)


register.filter(grouped)


@register.filter
def per_cent(share: float) -> str:
    """Return a share (0 to 1) as per cent for a number field: a point, no more decimals than it has."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


NOTHING = {"", "-", "–"}
BADGE = "uppercase whitespace-nowrap"  # in the frame's own markup of a label


@register.filter
def labelled(cells: Iterable[SafeString], heads: list[dict[str, Any]]) -> Iterator[SafeString]:
    """
    Yield the cells of a row of a list, each with the name of its column; what is a label, or holds nothing, is marked as such. On
    a phone, where a row is a block, the style sheet writes the name over the cell.
    """
    for cell, head in zip(cells, chain(heads, repeat(None)), strict=False):
        if head is None or "action-checkbox" in str(head.get("class_attrib")):
            yield cell
            continue
        kind = (
            "none"
            if strip_tags(cell).strip() in NOTHING and "<in" not in cell
            else "badge"
            if BADGE in cell
            else "text"
        )
        mark = format_html(' data-label="{}" data-cell="{}"', capfirst(head["text"]), kind)
        yield SafeString(f"{cell[:3]}{mark}{cell[3:]}")  # after "<td" or "<th"


HEADING = re.compile(r"<h1[\s>]")


class Headed(template.Node):
    """What stands in a page, with one main heading: its own, or else its title's."""

    def __init__(self, inner: NodeList) -> None:
        self.nodelist = inner

    def render(self, context: template.Context) -> str:
        """Return the page's part, with a heading for people who don't see the title above it where it has none."""
        part = self.nodelist.render(context)
        title = context.get("title") or context.get("site_title", "")
        return part if HEADING.search(part) else format_html('<h1 class="sr-only">{}</h1>', title) + part


@register.tag
def headed(parser: Parser, token: Token) -> Headed:
    """Give the part of a page up to `endheaded` a main heading if it has none; the frame itself can't know."""
    inner = parser.parse(("endheaded",))
    parser.delete_first_token()
    return Headed(inner)
