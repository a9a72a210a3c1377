from .kits import KitUse
from .pledge import Handbook, Pledge, PledgeText
from .profile import Influencer, Interest, PlatformAccount, ValuesQuestion

__all__ = [
    "Handbook",
    "Influencer",
    "Interest",
    "KitUse",
    "PlatformAccount",
    "Pledge",
    "PledgeText",
    "ValuesQuestion",
]
