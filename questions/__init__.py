"""Questions that people ask, and the authorities' answers."""
