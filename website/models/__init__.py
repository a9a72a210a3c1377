from .digests import Digest, DigestItem, DigestRun, Publication, PublicationCount
from .passages import Passage
from .search_texts import SearchText
from .status import Incident, IncidentUpdate, UptimeHour
from .websub_pings import HubPing

__all__ = [
    "Digest",
    "DigestItem",
    "DigestRun",
    "HubPing",
    "Incident",
    "IncidentUpdate",
    "Passage",
    "Publication",
    "PublicationCount",
    "SearchText",
    "UptimeHour",
]
