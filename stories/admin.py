"""The desk's pages of this app, each beside its rules."""

from .exchanges.admin import ExchangeAdmin, MeetingAdmin
from .ways_to_help.admin import OfferAdmin, PartnerAdmin

__all__ = ["ExchangeAdmin", "MeetingAdmin", "OfferAdmin", "PartnerAdmin"]
