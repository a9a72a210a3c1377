"""The desk's pages of this app, from the packages of their subjects."""

from .measures.admin import ChartNoteAdmin, MeasureAdmin
from .surveys.admin import SurveyAdmin

__all__ = ["ChartNoteAdmin", "MeasureAdmin", "SurveyAdmin"]
