"""The people of a campaign: who has which role there, and who gives and takes them."""
