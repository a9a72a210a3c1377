"""Paid work that is asked for or done (commissions.yaml)."""

from pathlib import Path

from lib.text.numbers.money import read_amount
from lib.yaml_files import Item, read_text, yaml_item

from .content import Content


def read_commissions(folder: Path, content: Content) -> None:
    """Read the commissions."""
    name = "commissions.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    for item in top.items("commissions"):
        for key in ("title", "what", "formats", *(("sentence", "alt") if "is_paid" in item.data else ())):
            item.translated(key)
        for key in ("rounds", "days"):
            item.number(key)
        for key in ("fee", "kill_fee"):
            check_amount(item, key)
        content.commissions.append(item)


def check_amount(item: Item, key: str) -> None:
    """Raise ContentError for what is no amount of money."""
    try:
        read_amount(item.text(key))
    except ValueError as fault:
        raise item.fault(key, "is no amount of money") from fault
