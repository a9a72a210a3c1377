"""Full-text search of what is published: docs/using/public-site/search.md."""
