"""What came of a bulletin: who had it, read it, took from it, posted and asked, in numbers of groups."""
