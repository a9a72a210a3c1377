from .claim_words import ClaimWords
from .claims import RESERVED, Claim, ClaimStep, ClaimVersion, Distinction, NotConfirmable
from .evidence import ArchivedCopy, Evidence
from .narratives import Narrative, Thresholds
from .sightings import Sighting

__all__ = [
    "RESERVED",
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
