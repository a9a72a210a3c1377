"""The desk's pages of this app, each beside its rules."""

from .ways_to_help.admin import OfferAdmin, PartnerAdmin

__all__ = ["OfferAdmin", "PartnerAdmin"]
