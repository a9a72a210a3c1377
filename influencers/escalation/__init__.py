"""Certainty that an urgent bulletin was seen: who was asked to say so, who has, and what follows where somebody has not."""
