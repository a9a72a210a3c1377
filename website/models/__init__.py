from .digests import Digest, DigestItem, DigestRun, Publication, PublicationCount
from .passages import Passage
from .search_texts import NewSearchText, SearchText, SearchWord
from .status import Incident, IncidentUpdate, UptimeHour
from .websub_pings import HubPing

__all__ = [
    "Digest",
    "DigestItem",
    "DigestRun",
    "HubPing",
    "Incident",
    "IncidentUpdate",
    "NewSearchText",
    "Passage",
    "Publication",
    "PublicationCount",
    "SearchText",
    "SearchWord",
    "UptimeHour",
]
