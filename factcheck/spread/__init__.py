"""Where and how much a claim spreads: the silence gate, narratives, trends."""
