"""What influencers, and those who want to be among them, fill in."""
