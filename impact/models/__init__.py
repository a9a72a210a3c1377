from .closings import Archive, CampaignResults
from .insight_reports import InsightReport
from .measures import ChartNote, Measure, Snapshot, Source, Unit
from .pretests import Pretest, PretestAnswer, PretestSeat
from .results_pages import ResultsPage
from .surveys import Asked, FreeText, SealedBox, Survey, Tally, Ticket
from .view_counts import ViewCount

__all__ = [
    "Archive",
    "Asked",
    "CampaignResults",
    "ChartNote",
    "FreeText",
    "InsightReport",
    "Measure",
    "Pretest",
    "PretestAnswer",
    "PretestSeat",
    "ResultsPage",
    "SealedBox",
    "Snapshot",
    "Source",
    "Survey",
    "Tally",
    "Ticket",
    "Unit",
    "ViewCount",
]
