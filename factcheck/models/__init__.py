from .claims import Claim, ClaimStep, ClaimVersion, Distinction, NotConfirmable
from .evidence import ArchivedCopy, Evidence
from .matching import ClaimWords
from .narratives import Narrative, Thresholds
from .sightings import Sighting

__all__ = [
    "ArchivedCopy",
    "Claim",
    "ClaimStep",
    "ClaimVersion",
    "ClaimWords",
    "Distinction",
    "Evidence",
    "Narrative",
    "NotConfirmable",
    "Sighting",
    "Thresholds",
]
