"""What is posted on social networks in the authority's name: exactly the words that were approved, each once, and mended there too."""
