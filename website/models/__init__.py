from .digests import Digest, DigestItem, DigestRun, Publication, PublicationCount
from .passages import Passage
from .pings import HubPing
from .search_texts import SearchText

__all__ = [
    "Digest",
    "DigestItem",
    "DigestRun",
    "HubPing",
    "Passage",
    "Publication",
    "PublicationCount",
    "SearchText",
]
