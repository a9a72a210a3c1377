"""Ways to help: offers of organisations, checked by a second person, shown until they are over."""
