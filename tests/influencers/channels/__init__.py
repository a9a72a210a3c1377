"""By which channels influencers get word."""
