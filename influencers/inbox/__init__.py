"""
The channel that is always open: what an influencer and the team say to each other, in the portal, at the desk and by
mail; who has to answer, and what happens when nobody does.

Nothing here answers by itself: whatever leaves was written by a person, so machines can never talk to each other.
"""
