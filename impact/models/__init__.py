from .measures import ChartNote, Measure, Snapshot, Source, Unit

__all__ = ["ChartNote", "Measure", "Snapshot", "Source", "Unit"]
