"""Languages: which ones the site has, what they are called, the words and forms of each, and what stands in where words are missing."""
