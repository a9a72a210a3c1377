"""What anyone reads: site, search, check a text, feeds, read API, digests, subscriptions."""
