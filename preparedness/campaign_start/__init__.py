"""Starting a campaign: the steps, what comes along, the copy, and the tests before it is made public."""
