from .digests import Digest, DigestItem, DigestRun, Publication, PublicationCount
from .passages import Passage
from .pings import HubPing
from .search_texts import SearchText
from .status import Incident, IncidentUpdate, UptimeHour

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
