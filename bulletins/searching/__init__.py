"""Full-text search of what is published: docs/search.md."""
