"""The desk's pages of this app, from the packages of their subjects."""

from .campaign_start.admin import CampaignStartAdmin
from .drills.admin import DrillAdmin
from .ready_shelf.admin import ReadyBulletinAdmin

__all__ = ["CampaignStartAdmin", "DrillAdmin", "ReadyBulletinAdmin"]
