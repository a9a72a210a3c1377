"""Who an influencer is: profile, handles, contact person, tier, preferences, data export, leaving."""
