"""Libraries in C that an operator may have installed, and how their functions are called."""

import ctypes
from collections.abc import Sequence
from typing import Any

MOST = 40  # entries of a list that are read


def opened(names: Sequence[str]) -> Any:
    """Return the first of these libraries that is installed, or raise OSError."""
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise OSError(f"{names[0]} is not installed")


def declare(library: Any, name: str, gives: Any, *takes: Any) -> None:
    """Say what a function takes and gives. Raise OSError for a library that lacks it."""
    try:
        function = getattr(library, name)
    except AttributeError as lacking:
        raise OSError(f"the installed library has no {name}; it is too old") from lacking
    function.restype, function.argtypes = gives, takes


def until_null(pointers: Any, most: int = MOST) -> list[Any]:
    """Return the entries of a list that ends with a null, at most so many."""
    found: list[Any] = []
    while len(found) < most and pointers[len(found)]:
        found.append(pointers[len(found)])
    return found
