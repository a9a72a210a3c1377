"""
The channel that is always open: what an influencer and the team say to each other, in the portal, at the desk and by
mail; who has to answer, and what happens when nobody does.

Nothing here answers by itself: whatever leaves was written by a person, so machines can never talk to each other.
"""

from .handing_over import hand_over
from .harassment import HarassedPanel, harassed
from .panels import Panel, panel
from .saying import AnsweredMeanwhile, NotSaid, answer, heard, log_contact, note, say, settle, thread_of

__all__ = [
    "AnsweredMeanwhile",
    "HarassedPanel",
    "NotSaid",
    "Panel",
    "answer",
    "hand_over",
    "harassed",
    "heard",
    "log_contact",
    "note",
    "panel",
    "say",
    "settle",
    "thread_of",
]
