from .measures import ChartNote, Measure, Snapshot, Source, Unit
from .surveys import Asked, FreeText, SealedBox, Survey, Tally, Ticket

__all__ = [
    "Asked",
    "ChartNote",
    "FreeText",
    "Measure",
    "SealedBox",
    "Snapshot",
    "Source",
    "Survey",
    "Tally",
    "Ticket",
    "Unit",
]
