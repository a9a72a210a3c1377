"""The rows of this app."""

from .offers import Offer, OfferVersion, Partner, PartnerMember

__all__ = ["Offer", "OfferVersion", "Partner", "PartnerMember"]
