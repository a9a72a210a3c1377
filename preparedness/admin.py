"""The desk's pages of this app, from the packages of their subjects."""

from .campaign_start.admin import CampaignStartAdmin

__all__ = ["CampaignStartAdmin"]
