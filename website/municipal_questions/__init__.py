"""Questions that people of municipalities ask: the way that those of influencers take, and onto the agendas of meetings."""
