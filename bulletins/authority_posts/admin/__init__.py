"""The desk's pages about the authority's accounts and posts."""
