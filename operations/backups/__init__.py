"""Back-ups: made, brought back, and without people who were erased since."""
