"""When a bulletin goes to whom: cadences, slots, roundups."""
