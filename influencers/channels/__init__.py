"""By which channels influencers get word, chosen by themselves."""
