"""Finding published texts: index, query, results."""
