"""Languages that people add to those whose words are in the code, and the site's own words in them."""
