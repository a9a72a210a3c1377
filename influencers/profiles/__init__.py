"""Who an influencer is: handles, tiers, preferences, data export, leaving."""
