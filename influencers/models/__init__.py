from .pledge import Handbook, Pledge, PledgeText
from .profile import Influencer, Interest, PlatformAccount, ValuesQuestion

__all__ = ["Handbook", "Influencer", "Interest", "PlatformAccount", "Pledge", "PledgeText", "ValuesQuestion"]
