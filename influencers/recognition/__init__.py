"""Thanks, milestones and certificates."""
