"""The way of a claim to a verdict that two people stand by, and what stands in its way."""
