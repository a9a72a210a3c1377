"""What guards a bulletin on the desk: its rows change only while it is in the making."""

from typing import Any

from bulletins.models import Bulletin


def is_open(bulletin: Any) -> bool:
    """Tell whether a bulletin is in the making (also for a new one, or when there is none to ask about)."""
    return not isinstance(bulletin, Bulletin) or bulletin.state in Bulletin.EDITABLE
