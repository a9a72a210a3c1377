"""What is said of a few people as of many: drawing them, how sure a share is, and which groups are too small to show."""
