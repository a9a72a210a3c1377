"""The desk's pages of this app, from the packages of their subjects."""

from .campaign_start.admin import CampaignStartAdmin
from .ready_shelf.admin import ReadyBulletinAdmin

__all__ = ["CampaignStartAdmin", "ReadyBulletinAdmin"]
