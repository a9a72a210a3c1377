"""What is measured: the measures of a campaign, their dated snapshots, and how each is taken."""
