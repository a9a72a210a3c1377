"""The demo's people, real-looking and made up, and what its influencers did."""
