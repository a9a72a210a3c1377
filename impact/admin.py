"""The desk's pages of this app, from the packages of their subjects."""

from .insight_reports.admin import InsightReportAdmin
from .measures.admin import ChartNoteAdmin, MeasureAdmin
from .surveys.admin import SurveyAdmin

__all__ = ["ChartNoteAdmin", "InsightReportAdmin", "MeasureAdmin", "SurveyAdmin"]
