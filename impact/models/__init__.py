from .closings import Archive
from .insight_reports import InsightReport
from .measures import ChartNote, Measure, Snapshot, Source, Unit
from .surveys import Asked, FreeText, SealedBox, Survey, Tally, Ticket

__all__ = [
    "Archive",
    "Asked",
    "ChartNote",
    "FreeText",
    "InsightReport",
    "Measure",
    "SealedBox",
    "Snapshot",
    "Source",
    "Survey",
    "Tally",
    "Ticket",
    "Unit",
]
